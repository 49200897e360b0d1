/** A month's cost by whose it is: what is direct, what steps allocated, what stays idle or unattributed. */

import type { CostBasis } from '../../../contract/cost.ts'
import { type Allocation, type AllocationFacts, allocate } from '../../../domain/allocation/allocate.ts'
import {
  type AllocationPlan,
  type AllocationStep,
  customerIdOf,
  customerRecipient,
  looseTenantOf,
  planOf,
  type Recipient,
  recipientOf,
} from '../../../domain/allocation/plan.ts'
import { compilePools } from '../../../domain/allocation/pools.ts'
import type { CostAttributes } from '../../../domain/attribution/rule.ts'
import { type DecimalText, sumDecimals, ZERO } from '../../../domain/decimal.ts'
import { type Month, monthPeriod } from '../../../domain/period.ts'
import type { Session } from '../session.ts'
import { amountIn, unknownIn } from './cost-basis.ts'

/** A part of a month's cost in the book's currency, as the cube or a trial of a plan has it. */
export interface CostPart {
  /** Null = unattributed. */
  readonly tenant: string | null
  readonly customerId: string | null
  /** The step that takes it; null where it stays where it is. */
  readonly pool: string | null
  /** Null where no entry of it has a cost of the basis. */
  readonly amount: DecimalText | null
}

export interface MonthCost {
  readonly basis: CostBasis
  /** bill = direct + allocated + idle + unattributed */
  readonly bill: DecimalText
  readonly direct: DecimalText
  readonly allocated: DecimalText
  readonly idle: DecimalText
  readonly unattributed: DecimalText
  readonly entries: number
  /** Of them, without a cost of the basis. */
  readonly unknownEntries: number
  /** Direct cost in the book's currency, by customer. */
  readonly byCustomer: ReadonlyMap<string, DecimalText>
  /** Attributed to tenants that belong to no customer. */
  readonly byLooseTenant: ReadonlyMap<string, DecimalText>
  readonly allocatedByCustomer: ReadonlyMap<string, DecimalText>
  readonly allocatedByLooseTenant: ReadonlyMap<string, DecimalText>
  readonly plan: AllocationPlan | null
  readonly steps: Allocation['steps']
  readonly otherCurrencies: readonly string[]
}

export const NO_COST: MonthCost = {
  basis: 'billed',
  bill: ZERO,
  direct: ZERO,
  allocated: ZERO,
  idle: ZERO,
  unattributed: ZERO,
  entries: 0,
  unknownEntries: 0,
  byCustomer: new Map(),
  byLooseTenant: new Map(),
  allocatedByCustomer: new Map(),
  allocatedByLooseTenant: new Map(),
  plan: null,
  steps: [],
  otherCurrencies: [],
}

export const plansOf = (session: Session): readonly AllocationPlan[] =>
  session.all('allocation').map(({ content }) => content)

/** The step that takes a cost of these attributes in the month, by whose it is otherwise; null where none does. */
export const poolOf = (
  session: Session,
  attributes: CostAttributes,
  month: Month,
  tenant: string | null,
  customerId: string | null,
): AllocationStep | null => {
  const steps = planOf(plansOf(session), month)?.steps ?? []
  const taken = compilePools(steps)(attributes)
  const stepId =
    taken[tenant === null ? 'unattributed' : customerId === null ? 'without_customer' : 'customer']
  return steps.find(({ id }) => id === stepId) ?? null
}

const add = <Key>(map: Map<Key, DecimalText>, key: Key, amount: DecimalText) =>
  map.set(key, sumDecimals([map.get(key) ?? ZERO, amount]))

type WeightFacts = Pick<AllocationFacts, 'revenue' | 'usage'>

/** Revenue of customers by month, in the book's currency. */
export type AskRevenue = (
  months: readonly Month[],
) => Promise<ReadonlyMap<Month, ReadonlyMap<string, DecimalText>>>

/** Whether a step splits by what invoices say: then no invoice can be made of what it allocates. */
export const needsRevenue = (plan: AllocationPlan | null): boolean =>
  (plan?.steps ?? []).some(({ key }) => key.kind === 'revenue' || key.kind === 'evenly')

