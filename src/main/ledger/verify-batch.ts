/** Whether the entries of one batch are those that its hash and its control totals say. */
import { createHash, hash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { costToUnits, type DecimalText } from '../../domain/decimal.ts'
import { DIGEST_BYTES, digestHex, entryLineSql } from './canonical-line.ts'
import { fail } from './fault.ts'
import { fingerprintOf } from './key-runs.ts'
import { type Ledger, prepared } from './open.ts'
import { BYTES_TABLES, ENTRY_TABLES, type EntryTable } from './schema.ts'
import { addCost, addUsage, type Control, controlText, noControl } from './totals.ts'
import { addPage, decodePage, letColumnsGo, type UsageColumns } from './usage-page.ts'
import type { KeySum } from './verify-structure.ts'

/** Entries checked between two chances to cancel. */
const WINDOW = 16_384

export interface BatchRow {
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

export interface BatchWalk {
  readonly ledger: Ledger
  /** Takes the keys of the events that are walked over. */
  readonly keys: KeySum
  readonly signal: AbortSignal | undefined
  /** Told the last seq of each window that fits. */
  readonly onWindow: (seq: number) => void
}

/**
 * Walks over the entries of a batch: each one's digest, the bytes of pages and blocks, the batch's hash and its control
 * totals. Other work goes on between two windows.
 * @throws Found
 * @throws the signal's reason when aborted.
 */
export const verifyBatch = async (
  { ledger, keys, signal, onWindow }: BatchWalk,
  batch: BatchRow,
): Promise<void> => {
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
    const end = slots.at(-1)?.lastSeq ?? to
    if (end > batch.lastSeq)
      fail(
        batch.batchId,
        batch.lastSeq + 1,
        'usage_page',
        `A page of batch ${batch.batchId} goes beyond its end.`,
      )
    from = end + 1
    onWindow(end)
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
}
