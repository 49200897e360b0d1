import { claims } from '../../../domain/attribution/claims.ts'
import { describeRule } from '../../../domain/attribution/describe.ts'
import type { AttributionRule, CostAttributes } from '../../../domain/attribution/rule.ts'
import { validateRules } from '../../../domain/attribution/validate.ts'
import { Decimal, type DecimalText, sumDecimals, toDecimalText, ZERO } from '../../../domain/decimal.ts'
import { parseNamed } from '../../../domain/escaped-keys.ts'
import type { Currency } from '../../../domain/money.ts'
import { daysOfMonth, type Month, monthsBetween } from '../../../domain/period.ts'
import type { CostGroup } from '../../cube/queries/fields.ts'
import { COST_FIELDS } from '../../cube/schema.ts'
import { troublesOf } from '../collecting/troubles.ts'
import { api, type EngineState } from '../engine-state.ts'
import { knownTo, sessionAsOf } from '../past.ts'
import { refused } from '../refusals.ts'
import { costOf, equationOf, marginReport, waterfallOf } from '../reports/margin.ts'
import { overviewOf } from '../reports/overview.ts'
import { customersOf, type Session } from '../session.ts'

const CONTRIBUTORS = 50
const SETS_MAX = 200_000

/** A share in percent with one decimal; zero of a zero whole. */
const share = (part: DecimalText, whole: DecimalText): DecimalText =>
  new Decimal(whole).isZero()
    ? ZERO
    : toDecimalText(new Decimal(part).times(100).div(whole).toDecimalPlaces(1))

/** @throws REFUSED where there is no such field. */
const checkField = (field: string): CostGroup => {
  if (field.startsWith('tag:') || ['tenant', 'customer', 'rule', 'month', ...COST_FIELDS].includes(field))
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
  },
) => {
  const { currency, costBasis } = session.settings()
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
  const label = (key: string | null, index: number) => {
    const field = input.groupBy[index]
    if (key === null)
      return field === 'tenant' || field === 'rule'
        ? 'unattributed'
        : field === 'customer'
          ? 'no customer'
          : 'none'
    return (field === 'customer' ? names.get(key) : field === 'rule' ? rules.get(key) : undefined) ?? key
  }
  const keyOf = (keys: readonly (string | null)[]) => JSON.stringify(keys)
  const rows = new Map(
    totals.rows.map(({ keys, billed, effective, entries }) => [
      keyOf(keys),
      {
        keys: [...keys],
        labels: keys.map(label),
        values: buckets.map((): DecimalText | null => null),
        billed,
        effective,
        entries,
      },
    ]),
  )
  for (const cell of cells.rows) {
    const index = place.get(cell.bucket)
    const row = rows.get(keyOf(cell.keys))
    if (index !== undefined && row !== undefined) row.values[index] = cell[costBasis]
  }
  const list = [...rows.values()].sort((a, b) => new Decimal(b[costBasis]).comparedTo(a[costBasis]))
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
    basis: costBasis,
    buckets,
    rows: list,
    totals: buckets.map((_, index) => {
      const values = list.flatMap((row) => row.values[index] ?? [])
      return values.length === 0 ? null : sumDecimals(values)
    }),
    billed: sumDecimals(list.map(({ billed }) => billed)),
    effective: sumDecimals(list.map(({ effective }) => effective)),
    otherCurrencies: [...others].map(([other, sums]) => ({ currency: other, ...sums })),
    asOf: knownTo(session),
  }
}

const rulesClaims = async (session: Session, rules: readonly AttributionRule[], month: Month | undefined) => {
  const { currency, costBasis } = session.settings()
  const issues = validateRules(rules)
  const broken = issues.some(({ severity }) => severity === 'error')
  const sets = await session.cube.costSets({
    ...(month === undefined ? {} : { months: [month] }),
    limit: SETS_MAX,
  })
  const report = claims(
    broken ? [] : rules,
    sets
      .filter((set) => set.currency === currency)
      .map((set) => ({
        attributes: parseNamed<CostAttributes>(set.attributes),
        currency: set.currency as Currency,
        cost: set[costBasis],
        entries: set.entries,
      })),
  )
  const amountOf = (cost: readonly { currency: string; amount: DecimalText }[]) =>
    cost.find((money) => money.currency === currency)?.amount ?? ZERO
  const unattributed = amountOf(report.unattributed.cost)
  const attributed = sumDecimals(report.rules.map((rule) => amountOf(rule.cost)))
  const total = sumDecimals([attributed, unattributed])
  const byRule = new Map(report.rules.map((rule) => [rule.ruleId, rule]))
  const contributorsOf = (
    list: typeof report.unattributed.byService,
    keyOf: (each: (typeof list)[number]) => string | null,
  ) =>
    list.slice(0, CONTRIBUTORS).map((each) => ({
      key: keyOf(each),
      amount: each.cost,
      entries: each.entries,
      share: share(each.cost, total),
    }))
  return {
    currency,
    basis: costBasis,
    rules: rules.map((rule) => {
      const claim = byRule.get(rule.id)
      const amount = amountOf(claim?.cost ?? [])
      return {
        ruleId: rule.id,
        words: describeRule(rule),
        entries: claim?.entries ?? 0,
        amount,
        share: share(amount, total),
        tenantCount: claim?.tenants.length ?? 0,
        tenants: (claim?.tenants ?? [])
          .slice(0, CONTRIBUTORS)
          .map((tenant) => ({ tenant: tenant.tenant, amount: amountOf(tenant.cost) })),
      }
    }),
    total,
    attributed,
    unattributed,
    unattributedShare: share(unattributed, total),
    unattributedByService: contributorsOf(report.unattributed.byService, ({ service }) => service),
    unattributedByResource: contributorsOf(report.unattributed.byResource, ({ resource }) => resource),
    issues: [...issues],
    asOf: knownTo(session),
  }
}

