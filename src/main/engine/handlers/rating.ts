/** Ratings that are never kept: what a draft rate card would change, and what a running month comes to. */

import type { z } from 'zod'
import type { simulation, simulationQuery } from '../../../contract/simulation.ts'
import { sumDecimals } from '../../../domain/decimal.ts'
import { forecastWords } from '../../../domain/invoice/forecast.ts'
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
import type { JobHandle } from '../jobs.ts'
import { knownTo, sessionAsOf } from '../past.ts'
import { notFound, refused } from '../refusals.ts'
import { exchangeWords, inBookCurrency, monthRates } from '../reports/exchange.ts'
import { checkRunning, forecastMonth, planOf, rateForecast, runningMonth } from '../reports/forecast.ts'
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

export const previewHandlers = (engine: EngineState) => ({
  preview: api.invoices.preview.handler(async ({ input, signal }) => {
    const session = await sessionAsOf(engine.session(), input.asOf)
    const customer = session.one('customer', input.customerId)?.content
    if (customer === undefined) throw notFound(`There is no customer ${input.customerId}.`)
    const month = input.month ?? runningMonth(session)
    checkRunning(session, month)
    const now = await ratingInputOf(session, [month], { customerIds: new Set([customer.id]) })
    const [soFar] = await rateMonths({ ...now, signal })
    const contracts = contractsInMonth(now.contracts, customer.id, month)
    const [reason] = soFar?.without ?? []
    if (contracts.length === 0 || reason !== undefined)
      throw refused(
        'nothing_can_be_rated',
        `${customer.name} in ${monthName(month)}: ${reason?.reason ?? 'No rate card is assigned for this month. Assign one on the customer’s page.'}`,
      )
    const plan = planOf(session, month, contracts)
    const ended = await rateForecast({ ...now, signal }, plan)
    return {
      customerId: customer.id,
      name: customer.name,
      month,
      elapsedDays: plan.elapsed.length,
      daysLeft: plan.days.length,
      words: forecastWords(plan),
      soFar: [...(soFar?.invoices ?? [])],
      forecast: ended === null ? null : [...ended.invoices],
      asOf: knownTo(session),
    }
  }),
  forecast: api.invoices.forecast.handler(async ({ input, signal }) => {
    const session = await sessionAsOf(engine.session(), input.asOf)
    const month = input.month ?? runningMonth(session)
    checkRunning(session, month)
    const { totals, ...found } = await forecastMonth(session, month, signal)
    const { currency } = session.settings()
    const rateOf = monthRates(session)
    const rows = session.all('invoice').flatMap(({ id, content: invoice }) => {
      if (invoice.month !== month || invoice.state === 'void') return []
      const stands = invoice.state !== 'draft'
      const total = stands ? invoice.total : totals.get(id)
      if (total === undefined) return []
      const rate = rateOf(month, invoice.currency)
      const inBook = inBookCurrency(total, rate, currency)
      return [{ invoice, rate, inBook, row: { invoiceId: id, currency: invoice.currency, total, stands } }]
    })
    return {
      ...found,
      currency,
      rows: rows.map(({ row }) => row),
      total: sumDecimals(rows.flatMap(({ inBook }) => inBook ?? [])),
      totalNotes: [...exchangeWords(rows)],
      asOf: knownTo(session),
    }
  }),
})

const PRICES_OF = { before: 'today’s prices', after: 'the draft’s prices' } as const

type Asked = z.output<typeof simulationQuery>

/** What is to be simulated; refused before anything is rated where it cannot be. @throws REFUSED */
const simulationOf = async (engine: EngineState, input: Asked) => {
  const session = await sessionAsOf(engine.session(), input.asOf)
  const { card } = nextVersionOf(session, input)
  return { session, card, months: completeMonths(session, input), everybody: input.customers === 'all' }
}

