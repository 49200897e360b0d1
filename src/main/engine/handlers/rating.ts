/** Ratings that are never kept: what a draft rate card would change, and what a running month comes to. */

import type { z } from 'zod'
import type { simulation, simulationQuery } from '../../../contract/simulation.ts'
import { sumDecimals } from '../../../domain/decimal.ts'
import { forecastWords } from '../../../domain/invoice/forecast.ts'
import type { Invoice } from '../../../domain/invoice/invoice.ts'
import {
  compareSimulated,
  type SimulatedMonth,
  simulatedContract,
  simulationWords,
} from '../../../domain/invoice/simulation.ts'
import { addMonths, dayOf, type Month, monthName, monthOf, monthsBetween } from '../../../domain/period.ts'
import { contractsInMonth } from '../../bill/contract-months.ts'
import { type RatedMonth, rateMonths } from '../../bill/rate-months.ts'
import type { AskUsage } from '../../bill/usage-asked.ts'
import { api, type EngineState } from '../engine-state.ts'
import type { JobHandle } from '../jobs.ts'
import { knownTo, sessionAsOf } from '../past.ts'
import { notFound, refused } from '../refusals.ts'
import { exchangeWords, inBookCurrency, monthRates } from '../reports/exchange.ts'
import { checkRunning, forecastMonth, planOf, rateForecast, runningMonth } from '../reports/forecast.ts'
import { ratingInputOf } from '../reports/revenue.ts'
import { customersOf, type Session } from '../session.ts'
import { nextVersionOf } from './rate-cards.ts'

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

/** What is compared of a rated month, by customer. */
const sideOf = (
  { month, invoices, without }: RatedMonth,
  isUnder: (customerId: string, month: Month) => boolean,
): SimulatedMonth[] => [
  ...[...Map.groupBy(invoices, ({ customerId }) => customerId)].map(([customerId, own]) => ({
    customerId,
    month,
    invoices: own.map(({ currency, total, issues }) => ({ currency, total, issues })),
  })),
  ...without.flatMap(({ customerId, reason }) =>
    isUnder(customerId, month) ? [{ customerId, month, invoices: [], reason }] : [],
  ),
]

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
type Side = keyof typeof PRICES_OF
const SIDES = ['before', 'after'] as const satisfies readonly Side[]

type Asked = z.output<typeof simulationQuery>

/** What is to be simulated; refused before anything is rated where it cannot be. @throws REFUSED */
const simulationOf = async (engine: EngineState, input: Asked) => {
  const session = await sessionAsOf(engine.session(), input.asOf)
  const { card } = nextVersionOf(session, input)
  return { session, card, months: completeMonths(session, input), everybody: input.customers === 'all' }
}

/** Answers the same question again from what was answered last. */
const rememberingLast = (ask: AskUsage): AskUsage => {
  let last: { readonly key: string; readonly answer: ReturnType<AskUsage> } | null = null
  return (needs) => {
    const key = JSON.stringify(needs)
    if (last?.key !== key) last = { key, answer: ask(needs) }
    return last.answer
  }
}

/** Rates every month twice, a month at a time. @throws the signal's reason where it was aborted */
const simulate = async (
  { session, card, months, everybody }: Awaited<ReturnType<typeof simulationOf>>,
  signal: AbortSignal | undefined,
  progress: JobHandle['progress'],
): Promise<z.output<typeof simulation>> => {
  const today = dayOf(session.clock.nowMs(), session.settings().timeZone)
  const now = await ratingInputOf(session, months, { draft: card })
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
  // The draft often changes prices only, and both sides ask for the same usage.
  const usage = rememberingLast(now.usage)
  /** A month of one side, which opens with what the side's month before hands on. */
  const rate = async (side: Side, month: Month, before: readonly Invoice[]): Promise<RatedMonth> => {
    const last = Map.groupBy(before, ({ customerId }) => customerId)
    const [found] = await rateMonths({
      ...now,
      months: [month],
      invoicesOf: (customerId) => [...imported(customerId), ...(last.get(customerId) ?? [])],
      lateUsageOf: () => [],
      billedElsewhereOf: () => [],
      saysChanges: false,
      usage,
      signal,
      cards: side === 'before' ? now.cards : [...now.cards.filter(({ id }) => id !== card.id), card],
      customers,
      contracts: [...known.values()].map((each) => each[side]),
      earlierOf: (id) => now.earlierOf(id).map((contract) => sidesOf(contract)[side]),
    })
    if (found === undefined) throw new Error('rateMonths answers every month it is asked for')
    return found
  }
  const byCustomer = Map.groupBy(chosen, ({ customerId }) => customerId)
  const isUnder = (customerId: string, month: Month) =>
    contractsInMonth(byCustomer.get(customerId) ?? [], customerId, month).length > 0
  const simulated: Record<Side, SimulatedMonth[]> = { before: [], after: [] }
  // Of a year of all customers only what is compared is kept, and the invoices of one month.
  const latest: Record<Side, readonly Invoice[]> = { before: [], after: [] }
  for (const [index, month] of months.entries())
    for (const [place, side] of SIDES.entries()) {
      progress(2 * index + place, 2 * months.length, `${monthName(month)} at ${PRICES_OF[side]}`)
      const rated = await rate(side, month, latest[side])
      signal?.throwIfAborted()
      latest[side] = rated.invoices
      simulated[side].push(...sideOf(rated, isUnder))
    }
  const compared = compareSimulated({
    customers,
    ...simulated,
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
