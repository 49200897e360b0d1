/** What every handler shares: the open session if there is one, jobs, and how to open and create books. */
import { implement } from '@orpc/server'
import { contract } from '../../contract/contract.ts'
import type { Collector } from '../collect/collector.ts'
import type { Secrets } from '../secrets/secrets.ts'
import type { Clock } from './clock.ts'
import type { Schedule } from './collecting/shapes.ts'
import type { Jobs } from './jobs.ts'
import type { ReadOnly } from './read-only.ts'
import type { Session } from './session.ts'

/** Per call: `local` is true for the command line on this machine, which may name paths. */
export interface CallContext {
  readonly local: boolean
}

export interface EngineState {
  readonly directory: string
  readonly program: string
  readonly demo: boolean
  readonly clock: Clock
  readonly jobs: Jobs
  readonly secrets: Secrets
  readonly environment: NodeJS.ProcessEnv
  readonly userName: string
  /** The kinds of sources there are. */
  readonly collectors: readonly Collector[]
  readonly schedule: () => Schedule
  /** Why the book is open for reading only; null where it can be written. */
  readonly readOnly: () => ReadOnly | null
  /** @throws NO_BOOK */
  readonly session: () => Session
  readonly openedSession: () => Session | null
  /** Makes the book and opens it. @throws REFUSED where the folder holds one already. */
  readonly createBook: (write: (session: Session) => Promise<void>) => Promise<void>
  /** Opens the book that was just restored into the engine's own folder. */
  readonly openRestored: () => Promise<void>
}

/** The contract, to be implemented. */
export const api = implement(contract).$context<CallContext>()
