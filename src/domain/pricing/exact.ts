/**
 * Exact integers at a scale. Rating runs on bigint, because a deal's model re-rates years of months on every
 * move of a slider and decimals of 120 digits are too slow for that; amounts leave as canonical text.
 */
import { type DecimalText, decimalsOf, integerToDecimal } from '../decimal.ts'

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

/** `dividend / divisor`, halves away from zero. @throws RangeError where the divisor is not positive. */
export const divideHalfUp = (dividend: bigint, divisor: bigint): bigint => {
  if (divisor <= 0n) throw new RangeError(`a divisor must be positive, not ${divisor}`)
  const size = dividend < 0n ? -dividend : dividend
  const rounded = (2n * size + divisor) / (2n * divisor)
  return dividend < 0n ? -rounded : rounded
}

/** Decimals to which a quotient that does not end is kept. */
const QUOTIENT_DECIMALS = 20

/** A division by one divisor: what ends is exact, what does not is kept to 20 decimals, half-even. */
export interface Divider {
  /** Scale of the quotients. */
  readonly scale: number
  /** The quotient of an integer at the scale that the divider was made for. */
  readonly divide: (dividend: bigint) => bigint
}

/** @throws RangeError where the divisor is zero. */
export const dividerBy = (divisor: DecimalText, dividendScale: number): Divider => {
  const divisorScale = decimalsOf(divisor)
  const size = toScaled(divisor, divisorScale)
  if (size === 0n) throw new RangeError('a quantity cannot be divided by zero')
  const magnitude = size < 0n ? -size : size
  let rest = magnitude
  let [twos, fives] = [0, 0]
  for (; rest % 2n === 0n; rest /= 2n) twos++
  for (; rest % 5n === 0n; rest /= 5n) fives++
  const ending = Math.max(twos, fives)
  const scale = Math.max(QUOTIENT_DECIMALS, dividendScale + ending)
  const finer = powerOfTen(divisorScale)
  const [exact, cut, widen] = [
    powerOfTen(scale - dividendScale),
    powerOfTen(dividendScale),
    powerOfTen(scale - QUOTIENT_DECIMALS),
  ]
  const kept = powerOfTen(QUOTIENT_DECIMALS)
  return {
    scale,
    divide: (dividend) => {
      const numerator = (size < 0n ? -dividend : dividend) * finer
      if (numerator % rest === 0n) return (numerator * exact) / magnitude
      return divideHalfEven(numerator * kept, magnitude * cut) * widen
    },
  }
}

/** `dividend / divisor`: exact where it ends, else to 20 decimals, half-even. @throws RangeError where the divisor is zero. */
export const quotient = (dividend: DecimalText, divisor: DecimalText): DecimalText => {
  const scale = decimalsOf(dividend)
  const divider = dividerBy(divisor, scale)
  return integerToDecimal(divider.divide(toScaled(dividend, scale)), divider.scale)
}

/** Exact. */
export const product = (a: DecimalText, b: DecimalText): DecimalText => {
  const [scaleA, scaleB] = [decimalsOf(a), decimalsOf(b)]
  return integerToDecimal(toScaled(a, scaleA) * toScaled(b, scaleB), scaleA + scaleB)
}

/** Exact: negative, zero or positive as `a` is less than, equal to or more than `b`. */
export const compareDecimals = (a: DecimalText, b: DecimalText): number => {
  const scale = Math.max(decimalsOf(a), decimalsOf(b))
  const [left, right] = [toScaled(a, scale), toScaled(b, scale)]
  return left < right ? -1 : left > right ? 1 : 0
}

export const isNegative = (text: DecimalText): boolean => text.startsWith('-')

export const magnitudeOf = (text: DecimalText): DecimalText =>
  isNegative(text) ? (text.slice(1) as DecimalText) : text

export const difference = (a: DecimalText, b: DecimalText): DecimalText => {
  const scale = Math.max(decimalsOf(a), decimalsOf(b))
  return integerToDecimal(toScaled(a, scale) - toScaled(b, scale), scale)
}

/** The most decimals among texts; zero without any. Takes lists of any length. */
export const mostDecimals = (texts: Iterable<DecimalText>): number => {
  let most = 0
  for (const text of texts) most = Math.max(most, decimalsOf(text))
  return most
}
