/**
 * Raw records are kept verbatim, in blocks compressed by zstd. The first line of a block says what the lines after it
 * are: `null`, each is a record's text; `"json"`, each is a record's text as a JSON string (for one that holds a line
 * feed); a JSON list of titles, each is a CSV record's cells as a JSON list. A ledger of version 1 has blocks of
 * JSON: `{"header":[...]|null,"rows":[...]}`.
 */
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { inOnePiece, letGo } from './let-go.ts'
import type { OpenBatch } from './open-batch.ts'

/** One record as read: its text, or its CSV fields. */
export type RawRecord = string | readonly string[]

/** Where a record comes from; kept verbatim if the record is new. */
export interface RecordOrigin {
  readonly record: RawRecord
  /** For CSV records: the header they stood under. */
  readonly csvHeader: readonly string[] | null
  readonly file: string
  /** Counted from 1 with the header as row 1. */
  readonly row: number
  /** Which reader can read the record again, should it contradict an earlier one. */
  readonly reader?: string
}

/** Where a record is kept: the block, and its row counted from 0. */
export interface RawPointer {
  readonly blockNo: number
  readonly blockRow: number
}

const BLOCK_RECORDS_MAX = 4096
/** A block is closed early at this size, so that few large records do not fill the memory. */
const BLOCK_BYTES_TARGET = 1_048_576
/** Larger blocks than this are damage, not data: one record may be large, but not without end. */
const BLOCK_BYTES_MAX = 1_073_741_824
const LINE_FEED = 0x0a

/** What the lines of a block are: text, JSON strings, or the cells of CSV records under these titles. */
export type RawKind = 'text' | 'json' | readonly string[]

export interface RawBlocks {
  /** Whether a record of the kind has room beside what is gathered. */
  fits(kind: RawKind): boolean
  /** The number of the block that the next record of the kind is kept in; writes what has no room beside it. */
  blockNo(kind: RawKind): number
  /** The row that the next record gets in that block. */
  nextRow(): number
  /** Keeps a record and returns its row in the block. */
  keep(kind: RawKind, record: RawRecord): number
  /** Keeps a record's line, in UTF-8 and as the kind has it, without a line feed. */
  keepLine(kind: RawKind, bytes: Uint8Array, from: number, to: number): number
  /** Writes what is gathered and returns its block's number; null where nothing is. */
  close(): number | null
}

/** A record that entries are read from, kept verbatim where one of them is new. */
export interface PostedRecord {
  readonly kind: RawKind
  /** Tells it from the record before: one that several events are read from is kept once for them. NaN: it is alone. */
  readonly row: number
  /** Keeps it in the blocks and returns its row there. */
  keep(blocks: RawBlocks): number
  origin(): RecordOrigin
}

export const postedRecord = (origin: RecordOrigin): PostedRecord => {
  const kind = rawKind(origin.csvHeader, origin.record)
  return { kind, row: Number.NaN, keep: (blocks) => blocks.keep(kind, origin.record), origin: () => origin }
}

export interface RawBlockContent {
  readonly header: readonly string[] | null
  readonly rows: readonly RawRecord[]
}

const isSameHeader = (one: readonly string[] | null, other: readonly string[] | null): boolean =>
  one === other ||
  (one !== null && other !== null && one.length === other.length && one.every((name, i) => name === other[i]))

/** Hands out the numbers of a batch's blocks. */
export const blockNumbers = (batch: OpenBatch): (() => number) => {
  let no = batch.statement('SELECT coalesce(max(block_no), 0) FROM raw_block').pluck().get() as number
  return () => ++no
}

export const rawKind = (csvHeader: readonly string[] | null, record: RawRecord): RawKind => {
  if (typeof record !== 'string') return csvHeader ?? []
  return record.includes('\n') || !record.isWellFormed() ? 'json' : 'text'
}

