/**
 * Exact decimals. Amounts, prices and rates travel as canonical decimal text (`DecimalText`) and are
 * computed with decimal.js at a precision no sum or product of this house reaches, so nothing is rounded
 * except where a function's name says so.
 */
import { Decimal as BaseDecimal } from 'decimal.js'

/** decimal.js at 120 significant digits, never printing exponents. */
export const Decimal = BaseDecimal.clone({
  precision: 120,
  rounding: BaseDecimal.ROUND_HALF_EVEN,
  toExpNeg: -9e15,
  toExpPos: 9e15,
})
export type Decimal = BaseDecimal

declare const decimalText: unique symbol
/** Canonical decimal text: optional minus, no exponent, no leading or trailing zeros, never "-0". */
export type DecimalText = string & { readonly [decimalText]: true }

/** The most decimals a provider's cost may have; more is refused, never rounded (`DECIMAL(38,18)` in the cube). */
export const COST_DECIMALS_MAX = 18
/** The most digits before the point that `DECIMAL(38,18)` holds. */
const COST_INTEGER_DIGITS_MAX = 20

// No digit can be taken by two parts of the pattern: a million of them before a wrong character is read in one pass.
const PLAIN = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,4})?$/
/** Canonical text but for "-0" and zeros at its end: nearly every amount in files, and read without arithmetic. */
const NEARLY_CANONICAL = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/

export const ZERO = '0' as DecimalText

/** The canonical text of a value that is already exact. */
export const toDecimalText = (value: Decimal | bigint | number): DecimalText => {
  if (typeof value === 'number' && !Number.isSafeInteger(value))
    throw new RangeError(`not a safe integer: ${value}`)
  const text = new Decimal(value.toString()).toFixed()
  return (text === '-0' ? '0' : text) as DecimalText
}

const withoutZerosAtEnd = (text: string): DecimalText => {
  let end = text.length
  if (text.includes('.')) {
    while (text[end - 1] === '0') end--
    if (text[end - 1] === '.') end--
  }
  const kept = end === text.length ? text : text.slice(0, end)
  return (kept === '-0' ? '0' : kept) as DecimalText
}

/**
 * Reads a decimal as written by people and providers: `12`, `-0.5`, `.5`, `1E-9`, `1e3`. No thousands
 * separators, no currency signs. Returns null where the text is no decimal.
 */
export const parseDecimal = (text: string): DecimalText | null => {
  const trimmed = text.trim()
  if (NEARLY_CANONICAL.test(trimmed)) return withoutZerosAtEnd(trimmed)
  return PLAIN.test(trimmed) ? toDecimalText(new Decimal(trimmed)) : null
}

/** The number of decimals in canonical text. */
export const decimalsOf = (text: DecimalText): number => {
  const point = text.indexOf('.')
  return point < 0 ? 0 : text.length - point - 1
}

/** Whether the value fits `DECIMAL(38,18)` without rounding. */
export const fitsCost = (text: DecimalText): boolean => {
  const digits = text.replace('-', '').split('.')[0] ?? ''
  return decimalsOf(text) <= COST_DECIMALS_MAX && digits.length <= COST_INTEGER_DIGITS_MAX
}

/** A sum, exact: of integers at the scale of the most decimals there are. */
export const sumDecimals = (values: Iterable<DecimalText>): DecimalText => {
  let scale = 0
  let total = 0n
  for (const value of values) {
    const decimals = decimalsOf(value)
    if (decimals > scale) {
      total *= 10n ** BigInt(decimals - scale)
      scale = decimals
    }
    total += decimalToInteger(value, scale)
  }
  return integerToDecimal(total, scale)
}

export const negateDecimal = (value: DecimalText): DecimalText =>
  value === ZERO ? ZERO : ((value.startsWith('-') ? value.slice(1) : `-${value}`) as DecimalText)

/** What is left of `a` without `b`, exact: `less('1', '0.25')` is `0.75`. */
export const less = (a: DecimalText, b: DecimalText): DecimalText => sumDecimals([a, negateDecimal(b)])

/** Decimal text as an integer at a scale that holds all its decimals: `decimalToInteger('1.25', 3)` is `1250n`. */
export const decimalToInteger = (text: DecimalText, scale: number): bigint => {
  const point = text.indexOf('.')
  if (point < 0) return BigInt(text) * 10n ** BigInt(scale)
  const fraction = text.slice(point + 1)
  if (fraction.length > scale) throw new RangeError(`${text} has more than ${scale} decimals`)
  // The sign stands before the digits, so whole part and fraction are read as one number.
  return BigInt(text.slice(0, point) + fraction.padEnd(scale, '0'))
}

/** A cost as an integer at 18 decimals, the form in which the ledger's control totals are summed. */
export const costToUnits = (text: DecimalText): bigint => decimalToInteger(text, COST_DECIMALS_MAX)

/** The inverse of {@link costToUnits}. */
export const costFromUnits = (units: bigint): DecimalText => integerToDecimal(units, COST_DECIMALS_MAX)

/** An integer at a scale as decimal text: `integerToDecimal(1250n, 3)` is `1.25`. */
export const integerToDecimal = (value: bigint, scale: number): DecimalText => {
  if (scale === 0) return value.toString() as DecimalText
  const negative = value < 0n
  const digits = (negative ? -value : value).toString().padStart(scale + 1, '0')
  const whole = digits.slice(0, -scale)
  const fraction = digits.slice(-scale).replace(/0+$/, '')
  const text = fraction === '' ? whole : `${whole}.${fraction}`
  return (negative && text !== '0' ? `-${text}` : text) as DecimalText
}
