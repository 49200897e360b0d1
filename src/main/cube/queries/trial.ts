/**
 * Rules and plans tried on the cost before they are saved. Facts are summed by the fields that the conditions look at and
 * by nothing else, so that a month of a million resources is a few rows unless a condition tells resources apart. They
 * are evaluated here, in the cube's thread, chunk by chunk, and only the answer leaves it: the engine stays free.
 */
import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api'
import type { AllocationStep } from '../../../domain/allocation/plan.ts'
import { compilePools } from '../../../domain/allocation/pools.ts'
import { type ClaimReport, type CostSet, tallyClaims } from '../../../domain/attribution/claims.ts'
import { ruleSpans, tagKeyOf } from '../../../domain/attribution/match.ts'
import { type Proposal, tallyProposals } from '../../../domain/attribution/propose.ts'
import type {
  AttributionRule,
  CostAttributes,
  RuleCondition,
  RuleField,
} from '../../../domain/attribution/rule.ts'
import { costFromUnits, costToUnits, type DecimalText, sumDecimals, ZERO } from '../../../domain/decimal.ts'
import { parseNamed } from '../../../domain/escaped-keys.ts'
import type { Currency } from '../../../domain/money.ts'
import { type Bindings, bindings, readRows, visitRows } from '../database.ts'
import { dayNumber } from '../local-time.ts'
import { AMOUNTS, type AmountKind, costText, monthsCondition } from './cost.ts'
import { type AsOf, ATTRIBUTION_JOIN, asOfCondition } from './fields.ts'

/** What a trial is tried on: cost of one currency, by one basis. */
export type TrialScope = AsOf & {
  /** Posting months; all without it. */
  readonly months?: readonly string[] | undefined
  readonly currency: string
  readonly basis: AmountKind
}

const scopeCondition = (sql: Bindings, params: TrialScope): string =>
  [
    asOfCondition(sql, params),
    params.months === undefined ? 'TRUE' : monthsCondition(sql, params.months),
    `f.currency = ${sql.bind(params.currency)}`,
  ].join(' AND ')

const fieldsOf = (conditions: readonly RuleCondition[]): readonly RuleField[] => [
  ...new Set(
    conditions.flatMap(({ field }): RuleField[] =>
      field === 'sub_account' || field === 'billing_account' ? [field, `${field}_name`] : [field],
    ),
  ),
]

/** The number of the span of days of service that a fact lies in; 0 before the first cut. */
const spanOf = (sql: Bindings, cuts: readonly string[]): string =>
  ['0', ...cuts.map((day) => `(f.start_day >= ${sql.bind(dayNumber(day))})::INTEGER`)].join(' + ')

interface Group {
  /** The fields asked for; the rest is left out. */
  readonly attributes: CostAttributes
  readonly span: number
  readonly tenant: string | null
  readonly customerId: string | null
  /** Null where no entry has a cost of the basis. */
  readonly amount: DecimalText | null
  readonly entries: number
}

/** Visits the cost summed by the fields, and by its tenant and customer where `byOwner`. */
const eachGroup = async (
  connection: DuckDBConnection,
  params: TrialScope & {
    readonly fields: readonly RuleField[]
    readonly cuts: readonly string[]
    readonly byOwner: boolean
  },
  visit: (group: Group) => void,
): Promise<void> => {
  const sql = bindings()
  const amount = AMOUNTS[params.basis]
  const joins: string[] = []
  const columns = params.fields.map((field, index) => {
    const key = tagKeyOf(field)
    if (key === null) return `s.${field}`
    joins.push(
      `LEFT JOIN cost_set_tag g${index} ON g${index}.set_no = t.set_no AND g${index}.key = ${sql.bind(key)}`,
    )
    return `g${index}.value`
  })
  const text = `WITH total AS (
      SELECT f.set_no, ${spanOf(sql, params.cuts)} AS span, ${params.byOwner ? 'a.tenant' : 'NULL'} AS owner,
        sum(${amount}) AS amount, count(${amount}) AS known, count(*) AS entries
      FROM cost_fact f ${params.byOwner ? ATTRIBUTION_JOIN : ''}
      WHERE ${scopeCondition(sql, params)}
      GROUP BY f.set_no, span, owner
    )
    SELECT t.span, t.owner, c.customer_id, sum(t.amount), sum(t.known)::BIGINT, sum(t.entries)::BIGINT
      ${columns.map((column) => `, ${column}`).join('')}
    FROM total t JOIN cost_set s ON s.set_no = t.set_no LEFT JOIN customer_tenant c ON c.tenant = t.owner
    ${joins.join('\n')}
    GROUP BY ${['t.span', 't.owner', 'c.customer_id', ...columns].join(', ')}`
  const orNull = (value: DuckDBValue) => (value === null ? null : String(value))
  await visitRows(connection, text, sql.values, (valueAt) => {
    // Without a prototype, so that a tag may be called anything.
    const tags: Record<string, string> = Object.create(null)
    const texts: Record<string, string> = {}
    params.fields.forEach((field, index) => {
      const value = orNull(valueAt(6 + index))
      if (value === null) return
      const key = tagKeyOf(field)
      if (key === null) texts[field] = value
      else tags[key] = value
    })
    visit({
      attributes: { provider: '', service: '', charge_category: '', ...texts, tags },
      span: Number(valueAt(0)),
      tenant: orNull(valueAt(1)),
      customerId: orNull(valueAt(2)),
      amount: Number(valueAt(4)) === 0 ? null : costText(valueAt(3)),
      entries: Number(valueAt(5)),
    })
  })
}

