/** A clock that stands still until it is moved, and timers that go off as it passes them. */
import type { Timers } from '../../../src/main/engine/collecting/shapes.ts'
import type { House } from '../../main/engine/house.ts'

export interface Simulated {
  readonly timers: Timers
  /** Moves the clock, and waits for each run that begins on the way before the next. */
  readonly advance: (untilMs: number) => Promise<void>
}

const isoOf = (ms: number) => new Date(ms).toISOString()

/** @param house the one that is open; null before the first is. */
export const simulate = (house: () => House | null, startMs: number): Simulated => {
  const due: { readonly atMs: number; readonly work: () => void }[] = []
  const nowMs = () => house()?.clock.nowMs() ?? startMs
  const timers: Timers = {
    after: (ms, work) => {
      const entry = { atMs: nowMs() + ms, work }
      due.push(entry)
      return () => {
        const at = due.indexOf(entry)
        if (at >= 0) due.splice(at, 1)
      }
    },
    // Half of the jitter's span is none of it.
    random: () => 0.5,
  }
  const idle = async (open: House) => {
    for (;;) {
      const states = await open.client.connections.list()
      if (states.every(({ state }) => state !== 'running')) return
      await new Promise((done) => setTimeout(done, 10))
    }
  }
  const advance: Simulated['advance'] = async (untilMs) => {
    const open = house()
    if (open === null) throw new Error('a book is open before its clock moves')
    for (;;) {
      const next = due.filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0]
      if (next === undefined) break
      due.splice(due.indexOf(next), 1)
      if (next.atMs > nowMs()) open.clock.set(isoOf(next.atMs))
      next.work()
      await idle(open)
    }
    open.clock.set(isoOf(untilMs))
  }
  return { timers, advance }
}
