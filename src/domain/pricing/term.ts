/** What a contract says of one month: its days, its term, its amendments, and the prices that hold for it. */
import { Decimal, type DecimalText, toDecimalText, ZERO } from '../decimal.ts'
import { addDays, addMonths, addMonthsToDay, type Month, toMonth } from '../period.ts'
import type { Contract, RampStep } from './contract.ts'
import type { Charge, RateCard, RateCardVersion } from './ratecard.ts'
import type { Factor } from './rating.ts'

/** The exclusive last day; null while it runs on, or renews. */
export const endDayOf = (contract: Contract): string | null =>
  contract.renewal?.kind === 'renews' ? null : contract.endDay

export const firstMonthOf = (contract: Contract): Month => toMonth(contract.startDay.slice(0, 7))

/** The last month with a day of the contract; null while it runs on. */
export const lastMonthOf = (contract: Contract): Month | null => {
  const endDay = endDayOf(contract)
  return endDay === null ? null : toMonth(addDays(endDay, -1).slice(0, 7))
}

/** Whether any day of the month lies within the contract. */
export const holdsInMonth = (contract: Contract, month: Month): boolean => {
  const endDay = endDayOf(contract)
  return (
    contract.startDay < `${addMonths(month, 1)}-01` &&
    (endDay === null || (endDay > `${month}-01` && endDay > contract.startDay))
  )
}

const monthNumber = (month: Month): number => Number(month.slice(0, 4)) * 12 + Number(month.slice(5))

/** Months from one to another: 0 for the same. */
export const monthsFrom = (first: Month, month: Month): number => monthNumber(month) - monthNumber(first)

/** Months of the contract before this one, renewals included. */
export const monthOfTerm = (contract: Contract, month: Month): number =>
  monthsFrom(firstMonthOf(contract), month)

export interface Term {
  readonly startDay: string
  /** Exclusive; null where it runs on. */
  readonly endDay: string | null
}

/** The term of a contract, or of its renewals, in which a day lies. */
export const termOn = (contract: Contract, day: string): Term => {
  const { startDay, endDay, renewal } = contract
  if (endDay === null || renewal?.kind !== 'renews') return { startDay, endDay }
  let term = { startDay, endDay }
  for (let count = 1; term.endDay <= day; count++)
    term = { startDay: term.endDay, endDay: addMonthsToDay(endDay, renewal.months * count) }
  return term
}

/** The first day, exclusive, on which a trial is over; the contract's first without one. */
export const trialEndOf = ({ startDay, trial }: Contract): string =>
  trial === undefined ? startDay : addDays(startDay, trial.days)

export const isFreeMonth = (contract: Contract, month: Month): boolean =>
  contract.freeMonths?.includes(monthOfTerm(contract, month) + 1) ?? false

export const rampOf = (contract: Contract, month: Month): RampStep | null => {
  const current = monthOfTerm(contract, month) + 1
  return (
    [...(contract.ramp ?? [])]
      .sort((a, b) => a.fromMonth - b.fromMonth)
      .findLast((step) => step.fromMonth <= current) ?? null
  )
}

/** What a contract says of an id; an id that every object has a member of (“constructor”) is like any other. */
export const entryOf = <Entry>(
  entries: { readonly [id: string]: Entry } | undefined,
  id: string,
): Entry | undefined => (entries !== undefined && Object.hasOwn(entries, id) ? entries[id] : undefined)

/** Multipliers of the contract, its ramp and its uplift on a charge's list amount, in this order. */
export const factorsOf = (contract: Contract | null, chargeId: string, month: Month): readonly Factor[] => {
  if (contract === null) return []
  const factors: Factor[] = []
  const own = entryOf(contract.multipliers, chargeId) ?? contract.multipliers?.['*']
  if (own !== undefined) factors.push({ words: `contract ${contract.id}: × ${own}`, multiplier: own })
  const ramp = rampOf(contract, month)
  if (ramp?.multiplier !== undefined)
    factors.push({
      words: `ramp from month ${ramp.fromMonth}: × ${ramp.multiplier}`,
      multiplier: ramp.multiplier,
    })
  const { uplift } = contract
  const times = uplift === undefined ? 0 : Math.floor(monthOfTerm(contract, month) / uplift.everyMonths)
  if (uplift !== undefined && times > 0)
    factors.push({
      words: `uplift of ${uplift.percent} %${times === 1 ? '' : `, ${times} times`}`,
      multiplier: toDecimalText(new Decimal(uplift.percent).div(100).plus(1).pow(times)),
    })
  return factors
}

