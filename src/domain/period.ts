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

/** A run for thousands of customers asks for the same few days again and again, and a time zone's rules are slow to ask. */
const STARTS_KEPT = 10_000
const starts = new Map<string, number>()

/** The instant at which a day begins in the time zone. */
export const startOfDay = (day: string, timeZone: string): number => {
  const key = `${day} ${timeZone}`
  const known = starts.get(key)
  if (known !== undefined) return known
  const startMs = Temporal.PlainDate.from(day).toZonedDateTime(timeZone).epochMilliseconds
  if (starts.size >= STARTS_KEPT) starts.clear()
  starts.set(key, startMs)
  return startMs
}

export const monthPeriod = (month: Month, timeZone: string): Period => ({
  startMs: startOfDay(`${month}-01`, timeZone),
  endMs: startOfDay(`${addMonths(month, 1)}-01`, timeZone),
})

export const dayPeriod = (day: string, timeZone: string): Period => ({
  startMs: startOfDay(day, timeZone),
  endMs: startOfDay(addDays(day, 1), timeZone),
})

export const addMonths = (month: Month, count: number): Month => {
  const months = Number(month.slice(0, 4)) * 12 + Number(month.slice(5)) - 1 + count
  const year = Math.floor(months / 12)
  return toMonth(`${String(year).padStart(4, '0')}-${String(months - year * 12 + 1).padStart(2, '0')}`)
}

const DAY_MS = 86_400_000

/** @throws RangeError where the text is no day of the calendar. */
export const addDays = (day: string, count: number): string => {
  const ms = Date.parse(`${day}T00:00:00Z`)
  // Date takes 31 February for 3 March.
  if (Number.isNaN(ms) || new Date(ms).getUTCDate() !== Number(day.slice(8, 10)))
    throw new RangeError(`not a day: ${day}`)
  return new Date(ms + count * DAY_MS).toISOString().slice(0, 10)
}

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
