/** The prices of a charge in another currency, as a start for typing them over. */
import { Decimal, parseDecimal, toDecimalText } from '../../../domain/decimal.ts'
import type { ChargeDraft } from './charge-draft.ts'
import type { PriceDraft } from './price-draft.ts'

/** Of a price that is multiplied: more are noise of the rate. */
const DIGITS = 6

/** What is no number stays as it was typed. */
const timesText = (text: string, factor: Decimal): string => {
  const amount = parseDecimal(text)
  return amount === null ? text : toDecimalText(new Decimal(amount).times(factor).toSignificantDigits(DIGITS))
}

const timesPrice = (price: PriceDraft, factor: Decimal): PriceDraft => ({
  ...price,
  amount: timesText(price.amount, factor),
  tiers: price.tiers.map((tier) => ({
    ...tier,
    unitAmount: timesText(tier.unitAmount, factor),
    flatAmount: timesText(tier.flatAmount, factor),
  })),
})

/** Every amount of money multiplied, to six digits; percents, quantities and multipliers stay. */
export const timesCharge = (charge: ChargeDraft, factor: Decimal): ChargeDraft => {
  const times = (text: string) => timesText(text, factor)
  if (factor.eq(1)) return charge
  return {
    ...charge,
    price: timesPrice(charge.price, factor),
    cells: charge.cells.map((cell) => ({ ...cell, price: timesPrice(cell.price, factor) })),
    bands: charge.bands.map((band) => ({ ...band, price: timesPrice(band.price, factor) })),
    minimum: times(charge.minimum),
    maximum: times(charge.maximum),
    fixedPerEvent: times(charge.fixedPerEvent),
    minimumPerEvent: times(charge.minimumPerEvent),
    maximumPerEvent: times(charge.maximumPerEvent),
    platformFee: times(charge.platformFee),
  }
}