/** What the plans' keys need besides cost: revenue and usage of each month, asked only where a step is split by them. */
const weightFacts = async (
  session: Session,
  askRevenue: AskRevenue,
  planned: readonly { readonly month: Month; readonly plan: AllocationPlan | null }[],
): Promise<ReadonlyMap<Month, WeightFacts>> => {
  const { timeZone } = session.settings()
  const keysOf = (plan: AllocationPlan | null) => (plan?.steps ?? []).map(({ key }) => key)
  const needRevenue = planned.filter(({ plan }) => needsRevenue(plan)).map(({ month }) => month)
  const requests = planned.flatMap(({ month, plan }) => {
    const metrics = new Set(keysOf(plan).flatMap((key) => (key.kind === 'usage' ? key.metric : [])))
    return [...metrics].map((metric) => ({ month, metric, ...monthPeriod(month, timeZone) }))
  })
  const [revenues, quantities] = await Promise.all([
    needRevenue.length === 0 ? null : askRevenue(needRevenue),
    requests.length === 0
      ? []
      : session.cube.usageQuantities({
          requests: requests.map(({ metric, startMs, endMs }) => ({ metric, startMs, endMs })),
        }),
  ])
  const facts = new Map(
    planned.map(({ month }) => [
      month,
      {
        revenue: new Map<Recipient, DecimalText>(),
        usage: new Map<string, Map<Recipient, DecimalText>>(),
      },
    ]),
  )
  for (const { index, customerId, tenant, quantity } of quantities) {
    const request = requests[index]
    if (request === undefined) continue
    const usage = facts.get(request.month)?.usage
    const ofMetric = usage?.get(request.metric) ?? new Map<Recipient, DecimalText>()
    usage?.set(request.metric, ofMetric)
    add(ofMetric, recipientOf(tenant, customerId), quantity)
  }
  for (const month of needRevenue)
    for (const [customerId, total] of revenues?.get(month) ?? [])
      facts.get(month)?.revenue.set(customerRecipient(customerId), total)
  return facts
}

/** What the parts of a month come to under a plan. Their amounts and the four sums are in one currency and basis. */
const placed = (parts: readonly CostPart[], plan: AllocationPlan | null, facts: WeightFacts) => {
  const direct = new Map<Recipient, DecimalText>()
  const pools = new Map<string, DecimalText>()
  // By whose a cost is before any pool: a customer all of whose cost a pool takes has cost all the same.
  const withCost = new Set<Recipient>()
  let unclaimed = ZERO
  for (const { tenant, customerId, pool, amount } of parts) {
    if (amount === null) continue
    if (customerId !== null) withCost.add(customerRecipient(customerId))
    if (pool !== null) add(pools, pool, amount)
    else if (tenant === null) unclaimed = sumDecimals([unclaimed, amount])
    else add(direct, recipientOf(tenant, customerId), amount)
  }
  const active = [...new Set([...withCost, ...facts.revenue.keys()])]
  const allocation = allocate(plan?.steps ?? [], { pools, direct, active, ...facts })
  const split = (
    amounts: ReadonlyMap<Recipient, DecimalText>,
    idOf: (recipient: Recipient) => string | null,
  ) =>
    new Map(
      [...amounts].flatMap(([recipient, amount]) => {
        const id = idOf(recipient)
        return id === null ? [] : [[id, amount] as const]
      }),
    )
  return {
    direct: sumDecimals(direct.values()),
    allocated: allocation.allocated,
    idle: allocation.idle,
    unattributed: sumDecimals([unclaimed, allocation.left]),
    byCustomer: split(direct, customerIdOf),
    byLooseTenant: split(direct, looseTenantOf),
    allocatedByCustomer: split(allocation.byRecipient, customerIdOf),
    allocatedByLooseTenant: split(allocation.byRecipient, looseTenantOf),
    plan,
    steps: allocation.steps,
  }
}

export interface CostOptions {
  /** The book's own without it. */
  readonly basis?: CostBasis | undefined
  /** False leaves every cost where the rules put it. */
  readonly allocates?: boolean
  /** A plan on trial, with the parts as it would take them: of one month. */
  readonly trial?: { readonly plan: AllocationPlan; readonly parts: readonly CostPart[] }
}

/**
 * Cost of the months by the basis asked for and in the book's currency; others are named, never added.
 * @param askRevenue is asked for months whose plan {@link needsRevenue} only
 */
export const placedCost = async (
  session: Session,
  months: readonly Month[],
  askRevenue: AskRevenue,
  options: CostOptions = {},
): Promise<ReadonlyMap<Month, MonthCost>> => {
  const { costBasis, currency } = session.settings()
  const { basis = costBasis, allocates = true, trial } = options
  const plans = allocates ? plansOf(session) : []
  const planned = months.map((month) => ({ month, plan: trial?.plan ?? planOf(plans, month) }))
  const [totals, rows, facts] = await Promise.all([
    session.cube.costTotals({ months: [...months], currency: null }),
    trial === undefined ? session.cube.costByCustomer({ months: [...months] }) : [],
    weightFacts(session, askRevenue, planned),
  ])
  return new Map(
    planned.map(({ month, plan }): [Month, MonthCost] => {
      const ofMonth = totals.filter((each) => each.month === month)
      const otherCurrencies = ofMonth
        .filter((each) => each.currency !== currency)
        .map((each) => each.currency)
      const total = ofMonth.find((each) => each.currency === currency)
      if (total === undefined) return [month, { ...NO_COST, basis, plan, otherCurrencies }]
      const parts =
        trial?.parts ??
        rows
          .filter((row) => row.month === month && row.currency === currency)
          .map((row) => ({ ...row, pool: allocates ? row.pool : null, amount: amountIn(row, basis) }))
      return [
        month,
        {
          basis,
          bill: amountIn(total, basis) ?? ZERO,
          entries: total.entries,
          unknownEntries: unknownIn(total, basis),
          otherCurrencies,
          ...placed(parts, plan, facts.get(month) ?? { revenue: new Map(), usage: new Map() }),
        },
      ]
    }),
  )
}
