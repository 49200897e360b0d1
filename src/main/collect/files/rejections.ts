/**
 * Every sentence the readers can say, in one table: what is wrong, and what to do. `{name}` is filled in.
 * A sentence is never built anywhere else, so that each has a file that provokes it and a test of its words.
 */
import type { Issue } from '../../../domain/issue.ts'
import type { Rejected } from './record.ts'

interface Finding {
  readonly severity: Issue['severity']
  readonly what: string
  readonly remedy: string
}

const error = (what: string, remedy: string): Finding => ({ severity: 'error', what, remedy })
const warning = (what: string, remedy: string): Finding => ({ severity: 'warning', what, remedy })

const AGAIN = 'Copy or download the file again and import it; rows already kept are not counted twice.'

/** Findings about a whole file. */
export const FILE_FINDINGS = {
  file_cannot_be_read: error(
    'the file cannot be read ({detail}); nothing was imported.',
    'Check the path and its permissions.',
  ),
  file_is_empty: error(
    'the file is empty; nothing was imported.',
    'Export it again and check that it has rows.',
  ),
  file_is_binary: error(
    'the file is {detail}, not text; nothing was imported.',
    'Export it as CSV, JSON lines or a log, plain or compressed with gzip.',
  ),
  gzip_truncated: error(
    'the gzip file ends too early; the rows up to and including row {last} were read, the rest is missing.',
    AGAIN,
  ),
  // A failed checksum may lie in any byte before it, so no row of the file can be trusted.
  gzip_damaged: error(
    'the gzip file is damaged ({detail}), so any of its rows may be wrong; nothing was imported.',
    'Copy or download the file again and import it.',
  ),
  text_is_not_utf8: warning(
    '{count} row(s), the first of them row {first}, hold bytes that are not {encoding}; each was replaced with U+FFFD.',
    'Save the file as UTF-8 and import it again if the text matters.',
  ),
  header_cannot_be_read: error(
    'the first row is not a readable header ({detail}); nothing was imported.',
    'Put the column titles in the first row.',
  ),
  lines_end_in_returns: error(
    'its lines end in a carriage return alone, so its rows cannot be told apart; nothing was imported.',
    'Save it with line feeds, for example as "CSV UTF-8", and import it again.',
  ),
  columns_missing: error(
    'the header lacks {missing}; nothing was imported. Found: {found}.',
    'Add the missing columns to the export, or correct their titles.',
  ),
  column_twice: warning(
    'the header has the column {detail} twice; the first was used.',
    'Rename one of them if the second was meant.',
  ),
  consumed_quantity_left_out: warning(
    '{count} row(s), the first of them row {first}, have a ConsumedQuantity finer than 18 decimals or not a number; their costs were kept, the quantity only in the raw record.',
    'Nothing needs doing unless you report on consumed quantities.',
  ),
  pattern_is_unreadable: error(
    'the pattern {detail} for the tenant is not a regular expression with a group; nothing was imported.',
    'Write the part that names the tenant in parentheses, as in "GET /t/([^/ ]+)".',
  ),
} as const satisfies Record<string, Finding>

