/** Sends what waits in the spool, the oldest first, until it is taken: a file is removed then, and not before. */
import { setTimeout as wait } from 'node:timers/promises'
import { SourceFailure } from '../collect/collector.ts'
import type { Output } from './outputs/output.ts'
import type { Store } from './store.ts'

const FIRST_WAIT_MS = 1000
const WAIT_MAX_MS = 5 * 60_000
/** Longest that a receiver's own wish (`Retry-After`) is followed. */
const ASKED_MAX_MS = 60 * 60_000

/**
 * How long to wait after so many failures in a row: doubling, half of it by chance, so that many agents do not come
 * back at once; never shorter than what was asked for.
 */
export const backOffMs = (failures: number, askedMs: number | null, random: () => number): number => {
  const most = Math.min(WAIT_MAX_MS, FIRST_WAIT_MS * 2 ** Math.min(failures - 1, 20))
  const own = most / 2 + (most / 2) * random()
  return Math.round(Math.max(own, Math.min(askedMs ?? 0, ASKED_MAX_MS)))
}

export interface Sender {
  /** Says that something new waits. */
  readonly wake: () => void
  /** Sends all that waits, without waiting after a failure. @throws SourceFailure */
  readonly sendAll: (signal: AbortSignal) => Promise<void>
  /** Sends until the signal. */
  readonly run: (signal: AbortSignal) => Promise<void>
  readonly sentFiles: () => number
}

export const startSender = (
  store: Store,
  output: Output,
  agent: string,
  {
    random,
    complain,
    recover,
  }: {
    readonly random: () => number
    readonly complain: (sentence: string) => void
    readonly recover: () => void
  },
): Sender => {
  let sent = 0
  let onWake: (() => void) | null = null

  const sendOne = async (number: number, signal: AbortSignal): Promise<void> => {
    const lines = store.read(number).split('\n').filter(Boolean)
    const name = `${agent}-${store.state().instance}-${String(number).padStart(12, '0')}`
    const refused = await output.send({ name, agent, lines }, signal)
    if (refused.length > 0) {
      const all = refused.flatMap((each) => each.lines)
      const answers = [...new Set(refused.map(({ answer }) => answer))].join('\n')
      store.setAside(number, all, answers)
      complain(`${output.place} refused ${all.length} events for good: ${answers} They are kept in refused/.`)
    }
    store.remove(number)
    sent++
  }

  const sendAll = async (signal: AbortSignal): Promise<void> => {
    for (let [first] = store.waiting(); first !== undefined && !signal.aborted; [first] = store.waiting())
      await sendOne(first.number, signal)
  }

  const woken = (signal: AbortSignal) =>
    new Promise<void>((done) => {
      const end = () => {
        signal.removeEventListener('abort', end)
        onWake = null
        done()
      }
      onWake = end
      signal.addEventListener('abort', end)
      if (signal.aborted || store.waiting().length > 0) end()
    })

  return {
    wake: () => onWake?.(),
    sendAll,
    run: async (signal) => {
      let failures = 0
      while (!signal.aborted) {
        try {
          await sendAll(signal)
          if (failures > 0) recover()
          failures = 0
          await woken(signal)
        } catch (error) {
          if (signal.aborted) return
          if (!(error instanceof SourceFailure)) throw error
          failures++
          complain(error.message)
          const ms = backOffMs(failures, error.retryAfterMs, random)
          await wait(ms, undefined, { signal }).catch(() => undefined)
        }
      }
    },
    sentFiles: () => sent,
  }
}
