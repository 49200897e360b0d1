/** Invoices issued elsewhere, from the template's workbook: a row a line, and a second sheet of what the months left over. */
import { decimal } from '../../contract/common.ts'
import { PAST_INVOICES_MAX, pastInvoice } from '../../contract/invoices.ts'
import { type DecimalText, parseDecimal, sumDecimals } from '../../domain/decimal.ts'
import type { PastInvoice } from '../../domain/invoice/past.ts'
import type { Issue } from '../../domain/issue.ts'
import { parseCurrency } from '../../domain/money.ts'
import { isMonth, type Month } from '../../domain/period.ts'
import { type GridSheet, readSheets } from './grid.ts'
import {
  failedPreview,
  hasError,
  issueAt,
  type Preview,
  previewOf,
  readTable,
  type SheetRow,
  type SheetTable,
  type TemplateColumn,
} from './preview.ts'

export const PAST_SHEET = 'Earlier invoices'
export const PAST_COLUMNS = [
  { key: 'number', title: 'Invoice number', required: true },
  { key: 'customer', title: 'Customer ID', required: true },
  { key: 'month', title: 'Month', required: true },
  { key: 'currency', title: 'Currency', required: true },
  { key: 'description', title: 'Description', required: true },
  { key: 'amount', title: 'Amount', required: true },
  { key: 'total', title: 'Invoice total', required: false },
  { key: 'contract', title: 'Contract ID', required: false },
  { key: 'charge', title: 'Charge ID', required: false },
] as const satisfies readonly TemplateColumn[]

export const LEFT_SHEET = 'Left over'
/** Sheets of the template that only show how it is filled in. */
export const EXAMPLE_SHEETS = { past: 'Example', left: 'Example of left over' } as const

export const LEFT_COLUMNS = [
  { key: 'of', title: 'Left by invoice', required: true },
  { key: 'what', title: 'What', required: true },
  { key: 'id', title: 'ID', required: true },
  { key: 'granted', title: 'Granted', required: false },
  { key: 'left', title: 'Left, counted or taken', required: true },
  { key: 'since', title: 'Since month', required: false },
] as const satisfies readonly TemplateColumn[]

type Complain = (title: string, code: string, message: string) => void
type Balances = NonNullable<PastInvoice['balances']>

const monthOf = (text: string): Month | null => {
  const month = text.slice(0, 7)
  return /^\d{4}-\d{2}(-\d{2})?$/.test(text) && isMonth(month) ? month : null
}

const decimalOf = (row: SheetRow, key: string, title: string, complain: Complain): DecimalText => {
  const text = row.values[key] ?? ''
  const value = parseDecimal(text)
  if (value === null) complain(title, 'amount_is_none', `"${text}" is no amount; write one such as 1200.50.`)
  const tooLong = value === null ? undefined : decimal.safeParse(value).error?.issues[0]
  if (tooLong !== undefined)
    complain(title, 'amount_is_too_long', `"${text}" is too long; write ${tooLong.message}.`)
  return value ?? ('0' as DecimalText)
}

const monthIn = (row: SheetRow, key: string, title: string, complain: Complain): Month => {
  const text = row.values[key] ?? ''
  const month = monthOf(text)
  if (month === null) complain(title, 'month_is_none', `"${text}" is no month; write one such as 2025-12.`)
  return month ?? ('2000-01' as Month)
}

/** What one row of the second sheet says was left. */
const leftOf = (row: SheetRow, complain: Complain): Balances => {
  const id = row.values.id ?? ''
  const left = decimalOf(row, 'left', 'Left, counted or taken', complain)
  const what = (row.values.what ?? '').toLowerCase()
  switch (what) {
    case 'credit':
      return { credits: [{ grantId: id, amount: decimalOf(row, 'granted', 'Granted', complain), left }] }
    case 'commitment':
      return {
        commitments: [{ id, periodStart: monthIn(row, 'since', 'Since month', complain), counted: left }],
      }
    case 'discount':
      return { discounts: [{ id, taken: left }] }
    case 'included units':
      return { allowances: [{ key: id, month: monthIn(row, 'since', 'Since month', complain), left }] }
    default:
      complain(
        'What',
        'kind_is_unknown',
        `"${row.values.what}" is none of credit, commitment, discount, included units.`,
      )
      return {}
  }
}

