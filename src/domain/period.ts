/**
 * Periods. Instants are UTC milliseconds; periods are half-open `[startMs, endMs)` in the book's billing
 * time zone, daylight saving included. A month is written `YYYY-MM`, a day `YYYY-MM-DD`.
 */
import { Temporal } from 'temporal-polyfill'

export interface Period {
  readonly startMs: number
  /** Exclusive. */
  readonly endMs: number
}

export type Grain = 'hour' | 'day' | 'month'

declare const monthText: unique symbol
export type Month = string & { readonly [monthText]: true }

export const isMonth = (text: string): text is Month => /^\d{4}-(0[1-9]|1[0-2])$/.test(text)

/** @throws RangeError where the text is not `YYYY-MM`. */
export const toMonth = (text: string): Month => {
  if (!isMonth(text)) throw new RangeError(`not a month: ${text}`)
  return text
}

export const isTimeZone = (timeZone: string): boolean => {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(timeZone)
    return true
  } catch {
    return false
  }
}

const zoned = (ms: number, timeZone: string) =>
  Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(timeZone)

/** The month that holds the instant, in the time zone. */
export const monthOf = (ms: number, timeZone: string): Month =>
  toMonth(zoned(ms, timeZone).toPlainDate().toString().slice(0, 7))

/** The day that holds the instant, in the time zone. */
export const dayOf = (ms: number, timeZone: string): string => zoned(ms, timeZone).toPlainDate().toString()

/** The instant at which a day begins in the time zone. */
export const startOfDay = (day: string, timeZone: string): number =>
  Temporal.PlainDate.from(day).toZonedDateTime(timeZone).epochMilliseconds

export const monthPeriod = (month: Month, timeZone: string): Period => ({
  startMs: startOfDay(`${month}-01`, timeZone),
  endMs: startOfDay(`${addMonths(month, 1)}-01`, timeZone),
})

export const dayPeriod = (day: string, timeZone: string): Period => ({
  startMs: startOfDay(day, timeZone),
  endMs: startOfDay(addDays(day, 1), timeZone),
})

export const addMonths = (month: Month, count: number): Month =>
  toMonth(Temporal.PlainYearMonth.from(month).add({ months: count }).toString().slice(0, 7))

export const addDays = (day: string, count: number): string =>
  Temporal.PlainDate.from(day).add({ days: count }).toString()

/** The day so many months later; the month's last one where it has no such day. */
export const addMonthsToDay = (day: string, count: number): string =>
  Temporal.PlainDate.from(day).add({ months: count }).toString()

/** Months from `first` to `last`, both included; empty where last is before first. */
export const monthsBetween = (first: Month, last: Month): readonly Month[] => {
  const months: Month[] = []
  for (let month = first; month <= last; month = addMonths(month, 1)) months.push(month)
  return months
}

/** Days of the month, in order. */
export const daysOfMonth = (month: Month): readonly string[] => {
  const count = Temporal.PlainYearMonth.from(month).daysInMonth
  return Array.from({ length: count }, (_, i) => `${month}-${String(i + 1).padStart(2, '0')}`)
}

/** "October 2026". */
export const monthName = (month: Month): string =>
  new Intl.DateTimeFormat('en', { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(
    new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5)) - 1, 1)),
  )
