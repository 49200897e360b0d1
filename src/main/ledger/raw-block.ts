/**
 * Raw records are kept verbatim, in blocks: zstd-compressed JSON `{"header":[...]|null,"rows":[...]}`, where a
 * row is the record's text, or the fields of a CSV record under `header`.
 */
import { hash } from 'node:crypto'
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
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

const BLOCK_RECORDS_MAX = 512
/** A block is closed early at this size, so that few large records do not fill the memory. */
const BLOCK_CHARACTERS_MAX = 1_048_576
/** Larger blocks than this are damage, not data: one record may be large, but not without end. */
const BLOCK_BYTES_MAX = 1_073_741_824

export interface RawBlocks {
  /** Makes room for a record under this header, writing the block before if need be. */
  prepare(csvHeader: readonly string[] | null): void
  /** Where the record goes that is kept next. */
  blockNo(): number
  blockRow(): number
  /** Keeps a record in the room prepared. */
  keep(record: RawRecord): void
  /** Writes what is gathered. */
  close(): void
}

export interface RawBlockContent {
  readonly header: readonly string[] | null
  readonly rows: readonly RawRecord[]
}

const isSameHeader = (one: readonly string[] | null, other: readonly string[] | null): boolean =>
  one === other ||
  (one !== null && other !== null && one.length === other.length && one.every((name, i) => name === other[i]))

export const openRawBlocks = (batch: OpenBatch): RawBlocks => {
  let header: readonly string[] | null = null
  let rows: RawRecord[] = []
  let characters = 0
  let no = (batch.statement('SELECT coalesce(max(block_no), 0) FROM raw_block').pluck().get() as number) + 1

  const close = () => {
    if (rows.length === 0) return
    const bytes = zstdCompressSync(JSON.stringify({ header, rows }), {
      params: { [constants.ZSTD_c_compressionLevel]: 1 },
    })
    batch.appendBlock(no, rows.length, hash('sha256', bytes, 'hex'), bytes)
    no++
    rows = []
    characters = 0
  }

  return {
    prepare: (csvHeader) => {
      if (
        rows.length >= BLOCK_RECORDS_MAX ||
        characters >= BLOCK_CHARACTERS_MAX ||
        !isSameHeader(header, csvHeader)
      )
        close()
      header = csvHeader
    },
    blockNo: () => no,
    blockRow: () => rows.length,
    keep: (record) => {
      rows.push(record)
      if (typeof record === 'string') characters += record.length
      else for (const field of record) characters += field.length
    },
    close,
  }
}

export const readRawBlock = (bytes: Uint8Array): RawBlockContent =>
  JSON.parse(
    zstdDecompressSync(bytes, { maxOutputLength: BLOCK_BYTES_MAX }).toString('utf8'),
  ) as RawBlockContent

/** The text under which a record that is not kept in a block is shown and known. */
export const rawText = (record: RawRecord, csvHeader: readonly string[] | null): string =>
  typeof record === 'string' ? record : JSON.stringify({ header: csvHeader, row: record })
