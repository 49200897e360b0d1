/** Verification: whether the book is what was appended, and which entry is the first that does not fit. */
import { createHash, hash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { costToUnits, type DecimalText } from '../../domain/decimal.ts'
import {
  canonicalLine,
  DIGEST_BYTES,
  digestHex,
  entryLineSql,
  FIRST_PREVIOUS_HASH,
  HEADER_LINE_SQL,
} from './canonical-line.ts'
import { fingerprintOf, keyRuns } from './key-runs.ts'
import { hasAllKeys } from './mend-keys.ts'
import { type Ledger, prepared } from './open.ts'
import { type Head, readHead } from './read.ts'
import { BYTES_TABLES, ENTRY_TABLES, type EntryTable, MIGRATIONS } from './schema.ts'
import { addCost, addUsage, type Control, controlText, noControl } from './totals.ts'
import { addPage, decodePage, letColumnsGo, type UsageColumns } from './usage-page.ts'

export interface Fault {
  /** Null where the fault lies outside of any batch. */
  readonly batchId: number | null
  readonly seq: number | null
  readonly table: string | null
  /** What does not fit, for a person. */
  readonly sentence: string
}

export type Verification =
  | { readonly ok: true; readonly entries: number; readonly batches: number; readonly head: Head | null }
  | {
      readonly ok: false
      readonly entries: number
      readonly batches: number
      readonly fault: Fault
      /** Whether nothing is wrong but the index of keys, which can be made anew. */
      readonly isOfKeys: boolean
    }

export interface VerifyOptions {
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void
  readonly signal?: AbortSignal
  /** Heads known from elsewhere (an invoice carries one): the only way to see that the end of a book was cut off. */
  readonly knownHeads?: readonly { readonly batchId: number; readonly hash: string }[]
}

/** Entries checked between two chances to cancel. */
const WINDOW = 16_384

const WHAT_NEXT = 'Keep a copy of the book as it is and restore the latest backup that verifies.'

/**
 * Codes of SQLite that only damage explains: the statements are always the same, so one that fails met a value that
 * cannot be there, such as bytes in place of a text.
 */
const DAMAGE = /^SQLITE_(?:CORRUPT|ERROR|MISMATCH|TOOBIG|NOTADB)/

interface BatchRow {
  readonly batchId: number
  readonly firstSeq: number
  readonly lastSeq: number
  readonly control: string
  readonly previousHash: string
  readonly hash: string
  readonly headerLine: string
}

interface Slot {
  readonly table: EntryTable
  readonly seq: number
  /** The seq itself, but for a page. */
  readonly lastSeq: number
  readonly batchId: number
  readonly line: string
  readonly digest: string
}

class Found extends Error {
  readonly fault: Fault
  readonly isOfKeys: boolean
  constructor(fault: Fault, isOfKeys = false) {
    super(fault.sentence)
    this.fault = fault
    this.isOfKeys = isOfKeys
  }
}

const fail = (batchId: number | null, seq: number | null, table: string | null, sentence: string): never => {
  throw new Found({ batchId, seq, table, sentence: `${sentence} ${WHAT_NEXT}` })
}

type SchemaRow = readonly [name: string, type: string, table: string, sql: string | null]
/** All but what SQLite makes itself: indexes of a table's own keys (they have no text), and its own tables. */
const SCHEMA = `SELECT name, type, tbl_name, sql FROM sqlite_schema
  WHERE NOT (type = 'index' AND sql IS NULL AND name LIKE 'sqlite\\_autoindex\\_%' ESCAPE '\\')
    AND NOT (type = 'table' AND name IN ('sqlite_sequence', 'sqlite_stat1', 'sqlite_stat3', 'sqlite_stat4'))`
/** A trigger may have the name of a table. */
const schemaKey = ([name, type]: SchemaRow): string => `${type} ${name}`

const checkSchema = (ledger: Ledger): void => {
  const expected = new Database(':memory:')
  try {
    for (const migration of MIGRATIONS) expected.exec(migration)
    const found = new Map(
      (prepared(ledger, SCHEMA).raw().all() as SchemaRow[]).map((row) => [schemaKey(row), row]),
    )
    for (const row of expected.prepare(SCHEMA).raw().all() as SchemaRow[]) {
      const [name, type, table] = row
      const same = found.get(schemaKey(row))
      if (same === undefined) fail(null, null, table, `The ${type} ${name} that guards the book is missing.`)
      if (canonicalLine(same ?? []) !== canonicalLine(row))
        fail(null, null, table, `The ${type} ${name} that guards the book was altered.`)
      found.delete(schemaKey(row))
    }
    for (const [name, type, table] of found.values())
      fail(null, null, table, `The book has the ${type} ${name}, which is none of this program's.`)
  } finally {
    expected.close()
  }
}

/** The last seq of the window that begins at `from`: with all of a page's, so that no row hides among them. */
const windowEnd = (ledger: Ledger, batch: BatchRow, from: number): number => {
  const to = Math.min(from + WINDOW - 1, batch.lastSeq)
  const pageEnd = prepared(
    ledger,
    'SELECT last_seq FROM usage_page WHERE seq BETWEEN ? AND ? ORDER BY seq DESC LIMIT 1',
  )
    .pluck()
    .get(from, to) as number | undefined
  // A page that says it is longer than the batch is a fault of its own, found below.
  return Math.min(Math.max(to, pageEnd ?? 0), batch.lastSeq)
}

/** The entries whose seq is in the window, in order and without a gap. */
const readSlots = (ledger: Ledger, batch: BatchRow, from: number, to: number): readonly Slot[] => {
  const slots: Slot[] = []
  for (const table of ENTRY_TABLES) {
    const last = table === 'usage_page' ? 'last_seq' : 'seq'
    const rows = prepared(
      ledger,
      `SELECT seq, ${last}, batch_id, ${entryLineSql(table)}, lower(hex(digest)) FROM ${table} WHERE seq BETWEEN ? AND ?`,
    )
      .raw()
      .all(from, to) as [number, number, number, string, string][]
    for (const [seq, lastSeq, batchId, line, digest] of rows)
      slots.push({ table, seq, lastSeq, batchId, line, digest })
  }
  slots.sort((one, other) => one.seq - other.seq)
  let expected = from
  for (const [i, { seq, lastSeq, table }] of slots.entries()) {
    if (seq < expected)
      fail(
        batch.batchId,
        seq,
        table,
        `Entry ${seq} is there twice, in ${slots[i - 1]?.table} and in ${table}.`,
      )
    if (seq > expected) missing(batch, expected)
    expected = lastSeq + 1
  }
  if (expected <= to) missing(batch, expected)
  return slots
}

const missing = (batch: BatchRow, seq: number): never =>
  fail(batch.batchId, seq, null, `Entry ${seq} of batch ${batch.batchId} is missing.`)

/** Which bytes were changed, for a person. */
const CHANGED_BYTES = {
  raw_block: (blockNo: number) =>
    `The raw records of block ${blockNo} were changed: their bytes do not have the hash noted.`,
  usage_page: (_: number, seq: number, lastSeq: number) =>
    `The usage events ${seq} to ${lastSeq} were changed: the bytes of their page do not have the hash noted.`,
} as const satisfies Record<
  (typeof BYTES_TABLES)[number],
  (blockNo: number, seq: number, lastSeq: number) => string
>

/** Checks the bytes of blocks and pages against their hashes, and takes the pages' sums and keys. */
const checkBytes = (
  ledger: Ledger,
  batch: BatchRow,
  from: number,
  to: number,
  control: Control,
  keys: KeySum,
): void => {
  for (const table of BYTES_TABLES) {
    const extra = table === 'usage_page' ? 'last_seq, source_no' : 'seq, 0'
    const rows = prepared(
      ledger,
      `SELECT seq, block_no, bytes_sha256, bytes, ${extra} FROM ${table} WHERE seq BETWEEN ? AND ?`,
    )
      .raw()
      .iterate(from, to) as IterableIterator<[number, number, string, Buffer, number, number]>
    for (const [seq, blockNo, expected, bytes, lastSeq, sourceNo] of rows) {
      if (hash('sha256', bytes, 'hex') !== expected)
        fail(batch.batchId, seq, table, CHANGED_BYTES[table](blockNo, seq, lastSeq))
      if (table !== 'usage_page') continue
      const columns = pageColumns(batch, seq, lastSeq, bytes)
      addPage(control, columns)
      for (let i = 0; i < columns.events; i++) keys.add(fingerprintOf(sourceNo, columns.keys, i), seq + i)
      letColumnsGo(columns)
    }
  }
}

const pageColumns = (batch: BatchRow, seq: number, lastSeq: number, bytes: Buffer): UsageColumns => {
  try {
    const columns = decodePage(bytes)
    if (columns.events === lastSeq - seq + 1) return columns
  } catch {
    // Said below, in the same words: bytes that have their hash and are no page of as many events were forged.
  }
  return fail(
    batch.batchId,
    seq,
    'usage_page',
    `The page of the usage events ${seq} to ${lastSeq} cannot be read.`,
  )
}

/** A sum by which two sets of keys are compared, whatever their order. */
interface KeySum {
  add(fingerprint: number, seq: number): void
  value(): string
}
const keySum = (): KeySum => {
  let count = 0
  let sum = 0
  let mix = 0
  return {
    add: (fingerprint, seq) => {
      const hashed = Math.imul(fingerprint ^ Math.imul(seq, 0x9e3779b1), 0x85ebca6b)
      count++
      sum = (sum + hashed) | 0
      mix ^= Math.imul(hashed ^ (hashed >>> 13), 0xc2b2ae35)
    },
    value: () => `${count} ${sum} ${mix}`,
  }
}

/** The index holds no figures, but without it a record that comes again would be counted twice. */
const checkKeys = (ledger: Ledger, keys: KeySum): void => {
  const indexed = keySum()
  const fits =
    hasAllKeys(ledger) && keyRuns(ledger.database).each(indexed.add) && indexed.value() === keys.value()
  if (!fits)
    throw new Found(
      {
        batchId: null,
        seq: null,
        table: 'usage_key_run',
        sentence:
          'The index of the keys of usage events does not fit the events: a record that comes again could be counted twice. The entries themselves are whole.',
      },
      true,
    )
}

/** SQLite's own indexes: without a row in them, a cost that comes again would be counted twice. */
const checkIndexes = async (ledger: Ledger, signal: AbortSignal | undefined): Promise<void> => {
  for (const table of ENTRY_TABLES) {
    signal?.throwIfAborted()
    const [said] = ledger.database.pragma(`integrity_check('${table}')`) as {
      readonly integrity_check: string
    }[]
    if (said !== undefined && said.integrity_check !== 'ok')
      fail(
        null,
        null,
        table,
        `The indexes of the table ${table} do not fit its entries (${said.integrity_check}).`,
      )
    await setImmediate()
  }
}

const addWindow = (ledger: Ledger, control: Control, from: number, to: number): void => {
  // Quantities are summed in two halves, so that no sum leaves 64 bits.
  const usage = prepared(
    ledger,
    `SELECT measure_no, count(*), sum(quantity >> 32), sum(quantity & 4294967295)
     FROM usage_event WHERE seq BETWEEN ? AND ? GROUP BY measure_no`,
  )
    .raw()
    .safeIntegers()
    .all(from, to) as [bigint, bigint, bigint, bigint][]
  for (const [measureNo, events, high, low] of usage)
    addUsage(control, Number(measureNo), Number(events), (high << 32n) + low)
  const cost = prepared(
    ledger,
    'SELECT currency, billed_cost, effective_cost FROM cost_entry WHERE seq BETWEEN ? AND ?',
  )
    .raw()
    .all(from, to) as [string, DecimalText, DecimalText | null][]
  for (const [currency, billed, effective] of cost)
    addCost(control, currency, 1, costToUnits(billed), effective === null ? 0n : costToUnits(effective))
}

const checkOrder = (batch: BatchRow, batchId: number, previousHash: string, firstSeq: number): void => {
  if (batch.batchId !== batchId) fail(batchId, null, 'batch', `Batch ${batchId} is missing.`)
  if (batch.previousHash !== previousHash)
    fail(
      batchId,
      firstSeq,
      'batch',
      `Batch ${batchId} does not follow the batch before it: it was exchanged, or one of the two was rewritten.`,
    )
  if (batch.firstSeq !== firstSeq || batch.lastSeq < firstSeq - 1)
    fail(
      batchId,
      firstSeq,
      'batch',
      `Batch ${batchId} should begin with entry ${firstSeq}, but says ${batch.firstSeq} to ${batch.lastSeq}.`,
    )
}

const checkEnd = (ledger: Ledger, lastSeq: number): void => {
  for (const table of ENTRY_TABLES) {
    const end =
      table === 'usage_page'
        ? '(SELECT last_seq FROM usage_page ORDER BY seq DESC LIMIT 1)'
        : `(SELECT max(seq) FROM ${table})`
    const [first, last] = prepared(ledger, `SELECT (SELECT min(seq) FROM ${table}), ${end}`).raw().get() as [
      number | null,
      number | null,
    ]
    if (first !== null && first < 1)
      fail(null, first, table, `Entry ${first} of ${table} stands before the first batch.`)
    if (last !== null && last > lastSeq)
      fail(null, last, table, `Entry ${last} of ${table} belongs to no batch.`)
  }
}

const BATCH = `SELECT batch_id AS batchId, first_seq AS firstSeq, last_seq AS lastSeq, control,
    previous_hash AS previousHash, hash, ${HEADER_LINE_SQL} AS headerLine
  FROM batch WHERE batch_id > ? ORDER BY batch_id LIMIT 1`

/**
 * Walks the whole chain: the schema and its guards, numbers without gaps, each entry's digest, each batch's hash
 * and control totals, each raw block's bytes, and the indexes. Other work goes on meanwhile; batches appended while it runs are
 * checked too. Returns the first fault there is.
 * @throws the signal's reason when aborted.
 */
export const verifyLedger = async (
  ledger: Ledger,
  { onProgress, signal, knownHeads = [] }: VerifyOptions = {},
): Promise<Verification> => {
  let entries = 0
  let batches = 0
  const keys = keySum()

  const verifyBatch = async (batch: BatchRow, total: number): Promise<void> => {
    const running = createHash('sha256').update(`${batch.previousHash}\n`)
    const control = noControl()
    for (let from = batch.firstSeq; from <= batch.lastSeq; ) {
      signal?.throwIfAborted()
      const to = windowEnd(ledger, batch, from)
      const slots = readSlots(ledger, batch, from, to)
      for (const { table, seq, batchId, line, digest } of slots) {
        if (digest.length !== DIGEST_BYTES * 2 || digestHex(line) !== digest)
          fail(batch.batchId, seq, table, `Entry ${seq} (${table}) was changed after it was appended.`)
        if (batchId !== batch.batchId)
          fail(batch.batchId, seq, table, `Entry ${seq} (${table}) says it belongs to batch ${batchId}.`)
        running.update(`${line}\n`)
      }
      checkBytes(ledger, batch, from, to, control, keys)
      addWindow(ledger, control, from, to)
      entries = slots.at(-1)?.lastSeq ?? to
      if (entries > batch.lastSeq)
        fail(
          batch.batchId,
          batch.lastSeq + 1,
          'usage_page',
          `A page of batch ${batch.batchId} goes beyond its end.`,
        )
      from = entries + 1
      onProgress?.({ done: entries, total: Math.max(total, entries) })
      await setImmediate()
    }
    if (running.update(`${batch.headerLine}\n`).digest('hex') !== batch.hash)
      fail(
        batch.batchId,
        null,
        'batch',
        `The hash of batch ${batch.batchId} does not fit its entries and header: one was changed together with its digest.`,
      )
    if (controlText(control) !== batch.control)
      fail(
        batch.batchId,
        null,
        'batch',
        `The control totals of batch ${batch.batchId} are not the sums of its entries.`,
      )
    const known = knownHeads.find((head) => head.batchId === batch.batchId)
    if (known !== undefined && known.hash !== batch.hash)
      fail(
        batch.batchId,
        null,
        'batch',
        `Batch ${batch.batchId} is not the one known from elsewhere: the book was rewritten.`,
      )
  }

  try {
    checkSchema(ledger)
    const total = readHead(ledger)?.entries ?? 0
    let previousHash = FIRST_PREVIOUS_HASH
    const next = (): BatchRow | undefined => {
      // In one transaction, so that no batch is committed between the last one and the look at the end.
      const read = ledger.database.transaction(() => {
        const batch = prepared(ledger, BATCH).get(batches) as BatchRow | undefined
        if (batch === undefined) {
          checkEnd(ledger, entries)
          checkKeys(ledger, keys)
        }
        return batch
      })
      return read()
    }
    for (let batch = next(); batch !== undefined; batch = next()) {
      signal?.throwIfAborted()
      checkOrder(batch, batches + 1, previousHash, entries + 1)
      await verifyBatch(batch, total)
      entries = batch.lastSeq
      previousHash = batch.hash
      batches++
      if (batches % 256 === 0) await setImmediate()
    }
    for (const head of knownHeads)
      if (head.batchId > batches)
        fail(
          head.batchId,
          null,
          'batch',
          `Batch ${head.batchId} is known from elsewhere but missing: the end of the book was cut off.`,
        )
    await checkIndexes(ledger, signal)
    return { ok: true, entries, batches, head: readHead(ledger) }
  } catch (error) {
    if (error instanceof Found)
      return { ok: false, entries, batches, fault: error.fault, isOfKeys: error.isOfKeys }
    if (error instanceof Error && 'code' in error && DAMAGE.test(String(error.code))) {
      const sentence = `The file of the ledger is damaged near entry ${entries + 1} (${error.message}). ${WHAT_NEXT}`
      return {
        ok: false,
        entries,
        batches,
        fault: { batchId: batches + 1, seq: entries + 1, table: null, sentence },
        isOfKeys: false,
      }
    }
    throw error
  }
}
