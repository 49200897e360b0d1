/** The month workbook's invoices, each in its own currency and at its dated rate in the workbook's. */
import { Decimal, type DecimalText, sumDecimals, ZERO } from '../../domain/decimal.ts'
import { minorUnits } from '../../domain/money.ts'
import type { TableColumn } from './cells.ts'
import { columnSum, type FormulaCell, type FormulaTable } from './formula-sheet.ts'
import type { MonthWorkbookInput, MonthWorkbookInvoice } from './month-input.ts'

export const INVOICES = 'Invoices'

/** Whether amounts of several currencies stand below each other, which no total adds. */
export const isInOthers = ({ invoices, currency }: MonthWorkbookInput): boolean =>
  invoices.some((invoice) => invoice.currency !== currency)

/** Decimals that every currency of the month is shown with. */
export const decimalsShown = ({ invoices, currency }: MonthWorkbookInput): number =>
  Math.max(...[currency, ...invoices.map((invoice) => invoice.currency)].map(minorUnits))

export const invoiceColumns = (input: MonthWorkbookInput): readonly TableColumn[] => [
  { key: 'invoice', title: 'Invoice', kind: 'text' },
  { key: 'customerId', title: 'Customer ID', kind: 'text' },
  { key: 'customer', title: 'Customer', kind: 'text' },
  { key: 'state', title: 'State', kind: 'text' },
  { key: 'currency', title: 'Currency', kind: 'text' },
  { key: 'total', title: 'Total in its currency', kind: 'money', decimals: decimalsShown(input) },
  { key: 'rate', title: 'Rate', kind: 'text' },
  { key: 'day', title: 'Rate of', kind: 'date' },
  { key: 'inReport', title: 'Total', kind: 'money', currency: input.currency },
]

const converted = (
  { total, rate, inReport }: MonthWorkbookInvoice,
  row: number,
  places: number,
): FormulaCell => {
  if (inReport === null) return null
  if (rate === null) return { formula: `F${row}`, expected: inReport }
  const { numerator, denominator } = rate
  const computed = new Decimal(total)
    .times(numerator)
    .div(denominator)
    .toDecimalPlaces(places, Decimal.ROUND_HALF_UP)
  const share = denominator === '1' ? '' : `/${denominator}`
  // Half-even where the cent is exactly between two: then the amount, and no formula that gives another.
  return computed.eq(inReport)
    ? { formula: `ROUND(F${row}*${numerator}${share},${places})`, expected: inReport }
    : inReport
}

/** @param sumOfLines the formula that adds the amounts of the lines of the invoice named in a cell */
export const invoicesTable = (
  input: MonthWorkbookInput,
  sumOfLines: (cell: string) => string,
): FormulaTable => {
  const { invoices } = input
  const columns = invoiceColumns(input)
  const places = minorUnits(input.currency)
  const sums = new Map(
    [...Map.groupBy(input.lines, ({ invoice }) => invoice)].map(([invoice, lines]) => [
      invoice,
      sumDecimals(lines.map(({ amount }) => amount)),
    ]),
  )
  const without = invoices.filter(({ inReport }) => inReport === null).length
  return {
    name: INVOICES,
    columns,
    rows: invoices.map((invoice, index) => {
      const row = index + 2
      return {
        invoice: invoice.invoice,
        customerId: invoice.customerId,
        customer: invoice.customer,
        state: invoice.state,
        currency: invoice.currency,
        total: new Decimal(sums.get(invoice.invoice) ?? ZERO).eq(invoice.total)
          ? { formula: sumOfLines(`$A${row}`), expected: invoice.total }
          : invoice.total,
        rate: invoice.rate?.words ?? (invoice.note === '' ? null : invoice.note),
        day: invoice.rate?.day ?? null,
        inReport: converted(invoice, row, places),
      }
    }),
    totals: {
      invoice:
        without === 0
          ? 'Total'
          : `Total (without ${without} ${without === 1 ? 'invoice that has' : 'invoices that have'} no rate)`,
      inReport: columnSum(columns, 'inReport', invoices.length, totalInReport(input)),
    },
  }
}

/** What all invoices with a rate come to. */
export const totalInReport = ({ invoices }: MonthWorkbookInput): DecimalText =>
  sumDecimals(invoices.flatMap(({ inReport }) => inReport ?? []))

/** By which rates others are in the total, and which are not: a sentence each. */
export const rateNotes = ({ invoices, currency }: MonthWorkbookInput): readonly string[] =>
  [
    ...Map.groupBy(
      invoices.filter((invoice) => invoice.currency !== currency),
      (invoice) => invoice.rate?.words ?? invoice.note,
    ),
  ].map(([words, of]) => `${of.length} in ${of[0]?.currency}: ${words}`)
