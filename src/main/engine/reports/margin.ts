/** Margin per customer and month, the equation of the bill, the waterfall of one customer, and the month's overview. */

import type { MarginReport } from '../../../contract/cost.ts'
import { describeRule } from '../../../domain/attribution/describe.ts'
import {
  Decimal,
  type DecimalText,
  negateDecimal,
  sumDecimals,
  toDecimalText,
  ZERO,
} from '../../../domain/decimal.ts'
import type { LineKind } from '../../../domain/invoice/invoice.ts'
import { marginOf } from '../../../domain/margin.ts'
import { addMonths, type Month, monthsBetween } from '../../../domain/period.ts'
import { formatAmount } from '../../../domain/pricing/format.ts'
import { knownTo } from '../past.ts'
import { notFound } from '../refusals.ts'
import { customersOf, type Session } from '../session.ts'
import { revenueOf, totalRevenue } from './revenue.ts'

const TREND_MONTHS = 6

export const shareOf = (part: DecimalText, whole: DecimalText): DecimalText | null => {
  const total = new Decimal(whole)
  return total.isZero() ? null : toDecimalText(new Decimal(part).times(100).div(total).toDecimalPlaces(1))
}

/**
 * Unattributed cost as a share of the bill, whichever sign either has: credits that no rule claims are as
 * unattributed as charges. Null where there is no cost; all of it where the bill adds up to nothing.
 */
export const unattributedShare = (cost: MonthCost | undefined): DecimalText | null => {
  if (cost === undefined || cost.entries === 0) return null
  const share = shareOf(cost.unattributed, cost.bill)
  if (share !== null) return toDecimalText(new Decimal(share).abs())
  return cost.unattributed === ZERO ? ZERO : ('100' as DecimalText)
}

export interface MonthCost {
  readonly bill: DecimalText
  readonly direct: DecimalText
  readonly unattributed: DecimalText
  readonly entries: number
  /** In the book's currency, by customer. */
  readonly byCustomer: ReadonlyMap<string, DecimalText>
  /** Attributed to tenants that belong to no customer. */
  readonly byLooseTenant: ReadonlyMap<string, DecimalText>
  readonly otherCurrencies: readonly string[]
}

const NO_COST: MonthCost = {
  bill: ZERO,
  direct: ZERO,
  unattributed: ZERO,
  entries: 0,
  byCustomer: new Map(),
  byLooseTenant: new Map(),
  otherCurrencies: [],
}

const add = (map: Map<string, DecimalText>, key: string, amount: DecimalText) =>
  map.set(key, sumDecimals([map.get(key) ?? ZERO, amount]))

/** Cost of the months by the book's cost basis and in its currency; others are named, never added. */
export const costOf = async (
  session: Session,
  months: readonly Month[],
): Promise<ReadonlyMap<Month, MonthCost>> => {
  const { costBasis, currency } = session.settings()
  const [totals, parts] = await Promise.all([
    session.cube.costTotals({ months: [...months], currency: null }),
    session.cube.costByCustomer({ months: [...months] }),
  ])
  return new Map(
    months.map((month) => {
      const byCustomer = new Map<string, DecimalText>()
      const byLooseTenant = new Map<string, DecimalText>()
      for (const part of parts)
        if (part.month === month && part.currency === currency && part.tenant !== null)
          if (part.customerId === null) add(byLooseTenant, part.tenant, part[costBasis])
          else add(byCustomer, part.customerId, part[costBasis])
      const total = totals.find((each) => each.month === month && each.currency === currency)
      const otherCurrencies = totals
        .filter((each) => each.month === month && each.currency !== currency)
        .map((each) => each.currency)
      if (total === undefined) return [month, { ...NO_COST, otherCurrencies }]
      return [
        month,
        {
          bill: total[costBasis],
          direct: costBasis === 'billed' ? total.attributedBilled : total.attributedEffective,
          unattributed: costBasis === 'billed' ? total.unattributedBilled : total.unattributedEffective,
          entries: total.entries,
          byCustomer,
          byLooseTenant,
          otherCurrencies,
        },
      ]
    }),
  )
}

