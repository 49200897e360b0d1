/** The cost that charges on cost bill. */
import { sumDecimals, ZERO } from '../../../domain/decimal.ts'
import { type Month, monthName } from '../../../domain/period.ts'
import { convertAmount } from '../../../domain/rates/rates.ts'
import type { RatingInput } from '../../bill/rate-months.ts'
import type { Session } from '../session.ts'
import { monthRates } from './exchange.ts'
import { needsRevenue, placedCost } from './placed-cost.ts'

/**
 * A customer's cost of any month on the book's basis. Where a step of the month splits by revenue (or evenly, among
 * those that have any), allocated cost is refused: revenue would depend on it, and it on revenue.
 */
export const billableCost = async (session: Session): Promise<RatingInput['costOf']> => {
  const { currency: own } = session.settings()
  const months = session.months().map(({ month }) => month as Month)
  // Nobody has revenue here: what is allocated by it is never given out below.
  const costs = await placedCost(session, months, async () => new Map())
  const rateOf = monthRates(session)
  return (customerId, month, kind, currency) => {
    const cost = costs.get(month)
    const direct = cost?.byCustomer.get(customerId) ?? null
    const allocated = cost?.allocatedByCustomer.get(customerId) ?? null
    if (kind === 'direct_and_allocated' && cost !== undefined && needsRevenue(cost.plan)) {
      const steps = cost.plan?.steps ?? []
      const step = steps.find(({ key }) => key.kind === 'revenue' || key.kind === 'evenly')
      return {
        unknown: `the step “${step?.name ?? ''}” of ${monthName(month)} allocates ${step?.key.kind === 'revenue' ? 'by revenue' : 'evenly among customers with cost or revenue'}, and this charge is part of revenue, so allocated cost can’t be billed. Nothing is charged; split the step by another key, or charge on direct cost.`,
      }
    }
    if (direct === null && (kind === 'direct' || allocated === null)) return null
    const amount = kind === 'direct' ? direct : sumDecimals([direct ?? ZERO, allocated ?? ZERO])
    if (amount === null || currency === own) return amount
    const rate = rateOf(month, currency)
    const quote = rate?.quote ?? null
    return quote === null
      ? {
          unknown: `cost is in ${own} and the price in ${currency}, and there is no rate for ${rate?.day ?? month}. Nothing is charged; enter a rate in Settings, then rate again.`,
        }
      : convertAmount(amount, {
          ...quote,
          from: quote.to,
          to: quote.from,
          numerator: quote.denominator,
          denominator: quote.numerator,
        })
  }
}
