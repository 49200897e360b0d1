/** What a run came to, and how sources are scheduled. */
import type { Period } from '../../../domain/period.ts'

export interface Collected {
  readonly pages: number
  readonly added: number
  readonly duplicate: number
  readonly conflict: number
  readonly quarantined: number
  readonly replaced: number
}

export interface RunState {
  readonly running: boolean
  readonly failures: number
  readonly lastRunMs: number | null
  readonly lastSuccessMs: number | null
  readonly nextRunMs: number | null
  readonly lastNew: number | null
  /** How the last run ended, in words; null before the first. */
  readonly sentence: string | null
}

/** The machine's timers and chance; tests bring their own. */
export interface Timers {
  readonly after: (ms: number, work: () => void) => () => void
  /** From 0 to below 1. */
  readonly random: () => number
}

export interface Schedule {
  readonly stateOf: (id: string) => RunState
  readonly isBroken: (id: string) => boolean
  /** Plans every source anew: called when a book is opened and when a source is saved, paused or removed. */
  readonly plan: () => void
  /**
   * Runs a source now, after a run under way. @throws what the run threw
   */
  readonly run: (
    id: string,
    options: {
      readonly range: Period | null
      readonly signal: AbortSignal
      readonly onPage: (title: string, soFar: Collected) => void
    },
  ) => Promise<Collected>
  /** Cancels what runs, and waits for it. */
  readonly stop: () => Promise<void>
}
