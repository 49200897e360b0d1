/** The customers of a month, and one customer over the months. */
import type { DecimalText } from '../../../domain/decimal.ts'
import { marginOf } from '../../../domain/margin.ts'
import { addMonths, type Month, monthPeriod, monthsBetween } from '../../../domain/period.ts'
import { contractInMonth } from '../../bill/contract-months.ts'
import { knownTo } from '../past.ts'
import { notFound } from '../refusals.ts'
import { latestMonth, metricsOf, type Session } from '../session.ts'
import { costOf } from './month-cost.ts'
import { revenueOf } from './revenue.ts'

const MONTHS_SHOWN = 14

const months = (session: Session, last: Month): readonly Month[] => {
  const first = (session.months()[0]?.month ?? last) as Month
  const start = addMonths(last, 1 - MONTHS_SHOWN)
  return monthsBetween(first > start ? first : start, last)
}

const cardName = (session: Session, id: string) => session.one('rate_card', id)?.content.name ?? id

/** @throws NOT_FOUND */
export const customerPage = async (session: Session, customerId: string) => {
  const stored = session.one('customer', customerId)
  if (stored === null) throw notFound(`There is no customer ${customerId}.`)
  const { currency, timeZone } = session.settings()
  const last = latestMonth(session)
  const shown = last === null ? [] : months(session, last)
  const [revenues, costs] = await Promise.all([revenueOf(session, shown), costOf(session, shown)])
  const invoices = session
    .all('invoice')
    .flatMap(({ content }) => (content.customerId === customerId ? [content] : []))
  const metrics = metricsOf(session)
  const requests = shown.flatMap((month) =>
    metrics.map(({ metric }) => ({ month, metric, ...monthPeriod(month, timeZone) })),
  )
  const slices = await Promise.all(
    shown.length === 0
      ? []
      : metrics.map(async (metric) => ({
          metric,
          rows: (
            await session.cube.usageSlice({
              metric: metric.metric,
              startMs: requests[0]?.startMs ?? 0,
              endMs: requests.at(-1)?.endMs ?? 0,
              grain: 'month',
              groupBy: [],
              filters: [{ field: 'customer', values: [customerId] }],
            })
          ).rows,
        })),
  )
  return {
    customer: stored.content,
    version: stored.version,
    contracts: session
      .all('contract')
      .filter(({ content }) => content.customerId === customerId)
      .sort((a, b) => b.content.startDay.localeCompare(a.content.startDay))
      .map(({ content, version }) => ({
        contract: content,
        version,
        rateCardName: cardName(session, content.rateCardId),
      })),
    months: shown.map((month) => {
      const revenue = revenues.get(month)?.byCustomer.get(customerId)?.total ?? null
      const directCost = costs.get(month)?.byCustomer.get(customerId) ?? null
      const invoice =
        invoices.find((each) => each.month === month && each.state !== 'void') ??
        invoices.find((each) => each.month === month)
      return {
        month,
        revenue,
        directCost,
        marginPercent: marginOf(revenue, directCost).marginPercent,
        invoiceId: invoice?.id ?? null,
        invoiceState: invoice?.state ?? null,
      }
    }),
    usage: slices.flatMap(({ metric, rows }) =>
      rows.map(({ bucket, quantity }) => ({
        metric: metric.metric,
        name: metric.name,
        unit: metric.unit,
        month: bucket as Month,
        quantity,
      })),
    ),
    currency,
    asOf: knownTo(session),
  }
}

/** Of the latest month where none is asked. */
export const customerList = async (session: Session, asked: Month | undefined) => {
  const { currency } = session.settings()
  const month = asked ?? latestMonth(session)
  const shown = month === null ? [] : [month]
  const [revenues, costs, tenants] = await Promise.all([
    revenueOf(session, shown),
    costOf(session, shown),
    session.cube.tenantsSeen({}),
  ])
  const lastUsage = new Map<string, number>()
  for (const { customerId, lastMs } of tenants)
    if (customerId !== null) lastUsage.set(customerId, Math.max(lastMs, lastUsage.get(customerId) ?? 0))
  const contracts = session.all('contract').map(({ content }) => content)
  return {
    currency,
    month,
    rows: session.all('customer').map(({ content: customer, version }) => {
      const revenue =
        month === null ? null : (revenues.get(month)?.byCustomer.get(customer.id)?.total ?? null)
      const directCost: DecimalText | null =
        month === null ? null : (costs.get(month)?.byCustomer.get(customer.id) ?? null)
      const contract =
        month === null
          ? contracts.find(({ customerId }) => customerId === customer.id)
          : contractInMonth(contracts, customer.id, month)
      return {
        customer,
        version,
        rateCardName: contract == null ? null : cardName(session, contract.rateCardId),
        revenue,
        directCost,
        marginPercent: marginOf(revenue, directCost).marginPercent,
        lastUsageMs: lastUsage.get(customer.id) ?? null,
      }
    }),
    tenantsWithoutCustomer: tenants.filter(({ customerId }) => customerId === null).length,
    asOf: knownTo(session),
  }
}
