/** Exchange rates by day, and what an amount is in another currency. Amounts are never added across currencies before that. */
import { type DecimalText, decimalsOf, integerToDecimal, parseDecimal } from '../decimal.ts'
import { divideHalfEven, powerOfTen, toScaled } from '../pricing/exact.ts'

/**
 * One year's rates from one source: how many units of each currency one unit of the base is. `ecb`: the euro foreign
 * exchange reference rates of the European Central Bank, published on working days. `entered`: typed by somebody.
 */
export interface RateTable {
  readonly source: 'ecb' | 'entered'
  readonly base: string
  readonly year: number
  /** By day `YYYY-MM-DD`, then by currency; every rate is above zero. */
  readonly days: { readonly [day: string]: { readonly [currency: string]: DecimalText } }
}

/** A rate as it is used: `to` for one `from` is `numerator ÷ denominator`. */
export interface Quote {
  readonly from: string
  readonly to: string
  readonly numerator: DecimalText
  readonly denominator: DecimalText
  readonly source: RateTable['source'] | 'same'
  /** The day of the rate, not later than the day it was asked for. */
  readonly day: string
}

/** The ECB publishes on working days; over Christmas and Easter five days can pass. */
const ECB_DAYS_MAX = 10
const DAY_MS = 86_400_000
/** Decimals kept of a quotient that does not end. */
const QUOTIENT_DECIMALS = 20

export const rateTableId = (table: Pick<RateTable, 'source' | 'base' | 'year'>): string =>
  `${table.source}-${table.base}-${table.year}`

const daysApart = (earlier: string, later: string): number =>
  (Date.parse(`${later}T00:00:00Z`) - Date.parse(`${earlier}T00:00:00Z`)) / DAY_MS

const ONE = '1' as DecimalText

/** The rate of one unit of the base, which is itself 1. */
const rateIn = (table: RateTable, day: string, currency: string): DecimalText | undefined =>
  currency === table.base ? ONE : table.days[day]?.[currency]

const quoteFrom = (table: RateTable, from: string, to: string, day: string): Quote | null => {
  const best = Object.keys(table.days)
    .filter(
      (each) =>
        each <= day && rateIn(table, each, from) !== undefined && rateIn(table, each, to) !== undefined,
    )
    .sort()
    .at(-1)
  if (best === undefined || (table.source === 'ecb' && daysApart(best, day) > ECB_DAYS_MAX)) return null
  const numerator = rateIn(table, best, to)
  const denominator = rateIn(table, best, from)
  if (numerator === undefined || denominator === undefined) return null
  return { from, to, numerator, denominator, source: table.source, day: best }
}

/**
 * The rate that holds on a day: an entered one holds from its day until the next of its pair is entered, and goes
 * before the ECB's, which hold for ten days at most. Null where neither has one.
 */
export const quoteOn = (
  tables: readonly RateTable[],
  from: string,
  to: string,
  day: string,
): Quote | null => {
  if (from === to) return { from, to, numerator: ONE, denominator: ONE, source: 'same', day }
  for (const source of ['entered', 'ecb'] as const) {
    const found = tables
      .filter((table) => table.source === source)
      .flatMap((table) => quoteFrom(table, from, to, day) ?? [])
      .sort((a, b) => (a.day < b.day ? 1 : a.day > b.day ? -1 : 0))[0]
    if (found !== undefined) return found
  }
  return null
}

/** The amount in the quote's other currency: exact where the quotient ends, else cut half-even to 20 decimals. */
export const convertAmount = (amount: DecimalText, quote: Quote): DecimalText => {
  const scale = decimalsOf(amount) + decimalsOf(quote.numerator)
  const product =
    toScaled(amount, decimalsOf(amount)) * toScaled(quote.numerator, decimalsOf(quote.numerator))
  const divisorScale = decimalsOf(quote.denominator)
  const divisor = toScaled(quote.denominator, divisorScale)
  const kept = Math.max(scale, QUOTIENT_DECIMALS)
  return integerToDecimal(divideHalfEven(product * powerOfTen(kept - scale + divisorScale), divisor), kept)
}

const SOURCE_WORDS = { ecb: 'ECB', entered: 'entered', same: 'no conversion' } as const

/** `1 EUR = 1.0876 USD (ECB, 2026-10-30)`; a cross rate names both: `1 GBP = 1.0876 ÷ 0.8512 USD (ECB, 2026-10-30)`. */
export const quoteInWords = (quote: Quote): string => {
  const rate = quote.denominator === ONE ? quote.numerator : `${quote.numerator} ÷ ${quote.denominator}`
  return `1 ${quote.from} = ${rate} ${quote.to} (${SOURCE_WORDS[quote.source]}, ${quote.day})`
}

/** The tables with more rates in them: the new table's days and currencies in place of the old one's. */
export const mergeRates = (before: RateTable | null, added: RateTable): RateTable => {
  if (before === null) return added
  const days: Record<string, { readonly [currency: string]: DecimalText }> = { ...before.days }
  for (const [day, rates] of Object.entries(added.days)) days[day] = { ...days[day], ...rates }
  return { ...before, days: Object.fromEntries(Object.entries(days).sort(([a], [b]) => (a < b ? -1 : 1))) }
}

/** A rate as typed: a decimal above zero; null where it is none. */
export const parseRate = (text: string): DecimalText | null => {
  const rate = parseDecimal(text)
  return rate === null || rate.startsWith('-') || rate === '0' ? null : rate
}
