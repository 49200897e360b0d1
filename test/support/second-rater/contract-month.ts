/** A month of a contract cut into days that are alike: one version of the card, one of the contract, on trial or not. */
import type { Contract, RampStep } from '../../../src/domain/pricing/contract.ts'
import type {
  Charge,
  RateCard,
  RateCardVersion,
  RatingSettings,
} from '../../../src/domain/pricing/ratecard.ts'
import { daysIn, firstDayOf, monthOfDay, readDay, writeDay } from './zone.ts'

export interface Segment {
  /** Days of the month from 0; the end is exclusive. */
  readonly first: number
  readonly end: number
  readonly contract: Contract
  readonly version: RateCardVersion
  readonly charges: readonly Charge[]
  /** Free, or on a trial of days: rated and taken off. */
  readonly isFree: boolean
  readonly isOnTrial: boolean
}

export interface MonthOfContract {
  readonly month: number
  /** From 0. */
  readonly monthOfTerm: number
  readonly segments: readonly Segment[]
  /** The version in force on the last day under contract, for all but charges and their percents. */
  readonly contract: Contract
  readonly settings: RatingSettings
  readonly isLast: boolean
}

export interface Agreed {
  /** That of the last version. */
  readonly card: RateCard
  readonly otherCards?: readonly RateCard[]
  /** Its versions, oldest first: all but the first amend it. */
  readonly contracts: readonly Contract[]
}

const versionOn = (agreed: Agreed, contract: Contract, day: string): RateCardVersion => {
  const cards = [agreed.card, ...(agreed.otherCards ?? [])]
  const { versions } = cards.find(({ id }) => id === contract.rateCardId) as RateCard
  const pinned = contract.rateCardVersion
  const found =
    pinned === undefined
      ? versions.filter(({ effectiveFrom }) => effectiveFrom <= day).at(-1)
      : versions.find(({ version }) => version === pinned)
  if (!found) throw new RangeError(`no version on ${day}`)
  return found
}

const contractOn = ({ contracts }: Agreed, day: string): Contract =>
  contracts.findLast(({ amendment }) => amendment === undefined || amendment.effectiveDay <= day) as Contract

const chargesOf = (agreed: Agreed, contract: Contract, version: RateCardVersion): readonly Charge[] => {
  const currency = contract.currency ?? agreed.card.currency
  const listed =
    currency === agreed.card.currency ? version.charges : (version.otherCurrencies?.[currency] ?? [])
  const own = contract.charges ?? []
  const replaced = listed.map((charge) => own.find(({ id }) => id === charge.id) ?? charge)
  return [...replaced, ...own.filter(({ id }) => !listed.some((charge) => charge.id === id))]
}

export const rampIn = (contract: Contract, monthOfTerm: number): RampStep | undefined =>
  (contract.ramp ?? [])
    .filter(({ fromMonth }) => fromMonth <= monthOfTerm + 1)
    .toSorted((a, b) => a.fromMonth - b.fromMonth)
    .at(-1)

/** The day after the contract's last; null while it runs on or renews. */
export const lastDayOf = ({ contracts }: Agreed): number | null => {
  const { endDay, renewal } = contracts.at(-1) as Contract
  return endDay === null || renewal?.kind === 'renews' ? null : readDay(endDay)
}

/** A day so many months later; the last of a month that is shorter. */
const monthsAfter = (day: number, months: number): number => {
  const month = monthOfDay(day) + months
  const ofMonth = day - firstDayOf(monthOfDay(day))
  return firstDayOf(month) + Math.min(ofMonth, daysIn(month) - 1)
}

export interface Term {
  readonly start: number
  /** Exclusive. */
  readonly end: number | null
}

/** The term in which a day lies: the first, or one of its renewals. */
export const termOf = ({ contracts }: Agreed, day: number): Term => {
  const { startDay } = contracts[0] as Contract
  const { endDay, renewal } = contracts.at(-1) as Contract
  let term = { start: readDay(startDay), end: endDay === null ? null : readDay(endDay) }
  const firstEnd = term.end
  if (firstEnd === null || renewal?.kind !== 'renews') return term
  for (let count = 1; term.end !== null && term.end <= day; count++)
    term = { start: term.end, end: monthsAfter(firstEnd, renewal.months * count) }
  return term
}

/** The first and the last day (exclusive) of the contract in the month, from 0. */
export const heldDays = (agreed: Agreed, month: number): readonly [first: number, end: number] => {
  const { startDay } = agreed.contracts[0] as Contract
  const last = lastDayOf(agreed)
  const start = firstDayOf(month)
  const first = Math.max(0, readDay(startDay) - start)
  const end = last === null ? daysIn(month) : Math.min(daysIn(month), last - start)
  return [first, Math.max(first, end)]
}

/** The last day of the trial, exclusive; the contract's first day where there is none. */
export const trialEnd = (contract: Contract): number =>
  readDay(contract.startDay) + (contract.trial?.days ?? 0)

export const monthOfContract = (agreed: Agreed, month: number): MonthOfContract => {
  const [first, end] = heldDays(agreed, month)
  const start = firstDayOf(month)
  const contract = contractOn(agreed, writeDay(start + end - 1))
  const monthOfTerm = month - monthOfDay(readDay((agreed.contracts[0] as Contract).startDay))
  const segments: Segment[] = []
  for (let day = first; day < end; day++) {
    const ofDay = contractOn(agreed, writeDay(start + day))
    const version = versionOn(agreed, ofDay, writeDay(start + day))
    const isTrial = ofDay.trial !== undefined && ofDay.trial.kind !== 'credit'
    const isOnTrial = isTrial && start + day < trialEnd(ofDay)
    const last = segments.at(-1)
    if (last && last.contract === ofDay && last.version === version && last.isOnTrial === isOnTrial)
      segments[segments.length - 1] = { ...last, end: day + 1 }
    else
      segments.push({
        first: day,
        end: day + 1,
        contract: ofDay,
        version,
        charges: chargesOf(agreed, ofDay, version),
        isFree:
          ofDay.freeMonths?.includes(monthOfTerm + 1) === true || (isOnTrial && ofDay.trial?.kind === 'days'),
        isOnTrial,
      })
  }
  const lastDay = lastDayOf(agreed)
  return {
    month,
    monthOfTerm,
    segments,
    contract,
    settings: { ...segments.at(-1)?.version.settings, ...contract.settings },
    isLast: lastDay !== null && lastDay <= firstDayOf(month + 1),
  }
}
