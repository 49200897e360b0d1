import type { CostBasis } from '../../../contract/cost.ts'
import { Decimal, type DecimalText, sumDecimals, toDecimalText, ZERO } from '../../../domain/decimal.ts'
import { daysOfMonth, type Month, monthsBetween } from '../../../domain/period.ts'
import type { CostGroup } from '../../cube/queries/fields.ts'
import { COST_FIELDS } from '../../cube/schema.ts'
import { troublesOf } from '../collecting/troubles.ts'
import { api, type EngineState } from '../engine-state.ts'
import { knownTo, sessionAsOf } from '../past.ts'
import { refused } from '../refusals.ts'
import { amountIn, sumKnown, unknownIn } from '../reports/cost-basis.ts'
import { marginReport } from '../reports/margin.ts'
import { costOf, equationOf } from '../reports/month-cost.ts'
import { overviewOf } from '../reports/overview.ts'
import { plansOf } from '../reports/placed-cost.ts'
import { waterfallOf } from '../reports/waterfall.ts'
import { customersOf, type Session } from '../session.ts'

const CONTRIBUTORS = 50

/** A share in percent with one decimal; zero of a zero whole. */
export const share = (part: DecimalText, whole: DecimalText): DecimalText =>
  new Decimal(whole).isZero()
    ? ZERO
    : toDecimalText(new Decimal(part).times(100).div(whole).toDecimalPlaces(1))

/** @throws REFUSED where there is no such field. */
const checkField = (field: string): CostGroup => {
  if (
    field.startsWith('tag:') ||
    ['tenant', 'customer', 'rule', 'pool', 'month', ...COST_FIELDS].includes(field)
  )
    return field as CostGroup
  throw refused(
    'field_is_unknown',
    `Cost can’t be grouped or filtered by ${field}. GET /api/cost/fields lists what there is.`,
  )
}

