/** What prices that run over a quarter, a year or the term have billed since it began, from month to month. */
import { type DecimalText, sumDecimals, ZERO } from '../decimal.ts'
import { addMonths } from '../period.ts'
import type { Charge } from '../pricing/ratecard.ts'
import type { RatedCharge } from '../pricing/rating.ts'
import { monthOfTerm, termOn } from '../pricing/term.ts'
import { longWindowOf } from '../pricing/window.ts'
import type { ContractBalances } from './invoice.ts'
import type { ChargeInMonth } from './line.ts'
import type { ChargePart, ContractMonth } from './plan.ts'

const MONTHS = { quarter: 3, year: 12 } as const

export interface LongWindows {
  /** Billed units of the period's months before; undefined in its first month, and for a charge without a period. */
  readonly billedBefore: (part: ChargePart) => DecimalText | undefined
  /** Notes what a charge billed, over all its parts. */
  readonly add: (charge: ChargeInMonth, parts: readonly RatedCharge[]) => void
  /** What the month hands on. */
  readonly close: () => Pick<ContractBalances, 'windows'>
}

/** Quarters and years are counted from the contract's first month, as its commitments' are. */
export const openLongWindows = (plan: ContractMonth, opening: ContractBalances | null): LongWindows => {
  const { month, contract } = plan
  const startOf = (charge: Charge): string | null => {
    const window = longWindowOf(charge)
    if (window === undefined || contract === null) return null
    return window === 'term'
      ? termOn(contract, plan.rated[0]?.startDay ?? `${month}-01`).startDay
      : `${addMonths(month, -(monthOfTerm(contract, month) % MONTHS[window]))}-01`
  }
  const kept = (chargeId: string, start: string | null) =>
    opening?.windows?.find((each) => each.chargeId === chargeId && each.start === start)
  const closing = new Map((opening?.windows ?? []).map((each) => [each.chargeId, each]))
  // A charge whose metric changes in the month is noted once for each.
  const billedNow = new Map<string, DecimalText>()
  return {
    billedBefore: ({ charge }) => kept(charge.id, startOf(charge))?.billed,
    add: ({ id, parts }, rated) => {
      const start = parts.map(({ charge }) => startOf(charge)).findLast((each) => each !== null)
      if (start === undefined || start === null) return
      const now = sumDecimals([billedNow.get(id) ?? ZERO, ...rated.map((part) => part.netBilled ?? ZERO)])
      billedNow.set(id, now)
      closing.set(id, {
        chargeId: id,
        start,
        billed: sumDecimals([kept(id, start)?.billed ?? ZERO, now]),
      })
    },
    close: () => (closing.size === 0 ? {} : { windows: [...closing.values()] }),
  }
}
