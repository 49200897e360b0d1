/** Fees in advance and for several months, by the days that each part of them is for. */
import type { Contract } from '../../../src/domain/pricing/contract.ts'
import type { Charge, FlatFeeCharge } from '../../../src/domain/pricing/ratecard.ts'
import {
  type Agreed,
  lastDayOf,
  type MonthOfContract,
  monthOfContract,
  type Segment,
  trialEnd,
} from './contract-month.ts'
import { both, type Days, prorated } from './fees.ts'
import { decimal, NOUGHT, ONE, type Rational, times } from './rational.ts'
import { chargeIn, multipliersOf, percentOn, withRamp } from './terms.ts'
import { firstDayOf, monthOfDay, readDay } from './zone.ts'

export interface FeePart {
  /** Zero where the days are free. */
  readonly amount: Rational
  readonly percent: Rational
  readonly isFree: boolean
}

const isLong = (charge: Charge | undefined): charge is FlatFeeCharge & { every: number } =>
  charge?.kind === 'flat_fee' &&
  charge.timing !== 'advance' &&
  charge.proration !== 'none' &&
  typeof charge.every === 'number' &&
  charge.every > 1

const isAdvance = (charge: Charge | undefined): charge is FlatFeeCharge & { every?: number } =>
  charge?.kind === 'flat_fee' && charge.timing === 'advance' && charge.every !== 'once'

/** What a fee of the version of a segment comes to for some days of its period. */
const partOf = (
  of: MonthOfContract,
  segment: Segment,
  charge: FlatFeeCharge,
  period: Days,
  days: Days,
  isFree: boolean,
  timeZone: string,
): FeePart => {
  const fee = withRamp(of, segment, charge) as FlatFeeCharge
  const list = prorated(fee, period, days, timeZone)
  return {
    amount: isFree ? NOUGHT : multipliersOf(of, segment, charge.id).reduce(times, times(list, oneOr(fee))),
    percent: percentOn(of, segment, charge.id),
    isFree,
  }
}

const oneOr = ({ multiplier }: FlatFeeCharge): Rational =>
  multiplier === undefined ? ONE : decimal(multiplier)

const inArrears = (agreed: Agreed, plan: MonthOfContract, id: string, timeZone: string): FeePart[] => {
  const parts: FeePart[] = []
  const first = plan.month - Math.min(plan.monthOfTerm, 11)
  for (let month = first; month <= plan.month; month++) {
    const of = month === plan.month ? plan : monthOfContract(agreed, month)
    for (const segment of of.segments) {
      const charge = chargeIn(segment, id)
      if (!isLong(charge)) continue
      const into = plan.monthOfTerm % charge.every
      if (into !== charge.every - 1 && !plan.isLast) continue
      if (month < plan.month - into) continue
      const start = plan.month - into
      const period = { from: firstDayOf(start), until: firstDayOf(start + charge.every) }
      const days = { from: firstDayOf(month) + segment.first, until: firstDayOf(month) + segment.end }
      parts.push(partOf(of, segment, charge, period, days, segment.isFree, timeZone))
    }
  }
  return parts
}

const isFreeOn = (agreed: Agreed, contract: Contract, day: number): boolean => {
  const first = monthOfDay(readDay((agreed.contracts[0] as Contract).startDay))
  if (contract.freeMonths?.includes(monthOfDay(day) - first + 1)) return true
  return contract.trial?.kind === 'days' && day < trialEnd(contract)
}

const inAdvance = (agreed: Agreed, plan: MonthOfContract, id: string, timeZone: string): FeePart[] => {
  const parts: FeePart[] = []
  const term: Days = {
    from: readDay((agreed.contracts[0] as Contract).startDay),
    until: lastDayOf(agreed) ?? Number.POSITIVE_INFINITY,
  }
  const bill = (segment: Segment | undefined, month: number) => {
    const charge = segment && chargeIn(segment, id)
    if (!segment || !isAdvance(charge)) return
    const every = charge.every ?? 1
    if (month > plan.month && (plan.monthOfTerm + 1) % every !== 0) return
    const period = { from: firstDayOf(month), until: firstDayOf(month + every) }
    const held = both(period, term)
    let from = held.from
    while (from < held.until) {
      const isFree = isFreeOn(agreed, segment.contract, from)
      let until = from + 1
      while (
        until < held.until &&
        (charge.proration === 'none' || isFreeOn(agreed, segment.contract, until) === isFree)
      )
        until++
      parts.push(partOf(plan, segment, charge, period, { from, until }, isFree, timeZone))
      from = until
    }
  }
  if (plan.monthOfTerm === 0) bill(plan.segments[0], plan.month)
  bill(plan.segments.at(-1), plan.month + 1)
  return parts
}

/** What the month's invoice has of such a fee; nothing where it is not due. */
export const spreadFeeParts = (
  agreed: Agreed,
  plan: MonthOfContract,
  id: string,
  timeZone: string,
): readonly FeePart[] => [...inArrears(agreed, plan, id, timeZone), ...inAdvance(agreed, plan, id, timeZone)]

export const isSpread = (charge: Charge): boolean => isLong(charge) || isAdvance(charge)

/** Fees of several months that the last year had. */
export const longFeesBefore = (agreed: Agreed, plan: MonthOfContract): readonly string[] => {
  const first = plan.month - Math.min(plan.monthOfTerm, 11)
  return Array.from({ length: plan.month - first }, (_, i) => monthOfContract(agreed, first + i)).flatMap(
    ({ segments }) => segments.flatMap(({ charges }) => charges.filter(isLong).map(({ id }) => id)),
  )
}
