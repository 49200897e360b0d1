/**
 * The contract's list of discounts: in their order, each on what the one before left, each rounded to the minor unit,
 * never below zero.
 */
import {
  Decimal,
  type DecimalText,
  decimalsOf,
  integerToDecimal,
  less,
  sumDecimals,
  toDecimalText,
  ZERO,
} from '../decimal.ts'
import { minorUnits, type Rounding, roundToMinor } from '../money.ts'
import type { ChargeScope, Discount } from '../pricing/contract.ts'
import { toScaled } from '../pricing/exact.ts'
import { formatAmount } from '../pricing/format.ts'
import { splitExactly } from '../split.ts'

const smaller = (a: DecimalText, b: DecimalText): DecimalText => (new Decimal(a).lt(b) ? a : b)
const isPositive = (value: DecimalText): boolean => value !== ZERO && !value.startsWith('-')

export const isInScope = (scope: ChargeScope, chargeId: string): boolean =>
  scope === null || scope.includes(chargeId)

/**
 * An amount of the minor unit shared by positive amounts, largest remainder, ties to the earlier one; no share is
 * above its amount, and all is taken where the amount is not below their sum.
 */
export const shareByAmounts = (
  total: DecimalText,
  amounts: readonly DecimalText[],
  currency: string,
): readonly DecimalText[] => {
  const weights = amounts.map((amount) => (isPositive(amount) ? amount : ZERO))
  if (!isPositive(total) || weights.every((weight) => weight === ZERO)) return amounts.map(() => ZERO)
  if (!new Decimal(total).lt(sumDecimals(weights))) return weights
  const scale = Math.max(...weights.map(decimalsOf))
  const minor = minorUnits(currency)
  const parts = splitExactly(
    toScaled(total, minor),
    weights.map((weight) => toScaled(weight, scale)),
  )
  return parts.map((part, index) => smaller(integerToDecimal(part, minor), weights[index] ?? ZERO))
}

/** What is taken from each amount: never more than it has; of a negative one a percentage gives back. */
export interface Taken {
  readonly takes: readonly DecimalText[]
  /** As the step says it. */
  readonly text: string
}

export interface DiscountTerms {
  readonly currency: string
  readonly rounding: Rounding
  /** What earlier months took, where the discount has a maximum over the contract's life. */
  readonly takenBefore: DecimalText
}

const percentOf = (amount: DecimalText, percent: DecimalText): Decimal =>
  new Decimal(amount).times(percent).div(100)

type SpendDiscount = Extract<Discount, { readonly kind: 'spend' }>

const tierOf = ({ tiers }: SpendDiscount, spend: DecimalText) =>
  tiers.find(({ upTo }) => upTo === null || new Decimal(spend).lte(upTo))

/** Each tier's percent on its part of the spend, exact. */
const graduatedPart = ({ tiers }: SpendDiscount, spend: DecimalText): DecimalText => {
  let below = ZERO
  const parts: DecimalText[] = []
  for (const { upTo, percent } of tiers) {
    const end = upTo === null ? spend : smaller(upTo, spend)
    if (!new Decimal(end).gt(below)) break
    parts.push(toDecimalText(percentOf(less(end, below), percent)))
    below = end
  }
  return sumDecimals(parts)
}

const coupon = ({ coupon: code }: Discount): string => (code === undefined ? '' : ` (coupon ${code})`)

/** What one discount takes of the amounts in its scope, in their order. */
export const takeDiscount = (
  discount: Discount,
  amounts: readonly DecimalText[],
  terms: DiscountTerms,
): Taken => {
  const { currency, rounding } = terms
  const round = (amount: Decimal | DecimalText) => roundToMinor(amount, currency, rounding)
  const shared = (total: DecimalText) => shareByAmounts(round(total), amounts, currency)
  const percentage = (percent: DecimalText) =>
    amounts.map((amount) => {
      const take = round(percentOf(amount, percent))
      return new Decimal(take).abs().gt(new Decimal(amount).abs()) ? amount : take
    })
  const taken = ((): Taken => {
    switch (discount.kind) {
      case 'percent':
        return { takes: percentage(discount.percent), text: `${discount.name}: ${discount.percent} %` }
      case 'amount':
        return {
          takes: shared(discount.amount),
          text: `${discount.name}: ${formatAmount(discount.amount, currency)} a month`,
        }
      case 'spend': {
        const spend = sumDecimals(amounts)
        const of = `of a spend of ${formatAmount(spend, currency)}`
        if (!isPositive(spend)) return { takes: amounts.map(() => ZERO), text: discount.name }
        if (discount.mode === 'graduated')
          return { takes: shared(graduatedPart(discount, spend)), text: `${discount.name}: by tiers ${of}` }
        const percent = tierOf(discount, spend)?.percent ?? ZERO
        return { takes: percentage(percent), text: `${discount.name}: ${percent} % ${of}` }
      }
    }
  })()
  const limits = [
    ...(discount.maximumPerMonth === undefined ? [] : [discount.maximumPerMonth]),
    ...(discount.maximumInAll === undefined ? [] : [less(discount.maximumInAll, terms.takenBefore)]),
  ]
  const limit = limits.length === 0 ? null : limits.reduce(smaller)
  const isCut = limit !== null && new Decimal(sumDecimals(taken.takes)).gt(limit)
  return {
    takes: isCut ? shared(isPositive(limit) ? limit : ZERO) : taken.takes,
    text: `${taken.text}${coupon(discount)}${isCut ? `, at most ${formatAmount(isPositive(limit) ? limit : ZERO, currency)}` : ''}`,
  }
}

/** Whether a discount holds in a month whose first rated day is `day`. */
export const holdsOn = ({ fromDay, untilDay }: Discount, day: string): boolean =>
  (fromDay === undefined || fromDay <= day) && (untilDay === undefined || day < untilDay)
