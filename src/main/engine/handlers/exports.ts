import type { Customer } from '../../../contract/customers.ts'
import { type DecimalText, parseDecimal, sumDecimals } from '../../../domain/decimal.ts'
import { dayOf, type Month, monthPeriod } from '../../../domain/period.ts'
import { quoteInWords } from '../../../domain/rates/rates.ts'
import { billFileId } from '../../collect/bill-files.ts'
import { writeMonthWorkbook } from '../../exchange/month-workbook.ts'
import { writeCsv, writeXlsx } from '../../exchange/table.ts'
import { api, type EngineState } from '../engine-state.ts'
import { csvFile, xlsxFile } from '../files.ts'
import { knownTo, sessionAsOf } from '../past.ts'
import { marginReport } from '../reports/margin.ts'
import { type InvoiceOfMonth, invoicesOf, revenueOf } from '../reports/revenue.ts'
import { customersOf, metricsOf, type Session } from '../session.ts'

/** A file name that every system takes. */
const fileName = (title: string) =>
  title
    .replace(/[^\p{L}\p{N} ._-]+/gu, ' ')
    .trim()
    .slice(0, 100) || 'export'

const totalOf = (rows: readonly Readonly<Record<string, string | null>>[], key: string): DecimalText =>
  sumDecimals(rows.flatMap((row) => (row[key] == null ? [] : (parseDecimal(row[key]) ?? []))))

const stateOf = ({ invoice, from }: InvoiceOfMonth): string =>
  from === 'invoice' ? invoice.state : 'rated, no invoice yet'

/** What the month workbook says, from the same reports as the screens. */
export const monthWorkbookInput = async (session: Session, month: Month) => {
  const settings = session.settings()
  const { timeZone, currency } = settings
  const [margin, revenues, costs, bills] = await Promise.all([
    // The workbook computes cost from the bill's lines by tenant: before anything is allocated.
    marginReport(session, month, { allocates: false }),
    revenueOf(session, [month]),
    session.cube.costSlice({
      months: [month],
      grain: 'total',
      currency,
      groupBy: ['provider', 'service'],
      filters: [],
    }),
    session.cube.bills({ month }),
  ])
  const byTenant = await session.cube.costSlice({
    months: [month],
    grain: 'total',
    currency,
    groupBy: ['service', 'tenant'],
    filters: [],
  })
  const providers = new Map<string | null, Set<string>>()
  for (const { keys } of costs.rows)
    providers.set(keys[1] ?? null, (providers.get(keys[1] ?? null) ?? new Set()).add(keys[0] ?? ''))
  const customers = customersOf(session)
  const customerOf = new Map<string, Customer>(
    customers.flatMap((customer) => customer.tenants.map((tenant) => [tenant, customer])),
  )
  const byId = new Map(customers.map((customer) => [customer.id, customer]))
  const revenue = revenues.get(month)
  const states = new Map(
    [...(revenue?.byCustomer ?? [])].map(([id, { parts }]) => [
      id,
      [...new Set(parts.map(stateOf))].join(', '),
    ]),
  )
  const period = monthPeriod(month, timeZone)
  const usage = await Promise.all(
    metricsOf(session).map(async (metric) =>
      (
        await session.cube.usageSlice({
          metric: metric.metric,
          ...period,
          grain: 'total',
          groupBy: ['customer', 'tenant'],
          filters: [],
        })
      ).rows.map(({ keys, quantity }) => ({
        customerId: keys[0] ?? null,
        customer: keys[0] == null ? null : (byId.get(keys[0])?.name ?? keys[0]),
        tenant: keys[1] ?? '',
        metric: metric.name,
        unit: metric.unit,
        quantity,
      })),
    ),
  )
  const units = new Map(metricsOf(session).map(({ metric, unit }) => [metric, unit]))
  const files = new Map(session.all('bill_file').map(({ id, content }) => [id, content.billed]))
  const typed = new Map(session.all('bill_total').map(({ id, content }) => [id, content.total]))
  const totals = bills
    .filter((bill) => bill.currency === currency)
    .map((bill) => {
      const id = billFileId(bill.provider, bill.billingAccount, bill.month, bill.currency)
      return typed.get(id) ?? files.get(id) ?? null
    })
  return {
    book: settings.name,
    month,
    currency,
    asOfMs: session.clock.nowMs(),
    chainHead: session.followed().hash,
    costBasis: settings.costBasis,
    customers: margin.rows.map((row) => ({
      customerId: row.customerId,
      customer: row.name,
      tenants: byId.get(row.customerId)?.tenants ?? [],
      revenue: row.revenue,
      directCost: row.directCost,
      state: states.get(row.customerId) ?? 'no invoice',
    })),
    usage: usage.flat(),
    costs: byTenant.rows.map(({ keys, billed, effective }) => ({
      provider: [...(providers.get(keys[0] ?? null) ?? [])].join(', '),
      service: keys[0] ?? '',
      tenant: keys[1] ?? null,
      customerId: keys[1] == null ? null : (customerOf.get(keys[1])?.id ?? null),
      billed,
      effective,
    })),
    invoices: invoicesOf(revenue).map((part) => {
      const { invoice, rate, inBook } = part
      const quote = rate?.quote ?? null
      return {
        invoice: invoice.number,
        customerId: invoice.customerId,
        customer: invoice.customerName,
        state: stateOf(part),
        currency: invoice.currency,
        total: invoice.total,
        rate: quote === null ? null : { ...quote, words: quoteInWords(quote) },
        inReport: inBook,
        note:
          rate !== null && quote === null
            ? `no rate for ${rate.day}, so it is not in the total: enter one in Settings, or import the ECB’s file`
            : '',
      }
    }),
    lines: invoicesOf(revenue).flatMap((part) => {
      const { invoice } = part
      return invoice.lines.map((line) => ({
        invoice: invoice.number,
        customerId: invoice.customerId,
        customer: invoice.customerName,
        line: line.line,
        description: line.description,
        quantity: line.quantity ?? null,
        unit: line.metric === undefined ? null : (units.get(line.metric) ?? null),
        currency: invoice.currency,
        list: line.listAmount,
        discount: line.discountAmount,
        amount: line.amount,
        state: stateOf(part),
      }))
    }),
    billTotal:
      totals.length === 0 || totals.includes(null)
        ? null
        : sumDecimals(totals.filter((total) => total !== null)),
  }
}

