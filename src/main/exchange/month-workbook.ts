/**
 * The month workbook: one month's invoice lines, usage, cost and margin, with every total a formula over the
 * other sheets, so that a reader can follow it, and with our own result stored in each.
 */
import { Decimal, type DecimalText, sumDecimals, toDecimalText, ZERO } from '../../domain/decimal.ts'
import { marginOf } from '../../domain/margin.ts'
import { minorUnits } from '../../domain/money.ts'
import type { TableColumn } from './cells.ts'
import {
  addFormulaTable,
  columnRange,
  columnSum,
  type Formula,
  type FormulaCell,
  type FormulaCheck,
  lastRow,
  lettersOf,
  newWorkbook,
  sheetReference,
  workbookBytes,
} from './formula-sheet.ts'
import type { MonthWorkbookCost, MonthWorkbookInput } from './month-input.ts'
import {
  decimalsShown,
  INVOICES,
  invoiceColumns,
  invoicesTable,
  isInOthers,
  rateNotes,
  totalInReport,
} from './month-invoices.ts'
import { FIGURES_ROW, writeSummary } from './month-summary.ts'

export interface MonthWorkbook {
  readonly bytes: Uint8Array
  /** Every formula, in the order of the sheets. */
  readonly formulas: readonly FormulaCheck[]
}

const text = (key: string, title: string): TableColumn => ({ key, title, kind: 'text' })
const money = (key: string, title: string, currency: string): TableColumn => ({
  key,
  title,
  kind: 'money',
  currency,
})
const percent = (key: string, title: string): TableColumn => ({ key, title, kind: 'percent' })

const CUSTOMERS = 'Customers'
const COST = 'Cost'
const MARGIN = 'Margin'
const LINES = 'Invoice lines'

const columnsOf = (input: MonthWorkbookInput) => {
  const { currency } = input
  const own = (key: string, title: string): TableColumn =>
    isInOthers(input)
      ? { key, title, kind: 'money', decimals: decimalsShown(input) }
      : money(key, title, currency)
  return {
    invoices: invoiceColumns(input),
    customers: [
      text('customerId', 'Customer ID'),
      text('customer', 'Customer'),
      text('tenants', 'Tenants'),
      text('state', 'Invoice state'),
      money('revenue', 'Revenue', currency),
    ],
    usage: [
      text('customerId', 'Customer ID'),
      text('customer', 'Customer'),
      text('tenant', 'Tenant'),
      text('metric', 'Metric'),
      { key: 'quantity', title: 'Quantity', kind: 'quantity' },
      text('unit', 'Unit'),
    ] satisfies TableColumn[],
    cost: [
      text('provider', 'Provider'),
      text('service', 'Service'),
      text('tenant', 'Tenant'),
      text('customerId', 'Customer ID'),
      money('billed', 'Billed cost', currency),
      money('effective', 'Effective cost', currency),
    ],
    margin: [
      text('customerId', 'Customer ID'),
      text('customer', 'Customer'),
      money('revenue', 'Revenue', currency),
      money('directCost', 'Direct cost', currency),
      money('margin', 'Margin', currency),
      percent('marginPercent', 'Margin %'),
    ],
    lines: [
      text('invoice', 'Invoice'),
      text('customerId', 'Customer ID'),
      text('customer', 'Customer'),
      { key: 'line', title: 'Line', kind: 'count' },
      text('description', 'Description'),
      { key: 'quantity', title: 'Quantity', kind: 'quantity' },
      text('unit', 'Unit'),
      text('currency', 'Currency'),
      own('list', 'List amount'),
      own('discount', 'Discount'),
      own('amount', 'Amount'),
      text('state', 'State'),
    ] satisfies TableColumn[],
  }
}

const minus = (left: DecimalText, right: DecimalText): DecimalText =>
  toDecimalText(new Decimal(left).minus(right))

/** A share of revenue, unrounded; nothing where revenue is not above zero, as in `marginOf`. */
const share = (part: DecimalText, whole: DecimalText): Decimal | null =>
  new Decimal(whole).gt(0) ? new Decimal(part).div(whole) : null

/** The formula where it gives what the screen shows; else the screen's value, and a check shows the gap. */
const formulaOr = (shown: DecimalText | null, computed: DecimalText, formula: string): FormulaCell =>
  shown === null ? null : new Decimal(shown).eq(computed) ? { formula, expected: shown } : shown

/** Adds values up by an exact key; spreadsheet criteria (SUMIFS) would read `*`, `<` and `=` in an id. */
const sumWhereExact = (keys: string, key: string, values: string): string =>
  `SUMPRODUCT(EXACT(${keys},${key})*1,${values})`

const counted = (label: string, count: number, what: string): string =>
  count === 0 ? label : `${label} (${count} ${count === 1 ? 'customer' : 'customers'} without ${what})`

