/** Margin per customer and month: revenue less what it costs directly and what is allocated to it. */
import type { CostBasis, MarginReport } from '../../../contract/cost.ts'
import { Decimal, type DecimalText, sumDecimals, ZERO } from '../../../domain/decimal.ts'
import { marginOf } from '../../../domain/margin.ts'
import { addMonths, type Month, monthsBetween } from '../../../domain/period.ts'
import { formatAmount } from '../../../domain/pricing/format.ts'
import { knownTo } from '../past.ts'
import { customersOf, type Session } from '../session.ts'
import { sumKnown, unknownWords } from './cost-basis.ts'
import { exchangeWords } from './exchange.ts'
import { costOf, equationOf } from './month-cost.ts'
import { type MonthCost, NO_COST } from './placed-cost.ts'
import { invoicesOf, revenueOf, totalRevenue } from './revenue.ts'

const TREND_MONTHS = 6

const isBelowFloor = (
  revenue: DecimalText | null,
  cost: DecimalText | null,
  floorPercent: DecimalText,
): boolean => {
  if (revenue === null || cost === null) return false
  const income = new Decimal(revenue)
  if (income.isZero()) return new Decimal(cost).gt(0)
  return income.minus(cost).times(100).lt(income.times(floorPercent))
}

/** What a customer costs: directly, and by what was allocated to it; null where neither is known. */
export const customerCost = (cost: MonthCost | undefined, customerId: string) => {
  const directCost = cost?.byCustomer.get(customerId) ?? null
  const allocated = cost?.allocatedByCustomer.get(customerId) ?? null
  // With steps in force, a customer with cost that none of them reached was allocated nothing: zero, and known.
  const allocatedCost = allocated ?? (directCost !== null && (cost?.steps.length ?? 0) > 0 ? ZERO : null)
  return { directCost, allocatedCost, cost: sumKnown([directCost, allocatedCost]) }
}

/** @param options `allocates: false` leaves every cost where the rules put it. */
export const marginReport = async (
  session: Session,
  month: Month,
  options: { readonly basis?: CostBasis | undefined; readonly allocates?: boolean } = {},
): Promise<MarginReport> => {
  const settings = session.settings()
  const trendMonths = monthsBetween(addMonths(month, 1 - TREND_MONTHS), month)
  const [revenues, costs] = await Promise.all([
    revenueOf(session, trendMonths),
    costOf(session, trendMonths, options),
  ])
  const revenue = revenues.get(month)
  const cost = costs.get(month) ?? NO_COST
  const customers = customersOf(session)
  const known = new Set(customers.map(({ id }) => id))
  const names = new Map(customers.map(({ id, name }) => [id, name]))
  for (const each of revenue?.byCustomer.values() ?? [])
    names.set(each.customerId, names.get(each.customerId) ?? each.name)
  for (const id of [...cost.byCustomer.keys(), ...cost.allocatedByCustomer.keys()])
    if (!names.has(id)) names.set(id, id)
  const rows = [...names].map(([customerId, name]) => {
    const own = revenue?.byCustomer.get(customerId)
    const amount = own?.total ?? null
    const spent = customerCost(cost, customerId)
    return {
      customerId,
      name,
      revenue: amount,
      revenueFrom: own?.from ?? ('none' as const),
      ...spent,
      ...marginOf(amount, spent.cost),
      belowFloor: isBelowFloor(amount, spent.cost, settings.marginFloorPercent),
      trend: trendMonths.map(
        (each) =>
          marginOf(
            revenues.get(each)?.byCustomer.get(customerId)?.total ?? null,
            customerCost(costs.get(each), customerId).cost,
          ).marginPercent,
      ),
    }
  })
  const shown = rows.filter((row) => row.revenue !== null || row.cost !== null || known.has(row.customerId))
  const totalOf = totalRevenue(revenue)
  const equation = equationOf(cost)
  const { isKnown } = equation
  const whole = sumDecimals([cost.direct, cost.allocated])
  const gaps: string[] = []
  const amount = (value: DecimalText) => `${formatAmount(value, settings.currency)} ${settings.currency}`
  const priceless = shown.filter((row) => row.revenueFrom === 'none' && row.cost !== null)
  if (priceless.length > 0)
    gaps.push(
      priceless.length === 1
        ? '1 customer with cost has no price: its revenue is not in the total.'
        : `${priceless.length} customers with cost have no price: their revenue is not in the total.`,
    )
  const loose = [...new Set([...cost.byLooseTenant.keys(), ...cost.allocatedByLooseTenant.keys()])]
  if (loose.length > 0)
    gaps.push(
      `${amount(sumDecimals([...cost.byLooseTenant.values(), ...cost.allocatedByLooseTenant.values()]))} of cost is of ${loose.length === 1 ? '1 tenant that belongs' : `${loose.length} tenants that belong`} to no customer: it is in the total, and in no customer’s margin.`,
    )
  if (cost.unattributed !== ZERO)
    gaps.push(`${amount(cost.unattributed)} of the bill is unattributed: no customer’s margin carries it.`)
  if (cost.idle !== ZERO)
    gaps.push(
      `${amount(cost.idle)} of the bill is idle capacity kept apart: no customer’s margin carries it.`,
    )
  const stepNames = new Map((cost.plan?.steps ?? []).map(({ id, name }) => [id, name]))
  for (const step of cost.steps)
    if (step.left !== ZERO)
      gaps.push(
        `${amount(step.left)} of the pool “${stepNames.get(step.stepId) ?? step.stepId}” could go to nobody, since nobody had weight: it stays unattributed.`,
      )
  gaps.push(...exchangeWords(invoicesOf(revenue)))
  const unknown = unknownWords(cost.basis, cost.unknownEntries)
  if (unknown !== null) gaps.push(unknown)
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
    basis: cost.basis,
    floorPercent: settings.marginFloorPercent,
    trendMonths: [...trendMonths],
    rows: shown,
    withoutCustomer: loose.map((tenant) => ({
      tenant,
      directCost: cost.byLooseTenant.get(tenant) ?? ZERO,
      allocatedCost: cost.allocatedByLooseTenant.get(tenant) ?? ZERO,
    })),
    total: {
      revenue: totalOf,
      directCost: isKnown ? cost.direct : null,
      allocatedCost: isKnown && cost.steps.length > 0 ? cost.allocated : null,
      cost: isKnown ? whole : null,
      ...marginOf(totalOf, cost.entries === 0 || !isKnown ? null : whole),
    },
    equation,
    gaps,
    asOf: knownTo(session),
  }
}
