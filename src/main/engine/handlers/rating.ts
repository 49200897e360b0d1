/** Ratings that are never kept: what a draft rate card would change. */
import {
  compareSimulated,
  type SimulatedMonth,
  simulatedContract,
  simulationWords,
} from '../../../domain/invoice/simulation.ts'
import { addMonths, dayOf, type Month, monthName, monthOf, monthsBetween } from '../../../domain/period.ts'
import { contractsInMonth } from '../../bill/contract-months.ts'
import { type RatedMonth, rateMonths } from '../../bill/rate-months.ts'
import { api, type EngineState } from '../engine-state.ts'
import { knownTo, sessionAsOf } from '../past.ts'
import { refused } from '../refusals.ts'
import { ratingInputOf } from '../reports/revenue.ts'
import { customersOf, type Session } from '../session.ts'
import { nextVersionOf } from './customers.ts'

/** The complete months that are asked for and have data. @throws REFUSED where there is none */
const completeMonths = (
  session: Session,
  asked: { readonly months: number; readonly from?: Month | undefined; readonly to?: Month | undefined },
): readonly Month[] => {
  const { timeZone } = session.settings()
  const seen = session.months()
  const running = monthOf(session.clock.nowMs(), timeZone)
  const latest = addMonths(running, -1)
  const last = asked.to === undefined || asked.to > latest ? latest : asked.to
  const wanted = asked.from ?? addMonths(last, 1 - asked.months)
  const begun = (seen[0]?.month ?? running) as Month
  const months = monthsBetween(wanted > begun ? wanted : begun, last)
  if (months.length === 0)
    throw refused(
      'no_complete_month',
      `The book has no complete month of usage in the range asked for: ${monthName(running)} is still running. Ask for earlier months, or import usage first.`,
    )
  return months
}

const sideOf = (
  rated: readonly RatedMonth[],
  isUnder: (customerId: string, month: Month) => boolean,
): SimulatedMonth[] =>
  rated.flatMap(({ month, invoices, without }) => [
    ...[...Map.groupBy(invoices, ({ customerId }) => customerId)].map(([customerId, own]) => ({
      customerId,
      month,
      invoices: own,
    })),
    ...without.flatMap(({ customerId, reason }) =>
      isUnder(customerId, month) ? [{ customerId, month, invoices: [], reason }] : [],
    ),
  ])

export const ratingHandlers = (engine: EngineState) => ({
  simulate: api.rateCards.simulate.handler(async ({ input, signal }) => {
    const session = await sessionAsOf(engine.session(), input.asOf)
    const { card } = nextVersionOf(session, input)
    const everybody = input.customers === 'all'
    const months = completeMonths(session, input)
    const today = dayOf(session.clock.nowMs(), session.settings().timeZone)
    const now = await ratingInputOf(session, months)
    const first = months[0] as Month
    // Rated from usage alone: what was invoiced here stands for neither side, and late usage counts where it belongs.
    // Balances of invoices issued elsewhere are where a contract's own begin.
    const alone = {
      ...now,
      invoicesOf: (customerId: string) =>
        now
          .invoicesOf(customerId)
          .filter((invoice) => invoice.imported !== undefined && invoice.month < first),
      lateUsageOf: () => [],
      signal,
    }
    const sidesOf = (contract: (typeof now.contracts)[number]) =>
      simulatedContract(contract, now.cards, card, today, everybody)
    const chosen = now.contracts.filter(({ rateCardId }) => everybody || rateCardId === card.id)
    const ids = new Set(chosen.map(({ customerId }) => customerId))
    const customers = customersOf(session).filter(({ id }) => ids.has(id))
    // A customer's contracts that are for other cards stay out of both sides.
    const known = new Map(chosen.map((contract) => [contract.id, sidesOf(contract)]))
    const rate = (side: 'before' | 'after', cards: typeof now.cards) =>
      rateMonths({
        ...alone,
        cards,
        customers,
        contracts: [...known.values()].map((each) => each[side]),
        earlierOf: (id) => now.earlierOf(id).map((contract) => sidesOf(contract)[side]),
      })
    const before = await rate('before', now.cards)
    const after = await rate('after', [...now.cards.filter(({ id }) => id !== card.id), card])
    const byCustomer = Map.groupBy(chosen, ({ customerId }) => customerId)
    const isUnder = (customerId: string, month: Month) =>
      contractsInMonth(byCustomer.get(customerId) ?? [], customerId, month).length > 0
    const simulation = compareSimulated({
      customers,
      before: sideOf(before, isUnder),
      after: sideOf(after, isUnder),
    })
    const pinned = chosen.filter(({ rateCardVersion }) => rateCardVersion !== undefined && !everybody)
    return {
      customers: [...simulation.customers],
      totals: [...simulation.totals],
      buckets: [...simulation.buckets],
      notCompared: simulation.notCompared,
      months: [...months],
      sentence: simulationWords(simulation, months),
      pinned: [...new Set(pinned.map(({ customerId }) => customerId))],
      asOf: knownTo(session),
    }
  }),
})
