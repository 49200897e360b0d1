/** Sheets whose totals are formulas, each with the value we computed for it: the month workbook's parts. */
import type ExcelJS from 'exceljs'
import { Decimal, type DecimalText, toDecimalText } from '../../domain/decimal.ts'
import {
  type CellContent,
  columnLetters,
  contentFor,
  formatFor,
  headerOf,
  isNumeric,
  SPREADSHEET_DIGITS,
  type TableColumn,
  toDouble,
  widthFor,
} from './cells.ts'
import { excel } from './excel.ts'

/** A formula, without `=`, and what it must give: a number, or null for an empty result. */
export interface Formula {
  readonly formula: string
  readonly expected: Decimal | DecimalText | null
}

export type FormulaCell = string | Formula | null

/** One formula of a workbook and the value it must give when it is calculated anew. */
export interface FormulaCheck {
  readonly sheet: string
  /** `B9`. */
  readonly cell: string
  readonly formula: string
  /** At most 15 significant digits, a share where the cell is a percentage; null for an empty result. */
  readonly expected: DecimalText | null
}

const isFormula = (cell: FormulaCell): cell is Formula => cell !== null && typeof cell === 'object'

/** A sheet's name as formulas write it. */
export const sheetReference = (name: string): string => `'${name.replaceAll("'", "''")}'`

const textOf = (cell: FormulaCell): string | null =>
  isFormula(cell) ? (cell.expected === null ? null : toDecimalText(new Decimal(cell.expected))) : cell

/** Writes one cell, and the check of its formula. */
export const putCell = (
  worksheet: ExcelJS.Worksheet,
  address: string,
  column: TableColumn,
  content: FormulaCell,
  checks: FormulaCheck[],
): ExcelJS.Cell => {
  const cell = worksheet.getCell(address)
  cell.numFmt = formatFor(column)
  if (!isFormula(content)) {
    cell.value = amountOf(column, content)
    return cell
  }
  const { formula, expected } = content
  cell.value = { formula, result: expected === null ? '' : toDouble(expected) }
  const rounded =
    expected === null
      ? null
      : toDecimalText(new Decimal(expected).toSignificantDigits(SPREADSHEET_DIGITS, Decimal.ROUND_HALF_EVEN))
  checks.push({ sheet: worksheet.name, cell: address, formula, expected: rounded })
  return cell
}

/** Amounts are always numbers here, however large: the formulas add them up. */
const amountOf = (column: TableColumn, value: string | null): CellContent =>
  value !== null && column.kind === 'money' ? toDouble(value as DecimalText) : contentFor(column, value)

export interface FormulaTable {
  readonly name: string
  readonly columns: readonly TableColumn[]
  readonly rows: readonly Readonly<Record<string, FormulaCell>>[]
  /** Placed under the rows; `SUM` of a column is {@link columnSum}. */
  readonly totals: Readonly<Record<string, FormulaCell>>
}

/** The last row that a table of so many rows refers to; an empty table refers to its empty second row. */
export const lastRow = (rowCount: number): number => Math.max(2, rowCount + 1)

/** `$I$2:$I$9`: the rows of one column, without header and totals. */
export const columnRange = (columns: readonly TableColumn[], key: string, rowCount: number): string => {
  const letters = lettersOf(columns, key)
  return `$${letters}$2:$${letters}$${lastRow(rowCount)}`
}

export const lettersOf = (columns: readonly TableColumn[], key: string): string => {
  const index = columns.findIndex((column) => column.key === key)
  if (index < 0) throw new Error(`the sheet has no column "${key}"`)
  return columnLetters(index + 1)
}

/** A column's total as a formula. */
export const columnSum = (
  columns: readonly TableColumn[],
  key: string,
  rowCount: number,
  expected: DecimalText,
): Formula => ({ formula: `SUM(${columnRange(columns, key, rowCount)})`, expected })

export const HEADER_FONT = { bold: true } satisfies Partial<ExcelJS.Font>
export const HEADER_FILL = {
  type: 'pattern',
  pattern: 'solid',
  fgColor: { argb: 'FFE9ECEF' },
} satisfies ExcelJS.FillPattern

/** Adds a table: header in row 1, frozen and filtered, totals in the row after the last. */
export const addFormulaTable = (
  workbook: ExcelJS.Workbook,
  { name, columns, rows, totals }: FormulaTable,
  checks: FormulaCheck[],
): void => {
  const worksheet = workbook.addWorksheet(name, { views: [{ state: 'frozen', ySplit: 1 }] })
  const last = lastRow(rows.length)
  columns.forEach((column, index) => {
    const letters = columnLetters(index + 1)
    worksheet.getColumn(index + 1).width = widthFor(
      column,
      rows.map((row) => textOf(row[column.key] ?? null)),
    )
    const header = worksheet.getCell(`${letters}1`)
    header.value = headerOf(column)
    header.font = HEADER_FONT
    header.fill = HEADER_FILL
    header.alignment = { horizontal: isNumeric(column.kind) ? 'right' : 'left' }
    rows.forEach((row, position) => {
      const content = row[column.key] ?? null
      if (content !== null) putCell(worksheet, `${letters}${position + 2}`, column, content, checks)
    })
    const total = putCell(worksheet, `${letters}${last + 1}`, column, totals[column.key] ?? null, checks)
    total.font = HEADER_FONT
    total.border = { top: { style: 'thin' } }
  })
  worksheet.autoFilter = `A1:${columnLetters(columns.length)}${last}`
}

/** A new workbook that Excel calculates anew on opening. */
export const newWorkbook = (writtenAtMs: number): ExcelJS.Workbook => {
  const workbook = new (excel().Workbook)()
  workbook.creator = 'Countinghouse'
  workbook.lastModifiedBy = 'Countinghouse'
  workbook.created = new Date(writtenAtMs)
  workbook.modified = new Date(writtenAtMs)
  workbook.calcProperties.fullCalcOnLoad = true
  return workbook
}

export const workbookBytes = async (workbook: ExcelJS.Workbook): Promise<Uint8Array> =>
  new Uint8Array(await workbook.xlsx.writeBuffer())
