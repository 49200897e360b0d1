/** Gathers the records of a chunk as UTF-8 lines. */
import { type DecimalText, integerToDecimal } from '../../domain/decimal.ts'
import type { PostedRecord } from '../ledger/raw-block.ts'
import type { RecordLines } from './chunk.ts'

export interface LineGatherer {
  /** Appends a record and returns its number in the chunk. */
  add(row: number, text: string): number
  /** Appends a record of ASCII characters that stands in a piece of text. Lines that follow one another are copied at once. */
  addFrom(row: number, piece: string, from: number, to: number): number
  readonly bytes: number
  take(): RecordLines
}

const LINE_FEED = 0x0a

export const lineGatherer = (recordsMax: number): LineGatherer => {
  let bytes = Buffer.alloc(262_144)
  /** With the lines of the run, which are not copied yet. */
  let length = 0
  let count = 0
  let ends = new Int32Array(recordsMax)
  let rows = new Int32Array(recordsMax)
  let run = { piece: '', from: 0, to: 0 }

  const makeRoom = (more: number, kept: number) => {
    if (kept + more <= bytes.length) return
    const larger = Buffer.alloc(Math.max(Math.ceil(bytes.length * 1.5), kept + more))
    bytes.copy(larger, 0, 0, kept)
    bytes = larger
  }
  const copyRun = () => {
    const size = run.to - run.from
    if (size === 0) return
    const at = length - size
    makeRoom(size, at)
    bytes.write(run.piece.slice(run.from, run.to), at, 'latin1')
    run = { piece: '', from: 0, to: 0 }
  }
  const begin = (more: number) => {
    copyRun()
    makeRoom(more + 1, length)
    if (count > 0) bytes[length++] = LINE_FEED
  }
  const end = (row: number): number => {
    ends[count] = length
    rows[count] = row
    return count++
  }

  return {
    get bytes() {
      return length
    },
    add: (row, text) => {
      begin(text.length * 3)
      length += bytes.write(text, length)
      return end(row)
    },
    addFrom: (row, piece, from, to) => {
      if (run.to > 0 && run.to + 1 === from && run.piece === piece) {
        length += to - run.to
        run.to = to
      } else {
        begin(0)
        length += to - from
        run = { piece, from, to }
      }
      return end(row)
    },
    take: () => {
      copyRun()
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

const startOf = ({ ends }: RecordLines, index: number): number =>
  index === 0 ? 0 : (ends[index - 1] as number) + 1

/** The text of a record. */
export const lineText = (lines: RecordLines, index: number): string => {
  const { bytes, ends } = lines
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return buffer.toString('utf8', startOf(lines, index), ends[index])
}

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
    keep: (blocks) => blocks.keepLine(kind, lines.bytes, startOf(lines, at), lines.ends[at] as number),
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
