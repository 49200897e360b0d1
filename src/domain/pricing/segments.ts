/**
 * Which version of a rate card holds on which days. Versions and contracts change at the start of a day in
 * the book's time zone, so a month falls into segments of whole days; a day of 23 or 25 hours is one day.
 */
import { addMonths, type Month, type Period, startOfDay } from '../period.ts'
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

/** The span's days, each with the version that holds in it, in order. Days before the card's first version are in none. */
const versionsIn = (card: RateCard, span: DaySpan, timeZone: string): readonly VersionSegment[] => {
  const cuts = card.versions.map((version) => version.effectiveFrom)
  return cutDays(span.startDay, span.endDay, cuts, timeZone).flatMap((part) => {
    const version = versionInForce(card, part.startDay)
    return version === null ? [] : [{ ...part, version }]
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
  const startDay = `${month}-01`
  const endDay = `${addMonths(month, 1)}-01`
  const limits = contract === null ? [] : [contract.startDay, ...(contract.endDay ? [contract.endDay] : [])]
  const isCovered = (span: DaySpan) =>
    contract === null ||
    (span.startDay >= contract.startDay && (contract.endDay === null || span.startDay < contract.endDay))
  const spans = cutDays(startDay, endDay, limits, timeZone)
  const covered = spans.filter(isCovered)
  const priced = covered.map((span) => ({ span, versions: versionsIn(card, span, timeZone) }))
  const rated = priced.flatMap(({ versions }) => versions)
  const unpriced = priced.flatMap(({ span, versions }) => {
    const firstDay = versions[0]?.startDay ?? span.endDay
    return firstDay === span.startDay ? [] : [toSpan(span.startDay, firstDay, timeZone)]
  })
  return {
    month,
    daysInMonth: daysBetween(startDay, endDay),
    rated,
    unpriced,
    outsideContract: spans.filter((span) => !isCovered(span)),
  }
}
