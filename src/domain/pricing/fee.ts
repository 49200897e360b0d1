/** Fees: which of them are on the invoice of a month, and how much of each the contract's days and the version's owe. */
import { type DecimalText, decimalsOf, integerToDecimal, sumDecimals, ZERO } from '../decimal.ts'
import type { PriceStep } from '../invoice/invoice.ts'
import { addDays, addMonths, type Month, monthName, startOfDay, toMonth } from '../period.ts'
import { difference, divideHalfEven, toScaled } from './exact.ts'
import type { FlatFeeCharge, Proration } from './ratecard.ts'
import type { DaysOfMonth, RateInput } from './rating.ts'
import { daysBetween } from './segments.ts'

/** Decimals kept of a prorated amount beyond its own. A month's parts still add up to the whole exactly. */
const PRORATION_DECIMALS = 20

const shareOf = (amount: DecimalText, from: number, to: number, of: number): DecimalText => {
  const scale = decimalsOf(amount) + PRORATION_DECIMALS
  const whole = toScaled(amount, scale)
  const until = (part: number) => divideHalfEven(whole * BigInt(part), BigInt(of))
  return integerToDecimal(until(to) - until(from), scale)
}

/**
 * The part of a month's amount that falls on the days: the difference of two cumulative shares, so that the
 * parts of a month add up to its amount exactly.
 */
export const prorate = (amount: DecimalText, days: DaysOfMonth): DecimalText =>
  shareOf(amount, days.first, days.first + days.count, days.ofMonth)

type FeeTerms = Pick<RateInput, 'month' | 'days' | 'feeDays' | 'timeZone' | 'monthOfTerm' | 'term'>

interface Span {
  readonly startDay: string
  /** Exclusive. */
  readonly endDay: string
}

/** A fee on the invoice: its whole period, and the days of it that are owed. */
interface DueFee {
  readonly period: Span
  readonly months: number
  readonly owed: Span
}

const firstDay = (month: Month): string => `${month}-01`

const laterOf = (a: string, b: string): string => (a > b ? a : b)
const earlierOf = (a: string, b: string): string => (a < b ? a : b)

/** The days rated of the month, and whether they are the first and the last of it that the contract has. */
const partOf = (terms: FeeTerms) => {
  const { month, days, term } = terms
  const monthSpan = { startDay: firstDay(month), endDay: firstDay(addMonths(month, 1)) }
  const part =
    days === undefined
      ? monthSpan
      : {
          startDay: addDays(monthSpan.startDay, days.first),
          endDay: addDays(monthSpan.startDay, days.first + days.count),
        }
  const first = laterOf(monthSpan.startDay, term?.startDay ?? monthSpan.startDay)
  const end = earlierOf(monthSpan.endDay, term?.endDay ?? monthSpan.endDay)
  return {
    part,
    isFirst: part.startDay <= first,
    isLast: part.endDay >= end,
    endsTerm: term !== undefined && term.endDay !== null && term.endDay <= monthSpan.endDay,
  }
}

const periodFrom = (month: Month, months: number): Span => ({
  startDay: firstDay(month),
  endDay: firstDay(addMonths(month, months)),
})

const withinTerm = (span: Span, term: FeeTerms['term']): Span => ({
  startDay: laterOf(span.startDay, term?.startDay ?? span.startDay),
  endDay: earlierOf(span.endDay, term?.endDay ?? span.endDay),
})

