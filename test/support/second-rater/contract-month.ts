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
  readonly ramp: RampStep | undefined
  readonly isLast: boolean
}

export interface Agreed {
  readonly card: RateCard
  /** Its versions, oldest first: all but the first amend it. */
  readonly contracts: readonly Contract[]
}

const versionOn = (agreed: Agreed, contract: Contract, day: string): RateCardVersion => {
  const { versions } = agreed.card
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

/** The first and the last day (exclusive) of the contract in the month, from 0. */
export const heldDays = ({ contracts }: Agreed, month: number): readonly [first: number, end: number] => {
  const { startDay } = contracts[0] as Contract
  const { endDay } = contracts.at(-1) as Contract
  const start = firstDayOf(month)
  const first = Math.max(0, readDay(startDay) - start)
  const end = endDay === null ? daysIn(month) : Math.min(daysIn(month), readDay(endDay) - start)
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
  const isFreeMonth = contract.freeMonths?.includes(monthOfTerm + 1) === true
  const isTrial = contract.trial !== undefined && contract.trial.kind !== 'credit'
  const segments: Segment[] = []
  for (let day = first; day < end; day++) {
    const ofDay = contractOn(agreed, writeDay(start + day))
    const version = versionOn(agreed, ofDay, writeDay(start + day))
    const isOnTrial = isTrial && start + day < trialEnd(contract)
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
        isFree: isFreeMonth || (isOnTrial && contract.trial?.kind === 'days'),
        isOnTrial,
      })
  }
  const lastDay = (agreed.contracts.at(-1) as Contract).endDay
  return {
    month,
    monthOfTerm,
    segments,
    contract,
    settings: { ...segments.at(-1)?.version.settings, ...contract.settings },
    ramp: rampIn(contract, monthOfTerm),
    isLast: lastDay !== null && readDay(lastDay) <= firstDayOf(month + 1),
  }
}
