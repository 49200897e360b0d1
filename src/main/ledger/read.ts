/** Reading the ledger: head, batches, entries and their raw records. Quantities and amounts come as exact text. */
import { type Entry, type EntryRow, entryOf, entrySql, ROW_TABLES, usageEntry } from './entry.ts'
import { type Ledger, prepared } from './open.ts'
import { type RawBlockContent, readRawBlock } from './raw-block.ts'
import type { AsOf } from './read-documents.ts'
import { readUsage, type StoredUsage } from './read-usage.ts'
import { LedgerRefusal } from './refusal.ts'
import { type BatchCounts, type Control, parseControl, parseCounts } from './totals.ts'

export type { Entry } from './entry.ts'
export { type EntrySearch, searchEntries } from './search-entries.ts'

/** The last batch: what the book is at. */
export interface Head {
  readonly batchId: number
  readonly hash: string
  readonly recordedMs: number
  /** Entries of all kinds, which is also the last seq. */
  readonly entries: number
}

const HEAD = `SELECT batch_id AS batchId, hash, recorded_ms AS recordedMs, last_seq AS entries FROM batch`

/** Null where the book holds no batch yet. */
export const readHead = (ledger: Ledger): Head | null =>
  (prepared(ledger, `${HEAD} ORDER BY batch_id DESC LIMIT 1`).get() as Head | undefined) ?? null

/** What the book was at after this batch; null where there is no such batch. */
export const headAt = (ledger: Ledger, batchId: number): Head | null =>
  (prepared(ledger, `${HEAD} WHERE batch_id = ?`).get(batchId) as Head | undefined) ?? null

/** What the book was at in that moment: its last batch recorded then or before; null where there was none yet. */
export const headAtMoment = (ledger: Ledger, ms: number): Head | null =>
  (prepared(ledger, `${HEAD} WHERE recorded_ms <= ? ORDER BY batch_id DESC LIMIT 1`).get(ms) as
    | Head
    | undefined) ?? null

export interface Batch {
  readonly batchId: number
  readonly kind: 'import' | 'document' | 'correction'
  readonly title: string
  readonly fileSha256: string | null
  readonly recordedMs: number
  readonly author: string
  readonly program: string
  readonly firstSeq: number
  readonly lastSeq: number
  readonly counts: BatchCounts
  readonly control: Control
  readonly checkpoint: string | null
  readonly previousHash: string
  readonly hash: string
}

type BatchRow = Omit<Batch, 'counts' | 'control'> & { readonly counts: string; readonly control: string }

const BATCH = `SELECT batch_id AS batchId, kind, title, file_sha256 AS fileSha256, recorded_ms AS recordedMs, author, program,
    first_seq AS firstSeq, last_seq AS lastSeq, counts, control, checkpoint, previous_hash AS previousHash, hash
  FROM batch`

const batchOf = (row: BatchRow): Batch => ({
  ...row,
  counts: parseCounts(row.counts),
  control: parseControl(row.control),
})

export const readBatch = (ledger: Ledger, batchId: number): Batch | null => {
  const row = prepared(ledger, `${BATCH} WHERE batch_id = ?`).get(batchId) as BatchRow | undefined
  return row === undefined ? null : batchOf(row)
}

/** Newest first; `before` is the last batch of the page before. */
export const listBatches = (
  ledger: Ledger,
  {
    before = Number.MAX_SAFE_INTEGER,
    limit = 100,
  }: { readonly before?: number; readonly limit?: number } = {},
): readonly Batch[] =>
  (
    prepared(ledger, `${BATCH} WHERE batch_id < ? ORDER BY batch_id DESC LIMIT ?`).all(
      before,
      limit,
    ) as BatchRow[]
  ).map(batchOf)

/** The batch whose file has this hash, if the book has taken it already. */
export const findBatchOfFile = (ledger: Ledger, fileSha256: string): Batch | null => {
  const row = prepared(ledger, `${BATCH} WHERE file_sha256 = ? ORDER BY batch_id LIMIT 1`).get(fileSha256)
  return row === undefined ? null : batchOf(row as BatchRow)
}

/** The checkpoint last committed by the batches of a title, for collectors that go on where they stopped. */
export const lastCheckpoint = (ledger: Ledger, title: string): string | null =>
  (prepared(
    ledger,
    'SELECT checkpoint FROM batch WHERE title = ? AND checkpoint IS NOT NULL ORDER BY batch_id DESC LIMIT 1',
  )
    .pluck()
    .get(title) as string | undefined) ?? null

