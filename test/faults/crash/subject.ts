/** One kind of work, made ready to be killed: where each round begins, and what must hold after a kill. */
import type { Random } from '../../../src/main/demo/random.ts'
import type { Mark } from './kill.ts'
import type { Kind } from './work.ts'

/** How a killed book lies there. */
export interface Standing {
  /** Whether the next child may go on with it; else it is finished now. */
  readonly mayGoOn: boolean
  /** The last batch, where the kind has one chain. */
  readonly batches?: number
}

export interface Subject {
  readonly kind: Kind
  /** What the child said that was never killed. */
  readonly clean: readonly Mark[]
  /** Words that kills are aimed at besides any moment: what follows them is short and matters. */
  readonly points: readonly string[]
  /** The book (or books) as they were before any killing; each round works on a copy. */
  readonly base: string
  /**
   * Checks a killed book as it lies there; `marks` are what its children have said so far, all kills together.
   */
  readonly check: (folder: string, marks: readonly Mark[]) => Promise<Standing>
  /** Does what the killed children have not, and compares with the run that was never killed. */
  readonly finish: (folder: string, random: Random) => Promise<void>
}
