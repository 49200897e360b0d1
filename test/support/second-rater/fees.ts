/** Fees, and the share of an amount that some of its days have. */
import type { FlatFeeCharge } from '../../../src/domain/pricing/ratecard.ts'
import {
  add,
  cut,
  decimal,
  decimalsIn,
  minus,
  NOUGHT,
  over,
  type Rational,
  times,
  whole,
} from './rational.ts'
import { firstDayOf, monthOfDay, readDay, readMonth, startOfDay } from './zone.ts'

/** Of an amount for `parts`: those from `first` on, `count` of them. Shares add up to the whole. */
export const shareOfDays = (amount: Rational, first: number, count: number, parts: number): Rational => {
  const decimals = decimalsIn(amount) + 20
  const upTo = (part: number) => cut(over(times(amount, whole(part)), whole(parts)), decimals)
  return minus(upTo(first + count), upTo(first))
}

interface FeeMonth {
  readonly month: string
  readonly timeZone: string
  readonly firstDay: number
  readonly endDay: number
  readonly beforeFrom?: number
  readonly monthOfTerm?: number
  readonly term?: { readonly startDay: string; readonly endDay: string | null }
}

export interface Days {
  /** Numbers of days since 1970. */
  readonly from: number
  readonly until: number
}

export const both = (a: Days, b: Days): Days => ({
  from: Math.max(a.from, b.from),
  until: Math.min(a.until, b.until),
})

export const prorated = (fee: FlatFeeCharge, period: Days, held: Days, timeZone: string): Rational => {
  const amount = decimal(fee.amount)
  if (held.until <= held.from) return NOUGHT
  if (fee.proration === 'none') return amount
  const at = fee.proration === 'second' ? (day: number) => startOfDay(day, timeZone) : (day: number) => day
  const start = at(period.from)
  return shareOfDays(amount, at(held.from) - start, at(held.until) - at(held.from), at(period.until) - start)
}

/** What a fee puts on the month's invoice: of the days rated, of periods that end with it or begin after it. */
export const feeOnInvoice = (fee: FlatFeeCharge, asked: FeeMonth): Rational => {
  const month = readMonth(asked.month)
  const first = firstDayOf(month)
  const rated: Days = { from: first + asked.firstDay, until: first + asked.endDay }
  const ofTerm = asked.monthOfTerm ?? month % 12
  const every = fee.every ?? 1
  const term: Days = {
    from: asked.term ? readDay(asked.term.startDay) : -1e6,
    until: asked.term?.endDay ? readDay(asked.term.endDay) : 1e6,
  }
  const isFirstRated = asked.term ? rated.from === term.from : asked.firstDay === 0
  // A whole fee is given once, however a month is cut.
  if (fee.proration === 'none' && asked.beforeFrom !== undefined) return NOUGHT
  if (every === 'once') return ofTerm === 0 && isFirstRated ? decimal(fee.amount) : NOUGHT
  const periodFrom = (from: number): Days => ({ from: firstDayOf(from), until: firstDayOf(from + every) })
  if (fee.timing !== 'advance') {
    if (every === 1) return prorated(fee, periodFrom(month), rated, asked.timeZone)
    const isLast = term.until <= firstDayOf(month + 1)
    if ((ofTerm + 1) % every !== 0 && !isLast) return NOUGHT
    const period = periodFrom(month - (ofTerm % every))
    return prorated(fee, period, both(period, term), asked.timeZone)
  }
  const isFirstInvoice = asked.term !== undefined && monthOfDay(term.from) === month
  const current = isFirstInvoice ? periodFrom(month) : null
  const next = (ofTerm + 1) % every === 0 ? periodFrom(month + 1) : null
  let sum = NOUGHT
  for (const period of [current, next])
    if (period) sum = add(sum, prorated(fee, period, both(period, term), asked.timeZone))
  return sum
}
