/**
 * Which version of a rate card holds on which days. Versions and contracts change at the start of a day in
 * the book's time zone, so a month falls into segments of whole days; a day of 23 or 25 hours is one day.
 */
import { addDays, dayOf, type Month, monthPeriod, type Period, startOfDay } from '../period.ts'
import type { Contract } from './contract.ts'
import type { RateCard, RateCardVersion } from './ratecard.ts'

const DAY_MS = 86_400_000

/** Whole days, `endDay` exclusive, with the instants they stand for. */
export interface DaySpan extends Period {
  readonly startDay: string
  readonly endDay: string
  readonly days: number
}

export interface VersionSegment extends DaySpan {
  readonly version: RateCardVersion
}

/** A month cut for rating: every day of it is in exactly one of the three lists. */
export interface MonthPlan {
  readonly month: Month
  readonly daysInMonth: number
  /** Under the contract (or no contract) and with a price in effect, in order and without gaps. */
  readonly rated: readonly VersionSegment[]
  /** Under the contract, before the card's first version takes effect. */
  readonly unpriced: readonly DaySpan[]
  readonly outsideContract: readonly DaySpan[]
}

/** Days from `startDay` to before `endDay`; negative where the end is earlier. */
export const daysBetween = (startDay: string, endDay: string): number =>
  (Date.parse(`${endDay}T00:00:00Z`) - Date.parse(`${startDay}T00:00:00Z`)) / DAY_MS

/** The version that holds on the day; null before the first. Of two with one date the later holds. */
export const versionInForce = (card: RateCard, day: string): RateCardVersion | null =>
  card.versions.findLast((version) => version.effectiveFrom <= day) ?? null

const toSpan = (startDay: string, endDay: string, timeZone: string): DaySpan => ({
  startDay,
  endDay,
  days: daysBetween(startDay, endDay),
  startMs: startOfDay(startDay, timeZone),
  endMs: startOfDay(endDay, timeZone),
})

/** The period's days cut wherever one of the days in `cuts` begins. */
const cutDays = (startDay: string, endDay: string, cuts: readonly string[], timeZone: string): DaySpan[] => {
  const inside = cuts.filter((day) => day > startDay && day < endDay)
  const edges = [...new Set([startDay, ...inside, endDay])].sort()
  return edges.slice(1).map((edge, index) => toSpan(edges[index] ?? startDay, edge, timeZone))
}

/**
 * The segments of a period of whole days, each with the version that holds in it, in order. Days before the
 * card's first version are in no segment: the segments' days are then fewer than the period's.
 */
export const versionsInPeriod = (
  card: RateCard,
  period: Period,
  timeZone: string,
): readonly VersionSegment[] => {
  const startDay = dayOf(period.startMs, timeZone)
  const endDay = addDays(dayOf(period.endMs - 1, timeZone), 1)
  const cuts = card.versions.map((version) => version.effectiveFrom)
  return cutDays(startDay, endDay, cuts, timeZone).flatMap((span) => {
    const version = versionInForce(card, span.startDay)
    return version === null ? [] : [{ ...span, version }]
  })
}

/** Cuts a month at the card's versions and at the contract's first and last day. */
export const planMonth = (input: {
  readonly card: RateCard
  readonly contract: Contract | null
  readonly month: Month
  readonly timeZone: string
}): MonthPlan => {
  const { card, contract, month, timeZone } = input
  const period = monthPeriod(month, timeZone)
  const startDay = `${month}-01`
  const endDay = dayOf(period.endMs, timeZone)
  const limits = contract === null ? [] : [contract.startDay, ...(contract.endDay ? [contract.endDay] : [])]
  const isCovered = (span: DaySpan) =>
    contract === null ||
    (span.startDay >= contract.startDay && (contract.endDay === null || span.startDay < contract.endDay))
  const spans = cutDays(startDay, endDay, limits, timeZone)
  const covered = spans.filter(isCovered)
  const rated = covered.flatMap((span) => versionsInPeriod(card, span, timeZone))
  const unpriced = covered.flatMap((span) => {
    const priced = versionsInPeriod(card, span, timeZone)[0]?.startDay ?? span.endDay
    return priced === span.startDay ? [] : [toSpan(span.startDay, priced, timeZone)]
  })
  return {
    month,
    daysInMonth: daysBetween(startDay, endDay),
    rated,
    unpriced,
    outsideContract: spans.filter((span) => !isCovered(span)),
  }
}