/** A part of the cost as the pools of a plan would take it. */
export interface TrialPart {
  /** Whose it is by the rules the book has; null where nobody's. */
  readonly tenant: string | null
  readonly customerId: string | null
  /** The step that would take it; null where it stays where it is. */
  readonly pool: string | null
  /** Null where no entry has a cost of the basis. */
  readonly amount: DecimalText | null
}

/** The months' cost by whose it is and by the step that would take it. */
export const poolsOnTrial = async (
  connection: DuckDBConnection,
  params: TrialScope & { readonly steps: readonly AllocationStep[] },
): Promise<readonly TrialPart[]> => {
  const poolsOf = compilePools(params.steps)
  const fields = fieldsOf(params.steps.flatMap(({ pool }) => pool.conditions))
  const parts = new Map<string, Omit<TrialPart, 'amount'> & { units: bigint | null }>()
  await eachGroup(connection, { ...params, fields, cuts: [], byOwner: true }, (group) => {
    const { tenant, customerId, amount } = group
    const standing = tenant === null ? 'unattributed' : customerId === null ? 'without_customer' : 'customer'
    const pool = poolsOf(group.attributes)[standing]
    const key = JSON.stringify([tenant, customerId, pool])
    const part = parts.get(key) ?? { tenant, customerId, pool, units: null }
    parts.set(key, part)
    if (amount !== null) part.units = (part.units ?? 0n) + costToUnits(amount)
  })
  return [...parts.values()].map(({ units, ...part }) => ({
    ...part,
    amount: units === null ? null : costFromUnits(units),
  }))
}

const dayOfSpan = (cuts: readonly string[], span: number): string => cuts[span - 1] ?? ''

const cutsOf = (rules: readonly AttributionRule[]): readonly string[] =>
  ruleSpans(rules).flatMap(({ startDay }) => startDay ?? [])

/** What rules would claim of the cost. An entry without a cost of the basis counts with zero. */
export const claimsOnTrial = async (
  connection: DuckDBConnection,
  params: TrialScope & { readonly rules: readonly AttributionRule[]; readonly countMax: number },
): Promise<ClaimReport> => {
  const cuts = cutsOf(params.rules)
  const tally = tallyClaims(params.rules)
  const fields = fieldsOf(params.rules.flatMap(({ conditions }) => conditions))
  await eachGroup(
    connection,
    {
      ...params,
      fields: [...new Set<RuleField>([...fields, 'service', 'resource_id'])],
      cuts,
      byOwner: false,
    },
    ({ attributes, span, amount, entries }) =>
      tally.add({
        attributes,
        day: dayOfSpan(cuts, span),
        currency: params.currency as Currency,
        cost: amount ?? ZERO,
        entries,
      }),
  )
  return tally.report(params.countMax)
}

/** Sets whose attributes are read at once: a few megabytes of text. */
const SETS_PER_PAGE = 2_000

/** Rules that the cost itself suggests for what none of these claims, and what all of it comes to. */
export const proposalsOnTrial = async (
  connection: DuckDBConnection,
  params: TrialScope & { readonly rules: readonly AttributionRule[]; readonly countMax: number },
): Promise<{ readonly total: DecimalText; readonly proposals: readonly Proposal[] }> => {
  const cuts = cutsOf(params.rules)
  const tally = tallyProposals(params.rules)
  const sql = bindings()
  const totals: (Omit<CostSet, 'attributes'> & { readonly setNo: number })[] = []
  await visitRows(
    connection,
    `SELECT f.set_no, ${spanOf(sql, cuts)} AS span, sum(${AMOUNTS[params.basis]}), count(*)
     FROM cost_fact f WHERE ${scopeCondition(sql, params)} GROUP BY f.set_no, span ORDER BY f.set_no, span`,
    sql.values,
    (valueAt) =>
      totals.push({
        setNo: Number(valueAt(0)),
        day: dayOfSpan(cuts, Number(valueAt(1))),
        currency: params.currency as Currency,
        cost: costText(valueAt(2)),
        entries: Number(valueAt(3)),
      }),
  )
  for (let at = 0; at < totals.length; at += SETS_PER_PAGE) {
    const page = totals.slice(at, at + SETS_PER_PAGE)
    const contents = new Map(
      await readRows<[setNo: number, content: string]>(
        connection,
        // Of few months' sets the numbers lie far apart, and between them is all that the book ever had.
        `SELECT set_no, content FROM cost_set
         WHERE set_no BETWEEN $1 AND $2 AND set_no IN (${page.map(({ setNo }) => setNo).join(', ')})`,
        [page[0]?.setNo ?? 0, page.at(-1)?.setNo ?? 0],
      ),
    )
    const read = new Map<number, CostAttributes>()
    for (const { setNo, ...set } of page) {
      const attributes = read.get(setNo) ?? parseNamed<CostAttributes>(contents.get(setNo) ?? '{}')
      read.set(setNo, attributes)
      tally.add({ ...set, attributes })
    }
  }
  return { total: sumDecimals(totals.map(({ cost }) => cost)), proposals: tally.proposals(params.countMax) }
}