/** The equation that must hold; `holds` is computed from the parts, never assumed. */
export const equationOf = (cost: MonthCost) => {
  const parts = sumDecimals([...cost.byCustomer.values(), ...cost.byLooseTenant.values()])
  return {
    bill: cost.bill,
    direct: cost.direct,
    unattributed: cost.unattributed,
    holds: sumDecimals([cost.direct, cost.unattributed]) === cost.bill && parts === cost.direct,
  }
}

export const isBelowFloor = (
  revenue: DecimalText | null,
  cost: DecimalText | null,
  floorPercent: DecimalText,
): boolean => {
  if (revenue === null || cost === null) return false
  const income = new Decimal(revenue)
  if (income.isZero()) return new Decimal(cost).gt(0)
  return income.minus(cost).times(100).lt(income.times(floorPercent))
}

export const marginReport = async (session: Session, month: Month): Promise<MarginReport> => {
  const settings = session.settings()
  const trendMonths = monthsBetween(addMonths(month, 1 - TREND_MONTHS), month)
  const [revenues, costs] = await Promise.all([revenueOf(session, trendMonths), costOf(session, trendMonths)])
  const revenue = revenues.get(month)
  const cost = costs.get(month) ?? NO_COST
  const customers = customersOf(session)
  const known = new Set(customers.map(({ id }) => id))
  const names = new Map(customers.map(({ id, name }) => [id, name]))
  for (const each of revenue?.byCustomer.values() ?? [])
    names.set(each.customerId, names.get(each.customerId) ?? each.name)
  for (const id of cost.byCustomer.keys()) if (!names.has(id)) names.set(id, id)
  const rows = [...names].map(([customerId, name]) => {
    const own = revenue?.byCustomer.get(customerId)
    const amount = own?.total ?? null
    const directCost = cost.byCustomer.get(customerId) ?? null
    return {
      customerId,
      name,
      revenue: amount,
      revenueFrom: own?.from ?? ('none' as const),
      directCost,
      ...marginOf(amount, directCost),
      belowFloor: isBelowFloor(amount, directCost, settings.marginFloorPercent),
      trend: trendMonths.map(
        (each) =>
          marginOf(
            revenues.get(each)?.byCustomer.get(customerId)?.total ?? null,
            costs.get(each)?.byCustomer.get(customerId) ?? null,
          ).marginPercent,
      ),
    }
  })
  const shown = rows.filter(
    (row) => row.revenue !== null || row.directCost !== null || known.has(row.customerId),
  )
  const totalOf = totalRevenue(revenue)
  const gaps: string[] = []
  const amount = (value: DecimalText) => `${formatAmount(value, settings.currency)} ${settings.currency}`
  const priceless = shown.filter((row) => row.revenue === null && row.directCost !== null)
  if (priceless.length > 0)
    gaps.push(
      priceless.length === 1
        ? '1 customer with cost has no price: its revenue is not in the total.'
        : `${priceless.length} customers with cost have no price: their revenue is not in the total.`,
    )
  if (cost.byLooseTenant.size > 0)
    gaps.push(
      `${amount(sumDecimals([...cost.byLooseTenant.values()]))} of direct cost is of ${cost.byLooseTenant.size === 1 ? '1 tenant that belongs' : `${cost.byLooseTenant.size} tenants that belong`} to no customer: it is in the total, and in no customer’s margin.`,
    )
  if (cost.unattributed !== ZERO)
    gaps.push(`${amount(cost.unattributed)} of the bill is unattributed: no customer’s margin carries it.`)
  if (cost.otherCurrencies.length > 0)
    gaps.push(`Cost in ${cost.otherCurrencies.join(', ')} is not converted and not in these figures.`)
  const provisional = shown.filter((row) => row.revenueFrom === 'rated').length
  if (provisional > 0)
    gaps.push(
      `Revenue of ${provisional === 1 ? '1 customer' : `${provisional} customers`} is rated as it stands now; no invoice was made yet.`,
    )
  return {
    month,
    currency: settings.currency,
    basis: settings.costBasis,
    floorPercent: settings.marginFloorPercent,
    trendMonths: [...trendMonths],
    rows: shown,
    withoutCustomer: [...cost.byLooseTenant].map(([tenant, directCost]) => ({ tenant, directCost })),
    total: {
      revenue: totalOf,
      directCost: cost.direct,
      ...marginOf(totalOf, cost.entries === 0 ? null : cost.direct),
    },
    equation: equationOf(cost),
    gaps,
    asOf: knownTo(session),
  }
}