const titleOf = (field: string) => {
  const words = field.replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

const costReport = async (
  session: Session,
  input: {
    from: Month
    to: Month
    grain: 'day' | 'month'
    groupBy: string[]
    filters: { field: string; values: (string | null)[] }[]
    basis?: CostBasis | undefined
  },
) => {
  const { currency, costBasis } = session.settings()
  const basis = input.basis ?? costBasis
  if (input.from > input.to)
    throw refused('period_is_backwards', `The period ends (${input.to}) before it begins (${input.from}).`)
  const months = monthsBetween(input.from, input.to)
  const query = {
    months: [...months],
    currency,
    groupBy: input.groupBy.map(checkField),
    filters: input.filters.map(({ field, values }) => ({ field: checkField(field), values })),
  }
  const [cells, totals, all] = await Promise.all([
    session.cube.costSlice({ ...query, grain: input.grain }),
    session.cube.costSlice({ ...query, grain: 'total' }),
    session.cube.costTotals({ months: [...months], currency: null }),
  ])
  const buckets = input.grain === 'month' ? [...months] : months.flatMap((month) => [...daysOfMonth(month)])
  const place = new Map(buckets.map((bucket, index) => [bucket, index]))
  const names = new Map<string, string>(customersOf(session).map(({ id, name }) => [id, name]))
  const rules = new Map(
    (session.one('rules', 'rules')?.content.rules ?? []).map(({ id, name }) => [id, name]),
  )
  const steps = new Map(plansOf(session).flatMap((plan) => plan.steps.map(({ id, name }) => [id, name])))
  const label = (key: string | null, index: number) => {
    const field = input.groupBy[index]
    if (key === null)
      return field === 'tenant' || field === 'rule'
        ? 'unattributed'
        : field === 'customer'
          ? 'no customer'
          : field === 'pool'
            ? 'in no pool'
            : 'none'
    const named =
      field === 'customer' ? names : field === 'rule' ? rules : field === 'pool' ? steps : undefined
    return named?.get(key) ?? key
  }
  const keyOf = (keys: readonly (string | null)[]) => JSON.stringify(keys)
  const rows = new Map(
    totals.rows.map(({ keys, ...sums }) => [
      keyOf(keys),
      {
        keys: [...keys],
        labels: keys.map(label),
        values: buckets.map((): DecimalText | null => null),
        billed: sums.billed,
        effective: sums.effective,
        amount: amountIn(sums, basis),
        entries: sums.entries,
      },
    ]),
  )
  for (const cell of cells.rows) {
    const index = place.get(cell.bucket)
    const row = rows.get(keyOf(cell.keys))
    if (index !== undefined && row !== undefined) row.values[index] = amountIn(cell, basis)
  }
  const list = [...rows.values()].sort((a, b) => new Decimal(b.amount ?? 0).comparedTo(a.amount ?? 0))
  const others = new Map<string, { billed: DecimalText; effective: DecimalText }>()
  for (const total of all)
    if (total.currency !== currency) {
      const before = others.get(total.currency) ?? { billed: ZERO, effective: ZERO }
      others.set(total.currency, {
        billed: sumDecimals([before.billed, total.billed]),
        effective: sumDecimals([before.effective, total.effective]),
      })
    }
  return {
    currency,
    basis,
    buckets,
    rows: list,
    totals: buckets.map((_, index) => {
      const values = list.flatMap((row) => row.values[index] ?? [])
      return values.length === 0 ? null : sumDecimals(values)
    }),
    billed: sumDecimals(list.map(({ billed }) => billed)),
    effective: sumDecimals(list.map(({ effective }) => effective)),
    amount: sumKnown(list.map(({ amount }) => amount)),
    unknownEntries: totals.rows.reduce((sum, row) => sum + unknownIn(row, basis), 0),
    otherCurrencies: [...others].map(([other, sums]) => ({ currency: other, ...sums })),
    asOf: knownTo(session),
  }
}

export const costHandlers = (engine: EngineState) => ({
  query: api.cost.query.handler(async ({ input }) =>
    costReport(await sessionAsOf(engine.session(), input.asOf), input),
  ),
  fields: api.cost.fields.handler(async ({ input }) => [
    { field: 'service', title: 'Service' },
    { field: 'tenant', title: 'Tenant' },
    { field: 'customer', title: 'Customer' },
    { field: 'rule', title: 'Attribution rule' },
    { field: 'pool', title: 'Allocation pool' },
    ...COST_FIELDS.filter((field) => field !== 'service').map((field) => ({ field, title: titleOf(field) })),
    ...(await (await sessionAsOf(engine.session(), input.asOf)).cube.costTagKeys({})).map(({ key }) => ({
      field: `tag:${key}`,
      title: `Tag ${key}`,
    })),
  ]),
  unattributed: api.cost.unattributed.handler(async ({ input }) => {
    const session = await sessionAsOf(engine.session(), input.asOf)
    const { currency, costBasis } = session.settings()
    const basis = input.basis ?? costBasis
    const cost = (await costOf(session, [input.month], { basis })).get(input.month)
    if (cost === undefined) throw new Error('costOf answers every month it is asked for')
    const contributors = await session.cube.unattributedContributors({
      months: [input.month],
      currency,
      basis,
      by: checkField(input.by),
      leftPools: cost.steps.flatMap((step) => (step.left === ZERO ? [] : [step.stepId])),
      limit: CONTRIBUTORS,
    })
    const names = new Map((cost.plan?.steps ?? []).map(({ id, name }) => [id, name]))
    return {
      equation: equationOf(cost),
      currency,
      contributors: contributors.flatMap(({ key, pool, entries, ...sums }) => {
        const amount = amountIn({ entries, ...sums }, basis)
        return amount === null
          ? []
          : [
              {
                key,
                amount,
                entries,
                share: share(amount, cost.bill),
                pool: pool === null ? null : { stepId: pool, name: names.get(pool) ?? pool },
              },
            ]
      }),
      asOf: knownTo(session),
    }
  }),
  margin: api.cost.margin.handler(async ({ input }) =>
    marginReport(await sessionAsOf(engine.session(), input.asOf), input.month, { basis: input.basis }),
  ),
  waterfall: api.cost.waterfall.handler(async ({ input }) =>
    waterfallOf(await sessionAsOf(engine.session(), input.asOf), input.customerId, input.month, {
      basis: input.basis,
    }),
  ),
  overview: api.cost.overview.handler(async ({ input }) =>
    overviewOf(
      await sessionAsOf(engine.session(), input.asOf),
      input.month,
      input.asOf === undefined ? troublesOf(engine) : [],
    ),
  ),
})