/** Goes into the name of a file, so that figures of a past batch are not taken for today's. */
const asOfWords = (session: Session): string => {
  const { batchId, recordedMs } = knownTo(session)
  return ` as of ${dayOf(recordedMs, session.settings().timeZone)} batch ${batchId}`
}

export const exportsHandlers = (engine: EngineState) => ({
  table: api.exports.table.handler(async ({ input: { sheet, format, asOf } }) => {
    const title = `${sheet.title}${asOf === undefined ? '' : asOfWords(await sessionAsOf(engine.session(), asOf))}`
    const totalled = sheet.columns.filter(({ total }) => total === true)
    const columns = sheet.columns.map(({ total: _total, unit, currency, ...column }) => ({
      ...column,
      ...(unit === undefined ? {} : { unit }),
      ...(currency === undefined ? {} : { currency }),
    }))
    const table = {
      title: sheet.title,
      columns,
      rows: sheet.rows,
      ...(totalled.length === 0
        ? {}
        : { totals: Object.fromEntries(totalled.map(({ key }) => [key, totalOf(sheet.rows, key)])) }),
    }
    const name = fileName(title)
    return format === 'csv'
      ? csvFile(name, writeCsv(table))
      : xlsxFile(name, await writeXlsx([table], engine.clock.nowMs()))
  }),
  month: api.exports.month.handler(async ({ input }) => {
    const session = await sessionAsOf(engine.session(), input.asOf)
    const workbook = await writeMonthWorkbook(
      await monthWorkbookInput(session, input.month),
      engine.clock.nowMs(),
    )
    const past = input.asOf === undefined ? '' : asOfWords(session)
    return xlsxFile(`${fileName(session.settings().name)} ${input.month}${past}`, workbook.bytes)
  }),
})
