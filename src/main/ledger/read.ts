/** Reading the ledger: head, batches, entries and their raw records. Quantities and amounts come as exact text. */
import { parseDecimal } from '../../domain/decimal.ts'
import { parseQuantity, SCALE_MAX } from '../../domain/quantity.ts'
import { type Ledger, prepared } from './open.ts'
import { type RawBlockContent, readRawBlock } from './raw-block.ts'
import { LedgerRefusal } from './refusal.ts'
import { ENTRY_COLUMNS, ENTRY_TABLES, type EntryTable } from './schema.ts'
import { type BatchCounts, type Control, parseControl, parseCounts } from './totals.ts'

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

/** An entry of any table: its columns as stored, blobs as hex, `quantity` as text. */
export interface Entry {
  readonly seq: number
  readonly table: EntryTable
  readonly batchId: number
  readonly columns: Readonly<Record<string, string | number | null>>
}

/** The columns of a row as JSON with exact integers as text where they may pass 2^53. */
const columnsSql = (table: EntryTable): string =>
  `json_object(${ENTRY_COLUMNS[table]
    .slice(2)
    .map((column) => {
      if (column === 'quantity') return `'quantity', CAST(quantity AS TEXT)`
      return column.endsWith('_key') && column !== 'source_key'
        ? `'${column}', lower(hex(${column}))`
        : `'${column}', ${column}`
    })
    .join(', ')}) AS columns`

interface EntryRow {
  readonly seq: number
  readonly batchId: number
  readonly columns: string
}

const entrySql = (table: EntryTable) =>
  `SELECT seq, batch_id AS batchId, ${columnsSql(table)} FROM ${table} e`

const entryOf =
  (table: EntryTable) =>
  (row: EntryRow): Entry => ({
    seq: row.seq,
    table,
    batchId: row.batchId,
    columns: JSON.parse(row.columns) as Entry['columns'],
  })

/** One entry of whatever table, with its batch. Null where there is none. */
export const readEntry = (
  ledger: Ledger,
  seq: number,
): { readonly entry: Entry; readonly batch: Batch | null } | null => {
  for (const table of ENTRY_TABLES) {
    const row = prepared(ledger, `${entrySql(table)} WHERE seq = ?`).get(seq) as EntryRow | undefined
    if (row !== undefined) return { entry: entryOf(table)(row), batch: readBatch(ledger, row.batchId) }
  }
  return null
}

export interface EntrySearch {
  readonly seq?: number
  readonly batchId?: number
  /** A tenant's name: usage only, because costs are attributed by rule and not in the ledger. */
  readonly tenant?: string
  readonly metric?: string
  /** A cost entry's service. */
  readonly service?: string
  /** Decimal text: the quantity, or the billed or effective cost. */
  readonly amount?: string
  /** Service time, `[fromMs, toMs)`. */
  readonly fromMs?: number
  readonly toMs?: number
  readonly tables?: readonly EntryTable[]
  /** Entries with a lower seq only: the last seq of the page before. */
  readonly before?: number
  readonly limit?: number
}

type Condition = readonly [sql: string, ...parameters: readonly (string | number | bigint)[]]

const amountCondition = (table: EntryTable, amount: string): Condition => {
  const canonical = parseDecimal(amount)
  if (canonical === null) return ['FALSE']
  if (table === 'cost_entry') return ['(billed_cost = ? OR effective_cost = ?)', canonical, canonical]
  const scaled: (number | bigint)[] = []
  for (let scale = 0; scale <= SCALE_MAX; scale++) {
    const quantity = parseQuantity(canonical, scale)
    if (typeof quantity === 'bigint') scaled.push(scale, quantity)
  }
  if (scaled.length === 0) return ['FALSE']
  const either = scaled.filter((_, i) => i % 2 === 0).map(() => '(m.scale = ? AND e.quantity = ?)')
  return [
    `EXISTS (SELECT 1 FROM measure m WHERE m.measure_no = e.measure_no AND (${either.join(' OR ')}))`,
    ...scaled,
  ]
}

/** Null where the table cannot hold what is asked for. */
const conditionsOf = (table: EntryTable, search: EntrySearch): readonly Condition[] | null => {
  const conditions: Condition[] = []
  const isUsage = table === 'usage_event'
  const isDated = isUsage || table === 'cost_entry'
  if (search.seq !== undefined) conditions.push(['seq = ?', search.seq])
  if (search.batchId !== undefined) conditions.push(['batch_id = ?', search.batchId])
  if (search.before !== undefined) conditions.push(['seq < ?', search.before])
  if (search.tenant !== undefined) {
    if (!isUsage) return null
    conditions.push(['tenant_no = (SELECT tenant_no FROM tenant WHERE tenant = ?)', search.tenant])
  }
  if (search.metric !== undefined) {
    if (!isUsage) return null
    conditions.push(['measure_no IN (SELECT measure_no FROM measure WHERE metric = ?)', search.metric])
  }
  if (search.service !== undefined) {
    if (table !== 'cost_entry') return null
    conditions.push([
      "set_no IN (SELECT set_no FROM attribute_set WHERE kind = 'cost' AND json_extract(content, '$.service') = ?)",
      search.service,
    ])
  }
  if (search.amount !== undefined) {
    if (!isDated) return null
    conditions.push(amountCondition(table, search.amount))
  }
  if (search.fromMs !== undefined || search.toMs !== undefined) {
    if (!isDated) return null
    if (search.fromMs !== undefined) conditions.push(['start_ms >= ?', search.fromMs])
    if (search.toMs !== undefined) conditions.push(['start_ms < ?', search.toMs])
  }
  return conditions
}

/** Entries that fit all that is asked, newest first. */
export const searchEntries = (ledger: Ledger, search: EntrySearch): readonly Entry[] => {
  const limit = search.limit ?? 100
  const found = (search.tables ?? ENTRY_TABLES).flatMap((table) => {
    const conditions = conditionsOf(table, search)
    if (conditions === null) return []
    const where = conditions.length === 0 ? '' : ` WHERE ${conditions.map(([sql]) => sql).join(' AND ')}`
    const rows = prepared(ledger, `${entrySql(table)}${where} ORDER BY seq DESC LIMIT ?`).all(
      ...conditions.flatMap(([, ...parameters]) => parameters),
      limit,
    ) as EntryRow[]
    return rows.map(entryOf(table))
  })
  return found.sort((one, other) => other.seq - one.seq).slice(0, limit)
}

/** All entries of one record, oldest first: posted, reversed, restated. */
export const historyOfRecord = (
  ledger: Ledger,
  table: 'usage_event' | 'cost_entry',
  seq: number,
): readonly Entry[] => {
  const [key, scope] = table === 'usage_event' ? ['event_key', 'source_no'] : ['cost_key', 'bill_no']
  // Reversals stand outside of the index by key, so they are found by what they correct.
  const posted = `SELECT p.seq FROM ${table} o JOIN ${table} p ON p.${key} = o.${key} AND p.${scope} = o.${scope}
      AND p.correction IS NOT 'reversal' WHERE o.seq = ?`
  const rows = prepared(
    ledger,
    `${entrySql(table)} WHERE seq IN (${posted})
       OR (correction = 'reversal' AND corrects IN (${posted})) ORDER BY seq`,
  ).all(seq, seq) as EntryRow[]
  return rows.map(entryOf(table))
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
