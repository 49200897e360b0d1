/** The workbook in which earlier invoices are listed; `past-invoices-in.ts` reads it back. */
import type { TableColumn } from './cells.ts'
import { newWorkbook, workbookBytes } from './formula-sheet.ts'
import { EXAMPLE_SHEETS, LEFT_COLUMNS, LEFT_SHEET, PAST_COLUMNS, PAST_SHEET } from './past-invoices-in.ts'
import type { TemplateColumn } from './preview.ts'
import { addForm, addHelp, frozenAt, type Row, TEXT } from './templates.ts'

const NUMBER: TableColumn = { key: 'number', title: '', kind: 'quantity' }
const NUMERIC: ReadonlySet<string> = new Set(['amount', 'total', 'granted', 'left'])

const formOf = (columns: readonly TemplateColumn[]) =>
  columns.map(({ key, title }) => ({
    title,
    width: Math.max(14, title.length + 4),
    column: NUMERIC.has(key) ? NUMBER : TEXT,
  }))

const rowsOf = (columns: readonly TemplateColumn[], rows: readonly (readonly (string | null)[])[]): Row[] =>
  rows.map((row) =>
    columns.map(({ key }, index) => [NUMERIC.has(key) ? NUMBER : TEXT, row[index] ?? null] as const),
  )

export const writePastInvoicesTemplate = (writtenAtMs: number): Promise<Uint8Array> => {
  const workbook = newWorkbook(writtenAtMs)
  addForm(workbook.addWorksheet(PAST_SHEET, frozenAt(1)), 1, formOf(PAST_COLUMNS), [])
  addForm(workbook.addWorksheet(LEFT_SHEET, frozenAt(1)), 1, formOf(LEFT_COLUMNS), [])
  addForm(
    workbook.addWorksheet(EXAMPLE_SHEETS.past, frozenAt(1)),
    1,
    formOf(PAST_COLUMNS),
    rowsOf(PAST_COLUMNS, [
      ['2025-0117', 'acme', '2025-12', 'USD', 'API calls', '1200.50', '1500.50'],
      ['2025-0117', 'acme', '2025-12', 'USD', 'Support', '300', '1500.50'],
    ]),
  )
  addForm(
    workbook.addWorksheet(EXAMPLE_SHEETS.left, frozenAt(1)),
    1,
    formOf(LEFT_COLUMNS),
    rowsOf(LEFT_COLUMNS, [
      ['2025-0117', 'credit', 'welcome', '5000', '1250'],
      ['2025-0117', 'commitment', 'yearly', null, '48000', '2025-07'],
    ]),
  )
  addHelp(workbook, [
    `Fill in the sheet "${PAST_SHEET}": a row for each line; lines with the same number are one invoice. The examples are not read.`,
    'Month: the month of service, as 2025-12. Amounts are net, in the currency of the contract, at its smallest unit.',
    'Invoice total: what the invoice says, on each of its rows; it is compared with the sum of its lines. Empty: the sum.',
    'Contract ID: only where the customer has several contracts in that month.',
    `The sheet "${LEFT_SHEET}" says what an invoice handed on to the next month; what is not said begins as new.`,
    'credit: the ID of the grant, as granted, and what is left. commitment: its ID, what counted so far, and the first month of its period.',
    'discount: its ID and what it has taken. included units: the charge (or pool:name), what is left, and the month that gave them.',
    'Earlier invoices are kept as they are, as delivered, never rated and never sent. One error and nothing is kept.',
  ])
  return workbookBytes(workbook)
}
