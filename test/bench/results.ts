/** What a run found, as it is kept in out/bench.json; what was not measured is left out. */
import type { Amounts } from './amounts.ts'
import type { During, OurSlices, Start, Verified } from './book-measures.ts'
import type { Built } from './books.ts'
import type { DiskUse } from './disk.ts'
import type { ImportResult } from './imports.ts'
import type { ComparedSlices, PostgresSlices } from './peer-slices.ts'
import type { Rating } from './rating.ts'

/** All figures of one book. */
export interface Growth {
  readonly book: Built
  readonly start: Start
  readonly slices: OurSlices
  readonly verify: Verified
  readonly disk: DiskUse
}

export interface Results {
  readonly size: 'smoke' | 'middle' | 'whole'
  readonly machine: {
    readonly processors: number
    readonly model: string
    readonly memoryBytes: number
    readonly system: string
    readonly node: string
    readonly postgres: string | null
  }
  readonly startedAt: string
  readonly minutes: number
  readonly commit: string
  readonly amounts?: Amounts
  readonly importSequential?: ImportResult
  readonly importUuid?: ImportResult
  readonly focus?: ImportResult
  readonly book?: Built
  readonly start?: Start
  readonly slices?: ComparedSlices
  readonly ourSlices?: OurSlices
  readonly postgresSlices?: PostgresSlices
  readonly during?: During
  readonly rating?: Rating
  readonly verify?: Verified
  readonly disk?: DiskUse
  readonly growth?: readonly Growth[]
}

/** While a run fills it. */
export type Filling = { -readonly [Key in keyof Results]: Results[Key] }
