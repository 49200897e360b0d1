/** Models a scenario of a deal month by month: what it would be billed, what it costs to serve, what is kept. */
import { Decimal, type DecimalText, decimalsOf, integerToDecimal } from '../decimal.ts'
import type { Issue } from '../issue.ts'
import type { Metric } from '../metric.ts'
import { minorUnits } from '../money.ts'
import { divideHalfEven, powerOfTen, toScaled } from '../pricing/exact.ts'
import { metricsOfCharge } from '../pricing/needs.ts'
import type { RateCard } from '../pricing/ratecard.ts'
import type { BaselineMonth, DealTerms } from './deal.ts'
import { largestDiscount, listOf, netOf, type PricedTerm, priceTerm, SEARCH_DECIMALS } from './price.ts'
import { type Projection, projectUsage } from './project.ts'

export interface ModelInput {
  readonly terms: DealTerms
  /** Complete past months, in any order. */
  readonly baseline: readonly BaselineMonth[]
  readonly card: RateCard
  readonly metrics: readonly Metric[]
  /** The book's, in which the baseline's costs are. */
  readonly currency: string
}

/** Amounts in the card's currency, rounded to its minor unit. What has no price or no cost is null, never zero. */
export interface ModelAmounts {
  /** Before discounts. */
  readonly listRevenue: DecimalText | null
  /** After discounts, the commitment's true-up included. */
  readonly netRevenue: DecimalText | null
  readonly cost: DecimalText | null
  readonly margin: DecimalText | null
  /** Share of net revenue, one decimal. */
  readonly marginPercent: DecimalText | null
}

export interface ModelMonth extends ModelAmounts {
  readonly month: string
  /** In units, by metric. */
  readonly quantities: { readonly [metric: string]: DecimalText }
}

export interface ModelYear extends ModelAmounts {
  /** Year of the term, counted from 1; the last may be shorter than twelve months. */
  readonly year: number
}

export interface DealModel {
  readonly currency: string
  readonly months: readonly ModelMonth[]
  readonly years: readonly ModelYear[]
  /** Over the term; `netRevenue` is the total contract value. */
  readonly totals: ModelAmounts
  /** The baseline months averaged into the base. */
  readonly baseMonths: readonly string[]
  /**
   * The largest overall discount, to 0.01 percent, at which the term's net revenue still covers its cost: 100
   * where the commitment alone does. Null where cost or price is unknown, or list prices do not cover it.
   */
  readonly breakEvenDiscountPercent: DecimalText | null
  readonly issues: readonly Issue[]
}

interface Amounts {
  readonly list: bigint | null
  readonly net: bigint | null
  readonly cost: bigint | null
}

/** As {@link import('../margin.ts').marginOf}, on integers of the minor unit. */
const toAmounts = ({ list, net, cost }: Amounts, minor: number): ModelAmounts => {
  const text = (value: bigint | null) => (value === null ? null : integerToDecimal(value, minor))
  const margin = net === null || cost === null ? null : net - cost
  return {
    listRevenue: text(list),
    netRevenue: text(net),
    cost: text(cost),
    margin: text(margin),
    marginPercent:
      margin === null || net === null || net <= 0n
        ? null
        : integerToDecimal(divideHalfEven(margin * 1000n, net), 1),
  }
}

const addKnown = (a: bigint | null, b: bigint | null) => (a === null || b === null ? null : a + b)

/** A sum with an unknown part is unknown. */
const sumAmounts = (amounts: readonly Amounts[]): Amounts =>
  amounts.reduce(
    (sum, next) => ({
      list: addKnown(sum.list, next.list),
      net: addKnown(sum.net, next.net),
      cost: addKnown(sum.cost, next.cost),
    }),
    { list: 0n, net: 0n, cost: 0n },
  )

const byYear = <T>(months: readonly T[]): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(months.length / 12) }, (_, year) => months.slice(year * 12, year * 12 + 12))

const issuesOf = (input: ModelInput, projection: Projection, priced: PricedTerm): readonly Issue[] => {
  const { card, metrics, terms } = input
  const issues: Issue[] = []
  const add = (severity: Issue['severity'], code: string, message: string) =>
    issues.push({ severity, code, message })
  if (card.currency !== input.currency)
    add(
      'error',
      'rate_card_in_another_currency',
      `Rate card ${card.name} is in ${card.currency}, costs are in ${input.currency}: margins are unknown. Use a card in ${input.currency}.`,
    )
  if (projection.baseMonths.length === 0)
    add(
      'warning',
      'no_base_month',
      `No complete month before ${terms.startDay} has usage: quantities are zero and cost is unknown. Import usage first.`,
    )
  else if (projection.costMonths.length === 0)
    add(
      'warning',
      'cost_is_unknown',
      `No cost is attributed to the customer in ${projection.baseMonths.join(', ')}: margins are unknown. Write an attribution rule.`,
    )
  else if (projection.costMonths.length < projection.baseMonths.length)
    add(
      'warning',
      'cost_is_known_in_part',
      `Of ${projection.baseMonths.join(', ')} only ${projection.costMonths.join(', ')} has cost: the base cost is the average of those.`,
    )
  for (const { charge, why } of priced.unmodelled)
    add(
      'error',
      'charge_cannot_be_modelled',
      `${charge.name} of rate card ${card.name} cannot be modelled from a month's totals (${why}): revenue is unknown. ` +
        'Model with a card whose charge is priced by one quantity, say its average price per unit.',
    )
  const unpriced = projection.months.filter((_, index) => priced.withoutVersion.includes(index))
  if (unpriced.length > 0)
    add(
      'error',
      'no_price_in_effect',
      `Rate card ${card.name} has no version in effect on the first day of ${unpriced.join(', ')}: revenue is unknown. Start later, or add a version.`,
    )
  const known = new Set(metrics.map((metric) => metric.metric))
  const charges = card.versions.flatMap((version) => version.charges)
  const chargedMetrics = new Set(charges.flatMap(metricsOfCharge))
  for (const metric of chargedMetrics)
    if (!known.has(metric))
      add(
        'error',
        'metric_is_unknown',
        `Rate card ${card.name} prices ${metric}, which is not a metric of the book.`,
      )
  for (const [metric, quantities] of projection.quantities)
    if (quantities[0] !== 0n && !chargedMetrics.has(metric))
      add(
        'warning',
        'metric_without_price',
        `The customer uses ${metric}, but rate card ${card.name} has no price for it.`,
      )
  return issues
}

