/** When fees in advance and for several months are due: how many months before an invoice's it has to look at. */
import { addMonths, type Month } from '../period.ts'
import type { Contract } from '../pricing/contract.ts'
import type { Charge, FlatFeeCharge, RateCard } from '../pricing/ratecard.ts'
import { currencyOf, firstMonthOf, monthOfTerm, monthsFrom, type Term } from '../pricing/term.ts'

export type SpreadFee = FlatFeeCharge & { readonly every?: 1 | 3 | 6 | 12 }

export const isInAdvance = (charge: Charge): charge is SpreadFee =>
  charge.kind === 'flat_fee' && charge.timing === 'advance' && charge.every !== 'once'

export const isOfSeveralMonths = (charge: Charge): charge is SpreadFee =>
  charge.kind === 'flat_fee' &&
  charge.timing !== 'advance' &&
  charge.proration !== 'none' &&
  typeof charge.every === 'number' &&
  charge.every > 1

interface FeeMonth {
  readonly month: Month
  readonly contract: Contract | null
  readonly contractDays: Term | null
}

export const firstDay = (month: Month): string => `${month}-01`

/** Months of the fee's period before this one. */
export const monthsInto = ({ every = 1 }: SpreadFee, { month, contract }: FeeMonth): number =>
  (contract === null ? Number(month.slice(5)) - 1 : monthOfTerm(contract, month)) % every

const endsIn = ({ month, contractDays }: FeeMonth): boolean => {
  const endDay = contractDays?.endDay ?? null
  return endDay !== null && endDay <= firstDay(addMonths(month, 1))
}

/** How many months before this one its invoice owes of a fee in arrears; null where the fee is not due. */
export const monthsOwed = (fee: SpreadFee, plan: FeeMonth): number | null => {
  const into = monthsInto(fee, plan)
  return into === (fee.every ?? 1) - 1 || endsIn(plan) ? into : null
}

const chargesOf = (card: RateCard, contracts: readonly Contract[]): readonly Charge[] => [
  ...contracts.flatMap(({ charges }) => charges ?? []),
  ...card.versions.flatMap((version) => version.charges),
  ...contracts.flatMap((contract) =>
    card.versions.flatMap(({ otherCurrencies }) => otherCurrencies?.[currencyOf(card, contract)] ?? []),
  ),
]

/** The months before this one, oldest first, of which fees may be on its invoice. */
export const monthsBefore = (
  cards: readonly RateCard[],
  contracts: readonly Contract[],
  plan: FeeMonth,
): readonly Month[] => {
  const { contract, month } = plan
  const fees = cards.flatMap((card) => chargesOf(card, contracts)).filter(isOfSeveralMonths)
  const owed = Math.max(0, ...fees.map((fee) => monthsOwed(fee, plan) ?? 0))
  const count = contract === null ? owed : Math.min(owed, monthsFrom(firstMonthOf(contract), month))
  return Array.from({ length: count }, (_, index) => addMonths(month, index - count))
}

export const isSpreadFee = (charge: Charge): boolean => isInAdvance(charge) || isOfSeveralMonths(charge)
