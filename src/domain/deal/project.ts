/**
 * What a customer is expected to use and cost. The base is the average of the last (up to three) baseline
 * months with usage before the term; month k of the term, counted from 0, is base × (1 + growth)^k, so the
 * first month is the base itself. Quantities are rounded towards zero to the metric's scale. Cost to serve
 * grows by the same factor from the average cost of the same months, rounded half-even to the minor unit.
 */
import { Decimal, type DecimalText, decimalsOf } from '../decimal.ts'
import type { Metric } from '../metric.ts'
import { minorUnits } from '../money.ts'
import { type Month, toMonth } from '../period.ts'
import { divideHalfEven, powerOfTen, toScaled } from '../pricing/exact.ts'
import type { BaselineMonth, DealTerms } from './deal.ts'

const BASE_MONTHS = 3
const TERM_MONTHS_MAX = 120

export interface Projection {
  readonly months: readonly Month[]
  /** The baseline months averaged, oldest first; empty where none has usage. */
  readonly baseMonths: readonly string[]
  /** Of those, the months whose cost is known. */
  readonly costMonths: readonly string[]
  /** By metric, one integer per month at the metric's scale. */
  readonly quantities: ReadonlyMap<string, readonly bigint[]>
  /** Minor units per month; null where no base month has a cost. */
  readonly costs: readonly bigint[] | null
}

/** Months of the term by plain arithmetic: this runs on every move of a slider. */
const monthsOfTerm = (startDay: string, count: number): readonly Month[] => {
  const first = Number(startDay.slice(0, 4)) * 12 + Number(startDay.slice(5, 7)) - 1
  return Array.from({ length: count }, (_, index) => {
    const year = String(Math.floor((first + index) / 12)).padStart(4, '0')
    return toMonth(`${year}-${String(((first + index) % 12) + 1).padStart(2, '0')}`)
  })
}

/** @throws RangeError where the terms are outside what the contract of the API admits. */
const checkTerms = (terms: DealTerms): void => {
  if (!Number.isInteger(terms.termMonths) || terms.termMonths < 1 || terms.termMonths > TERM_MONTHS_MAX)
    throw new RangeError(`a term is 1 to ${TERM_MONTHS_MAX} months, not ${terms.termMonths}`)
  if (!/^\d{4}-\d{2}-01$/.test(terms.startDay))
    throw new RangeError(`a deal starts on the first of a month, not ${terms.startDay}`)
  if (new Decimal(terms.monthlyGrowthPercent).lte(-100))
    throw new RangeError(`growth must be above -100 percent, not ${terms.monthlyGrowthPercent}`)
}

const hasUsage = (month: BaselineMonth): boolean =>
  Object.values(month.quantities).some((quantity) => quantity !== '0')

/** `sum / count` grown by `factors`, each a fraction, rounded by `divide`. */
const grow = (
  sum: bigint,
  count: bigint,
  factors: readonly (readonly [bigint, bigint])[],
  divide: (dividend: bigint, divisor: bigint) => bigint,
): readonly bigint[] =>
  factors.map(([numerator, denominator]) => divide(sum * numerator, count * denominator))

const towardsZero = (dividend: bigint, divisor: bigint): bigint => dividend / divisor

const sumAt = (texts: readonly DecimalText[], scale: number): bigint =>
  texts.reduce((sum, text) => sum + toScaled(text, scale), 0n)

/**
 * @param baseline complete months only, in any order: a month still running would drag the average down.
 * @throws RangeError where the terms are malformed.
 */
export const projectUsage = (input: {
  readonly terms: DealTerms
  readonly baseline: readonly BaselineMonth[]
  readonly metrics: readonly Metric[]
  readonly currency: string
}): Projection => {
  const { terms, baseline, metrics, currency } = input
  checkTerms(terms)
  const base = baseline
    .filter((month) => month.month < terms.startDay.slice(0, 7) && hasUsage(month))
    .sort((a, b) => (a.month < b.month ? -1 : 1))
    .slice(-BASE_MONTHS)
  const growthScale = decimalsOf(terms.monthlyGrowthPercent)
  const hundred = 100n * powerOfTen(growthScale)
  const grown = hundred + toScaled(terms.monthlyGrowthPercent, growthScale)
  let factor: readonly [bigint, bigint] = [1n, 1n]
  const factors = Array.from({ length: terms.termMonths }, () => {
    const current = factor
    factor = [factor[0] * grown, factor[1] * hundred]
    return current
  })
  const quantities = new Map(
    metrics.map((metric) => {
      const texts = base.flatMap((month) => month.quantities[metric.metric] ?? [])
      const scale = Math.max(metric.scale, ...texts.map(decimalsOf))
      const count = BigInt(Math.max(base.length, 1)) * powerOfTen(scale - metric.scale)
      return [metric.metric, grow(sumAt(texts, scale), count, factors, towardsZero)]
    }),
  )
  const costed = base.flatMap(({ month, cost }) => (cost === null ? [] : [{ month, cost }]))
  const minor = minorUnits(currency)
  const costScale = Math.max(minor, ...costed.map(({ cost }) => decimalsOf(cost)))
  const costSum = sumAt(
    costed.map(({ cost }) => cost),
    costScale,
  )
  const costCount = BigInt(costed.length) * powerOfTen(costScale - minor)
  return {
    months: monthsOfTerm(terms.startDay, terms.termMonths),
    baseMonths: base.map((month) => month.month),
    costMonths: costed.map((month) => month.month),
    quantities,
    costs: costed.length === 0 ? null : grow(costSum, costCount, factors, divideHalfEven),
  }
}
