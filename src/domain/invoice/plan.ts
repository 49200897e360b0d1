/** A contract's month, cut for rating: at its days, its amendments, the card's versions and the end of a trial. */
import type { DecimalText } from '../decimal.ts'
import type { Metric } from '../metric.ts'
import type { Rounding } from '../money.ts'
import { type Month, startOfDay } from '../period.ts'
import type { Contract } from '../pricing/contract.ts'
import { prorate } from '../pricing/rate.ts'
import type { Charge, RateCard, RatingSettings } from '../pricing/ratecard.ts'
import type { DaysOfMonth } from '../pricing/rating.ts'
import {
  type DaySpan,
  daysBetween,
  type MonthPlan,
  planMonth,
  type VersionSegment,
} from '../pricing/segments.ts'
import {
  agreementsOf,
  cardFor,
  currencyOf,
  endDayOf,
  isFreeMonth,
  type Term,
  trialEndOf,
} from '../pricing/term.ts'
import { monthsBefore } from './fee-months.ts'

export interface PricingTerms {
  readonly card: RateCard
  /** Cards that earlier versions of the contract were for, where an amendment changed it. */
  readonly otherCards?: readonly RateCard[]
  /** The version in force last; null for a customer that pays list prices without a contract. */
  readonly contract: Contract | null
  /** The contract's versions before it, oldest first; needed where it amends one. */
  readonly earlier?: readonly Contract[]
  readonly metrics: readonly Metric[]
  readonly month: Month
  readonly timeZone: string
}

export interface ContractSegment extends VersionSegment {
  /** The version of the contract that holds. */
  readonly contract: Contract | null
  /** Why nothing is charged. */
  readonly free: 'month' | 'trial' | null
}

/** Days on which one version of a charge holds. */
export interface ChargePart {
  readonly segment: ContractSegment
  readonly charge: Charge
  /** Of a fee in advance or for several months: the days that this part owes, of other months too. */
  readonly feeDays?: { readonly startDay: string; readonly endDay: string }
}

export interface ContractMonth extends MonthPlan {
  readonly rated: readonly ContractSegment[]
  /** Of earlier months, in order: days of which fees are due with this one. */
  readonly before: readonly ContractSegment[]
  /** Of all but charges and their discounts: the version in force on the month's last day under contract. */
  readonly contract: Contract | null
  readonly currency: string
  readonly settings: RatingSettings
  readonly rounding: Rounding
  /** The contract's first day and its last (exclusive; null while it runs on or renews), of all its terms. */
  readonly contractDays: Term | null
  /** The contract's days of the month, and those of them that are neither free nor on trial. */
  readonly held: DaysOfMonth
  readonly charged: DaysOfMonth
}

const limited = (contract: Contract, fromDay: string | null, untilDay: string | null): Contract => {
  const endDay = endDayOf(contract)
  return {
    ...contract,
    startDay: fromDay !== null && fromDay > contract.startDay ? fromDay : contract.startDay,
    endDay: untilDay !== null && (endDay === null || untilDay < endDay) ? untilDay : endDay,
    renewal: { kind: 'ends' },
  }
}

/** The span's days before and from `day` on. */
const cutAt = (segment: ContractSegment, day: string, timeZone: string): readonly ContractSegment[] => {
  if (day <= segment.startDay || day >= segment.endDay) return [segment]
  const ms = startOfDay(day, timeZone)
  return [
    { ...segment, endDay: day, endMs: ms, days: daysBetween(segment.startDay, day) },
    { ...segment, startDay: day, startMs: ms, days: daysBetween(day, segment.endDay) },
  ]
}

const daysOf = (spans: readonly DaySpan[], ofMonth: number): DaysOfMonth => ({
  first: spans[0] === undefined ? 0 : Number(spans[0].startDay.slice(8)) - 1,
  count: spans.reduce((sum, { days }) => sum + days, 0),
  ofMonth,
})

const byStart = (a: DaySpan, b: DaySpan): number => a.startMs - b.startMs

