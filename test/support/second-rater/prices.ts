/** What a quantity above zero costs, and zero. */
import type { PercentTier, QuantityPrice, StairStep, Tier } from '../../../src/domain/pricing/ratecard.ts'
import {
  add,
  ceiling,
  compare,
  cut,
  decimal,
  greater,
  HUNDRED,
  lesser,
  minus,
  NOUGHT,
  negate,
  over,
  type Rational,
  sign,
  times,
  total,
  whole,
} from './rational.ts'

type Step = { readonly upTo: string | null }

/** The tier in which a quantity ends. */
export const tierOf = <T extends Step>(tiers: readonly T[], q: Rational, edge: 'lower' | 'upper'): T => {
  const found = tiers.find(({ upTo }) => {
    if (upTo === null) return true
    const order = compare(q, decimal(upTo))
    return order < 0 || (order === 0 && edge === 'lower')
  })
  return found ?? (tiers.at(-1) as T)
}

/** How much of a quantity is in each tier. */
export const partsIn = (tiers: readonly Step[], q: Rational): Rational[] => {
  let edge = NOUGHT
  return tiers.map(({ upTo }) => {
    const end = upTo === null ? greater(q, edge) : decimal(upTo)
    const part = greater(NOUGHT, minus(lesser(q, end), edge))
    edge = end
    return part
  })
}

const graduated = (
  tiers: readonly { readonly upTo: string | null; readonly flatAmount?: string }[],
  unitPrices: readonly Rational[],
  q: Rational,
): Rational =>
  total(
    partsIn(tiers, q).map((part, i) =>
      sign(part) === 0
        ? NOUGHT
        : add(times(part, unitPrices[i] as Rational), decimal(tiers[i]?.flatAmount ?? '0')),
    ),
  )

const above = (price: QuantityPrice, q: Rational, edge: 'lower' | 'upper'): Rational => {
  switch (price.kind) {
    case 'per_unit':
      return over(times(q, decimal(price.unitAmount)), decimal(price.per))
    case 'graduated': {
      const per = decimal(price.per)
      return graduated(
        price.tiers,
        price.tiers.map(({ unitAmount }) => over(decimal(unitAmount), per)),
        q,
      )
    }
    case 'volume': {
      const tier: Tier = tierOf(price.tiers, q, edge)
      return add(
        over(times(q, decimal(tier.unitAmount)), decimal(price.per)),
        decimal(tier.flatAmount ?? '0'),
      )
    }
    case 'stair_step':
      return decimal((tierOf(price.steps, q, edge) satisfies StairStep).amount)
    case 'package': {
      const blocks = over(q, decimal(price.size))
      const amount = decimal(price.amount)
      return price.lastBlock === 'whole' ? times(whole(ceiling(blocks)), amount) : cut(times(amount, blocks))
    }
  }
}

/** The price of any quantity but zero: of one below zero that of as much, negative. */
export const priceOf = (price: QuantityPrice, q: Rational, edge: 'lower' | 'upper'): Rational =>
  sign(q) === 0 ? NOUGHT : sign(q) < 0 ? negate(above(price, negate(q), edge)) : above(price, q, edge)

/** What is due at zero with `tierFeeAtZero`. */
export const feeAtZero = (price: QuantityPrice): Rational =>
  price.kind === 'graduated' || price.kind === 'volume'
    ? decimal(price.tiers[0]?.flatAmount ?? '0')
    : price.kind === 'stair_step'
      ? decimal(price.steps[0]?.amount ?? '0')
      : NOUGHT

/** Graduated percent of an amount, either sign. */
export const percentOf = (tiers: readonly PercentTier[], amount: Rational): Rational => {
  const percents = tiers.map(({ percent }) => over(decimal(percent), HUNDRED))
  return sign(amount) < 0
    ? negate(graduated(tiers, percents, negate(amount)))
    : graduated(tiers, percents, amount)
}
