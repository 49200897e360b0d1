/** Which month an instant counts in, and where it goes when that month is closed. */
import { addMonths, type Month, monthOf, monthPeriod } from '../../domain/period.ts'

export interface PostingCalendar {
  /** Null where the instant counts in its own month; else the start of the next open month. */
  readonly postedMsOf: (startMs: number) => number | null
  /** The same for a whole month: a bill's. */
  readonly postedMsOfMonth: (month: Month) => number | null
}

export const openPostingCalendar = (timeZone: string, closed: ReadonlySet<Month>): PostingCalendar => {
  const postedMsOfMonth = (month: Month): number | null => {
    if (!closed.has(month)) return null
    let next = month
    while (closed.has(next)) next = addMonths(next, 1)
    return monthPeriod(next, timeZone).startMs
  }
  // Records mostly follow one another in time, so the month of the last one is tried first.
  let last = { startMs: 0, endMs: 0, postedMs: null as number | null }
  return {
    postedMsOfMonth,
    postedMsOf: (ms) => {
      if (ms < last.startMs || ms >= last.endMs) {
        const month = monthOf(ms, timeZone)
        last = { ...monthPeriod(month, timeZone), postedMs: postedMsOfMonth(month) }
      }
      return last.postedMs
    },
  }
}
