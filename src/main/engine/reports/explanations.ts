/** What a figure of usage, cost or revenue is made of, as Explain shows it. */
import type { CostScope, UsageScope } from '../../../contract/explain.ts'
import { describeRule } from '../../../domain/attribution/describe.ts'
import { Decimal, sumDecimals } from '../../../domain/decimal.ts'
import type { Metric } from '../../../domain/metric.ts'
import { dayPeriod, type Month, monthName, monthPeriod, monthsBetween } from '../../../domain/period.ts'
import type { CostGroup, UsageField } from '../../cube/queries/fields.ts'
import { readBatch } from '../../ledger/read.ts'
import { notFound, refused } from '../refusals.ts'
import { customersOf, metricsOf, type Session } from '../session.ts'
import { sumKnown } from './cost-basis.ts'
import { exchangeWords } from './exchange.ts'
import { billedTenants } from './late.ts'
import { plansOf } from './placed-cost.ts'
import { invoicesOf, revenueOf } from './revenue.ts'

export const metricNamed = (session: Session, name: string): Metric => {
  const metric = metricsOf(session).find((each) => each.metric === name)
  if (metric === undefined) throw notFound(`There is no metric ${name} in this book.`)
  return metric
}

/** The months a scope speaks of; `month` stands for both ends. @throws REFUSED */
const monthsOfScope = (scope: {
  month?: Month | undefined
  from?: Month | undefined
  to?: Month | undefined
}): [Month, Month] => {
  const from = scope.from ?? scope.month
  const to = scope.to ?? scope.month
  if (from === undefined || to === undefined || from > to)
    throw refused('period_is_missing', 'Say of which month, or from which month to which.')
  return [from, to]
}

/** The tenants that the scope's invoice bills; null where it names none, or one that was issued elsewhere. */
const tenantsOfInvoice = (session: Session, { invoiceId }: UsageScope): readonly string[] | null => {
  const invoice = invoiceId === undefined ? undefined : session.one('invoice', invoiceId)?.content
  if (invoice === undefined || invoice.imported !== undefined) return null
  const billed = billedTenants(session, invoice)
  return billed.length === 0 ? null : billed
}

export const usageParams = (session: Session, scope: UsageScope) => {
  const billed = tenantsOfInvoice(session, scope)
  const { timeZone } = session.settings()
  const period =
    scope.day === undefined
      ? (([from, to]) => ({
          startMs: monthPeriod(from, timeZone).startMs,
          endMs: monthPeriod(to, timeZone).endMs,
        }))(monthsOfScope(scope))
      : dayPeriod(scope.day, timeZone)
  return {
    metric: scope.metric,
    ...period,
    filters: (scope.filters ?? []).map(({ field, values }) => ({ field: field as UsageField, values })),
    ...(scope.customerId === undefined || billed !== null ? {} : { customerId: scope.customerId }),
    ...(scope.tenant !== undefined
      ? { tenants: [scope.tenant] }
      : billed === null
        ? {}
        : { tenants: [...billed] }),
    ...(scope.asOfBatch === undefined ? {} : { asOfBatch: scope.asOfBatch }),
  }
}

export const explainUsage = async (session: Session, scope: UsageScope) => {
  const metric = metricNamed(session, scope.metric)
  const explanation = await session.cube.explainUsage(usageParams(session, scope))
  const who =
    scope.customerId === undefined
      ? (scope.tenant ?? 'everyone')
      : (customersOf(session).find(({ id }) => id === scope.customerId)?.name ?? scope.customerId)
  const when =
    scope.day ??
    (([from, to]) => (from === to ? monthName(from) : `${monthName(from)} to ${monthName(to)}`))(
      monthsOfScope(scope),
    )
  return {
    title: `${who} · ${metric.name} · ${when}`,
    metric: metric.metric,
    unit: metric.unit,
    aggregation: metric.aggregation,
    total: explanation.total,
    events: explanation.events,
    days: explanation.days.map((day) => ({ ...day })),
    tenants: explanation.tenants.map((tenant) => ({ ...tenant })),
    batches: explanation.batches.map(({ batchId, events, quantity }) => {
      const batch = readBatch(session.ledger, batchId)
      return { batchId, title: batch?.title ?? '', recordedMs: batch?.recordedMs ?? 0, events, quantity }
    }),
    chainHead: session.head().hash,
  }
}

export const costParams = (session: Session, scope: CostScope) => {
  const span =
    scope.day === undefined
      ? { months: [...monthsBetween(...monthsOfScope(scope))] }
      : dayPeriod(scope.day, session.settings().timeZone)
  return {
    ...span,
    currency: session.settings().currency,
    filters: scope.filters.map(({ field, values }) => ({ field: field as CostGroup, values })),
    ...(scope.asOfBatch === undefined ? {} : { asOfBatch: scope.asOfBatch }),
  }
}

