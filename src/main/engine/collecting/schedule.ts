/**
 * When each connected source runs: every so many minutes with some jitter, sooner and ever later after a failure, and
 * once an hour after six failures in a row. One run of a source at a time. The runs' own times are of this process
 * only; what was collected, and where it goes on, is in the ledger.
 */
import type { Connection } from '../../../contract/connections.ts'
import { SourceFailure } from '../../collect/collector.ts'
import { machineRandom } from '../clock.ts'
import type { EngineState } from '../engine-state.ts'
import { sentenceOf } from '../refusals.ts'
import type { Session } from '../session.ts'
import { collectedInWords, collectSource } from './collect.ts'
import type { RunState, Schedule, Timers } from './shapes.ts'

const MINUTE = 60_000
const FIRST_RETRY_MS = 30_000
const LAST_RETRY_MS = 30 * MINUTE
const BROKEN_AFTER = 6
const BROKEN_RETRY_MS = 60 * MINUTE
/** A source that asks to wait for longer is asked again each day; a timer of more than 24 days would go off at once. */
const ASKED_WAIT_MAX_MS = 24 * 60 * MINUTE
/** Runs begin apart from each other after a start, and keep apart. */
const JITTER = 0.1

const FRESH: RunState = {
  running: false,
  failures: 0,
  lastRunMs: null,
  lastSuccessMs: null,
  nextRunMs: null,
  lastNew: null,
  sentence: null,
}

const machineTimers: Timers = {
  after: (ms, work) => {
    const timer = setTimeout(work, ms)
    timer.unref()
    return () => clearTimeout(timer)
  },
  random: machineRandom,
}

const jittered = (ms: number, random: () => number): number =>
  Math.round(ms * (1 + JITTER * (2 * random() - 1)))

/** Milliseconds until a source is tried again after `failures` in a row. */
export const retryAfter = (
  failures: number,
  error: unknown,
  everyMinutes: number,
  random: () => number,
): number => {
  if (error instanceof SourceFailure && error.retryAfterMs !== null)
    return Math.min(Math.max(error.retryAfterMs, 1000), ASKED_WAIT_MAX_MS)
  if (failures >= BROKEN_AFTER) return jittered(BROKEN_RETRY_MS, random)
  if (error instanceof SourceFailure && !error.retryable) return jittered(everyMinutes * MINUTE, random)
  return jittered(Math.min(FIRST_RETRY_MS * 2 ** (failures - 1), LAST_RETRY_MS), random)
}

export const openSchedule = (engine: EngineState, timers: Timers = machineTimers): Schedule => {
  const states = new Map<string, RunState>()
  const waiting = new Map<string, { readonly planned: string; readonly cancel: () => void }>()
  const underWay = new Map<string, Promise<unknown>>()
  const ended = new AbortController()

  const stateOf = (id: string): RunState => {
    const known = states.get(id)
    if (known !== undefined) return known
    // What a process before this one collected is known from the ledger.
    const stored = engine.openedSession()?.one('checkpoint', id) ?? null
    return stored === null ? FRESH : { ...FRESH, lastSuccessMs: stored.recordedMs }
  }
  const change = (id: string, changes: Partial<RunState>) => states.set(id, { ...stateOf(id), ...changes })

  const open = (): Session | null => (engine.readOnly() === null ? engine.openedSession() : null)
  const find = (id: string): Connection | null => open()?.one('connection', id)?.content ?? null

  const wait = (connection: Connection, ms: number) => {
    const { id } = connection
    waiting.get(id)?.cancel()
    const session = open()
    if (session === null || ended.signal.aborted) return
    change(id, { nextRunMs: session.clock.nowMs() + ms })
    const cancel = timers.after(ms, () => {
      waiting.delete(id)
      if (find(id)?.paused === false)
        void run(id, { range: null, signal: ended.signal, onPage: () => undefined }).catch(() => undefined)
    })
    waiting.set(id, { planned: JSON.stringify([connection.everyMinutes, connection.config]), cancel })
  }

  const runOnce: Schedule['run'] = async (id, options) => {
    const session = engine.session()
    const connection = session.one('connection', id)?.content
    if (connection === undefined)
      throw new SourceFailure(`There is no connected source ${id}.`, { retryable: false })
    const begunMs = session.clock.nowMs()
    change(id, { running: true, lastRunMs: begunMs, nextRunMs: null })
    let nextMs = jittered(connection.everyMinutes * MINUTE, timers.random)
    try {
      const signal = AbortSignal.any([options.signal, ended.signal])
      const collected = await collectSource(engine, session, connection, { ...options, signal })
      change(id, {
        failures: 0,
        lastSuccessMs: session.clock.nowMs(),
        lastNew: collected.added,
        sentence: collectedInWords(collected),
      })
      return collected
    } catch (error) {
      if (options.signal.aborted || ended.signal.aborted) throw error
      const failures = stateOf(id).failures + 1
      change(id, { failures, sentence: engine.secrets.redact(sentenceOf(error)) })
      nextMs = retryAfter(failures, error, connection.everyMinutes, timers.random)
      throw error
    } finally {
      change(id, { running: false })
      const now = find(id)
      if (now !== null && !now.paused) wait(now, nextMs)
    }
  }

  const run: Schedule['run'] = (id, options) => {
    const before = underWay.get(id) ?? Promise.resolve()
    const mine = before.catch(() => undefined).then(() => runOnce(id, options))
    underWay.set(id, mine)
    return mine.finally(() => {
      if (underWay.get(id) === mine) underWay.delete(id)
    })
  }

  const plan = () => {
    const session = open()
    const connections = session?.all('connection').map(({ content }) => content) ?? []
    const active = new Map(connections.filter(({ paused }) => !paused).map((each) => [each.id, each]))
    for (const [id, { cancel }] of waiting)
      if (!active.has(id)) {
        cancel()
        waiting.delete(id)
        change(id, { nextRunMs: null })
      }
    for (const connection of active.values()) {
      const planned = JSON.stringify([connection.everyMinutes, connection.config])
      if (underWay.has(connection.id) || waiting.get(connection.id)?.planned === planned) continue
      const { lastSuccessMs } = stateOf(connection.id)
      const dueMs =
        lastSuccessMs === null || session === null
          ? 0
          : lastSuccessMs + connection.everyMinutes * MINUTE - session.clock.nowMs()
      wait(connection, Math.max(dueMs, Math.round(1000 + 4000 * timers.random())))
    }
  }

  return {
    stateOf,
    isBroken: (id) => stateOf(id).failures >= BROKEN_AFTER,
    plan,
    run,
    stop: async () => {
      ended.abort(new Error('the program was closed'))
      for (const { cancel } of waiting.values()) cancel()
      waiting.clear()
      await Promise.allSettled([...underWay.values()])
    },
  }
}