const joined = (all: readonly Balances[]): Balances => {
  const credits = all.flatMap((each) => each.credits ?? [])
  const commitments = all.flatMap((each) => each.commitments ?? [])
  const discounts = all.flatMap((each) => each.discounts ?? [])
  const allowances = all.flatMap((each) => each.allowances ?? [])
  return {
    ...(credits.length === 0 ? {} : { credits }),
    ...(commitments.length === 0 ? {} : { commitments }),
    ...(discounts.length === 0 ? {} : { discounts }),
    ...(allowances.length === 0 ? {} : { allowances }),
  }
}

/** What all lines of an invoice must agree on. */
const SAME = ['customer', 'month', 'currency', 'contract', 'total'] as const

const invoiceOf = (
  number: string,
  rows: readonly SheetRow[],
  complainOf: (row: SheetRow) => Complain,
): PastInvoice => {
  const [first] = rows as [SheetRow, ...SheetRow[]]
  for (const row of rows)
    for (const key of SAME)
      if (row.values[key] !== first.values[key])
        complainOf(row)(
          PAST_COLUMNS.find((column) => column.key === key)?.title ?? key,
          'rows_of_an_invoice_disagree',
          `"${row.values[key]}" differs from "${first.values[key]}" in row ${first.row} of the same invoice; write one of them in both.`,
        )
  const complain = complainOf(first)
  const currency = parseCurrency(first.values.currency ?? '')
  if (currency === null)
    complain(
      'Currency',
      'currency_is_none',
      `"${first.values.currency}" is no currency code; write three letters such as USD.`,
    )
  const lines = rows.map((row) => {
    const description = row.values.description ?? ''
    if (description === '')
      complainOf(row)('Description', 'description_is_missing', 'the line says nothing; write what it is for.')
    return {
      description,
      amount: decimalOf(row, 'amount', 'Amount', complainOf(row)),
      ...(row.values.charge === '' ? {} : { chargeId: row.values.charge }),
    }
  })
  return {
    number,
    customerId: first.values.customer ?? '',
    ...(first.values.contract === '' ? {} : { contractId: first.values.contract }),
    month: monthIn(first, 'month', 'Month', complain),
    currency: currency ?? 'USD',
    lines,
    total:
      first.values.total === ''
        ? sumDecimals(lines.map(({ amount }) => amount))
        : decimalOf(first, 'total', 'Invoice total', complain),
  }
}

const ID_WORDS = 'may hold letters, digits and - _ . : @ only, at most 128 of them; write another one'
/** What a member of an invoice may be, as the end of a sentence; the contract says so of every way in. */
const BOUNDS: Readonly<Record<string, readonly [title: string, words: string]>> = {
  number: ['Invoice number', 'is longer than 120 characters; shorten it'],
  customerId: ['Customer ID', ID_WORDS],
  contractId: ['Contract ID', ID_WORDS],
  description: ['Description', 'is longer than 500 characters; shorten it'],
  chargeId: ['Charge ID', ID_WORDS],
  total: ['Invoice total', 'has more than 60 digits'],
  lines: ['Invoice number', 'has more than 250 lines; put some together'],
}

/** Faults that the contract would refuse the invoice for. */
const checkBounds = (
  invoice: PastInvoice,
  rows: readonly SheetRow[],
  complainOf: (row: SheetRow) => Complain,
): void => {
  if (rows.some((row) => hasError(row.issues))) return
  for (const { path } of pastInvoice.safeParse(invoice).error?.issues ?? []) {
    const [member, place, inner] = path
    const [title, words] = BOUNDS[String(inner ?? member)] ?? []
    const row = rows[inner === undefined ? 0 : Number(place)]
    if (row === undefined || title === undefined || words === undefined) continue
    const key = PAST_COLUMNS.find((column) => column.title === title)?.key ?? ''
    complainOf(row)(title, 'invoice_is_out_of_bounds', `"${(row.values[key] ?? '').slice(0, 60)}" ${words}.`)
  }
}

