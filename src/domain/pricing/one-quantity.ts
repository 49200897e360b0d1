/** Charges whose price is a function of one measured quantity, compiled once: for charts and for a deal's model. */
import { type DecimalText, decimalsOf, integerToDecimal, ZERO } from '../decimal.ts'
import { dividerBy, mostDecimals, powerOfTen, toScaled } from './exact.ts'
import { compilePrice, priceOf } from './quantity-price.ts'
import type { Charge, Increment, QuantityPrice, RatingSettings } from './ratecard.ts'
import { cutWindowOf } from './window.ts'

export interface OneQuantity {
  /** Scale of the amounts. */
  readonly amountScale: number
  /** The amount before discounts, minimum and maximum of a whole month's measured quantity, at the quantity scale. */
  readonly amountOf: (quantity: bigint) => bigint
}

const HUNDRED = '100' as DecimalText

interface Source {
  readonly price: QuantityPrice
  /** Due whatever the quantity. */
  readonly fee: DecimalText
}

/** Null where the price needs usage cut up, or is none of usage. */
const sourceOf = (charge: Charge): Source | null => {
  switch (charge.kind) {
    case 'per_unit':
    case 'graduated':
    case 'volume':
    case 'stair_step':
    case 'package':
      return cutWindowOf(charge) === undefined ? { price: charge, fee: ZERO } : null
    case 'percentage': {
      const { convert, fixedPerEvent, freeEvents, freeAmount, minimumPerEvent, maximumPerEvent } = charge
      const isOfSum = [
        convert,
        fixedPerEvent,
        freeEvents,
        freeAmount,
        minimumPerEvent,
        maximumPerEvent,
      ].every((term) => term === undefined)
      return isOfSum
        ? { price: { kind: 'per_unit', unitAmount: charge.percent, per: HUNDRED }, fee: ZERO }
        : null
    }
    case 'graduated_percentage': {
      const tiers = charge.tiers.map(({ percent, ...tier }) => ({ ...tier, unitAmount: percent }))
      return { price: { kind: 'graduated', per: HUNDRED, tiers }, fee: ZERO }
    }
    case 'revenue_share':
      return {
        price: { kind: 'per_unit', unitAmount: charge.percent, per: HUNDRED },
        fee: charge.platformFee ?? ZERO,
      }
    case 'seat':
      return {
        price: { kind: 'per_unit', unitAmount: charge.unitAmount, per: '1' as DecimalText },
        fee: ZERO,
      }
    case 'time_weighted':
      return { price: charge.price, fee: ZERO }
    default:
      return null
  }
}

/** Away from zero: at least the minimum, then a multiple of the size. */
const incrementer = (increment: Increment, scale: number) => {
  const size = toScaled(increment.size, scale)
  const minimum = toScaled(increment.minimum ?? ZERO, scale)
  return (quantity: bigint): bigint => {
    if (quantity <= 0n) return quantity
    const raised = quantity < minimum ? minimum : quantity
    return ((raised + size - 1n) / size) * size
  }
}

/**
 * Null for charges that need usage cut up: by window, cell, hour, or event by event. The quantity of seats and of what
 * is weighted by time is the weighted one. Included units are the charge's own, whole.
 * @throws RangeError where the charge is malformed.
 */
export const compileOneQuantity = (
  charge: Charge,
  quantityScale: number,
  settings: RatingSettings = {},
): OneQuantity | null => {
  const source = sourceOf(charge)
  if (source === null || !('metric' in charge)) return null
  const { convert, increment, included } = charge
  if (increment?.of === 'event') return null
  const divider = convert === undefined ? null : dividerBy(convert.size, quantityScale)
  const ownScale = divider?.scale ?? quantityScale
  const texts = [increment?.size ?? ZERO, increment?.minimum ?? ZERO, included?.quantity ?? ZERO]
  const compiled = compilePrice(source.price, Math.max(ownScale, mostDecimals(texts)), settings)
  const finer = powerOfTen(compiled.quantityScale - ownScale)
  const roundUp = increment === undefined ? null : incrementer(increment, compiled.quantityScale)
  const free = toScaled(included?.quantity ?? ZERO, compiled.quantityScale)
  const multiplier = charge.multiplier ?? ('1' as DecimalText)
  const multiplierScale = decimalsOf(multiplier)
  const times = toScaled(multiplier, multiplierScale)
  const amountScale = Math.max(compiled.amountScale, decimalsOf(source.fee))
  const wider = powerOfTen(amountScale - compiled.amountScale)
  const fee = toScaled(source.fee, amountScale)
  /** Of a quantity that is not below zero. */
  const billedOf = (quantity: bigint): bigint => {
    const units = (divider === null ? quantity : divider.divide(quantity)) * finer
    const rounded = roundUp === null ? units : roundUp(units)
    return rounded > free ? rounded - free : 0n
  }
  return {
    amountScale: amountScale + multiplierScale,
    amountOf: (quantity) => {
      const billed = quantity < 0n ? -billedOf(-quantity) : billedOf(quantity)
      return (priceOf(compiled, billed) * wider + fee) * times
    },
  }
}

/**
 * The price of each measured quantity on its own, for a chart; a flat fee is level. Exact. Null for every charge whose
 * price is no function of one quantity.
 */
export const priceCurve = (
  charge: Charge,
  quantities: readonly DecimalText[],
  settings: RatingSettings = {},
): readonly { readonly quantity: DecimalText; readonly amount: DecimalText }[] | null => {
  if (charge.kind === 'flat_fee') return quantities.map((quantity) => ({ quantity, amount: charge.amount }))
  const scale = mostDecimals(quantities)
  const compiled = compileOneQuantity(charge, scale, settings)
  if (compiled === null) return null
  return quantities.map((quantity) => ({
    quantity,
    amount: integerToDecimal(compiled.amountOf(toScaled(quantity, scale)), compiled.amountScale),
  }))
}