/** Values to suggest for each field of a rule: those that carry most cost. */
const suggestions = async (session: Session) => {
  const sets = await session.cube.costSets({ limit: 5_000 })
  const values: Record<string, Set<string>> = {}
  const add = (field: string, value: string | undefined) => {
    if (value === undefined) return
    values[field] ??= new Set()
    if (values[field].size < 200) values[field].add(value)
  }
  for (const { attributes } of sets) {
    const set = parseNamed<CostAttributes>(attributes)
    for (const field of [
      'provider',
      'billing_account',
      'sub_account',
      'service',
      'resource_id',
      'region',
    ] as const)
      add(field, set[field])
    for (const [key, value] of Object.entries(set.tags ?? {})) add(`tag:${key}`, value)
  }
  return Object.fromEntries(Object.entries(values).map(([field, found]) => [field, [...found]]))
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
    ...COST_FIELDS.filter((field) => field !== 'service').map((field) => ({ field, title: titleOf(field) })),
    ...(await (await sessionAsOf(engine.session(), input.asOf)).cube.costTagKeys({})).map(({ key }) => ({
      field: `tag:${key}`,
      title: `Tag ${key}`,
    })),
  ]),
  unattributed: api.cost.unattributed.handler(async ({ input }) => {
    const session = await sessionAsOf(engine.session(), input.asOf)
    const { currency, costBasis } = session.settings()
    const cost = (await costOf(session, [input.month])).get(input.month)
    if (cost === undefined) throw new Error('costOf answers every month it is asked for')
    const contributors = await session.cube.unattributedContributors({
      months: [input.month],
      by: checkField(input.by),
      limit: CONTRIBUTORS,
    })
    return {
      equation: equationOf(cost),
      currency,
      contributors: contributors
        .filter((each) => each.currency === currency)
        .map((each) => ({
          key: each.key,
          amount: each[costBasis],
          entries: each.entries,
          share: share(each[costBasis], cost.bill),
        })),
      asOf: knownTo(session),
    }
  }),
  margin: api.cost.margin.handler(async ({ input }) =>
    marginReport(await sessionAsOf(engine.session(), input.asOf), input.month),
  ),
  waterfall: api.cost.waterfall.handler(async ({ input }) =>
    waterfallOf(await sessionAsOf(engine.session(), input.asOf), input.customerId, input.month),
  ),
  overview: api.cost.overview.handler(async ({ input }) =>
    overviewOf(
      await sessionAsOf(engine.session(), input.asOf),
      input.month,
      input.asOf === undefined ? troublesOf(engine) : [],
    ),
  ),
})

export const rulesHandlers = (engine: EngineState) => ({
  get: api.rules.get.handler(async ({ input }) => {
    const session = await sessionAsOf(engine.session(), input.asOf)
    const stored = session.one('rules', 'rules')
    return {
      rules: [...(stored?.content.rules ?? [])],
      version: stored?.version ?? 0,
      tagKeys: (await session.cube.costTagKeys({})).map(({ key }) => key),
      values: await suggestions(session),
      asOf: knownTo(session),
    }
  }),
  preview: api.rules.preview.handler(async ({ input }) =>
    rulesClaims(await sessionAsOf(engine.session(), input.asOf), input.rules, input.month),
  ),
  save: api.rules.save.handler(async ({ input }) => {
    const issues = validateRules(input.rules)
    const wrong = issues.find(({ severity }) => severity === 'error')
    if (wrong !== undefined) throw refused('rules_are_wrong', `${wrong.message} Nothing was saved.`, issues)
    const [version = 0] = await engine.session().put('Attribution rules', [
      {
        kind: 'rules',
        id: 'rules',
        content: { rules: input.rules },
        expectedVersion: input.expectedVersion,
      },
    ])
    return { version }
  }),
})
