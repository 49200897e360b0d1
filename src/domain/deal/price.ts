/**
 * What a projection pays under a deal, in integers of the minor unit. List prices are computed once; a
 * discount is then applied to them, so a search for a discount does not rate again. A month's net equals
 * the total of the invoice that the same quantities would get: lines between their minimum and maximum, rounded once,
 * then the true-up.
 */
import { type DecimalText, decimalsOf } from '../decimal.ts'
import type { Metric } from '../metric.ts'
import { minorUnits, roundToMinor } from '../money.ts'
import { divideHalfEven, divideHalfUp, mostDecimals, powerOfTen, toScaled } from '../pricing/exact.ts'
import type { Charge, RateCard, RateCardVersion } from '../pricing/ratecard.ts'
import { versionInForce } from '../pricing/segments.ts'
import { entryOf } from '../pricing/term.ts'
import { listPriceOf, whyNotModelled } from './charge-price.ts'
import type { DealTerms } from './deal.ts'
import type { Projection } from './project.ts'

interface PricedLine {
  /** Exact, at a scale of its own. */
  readonly list: bigint
  /** Integers of that scale in one minor unit. */
  readonly perMinor: bigint
  /** The same for a list price multiplied by a percentage at the percent scale. */
  readonly perMinorOfPercent: bigint
  /** The charge's own discount at the percent scale; null where the overall one holds. */
  readonly ownPercent: bigint | null
  /** At the list's scale times 100 percent; null where there is none. */
  readonly minimum: bigint | null
  readonly maximum: bigint | null
  /** Whether bounds are of the list price, before a discount is taken. */
  readonly boundsList: boolean
  readonly round: (dividend: bigint, divisor: bigint) => bigint
}

export interface PricedTerm {
  /** Per month; null where the price is not known: no version in effect, or a charge that cannot be modelled. */
  readonly months: readonly (readonly PricedLine[] | null)[]
  /** Indexes of months on whose first day the card has no version in effect. */
  readonly withoutVersion: readonly number[]
  /** Charges that a month's quantities do not price, with the reason. */
  readonly unmodelled: readonly { readonly charge: Charge; readonly why: string }[]
  /** 100 percent at the percent scale. */
  readonly hundred: bigint
  /** The least a month pays; zero without a commitment. */
  readonly commitment: bigint
  /** The terms' overall discount at the percent scale. */
  readonly percent: bigint
}

/** Decimals to which discounts are searched for: 0.01 percent. */
export const SEARCH_DECIMALS = 2

/** List prices of every month, by the version in force on its first day. */
export const priceTerm = (input: {
  readonly terms: DealTerms
  readonly card: RateCard
  readonly metrics: readonly Metric[]
  readonly projection: Projection
}): PricedTerm => {
  const { terms, card, projection } = input
  const metrics = new Map(input.metrics.map((metric) => [metric.metric, metric]))
  const minor = minorUnits(card.currency)
  const discounts: readonly DecimalText[] = [terms.discountPercent, ...Object.values(terms.chargeDiscounts)]
  const percentScale = Math.max(SEARCH_DECIMALS, ...discounts.map(decimalsOf))
  const hundred = 100n * powerOfTen(percentScale)
  const compileVersion = (version: RateCardVersion) => {
    const settings = version.settings ?? {}
    const context = { projection, metrics, currency: card.currency, settings }
    return version.charges.flatMap((charge) => {
      const price = listPriceOf(charge, context)
      if (price === null) return []
      const own = entryOf(terms.chargeDiscounts, charge.id)
      const bounds = [charge.minimum, charge.maximum].filter((bound) => bound !== undefined)
      const scale = Math.max(minor, price.scale, mostDecimals(bounds))
      const finer = powerOfTen(scale - price.scale)
      const perMinor = powerOfTen(scale - minor)
      const bound = (amount: DecimalText | undefined) =>
        amount === undefined ? null : toScaled(amount, scale) * hundred
      const minimum = bound(charge.minimum)
      const fixed = {
        perMinor,
        perMinorOfPercent: perMinor * hundred,
        ownPercent: own === undefined ? null : toScaled(own, percentScale),
        maximum: bound(charge.maximum),
        boundsList: settings.boundsApply === 'before_discounts',
        round: settings.rounding === 'half_up' ? divideHalfUp : divideHalfEven,
      }
      const lineOf = (month: number): PricedLine => ({
        ...fixed,
        list: price.priceOf(month) * finer,
        minimum: settings.minimumAtZero === false && !price.isUsed(month) ? null : minimum,
      })
      return [lineOf]
    })
  }
  const byVersion = new Map<RateCardVersion, ReturnType<typeof compileVersion>>()
  const versions = projection.months.map((month) => versionInForce(card, `${month}-01`))
  const unmodelled = new Map<string, { readonly charge: Charge; readonly why: string }>()
  const months = versions.map((version, index) => {
    if (version === null) return null
    const lost = version.charges.flatMap((charge) => {
      const why = whyNotModelled(charge)
      return why === null ? [] : [{ charge, why }]
    })
    for (const each of lost) unmodelled.set(each.charge.id, each)
    if (lost.length > 0) return null
    const charges = byVersion.get(version) ?? compileVersion(version)
    byVersion.set(version, charges)
    return charges.map((lineOf) => lineOf(index))
  })
  return {
    months,
    withoutVersion: versions.flatMap((version, index) => (version === null ? [index] : [])),
    unmodelled: [...unmodelled.values()],
    hundred,
    commitment:
      terms.monthlyCommitment === null
        ? 0n
        : toScaled(roundToMinor(terms.monthlyCommitment, card.currency), minor),
    percent: toScaled(terms.discountPercent, percentScale),
  }
}

