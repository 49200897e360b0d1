/** What a file would change, row by row, before anything is saved: all of it or nothing. */
import type { Issue } from '../../domain/issue.ts'
import type { GridCell, GridRow, GridSheet } from './grid.ts'

export type RowState = 'new' | 'changed' | 'unchanged' | 'error'

export interface PreviewRow {
  readonly row: number
  readonly state: RowState
  /** What the row says, by column key. */
  readonly values: Readonly<Record<string, string>>
  readonly issues: readonly Issue[]
}

export interface Preview<Result> {
  readonly rows: readonly PreviewRow[]
  /** All issues, those of the rows included, in order. */
  readonly issues: readonly Issue[]
  /** Null where any issue is an error: nothing is half-applied. */
  readonly result: Result | null
}

export interface TemplateColumn {
  readonly key: string
  readonly title: string
  readonly required: boolean
}

/** A data row of a template's table, with its values by column key and the issues found so far. */
export interface SheetRow {
  readonly row: number
  readonly values: Readonly<Record<string, string>>
  /** Keys of the columns whose cell is a number in the spreadsheet. */
  readonly numbers: ReadonlySet<string>
  readonly issues: Issue[]
}

export interface SheetTable {
  readonly sheet: GridSheet
  /** Index in `sheet.rows` of the header; what stands above is the head block. */
  readonly headerIndex: number
  /** Keys of the columns that the sheet has. */
  readonly keys: ReadonlySet<string>
  readonly rows: readonly SheetRow[]
  readonly issues: readonly Issue[]
}

/** Rows looked at for the header. */
const HEADER_ROWS = 20

const plain = (title: string): string => title.toLowerCase().replaceAll('*', '').replace(/\s+/g, ' ').trim()

/** An issue whose message names sheet, row and column. */
export const issueAt = (
  sheet: string,
  row: number,
  column: string | null,
  code: string,
  message: string,
  severity: Issue['severity'] = 'error',
): Issue => ({
  severity,
  code,
  message: `${sheet}, row ${row}${column === null ? '' : `, column ${column}`}: ${message}`,
  row,
  ...(column === null ? {} : { column }),
})

const headerOf = (row: GridRow, columns: readonly TemplateColumn[]): ReadonlyMap<string, number> =>
  new Map(
    columns.flatMap(({ key, title }) => {
      const index = row.cells.findIndex(({ text }) => plain(text) === plain(title))
      return index < 0 ? [] : [[key, index] as const]
    }),
  )

/** The sheet with the template's name, or else the first that has its first column. */
const findTable = (sheets: readonly GridSheet[], name: string, columns: readonly TemplateColumn[]) => {
  const named = (sheet: GridSheet) => (plain(sheet.name) === plain(name) ? 0 : 1)
  for (const sheet of [...sheets].sort((a, b) => named(a) - named(b))) {
    const headerIndex = sheet.rows
      .slice(0, HEADER_ROWS)
      .findIndex(({ cells }) => cells.some(({ text }) => plain(text) === plain(columns[0]?.title ?? '')))
    const header = sheet.rows[headerIndex]
    if (header !== undefined) return { sheet, headerIndex, header, places: headerOf(header, columns) }
  }
  return null
}

/** Finds the template's table and reads its rows, leaving out empty ones; an issue where there is none. */
export const readTable = (
  sheets: readonly GridSheet[],
  name: string,
  columns: readonly TemplateColumn[],
): SheetTable | Issue => {
  const found = findTable(sheets, name, columns)
  if (found === null)
    return {
      severity: 'error',
      code: 'header_is_missing',
      message: `No sheet has a header with the column "${columns[0]?.title}". Nothing was read. Start from the template and keep its header row.`,
    }
  const { sheet, headerIndex, header, places } = found
  const issues: Issue[] = []
  for (const { key, title, required } of columns)
    if (required && !places.has(key))
      issues.push(
        issueAt(sheet.name, header.row, title, 'column_is_missing', 'the header lacks this column; add it.'),
      )
  const known = new Set(places.values())
  header.cells.forEach(({ text }, index) => {
    if (text !== '' && !known.has(index))
      issues.push(
        issueAt(sheet.name, header.row, text, 'column_is_unknown', 'this column is not read.', 'warning'),
      )
  })
  const rows = sheet.rows
    .slice(headerIndex + 1)
    .filter(({ cells }) => cells.some(({ text, fault }) => text !== '' || fault !== undefined))
    .map(({ row, cells }) => {
      const rowIssues: Issue[] = []
      const values: Record<string, string> = {}
      const numbers = new Set<string>()
      for (const { key, title } of columns) {
        const place = places.get(key)
        const cell: GridCell = (place === undefined ? undefined : cells[place]) ?? { text: '' }
        values[key] = cell.text
        if (cell.isNumber) numbers.add(key)
        if (cell.fault !== undefined)
          rowIssues.push(issueAt(sheet.name, row, title, 'cell_cannot_be_read', `the cell ${cell.fault}.`))
      }
      return { row, values, numbers, issues: rowIssues }
    })
  return { sheet, headerIndex, keys: new Set(places.keys()), rows, issues }
}

/** Puts a preview together; the result is dropped where there is an error anywhere. */
export const previewOf = <Result>(
  rows: readonly PreviewRow[],
  issues: readonly Issue[],
  result: () => Result,
): Preview<Result> => {
  const all = [...issues, ...rows.flatMap((row) => row.issues)]
  return { rows, issues: all, result: all.some(({ severity }) => severity === 'error') ? null : result() }
}

export const failedPreview = (issue: Issue): Preview<never> => ({ rows: [], issues: [issue], result: null })

export const hasError = (issues: readonly Issue[]): boolean =>
  issues.some(({ severity }) => severity === 'error')
