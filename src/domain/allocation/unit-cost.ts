/** Cost to serve one unit of a metric. */
import { Decimal, type DecimalText, toDecimalText } from '../decimal.ts'

/** Decimals that a unit cost is shown and kept with; it is a ratio, never an amount that is billed. */
const UNIT_COST_DECIMALS = 12

/**
 * Cost divided by quantity, half-even at 12 decimals; null where there is no cost known or the quantity is not above
 * zero: then nothing was served that the cost could be divided by.
 */
export const unitCostOf = (cost: DecimalText | null, quantity: DecimalText | null): DecimalText | null =>
  cost === null || quantity === null || !new Decimal(quantity).gt(0)
    ? null
    : toDecimalText(
        new Decimal(cost).div(quantity).toDecimalPlaces(UNIT_COST_DECIMALS, Decimal.ROUND_HALF_EVEN),
      )

/**
 * How much of a bill is placed with somebody, in percent with one decimal: the confidence of a cost to serve. Null
 * without a bill. The size of each part that is not placed counts, since credits that nobody claims are as uncertain as
 * charges and do not make up for them; rounded down, so that 100 is all of it.
 */
export const coverageOf = (bill: DecimalText, unplaced: readonly DecimalText[]): DecimalText | null => {
  const whole = new Decimal(bill).abs()
  if (whole.isZero()) return null
  const size = unplaced.reduce((sum, part) => sum.plus(new Decimal(part).abs()), new Decimal(0))
  const share = new Decimal(1).minus(size.div(whole)).times(100)
  return toDecimalText(share.isNegative() ? new Decimal(0) : share.toDecimalPlaces(1, Decimal.ROUND_DOWN))
}