/** Findings about one row. */
export const ROW_FINDINGS = {
  line_is_too_long: error(
    'the line is longer than {limit} characters; its beginning was kept.',
    'Write one record a line.',
  ),
  line_is_not_json: error(
    'the line is not JSON.',
    'Write one complete JSON object a line, nested at most 500 deep.',
  ),
  line_is_not_an_event: error(
    'the line is JSON but neither a CloudEvent nor a Paigo record.',
    'Write an object with "specversion": "1.0", or one with "customerId" and "dimensionId".',
  ),
  specversion_unknown: error('specversion is {value}, not "1.0".', 'Send CloudEvents 1.0.'),
  id_missing: error(
    'the event has no id, so it could not be recognised when it comes again.',
    'Give each event an "id" of its own.',
  ),
  value_missing: error('the value is missing.', 'Fill it in.'),
  wrong_type: error('{value} is not {wanted}.', 'Write {wanted}.'),
  time_is_unreadable: error('{value} is not a time.', 'Write it as {wanted}.'),
  time_in_future: error(
    '{value} lies in the future, more than 5 minutes after the import.',
    'Check the clock and the time zone of the sender.',
  ),
  end_is_before_start: error('the end {value} is before the start.', 'Swap or correct the two times.'),
  quantity_not_a_number: error(
    '{value} is not a number.',
    'Write digits with a point, as in 1250.5, without thousands separators or units.',
  ),
  quantity_is_negative: error(
    'the quantity {value} is negative.',
    'Usage is never negative: dismiss it with a note, and settle the difference with the customer.',
  ),
  // The metric's scale is not known to a reader: these two are said by the import.
  quantity_is_too_fine: error(
    'the quantity {value} is finer than the {scale} decimals of the metric {metric}; nothing is rounded away.',
    'Define the metric with more decimals, or send a coarser quantity.',
  ),
  quantity_is_too_large: error(
    'the quantity {value} of the metric {metric} is larger than a 64-bit integer at {scale} decimals.',
    'Check the quantity, or define the metric with a larger unit or fewer decimals.',
  ),
  line_is_not_a_log_line: error(
    'the line is not in the combined or common log format.',
    'Log as: client identity user [time] "request" status bytes "referrer" "agent".',
  ),
  tenant_not_found: error(
    'the line names no tenant: {detail}.',
    'Take the tenant from another part of the line, or leave such lines out.',
  ),
  quote_not_closed: error(
    'a quote opened in this row is never closed.',
    'Close the quote, or double each quote inside a quoted cell.',
  ),
  quote_in_cell: error(
    'a quote stands in the middle of a cell.',
    'Put the whole cell in quotes and double each quote inside it.',
  ),
  wrong_column_count: error(
    'the row has {count} cells where the header has {wanted}.',
    'Check the row for a missing or an unquoted {delimiter}.',
  ),
  amount_not_a_number: error(
    '{value} is not an amount.',
    'Write digits with a point, as in -12.5 or 1E-9, without currency sign or thousands separators.',
  ),
  amount_has_too_many_decimals: error(
    '{value} has {count} decimals; at most 18 are kept, and none is rounded away.',
    'Export amounts with at most 18 decimals.',
  ),
  amount_is_too_large: error('{value} has more than 20 digits before the point.', 'Correct the amount.'),
  currency_unknown: error(
    '{value} is not a currency.',
    'Write three letters as in ISO 4217, for example USD.',
  ),
  tags_are_not_json: error('{value} is not a JSON object.', 'Write tags as in {"team": "core"}.'),
} as const satisfies Record<string, Finding>

export type FileCode = keyof typeof FILE_FINDINGS
export type RowCode = keyof typeof ROW_FINDINGS
export type Details = Readonly<Record<string, string | number>>

const VALUE_CHARACTERS_MAX = 80

/** A value as a sentence shows it: in quotes, and not longer than a line. */
export const quoted = (value: string): string => JSON.stringify(clipped(value, VALUE_CHARACTERS_MAX))

/** Even a number may have a million digits; a sentence has none of them. */
const DETAIL_CHARACTERS_MAX = 1_000

const clipped = (text: string, most: number): string =>
  text.length > most ? `${text.slice(0, most)}…` : text

const fill = (template: string, details: Details): string =>
  template.replace(/\{(\w+)\}/g, (whole, name: string) =>
    clipped(String(details[name] ?? whole), DETAIL_CHARACTERS_MAX),
  )

const sentence = (finding: Finding, place: string, details: Details): string =>
  `${place}: ${fill(finding.what, details)} ${fill(finding.remedy, details)}`

/** What concerns the whole file. */
export const fileIssue = (file: string, code: FileCode, details: Details = {}): Issue => {
  const finding = FILE_FINDINGS[code]
  const row = details.first ?? details.last
  return {
    severity: finding.severity,
    code,
    message: sentence(finding, file, details),
    ...(typeof row === 'number' ? { row } : {}),
  }
}

/** What is wrong with a row, before it is known which row it is. */
export interface Fault {
  readonly fault: RowCode
  /** Column title or JSON path; null where the row as a whole is wrong. */
  readonly column: string | null
  readonly details: Details
}

export const fault = (code: RowCode, column: string | null = null, details: Details = {}): Fault => ({
  fault: code,
  column,
  details,
})

export const isFault = (value: unknown): value is Fault =>
  typeof value === 'object' && value !== null && 'fault' in value

/** What is wrong with a row, without its place and remedy. */
export const faultInWords = ({ fault: code, details }: Fault): string =>
  fill(ROW_FINDINGS[code].what, details).replace(/\.$/, '')

/** The rejected row with its sentence. `raw` is kept for the quarantine. */
export const reject = (file: string, row: number, found: Fault, raw: string): Rejected => {
  // A column may be a member of JSON, whose name may be as long as its line.
  const column = found.column === null ? null : clipped(found.column, VALUE_CHARACTERS_MAX)
  const place = `${file}, row ${row}${column === null ? '' : `, column ${column}`}`
  return {
    kind: 'rejected',
    row,
    column,
    code: found.fault,
    message: sentence(ROW_FINDINGS[found.fault], place, found.details),
    raw,
  }
}
