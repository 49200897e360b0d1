/** The one place that reads the machine's clock and its randomness; everything else is handed them. */
import { randomInt, randomUUID } from 'node:crypto'

export interface Clock {
  /** UTC milliseconds. */
  readonly nowMs: () => number
}

/**
 * The machine's clock, or the instant in `COUNTINGHOUSE_CLOCK` (ISO 8601), from which it runs on: for the demo
 * book's pictures and for tests that must not depend on the day they run.
 * @throws RangeError where the variable is set and is no instant.
 */
export const machineClock = (environment: NodeJS.ProcessEnv = process.env): Clock => {
  const fixed = environment.COUNTINGHOUSE_CLOCK
  if (fixed === undefined || fixed === '') return { nowMs: () => Date.now() }
  const startMs = Date.parse(fixed)
  if (Number.isNaN(startMs)) throw new RangeError(`COUNTINGHOUSE_CLOCK is not an instant: ${fixed}`)
  const begun = performance.now()
  return { nowMs: () => startMs + Math.round(performance.now() - begun) }
}

export const newId = (): string => randomUUID()

/** From 0 to below 1: for jitter only. */
export const machineRandom = (): number => randomInt(2 ** 32) / 2 ** 32
