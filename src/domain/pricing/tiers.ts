/**
 * The one place where units become money. A charge on usage is compiled to tiers of exact integers; its
 * price is a function P of the cumulative quantity with P(0) = 0 and P(−x) = −P(x), and the units between
 * two positions cost P(end) − P(start). Hence pieces of a month always add up to the month, and a net
 * reversal is credited at the price of as many units.
 */
import { type DecimalText, decimalsOf, ZERO } from '../decimal.ts'
import { divideHalfEven, powerOfTen, toScaled } from './exact.ts'
import type { GraduatedCharge, PerUnitCharge } from './ratecard.ts'

export type UsageCharge = PerUnitCharge | GraduatedCharge

/**
 * The most decimals of a price for one unit. A quotient that needs more (1 per 3) is refused by
 * `validateRateCardVersion`; in a draft that is still being typed it is cut here, half-even.
 */
export const UNIT_PRICE_DECIMALS_MAX = 40

export interface CompiledTier {
  /** Exclusive lower edge, inclusive upper edge, in units at the quantity scale; null without an edge. */
  readonly above: bigint
  readonly upTo: bigint | null
  /** For one unit, at the price scale. */
  readonly price: bigint
  readonly unitAmount: DecimalText
}

export interface CompiledCharge {
  readonly per: DecimalText
  readonly quantityScale: number
  /** Scale of the amounts that {@link priceBetween} returns. */
  readonly amountScale: number
  readonly tiers: readonly CompiledTier[]
}

const tiersOf = (charge: UsageCharge): GraduatedCharge['tiers'] =>
  charge.kind === 'graduated' ? charge.tiers : [{ upTo: null, unitAmount: charge.unitAmount }]

/** Numerator and denominator of the price for one unit. @throws RangeError where `per` is not above zero. */
const unitPrice = (unitAmount: DecimalText, per: DecimalText): readonly [bigint, bigint] => {
  const scale = Math.max(decimalsOf(unitAmount), decimalsOf(per))
  const divisor = toScaled(per, scale)
  if (divisor <= 0n) throw new RangeError(`a price must be per more than zero units, not per ${per}`)
  return [toScaled(unitAmount, scale), divisor]
}

/** Decimals of the price for one unit; null where they never end or are more than the maximum. */
export const unitPriceDecimals = (unitAmount: DecimalText, per: DecimalText): number | null => {
  const [amount, divisor] = unitPrice(unitAmount, per)
  let scaled = amount
  for (let decimals = 0; decimals <= UNIT_PRICE_DECIMALS_MAX; decimals++) {
    if (scaled % divisor === 0n) return decimals
    scaled *= 10n
  }
  return null
}

/**
 * Compiles a charge for quantities at `quantityScale` or coarser; finer edges of tiers widen the scale.
 * @throws RangeError where `per` is not above zero, or a tier other than the last is open, or the last is not.
 */
export const compileCharge = (charge: UsageCharge, quantityScale: number): CompiledCharge => {
  const tiers = tiersOf(charge)
  const scale = Math.max(quantityScale, ...tiers.map((tier) => decimalsOf(tier.upTo ?? ZERO)))
  const priceScale = Math.max(
    ...tiers.map((tier) => unitPriceDecimals(tier.unitAmount, charge.per) ?? UNIT_PRICE_DECIMALS_MAX),
  )
  let above = 0n
  const compiled = tiers.map((tier, index): CompiledTier => {
    const [amount, divisor] = unitPrice(tier.unitAmount, charge.per)
    const upTo = tier.upTo === null ? null : toScaled(tier.upTo, scale)
    if ((upTo === null) !== (index === tiers.length - 1))
      throw new RangeError(`charge ${charge.id}: the last tier, and no other, must be open`)
    const price = divideHalfEven(amount * powerOfTen(priceScale), divisor)
    const result = { above, upTo, price, unitAmount: tier.unitAmount }
    above = upTo ?? above
    return result
  })
  return { per: charge.per, quantityScale: scale, amountScale: scale + priceScale, tiers: compiled }
}

const overlap = (tier: CompiledTier, low: bigint, high: bigint): bigint => {
  const from = low > tier.above ? low : tier.above
  const to = tier.upTo !== null && tier.upTo < high ? tier.upTo : high
  return to > from ? to - from : 0n
}

/** Units of the tier between two positions, `low` ≤ `high`; positions below zero mirror those above. */
export const unitsInTier = (tier: CompiledTier, low: bigint, high: bigint): bigint => {
  if (low >= 0n) return overlap(tier, low, high)
  if (high <= 0n) return overlap(tier, -high, -low)
  return overlap(tier, 0n, high) + overlap(tier, 0n, -low)
}

/** P(end) − P(start) at the amount scale; negative where `end` is before `start`. */
export const priceBetween = (compiled: CompiledCharge, start: bigint, end: bigint): bigint => {
  const [low, high] = start <= end ? [start, end] : [end, start]
  let amount = 0n
  for (const tier of compiled.tiers) amount += unitsInTier(tier, low, high) * tier.price
  return start <= end ? amount : -amount
}
