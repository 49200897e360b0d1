/** Numbers in words and sentences: digits grouped by commas, a true minus sign, no float in between. */
import { Decimal, type DecimalText, decimalsOf, toDecimalText } from '../decimal.ts'
import { formatMinor, minorUnits, roundToMinor } from '../money.ts'
import { addDays, monthName, toMonth } from '../period.ts'

/** `-1234567.5` as `−1,234,567.5`. Takes plain decimal text, keeps every decimal. */
export const groupDigits = (text: string): string => {
  const negative = text.startsWith('-')
  const [whole = '0', fraction] = (negative ? text.slice(1) : text).split('.')
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',')
  return `${negative ? '−' : ''}${grouped}${fraction === undefined ? '' : `.${fraction}`}`
}

/** An amount rounded half-even to the currency's minor unit, all its decimals shown: `1,204.00`. */
export const formatAmount = (amount: DecimalText, currency: string): string =>
  groupDigits(formatMinor(roundToMinor(amount, currency), currency))

/** As {@link formatAmount}, always with its sign: `+1,204.00`, `−747.19`. */
export const formatSignedAmount = (amount: DecimalText, currency: string): string =>
  `${amount.startsWith('-') ? '' : '+'}${formatAmount(amount, currency)}`

/** A price with at least the currency's decimals and never fewer than it has: `0.40`, `0.0004`. */
export const formatPrice = (price: DecimalText, currency: string): string => {
  const missing = minorUnits(currency) - decimalsOf(price)
  if (missing <= 0) return groupDigits(price)
  return groupDigits(`${price}${price.includes('.') ? '' : '.'}${'0'.repeat(missing)}`)
}

/** A percentage with one decimal at most: `+12.4 %`, `−3 %`. */
export const formatSignedPercent = (percent: Decimal): string => {
  const rounded = percent.toDecimalPlaces(1)
  return `${rounded.isNegative() ? '' : '+'}${groupDigits(toDecimalText(rounded))} %`
}

/** `call` as `calls`, `query` as `queries`, `GB-hour` as `GB-hours`; symbols (`GB`, `ms`) stay as they are. */
export const pluralUnit = (unit: string, quantity: string): string => {
  const last = unit.split(/[-\s]/).at(-1) ?? unit
  const isSymbol = last.length <= 2 || !/^[A-Za-z]?[a-z]+$/.test(last)
  if (quantity === '1' || quantity === '-1' || isSymbol || last.endsWith('s')) return unit
  if (/[^aeiou]y$/.test(unit)) return `${unit.slice(0, -1)}ies`
  return `${unit}${/(?:ch|sh|x|z)$/.test(unit) ? 'es' : 's'}`
}

/** `41,204,000 calls`. */
export const countUnits = (quantity: DecimalText, unit: string): string =>
  `${groupDigits(quantity)} ${pluralUnit(unit, quantity)}`

/**
 * As {@link countUnits}, but to four decimals, or four digits where there is less than a tenth: for quantities that a
 * weighting by time made, which seldom end. What stands beside the words is exact.
 */
export const countWeighted = (quantity: DecimalText, unit: string): string => {
  const exact = new Decimal(quantity)
  const rounded =
    exact.abs().lessThan('0.1') && !exact.isZero() ? exact.toSignificantDigits(4) : exact.toDecimalPlaces(4)
  return countUnits(toDecimalText(rounded), unit)
}

/**
 * A quantity that was divided by a length of time, as an invoice shows it: 12 digits, and all of those before the point.
 * The price's steps keep it exact.
 */
export const readableQuantity = (quantity: DecimalText): DecimalText => {
  const exact = new Decimal(quantity)
  const whole = exact.abs().trunc()
  const digits = whole.isZero() ? 0 : toDecimalText(whole).length
  return toDecimalText(
    digits === 0 ? exact.toSignificantDigits(12) : exact.toDecimalPlaces(Math.max(0, 12 - digits)),
  )
}

/** `0.40 per 1,000`, `0.05 per call`, `free`. */
export const pricePhrase = (
  price: { readonly unitAmount: DecimalText; readonly per: DecimalText },
  unit: string,
  currency: string,
): string => {
  if (new Decimal(price.unitAmount).isZero()) return 'free'
  return `${formatPrice(price.unitAmount, currency)} per ${price.per === '1' ? unit : groupDigits(price.per)}`
}

/** Days from `startDay` to before `endDay`: `14 October 2026`, `1–14 October 2026`, `15 October 2026 to 3 January 2027`. */
export const formatDays = (span: { readonly startDay: string; readonly endDay: string }): string => {
  const inMonth = (day: string) => monthName(toMonth(day.slice(0, 7)))
  const dayOf = (day: string) => Number(day.slice(8))
  const last = addDays(span.endDay, -1)
  const [first, from, until] = [dayOf(span.startDay), inMonth(span.startDay), inMonth(last)]
  if (from !== until) return `${first} ${from} to ${dayOf(last)} ${until}`
  return `${span.startDay === last ? first : `${first}–${dayOf(last)}`} ${from}`
}