/** One entry of whatever table, with its batch. Null where there is none. */
export const readEntry = (
  ledger: Ledger,
  seq: number,
): { readonly entry: Entry; readonly batch: Batch | null } | null => {
  for (const table of ROW_TABLES) {
    const row = prepared(ledger, `${entrySql(table)} WHERE seq = ?`).get(seq) as EntryRow | undefined
    if (row !== undefined) return { entry: entryOf(table)(row), batch: readBatch(ledger, row.batchId) }
  }
  const usage = readUsage(ledger, seq)
  return usage === null ? null : { entry: usageEntry(usage), batch: readBatch(ledger, usage.batchId) }
}

/** All entries of one record that there were as of a batch, oldest first: posted, reversed, restated. */
export const historyOfRecord = (
  ledger: Ledger,
  table: 'usage_event' | 'cost_entry',
  seq: number,
  { asOfBatch = Number.MAX_SAFE_INTEGER }: AsOf = {},
): readonly Entry[] => {
  const [key, scope] = table === 'usage_event' ? ['event_key', 'source_no'] : ['cost_key', 'bill_no']
  const posting = table === 'usage_event' ? usagePosting(ledger, seq) : null
  const known = prepared(ledger, `SELECT ${key}, ${scope} FROM ${table} WHERE seq = ?`).raw().get(seq)
  const [keyBytes, scopeNo] = (known ?? [posting?.eventKey ?? null, posting?.sourceNo ?? null]) as [
    unknown,
    unknown,
  ]
  const ofKey = `SELECT seq FROM ${table} WHERE ${key} = @key AND +${scope} = @scope AND correction IS NOT 'reversal'`
  // The plus keeps SQLite from going through a whole bill by its index. Reversals stand outside of the index by key, so they are found by what they correct. One look-up after the other:
  // joined by OR, they would read the whole table.
  const reversalsOf = (seqs: string) =>
    `SELECT seq FROM ${table} WHERE correction = 'reversal' AND corrects ${seqs}`
  const rows = prepared(
    ledger,
    `${entrySql(table)} WHERE seq IN (
       ${ofKey} UNION ${reversalsOf(`IN (${ofKey})`)} UNION ${reversalsOf('= @posting')}) ORDER BY seq`,
  ).all({ key: keyBytes, scope: scopeNo, posting: posting?.seq ?? null }) as EntryRow[]
  const entries = [...(posting === null ? [] : [usageEntry(posting)]), ...rows.map(entryOf(table))]
  return entries.filter(({ batchId }) => batchId <= asOfBatch)
}

/** The event of a page that a correction goes back to, or that the seq is itself; null where it goes back to a row. */
const usagePosting = (ledger: Ledger, seq: number): StoredUsage | null => {
  let usage = readUsage(ledger, seq)
  while (usage !== null && usage.corrects !== null) usage = readUsage(ledger, usage.corrects)
  const isRow =
    usage !== null && prepared(ledger, 'SELECT 1 FROM usage_event WHERE seq = ?').get(usage.seq) !== undefined
  return isRow ? null : usage
}

/** A raw record, field by field where it was CSV (unknown columns included), else as its text. */
export type RawRecordView =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'row'; readonly fields: readonly { readonly name: string; readonly value: string }[] }

/** @throws LedgerRefusal `entry_does_not_exist`, `book_is_damaged`. */
export const rawRecord = (ledger: Ledger, blockNo: number, blockRow: number): RawRecordView => {
  const bytes = prepared(ledger, 'SELECT bytes FROM raw_block WHERE block_no = ?').pluck().get(blockNo)
  if (bytes === undefined)
    throw new LedgerRefusal('entry_does_not_exist', `There is no raw block ${blockNo}.`)
  let content: RawBlockContent
  try {
    content = readRawBlock(bytes as Buffer)
  } catch (error) {
    throw new LedgerRefusal(
      'book_is_damaged',
      `The raw records of block ${blockNo} are damaged; the entries made from them are not. Verify the book and restore a backup.`,
      { cause: error },
    )
  }
  const record = content.rows[blockRow]
  if (record === undefined)
    throw new LedgerRefusal('entry_does_not_exist', `The raw block ${blockNo} has no row ${blockRow}.`)
  if (typeof record === 'string') return { kind: 'text', text: record }
  const { header } = content
  return {
    kind: 'row',
    fields: record.map((value, i) => ({ name: header?.[i] ?? `column ${i + 1}`, value })),
  }
}
