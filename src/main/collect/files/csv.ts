/**
 * Rows of a CSV by RFC 4180, strict: a quote inside an unquoted cell, text after a closing quote and a quote
 * never closed are faults of their row, and reading goes on with the next line. (csv-parse ends at the first
 * of them, or mends it silently; neither lets the counts add up to the rows of the file.)
 */
import type { Splitter } from './lines.ts'
import { type Fault, fault } from './rejections.ts'

/** A record longer than either is one whose quote was never closed. */
const RECORD_CHARACTERS_MAX = 1024 * 1024
const RECORD_LINES_MAX = 1_000
/** How much of a line that is too long goes to the quarantine. */
const KEPT_CHARACTERS = 2_000

export const DELIMITERS = [',', ';', '\t', '|'] as const
export type Delimiter = (typeof DELIMITERS)[number]

export interface CsvRow {
  /** Number of the record in the file; the header is row 1, blank lines count. */
  readonly row: number
  /** Physical line on which the record begins, from 1. */
  readonly line: number
  readonly cells: readonly string[]
  /** The record as it stands in the file, set where it has a fault. */
  readonly text: string
  readonly fault: Fault | null
}

/** The first line that has text, and whether its end is there too; null where no line has any. */
const firstLine = (text: string): { readonly line: string; readonly isWhole: boolean } | null => {
  for (const { 0: line, index } of text.matchAll(/[^\r\n]+/g))
    if (line.trim() !== '') return { line, isWhole: index + line.length < text.length }
  return null
}

/**
 * The delimiter that occurs most often in the first line that has text, outside quotes; a comma where none does.
 */
export const detectDelimiter = (text: string): Delimiter => {
  const line = firstLine(text)?.line ?? ''
  const bare = line.replace(/"[^"]*"?/g, '')
  const counts = DELIMITERS.map((delimiter) => bare.split(delimiter).length)
  return DELIMITERS[counts.indexOf(Math.max(...counts))] ?? ','
}

