/** How values are printed. Nothing here goes through a float. */
import { Decimal } from '../../domain/decimal.ts'
import { minorUnits } from '../../domain/money.ts'

export const DASH = '–'

const group = (whole: string) => whole.replace(/\B(?=(\d{3})+(?!\d))/g, ',')

const withMinus = (text: string) => {
  const negative = text.startsWith('-')
  const [whole = '0', fraction] = (negative ? text.slice(1) : text).split('.')
  return `${negative ? '−' : ''}${group(whole)}${fraction === undefined ? '' : `.${fraction}`}`
}

/**
 * An amount at the currency's minor unit, grouped. An amount that would round to nothing but isn't nothing
 * keeps two significant digits, so that a small cost is never read as none.
 */
export const formatMoney = (amount: string | null | undefined, currency: string): string => {
  if (amount === null || amount === undefined) return DASH
  const value = new Decimal(amount)
  const rounded = value.toDecimalPlaces(minorUnits(currency))
  if (rounded.isZero() && !value.isZero()) return withMinus(value.toSignificantDigits(2).toFixed())
  const text = rounded.toFixed(minorUnits(currency))
  return withMinus(/^-0(\.0+)?$/.test(text) ? text.slice(1) : text)
}

/** Every decimal there is, grouped: for quantities, rates and evidence. */
export const formatExact = (value: string | null | undefined): string =>
  value === null || value === undefined ? DASH : withMinus(new Decimal(value).toFixed())

export const formatCount = (value: number): string => withMinus(String(value))

/** One decimal and a sign of percent. */
export const formatPercent = (value: string | null | undefined): string =>
  value === null || value === undefined
    ? DASH
    : `${withMinus(new Decimal(value).toDecimalPlaces(1).toFixed(1))} %`

/** "+12.4 %" or a dash where there is nothing to compare with. */
export const formatChange = (now: string | null, before: string | null): string => {
  if (now === null || before === null || new Decimal(before).isZero()) return DASH
  const change = new Decimal(now).minus(before).div(new Decimal(before).abs()).times(100)
  return `${change.isPositive() && !change.isZero() ? '+' : ''}${formatPercent(change.toFixed())}`
}

export const signOf = (value: string | null | undefined): 'positive' | 'negative' | 'zero' | 'none' => {
  if (value === null || value === undefined) return 'none'
  const decimal = new Decimal(value)
  return decimal.isZero() ? 'zero' : decimal.isNegative() ? 'negative' : 'positive'
}

/** For charts only, where a pixel is coarser than a float. */
export const toPlot = (value: string | null | undefined): number | null =>
  value === null || value === undefined ? null : new Decimal(value).toNumber()

/** "2 Nov 2026, 09:41" in the book's time zone. */
export const formatInstant = (ms: number, timeZone: string): string =>
  new Intl.DateTimeFormat('en-GB', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZone,
  }).format(ms)

/** "1.2 GB". */
export const formatBytes = (bytes: number): string => {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let value = bytes
  let unit = 0
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit += 1
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`
}

export const compareDecimals = (a: string | null, b: string | null): number =>
  a === null ? (b === null ? 0 : -1) : b === null ? 1 : new Decimal(a).comparedTo(b)
