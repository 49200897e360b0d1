/** Invoices in other currencies, as reports add them up: at the rate of the month's last day. */
import type { DecimalText } from '../../../domain/decimal.ts'
import type { Invoice } from '../../../domain/invoice/invoice.ts'
import { roundToMinor } from '../../../domain/money.ts'
import { addDays, addMonths, dayOf, type Month } from '../../../domain/period.ts'
import {
  convertAmount,
  type Quote,
  quoteInWords,
  quoteOn,
  type RateTable,
} from '../../../domain/rates/rates.ts'
import type { Session } from '../session.ts'

export const rateTablesOf = (session: Session): readonly RateTable[] =>
  session.all('rates').map(({ content }) => content)

/** The rate by which a month's invoices of one other currency are added; null where there is none. */
export interface MonthRate {
  readonly month: Month
  readonly currency: string
  /** The month's last day; today while the month runs. */
  readonly day: string
  readonly quote: Quote | null
}

/** @returns what finds the rates of months, each once; null for the book's own currency. */
export const monthRates = (session: Session) => {
  const { currency: own, timeZone } = session.settings()
  const tables = rateTablesOf(session)
  const today = dayOf(session.clock.nowMs(), timeZone)
  const found = new Map<string, MonthRate>()
  return (month: Month, currency: string): MonthRate | null => {
    if (currency === own) return null
    const key = `${month} ${currency}`
    const known = found.get(key)
    if (known !== undefined) return known
    const last = addDays(`${addMonths(month, 1)}-01`, -1)
    const day = today.startsWith(month) ? today : last
    const rate = { month, currency, day, quote: quoteOn(tables, currency, own, day) }
    found.set(key, rate)
    return rate
  }
}

/** An amount in the book's currency, rounded to its minor unit where it was in another; null without a rate. */
export const inBookCurrency = (
  amount: DecimalText,
  rate: MonthRate | null,
  bookCurrency: string,
): DecimalText | null => {
  if (rate === null) return amount
  return rate.quote === null ? null : roundToMinor(convertAmount(amount, rate.quote), bookCurrency)
}

/** An invoice with the rate that it is added by. */
export interface Converted {
  readonly invoice: Invoice
  readonly rate: MonthRate | null
}

/** By which rates invoices in other currencies are in a sum, and which are not in it, a sentence for each rate. */
export const exchangeWords = (parts: readonly Converted[]): readonly string[] =>
  [...Map.groupBy(parts, ({ rate }) => rate)].flatMap(([rate, of]) => {
    if (rate === null) return []
    const many = of.length === 1 ? '1 invoice' : `${of.length} invoices`
    return rate.quote === null
      ? `${many} in ${rate.currency} ${of.length === 1 ? 'is' : 'are'} not in the total: there is no rate for ${rate.day}. Enter one in Settings, or import the ECB’s file for that day.`
      : `${many} in ${rate.currency} ${of.length === 1 ? 'is' : 'are'} in the total at ${quoteInWords(rate.quote)}.`
  })
