/** Rating: what one charge makes of one quantity, exact and unrounded, with the steps that lead there. */
import {
  type DecimalText,
  decimalsOf,
  integerToDecimal,
  negateDecimal,
  sumDecimals,
  ZERO,
} from '../decimal.ts'
import type { PriceStep } from '../invoice/invoice.ts'
import { divideHalfEven, toScaled } from './exact.ts'
import { countUnits, pricePhrase } from './format.ts'
import type { Charge, FlatFeeCharge } from './ratecard.ts'
import { type CompiledTier, compileCharge, priceBetween, type UsageCharge, unitsInTier } from './tiers.ts'

/** Decimals kept of a prorated amount beyond its own. A month's parts still add up to the whole exactly. */
const PRORATION_DECIMALS = 20

/** Days of a month: `first` counted from 0. */
export interface DaysOfMonth {
  readonly first: number
  readonly count: number
  readonly ofMonth: number
}

export interface RatedCharge {
  /** Exact; the sum of the steps' amounts. */
  readonly amount: DecimalText
  readonly steps: readonly PriceStep[]
}

export interface RateInput {
  readonly charge: Charge
  /** In units of the metric; may be negative (net reversals). Not looked at by a flat fee. */
  readonly quantity: DecimalText
  /** Units already rated in this month, where the tiers go on; zero when left out. */
  readonly position?: DecimalText
  /** The days that a flat fee is for; the whole month when left out. */
  readonly days?: DaysOfMonth
  /** The metric's unit, singular. */
  readonly unit: string
  readonly currency: string
}

/**
 * The part of a month's amount that falls on the days: the difference of two cumulative shares, so that the
 * parts of a month add up to its amount exactly.
 */
export const prorate = (amount: DecimalText, days: DaysOfMonth): DecimalText => {
  const scale = decimalsOf(amount) + PRORATION_DECIMALS
  const whole = toScaled(amount, scale)
  const until = (day: number) => divideHalfEven(whole * BigInt(day), BigInt(days.ofMonth))
  return integerToDecimal(until(days.first + days.count) - until(days.first), scale)
}

const rateFlatFee = (charge: FlatFeeCharge, days: DaysOfMonth | undefined): RatedCharge => {
  const whole: PriceStep = { kind: 'flat_fee', text: 'flat fee for the month', amount: charge.amount }
  if (days === undefined || days.count === days.ofMonth) return { amount: charge.amount, steps: [whole] }
  const amount = prorate(charge.amount, days)
  const proration: PriceStep = {
    kind: 'proration',
    text: `prorated: ${days.count} of ${days.ofMonth} days`,
    amount: sumDecimals([amount, negateDecimal(charge.amount)]),
  }
  return { amount, steps: [whole, proration] }
}

/** "first 1,000,000 calls, free", "next 9,000,000 calls at 0.40 per 1,000", "beyond: 5 calls at 0.32 per 1,000". */
const tierText = (
  tier: CompiledTier,
  units: { readonly text: DecimalText; readonly areFirst: boolean },
  charge: UsageCharge,
  words: { readonly unit: string; readonly currency: string },
): string => {
  if (units.text === '0') return countUnits(units.text, words.unit)
  const phrase = pricePhrase({ unitAmount: tier.unitAmount, per: charge.per }, words.unit, words.currency)
  const priced = `${countUnits(units.text, words.unit)}${phrase === 'free' ? ', free' : ` at ${phrase}`}`
  if (charge.kind === 'per_unit' || charge.tiers.length === 1) return priced
  if (tier.upTo === null) return `beyond: ${priced}`
  return `${units.areFirst ? 'first' : 'next'} ${priced}`
}

const rateUsage = (charge: UsageCharge, input: RateInput): RatedCharge => {
  const position = input.position ?? ZERO
  const compiled = compileCharge(charge, Math.max(decimalsOf(input.quantity), decimalsOf(position)))
  const start = toScaled(position, compiled.quantityScale)
  const end = start + toScaled(input.quantity, compiled.quantityScale)
  const isReversal = end < start
  const [low, high] = isReversal ? [end, start] : [start, end]
  const steps = compiled.tiers.flatMap((tier): PriceStep[] => {
    const units = unitsInTier(tier, low, high)
    if (units === 0n && (start !== end || tier.above !== 0n)) return []
    const text = integerToDecimal(units, compiled.quantityScale)
    const words = tierText(tier, { text, areFirst: tier.above === 0n && low <= 0n }, charge, input)
    const amount = integerToDecimal(units * tier.price, compiled.amountScale)
    return [
      {
        kind: charge.kind === 'graduated' ? 'tier' : 'per_unit',
        text: isReversal ? `reversed: ${words}` : words,
        quantity: isReversal ? negateDecimal(text) : text,
        unitAmount: tier.unitAmount,
        per: charge.per,
        amount: isReversal ? negateDecimal(amount) : amount,
      },
    ]
  })
  return { amount: integerToDecimal(priceBetween(compiled, start, end), compiled.amountScale), steps }
}

/**
 * Rates one charge. The steps add up to the amount exactly, and there is always at least one. A tier holds
 * the units above the previous edge up to and including its own; a negative quantity is the negative of the
 * price of as many units.
 * @throws RangeError where the charge is malformed (see `validateRateCardVersion`).
 */
export const rateCharge = (input: RateInput): RatedCharge =>
  input.charge.kind === 'flat_fee' ? rateFlatFee(input.charge, input.days) : rateUsage(input.charge, input)

/** The price of each quantity on its own, for a chart; a flat fee is level. Exact. */
export const priceCurve = (
  charge: Charge,
  quantities: readonly DecimalText[],
): readonly { readonly quantity: DecimalText; readonly amount: DecimalText }[] => {
  if (charge.kind === 'flat_fee') return quantities.map((quantity) => ({ quantity, amount: charge.amount }))
  const compiled = compileCharge(charge, Math.max(0, ...quantities.map(decimalsOf)))
  return quantities.map((quantity) => {
    const amount = priceBetween(compiled, 0n, toScaled(quantity, compiled.quantityScale))
    return { quantity, amount: integerToDecimal(amount, compiled.amountScale) }
  })
}

/** What a discount of `percent` takes off the amount, exact: zero or negative where the amount is positive. */
export const discountOf = (amount: DecimalText, percent: DecimalText): DecimalText => {
  const scale = decimalsOf(amount)
  const percentScale = decimalsOf(percent)
  const taken = toScaled(amount, scale) * toScaled(percent, percentScale)
  return integerToDecimal(-taken, scale + percentScale + 2)
}
