/** The month workbook's first sheet: what it is about, the figures, and the checks between the sheets. */
import type ExcelJS from 'exceljs'
import type { TableColumn } from './cells.ts'
import { type FormulaCell, type FormulaCheck, HEADER_FILL, HEADER_FONT, putCell } from './formula-sheet.ts'
import type { MonthWorkbookInput } from './month-input.ts'

type SummaryRow = readonly [label: string, content: FormulaCell, column: TableColumn, note: string]

const PLAIN: TableColumn = { key: 'value', title: '', kind: 'text' }

/** The first row of the figures; their formulas name each other by row. */
export const FIGURES_ROW = 9

/** Writes the sheet; the figures begin at {@link FIGURES_ROW}. */
export const writeSummary = (
  worksheet: ExcelJS.Worksheet,
  input: MonthWorkbookInput,
  figures: readonly SummaryRow[],
  checks: FormulaCheck[],
): void => {
  const about: readonly SummaryRow[] = [
    ['Book', input.book, PLAIN, ''],
    ['Month', input.month, { key: 'value', title: '', kind: 'month' }, ''],
    ['Currency', input.currency, PLAIN, ''],
    ['As of', new Date(input.asOfMs).toISOString(), PLAIN, 'What was learnt up to then is counted'],
    ['Chain head', input.chainHead, PLAIN, 'The state of the ledger this was computed from'],
    ['Cost basis', input.costBasis === 'billed' ? 'Billed cost' : 'Effective cost', PLAIN, ''],
  ]
  const put = (row: number, [label, content, column, note]: SummaryRow) => {
    worksheet.getCell(`A${row}`).value = label
    putCell(worksheet, `B${row}`, column, content, checks)
    worksheet.getCell(`B${row}`).alignment = { horizontal: column.kind === 'text' ? 'left' : 'right' }
    if (note !== '') worksheet.getCell(`C${row}`).value = note
  }
  about.forEach((row, index) => {
    put(index + 1, row)
  })
  figures.forEach((row, index) => {
    put(FIGURES_ROW + index, row)
  })
  const titles = ['Figure', `Amount (${input.currency})`, 'How it is made']
  titles.forEach((title, index) => {
    const cell = worksheet.getCell(FIGURES_ROW - 1, index + 1)
    cell.value = title
    cell.font = HEADER_FONT
    cell.fill = HEADER_FILL
  })
  worksheet.getColumn(1).width = 46
  worksheet.getColumn(2).width = 26
  worksheet.getColumn(3).width = 66
}