const complainTo =
  (table: SheetTable) =>
  (row: SheetRow): Complain =>
  (title, code, message) => {
    row.issues.push(issueAt(table.sheet.name, row.row, title, code, message))
  }

/** The sheet of what was left, where the file has one; an issue where its header is not the template's. */
const leftTable = (sheets: readonly GridSheet[]): SheetTable | Issue | null => {
  const table = readTable(sheets, LEFT_SHEET, LEFT_COLUMNS)
  const isThere = !('severity' in table) || sheets.some(({ name }) => name === LEFT_SHEET)
  return isThere ? table : null
}

/**
 * Reads earlier invoices from an `.xlsx` or CSV file in the template's columns; lines with one number are one invoice.
 * @param check what the book has against them; rows of its issues are the invoices' places, counted from 1
 */
export const readPastInvoicesWorkbook = async (
  bytes: Uint8Array,
  check: (invoices: readonly PastInvoice[]) => readonly Issue[],
): Promise<Preview<readonly PastInvoice[]>> => {
  const all = await readSheets(bytes)
  if ('severity' in all) return failedPreview(all)
  const sheets = all.filter(({ name }) => !(Object.values(EXAMPLE_SHEETS) as string[]).includes(name))
  const table = readTable(sheets, PAST_SHEET, PAST_COLUMNS)
  if ('severity' in table) return failedPreview(table)
  const issues: Issue[] = [...table.issues]
  if (table.rows.length === 0)
    issues.push({
      severity: 'error',
      code: 'no_rows',
      message: `${table.sheet.name} has no invoices below its header. Add a row for each line.`,
    })
  const count = new Set(table.rows.map(({ values }) => values.number)).size
  if (count > PAST_INVOICES_MAX)
    return failedPreview({
      severity: 'error',
      code: 'too_many_invoices',
      message: `${table.sheet.name} has ${count} invoices, and at most ${PAST_INVOICES_MAX} are imported at once. Nothing was read. Split the file.`,
    })
  const groups = Map.groupBy(table.rows, ({ values }) => values.number ?? '')
  for (const row of groups.get('') ?? [])
    complainTo(table)(row)(
      'Invoice number',
      'number_is_missing',
      'the line names no invoice; give its number.',
    )
  groups.delete('')
  const left = leftTable(sheets)
  if (left !== null && 'severity' in left) return failedPreview(left)
  const leftRows = left?.rows ?? []
  const balances = Map.groupBy(
    leftRows.map((row) => ({
      of: row.values.of ?? '',
      balances: leftOf(row, complainTo(left as SheetTable)(row)),
    })),
    ({ of }) => of,
  )
  for (const row of leftRows)
    if (!groups.has(row.values.of ?? ''))
      complainTo(left as SheetTable)(row)(
        'Left by invoice',
        'invoice_is_unknown',
        `the sheet ${table.sheet.name} has no invoice "${row.values.of}".`,
      )
  issues.push(...leftRows.flatMap((row) => row.issues))
  const entries = [...groups]
  const invoices = entries.map(([number, rows]): PastInvoice => {
    const own = balances.get(number)
    const invoice = invoiceOf(number, rows, complainTo(table))
    checkBounds(invoice, rows, complainTo(table))
    return own === undefined ? invoice : { ...invoice, balances: joined(own.map((each) => each.balances)) }
  })
  if (!table.rows.some((row) => hasError(row.issues)))
    for (const issue of check(invoices)) {
      const row = entries[(issue.row ?? 1) - 1]?.[1][0]
      if (row === undefined) issues.push(issue)
      else
        row.issues.push({
          ...issue,
          row: row.row,
          message: `${table.sheet.name}, row ${row.row}: ${issue.message}`,
        })
    }
  return previewOf(
    table.rows.map((row) => ({
      ...row,
      state: hasError(row.issues) ? ('error' as const) : ('new' as const),
    })),
    issues,
    () => invoices,
  )
}
