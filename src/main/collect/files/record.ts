/** What the readers of files hand on. Amounts and quantities are exact decimal text; times are UTC milliseconds. */
import type { CostAttributes } from '../../../domain/attribution/rule.ts'
import type { DecimalText } from '../../../domain/decimal.ts'
import type { Issue } from '../../../domain/issue.ts'
import type { Currency } from '../../../domain/money.ts'
import type { Month } from '../../../domain/period.ts'

/**
 * What makes a record the same on every reading.
 * `id`: the source gave it one; `text` is that id (for CloudEvents the JSON of `[source, id]`).
 * `content`: it has none; `text` is its canonical content, to be hashed together with its ordinal among equal
 * ones of the file. `part` tells apart the several facts that one row yields.
 */
export type Identity =
  | { readonly kind: 'id'; readonly text: string }
  | { readonly kind: 'content'; readonly text: string; readonly part?: string }

export interface ParsedUsage {
  readonly kind: 'usage'
  /** Row of the file, from 1; one row may yield several of these. */
  readonly row: number
  /** The record as written: the line without its line end, or the cells under the reading's header. */
  readonly raw: string | readonly string[]
  readonly identity: Identity
  readonly tenant: string
  readonly metric: string
  /** Never negative; any number of decimals: the metric's scale is not known here. */
  readonly quantityText: DecimalText
  readonly startMs: number
  /** Exclusive; null for a fact of one instant. */
  readonly endMs: number | null
  readonly dimensions: Readonly<Record<string, string>>
}

export interface ParsedBill {
  readonly provider: string
  readonly billingAccount: string
  readonly periodStartMs: number
  readonly periodEndMs: number | null
  readonly month: Month
}

export interface ParsedCost {
  readonly kind: 'cost'
  readonly row: number
  /** Cells, one for each column of the reading's header. */
  readonly raw: readonly string[]
  /** JSON of `[column, value]` pairs sorted by column, empty ones left out: what identity is hashed from. */
  readonly contentText: string
  readonly bill: ParsedBill
  readonly startMs: number
  readonly endMs: number | null
  readonly currency: Currency
  readonly billedCost: DecimalText
  readonly effectiveCost: DecimalText | null
  readonly listCost: DecimalText | null
  readonly contractedCost: DecimalText | null
  readonly consumedQuantity: DecimalText | null
  readonly attributes: CostAttributes
}

/** A row that could not be kept, for the quarantine. */
export interface Rejected {
  readonly kind: 'rejected'
  readonly row: number
  readonly column: string | null
  readonly code: string
  /** Names file, row, column and remedy. */
  readonly message: string
  /** A small file of its own, which the same reader takes once mended: the line, or header and row of a CSV. */
  readonly raw: string
}

/** Rows of a file. Always `rows = header + blank + accepted + rejected`. */
export interface RowCounts {
  rows: number
  header: number
  /** Empty lines, and CSV rows without any text. */
  blank: number
  accepted: number
  rejected: number
}

/** Where a reading puts its records instead of yielding them, in the order of the file. */
export interface RecordSink {
  usage(usage: ParsedUsage): void
  cost(cost: ParsedCost): void
  rejected(rejected: Rejected): void
}

/** A file being read. `counts`, `issues`, `header` and `refused` are final once `chunks` is exhausted. */
export interface Reading<Entry> {
  /** Arrays of some hundred entries in the order of the file; empty ones where a sink takes them. Throws the abort signal's reason when aborted. */
  readonly chunks: AsyncGenerator<readonly (Entry | Rejected)[], void>
  readonly counts: Readonly<RowCounts>
  /** What concerns the file as a whole; rejected rows are not repeated here. */
  readonly issues: readonly Issue[]
  /** Titles of a CSV's columns, null before the first chunk and for files without a header. */
  readonly header: readonly string[] | null
  /** True where nothing of the file may be kept, not even what `chunks` gave before; `issues` says why. */
  readonly refused: boolean
}