/** List revenue of a month: each line rounded to the minor unit, no discount, no bounds, no true-up. */
export const listOf = (lines: readonly PricedLine[]): bigint => {
  let total = 0n
  for (const line of lines) total += line.round(line.list, line.perMinor)
  return total
}

const within = (line: PricedLine, amount: bigint): bigint => {
  const raised = line.minimum !== null && amount < line.minimum ? line.minimum : amount
  return line.maximum !== null && raised > line.maximum ? line.maximum : raised
}

/** Net revenue of a month, at least the commitment. `percent` is the overall discount at the percent scale. */
export const netOf = (priced: PricedTerm, lines: readonly PricedLine[], percent: bigint): bigint => {
  let total = 0n
  for (const line of lines) {
    const kept = priced.hundred - (line.ownPercent ?? percent)
    if (line.minimum === null && line.maximum === null)
      total += line.round(line.list * kept, line.perMinorOfPercent)
    else if (line.boundsList) {
      const bounded = within(line, line.list * priced.hundred)
      total += line.round(bounded * kept, line.perMinorOfPercent * priced.hundred)
    } else total += line.round(within(line, line.list * kept), line.perMinorOfPercent)
  }
  return total > priced.commitment ? total : priced.commitment
}

const DISCOUNT_MAX = 10_000

/** The largest of 0 to 10,000 that holds, where whatever is below it holds too and `low` is known to. */
const bisect = (low: number, high: number, holdsAt: (hundredths: number) => boolean): number => {
  let [holding, failing] = [low, high]
  while (failing - holding > 1) {
    const middle = Math.floor((holding + failing) / 2)
    if (holdsAt(middle)) holding = middle
    else failing = middle
  }
  return holding
}

/** Months with their discountable lines as one, exact but not rounded line by line: quick, cents off at most. */
const roughNets = (priced: PricedTerm): ((percent: bigint) => readonly bigint[]) => {
  const scale = priced.months
    .flatMap((lines) => lines ?? [])
    .reduce((largest, line) => (line.perMinor > largest ? line.perMinor : largest), 1n)
  const months = priced.months.map((lines) => {
    let open = 0n
    let fixed = 0n
    for (const line of lines ?? []) {
      const list = line.list * (scale / line.perMinor)
      if (line.ownPercent === null) open += list
      else fixed += list * (priced.hundred - line.ownPercent)
    }
    return { open, fixed }
  })
  const divisor = scale * priced.hundred
  return (percent) =>
    months.map(({ open, fixed }) => {
      const net = (open * (priced.hundred - percent) + fixed) / divisor
      return net > priced.commitment ? net : priced.commitment
    })
}

/**
 * The largest overall discount, in hundredths of a percent from 0 to 10,000, at which `holds` is true of the
 * months' net revenues; null where it does not hold without discount either. Net revenue never rises with
 * the discount, so halving the range finds it. A rough search says where to look, and exact nets, which take
 * ten times as long, decide.
 */
export const largestDiscount = (
  priced: PricedTerm,
  holds: (nets: readonly bigint[]) => boolean,
): number | null => {
  const months = priced.months.map((lines) => lines ?? [])
  const step = priced.hundred / BigInt(DISCOUNT_MAX)
  const holdsAt = (hundredths: number) =>
    holds(months.map((lines) => netOf(priced, lines, BigInt(hundredths) * step)))
  if (!holdsAt(0)) return null
  if (holdsAt(DISCOUNT_MAX)) return DISCOUNT_MAX
  const rough = roughNets(priced)
  const guess = bisect(0, DISCOUNT_MAX, (hundredths) => holds(rough(BigInt(hundredths) * step)))
  let [low, high] = [0, DISCOUNT_MAX]
  for (let width = 1; ; width *= 2) {
    const below = Math.max(low, guess - width + 1)
    const above = Math.min(high, guess + width)
    if (below > low && !holdsAt(below)) high = below
    else if (above < high && holdsAt(above)) low = above
    else return bisect(below, above, holdsAt)
  }
}
