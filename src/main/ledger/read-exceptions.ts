/** Records that did not become entries: the quarantine and the conflicts. Newest first, paged by seq. */
import type { Period } from '../../domain/period.ts'
import type { ConflictOutcome, QuarantineOutcome } from './exceptions.ts'
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
  /** The batch that answered it. */
  readonly answerBatchId: number | null
}

const QUARANTINE = `SELECT q.seq, q.batch_id AS batchId, b.recorded_ms AS recordedMs, q.source_no AS sourceNo,
    s.source_key AS sourceKey, q.reader, q.file, q.row, q.column_name AS "column", q.code, q.message, q.raw,
    o.outcome, o.note, o.batch_id AS answerBatchId
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

/** The quarantined record that a batch replayed; null where it replayed none. */
export const readReplayedBy = (
  ledger: Ledger,
  batch: { readonly firstSeq: number; readonly lastSeq: number },
): QuarantineEntry | null =>
  (prepared(
    ledger,
    `${QUARANTINE} WHERE q.seq = (SELECT quarantine_seq FROM quarantine_outcome
       WHERE seq BETWEEN ? AND ? AND outcome = 'replayed' LIMIT 1)`,
  ).get(Number.MAX_SAFE_INTEGER, batch.firstSeq, batch.lastSeq) as QuarantineEntry | undefined) ?? null

export interface ConflictEntry {
  readonly seq: number
  readonly batchId: number
  readonly recordedMs: number
  readonly sourceNo: number
  readonly sourceKey: string
  /** The entry that was counted when it came. */
  readonly existingSeq: number
  readonly file: string
  readonly row: number
  readonly message: string
  readonly raw: string
  /** Which reader can read it again; null where a book of version 1 kept it without. */
  readonly reader: string | null
  /** Null while the conflict is open. */
  readonly outcome: ConflictOutcome | null
  readonly note: string | null
  /** The batch that answered it. */
  readonly answerBatchId: number | null
}

const CONFLICT = `SELECT c.seq, c.batch_id AS batchId, b.recorded_ms AS recordedMs, c.source_no AS sourceNo,
    s.source_key AS sourceKey, c.existing_seq AS existingSeq, c.file, c.row, c.message, c.raw,
    r.reader, o.outcome, o.note, o.batch_id AS answerBatchId
  FROM conflict c JOIN batch b USING (batch_id) JOIN source s USING (source_no)
    LEFT JOIN conflict_reader r ON r.conflict_seq = c.seq LEFT JOIN conflict_outcome o ON o.conflict_seq = c.seq AND o.batch_id <= @asOfBatch`

export const listConflicts = (
  ledger: Ledger,
  {
    state = 'open',
    before = Number.MAX_SAFE_INTEGER,
    limit = 100,
    asOfBatch = Number.MAX_SAFE_INTEGER,
  }: Page & AsOf & { readonly state?: keyof typeof STATE } = {},
): readonly ConflictEntry[] =>
  prepared(
    ledger,
    `${CONFLICT} WHERE ${STATE[state]} AND c.batch_id <= @asOfBatch AND c.seq < @before ORDER BY c.seq DESC LIMIT @limit`,
  ).all({ asOfBatch, before, limit }) as ConflictEntry[]

export const readConflict = (ledger: Ledger, seq: number): ConflictEntry | null =>
  (prepared(ledger, `${CONFLICT} WHERE c.seq = @seq`).get({ seq, asOfBatch: Number.MAX_SAFE_INTEGER }) as
    | ConflictEntry
    | undefined) ?? null

/** The conflicts that contradict one of the entries, oldest first. */
export const conflictsWith = (
  ledger: Ledger,
  entrySeqs: readonly number[],
  { asOfBatch = Number.MAX_SAFE_INTEGER }: AsOf = {},
): readonly ConflictEntry[] =>
  prepared(
    ledger,
    `${CONFLICT} WHERE c.existing_seq IN (SELECT value FROM json_each(@seqs)) AND c.batch_id <= @asOfBatch ORDER BY c.seq`,
  ).all({ seqs: JSON.stringify(entrySeqs), asOfBatch }) as ConflictEntry[]

/**
 * Open conflicts whose counted entry is of the period by its service time (usage) or of the month by its bill (cost).
 * A closed month's are answered by its close.
 */
export const countConflictsIn = (
  ledger: Ledger,
  of: AsOf & { readonly month: string; readonly period: Period },
): number =>
  (prepared(
    ledger,
    `SELECT count(*) FROM conflict x JOIN cost_entry c ON c.seq = x.existing_seq JOIN bill USING (bill_no)
     WHERE bill.month = @month AND ${OPEN_CONFLICT}`,
  )
    .pluck()
    .get({ month: of.month, asOfBatch: of.asOfBatch ?? Number.MAX_SAFE_INTEGER }) as number) +
  countUsageConflicts(ledger, of)

/** SQL condition: the conflict `x` was there as of a batch and not answered yet. */
const OPEN_CONFLICT = `x.batch_id <= @asOfBatch AND NOT EXISTS (SELECT 1 FROM conflict_outcome o
    WHERE o.conflict_seq = x.seq AND o.batch_id <= @asOfBatch)`

const countUsageConflicts = (
  ledger: Ledger,
  { period: { startMs, endMs }, asOfBatch = Number.MAX_SAFE_INTEGER }: AsOf & { readonly period: Period },
): number => {
  let count = 0
  // In order of what they contradict, so that each page is read once.
  const seqs = prepared(
    ledger,
    `SELECT existing_seq FROM conflict x WHERE ${OPEN_CONFLICT} ORDER BY existing_seq`,
  )
    .pluck()
    .all({ asOfBatch }) as number[]
  for (const seq of seqs) {
    const usage = readUsage(ledger, seq)
    if (usage !== null && usage.startMs >= startMs && usage.startMs < endMs) count++
  }
  return count
}

/** How many conflicts are open and how many answered. */
export const countConflicts = (
  ledger: Ledger,
  { asOfBatch = Number.MAX_SAFE_INTEGER }: AsOf = {},
): { readonly open: number; readonly answered: number } =>
  prepared(
    ledger,
    `SELECT (SELECT count(*) FROM conflict WHERE batch_id <= @asOfBatch)
         - (SELECT count(*) FROM conflict_outcome WHERE batch_id <= @asOfBatch) AS open,
       (SELECT count(*) FROM conflict_outcome WHERE batch_id <= @asOfBatch) AS answered`,
  ).get({ asOfBatch }) as { open: number; answered: number }
