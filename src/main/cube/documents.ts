/** What the cube takes from documents: the time zone, customers' tenants, metrics, attribution rules, allocation plans. */
import { type DuckDBConnection, INTEGER, VARCHAR } from '@duckdb/node-api'
import type { AllocationPlan } from '../../domain/allocation/plan.ts'
import { compilePools } from '../../domain/allocation/pools.ts'
import { compileSpan, ruleSpans } from '../../domain/attribution/match.ts'
import type { AttributionRule, CostAttributes } from '../../domain/attribution/rule.ts'
import { parseNamed } from '../../domain/escaped-keys.ts'
import type { Metric } from '../../domain/metric.ts'
import { appendColumns, readRows } from './database.ts'
import type { DocumentRow, LedgerFeed } from './feed.ts'
import { dayNumber, monthNumber } from './local-time.ts'

const CONTENT_SETS_PER_TURN = 5_000
/** The day and month after every other. */
const FOR_EVER = 99_999_999

const contentOf = <Content>(row: DocumentRow): Content | null => JSON.parse(row.content) as Content | null

/** The book's time zone; UTC in a book without settings. */
export const bookTimeZone = (feed: LedgerFeed, toSeq: number): string => {
  const settings = feed.documents('book', toSeq).find((row) => row.document_id === 'book')
  return (settings && contentOf<{ timeZone?: string }>(settings)?.timeZone) ?? 'UTC'
}

/** Writes customers' tenants anew. A tenant that two customers claim belongs to the first in order of id. */
export const writeCustomers = async (
  connection: DuckDBConnection,
  feed: LedgerFeed,
  toSeq: number,
): Promise<void> => {
  const customerOf = new Map<string, string>()
  for (const row of feed.documents('customer', toSeq))
    for (const tenant of contentOf<{ tenants?: readonly string[] }>(row)?.tenants ?? [])
      if (!customerOf.has(tenant)) customerOf.set(tenant, row.document_id)
  await connection.run('DELETE FROM customer_tenant')
  await appendColumns(
    connection,
    'customer_tenant',
    [VARCHAR, VARCHAR],
    [[...customerOf.keys()], [...customerOf.values()]],
  )
}

/** Writes the definitions of metrics anew. */
export const writeMetrics = async (
  connection: DuckDBConnection,
  feed: LedgerFeed,
  toSeq: number,
): Promise<void> => {
  const metrics = feed.documents('metric', toSeq).flatMap((row) => {
    const content = contentOf<Metric>(row)
    return content === null ? [] : [{ ...content, metric: row.document_id }]
  })
  await connection.run('DELETE FROM metric')
  await appendColumns(
    connection,
    'metric',
    [VARCHAR, VARCHAR, VARCHAR, VARCHAR, INTEGER, VARCHAR],
    [
      metrics.map(({ metric }) => metric),
      metrics.map(({ name }) => name),
      metrics.map(({ unit }) => unit),
      metrics.map(({ aggregation }) => aggregation),
      metrics.map(({ scale }) => scale),
      metrics.map(({ uniqueBy }) => uniqueBy ?? null),
    ],
  )
}

/** The current attribution rules and their version; none at version 0. */
export const currentRules = (
  feed: LedgerFeed,
  toSeq: number,
): { version: number; rules: readonly AttributionRule[] } => {
  const row = feed.documents('rules', toSeq).find(({ document_id }) => document_id === 'rules')
  if (row === undefined) return { version: 0, rules: [] }
  return { version: row.version, rules: contentOf<{ rules?: AttributionRule[] }>(row)?.rules ?? [] }
}

/** Which cost sets are evaluated: all of them after what is evaluated changed (`anew`), else the new ones. */
export interface SetRange {
  readonly anew: boolean
  readonly firstNewSetNo: number | null
}

