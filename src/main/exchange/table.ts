/** Any table of a screen as an Excel workbook or as CSV. */
import { Writable } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type ExcelJS from 'exceljs'
import { Decimal, type DecimalText, decimalsOf, parseDecimal, sumDecimals } from '../../domain/decimal.ts'
import {
  type CellContent,
  columnLetters,
  contentFor,
  formatFor,
  headerOf,
  isNumeric,
  numberFor,
  sheetName,
  type TableColumn,
  widthFor,
} from './cells.ts'
import { excel } from './excel.ts'
import { ExchangeRefusal } from './refusal.ts'

export interface TableSheet {
  readonly title: string
  readonly columns: readonly TableColumn[]
  /** By column key; null (or absent) is an empty cell. */
  readonly rows: readonly Readonly<Record<string, string | null>>[]
  /** The totals the screen shows, by column key. */
  readonly totals?: Readonly<Record<string, string | null>>
}

/** Rows of an Excel sheet (Excel specifications and limits), less the header and the totals. */
const ROWS_MAX = 1_048_576 - 2
/** Rows looked at for column widths. */
const WIDTH_ROWS = 500
/** Rows written between two turns of the event loop, so that a large export lets other calls through. */
const ROWS_PER_TURN = 2_000

const HEADER_STYLE = {
  font: { bold: true },
  fill: { type: 'pattern', pattern: 'solid', fgColor: { argb: 'FFE9ECEF' } },
} satisfies Partial<ExcelJS.Style>
const TOTAL_STYLE = {
  font: { bold: true },
  border: { top: { style: 'thin' } },
} satisfies Partial<ExcelJS.Style>

const headerStyle = (column: TableColumn): Partial<ExcelJS.Style> => ({
  ...HEADER_STYLE,
  alignment: { horizontal: isNumeric(column.kind) ? 'right' : 'left', vertical: 'top' },
})

/** The values of one column, in order. */
function* valuesOf(sheet: TableSheet, key: string, count = sheet.rows.length): Generator<string | null> {
  for (let row = 0; row < count && row < sheet.rows.length; row += 1) yield sheet.rows[row]?.[key] ?? null
}

const decimalsShown = (sheet: TableSheet, column: TableColumn): number => {
  if (column.kind !== 'quantity' || column.decimals !== undefined) return 0
  let most = 0
  for (const value of valuesOf(sheet, column.key)) {
    const decimal = value === null ? null : parseDecimal(value)
    if (decimal !== null) most = Math.max(most, decimalsOf(decimal))
  }
  return most
}

/**
 * The total as a SUM formula where that is what the total is: every cell of the column a number or empty and
 * our exact sum equal to the total. Otherwise (distinct counts, percentages, text cells) its plain value.
 */
const totalContent = (
  sheet: TableSheet,
  column: TableColumn,
  letters: string,
): CellContent | ExcelJS.CellFormulaValue => {
  const total = sheet.totals?.[column.key] ?? null
  if (total === null) return null
  const result = numberFor(column, total)
  if (result === null || sheet.rows.length === 0 || column.kind === 'percent' || !isNumeric(column.kind))
    return contentFor(column, total)
  const decimals: DecimalText[] = []
  for (const value of valuesOf(sheet, column.key)) {
    if (value === null) continue
    const decimal = parseDecimal(value)
    if (decimal === null || numberFor(column, value) === null) return result
    decimals.push(decimal)
  }
  if (!new Decimal(total).eq(sumDecimals(decimals))) return result
  return { formula: `SUM(${letters}2:${letters}${sheet.rows.length + 1})`, result }
}

const totalsRow = (sheet: TableSheet): readonly (CellContent | ExcelJS.CellFormulaValue)[] => {
  const contents = sheet.columns.map((column, index) => totalContent(sheet, column, columnLetters(index + 1)))
  const label = sheet.columns.findIndex(({ kind }, index) => kind === 'text' && contents[index] === null)
  return contents.map((content, index) => (index === label ? 'Total' : content))
}

