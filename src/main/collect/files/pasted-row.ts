/** One cost row that somebody pasted: a CSV header with a row below it, or a JSON object. Lenient: nothing is kept of it. */
import { parse } from 'csv-parse/sync'
import { type CostAttributes, RULE_FIELDS } from '../../../domain/attribution/rule.ts'
import { detectDelimiter } from './csv.ts'
import { type ExactJson, exactCanonical, isObject, parseExactJson, scalarText } from './exact-json.ts'
import { ATTRIBUTE_COLUMNS, columnIndex } from './focus-columns.ts'
import { parseUtcTime } from './time.ts'

export interface PastedRow {
  readonly attributes: CostAttributes
  /** Its ChargePeriodStart; null where it has none that can be read. */
  readonly startMs: number | null
  /** Columns that rules cannot look at. */
  readonly notRead: readonly string[]
}

interface Cells {
  readonly header: readonly string[]
  readonly cells: readonly string[]
  readonly tags: Readonly<Record<string, string>>
}

const TAGS_FAULT =
  'The Tags of the row are not a JSON object, as {"application": "acme"}: an import would reject such a row. Mend them, or leave the column out.'

const textOf = (value: ExactJson): string =>
  value === null ? '' : (scalarText(value) ?? exactCanonical(value))

/** Null where there is something that is no JSON object. */
const tagsFrom = (value: ExactJson | undefined): Readonly<Record<string, string>> | null => {
  if (value === undefined || value === null || (typeof value === 'string' && isAbsent(value))) return {}
  const read = typeof value === 'string' ? parseExactJson(value) : value
  return isObject(read)
    ? Object.fromEntries(Object.entries(read).map(([key, text]) => [key, textOf(text)]))
    : null
}

/** Providers write an absent value as nothing or as the word NULL. */
const isAbsent = (cell: string): boolean => cell.trim() === '' || cell.trim().toLowerCase() === 'null'

const isTags = (title: string): boolean => title.trim().toLowerCase() === 'tags'

const cellsOfJson = (text: string): Cells | { readonly fault: string } => {
  const json = parseExactJson(text)
  if (!isObject(json))
    return {
      fault:
        'The text begins like JSON and is no JSON object. Paste one row, as {"ServiceName": "Amazon S3", …}.',
    }
  const entries = Object.entries(json)
  const plain = entries.filter(([key]) => !isTags(key) && !key.startsWith('tag:'))
  const tags = tagsFrom(entries.find(([key]) => isTags(key))?.[1])
  if (tags === null) return { fault: TAGS_FAULT }
  return {
    header: plain.map(([key]) => key),
    cells: plain.map(([, value]) => textOf(value)),
    tags: {
      ...tags,
      ...Object.fromEntries(
        entries
          .filter(([key]) => key.startsWith('tag:'))
          .map(([key, value]) => [key.slice('tag:'.length), textOf(value)]),
      ),
    },
  }
}

const cellsOfCsv = (text: string): Cells | { readonly fault: string } => {
  try {
    const [header, row, more]: string[][] = parse(text, {
      delimiter: detectDelimiter(text),
      bom: true,
      relax_column_count: true,
      skip_empty_lines: true,
      // Cells copied from a spreadsheet stand between tabs as they are: the quotes of JSON are not doubled.
      relax_quotes: true,
    })
    if (header === undefined || row === undefined)
      return {
        fault: 'There is one line only. Paste the header line and one row below it, or a JSON object.',
      }
    if (more !== undefined)
      return { fault: 'There is more than one row below the header. Paste one; each is tried by itself.' }
    const at = header.findIndex(isTags)
    const tags = tagsFrom(at < 0 ? undefined : row[at])
    if (tags === null) return { fault: TAGS_FAULT }
    return {
      header: header.filter((_, index) => index !== at),
      cells: row.filter((_, index) => index !== at),
      tags,
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return { fault: `The text cannot be read as CSV: ${reason}. Mend its quotes, or paste a JSON object.` }
  }
}

/** Reads the row by FOCUS columns or our names for them, or says in a sentence why it cannot be read. */
export const readPastedRow = (text: string): PastedRow | { readonly fault: string } => {
  const read = text.trim().startsWith('{') ? cellsOfJson(text.trim()) : cellsOfCsv(text)
  if ('fault' in read) return read
  const { header, cells, tags } = read
  const indexOf = columnIndex(header)
  const known = new Set<number>()
  const cellOf = (column: string): string => {
    const place = indexOf(column)
    if (place === undefined) return ''
    known.add(place)
    const cell = (cells[place] ?? '').trim()
    return isAbsent(cell) ? '' : cell
  }
  const found: Record<string, string> = {}
  for (const field of RULE_FIELDS)
    for (const column of [field, ...ATTRIBUTE_COLUMNS[field]]) {
      const cell = cellOf(column)
      if (cell !== '') found[field] ??= cell
    }
  const start = cellOf('ChargePeriodStart')
  if (Object.keys(found).length === 0 && Object.keys(tags).length === 0)
    return {
      fault:
        'No column of the row is a FOCUS column such as ServiceName, SubAccountId or Tags. Paste the header line too.',
    }
  const { provider = '', service = '', charge_category = '', ...rest } = found
  return {
    attributes: {
      provider,
      service,
      charge_category,
      ...rest,
      ...(Object.keys(tags).length > 0 ? { tags } : {}),
    },
    startMs: start === '' ? null : parseUtcTime(start),
    notRead: header.filter((_, index) => !known.has(index)),
  }
}
