/** Gathers the records of a chunk as UTF-8 lines. */
import { type DecimalText, integerToDecimal } from '../../domain/decimal.ts'
import type { PostedRecord } from '../ledger/raw-block.ts'
import type { RecordLines } from './chunk.ts'

export interface LineGatherer {
  /** Appends a record and returns its number in the chunk. */
  add(row: number, text: string): number
  readonly bytes: number
  take(): RecordLines
}

export const lineGatherer = (recordsMax: number): LineGatherer => {
  let bytes = Buffer.alloc(262_144)
  let length = 0
  let count = 0
  let ends = new Int32Array(recordsMax)
  let rows = new Int32Array(recordsMax)
  return {
    get bytes() {
      return length
    },
    add: (row, text) => {
      const room = text.length * 3
      if (length + room > bytes.length) {
        const larger = Buffer.alloc(Math.max(bytes.length * 2, length + room))
        bytes.copy(larger, 0, 0, length)
        bytes = larger
      }
      length += bytes.write(text, length)
      ends[count] = length
      rows[count] = row
      return count++
    },
    take: () => {
      const taken = { count, bytes: new Uint8Array(bytes.buffer, bytes.byteOffset, length), ends, rows }
      // Handed over: the next records get room of their own, as much as these took.
      bytes = Buffer.alloc(bytes.length)
      length = 0
      count = 0
      ends = new Int32Array(recordsMax)
      rows = new Int32Array(recordsMax)
      return taken
    },
  }
}

/** The text of a record. */
export const lineText = ({ bytes, ends }: RecordLines, index: number): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(
    'utf8',
    index === 0 ? 0 : ends[index - 1],
    ends[index],
  )

/** A record of the chunk as the ledger takes it; one object for all, set to each in turn. */
export interface LineRecord extends PostedRecord {
  at(index: number): void
  readonly row: number
}

export const lineRecord = (
  lines: RecordLines,
  header: readonly string[] | null,
  file: string,
  reader: string,
): LineRecord => {
  const kind = header ?? 'text'
  let at = 0
  return {
    kind,
    get row() {
      return lines.rows[at] as number
    },
    at: (index) => {
      at = index
    },
    keep: (blocks) =>
      blocks.keepLine(
        kind,
        lines.bytes,
        at === 0 ? 0 : (lines.ends[at - 1] as number),
        lines.ends[at] as number,
      ),
    origin: () => {
      const text = lineText(lines, at)
      return {
        record: header === null ? text : (JSON.parse(text) as string[]),
        csvHeader: header,
        file,
        row: lines.rows[at] as number,
        reader,
      }
    },
  }
}

/** `digitsText(1250, 3)` is `1.25`: whole digits and their decimals as canonical text. */
export const digitsText = (digits: number, decimals: number): DecimalText =>
  integerToDecimal(BigInt(digits), decimals)
