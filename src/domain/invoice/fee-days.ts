/**
 * The days that fees owe which are not of their invoice's month alone. One in arrears for several months owes each day of
 * them what held on it: the amount, multipliers and percent of that day's version. One in advance is of the version that
 * holds when it is billed. Days that are free or on trial cost nothing, whenever they are billed.
 */
import { addMonths, daysOfMonth, type Month, toMonth } from '../period.ts'
import type { Contract } from '../pricing/contract.ts'
import {
  discountPercentOf,
  factorsOf,
  firstMonthOf,
  isFreeMonth,
  monthsFrom,
  trialEndOf,
} from '../pricing/term.ts'
import {
  firstDay,
  isInAdvance,
  isOfSeveralMonths,
  monthsInto,
  monthsOwed,
  type SpreadFee,
} from './fee-months.ts'
import type { ChargePart, ContractMonth, ContractSegment } from './plan.ts'

const monthOf = (day: string): Month => toMonth(day.slice(0, 7))

/** What must be alike for days to be one stretch. */
const termsOf = ({ segment, charge }: ChargePart): string => {
  const { contract, version, free, startDay } = segment
  const percent = discountPercentOf(contract, charge.id, monthOf(startDay))
  const factors = factorsOf(contract, charge.id, monthOf(startDay))
  return JSON.stringify([charge, version.version, contract?.amendment, free, factors, percent])
}

type FeePart = ChargePart & { readonly feeDays: { readonly startDay: string; readonly endDay: string } }

/** Parts that follow one another on the same terms as one. */
const joined = (parts: readonly FeePart[]): readonly FeePart[] => {
  const all: FeePart[] = []
  for (const part of parts) {
    const last = all.at(-1)
    const goesOn = last?.feeDays.endDay === part.feeDays.startDay && termsOf(last) === termsOf(part)
    if (goesOn) all.pop()
    all.push(goesOn ? { ...last, feeDays: { ...last.feeDays, endDay: part.feeDays.endDay } } : part)
  }
  return all
}

const arrearsParts = (plan: ContractMonth, id: string): readonly FeePart[] =>
  joined(
    [...plan.before, ...plan.rated].flatMap((segment) =>
      segment.version.charges.flatMap((charge): FeePart[] => {
        if (charge.id !== id || !isOfSeveralMonths(charge)) return []
        const owed = monthsOwed(charge, plan)
        const { startDay, endDay } = segment
        return owed === null || monthsFrom(monthOf(startDay), plan.month) > owed
          ? []
          : [{ segment, charge, feeDays: { startDay, endDay } }]
      }),
    ),
  )

const freeOn = (contract: Contract | null, day: string): ContractSegment['free'] => {
  if (contract === null) return null
  if (isFreeMonth(contract, monthOf(day))) return 'month'
  return contract.trial?.kind === 'days' && day < trialEndOf(contract) ? 'trial' : null
}

/** The fee's period from a month on, cut where its days begin or cease to be free. */
const advanceParts = (segment: ContractSegment, charge: SpreadFee, from: Month, plan: ContractMonth) => {
  const { contractDays } = plan
  const days = Array.from({ length: charge.every ?? 1 }, (_, index) =>
    daysOfMonth(addMonths(from, index)),
  ).flat()
  const until = firstDay(addMonths(from, charge.every ?? 1))
  const owed = days.filter(
    (day) =>
      contractDays === null ||
      (day >= contractDays.startDay && (contractDays.endDay === null || day < contractDays.endDay)),
  )
  const [first] = owed
  if (first === undefined) return []
  const last = contractDays?.endDay ?? until
  const endDay = last < until ? last : until
  // A fee that is never shared is free, or not, as a whole.
  const edges = owed.filter(
    (day, index) =>
      index === 0 ||
      (charge.proration !== 'none' &&
        freeOn(segment.contract, day) !== freeOn(segment.contract, owed[index - 1] ?? day)),
  )
  return edges.map(
    (startDay, index): FeePart => ({
      segment: { ...segment, free: freeOn(segment.contract, startDay) },
      charge,
      feeDays: { startDay, endDay: edges[index + 1] ?? endDay },
    }),
  )
}

/** By the version on the month's last day; the contract's first fee by the one on its first day. */
const inAdvanceParts = (plan: ContractMonth, id: string): readonly FeePart[] => {
  const { month, rated, contract, contractDays } = plan
  const monthEnd = firstDay(addMonths(month, 1))
  const feeIn = (segment: ContractSegment | undefined) =>
    segment?.version.charges.filter(isInAdvance).find((charge) => charge.id === id)
  const [first, last] = [rated[0], rated.at(-1)]
  const [current, next] = [feeIn(first), feeIn(last)]
  const isFirstMonth = contract !== null && firstMonthOf(contract) === month
  const isFromStart = first?.startDay === contractDays?.startDay
  return [
    ...(first !== undefined && current !== undefined && isFirstMonth && isFromStart
      ? advanceParts(first, current, month, plan)
      : []),
    ...(last?.endDay === monthEnd && next !== undefined && monthsInto(next, plan) === (next.every ?? 1) - 1
      ? advanceParts(last, next, addMonths(month, 1), plan)
      : []),
  ]
}

/** What the month's invoice owes of a fee in advance or for several months, in order of its days; empty where nothing. */
export const feeParts = (plan: ContractMonth, id: string): readonly FeePart[] => {
  const parts = arrearsParts(plan, id)
  return [...parts, ...inAdvanceParts(plan, id)]
}

/** Fees due for days of earlier months, whether or not this one has them still. */
export const feesBefore = (plan: ContractMonth): readonly string[] => [
  ...new Set(
    plan.before.flatMap(({ version }) => version.charges.filter(isOfSeveralMonths).map(({ id }) => id)),
  ),
]
