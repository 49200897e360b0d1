/** Money: exact, and never without its currency. Amounts of different currencies are never added. */
import { Decimal, type DecimalText, toDecimalText } from './decimal.ts'

declare const currencyCode: unique symbol
/** An ISO 4217 alphabetic code, upper case. */
export type Currency = string & { readonly [currencyCode]: true }

export interface Money {
  readonly currency: Currency
  readonly amount: DecimalText
}

/** Minor units that differ from two, by ISO 4217 (list one, column "Mnr unts"). */
const MINOR_UNITS: Readonly<Record<string, number>> = {
  ...Object.fromEntries(
    'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'.split(' ').map((c) => [c, 0]),
  ),
  ...Object.fromEntries('BHD IQD JOD KWD LYD OMR TND'.split(' ').map((c) => [c, 3])),
  CLF: 4,
  UYW: 4,
}

/** Returns null where the text is not three letters. */
export const parseCurrency = (text: string): Currency | null => {
  const code = text.trim().toUpperCase()
  return /^[A-Z]{3}$/.test(code) ? (code as Currency) : null
}

/** Decimals of the currency's minor unit by ISO 4217; two where the list says nothing else. */
export const minorUnits = (currency: string): number => MINOR_UNITS[currency] ?? 2

export type Rounding = 'half_even' | 'half_up'

/** Rounds to the currency's minor unit: the one rounding of an invoice line (half-even by default). */
export const roundToMinor = (
  amount: Decimal | DecimalText,
  currency: string,
  rounding: Rounding = 'half_even',
): DecimalText =>
  toDecimalText(
    new Decimal(amount).toDecimalPlaces(
      minorUnits(currency),
      rounding === 'half_even' ? Decimal.ROUND_HALF_EVEN : Decimal.ROUND_HALF_UP,
    ),
  )

/** The amount with all decimals of the minor unit, as documents print it: `1200.50`. No grouping. */
export const formatMinor = (amount: DecimalText, currency: string): string =>
  new Decimal(amount).toFixed(minorUnits(currency))