const dueFees = (charge: FlatFeeCharge, terms: FeeTerms): readonly DueFee[] => {
  const { month, term } = terms
  const { part, isFirst, isLast, endsTerm } = partOf(terms)
  // Without a contract no month is its first.
  const ofTerm = terms.monthOfTerm ?? null
  const every = charge.every ?? 1
  if (every === 'once') return ofTerm === 0 && isFirst ? [{ period: part, months: 0, owed: part }] : []
  const index = ofTerm ?? Number(month.slice(5)) - 1
  const into = index % every
  if (charge.timing === 'advance') {
    const first = periodFrom(month, every)
    const next = periodFrom(addMonths(month, 1), every)
    const { feeDays } = terms
    if (feeDays !== undefined) {
      const period = into === every - 1 && feeDays.startDay >= next.startDay ? next : first
      return [{ period, months: every, owed: withinTerm(feeDays, term) }]
    }
    return [
      ...(ofTerm === 0 && isFirst ? [{ period: first, months: every, owed: withinTerm(first, term) }] : []),
      ...(into === every - 1 && isLast && !endsTerm
        ? [{ period: next, months: every, owed: withinTerm(next, term) }]
        : []),
    ]
  }
  if (into !== every - 1 && !endsTerm) return []
  const period = periodFrom(addMonths(month, -into), every)
  const owed = terms.feeDays ?? {
    startDay: isFirst ? period.startDay : part.startDay,
    endDay: part.endDay,
  }
  return [{ period, months: every, owed: withinTerm(owed, term) }]
}

const owedOf = (
  amount: DecimalText,
  fee: DueFee,
  proration: Proration,
  isFirst: boolean,
  timeZone: string,
): DecimalText => {
  if (fee.months === 0) return amount
  if (proration === 'none') return isFirst ? amount : ZERO
  const { period, owed } = fee
  if (proration === 'day')
    return shareOf(
      amount,
      daysBetween(period.startDay, owed.startDay),
      daysBetween(period.startDay, owed.endDay),
      daysBetween(period.startDay, period.endDay),
    )
  const start = startOfDay(period.startDay, timeZone)
  const instant = (day: string) => startOfDay(day, timeZone) - start
  return shareOf(amount, instant(owed.startDay), instant(owed.endDay), instant(period.endDay))
}

const periodWords = (fee: DueFee): string => {
  if (fee.months === 0) return 'once'
  const first = toMonth(fee.period.startDay.slice(0, 7))
  if (fee.months === 1) return `for ${monthName(first)}`
  return `for ${fee.months} months, ${monthName(first)} to ${monthName(addMonths(first, fee.months - 1))}`
}

const notDueWords = (charge: FlatFeeCharge): string =>
  charge.every === 'once'
    ? 'not due: once, with the contract’s first month'
    : `not due this month: every ${charge.every ?? 1} months${charge.timing === 'advance' ? ', in advance' : ''}`

/** What the invoice of the month owes of a fee, before multipliers. The steps add up to the amount. */
export const rateFee = (
  charge: FlatFeeCharge,
  terms: FeeTerms,
): { readonly amount: DecimalText; readonly steps: readonly PriceStep[] } => {
  const due = dueFees(charge, terms)
  const { isFirst } = partOf(terms)
  const proration = charge.proration ?? 'day'
  const isPlain = (charge.every ?? 1) === 1 && charge.timing !== 'advance'
  if (due.length === 0)
    return { amount: ZERO, steps: [{ kind: 'flat_fee', text: notDueWords(charge), amount: ZERO }] }
  const steps = due.flatMap((fee): PriceStep[] => {
    const owed = owedOf(charge.amount, fee, proration, isFirst || charge.timing === 'advance', terms.timeZone)
    const whole: PriceStep = {
      kind: 'flat_fee',
      text: isPlain ? 'flat fee for the month' : `flat fee ${periodWords(fee)}`,
      amount: charge.amount,
    }
    if (owed === charge.amount) return [whole]
    const days = daysBetween(fee.owed.startDay, fee.owed.endDay)
    const text =
      proration === 'none'
        ? 'charged with the days before'
        : `prorated: ${days} of ${daysBetween(fee.period.startDay, fee.period.endDay)} days${proration === 'second' ? ', to the second' : ''}`
    return [whole, { kind: 'proration', text, amount: difference(owed, charge.amount) }]
  })
  return { amount: sumDecimals(steps.map((step) => step.amount)), steps }
}
