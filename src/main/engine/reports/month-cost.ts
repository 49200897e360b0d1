/** A month's cost as reports have it, what is unattributed of it, and that it adds up. */
import type { CostEquation } from '../../../contract/cost.ts'
import { Decimal, type DecimalText, sumDecimals, toDecimalText, ZERO } from '../../../domain/decimal.ts'
import type { Month } from '../../../domain/period.ts'
import type { Session } from '../session.ts'
import { type CostOptions, type MonthCost, placedCost } from './placed-cost.ts'
import { revenueOf } from './revenue.ts'

const shareOf = (part: DecimalText, whole: DecimalText): DecimalText | null => {
  const total = new Decimal(whole)
  return total.isZero() ? null : toDecimalText(new Decimal(part).times(100).div(total).toDecimalPlaces(1))
}

/**
 * Unattributed cost as a share of the bill, whichever sign either has: credits that no rule claims are as
 * unattributed as charges. Null where there is no cost; all of it where the bill adds up to nothing.
 */
export const unattributedShare = (cost: MonthCost | undefined): DecimalText | null => {
  if (cost === undefined || cost.entries === 0) return null
  const share = shareOf(cost.unattributed, cost.bill)
  if (share !== null) return toDecimalText(new Decimal(share).abs())
  return cost.unattributed === ZERO ? ZERO : ('100' as DecimalText)
}

/** Cost of the months by the basis asked for and in the book's currency; others are named, never added. */
export const costOf = (
  session: Session,
  months: readonly Month[],
  options: CostOptions = {},
): Promise<ReadonlyMap<Month, MonthCost>> =>
  placedCost(
    session,
    months,
    async (asked) =>
      new Map(
        [...(await revenueOf(session, asked))].map(([month, { byCustomer }]) => [
          month,
          new Map(
            [...byCustomer].flatMap(([id, { total }]) => (total === null ? [] : [[id, total] as const])),
          ),
        ]),
      ),
    options,
  )

/** The equation that must hold; `holds` is computed from the parts, never assumed. */
export const equationOf = (cost: MonthCost): CostEquation => {
  const { bill, direct, allocated, idle, unattributed, entries, unknownEntries } = cost
  const parts = sumDecimals([...cost.byCustomer.values(), ...cost.byLooseTenant.values()])
  const shares = sumDecimals([...cost.allocatedByCustomer.values(), ...cost.allocatedByLooseTenant.values()])
  return {
    bill,
    direct,
    allocated,
    idle,
    unattributed,
    left: sumDecimals(cost.steps.map((step) => step.left)),
    holds:
      sumDecimals([direct, allocated, idle, unattributed]) === bill &&
      parts === direct &&
      shares === allocated,
    unknownEntries,
    isKnown: entries > unknownEntries || entries === 0,
  }
}
