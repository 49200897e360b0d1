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
import { type Ledger, prepared } from './open.ts'
import { type Head, readHead } from './read.ts'
import { ENTRY_TABLES, type EntryTable, MIGRATIONS } from './schema.ts'
import { addCost, addUsage, type Control, controlText, noControl } from './totals.ts'

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
  | { readonly ok: false; readonly entries: number; readonly batches: number; readonly fault: Fault }

export interface VerifyOptions {
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void
  readonly signal?: AbortSignal
  /** Heads known from elsewhere (an invoice carries one): the only way to see that the end of a book was cut off. */
  readonly knownHeads?: readonly { readonly batchId: number; readonly hash: string }[]
}

/** Entries checked between two chances to cancel. */
const WINDOW = 4096

const WHAT_NEXT = 'Keep a copy of the book as it is and restore the latest backup that verifies.'

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
  readonly batchId: number
  readonly line: string
  readonly digest: string
}

class Found extends Error {
  readonly fault: Fault
  constructor(fault: Fault) {
    super(fault.sentence)
    this.fault = fault
  }
}

const fail = (batchId: number | null, seq: number | null, table: string | null, sentence: string): never => {
  throw new Found({ batchId, seq, table, sentence: `${sentence} ${WHAT_NEXT}` })
}

type SchemaRow = readonly [name: string, type: string, table: string, sql: string | null]
const SCHEMA = `SELECT name, type, tbl_name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'`

const checkSchema = (ledger: Ledger): void => {
  const expected = new Database(':memory:')
  try {
    for (const migration of MIGRATIONS) expected.exec(migration)
    const found = new Map((prepared(ledger, SCHEMA).raw().all() as SchemaRow[]).map((row) => [row[0], row]))
    for (const row of expected.prepare(SCHEMA).raw().all() as SchemaRow[]) {
      const [name, type, table] = row
      const same = found.get(name)
      if (same === undefined) fail(null, null, table, `The ${type} ${name} that guards the book is missing.`)
      if (canonicalLine(same ?? []) !== canonicalLine(row))
        fail(null, null, table, `The ${type} ${name} that guards the book was altered.`)
      found.delete(name)
    }
    for (const [name, [, type, table]] of found)
      fail(null, null, table, `The book has the ${type} ${name}, which is none of this program's.`)
  } finally {
    expected.close()
  }
}

/** Reads a window of entries and puts each in the slot of its seq. */
const readSlots = (ledger: Ledger, batch: BatchRow, from: number, to: number): readonly Slot[] => {
  const slots: (Slot | undefined)[] = new Array(to - from + 1).fill(undefined)
  for (const table of ENTRY_TABLES) {
    const rows = prepared(
      ledger,
      `SELECT seq, batch_id, ${entryLineSql(table)}, lower(hex(digest)) FROM ${table} WHERE seq BETWEEN ? AND ?`,
    )
      .raw()
      .all(from, to) as [number, number, string, string][]
    for (const [seq, batchId, line, digest] of rows) {
      const taken = slots[seq - from]
      if (taken !== undefined)
        fail(batch.batchId, seq, table, `Entry ${seq} is there twice, in ${taken.table} and in ${table}.`)
      slots[seq - from] = { table, batchId, line, digest }
    }
  }
  return slots.map(
    (slot, i) =>
      slot ?? fail(batch.batchId, from + i, null, `Entry ${from + i} of batch ${batch.batchId} is missing.`),
  )
}

const checkBlocks = (ledger: Ledger, batch: BatchRow, from: number, to: number): void => {
  const rows = prepared(
    ledger,
    'SELECT seq, block_no, bytes_sha256, bytes FROM raw_block WHERE seq BETWEEN ? AND ?',
  )
    .raw()
    .iterate(from, to) as IterableIterator<[number, number, string, Buffer]>
  for (const [seq, blockNo, expected, bytes] of rows)
    if (hash('sha256', bytes, 'hex') !== expected)
      fail(
        batch.batchId,
        seq,
        'raw_block',
        `The raw records of block ${blockNo} were changed: their bytes do not have the hash noted.`,
      )
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
    const [first, last] = prepared(
      ledger,
      `SELECT (SELECT min(seq) FROM ${table}), (SELECT max(seq) FROM ${table})`,
    )
      .raw()
      .get() as [number | null, number | null]
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
 * and control totals, each raw block's bytes. Other work goes on meanwhile; batches appended while it runs are
 * checked too. Returns the first fault there is.
 * @throws the signal's reason when aborted.
 */
export const verifyLedger = async (
  ledger: Ledger,
  { onProgress, signal, knownHeads = [] }: VerifyOptions = {},
): Promise<Verification> => {
  let entries = 0
  let batches = 0

  const verifyBatch = async (batch: BatchRow, total: number): Promise<void> => {
    const running = createHash('sha256').update(`${batch.previousHash}\n`)
    const control = noControl()
    for (let from = batch.firstSeq; from <= batch.lastSeq; from += WINDOW) {
      signal?.throwIfAborted()
      const to = Math.min(from + WINDOW - 1, batch.lastSeq)
      for (const [i, { table, batchId, line, digest }] of readSlots(ledger, batch, from, to).entries()) {
        if (digest.length !== DIGEST_BYTES * 2 || digestHex(line) !== digest)
          fail(
            batch.batchId,
            from + i,
            table,
            `Entry ${from + i} (${table}) was changed after it was appended.`,
          )
        if (batchId !== batch.batchId)
          fail(
            batch.batchId,
            from + i,
            table,
            `Entry ${from + i} (${table}) says it belongs to batch ${batchId}.`,
          )
        running.update(`${line}\n`)
      }
      checkBlocks(ledger, batch, from, to)
      addWindow(ledger, control, from, to)
      entries = to
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
        if (batch === undefined) checkEnd(ledger, entries)
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
    return { ok: true, entries, batches, head: readHead(ledger) }
  } catch (error) {
    if (error instanceof Found) return { ok: false, entries, batches, fault: error.fault }
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_CORRUPT')) {
      const sentence = `The file of the ledger is damaged near entry ${entries + 1} (${error.message}). ${WHAT_NEXT}`
      return {
        ok: false,
        entries,
        batches,
        fault: { batchId: batches + 1, seq: entries + 1, table: null, sentence },
      }
    }
    throw error
  }
}
