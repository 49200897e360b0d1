/** Revenue by month and customer: the invoice where there is one, the month rated as it stands now where not. */
import { sumDecimals } from '../../../domain/decimal.ts'
import type { Invoice } from '../../../domain/invoice/invoice.ts'
import type { Month } from '../../../domain/period.ts'
import { invoiceIdOf, rateMonths } from '../../bill/rate-months.ts'
import { customersOf, metricsOf, type Session } from '../session.ts'

export interface CustomerRevenue {
  readonly invoice: Invoice
  /** `invoice`: kept in the ledger; `rated`: computed now. */
  readonly from: 'invoice' | 'rated'
}

export interface MonthRevenue {
  readonly byCustomer: ReadonlyMap<string, CustomerRevenue>
  readonly without: readonly { readonly customerId: string; readonly name: string; readonly reason: string }[]
}

/** Rates the months of all (or the named) customers as the ledger stands, or stood at `asOfBatch`. */
export const rateNow = async (
  session: Session,
  months: readonly Month[],
  options: { readonly customerIds?: ReadonlySet<string>; readonly asOfBatch?: number } = {},
) => {
  const settings = session.settings()
  const head = session.head()
  const { asOfBatch } = options
  const kept = new Map(session.all('invoice', asOfBatch).map(({ content }) => [content.id, content]))
  const customers =
    asOfBatch === undefined
      ? customersOf(session)
      : session.all('customer', asOfBatch).map(({ content }) => content)
  return rateMonths({
    months,
    timeZone: settings.timeZone,
    currency: settings.currency,
    customers: customers.filter(({ id }) => options.customerIds?.has(id) ?? true),
    contracts: session.all('contract', asOfBatch).map(({ content }) => content),
    cards: session.all('rate_card', asOfBatch).map(({ content }) => content),
    metrics: metricsOf(session),
    chainHead: head.hash,
    asOfBatch: asOfBatch ?? head.batchId,
    invoiceOf: (customerId, month) => {
      const invoice = kept.get(invoiceIdOf(month, customerId))
      return invoice === undefined || invoice.state === 'void' ? null : invoice
    },
    quantities: (requests) =>
      session.cube.usageQuantities({
        requests: [...requests],
        ...(asOfBatch === undefined ? {} : { asOfBatch }),
      }),
  })
}

const cache = new WeakMap<Session, { batchId: number; months: Map<Month, MonthRevenue> }>()

/** Revenue of the months; computed once until something is appended. */
export const revenueOf = async (
  session: Session,
  months: readonly Month[],
  asOfBatch?: number,
): Promise<ReadonlyMap<Month, MonthRevenue>> => {
  const { batchId } = session.head()
  let known = cache.get(session)
  if (known === undefined || known.batchId !== batchId || asOfBatch !== undefined) {
    known = { batchId, months: new Map() }
    if (asOfBatch === undefined) cache.set(session, known)
  }
  const missing = months.filter((month) => !known.months.has(month))
  if (missing.length > 0) {
    const kept = new Map(
      session
        .all('invoice', asOfBatch)
        .filter(({ content }) => content.state !== 'void')
        .map(({ content }) => [content.id, content]),
    )
    for (const rated of await rateNow(session, missing, asOfBatch === undefined ? {} : { asOfBatch })) {
      const byCustomer = new Map<string, CustomerRevenue>()
      for (const invoice of rated.invoices) byCustomer.set(invoice.customerId, { invoice, from: 'rated' })
      for (const invoice of kept.values())
        if (invoice.month === rated.month) byCustomer.set(invoice.customerId, { invoice, from: 'invoice' })
      known.months.set(rated.month, { byCustomer, without: rated.without })
    }
  }
  return known.months
}

/** The sum of a month's invoices; null where none could be made. */
export const totalRevenue = (revenue: MonthRevenue | undefined) =>
  revenue === undefined || revenue.byCustomer.size === 0
    ? null
    : sumDecimals([...revenue.byCustomer.values()].map(({ invoice }) => invoice.total))
