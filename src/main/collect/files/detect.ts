/** What a dropped file is, told from its first 64 KB, with the reason in words. */

import { isPaigo } from './cloudevents.ts'
import { type CsvRow, createCsvSplitter, endsInReturns } from './csv.ts'
import { HEAD_BYTES } from './encoding.ts'
import { isObject, parseExactJson } from './exact-json.ts'
import { detectFocusVersion } from './focus-columns.ts'
import { readHead } from './open-file.ts'

export type FileKind = 'cloudevents' | 'paigo' | 'access_log' | 'focus' | 'csv' | 'xlsx' | 'unknown'

export interface Detection {
  readonly kind: FileKind
  readonly reason: string
}

const LOG_LINE = /^\S+ \S+ [^[]*\[\d{2}\/[A-Z][a-z]{2}\/\d{4}:\d{2}:\d{2}:\d{2} [+-]\d{4}\] "/

/** Tells what the file is. Never throws; what cannot be read is `unknown` with the reason. */
export const detectKind = async (path: string): Promise<Detection> => {
  const { text, refusal } = await readHead(path)
  if (refusal?.message.includes('Excel workbook'))
    return { kind: 'xlsx', reason: 'It is a zip archive, as Excel workbooks are.' }
  if (refusal !== null) return { kind: 'unknown', reason: refusal.message }
  return detectText(text)
}

/** Tells what the beginning of a text is. */
const detectText = (text: string): Detection => {
  // Not by one pattern for "a line with text": over 64 KB of blanks it would look from each blank to the end.
  const line = (/^[^\r\n]+/.exec(text.trimStart())?.[0] ?? '').trim()
  if (line === '') return { kind: 'unknown', reason: 'The file has no text.' }
  if (line.startsWith('{')) return detectEvent(line)
  if (line.startsWith('['))
    return { kind: 'unknown', reason: 'It is a JSON list; usage is read with one JSON object a line.' }
  if (LOG_LINE.test(line))
    return {
      kind: 'access_log',
      reason: 'Its first line has a client, a time in brackets and a request in quotes.',
    }
  return detectTable(text)
}

const detectEvent = (line: string): Detection => {
  const json = parseExactJson(line)
  if (!isObject(json))
    return {
      kind: 'cloudevents',
      reason: 'Its first line begins like a JSON object, though it is not a whole one.',
    }
  if (isPaigo(json))
    return { kind: 'paigo', reason: 'Its first line is a JSON object with customerId or dimensionId.' }
  if ('specversion' in json)
    return { kind: 'cloudevents', reason: 'Its first line is a JSON object with specversion.' }
  return {
    kind: 'unknown',
    reason: 'Its first line is a JSON object, but neither a CloudEvent nor a Paigo record.',
  }
}

const detectTable = (text: string): Detection => {
  const { rows, delimiter } = firstRows(text, 20)
  const [header, ...others] = rows
  if (header === undefined || header.fault !== null)
    return {
      kind: 'unknown',
      reason: 'Its first row is neither JSON, nor a log line, nor the header of a CSV.',
    }
  if (endsInReturns(header.cells))
    return {
      kind: 'unknown',
      reason:
        'Its lines end in a carriage return alone, so its rows cannot be told apart; save it with line feeds, for example as "CSV UTF-8".',
    }
  const version = detectFocusVersion(header.cells)
  if (version !== null) return { kind: 'focus', reason: `Its header has the columns of FOCUS ${version}.` }
  const width = header.cells.length
  const whole = others.filter((row) => row.fault === null && row.cells.length === width)
  if (width < 2 || whole.length * 2 < others.length)
    return {
      kind: 'unknown',
      reason: 'It is text, but neither JSON lines, nor a log, nor a table with a header.',
    }
  return {
    kind: 'csv',
    reason: `Its header has ${width} columns with ${JSON.stringify(delimiter)} between them.`,
  }
}

/** The first records of a CSV's beginning, for a preview and for `proposeMapping`. A record cut off at the end is left out. */
export const firstRows = (text: string, count: number): { rows: readonly CsvRow[]; delimiter: string } => {
  const splitter = createCsvSplitter()
  const rows = splitter.push(text)
  // A shorter text is the whole file, so its last record is whole too.
  if (text.length < HEAD_BYTES || rows.length === 0) rows.push(...splitter.end())
  const filled = rows.filter((row) => row.fault !== null || row.cells.some((cell) => cell.trim() !== ''))
  return { rows: filled.slice(0, count), delimiter: splitter.delimiter() }
}