const isSameKind = (one: RawKind | null, other: RawKind): boolean =>
  one === other ||
  (one !== null && typeof one === 'object' && typeof other === 'object' && isSameHeader(one, other))

const headOf = (kind: RawKind): string => (kind === 'text' ? 'null' : JSON.stringify(kind))

/** Never written into: its end is not before any line. */
const NO_RUN = { from: new Uint8Array(0), start: 0, end: 0 }

export const openRawBlocks = (batch: OpenBatch, numberNext: () => number): RawBlocks => {
  let open: RawKind | null = null
  let bytes = Buffer.allocUnsafe(65_536)
  /** With the lines of the run, which are not copied yet: those that follow one another are copied at once. */
  let length = 0
  let records = 0
  let no: number | null = null
  let run: { from: Uint8Array; start: number; end: number } = NO_RUN

  const makeRoom = (more: number): void => {
    if (length + more <= bytes.length) return
    const larger = Buffer.allocUnsafe(Math.max(bytes.length * 2, length + more))
    bytes.copy(larger, 0, 0, length)
    bytes = larger
  }
  const copyRun = (): void => {
    const size = run.end - run.start
    if (size === 0) return
    length -= size
    makeRoom(size)
    bytes.set(run.from.subarray(run.start, run.end), length)
    length += size
    run = NO_RUN
  }
  const close = (): number | null => {
    if (records === 0) return null
    copyRun()
    const written = no ?? numberNext()
    const compressed = zstdCompressSync(bytes.subarray(0, length), {
      chunkSize: inOnePiece(length),
      params: { [constants.ZSTD_c_compressionLevel]: 1 },
    })
    batch.appendBlock(written, records, compressed)
    letGo(compressed)
    length = 0
    records = 0
    no = null
    open = null
    return written
  }
  const fits = (kind: RawKind): boolean =>
    records === 0 || (records < BLOCK_RECORDS_MAX && length < BLOCK_BYTES_TARGET && isSameKind(open, kind))
  const begin = (kind: RawKind): void => {
    if (!fits(kind)) close()
    if (records > 0) return
    open = kind
    no ??= numberNext()
    const head = headOf(kind)
    makeRoom(head.length * 3)
    length = bytes.write(head, 0)
  }

  return {
    fits,
    blockNo: (kind) => {
      begin(kind)
      return no ?? 0
    },
    nextRow: () => records,
    keep: (kind, record) => {
      begin(kind)
      copyRun()
      const line = kind === 'text' ? (record as string) : JSON.stringify(record)
      makeRoom(line.length * 3 + 1)
      bytes[length++] = LINE_FEED
      length += bytes.write(line, length)
      return records++
    },
    keepLine: (kind, from, start, end) => {
      begin(kind)
      if (run.from === from && run.end + 1 === start && from[run.end] === LINE_FEED) {
        length += end - run.end
        run.end = end
      } else {
        copyRun()
        makeRoom(1)
        bytes[length++] = LINE_FEED
        length += end - start
        run = { from, start, end }
      }
      return records++
    },
    close,
  }
}

/** @throws Error where the bytes are no block. */
export const readRawBlock = (bytes: Uint8Array): RawBlockContent => {
  const text = zstdDecompressSync(bytes, { maxOutputLength: BLOCK_BYTES_MAX }).toString('utf8')
  if (text.startsWith('{')) return JSON.parse(text) as RawBlockContent
  const [head = '', ...lines] = text.split('\n')
  const kind = JSON.parse(head) as 'json' | null | readonly string[]
  if (kind === null) return { header: null, rows: lines }
  const rows = lines.map((line) => JSON.parse(line) as RawRecord)
  return { header: kind === 'json' ? null : kind, rows }
}

/** The text under which a record that is not kept in a block is shown and known. */
export const rawText = (record: RawRecord, csvHeader: readonly string[] | null): string =>
  typeof record === 'string' ? record : JSON.stringify({ header: csvHeader, row: record })
