/** From a deal to the customer's contract. */
import { addMonths, toMonth } from '../period.ts'
import type { Contract } from '../pricing/contract.ts'
import type { Deal } from './deal.ts'

/**
 * The contract that a deal was won with, by its chosen scenario; it ends, exclusively, after the term.
 * @throws RangeError where the deal was not approved, is lost, or the chosen scenario does not exist.
 */
export const contractFromDeal = (deal: Deal, ids: { readonly contractId: string }): Contract => {
  if (deal.state !== 'won' && deal.state !== 'approved')
    throw new RangeError(`deal ${deal.id} is ${deal.state}: only an approved deal becomes a contract`)
  const scenario = deal.scenarios[deal.chosen]
  if (scenario === undefined) throw new RangeError(`deal ${deal.id} has no scenario ${deal.chosen}`)
  const { terms } = scenario
  return {
    id: ids.contractId,
    customerId: deal.customerId,
    rateCardId: terms.rateCardId,
    startDay: terms.startDay,
    endDay: `${addMonths(toMonth(terms.startDay.slice(0, 7)), terms.termMonths)}-01`,
    discountPercent: terms.discountPercent,
    chargeDiscounts: terms.chargeDiscounts,
    monthlyCommitment: terms.monthlyCommitment,
    dealId: deal.id,
  }
}