export const explainCost = async (session: Session, scope: CostScope) => {
  const { currency } = session.settings()
  const params = costParams(session, scope)
  const rules = new Map((session.one('rules', 'rules')?.content.rules ?? []).map((rule) => [rule.id, rule]))
  const [services, byRule] = await Promise.all([
    session.cube.costSlice({ ...params, grain: 'total', groupBy: ['service'] }),
    session.cube.costSlice({ ...params, grain: 'total', groupBy: ['rule'] }),
  ])
  const when =
    scope.day ??
    (([from, to]) => (from === to ? monthName(from) : `${monthName(from)} to ${monthName(to)}`))(
      monthsOfScope(scope),
    )
  const customers = new Map<string, string>(customersOf(session).map(({ id, name }) => [id, name]))
  const steps = new Map(plansOf(session).flatMap((plan) => plan.steps.map(({ id, name }) => [id, name])))
  const wordOf = (field: string, value: string | null): string => {
    if (value === null) return `no ${field}`
    if (field === 'customer') return customers.get(value) ?? value
    return field === 'pool' ? `pool ${steps.get(value) ?? value}` : value
  }
  const words = scope.filters.map(({ field, values }) =>
    values.map((value) => wordOf(field, value)).join(' or '),
  )
  return {
    title: [...(words.length === 0 ? ['All cost'] : words), when].join(' · '),
    currency,
    billed: sumDecimals(services.rows.map(({ billed }) => billed)),
    effective: sumDecimals(services.rows.map(({ effective }) => effective)),
    contracted: sumKnown(services.rows.map(({ contracted }) => contracted)),
    list: sumKnown(services.rows.map(({ list }) => list)),
    contractedUnknown: services.rows.reduce((sum, { contractedUnknown }) => sum + contractedUnknown, 0),
    listUnknown: services.rows.reduce((sum, { listUnknown }) => sum + listUnknown, 0),
    entries: services.rows.reduce((sum, { entries }) => sum + entries, 0),
    services: [...services.rows]
      .sort((a, b) => new Decimal(b.billed).comparedTo(a.billed))
      .map(({ keys, billed, effective, contracted, list, entries }) => ({
        service: keys[0] ?? null,
        billed,
        effective,
        contracted,
        list,
        entries,
      })),
    rules: byRule.rows.map(({ keys, billed, entries }) => {
      const ruleId = keys[0] ?? null
      const rule = ruleId === null ? undefined : rules.get(ruleId)
      return {
        ruleId,
        words:
          rule === undefined
            ? ruleId === null
              ? 'Unattributed: no rule claims it'
              : ruleId
            : `${rule.name}: ${describeRule(rule)}`,
        billed,
        entries,
      }
    }),
    chainHead: session.head().hash,
  }
}

/** A month's revenue by customer, or one customer's by line: its invoice, or the month as it rates now. */
export const explainRevenue = async (session: Session, month: Month, customerId: string | undefined) => {
  const revenue = (await revenueOf(session, [month])).get(month)
  const chosen = invoicesOf(revenue).filter(
    ({ invoice }) => customerId === undefined || invoice.customerId === customerId,
  )
  const { currency } = session.settings()
  const own = chosen.flatMap(({ inBook, ...part }) => (inBook === null ? [] : [{ ...part, inBook }]))
  const [one] = chosen
  const isOne = customerId !== undefined && one !== undefined
  return {
    title: `${isOne ? one.invoice.customerName : 'Revenue'} · ${monthName(month)}`,
    currency,
    total: own.length === 0 ? null : sumDecimals(own.map(({ inBook }) => inBook)),
    customers: own
      .map(({ invoice, from, inBook }) => ({
        customerId: invoice.customerId,
        name: invoice.customerName,
        total: inBook,
        invoiceId: from === 'invoice' ? invoice.id : null,
        state: from === 'invoice' ? invoice.state : 'rated now, no invoice yet',
      }))
      .sort((a, b) => new Decimal(b.total).comparedTo(a.total)),
    // Lines say their amounts in their invoice's currency, and these are all in one.
    lines: isOne
      ? own.flatMap(({ invoice, from }) =>
          invoice.currency === currency
            ? invoice.lines.map((line) => ({
                invoiceId: from === 'invoice' ? invoice.id : null,
                number: invoice.number,
                line,
              }))
            : [],
        )
      : [],
    notes: [...exchangeWords(chosen)],
    chainHead: isOne ? one.invoice.chainHead : session.head().hash,
    asOfBatch: isOne ? one.invoice.asOfBatch : null,
  }
}