/** Everything that does not depend on the overall discount; costs are null where they cannot be compared. */
const prepare = (input: ModelInput) => {
  const projection = projectUsage(input)
  const priced = priceTerm({ ...input, projection })
  const costs = input.card.currency === input.currency ? projection.costs : null
  const isPriced = priced.months.every((lines) => lines !== null)
  return { projection, priced, costs, isPriced }
}

const sum = (values: readonly bigint[]): bigint => values.reduce((total, value) => total + value, 0n)

const hundredthsToText = (hundredths: number | null): DecimalText | null =>
  hundredths === null ? null : integerToDecimal(BigInt(hundredths), SEARCH_DECIMALS)

/**
 * Models one scenario. Pure and quick: a renderer may call it on every move of a slider.
 * @throws RangeError where the terms are malformed (term, start day, growth).
 */
export const modelScenario = (input: ModelInput): DealModel => {
  const { projection, priced, costs, isPriced } = prepare(input)
  const minor = minorUnits(input.card.currency)
  const amounts = projection.months.map((_, index): Amounts => {
    const lines = priced.months[index] ?? null
    return {
      list: lines === null ? null : listOf(lines),
      net: lines === null ? null : netOf(priced, lines, priced.percent),
      cost: costs?.[index] ?? null,
    }
  })
  const months = projection.months.map((month, index): ModelMonth => {
    const quantities = Object.fromEntries(
      input.metrics.map(({ metric, scale }) => [
        metric,
        integerToDecimal(projection.quantities.get(metric)?.[index] ?? 0n, scale),
      ]),
    )
    return { month, quantities, ...toAmounts(amounts[index] ?? { list: null, net: null, cost: null }, minor) }
  })
  const totalCost = costs === null ? null : sum(costs)
  const breakEven =
    totalCost === null || !isPriced ? null : largestDiscount(priced, (nets) => sum(nets) >= totalCost)
  return {
    currency: input.card.currency,
    months,
    years: byYear(amounts).map((year, index) => ({ year: index + 1, ...toAmounts(sumAmounts(year), minor) })),
    totals: toAmounts(sumAmounts(amounts), minor),
    baseMonths: projection.baseMonths,
    breakEvenDiscountPercent: hundredthsToText(breakEven),
    issues: issuesOf(input, projection, priced),
  }
}

/** Whether revenue less cost is at least the floor's share of revenue, exactly. */
const meetsFloor = (net: bigint, cost: bigint, floor: { readonly value: bigint; readonly hundred: bigint }) =>
  net > 0n && (net - cost) * floor.hundred >= net * floor.value

const floorOf = (floorPercent: DecimalText) => {
  const scale = decimalsOf(floorPercent)
  return { value: toScaled(floorPercent, scale), hundred: 100n * powerOfTen(scale) }
}

/**
 * The largest overall discount, to 0.01 percent, that keeps the margin of every year of the term at the floor
 * or above. Null where cost or price is unknown, or the floor is not met without discount either.
 */
export const maxDiscountForFloor = (input: ModelInput, floorPercent: DecimalText): DecimalText | null => {
  const { priced, costs, isPriced } = prepare(input)
  if (costs === null || !isPriced) return null
  const floor = floorOf(floorPercent)
  const yearlyCosts = byYear(costs).map(sum)
  return hundredthsToText(
    largestDiscount(priced, (nets) =>
      byYear(nets).every((year, index) => meetsFloor(sum(year), yearlyCosts[index] ?? 0n, floor)),
    ),
  )
}

/** Whether a year of the term is below the floor, by exact amounts; null where a margin is unknown. */
export const belowFloor = (model: DealModel, floorPercent: DecimalText): boolean | null => {
  const margins = model.years.map(({ margin, netRevenue }) =>
    margin === null || netRevenue === null
      ? null
      : new Decimal(netRevenue).lte(0) ||
        new Decimal(margin).times(100).lt(new Decimal(netRevenue).times(floorPercent)),
  )
  if (margins.includes(true)) return true
  return margins.includes(null) ? null : false
}