/** From list revenue to margin, with the rules that put each cost there. @throws NOT_FOUND */
export const waterfallOf = async (session: Session, customerId: string, month: Month) => {
  const settings = session.settings()
  const customer = customersOf(session).find(({ id }) => id === customerId)
  if (customer === undefined) throw notFound(`There is no customer ${customerId}.`)
  const revenue = (await revenueOf(session, [month])).get(month)?.byCustomer.get(customerId) ?? null
  const services = await session.cube.costSlice({
    months: [month],
    grain: 'total',
    currency: settings.currency,
    groupBy: ['service', 'rule'],
    filters: [{ field: 'customer', values: [customerId] }],
  })
  const rules = new Map((session.one('rules', 'rules')?.content.rules ?? []).map((rule) => [rule.id, rule]))
  const byService = new Map<string, { amount: DecimalText; rules: string[] }>()
  for (const row of services.rows) {
    const service = row.keys[0] ?? 'no service named'
    const rule = row.keys[1] === null || row.keys[1] === undefined ? undefined : rules.get(row.keys[1])
    const before = byService.get(service)
    byService.set(service, {
      amount: sumDecimals([before?.amount ?? ZERO, row[settings.costBasis]]),
      rules: [
        ...(before?.rules ?? []),
        ...(rule === undefined ? [] : [`${rule.name}: ${describeRule(rule)}`]),
      ],
    })
  }
  const step = (
    key: string,
    label: string,
    kind: 'list' | 'discount' | 'true_up' | 'rounding' | 'net' | 'cost' | 'margin',
    amount: DecimalText,
    ruleWords: string[] = [],
  ) => ({ key, label, kind, amount, rules: ruleWords })
  const steps: ReturnType<typeof step>[] = []
  if (revenue !== null && revenue.total !== null) {
    const lines = revenue.parts.flatMap(({ invoice }) =>
      invoice.currency === settings.currency ? invoice.lines : [],
    )
    const charges = lines.filter(({ kind }) => kind === 'charge')
    const list = sumDecimals(charges.map((line) => line.listAmount))
    const ofLines = sumDecimals(charges.map((line) => line.discountAmount))
    const bounds = sumDecimals(charges.map((line) => line.boundsAmount ?? ZERO))
    const net = sumDecimals(charges.map((line) => line.amount))
    const rounding = sumDecimals([net, ...[list, ofLines, bounds].map(negateDecimal)])
    const sumOf = (...kinds: readonly LineKind[]) =>
      sumDecimals(lines.filter(({ kind }) => kinds.includes(kind)).map((line) => line.amount))
    const discounts = sumDecimals([ofLines, sumOf('discount')])
    const minimums = sumDecimals([bounds, sumOf('minimum', 'maximum')])
    const overage = sumOf('overage')
    const trueUp = sumOf('true_up')
    steps.push(step('list', 'List revenue', 'list', list))
    if (discounts !== ZERO) steps.push(step('discount', 'Discounts', 'discount', discounts))
    if (rounding !== ZERO) steps.push(step('rounding', 'Rounding', 'rounding', rounding))
    if (minimums !== ZERO) steps.push(step('bounds', 'Minimums and maximums', 'true_up', minimums))
    if (overage !== ZERO) steps.push(step('overage', 'Overage beyond commitments', 'true_up', overage))
    if (trueUp !== ZERO) steps.push(step('true_up', 'Commitment true-up', 'true_up', trueUp))
    steps.push(step('net', 'Net revenue', 'net', revenue.total))
  }
  const services_ = [...byService].sort((a, b) => new Decimal(b[1].amount).comparedTo(a[1].amount))
  for (const [service, { amount, rules: words }] of services_)
    steps.push(step(`cost:${service}`, service, 'cost', negateDecimal(amount), [...new Set(words)]))
  const cost = byService.size === 0 ? null : sumDecimals([...byService.values()].map(({ amount }) => amount))
  const { margin } = marginOf(revenue?.total ?? null, cost)
  if (margin !== null) steps.push(step('margin', 'Margin', 'margin', margin))
  return {
    customerId,
    name: customer.name,
    month,
    currency: settings.currency,
    steps,
    asOf: knownTo(session),
  }
}
