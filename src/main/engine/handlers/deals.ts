import { compareScenarios } from '../../../domain/deal/compare.ts'
import { contractFromDeal } from '../../../domain/deal/contract.ts'
import type { BaselineMonth, Deal, Scenario } from '../../../domain/deal/deal.ts'
import { belowFloor, type DealModel, modelScenario } from '../../../domain/deal/model.ts'
import type { DecimalText } from '../../../domain/decimal.ts'
import { addMonths, type Month, monthOf, monthPeriod, monthsBetween } from '../../../domain/period.ts'
import { contractInMonth } from '../../bill/contract-months.ts'
import type { Put } from '../documents.ts'
import { api, type EngineState } from '../engine-state.ts'
import { knownTo, sessionAsOf } from '../past.ts'
import { changedMeanwhile, notFound, refused } from '../refusals.ts'
import { customerCost } from '../reports/margin.ts'
import { costOf } from '../reports/month-cost.ts'
import type { MonthCost } from '../reports/placed-cost.ts'
import { revenueOf } from '../reports/revenue.ts'
import { latestMonth, metricsOf, type Session } from '../session.ts'
import { checkContract } from './customers.ts'

const BASELINE_MONTHS = 12

/** The last month whose data is whole: the latest with data, unless that is the running one. */
const lastCompleteMonth = (session: Session): Month | null => {
  const latest = latestMonth(session)
  const { timeZone } = session.settings()
  const running = monthOf(session.clock.nowMs(), timeZone)
  return latest === null ? null : latest < running ? latest : addMonths(running, -1)
}

const baselineOf = async (session: Session, customerId: string): Promise<BaselineMonth[]> => {
  const last = lastCompleteMonth(session)
  if (last === null) return []
  const { timeZone } = session.settings()
  const first = session.months()[0]?.month as Month
  const start = addMonths(last, 1 - BASELINE_MONTHS)
  const months = monthsBetween(first > start ? first : start, last)
  if (months.length === 0) return []
  const [revenues, costs, slices] = await Promise.all([
    revenueOf(session, months),
    costOf(session, months),
    Promise.all(
      metricsOf(session).map(async ({ metric }) => ({
        metric,
        rows: (
          await session.cube.usageSlice({
            metric,
            startMs: monthPeriod(months[0] ?? last, timeZone).startMs,
            endMs: monthPeriod(last, timeZone).endMs,
            grain: 'month',
            groupBy: [],
            filters: [{ field: 'customer', values: [customerId] }],
          })
        ).rows,
      })),
    ),
  ])
  return months.map((month) => ({
    month,
    quantities: Object.fromEntries(
      slices.flatMap(({ metric, rows }) => {
        const quantity = rows.find(({ bucket }) => bucket === month)?.quantity
        return quantity === undefined ? [] : [[metric, quantity] as [string, DecimalText]]
      }),
    ),
    revenue: revenues.get(month)?.byCustomer.get(customerId)?.total ?? null,
    ...costToServe(costs.get(month), customerId),
  }))
}

/** As margins have it: a deal is held against the floor that its invoices will be held against. */
const costToServe = (month: MonthCost | undefined, customerId: string) => {
  const { cost, allocatedCost } = customerCost(month, customerId)
  return { cost, allocatedCost }
}

interface Modelled {
  readonly scenario: Scenario
  readonly model: DealModel
}

/** @throws REFUSED where a scenario can't be modelled. */
const modelAll = (
  session: Session,
  scenarios: readonly Scenario[],
  baseline: readonly BaselineMonth[],
): Modelled[] => {
  const settings = session.settings()
  const metrics = metricsOf(session)
  return scenarios.map((scenario) => {
    const card = session.one('rate_card', scenario.terms.rateCardId)
    if (card === null)
      throw refused(
        'rate_card_is_unknown',
        `${scenario.name}: there is no rate card ${scenario.terms.rateCardId}.`,
      )
    try {
      return {
        scenario,
        model: modelScenario({
          terms: scenario.terms,
          baseline,
          card: card.content,
          metrics,
          currency: settings.currency,
        }),
      }
    } catch (error) {
      if (error instanceof RangeError)
        throw refused('terms_cannot_be_modelled', `${scenario.name}: ${error.message}.`)
      throw error
    }
  })
}

const summaryOf = ({ scenario, model }: Modelled, floorPercent: DecimalText) => ({
  name: scenario.name,
  totalContractValue: model.totals.netRevenue ?? ('0' as DecimalText),
  cost: model.totals.cost,
  margin: model.totals.margin,
  marginPercent: model.totals.marginPercent,
  breakEvenDiscountPercent: model.breakEvenDiscountPercent,
  belowFloor: belowFloor(model, floorPercent) === true,
})

