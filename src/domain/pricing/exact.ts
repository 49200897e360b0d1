/**
 * Exact integers at a scale. Rating runs on bigint, because a deal's model re-rates years of months on every
 * move of a slider and decimals of 120 digits are too slow for that; amounts leave as canonical text.
 */
import { type DecimalText, decimalsOf } from '../decimal.ts'

/** `10^exponent`. */
export const powerOfTen = (exponent: number): bigint => 10n ** BigInt(exponent)

/** Canonical decimal text as an integer at `scale`. @throws RangeError where the text is finer than the scale. */
export const toScaled = (text: DecimalText, scale: number): bigint => {
  const missing = scale - decimalsOf(text)
  if (missing < 0) throw new RangeError(`${text} has more than ${scale} decimals`)
  return BigInt(text.replace('.', '') + '0'.repeat(missing))
}

/** `dividend / divisor`, halves to the even neighbour. @throws RangeError where the divisor is not positive. */
export const divideHalfEven = (dividend: bigint, divisor: bigint): bigint => {
  if (divisor <= 0n) throw new RangeError(`a divisor must be positive, not ${divisor}`)
  const negative = dividend < 0n
  const size = negative ? -dividend : dividend
  const quotient = size / divisor
  const twice = (size % divisor) * 2n
  const rounded = twice > divisor || (twice === divisor && quotient % 2n === 1n) ? quotient + 1n : quotient
  return negative ? -rounded : rounded
}