/** Percent off a charge: its own discount, else the ramp's, else the contract's. */
export const discountPercentOf = (contract: Contract | null, chargeId: string, month: Month): DecimalText =>
  contract === null
    ? ZERO
    : (entryOf(contract.chargeDiscounts, chargeId) ??
      rampOf(contract, month)?.discountPercent ??
      contract.discountPercent)

/** Days on which one version of a contract holds, amendments considered; open where null. */
export interface Agreement {
  readonly contract: Contract
  readonly fromDay: string | null
  /** Exclusive. */
  readonly untilDay: string | null
}

/**
 * The versions that hold, in order of their days. A version that amends holds from its effective day; one that does
 * not takes the place of all before it.
 * @param earlier the versions before `contract`, oldest first.
 */
export const agreementsOf = (contract: Contract, earlier: readonly Contract[]): readonly Agreement[] => {
  const found: Agreement[] = []
  let untilDay: string | null = null
  for (const version of [contract, ...[...earlier].reverse()]) {
    const fromDay = version.amendment?.effectiveDay ?? null
    if (fromDay === null || untilDay === null || fromDay < untilDay) {
      found.unshift({ contract: version, fromDay, untilDay })
      untilDay = fromDay
    }
    if (fromDay === null) break
  }
  const [first, ...rest] = found
  return first === undefined ? [] : [{ ...first, fromDay: null }, ...rest]
}

const withFees = (charge: Charge, ramp: RampStep | null): Charge => {
  const amount = entryOf(ramp?.fees, charge.id)
  return charge.kind === 'flat_fee' && amount !== undefined ? { ...charge, amount } : charge
}

/** A version's charges in a currency; null where it has no prices in it. */
const chargesIn = (card: RateCard, version: RateCardVersion, currency: string): readonly Charge[] | null => {
  if (currency === card.currency) return version.charges
  const other = version.otherCurrencies?.[currency]
  if (other === undefined) return null
  const byId = new Map(other.map((charge) => [charge.id, charge]))
  return version.charges.flatMap((charge) => byId.get(charge.id) ?? [])
}

export const currencyOf = (card: RateCard, contract: Contract | null): string =>
  contract?.currency ?? card.currency

/**
 * The card as a contract has it in a month: its currency, the version it is pinned to, charges of its own, the ramp's
 * fees. A version without prices in the currency is left out, so that its days have no price.
 */
export const cardFor = (card: RateCard, contract: Contract | null, month: Month): RateCard => {
  if (contract === null) return card
  const currency = currencyOf(card, contract)
  const own = new Map((contract.charges ?? []).map((charge) => [charge.id, charge]))
  const ramp = rampOf(contract, month)
  const pinned = contract.rateCardVersion
  const held =
    pinned === undefined
      ? card.versions
      : card.versions
          .filter(({ version }) => version === pinned)
          .map((version) => ({ ...version, effectiveFrom: '0001-01-01' }))
  if (currency === card.currency && own.size === 0 && ramp?.fees === undefined)
    return { ...card, versions: held }
  const versions = held.flatMap((version): RateCardVersion[] => {
    const listed = chargesIn(card, version, currency)
    if (listed === null) return []
    const ids = new Set(listed.map(({ id }) => id))
    const charges = [
      ...listed.map((charge) => own.get(charge.id) ?? charge),
      ...[...own.values()].filter(({ id }) => !ids.has(id)),
    ]
    return [{ ...version, charges: charges.map((charge) => withFees(charge, ramp)) }]
  })
  return { ...card, currency, versions }
}
