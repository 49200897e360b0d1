/**
 * How *as of* is written: `now`, a batch (`812`, `batch 812`), a day (`2026-11-02`), or a time (`2026-11-02T09:41`,
 * `2026-11-02T09:00:00+01:00`). A day means its end, a minute its end, a time with seconds that instant. A time
 * without an offset is one of the book's time zone.
 */
import { Temporal } from 'temporal-polyfill'
import { dayPeriod } from './period.ts'

export type AsOfAsked =
  | { readonly kind: 'now' }
  | { readonly kind: 'batch'; readonly batchId: number }
  /** From the first to the last millisecond that is meant; the last is the one asked about. */
  | { readonly kind: 'moment'; readonly firstMs: number; readonly lastMs: number }

const BATCH = /^(?:batch\s*|b)?(\d{1,15})$/i
const DAY = /^\d{4}-\d{2}-\d{2}$/
const TIME = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(:\d{2}(?:\.\d{1,3})?)?\s*(Z|[+-]\d{2}:?\d{2})?$/i
const MINUTE_MS = 60_000

const momentOf = (text: string, timeZone: string): AsOfAsked | null => {
  if (DAY.test(text)) {
    const { startMs, endMs } = dayPeriod(text, timeZone)
    return { kind: 'moment', firstMs: startMs, lastMs: endMs - 1 }
  }
  const time = TIME.exec(text)
  if (time === null) return null
  const [, day, minute, seconds, offset] = time
  const plain = `${day}T${minute}${seconds ?? ':00'}`
  const firstMs =
    offset === undefined
      ? Temporal.PlainDateTime.from(plain).toZonedDateTime(timeZone).epochMilliseconds
      : Temporal.Instant.from(`${plain}${offset.toUpperCase()}`).epochMilliseconds
  return { kind: 'moment', firstMs, lastMs: seconds === undefined ? firstMs + MINUTE_MS - 1 : firstMs }
}

/** Null where the text is none of these, or names a day or time that does not exist. */
export const parseAsOf = (text: string, timeZone: string): AsOfAsked | null => {
  const trimmed = text.trim()
  if (trimmed.toLowerCase() === 'now') return { kind: 'now' }
  const batch = BATCH.exec(trimmed)
  if (batch !== null) return Number(batch[1]) > 0 ? { kind: 'batch', batchId: Number(batch[1]) } : null
  try {
    return momentOf(trimmed, timeZone)
  } catch {
    return null
  }
}
