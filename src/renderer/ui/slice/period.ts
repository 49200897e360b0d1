/** Which months a sliced report covers, and how its buckets are called. Pure. */
import { addMonths, type Month, monthsBetween } from '../../../domain/period.ts'

export interface MonthSpan {
  readonly from: Month
  /** Included. */
  readonly to: Month
}

const MONTHS_SHOWN = 12

/**
 * The months to show: those chosen; else the month picked, or for months as buckets the twelve that end with
 * it, as far back as the book has any. A span chosen backwards is its first month.
 */
export const spanOf = (
  grain: 'hour' | 'day' | 'month',
  chosen: { readonly from?: Month | undefined; readonly to?: Month | undefined },
  picked: Month,
  earliest: Month,
): MonthSpan => {
  const to = chosen.to ?? (chosen.from !== undefined && chosen.from > picked ? chosen.from : picked)
  const back = grain === 'month' ? addMonths(to, 1 - MONTHS_SHOWN) : to
  const from = chosen.from ?? (back < earliest && earliest <= to ? earliest : back)
  return from > to ? { from, to: from } : { from, to }
}

/** The months a span is compared with: as many just before it, or the same ones a year before. */
export const comparedSpan = (span: MonthSpan, compare: 'previous' | 'last_year'): MonthSpan => {
  const back = compare === 'last_year' ? 12 : monthsBetween(span.from, span.to).length
  return { from: addMonths(span.from, -back), to: addMonths(span.to, -back) }
}

/** "Oct 2026", "31 Oct", or "31 Oct, 14:00" in the book's time zone. */
export const bucketTitle = (bucket: string, timeZone: string): string => {
  if (bucket.length === 7)
    return new Intl.DateTimeFormat('en-GB', { month: 'short', year: 'numeric', timeZone: 'UTC' }).format(
      new Date(`${bucket}-01T00:00:00Z`),
    )
  if (bucket.length === 10)
    return new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' }).format(
      new Date(`${bucket}T00:00:00Z`),
    )
  return new Intl.DateTimeFormat('en-GB', {
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    timeZone,
  }).format(new Date(bucket))
}
