/** Records that did not become entries: the quarantine and the conflicts. Newest first, paged by seq. */
import type { Period } from '../../domain/period.ts'
import type { QuarantineOutcome } from './exceptions.ts'
import { type Ledger, prepared } from './open.ts'
import type { AsOf } from './read-documents.ts'
import { readUsage } from './read-usage.ts'

export interface Page {
  /** Entries with a lower seq only: the last seq of the page before. */
  readonly before?: number
  readonly limit?: number
}

export interface QuarantineEntry {
  readonly seq: number
  readonly batchId: number
  readonly recordedMs: number
  readonly sourceNo: number
  readonly sourceKey: string
  readonly reader: string
  readonly file: string
  readonly row: number
  readonly column: string | null
  readonly code: string
  readonly message: string
  readonly raw: string
  /** Null while the record is open. */
  readonly outcome: QuarantineOutcome | null
  readonly note: string | null
}

const QUARANTINE = `SELECT q.seq, q.batch_id AS batchId, b.recorded_ms AS recordedMs, q.source_no AS sourceNo,
    s.source_key AS sourceKey, q.reader, q.file, q.row, q.column_name AS "column", q.code, q.message, q.raw,
    o.outcome, o.note
  FROM quarantine q JOIN batch b USING (batch_id) JOIN source s USING (source_no)
    LEFT JOIN quarantine_outcome o ON o.quarantine_seq = q.seq AND o.batch_id <= ?`

const STATE = { open: 'o.seq IS NULL', answered: 'o.seq IS NOT NULL', all: 'TRUE' } as const

export const listQuarantine = (
  ledger: Ledger,
  {
    state = 'open',
    before = Number.MAX_SAFE_INTEGER,
    limit = 100,
    asOfBatch = Number.MAX_SAFE_INTEGER,
  }: Page & AsOf & { readonly state?: keyof typeof STATE } = {},
): readonly QuarantineEntry[] =>
  prepared(
    ledger,
    `${QUARANTINE} WHERE ${STATE[state]} AND q.batch_id <= ? AND q.seq < ? ORDER BY q.seq DESC LIMIT ?`,
  ).all(asOfBatch, asOfBatch, before, limit) as QuarantineEntry[]

export const readQuarantined = (ledger: Ledger, seq: number): QuarantineEntry | null =>
  (prepared(ledger, `${QUARANTINE} WHERE q.seq = ?`).get(Number.MAX_SAFE_INTEGER, seq) as
    | QuarantineEntry
    | undefined) ?? null

/** How many quarantined records are open and how many answered. */
export const countQuarantine = (
  ledger: Ledger,
  { asOfBatch = Number.MAX_SAFE_INTEGER }: AsOf = {},
): { readonly open: number; readonly answered: number } =>
  prepared(
    ledger,
    `WITH answered AS (SELECT count(*) AS n FROM quarantine_outcome WHERE batch_id <= @asOfBatch)
     SELECT (SELECT count(*) FROM quarantine WHERE batch_id <= @asOfBatch) - n AS open, n AS answered FROM answered`,
  ).get({ asOfBatch }) as { open: number; answered: number }

export interface ConflictEntry {
  readonly seq: number
  readonly batchId: number
  readonly recordedMs: number
  readonly sourceNo: number
  readonly sourceKey: string
  /** The entry that was kept. */
  readonly existingSeq: number
  readonly file: string
  readonly row: number
  readonly message: string
  readonly raw: string
}

export const listConflicts = (
  ledger: Ledger,
  { before = Number.MAX_SAFE_INTEGER, limit = 100, asOfBatch = Number.MAX_SAFE_INTEGER }: Page & AsOf = {},
): readonly ConflictEntry[] =>
  prepared(
    ledger,
    `SELECT c.seq, c.batch_id AS batchId, b.recorded_ms AS recordedMs, c.source_no AS sourceNo, s.source_key AS sourceKey,
       c.existing_seq AS existingSeq, c.file, c.row, c.message, c.raw
     FROM conflict c JOIN batch b USING (batch_id) JOIN source s USING (source_no)
     WHERE c.batch_id <= ? AND c.seq < ? ORDER BY c.seq DESC LIMIT ?`,
  ).all(asOfBatch, before, limit) as ConflictEntry[]

/**
 * Conflicts whose counted entry is of the period by its service time (usage) or of the month by its bill (cost).
 * A closed month's are answered by its close.
 */
export const countConflictsIn = (
  ledger: Ledger,
  of: AsOf & { readonly month: string; readonly period: Period },
): number =>
  (prepared(
    ledger,
    `SELECT count(*) FROM conflict x JOIN cost_entry c ON c.seq = x.existing_seq JOIN bill USING (bill_no)
     WHERE bill.month = ? AND x.batch_id <= ?`,
  )
    .pluck()
    .get(of.month, of.asOfBatch ?? Number.MAX_SAFE_INTEGER) as number) + countUsageConflicts(ledger, of)

const countUsageConflicts = (
  ledger: Ledger,
  { period: { startMs, endMs }, asOfBatch = Number.MAX_SAFE_INTEGER }: AsOf & { readonly period: Period },
): number => {
  let count = 0
  // In order of what they contradict, so that each page is read once.
  const seqs = prepared(ledger, 'SELECT existing_seq FROM conflict WHERE batch_id <= ? ORDER BY existing_seq')
    .pluck()
    .all(asOfBatch) as number[]
  for (const seq of seqs) {
    const usage = readUsage(ledger, seq)
    if (usage !== null && usage.startMs >= startMs && usage.startMs < endMs) count++
  }
  return count
}

export const countConflicts = (ledger: Ledger, { asOfBatch = Number.MAX_SAFE_INTEGER }: AsOf = {}): number =>
  prepared(ledger, 'SELECT count(*) FROM conflict WHERE batch_id <= ?').pluck().get(asOfBatch) as number
