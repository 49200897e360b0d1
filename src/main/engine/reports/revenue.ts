/** Revenue by month and customer: the invoice where there is one, the month rated as it stands now where not. */
import { sumDecimals } from '../../../domain/decimal.ts'
import type { Invoice } from '../../../domain/invoice/invoice.ts'
import type { Month } from '../../../domain/period.ts'
import { invoiceIdOf, rateMonths } from '../../bill/rate-months.ts'
import { customersOf, metricsOf, type Session } from '../session.ts'
import { lateBookOf } from './late.ts'

export interface CustomerRevenue {
  readonly invoice: Invoice
  /** `invoice`: kept in the ledger; `rated`: computed now. */
  readonly from: 'invoice' | 'rated'
}

export interface MonthRevenue {
  readonly byCustomer: ReadonlyMap<string, CustomerRevenue>
  readonly without: readonly { readonly customerId: string; readonly name: string; readonly reason: string }[]
}

/** Rates the months of all (or the named) customers as the session has them. */
export const rateNow = async (
  session: Session,
  months: readonly Month[],
  options: { readonly customerIds?: ReadonlySet<string> } = {},
) => {
  const settings = session.settings()
  // Usage is asked as of the batch that the invoice names, even while the cube is following a newer one.
  const { batchId, hash } = session.followed()
  const kept = new Map(session.all('invoice').map(({ content }) => [content.id, content]))
  const late = await lateBookOf(session)
  return rateMonths({
    months,
    timeZone: settings.timeZone,
    currency: settings.currency,
    customers: customersOf(session).filter(({ id }) => options.customerIds?.has(id) ?? true),
    contracts: session.all('contract').map(({ content }) => content),
    cards: session.all('rate_card').map(({ content }) => content),
    metrics: metricsOf(session),
    chainHead: hash,
    asOfBatch: batchId,
    invoiceOf: (customerId, month) => {
      const invoice = kept.get(invoiceIdOf(month, customerId))
      return invoice === undefined || invoice.state === 'void' ? null : invoice
    },
    lateUsageOf: late.lateUsageOf,
    quantities: (requests) => session.cube.usageQuantities({ requests: [...requests], asOfBatch: batchId }),
  })
}

interface Kept {
  /** Documents as of this batch, usage as of the followed one. */
  readonly batchId: number
  readonly followedBatchId: number
  readonly months: Map<Month, MonthRevenue>
}
/** By cube: a past batch has one of its own, whichever moment it is asked for. */
const cache = new WeakMap<Session['cube'], Kept>()

/** Forgets what was computed: the cube was built again, and held less while it was. */
export const forgetRevenue = (session: Session): void => {
  cache.delete(session.cube)
}

/** Revenue of the months; computed once until something is appended. */
export const revenueOf = async (
  session: Session,
  months: readonly Month[],
): Promise<ReadonlyMap<Month, MonthRevenue>> => {
  const { batchId } = session.head()
  const followedBatchId = session.followed().batchId
  const cached = cache.get(session.cube)
  const isCurrent =
    cached !== undefined && cached.batchId === batchId && cached.followedBatchId === followedBatchId
  const known: Kept = isCurrent ? cached : { batchId, followedBatchId, months: new Map() }
  cache.set(session.cube, known)
  const missing = months.filter((month) => !known.months.has(month))
  if (missing.length > 0) {
    const kept = new Map(
      session
        .all('invoice')
        .filter(({ content }) => content.state !== 'void')
        .map(({ content }) => [content.id, content]),
    )
    // A month whose customers all have their invoices needs no rating.
    const customerIds = new Set(
      customersOf(session)
        .map(({ id }) => id)
        .filter((id) => missing.some((month) => !kept.has(invoiceIdOf(month, id)))),
    )
    for (const rated of await rateNow(session, missing, { customerIds })) {
      const byCustomer = new Map<string, CustomerRevenue>()
      for (const invoice of rated.invoices) byCustomer.set(invoice.customerId, { invoice, from: 'rated' })
      for (const invoice of kept.values())
        if (invoice.month === rated.month) byCustomer.set(invoice.customerId, { invoice, from: 'invoice' })
      const without = rated.without.filter(({ customerId }) => !byCustomer.has(customerId))
      known.months.set(rated.month, { byCustomer, without })
    }
  }
  return known.months
}

/** The sum of a month's invoices; null where none could be made. */
export const totalRevenue = (revenue: MonthRevenue | undefined) =>
  revenue === undefined || revenue.byCustomer.size === 0
    ? null
    : sumDecimals([...revenue.byCustomer.values()].map(({ invoice }) => invoice.total))