const groupSums = <Row>(
  rows: readonly Row[],
  keyOf: (row: Row) => string | null,
  amountOf: (row: Row) => DecimalText,
): ReadonlyMap<string, DecimalText> =>
  new Map(
    [...Map.groupBy(rows, keyOf)].flatMap(([key, group]) =>
      key === null ? [] : [[key, sumDecimals(group.map(amountOf))] as const],
    ),
  )

/**
 * Writes the month's workbook: Summary, Customers, Usage, Cost, Margin, Invoices, Invoice lines. Revenue is that of the
 * invoices, those in other currencies at their dated rates.
 * Margin is revenue less direct cost, per customer where both are known; unattributed cost stays aside.
 */
export const writeMonthWorkbook = async (
  input: MonthWorkbookInput,
  writtenAtMs: number,
): Promise<MonthWorkbook> => {
  const { customers, usage, costs, lines, costBasis } = input
  const columns = columnsOf(input)
  const basisOf = (cost: MonthWorkbookCost): DecimalText =>
    costBasis === 'billed' ? cost.billed : (cost.effective ?? ZERO)
  const checks: FormulaCheck[] = []

  const lineRange = (key: string) =>
    `${sheetReference(LINES)}!${columnRange(columns.lines, key, lines.length)}`
  const costRange = (key: string) => `${sheetReference(COST)}!${columnRange(columns.cost, key, costs.length)}`
  const marginTotal = (key: string) =>
    `${sheetReference(MARGIN)}!${lettersOf(columns.margin, key)}${lastRow(customers.length) + 1}`

  const invoiceRange = (key: string) =>
    `${sheetReference(INVOICES)}!${columnRange(columns.invoices, key, input.invoices.length)}`
  const invoiced = groupSums(
    input.invoices,
    ({ customerId }) => customerId,
    ({ inReport }) => inReport ?? ZERO,
  )
  const direct = groupSums(costs, ({ customerId }) => customerId, basisOf)
  const known = (values: readonly (DecimalText | null)[]) =>
    sumDecimals(values.filter((value) => value !== null))
  const shownRevenue = known(customers.map(({ revenue }) => revenue))
  const shownDirect = known(customers.map(({ directCost }) => directCost))

  const workbook = newWorkbook(writtenAtMs)
  const summary = workbook.addWorksheet('Summary', { views: [{ state: 'frozen', ySplit: FIGURES_ROW - 1 }] })

  const revenue = totalInReport(input)
  const noRate = input.invoices.filter(({ inReport }) => inReport === null).length
  const cost = sumDecimals(costs.map(basisOf))
  const directCost = known([...direct.values()])
  const unattributed = sumDecimals(costs.filter(({ tenant }) => tenant === null).map(basisOf))
  const ofNobody = sumDecimals(
    costs.filter(({ tenant, customerId }) => tenant !== null && customerId === null).map(basisOf),
  )
  const basis = costRange(costBasis)
  const places = minorUnits(input.currency)
  const check = (formula: string, expected: DecimalText): Formula => ({
    formula: `ROUND(${formula},${places})`,
    expected: new Decimal(expected).toDecimalPlaces(places, Decimal.ROUND_HALF_UP),
  })
  const margin = minus(revenue, directCost)
  const noRevenue = customers.filter((customer) => customer.revenue === null).length
  const noCost = customers.filter((customer) => customer.directCost === null).length
  const amount = money('amount', 'Amount', input.currency)
  writeSummary(
    summary,
    input,
    [
      [
        noRate === 0
          ? counted('Revenue', noRevenue, 'revenue')
          : `Revenue (${noRate} ${noRate === 1 ? 'invoice' : 'invoices'} without a rate left out)`,
        { formula: `SUM(${invoiceRange('inReport')})`, expected: revenue },
        amount,
        ['The sum of the invoices', ...rateNotes(input)].join('; '),
      ],
      [
        counted('Direct cost', noCost, 'cost'),
        { formula: `SUMPRODUCT((${costRange('customerId')}<>"")*1,${basis})`, expected: directCost },
        amount,
        'Cost of tenants that belong to a customer',
      ],
      [
        counted('Margin', noRevenue, 'revenue'),
        { formula: 'B9-B10', expected: margin },
        amount,
        'Revenue less direct cost; unattributed cost stays aside',
      ],
      [
        'Margin %',
        { formula: 'IF(B9<=0,"",B11/B9)', expected: share(margin, revenue) },
        percent('share', 'Share'),
        'Margin as a share of revenue',
      ],
      [
        'Cost of tenants without customer',
        {
          formula: `SUMPRODUCT((${costRange('tenant')}<>"")*(${costRange('customerId')}=""),${basis})`,
          expected: ofNobody,
        },
        amount,
        'Attributed, but to a tenant that no customer has',
      ],
      [
        'Unattributed cost',
        { formula: `SUMPRODUCT((${costRange('tenant')}="")*1,${basis})`, expected: unattributed },
        amount,
        'Cost that no rule claims',
      ],
      [
        'Cost in the ledger',
        { formula: `SUM(${basis})`, expected: cost },
        amount,
        'The sum of the cost sheet',
      ],
      [
        'Check: cost less its parts',
        check('B15-B10-B13-B14', minus(cost, sumDecimals([directCost, ofNobody, unattributed]))),
        amount,
        'Direct, without customer and unattributed make the whole: must be 0',
      ],
      ["Providers' bills", input.billTotal, amount, 'As entered, or the files’ own sum'],
      [
        'Check: bills less ledger',
        input.billTotal === null ? null : check('B17-B15', minus(input.billTotal, cost)),
        amount,
        'What the ledger lacks of the bills',
      ],
      [
        "Check: customers' revenue less invoices",
        check(`${marginTotal('revenue')}-B9`, minus(shownRevenue, revenue)),
        amount,
        'Must be 0 once every customer is invoiced',
      ],
      [
        "Check: customers' direct cost less cost sheet",
        check(`${marginTotal('directCost')}-B10`, minus(shownDirect, directCost)),
        amount,
        'Must be 0',
      ],
    ],
    checks,
  )

  addFormulaTable(
    workbook,
    {
      name: CUSTOMERS,
      columns: columns.customers,
      rows: customers.map((customer, index) => ({
        customerId: customer.customerId,
        customer: customer.customer,
        tenants: customer.tenants.join('; '),
        state: customer.state,
        revenue: formulaOr(
          customer.revenue,
          invoiced.get(customer.customerId) ?? ZERO,
          sumWhereExact(invoiceRange('customerId'), `$A${index + 2}`, invoiceRange('inReport')),
        ),
      })),
      totals: {
        customerId: 'Total',
        revenue: columnSum(columns.customers, 'revenue', customers.length, shownRevenue),
      },
    },
    checks,
  )

  addFormulaTable(
    workbook,
    {
      name: 'Usage',
      columns: columns.usage,
      rows: usage.map((row) => ({ ...row })),
      totals: {},
    },
    checks,
  )

  addFormulaTable(
    workbook,
    {
      name: COST,
      columns: columns.cost,
      rows: costs.map((row) => ({ ...row })),
      totals: {
        provider: 'Total',
        billed: columnSum(
          columns.cost,
          'billed',
          costs.length,
          sumDecimals(costs.map(({ billed }) => billed)),
        ),
        effective: columnSum(
          columns.cost,
          'effective',
          costs.length,
          known(costs.map(({ effective }) => effective)),
        ),
      },
    },
    checks,
  )

  const total = lastRow(customers.length) + 1
  const shownMargin = minus(shownRevenue, shownDirect)
  addFormulaTable(
    workbook,
    {
      name: MARGIN,
      columns: columns.margin,
      rows: customers.map((customer, index) => {
        const row = index + 2
        const { margin: rowMargin } = marginOf(customer.revenue, customer.directCost)
        return {
          customerId: customer.customerId,
          customer: customer.customer,
          revenue:
            customer.revenue === null
              ? null
              : {
                  formula: `${sheetReference(CUSTOMERS)}!${lettersOf(columns.customers, 'revenue')}${row}`,
                  expected: customer.revenue,
                },
          directCost: formulaOr(
            customer.directCost,
            direct.get(customer.customerId) ?? ZERO,
            sumWhereExact(costRange('customerId'), `$A${row}`, basis),
          ),
          margin: rowMargin === null ? null : { formula: `C${row}-D${row}`, expected: rowMargin },
          marginPercent:
            rowMargin === null || customer.revenue === null
              ? null
              : {
                  formula: `IF(C${row}<=0,"",E${row}/C${row})`,
                  expected: share(rowMargin, customer.revenue),
                },
        }
      }),
      totals: {
        customerId: counted('Total', noRevenue, 'revenue'),
        revenue: columnSum(columns.margin, 'revenue', customers.length, shownRevenue),
        directCost: columnSum(columns.margin, 'directCost', customers.length, shownDirect),
        margin: { formula: `C${total}-D${total}`, expected: shownMargin },
        marginPercent: {
          formula: `IF(C${total}<=0,"",E${total}/C${total})`,
          expected: share(shownMargin, shownRevenue),
        },
      },
    },
    checks,
  )

  addFormulaTable(
    workbook,
    invoicesTable(input, (cell) => sumWhereExact(lineRange('invoice'), cell, lineRange('amount'))),
    checks,
  )

  const amounts = ['list', 'discount', 'amount'] as const
  addFormulaTable(
    workbook,
    {
      name: LINES,
      columns: columns.lines,
      rows: lines.map((row) => ({ ...row, line: String(row.line) })),
      totals: isInOthers(input)
        ? { invoice: 'Amounts of several currencies are added on the sheet Invoices' }
        : {
            invoice: 'Total',
            ...Object.fromEntries(
              amounts.map((key) => [
                key,
                columnSum(columns.lines, key, lines.length, sumDecimals(lines.map((line) => line[key]))),
              ]),
            ),
          },
    },
    checks,
  )
  return { bytes: await workbookBytes(workbook), formulas: checks }
}