const cardOf = ({ card, otherCards }: PricingTerms, { rateCardId }: Contract): RateCard =>
  [card, ...(otherCards ?? [])].find(({ id }) => id === rateCardId) ?? card

/** A month's days as each version of the contract has them. */
const agreedIn = (terms: PricingTerms, month: Month) => {
  const { card, contract, timeZone } = terms
  if (contract === null)
    return [
      { contract: null, plan: planMonth({ card: cardFor(card, null, month), contract, month, timeZone }) },
    ]
  return agreementsOf(contract, terms.earlier ?? []).map((agreement) => ({
    contract: agreement.contract,
    plan: planMonth({
      card: cardFor(cardOf(terms, agreement.contract), agreement.contract, month),
      contract: limited(
        { ...agreement.contract, startDay: contract.startDay, endDay: endDayOf(contract) },
        agreement.fromDay,
        agreement.untilDay,
      ),
      month,
      timeZone,
    }),
  }))
}

/** Rated days cut at the end of a trial. */
const segmentsOf = (
  agreed: ReturnType<typeof agreedIn>,
  month: Month,
  timeZone: string,
): readonly ContractSegment[] =>
  agreed
    .flatMap(({ contract: held, plan }) =>
      plan.rated.flatMap((segment) => {
        const trialEnd =
          held?.trial?.kind === 'days' || held?.trial?.kind === 'usage' ? trialEndOf(held) : null
        const whole: ContractSegment = { ...segment, contract: held, free: null }
        return (trialEnd === null ? [whole] : cutAt(whole, trialEnd, timeZone)).map(
          (cut): ContractSegment => {
            const free = held !== null && isFreeMonth(held, month)
            const isTrial = held?.trial?.kind === 'days' && trialEnd !== null && cut.startDay < trialEnd
            return { ...cut, free: free ? 'month' : isTrial ? 'trial' : null }
          },
        )
      }),
    )
    .sort(byStart)

/** @throws RangeError where the contract is for another rate card. */
export const planContractMonth = (terms: PricingTerms): ContractMonth => {
  const { card, contract, month, timeZone } = terms
  if (contract !== null && contract.rateCardId !== card.id)
    throw new RangeError(`contract ${contract.id} is for rate card ${contract.rateCardId}, not ${card.id}`)
  const whole = contract === null ? null : limited(contract, null, null)
  const outer = planMonth({ card: cardFor(card, contract, month), contract: whole, month, timeZone })
  const agreements = agreedIn(terms, month)
  const rated = segmentsOf(agreements, month, timeZone)
  const unpriced = agreements.flatMap(({ plan }) => plan.unpriced).sort(byStart)
  const under = [...rated, ...unpriced].sort(byStart)
  const governing =
    agreements.findLast(({ plan }) => plan.rated.length + plan.unpriced.length > 0)?.contract ?? contract
  const settings = { ...rated.at(-1)?.version.settings, ...governing?.settings }
  const isCharged = (span: DaySpan) =>
    !rated.some((segment) => segment.startMs === span.startMs && segment.free !== null)
  const contractDays = contract === null ? null : { startDay: contract.startDay, endDay: endDayOf(contract) }
  const months = monthsBefore(
    [card, ...(terms.otherCards ?? [])],
    contract === null ? [] : [...(terms.earlier ?? []), contract],
    { month, contract, contractDays },
  )
  return {
    ...outer,
    rated,
    before: months.flatMap((each) => segmentsOf(agreedIn(terms, each), each, timeZone)),
    unpriced,
    contract: governing,
    currency: currencyOf(card, governing),
    settings,
    rounding: settings.rounding ?? 'half_even',
    contractDays,
    held: daysOf(under, outer.daysInMonth),
    charged: daysOf(under.filter(isCharged), outer.daysInMonth),
  }
}

/** The part of a month's amount that falls on the days, exact. */
export const shareOf = (amount: DecimalText, days: DaysOfMonth): DecimalText =>
  days.count === days.ofMonth ? amount : prorate(amount, days)