const NEEDS_QUOTES = /["\r\n,;\t|]/

/**
 * One record as CSV text, with quotes only where they are needed: around every delimiter there is, because the one
 * in use is told from the header when the text is read again.
 */
export const toCsvLine = (cells: readonly string[], delimiter: Delimiter): string =>
  cells.map((cell) => (NEEDS_QUOTES.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(delimiter)

/** Whether a title holds what looks like the end of the header: every line of the file would be part of it. */
export const endsInReturns = (header: readonly string[]): boolean =>
  header.some((title) => /\r(?!\n)/.test(title))

/** What the cursor found at one record: it, or that more text is needed to tell. */
interface Cut {
  readonly cells: readonly string[]
  readonly fault: Fault | null
  /** Where the next record begins. */
  readonly next: number
  readonly lines: number
}

const countLineEnds = (text: string): number => {
  let count = 0
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count += 1
  return count
}

/** Cuts the record at `start`; null where `text` ends before the record is known to end. */
const cutRecord = (text: string, start: number, delimiter: string, isEnd: boolean): Cut | null => {
  const lineEnd = text.indexOf('\n', start)
  const stop = lineEnd < 0 ? text.length : lineEnd
  // Where its end is not there yet, the rest of the line is passed over.
  const next = lineEnd >= 0 ? lineEnd + 1 : isEnd ? text.length : -1
  const faulty = (found: Fault): Cut => ({ cells: [], fault: found, next, lines: 1 })
  if (stop - start > RECORD_CHARACTERS_MAX)
    return faulty(fault('line_is_too_long', null, { limit: RECORD_CHARACTERS_MAX }))
  if (next < 0) return null

  const line = text.slice(start, text.charAt(stop - 1) === '\r' && stop > start ? stop - 1 : stop)
  if (!line.includes('"')) return { cells: line.split(delimiter), fault: null, next, lines: 1 }

  // Only the first line is the faulty row: of a quote that closes wrongly further down it has but the beginning.
  const quoteInCell = (place: number) => fault(place > stop ? 'quote_not_closed' : 'quote_in_cell')
  const cells: string[] = []
  let lines = 1
  let at = start
  for (;;) {
    if (text.charAt(at) === '"') {
      let close = text.indexOf('"', at + 1)
      while (close >= 0 && text.charAt(close + 1) === '"') close = text.indexOf('"', close + 2)
      const isOpen = close < 0
      const end = isOpen ? text.length : close
      if (end > stop) lines += countLineEnds(text.slice(at, end))
      if (end - start > RECORD_CHARACTERS_MAX || lines > RECORD_LINES_MAX)
        return faulty(fault('quote_not_closed'))
      if (isOpen) return isEnd ? faulty(fault('quote_not_closed')) : null
      // Some programs end lines with two carriage returns and a line feed.
      let after = close + 1
      while (text.charAt(after) === '\r') after += 1
      // What follows the quote must be known.
      if (after >= text.length && !isEnd) return null
      const cell = text.slice(at + 1, close)
      cells.push(cell.includes('""') ? cell.replaceAll('""', '"') : cell)
      if (text.charAt(close + 1) === delimiter) at = close + 2
      else if (after >= text.length || text.charAt(after) === '\n')
        return { cells, fault: null, next: Math.min(after + 1, text.length), lines }
      else return faulty(quoteInCell(close))
    } else {
      const foundLineEnd = at <= stop ? lineEnd : text.indexOf('\n', at)
      const cellLimit = foundLineEnd < 0 ? text.length : foundLineEnd
      if (cellLimit - start > RECORD_CHARACTERS_MAX) return faulty(fault('quote_not_closed'))
      if (foundLineEnd < 0 && !isEnd) return null
      const foundDelimiter = text.indexOf(delimiter, at)
      const isLast = foundDelimiter < 0 || foundDelimiter > cellLimit
      let cell = text.slice(at, isLast ? cellLimit : foundDelimiter)
      if (cell.includes('"')) return faulty(quoteInCell(at))
      if (isLast && cell.endsWith('\r')) cell = cell.slice(0, -1)
      cells.push(cell)
      if (isLast) return { cells, fault: null, next: Math.min(cellLimit + 1, text.length), lines }
      at = foundDelimiter + 1
    }
  }
}

/** Cuts text into records. The delimiter is taken from the first line unless it is given. */
export const createCsvSplitter = (
  given?: Delimiter,
): Omit<Splitter<CsvRow>, 'push'> & {
  readonly push: (piece: string) => CsvRow[]
  readonly delimiter: () => Delimiter
} => {
  let delimiter: Delimiter | undefined = given
  let open = ''
  let row = 0
  let line = 1
  /** The rest of an overlong line is passed over. */
  let dropping = false

  const cutAll = (isEnd: boolean): CsvRow[] => {
    const rows: CsvRow[] = []
    let at = 0
    if (dropping) {
      const end = open.indexOf('\n')
      at = end < 0 ? open.length : end + 1
      if (end >= 0) {
        dropping = false
        line += 1
      }
    }
    if (delimiter === undefined) {
      const first = firstLine(open)
      // A line without end is refused below for its length: it is not waited for.
      if (first !== null && !first.isWhole && !isEnd && first.line.length <= RECORD_CHARACTERS_MAX)
        return rows
      if (first !== null) delimiter = detectDelimiter(open)
    }
    while (at < open.length) {
      // Rows before the first with text are blank whatever stands between cells.
      const cut = cutRecord(open, at, delimiter ?? ',', isEnd)
      if (cut === null) break
      row += 1
      const end = cut.next < 0 ? open.length : cut.next
      const kept = cut.fault?.fault === 'line_is_too_long' ? Math.min(end, at + KEPT_CHARACTERS) : end
      const text = cut.fault === null ? '' : open.slice(at, kept).replace(/\r?\n$/, '')
      rows.push({ row, line, cells: cut.cells, text, fault: cut.fault })
      line += cut.next < 0 ? 0 : cut.lines
      dropping = cut.next < 0
      at = end
    }
    open = open.slice(at)
    return rows
  }

  return {
    delimiter: () => delimiter ?? ',',
    push: (piece) => {
      open += piece
      return cutAll(false)
    },
    end: () => cutAll(true),
  }
}
