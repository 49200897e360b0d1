/** What was allocated in a month: every step's pool, key, weights and shares, with names. */
import type { AllocationReport, StepReport } from '../../../contract/allocation.ts'
import type { StepResult } from '../../../domain/allocation/allocate.ts'
import { describeStep } from '../../../domain/allocation/describe.ts'
import {
  type AllocationStep,
  customerIdOf,
  looseTenantOf,
  type Recipient,
} from '../../../domain/allocation/plan.ts'
import { Decimal, type DecimalText, toDecimalText, ZERO } from '../../../domain/decimal.ts'
import type { Issue } from '../../../domain/issue.ts'
import { type Month, monthName } from '../../../domain/period.ts'
import { pluralUnit } from '../../../domain/pricing/format.ts'
import { listInWords } from '../../../domain/pricing/price-words.ts'
import { knownTo } from '../past.ts'
import { customersOf, metricsOf, type Session } from '../session.ts'
import { equationOf } from './month-cost.ts'
import { type MonthCost, NO_COST } from './placed-cost.ts'
import { revenueOf } from './revenue.ts'

/** Names for what a report of steps speaks of. */
const namesOf = (session: Session) => {
  const customers = new Map<string, string>(customersOf(session).map(({ id, name }) => [id, name]))
  const metrics = new Map(metricsOf(session).map((metric) => [metric.metric, metric]))
  return {
    recipient: (recipient: Recipient) => {
      const id = customerIdOf(recipient)
      return id === null ? `Tenant ${looseTenantOf(recipient)}` : (customers.get(id) ?? id)
    },
    metric: (metric: string) => metrics.get(metric)?.name ?? metric,
    unit: (metric: string) => pluralUnit(metrics.get(metric)?.unit ?? 'unit', '2'),
  }
}

const PERCENT_DECIMALS = 4

const percentOf = (part: DecimalText, whole: DecimalText): DecimalText =>
  new Decimal(whole).isZero()
    ? ZERO
    : toDecimalText(new Decimal(part).times(100).div(whole).toDecimalPlaces(PERCENT_DECIMALS))

const NOBODY = {
  usage: (month: string, metric: string) => `nobody used ${metric} in ${month}`,
  direct_cost: (month: string) => `nobody has direct cost above zero in ${month}`,
  revenue: (month: string) => `nobody has revenue in ${month}`,
  weights: () => 'no customer has a weight',
  evenly: (month: string) => `no customer has cost or revenue in ${month}`,
  fixed: () => 'no customer has a share',
} satisfies Record<AllocationStep['key']['kind'], (month: string, metric: string) => string>

/** Who gets no share of a split by revenue because no rate turns it into the book's currency; null where nobody. */
const unpricedWords = async (session: Session, month: Month): Promise<string | null> => {
  const revenue = (await revenueOf(session, [month])).get(month)
  const found = [...(revenue?.byCustomer.values() ?? [])].flatMap(({ name, parts }) => {
    const currencies = parts.flatMap(({ invoice, inBook }) => (inBook === null ? [invoice.currency] : []))
    return currencies.length === 0 ? [] : [`${name} (${[...new Set(currencies)].join(', ')})`]
  })
  return found.length === 0
    ? null
    : `No rate of ${monthName(month)} turns the revenue of ${listInWords(found, 'and')} into ${session.settings().currency}: it counts for nothing here. Enter the rate in Settings.`
}

const stepReport = (
  names: ReturnType<typeof namesOf>,
  currency: string,
  month: Month,
  step: AllocationStep,
  result: StepResult,
  unpriced: string | null,
): StepReport => {
  const { key } = step
  const metric = key.kind === 'usage' ? names.metric(key.metric) : ''
  return {
    stepId: step.id,
    name: step.name,
    words: describeStep(step, names.metric),
    pool: result.pool,
    allocated: result.allocated,
    idle: result.idle,
    left: result.left,
    leftWords:
      [
        ...(result.leftReason === null
          ? []
          : [`It stays unattributed, since ${NOBODY[key.kind](monthName(month), metric)}.`]),
        ...(key.kind === 'revenue' && unpriced !== null ? [unpriced] : []),
      ].join(' ') || null,
    weightUnit:
      key.kind === 'usage'
        ? names.unit(key.metric)
        : key.kind === 'direct_cost' || key.kind === 'revenue'
          ? currency
          : key.kind === 'fixed'
            ? '%'
            : 'weight',
    weights: result.weights,
    capacity: key.kind === 'usage' ? (key.capacity?.quantity ?? null) : null,
    idleQuantity: result.idleQuantity,
    shares: result.shares.map(({ recipient, weight, amount }) => ({
      customerId: customerIdOf(recipient),
      tenant: looseTenantOf(recipient),
      name: names.recipient(recipient),
      weight,
      share: percentOf(weight, result.weights),
      amount,
    })),
    leftOut: result.leftOut.map(({ recipient, weight }) => ({ name: names.recipient(recipient), weight })),
  }
}

export const allocationReportOf = async (
  session: Session,
  month: Month,
  cost: MonthCost = NO_COST,
  issues: readonly Issue[] = [],
): Promise<AllocationReport> => {
  const { currency } = session.settings()
  const names = namesOf(session)
  const steps = new Map((cost.plan?.steps ?? []).map((step) => [step.id, step]))
  const isByRevenue = [...steps.values()].some(({ key }) => key.kind === 'revenue')
  const unpriced = isByRevenue ? await unpricedWords(session, month) : null
  return {
    month,
    currency,
    basis: cost.basis,
    planFrom: cost.plan?.from ?? null,
    steps: cost.steps.flatMap((result) => {
      const step = steps.get(result.stepId)
      return step === undefined ? [] : [stepReport(names, currency, month, step, result, unpriced)]
    }),
    equation: equationOf(cost),
    issues: [...issues],
    asOf: knownTo(session),
  }
}
