/** What an import has taken so far, and what the parts that take usage and cost share. */
import type { Appender } from '../ledger/append.ts'
import type { ParsedCost, Rejected } from './files/record.ts'
import type { ScaleBook } from './metrics.ts'
import type { PostingCalendar } from './months.ts'

/** What a record means that has the id of an earlier one and says something else. */
export type SameId = 'conflict' | 'restate'

export interface RowOutcomes {
  added: number
  duplicate: number
  conflict: number
  quarantined: number
}

/** What one file says of one bill. */
export interface BillIntake {
  readonly bill: ParsedCost['bill']
  readonly postedMs: number | null
  /** Billed cost of the file's rows by currency, at 18 decimals, whether new or known. */
  readonly billed: Map<string, { units: bigint; rows: number }>
}

export interface Intake {
  readonly rows: RowOutcomes
  readonly bills: Map<number, BillIntake>
  readonly rejected: Rejected[]
  /** Metrics met, and whether any record of them was new, kept aside or quarantined. */
  readonly metrics: Map<string, boolean>
  entriesAdded: number
  late: number
  stayed: number
}

/** What the parts of an intake share. */
export interface Taking {
  readonly appender: Appender
  readonly intake: Intake
  readonly file: string
  readonly sourceNo: number
  /** The reader's choice as text, by which a record that is kept aside can be read again. */
  readonly reader: string
  readonly sameId: SameId
  readonly scales: ScaleBook
  readonly calendar: PostingCalendar
  /** One row may make several entries; it counts once, as the worst that became of them. */
  count(row: number, outcome: keyof RowOutcomes): void
  quarantine(rejected: Rejected): void
}
