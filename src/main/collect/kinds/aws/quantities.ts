/** Quantities that AWS gives as floating-point numbers, as decimals. */
import { Decimal, type DecimalText, toDecimalText } from '../../../../domain/decimal.ts'

const HOUR_MS = 3_600_000
/** Decimals kept of an average or a weighting by time. */
const DECIMALS_MAX = 12

/**
 * The shortest decimal that the number stands for, at 12 decimals at most.
 * @param heldMs where the value is a level that was held so long: the result is then in unit-hours
 */
export const quantityText = (value: number, heldMs: number | null = null): DecimalText => {
  const exact = new Decimal(String(value))
  const result = heldMs === null ? exact : exact.times(heldMs).dividedBy(HOUR_MS)
  return toDecimalText(result.toDecimalPlaces(DECIMALS_MAX))
}