/** Rates every month twice, a month at a time. @throws the signal's reason where it was aborted */
const simulate = async (
  { session, card, months, everybody }: Awaited<ReturnType<typeof simulationOf>>,
  signal: AbortSignal | undefined,
  progress: JobHandle['progress'],
): Promise<z.output<typeof simulation>> => {
  const today = dayOf(session.clock.nowMs(), session.settings().timeZone)
  const now = await ratingInputOf(session, months)
  const first = months[0] as Month
  const sidesOf = (contract: (typeof now.contracts)[number]) =>
    simulatedContract(contract, now.cards, card, today, everybody)
  const chosen = now.contracts.filter(({ rateCardId }) => everybody || rateCardId === card.id)
  const ids = new Set(chosen.map(({ customerId }) => customerId))
  const customers = customersOf(session).filter(({ id }) => ids.has(id))
  // A customer's contracts that are for other cards stay out of both sides.
  const known = new Map(chosen.map((contract) => [contract.id, sidesOf(contract)]))
  // Rated from usage alone: what was invoiced here stands for neither side, and late usage counts where it belongs.
  // Balances of invoices issued elsewhere are where a contract's own begin.
  const imported = (customerId: string) =>
    now.invoicesOf(customerId).filter((invoice) => invoice.imported !== undefined && invoice.month < first)
  // Month by month, each opening with what the one before hands on: a year's usage of all is too much at once.
  const rate = async (side: 'before' | 'after', cards: typeof now.cards): Promise<readonly RatedMonth[]> => {
    const rated: RatedMonth[] = []
    for (const [index, month] of months.entries()) {
      const done = (side === 'before' ? 0 : months.length) + index
      progress(done, 2 * months.length, `${monthName(month)} at ${PRICES_OF[side]}`)
      const last = Map.groupBy(rated.at(-1)?.invoices ?? [], ({ customerId }) => customerId)
      const found = await rateMonths({
        ...now,
        months: [month],
        invoicesOf: (customerId) => [...imported(customerId), ...(last.get(customerId) ?? [])],
        lateUsageOf: () => [],
        billedElsewhereOf: () => [],
        signal,
        cards,
        customers,
        contracts: [...known.values()].map((each) => each[side]),
        earlierOf: (id) => now.earlierOf(id).map((contract) => sidesOf(contract)[side]),
      })
      signal?.throwIfAborted()
      rated.push(...found)
    }
    return rated
  }
  const before = await rate('before', now.cards)
  const after = await rate('after', [...now.cards.filter(({ id }) => id !== card.id), card])
  const byCustomer = Map.groupBy(chosen, ({ customerId }) => customerId)
  const isUnder = (customerId: string, month: Month) =>
    contractsInMonth(byCustomer.get(customerId) ?? [], customerId, month).length > 0
  const compared = compareSimulated({
    customers,
    before: sideOf(before, isUnder),
    after: sideOf(after, isUnder),
  })
  const pinned = chosen.filter(({ rateCardVersion }) => rateCardVersion !== undefined && !everybody)
  return {
    customers: [...compared.customers],
    totals: [...compared.totals],
    buckets: [...compared.buckets],
    notCompared: compared.notCompared,
    months: [...months],
    sentence: simulationWords(compared, months),
    pinned: [...new Set(pinned.map(({ customerId }) => customerId))],
    asOf: knownTo(session),
  }
}

export const ratingHandlers = (engine: EngineState) => ({
  simulate: api.rateCards.simulate.handler(async ({ input, signal }) =>
    simulate(await simulationOf(engine, input), signal, () => {}),
  ),
  startSimulation: api.rateCards.startSimulation.handler(async ({ input }) => {
    const asked = await simulationOf(engine, input)
    return engine.jobs.start('simulation', `Simulation of ${asked.card.name}`, 'months', async (handle) => ({
      kind: 'simulation',
      simulation: await simulate(asked, handle.signal, handle.progress),
    }))
  }),
})
