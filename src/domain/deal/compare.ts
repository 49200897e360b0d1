/** Two scenarios in one sentence. */
import { Decimal, toDecimalText } from '../decimal.ts'
import { formatPercent } from '../margin.ts'
import { formatAmount } from '../pricing/format.ts'
import type { Scenario } from './deal.ts'
import type { DealModel } from './model.ts'

export interface ModelledScenario extends Scenario {
  readonly model: DealModel
}

const commitmentWords = (a: ModelledScenario, b: ModelledScenario): string => {
  const mine = b.terms.monthlyCommitment
  if (mine === a.terms.monthlyCommitment) return ''
  const { currency } = b.model
  return mine === null ? ` without a commitment` : ` for a ${formatAmount(mine, currency)} commitment a month`
}

/**
 * What B brings compared with A over their terms: "B keeps 39,800.00 more than A for a 40,000.00 commitment a
 * month; margin 58.0 → 65.0 %." What is kept is net revenue. A margin without cost is a dash.
 */
export const compareScenarios = (a: ModelledScenario, b: ModelledScenario): string => {
  const before = a.model.totals
  const after = b.model.totals
  if (before.netRevenue === null || after.netRevenue === null || a.model.currency !== b.model.currency)
    return `${b.name} and ${a.name} cannot be compared: ${
      a.model.currency === b.model.currency ? 'a month has no price' : 'they are in different currencies'
    }.`
  const difference = new Decimal(after.netRevenue).minus(before.netRevenue)
  const size = formatAmount(toDecimalText(difference.abs()), b.model.currency)
  const kept = difference.isZero()
    ? `keeps as much as ${a.name}`
    : `keeps ${size} ${difference.isNegative() ? 'less' : 'more'} than ${a.name}`
  const margin = `margin ${formatPercent(before.marginPercent).replace(' %', '')} → ${formatPercent(after.marginPercent)}`
  return `${b.name} ${kept}${commitmentWords(a, b)}; ${margin}.`
}