const writeSheet = async (
  workbook: ExcelJS.stream.xlsx.WorkbookWriter,
  sheet: TableSheet,
  name: string,
): Promise<void> => {
  const { columns, rows } = sheet
  if (rows.length > ROWS_MAX)
    throw new ExchangeRefusal(
      'sheet_has_too_many_rows',
      `"${sheet.title}" has ${rows.length} rows and an Excel sheet holds ${ROWS_MAX}. Nothing was written. Export it as CSV, or narrow the filter.`,
    )
  const worksheet = workbook.addWorksheet(name, { views: [{ state: 'frozen', ySplit: 1 }] })
  worksheet.columns = columns.map((column) => ({
    key: column.key,
    width: widthFor(column, valuesOf(sheet, column.key, WIDTH_ROWS)),
    style: { numFmt: formatFor(column, decimalsShown(sheet, column)) },
  }))
  const header = worksheet.addRow(columns.map(headerOf))
  columns.forEach((column, index) => {
    header.getCell(index + 1).style = headerStyle(column)
  })
  header.commit()
  let written = 0
  for (const row of rows) {
    worksheet.addRow(columns.map((column) => contentFor(column, row[column.key] ?? null))).commit()
    written += 1
    if (written % ROWS_PER_TURN === 0) await nextTurn()
  }
  if (sheet.totals !== undefined) {
    const totals = worksheet.addRow(totalsRow(sheet))
    columns.forEach((_, index) => {
      const cell = totals.getCell(index + 1)
      cell.style = { ...cell.style, ...TOTAL_STYLE }
    })
    totals.commit()
  }
  if (columns.length > 0)
    worksheet.autoFilter = {
      from: { row: 1, column: 1 },
      to: { row: rows.length + 1, column: columns.length },
    }
  worksheet.commit()
}

/**
 * The tables as one workbook: header frozen and filtered, numbers as numbers, totals as formulas whose
 * stored results are ours. Text is written as string cells and can never run as a formula.
 * @param writtenAtMs UTC milliseconds, kept in the file's properties.
 * @throws ExchangeRefusal `sheet_has_too_many_rows`.
 */
export const writeXlsx = async (sheets: readonly TableSheet[], writtenAtMs: number): Promise<Uint8Array> => {
  const chunks: Buffer[] = []
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk)
      done()
    },
  })
  const properties = {
    creator: 'Countinghouse',
    lastModifiedBy: 'Countinghouse',
    created: new Date(writtenAtMs),
  }
  const options = { stream, useStyles: true, useSharedStrings: true, ...properties }
  const workbook = new (excel().stream.xlsx.WorkbookWriter)(options)
  const taken = new Set<string>()
  for (const sheet of sheets) await writeSheet(workbook, sheet, sheetName(sheet.title, taken))
  await workbook.commit()
  return new Uint8Array(Buffer.concat(chunks))
}

/**
 * Characters that make a spreadsheet read a CSV field as a formula, and their full-width forms (OWASP, "CSV
 * Injection"). An apostrophe in front of them keeps the field text.
 */
const RUNS = /^[=+\-@\t\r\n＝＋－＠]/

/** Text that a spreadsheet reads as text. */
export const neutralText = (text: string): string => (RUNS.test(text) ? `'${text}` : text)

/** The inverse of {@link neutralText}. */
export const originalText = (text: string): string =>
  text.startsWith("'") && RUNS.test(text.slice(1)) ? text.slice(1) : text

const quoted = (field: string): string =>
  /[",;\t\r\n]|^ | $/.test(field) ? `"${field.replaceAll('"', '""')}"` : field

const csvField = (column: TableColumn, value: string | null): string => {
  if (value === null) return ''
  const number = isNumeric(column.kind) ? parseDecimal(value) : null
  return quoted(number ?? neutralText(value))
}

/** A byte order mark: without it Excel takes the file for the system's old code page. */
const BYTE_ORDER_MARK = '\uFEFF'

/**
 * The table as CSV (RFC 4180, UTF-8 with byte order mark): header and rows, no totals, every digit of every
 * number, percent in percent, null as an empty field.
 */
export const writeCsv = (sheet: TableSheet): string => {
  const lines = [sheet.columns.map((column) => quoted(neutralText(headerOf(column)))).join(',')]
  for (const row of sheet.rows)
    lines.push(sheet.columns.map((column) => csvField(column, row[column.key] ?? null)).join(','))
  return `${BYTE_ORDER_MARK}${lines.join('\r\n')}\r\n`
}

/** Rows of cells, each with how it is written, as CSV: for forms, whose rows are not those of one table. */
export const csvLines = (
  rows: readonly (readonly (readonly [column: TableColumn, value: string | null])[])[],
): string =>
  `${BYTE_ORDER_MARK}${rows.map((row) => row.map(([column, value]) => csvField(column, value)).join(',')).join('\r\n')}\r\n`
