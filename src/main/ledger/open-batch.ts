/** The batch being written: running number, running hash, and the one way entries get into their tables. */
import { createHash, hash } from 'node:crypto'
import {
  canonicalLine,
  DIGEST_BYTES,
  digestHex,
  entryLine,
  FIRST_PREVIOUS_HASH,
  type LedgerValue,
} from './canonical-line.ts'
import { type LedgerStatement, prepared, type WritingLedger } from './open.ts'
import { BATCH_HEADER_COLUMNS, ENTRY_COLUMNS, type EntryTable } from './schema.ts'
import { type BatchCounts, type Control, controlText, noControl, noCounts } from './totals.ts'

export interface BatchHeader {
  readonly kind: 'import' | 'document' | 'correction'
  readonly title: string
  readonly fileSha256?: string | null
  /** Who asked for it. */
  readonly author: string
  /** When it was recorded, by the caller's clock. */
  readonly recordedMs: number
  /** Where the collector goes on next time; committed together with the entries. */
  readonly checkpoint?: string | null
}

export interface BatchSummary {
  readonly batchId: number
  /** `lastSeq` is `firstSeq - 1` where the batch added no entry. */
  readonly firstSeq: number
  readonly lastSeq: number
  readonly counts: Readonly<BatchCounts>
  readonly control: Control
  readonly previousHash: string
  readonly hash: string
}

/** Characters of lines gathered before they are hashed. */
const HASH_CHUNK = 65_536

export interface OpenBatch {
  readonly ledger: WritingLedger
  readonly batchId: number
  readonly firstSeq: number
  readonly counts: BatchCounts
  readonly control: Control
  /** Prepares a statement once per ledger. */
  statement(sql: string): LedgerStatement
  /** The number the next entry will get. @throws Error where the batch has ended. */
  nextSeq(): number
  /** The digest of a line, in a buffer that is used again for the next. */
  digest(line: string): Buffer
  /** Takes the line of the row just inserted into the chain. */
  take(line: string): void
  /** Appends an entry; `values` are its columns after `seq` and `batch_id`. Returns its seq. */
  append(table: EntryTable, values: readonly LedgerValue[]): number
  /** Appends a raw block, whose bytes stand in its line by their hash; they are not used afterwards. */
  appendBlock(blockNo: number, records: number, bytes: Uint8Array): void
  /** Appends a page of usage events, likewise, and returns the seq of its first event. */
  appendPage(sourceNo: number, blockNo: number, events: number, bytes: Uint8Array): number
  /** Ends the batch: what its appender is asked for afterwards is refused as a bug. */
  end(): void
  /** Writes the batch's row and ends the batch. */
  finish(header: BatchHeader): BatchSummary
}

const INSERT = Object.fromEntries(
  Object.entries(ENTRY_COLUMNS).map(([table, columns]) => [
    table,
    `INSERT INTO ${table} (${columns.join(', ')}, digest) VALUES (${columns.map(() => '?').join(', ')}, ?)`,
  ]),
) as Readonly<Record<EntryTable, string>>
/** The statement that inserts a row: the columns of ENTRY_COLUMNS in order, then the digest. */
export const insertSql = (table: EntryTable): string => INSERT[table]

const INSERT_BLOCK =
  'INSERT INTO raw_block (seq, batch_id, block_no, records, bytes_sha256, bytes, digest) VALUES (?, ?, ?, ?, ?, ?, ?)'
const INSERT_PAGE = `INSERT INTO usage_page
  (seq, batch_id, last_seq, source_no, block_no, events, bytes_sha256, bytes, digest) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`
const INSERT_BATCH = `INSERT INTO batch (${BATCH_HEADER_COLUMNS.join(', ')}, hash)
  VALUES (${BATCH_HEADER_COLUMNS.map(() => '?').join(', ')}, ?)`

/** Begins a batch inside the transaction that is open on the ledger. */
export const openBatch = (ledger: WritingLedger): OpenBatch => {
  const head = prepared(
    ledger,
    'SELECT batch_id, last_seq, hash FROM batch ORDER BY batch_id DESC LIMIT 1',
  ).get() as { readonly batch_id: number; readonly last_seq: number; readonly hash: string } | undefined
  const batchId = (head?.batch_id ?? 0) + 1
  const firstSeq = (head?.last_seq ?? 0) + 1
  const previousHash = head?.hash ?? FIRST_PREVIOUS_HASH
  const running = createHash('sha256').update(`${previousHash}\n`)
  const digest = Buffer.alloc(DIGEST_BYTES)
  const counts = noCounts()
  const control = noControl()
  let pending = ''
  let seq = firstSeq
  let isEnded = false

  const nextSeq = () => {
    if (isEnded) throw new Error('this batch has ended: its appender cannot be used any more')
    return seq
  }
  const digestOf = (line: string): Buffer => {
    digest.write(digestHex(line), 'hex')
    return digest
  }
  const take = (line: string): void => {
    pending += line
    pending += '\n'
    if (pending.length > HASH_CHUNK) {
      running.update(pending)
      pending = ''
    }
    seq++
  }
  const end = () => {
    isEnded = true
  }
  const insert = (sql: string, row: readonly LedgerValue[], line: string): void => {
    try {
      prepared(ledger, sql).run(...row, digestOf(line))
    } catch (error) {
      // A full disk may have undone the whole transaction; what came next would stand outside of it.
      end()
      throw error
    }
    take(line)
  }

  return {
    ledger,
    batchId,
    firstSeq,
    counts,
    control,
    statement: (sql) => prepared(ledger, sql),
    nextSeq,
    digest: digestOf,
    take,
    end,
    append: (table, values) => {
      const row = [nextSeq(), batchId, ...values]
      insert(INSERT[table], row, entryLine(table, row))
      return seq - 1
    },
    appendBlock: (blockNo, records, bytes) => {
      const row = [nextSeq(), batchId, blockNo, records, hash('sha256', bytes, 'hex')]
      insert(INSERT_BLOCK, [...row, bytes], entryLine('raw_block', row))
    },
    appendPage: (sourceNo, blockNo, events, bytes) => {
      const first = nextSeq()
      const bytesSha256 = hash('sha256', bytes, 'hex')
      const row = [first, batchId, first + events - 1, sourceNo, blockNo, events, bytesSha256]
      insert(INSERT_PAGE, [...row, bytes], entryLine('usage_page', row))
      seq = first + events
      return first
    },
    finish: (header) => {
      const lastSeq = nextSeq() - 1
      end()
      const values: LedgerValue[] = [
        batchId,
        header.kind,
        header.title,
        header.fileSha256 ?? null,
        header.recordedMs,
        header.author,
        ledger.program,
        firstSeq,
        lastSeq,
        JSON.stringify(counts),
        controlText(control),
        header.checkpoint ?? null,
        previousHash,
      ]
      const hash = running.update(`${pending}${canonicalLine(values)}\n`).digest('hex')
      prepared(ledger, INSERT_BATCH).run(...values, hash)
      return { batchId, firstSeq, lastSeq, counts, control, previousHash, hash }
    },
  }
}
