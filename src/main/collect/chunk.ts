/**
 * What a reader hands to the ledger: columns of many records at once. They cross between two threads as a few arrays
 * instead of an object for each record, and names cross once, as small numbers of the reading's own.
 */
import type { DecimalText } from '../../domain/decimal.ts'
import type { Issue } from '../../domain/issue.ts'
import type { ParsedBill, Rejected } from './files/record.ts'

/** Names that numbers of the chunk stand for, from where the last chunk left off; after `afresh` from 0 again. */
export interface NewNames<Name> {
  readonly afresh: boolean
  readonly names: readonly Name[]
}

/** Records as they were read, in UTF-8: the line, or for a CSV the cells as a JSON list. A line feed stands between two. */
export interface RecordLines {
  readonly count: number
  readonly bytes: Uint8Array
  /** Where each record ends in `bytes`. */
  readonly ends: Int32Array
  /** The row of the file that each is. */
  readonly rows: Int32Array
}

export interface UsageChunk {
  readonly count: number
  /** 16 bytes each: a hash of the id, or of the content. */
  readonly keys: Uint8Array
  /** 1 where the key is that of a content. */
  readonly byContent: Uint8Array
  readonly tenant: Int32Array
  readonly metric: Int32Array
  /** -1 for an event without dimensions. */
  readonly set: Int32Array
  /** The quantity without its point, and how many decimals it has. NaN where it is in `long`. */
  readonly digits: Float64Array
  readonly decimals: Uint8Array
  /** Quantities with more digits than a double holds, by event. */
  readonly long: ReadonlyMap<number, DecimalText>
  readonly startMs: Float64Array
  /** NaN for an instant. */
  readonly endMs: Float64Array
  /** Which of the records each event was read from. */
  readonly record: Int32Array
  readonly lines: RecordLines
  readonly tenants: NewNames<string>
  readonly metrics: NewNames<string>
  /** Canonical JSON of the dimensions. */
  readonly sets: NewNames<string>
}

/** Amounts as text; equal to the billed cost where `same` says so. */
export interface CostChunk {
  readonly count: number
  /** 16 bytes each: a hash of the content. */
  readonly keys: Uint8Array
  readonly bill: Int32Array
  readonly set: Int32Array
  readonly currency: Int32Array
  readonly startMs: Float64Array
  /** NaN for none. */
  readonly endMs: Float64Array
  readonly billed: readonly DecimalText[]
  readonly effective: readonly (DecimalText | null)[]
  readonly list: readonly (DecimalText | null)[]
  readonly contracted: readonly (DecimalText | null)[]
  readonly consumed: readonly (DecimalText | null)[]
  /** One for each entry. */
  readonly lines: RecordLines
  readonly bills: NewNames<ParsedBill>
  readonly currencies: NewNames<string>
  /** Canonical JSON of the attributes. */
  readonly sets: NewNames<string>
}

export interface Chunk {
  readonly usage: UsageChunk | null
  readonly cost: CostChunk | null
  readonly rejected: readonly Rejected[]
  /** Titles of a CSV's columns; null for other files. */
  readonly header: readonly string[] | null
  /** Bytes of the file read so far. */
  readonly bytesRead: number
}

/** The buffers of a chunk's columns, which its reader does not use again. */
export const buffersOf = ({ usage, cost }: Chunk): ArrayBuffer[] => {
  const columns = [usage, cost].flatMap((part) =>
    part === null ? [] : [...Object.values(part), ...Object.values(part.lines)],
  )
  return columns.flatMap((column) =>
    ArrayBuffer.isView(column) && column.buffer instanceof ArrayBuffer ? [column.buffer] : [],
  )
}

/** What is known of a file once it was read. */
export interface ReadingEnd {
  readonly issues: readonly Issue[]
  readonly header: readonly string[] | null
  /** Nothing of the file may be kept. */
  readonly refused: boolean
  /** Of the file's bytes, hex; null where they were not all read. */
  readonly sha256: string | null
}

/** A file being read in chunks; `end` is known once they are exhausted. */
export interface ChunkReading {
  readonly chunks: AsyncIterable<Chunk>
  readonly end: () => ReadingEnd
}