const storedDeal = (session: Session, dealId: string) => {
  const stored = session.one('deal', dealId)
  if (stored === null) throw notFound(`There is no deal ${dealId}.`)
  return stored
}

const customerName = (session: Session, id: string) => session.one('customer', id)?.content.name ?? id

export const dealsHandlers = (engine: EngineState) => ({
  list: api.deals.list.handler(async ({ input }) => {
    const session = await sessionAsOf(engine.session(), input.asOf)
    const { marginFloorPercent } = session.settings()
    const baselines = new Map<string, Promise<BaselineMonth[]>>()
    const list = await Promise.all(
      session.all('deal').map(async ({ content: deal, version, recordedMs }) => {
        const baseline = baselines.get(deal.customerId) ?? baselineOf(session, deal.customerId)
        baselines.set(deal.customerId, baseline)
        const chosen = deal.scenarios[deal.chosen]
        const isModelled = chosen !== undefined && session.one('rate_card', chosen.terms.rateCardId) !== null
        const [modelled] = isModelled ? modelAll(session, [chosen], await baseline) : []
        return {
          deal,
          version,
          customerName: customerName(session, deal.customerId),
          recordedMs,
          summary:
            modelled === undefined || modelled.model.totals.netRevenue === null
              ? null
              : summaryOf(modelled, marginFloorPercent),
        }
      }),
    )
    return list.sort((a, b) => b.recordedMs - a.recordedMs)
  }),
  get: api.deals.get.handler(async ({ input }) => {
    const session = await sessionAsOf(engine.session(), input.asOf)
    const { content, version } = storedDeal(session, input.dealId)
    return {
      deal: content,
      version,
      history: session.versions('deal', input.dealId).map((each) => ({
        version: each.version,
        author: each.author,
        recordedMs: each.recordedMs,
        state: each.content?.state ?? 'removed',
      })),
      asOf: knownTo(session),
    }
  }),
  baseline: api.deals.baseline.handler(async ({ input }) => {
    const session = await sessionAsOf(engine.session(), input.asOf)
    const customer = session.one('customer', input.customerId)
    if (customer === null) throw notFound(`There is no customer ${input.customerId}.`)
    const settings = session.settings()
    const contracts = session.all('contract').map(({ content }) => content)
    const month = monthOf(session.clock.nowMs(), settings.timeZone)
    const last = lastCompleteMonth(session)
    const current =
      contractInMonth(contracts, input.customerId, month) ??
      (last === null ? null : contractInMonth(contracts, input.customerId, last))
    return {
      customerId: input.customerId,
      customerName: customer.content.name,
      currency: settings.currency,
      basis: settings.costBasis,
      timeZone: settings.timeZone,
      floorPercent: settings.marginFloorPercent,
      months: await baselineOf(session, input.customerId),
      rateCards: session.all('rate_card').map(({ content }) => content),
      currentRateCardId: current?.rateCardId ?? null,
      currentDiscountPercent: current?.discountPercent ?? null,
      currentMonthlyCommitment: current?.monthlyCommitment ?? null,
      metrics: [...metricsOf(session)],
      asOf: knownTo(session),
    }
  }),
  model: api.deals.model.handler(async ({ input }) => {
    const session = await sessionAsOf(engine.session(), input.asOf)
    if (session.one('customer', input.customerId) === null)
      throw notFound(`There is no customer ${input.customerId}.`)
    const settings = session.settings()
    const modelled = modelAll(session, input.scenarios, await baselineOf(session, input.customerId))
    const [first, ...others] = modelled.map(({ scenario, model }) => ({ ...scenario, model }))
    return {
      currency: settings.currency,
      scenarios: modelled.map((each) => summaryOf(each, settings.marginFloorPercent)),
      comparison: first === undefined ? '' : others.map((other) => compareScenarios(first, other)).join(' '),
      issues: modelled.flatMap(({ model }) => [...model.issues]),
      asOf: knownTo(session),
    }
  }),
  save: api.deals.save.handler(async ({ input: { expectedVersion, ...input } }) => {
    const session = engine.session()
    const before = session.one('deal', input.id)
    if (before !== null && before.content.state !== 'draft' && before.content.state !== 'approved')
      throw refused(
        'deal_is_decided',
        `${before.content.name} is ${before.content.state}; make a new deal instead. Nothing was saved.`,
      )
    if (session.one('customer', input.customerId) === null)
      throw refused('customer_is_unknown', `There is no customer ${input.customerId}. Nothing was saved.`)
    if (input.chosen >= input.scenarios.length)
      throw refused(
        'scenario_is_missing',
        `There is no scenario ${input.chosen + 1} to propose. Nothing was saved.`,
      )
    modelAll(session, input.scenarios, [])
    // What was approved is what was seen then: a change makes it a draft again.
    const deal: Deal = { ...input, state: 'draft' }
    const [version = 0] = await session.put(`Deal ${input.name}`, [
      { kind: 'deal', id: input.id, content: deal, expectedVersion },
    ])
    return { version }
  }),
  approve: api.deals.approve.handler(async ({ input }) => {
    const session = engine.session()
    const { content: deal, version } = storedDeal(session, input.dealId)
    if (version !== input.expectedVersion) throw changedMeanwhile(deal.name)
    if (deal.state !== 'draft')
      throw refused('deal_is_not_a_draft', `${deal.name} is ${deal.state} already. Nothing was changed.`)
    const chosen = deal.scenarios[deal.chosen]
    if (chosen === undefined) throw new Error(`deal ${deal.id} has no scenario ${deal.chosen}`)
    const { marginFloorPercent } = session.settings()
    const [modelled] = modelAll(session, [chosen], await baselineOf(session, deal.customerId))
    if (
      modelled !== undefined &&
      belowFloor(modelled.model, marginFloorPercent) === true &&
      input.reason.trim() === ''
    )
      throw refused(
        'deal_is_below_floor',
        `${chosen.name} has a margin of ${modelled.model.totals.marginPercent ?? '–'} %, or a year below the floor of ${marginFloorPercent} %. Give a reason to approve it all the same.`,
      )
    const note =
      input.reason.trim() === ''
        ? deal.note
        : `${deal.note}${deal.note === '' ? '' : '\n'}Approved: ${input.reason.trim()}`
    const approved: Deal = {
      ...deal,
      note,
      state: 'approved',
      approvedBy: session.author,
      approvedAtMs: session.clock.nowMs(),
    }
    const [next = 0] = await session.put(`Deal ${deal.name} approved`, [
      { kind: 'deal', id: deal.id, content: approved, expectedVersion: input.expectedVersion },
    ])
    return { version: next }
  }),
  close: api.deals.close.handler(async ({ input }) => {
    const session = engine.session()
    const { content: deal, version } = storedDeal(session, input.dealId)
    if (version !== input.expectedVersion) throw changedMeanwhile(deal.name)
    if (input.outcome === 'lost') {
      if (deal.state === 'won')
        throw refused(
          'deal_is_decided',
          `${deal.name} is won already and became a contract. Nothing was changed.`,
        )
      const [next = 0] = await session.put(`Deal ${deal.name} lost`, [
        { kind: 'deal', id: deal.id, content: { ...deal, state: 'lost' }, expectedVersion: version },
      ])
      return { version: next, contractId: null }
    }
    if (deal.state !== 'approved')
      throw refused(
        'deal_is_not_approved',
        `${deal.name} is ${deal.state}; only an approved deal can be won. Nothing was changed.`,
      )
    const contracts = session.all('contract').filter(({ content }) => content.customerId === deal.customerId)
    const taken = new Set(contracts.map(({ id }) => id))
    let number = contracts.length + 1
    while (taken.has(`${deal.customerId}-${number}`)) number++
    const contract = contractFromDeal(deal, { contractId: `${deal.customerId}-${number}` })
    // The contract that runs when the new one starts ends there; one that starts later must be dealt with by a person.
    const ended = contracts.flatMap(({ content, version: running }): Put[] =>
      content.startDay < contract.startDay && (content.endDay === null || content.endDay > contract.startDay)
        ? [
            {
              kind: 'contract',
              id: content.id,
              content: { ...content, endDay: contract.startDay },
              expectedVersion: running,
            },
          ]
        : [],
    )
    const endedIds = new Set(ended.map(({ id }) => id))
    const clash = contracts.find(
      ({ content }) =>
        !endedIds.has(content.id) &&
        content.startDay >= contract.startDay &&
        (contract.endDay === null || content.startDay < contract.endDay),
    )
    if (clash !== undefined)
      throw refused(
        'contracts_share_a_month',
        `${deal.name} would start on ${contract.startDay}, and contract ${clash.id} starts on ${clash.content.startDay}, within its term. Nothing was changed; end that contract first.`,
      )
    if (contracts.length === 0) checkContract(session, contract)
    const [next = 0] = await session.put(`Deal ${deal.name} won`, [
      {
        kind: 'deal',
        id: deal.id,
        content: { ...deal, state: 'won', contractId: contract.id },
        expectedVersion: version,
      },
      { kind: 'contract', id: contract.id, content: contract, expectedVersion: 0 },
      ...ended,
    ])
    return { version: next, contractId: contract.id }
  }),
})
