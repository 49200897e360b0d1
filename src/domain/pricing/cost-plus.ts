/** What a customer cost, and a markup on it. */
import { type DecimalText, sumDecimals, ZERO } from '../decimal.ts'
import type { PriceStep } from '../invoice/invoice.ts'
import type { Issue } from '../issue.ts'
import { product } from './exact.ts'
import { formatPrice, groupDigits } from './format.ts'
import type { CostPlusCharge } from './ratecard.ts'
import type { RatedCharge, RateInput } from './rating.ts'

/** The customer's cost of the rated days and the markup on it; an issue and nothing charged where it is unknown. */
export const rateCost = (
  charge: CostPlusCharge,
  input: RateInput,
): Pick<RatedCharge, 'amount' | 'steps' | 'issues'> => {
  const { cost } = input
  const markup = groupDigits(charge.markupPercent)
  if (typeof cost !== 'string') {
    const why =
      cost?.unknown ??
      'the customer’s cost of the month is unknown, so nothing is charged. Attribute cost to the customer, then rate again.'
    const issue: Issue = {
      severity: 'error',
      code: 'cost_is_unknown',
      message: `${charge.name}: ${why}`,
    }
    const step: PriceStep = { kind: 'cost_plus', text: 'cost is unknown', amount: ZERO }
    return { amount: ZERO, steps: [step], issues: [issue] }
  }
  const added = product(product(cost, charge.markupPercent), '0.01' as DecimalText)
  return {
    amount: sumDecimals([cost, added]),
    steps: [
      {
        kind: 'cost_plus',
        text:
          charge.costs === 'direct' ? 'direct cost of the month' : 'cost of the month, direct and allocated',
        amount: cost,
      },
      {
        kind: 'cost_plus',
        text: `markup of ${markup} % of ${formatPrice(cost, input.currency)}`,
        amount: added,
      },
    ],
    issues: [],
  }
}