/** Reads the cost sets of the range page by page, and lets other work have its turn between two. */
const eachCostSet = async (
  connection: DuckDBConnection,
  { anew, firstNewSetNo }: SetRange,
  turn: () => Promise<void>,
  take: (sets: readonly (readonly [setNo: number, attributes: CostAttributes])[]) => Promise<void>,
): Promise<void> => {
  const first = anew ? 0 : firstNewSetNo
  if (first === null) return
  let next = first
  for (;;) {
    const contents = await readRows<[setNo: number, content: string]>(
      connection,
      `SELECT set_no, content FROM cost_set WHERE set_no >= $1 ORDER BY set_no LIMIT ${CONTENT_SETS_PER_TURN}`,
      [next],
    )
    next = (contents.at(-1)?.[0] ?? next) + 1
    await take(contents.map(([setNo, content]) => [setNo, parseNamed<CostAttributes>(content)] as const))
    if (contents.length < CONTENT_SETS_PER_TURN) return
    await turn()
  }
}

/** Attributes cost sets: a row for each span of days on which the same rule gives them to the same tenant. */
export const writeAttribution = async (
  connection: DuckDBConnection,
  rules: readonly AttributionRule[],
  sets: SetRange,
  turn: () => Promise<void>,
): Promise<void> => {
  if (sets.anew) await connection.run('DELETE FROM attribution')
  if (rules.length === 0) return
  const spans = ruleSpans(rules).map(({ startDay, endDay, rules: inForce }) => ({
    startDay: startDay === null ? 0 : dayNumber(startDay),
    endDay: endDay === null ? FOR_EVER : dayNumber(endDay),
    attribute: compileSpan(inForce),
  }))
  await eachCostSet(connection, sets, turn, async (page) => {
    const rows: [setNo: number, tenant: string, ruleId: string, startDay: number, endDay: number][] = []
    for (const [setNo, attributes] of page)
      for (const { startDay, endDay, attribute } of spans) {
        const attribution = attribute(attributes)
        if (attribution === null) continue
        const { tenant, ruleId } = attribution
        const last = rows.at(-1)
        if (last?.[0] === setNo && last[1] === tenant && last[2] === ruleId && last[4] === startDay)
          last[4] = endDay
        else rows.push([setNo, tenant, ruleId, startDay, endDay])
      }
    await appendColumns(
      connection,
      'attribution',
      [INTEGER, VARCHAR, VARCHAR, INTEGER, INTEGER],
      [0, 1, 2, 3, 4].map((index) => rows.map((row) => row[index] ?? null)),
    )
  })
}

/** The allocation plans, in order of the month they begin. */
const currentPlans = (feed: LedgerFeed, toSeq: number): readonly AllocationPlan[] =>
  feed
    .documents('allocation', toSeq)
    .flatMap((row) => contentOf<AllocationPlan>(row) ?? [])
    .sort((a, b) => (a.from < b.from ? -1 : 1))

/** Writes which allocation step takes the cost of a set, for the months of each plan. */
export const writePools = async (
  connection: DuckDBConnection,
  feed: LedgerFeed,
  toSeq: number,
  sets: SetRange,
  turn: () => Promise<void>,
): Promise<void> => {
  if (sets.anew) await connection.run('DELETE FROM pool')
  const plans = currentPlans(feed, toSeq)
  if (plans.length === 0) return
  const spans = plans.map(({ from, steps }, index) => ({
    startMonth: monthNumber(from),
    endMonth: plans[index + 1] === undefined ? FOR_EVER : monthNumber(plans[index + 1]?.from ?? from),
    poolsOf: compilePools(steps),
  }))
  await eachCostSet(connection, sets, turn, async (page) => {
    const rows: (number | string | null)[][] = []
    for (const [setNo, attributes] of page)
      for (const { startMonth, endMonth, poolsOf } of spans) {
        const { unattributed, without_customer, customer } = poolsOf(attributes)
        if (unattributed !== null || without_customer !== null || customer !== null)
          rows.push([setNo, startMonth, endMonth, unattributed, without_customer, customer])
      }
    await appendColumns(
      connection,
      'pool',
      [INTEGER, INTEGER, INTEGER, VARCHAR, VARCHAR, VARCHAR],
      [0, 1, 2, 3, 4, 5].map((index) => rows.map((row) => row[index] ?? null)),
    )
  })
}
