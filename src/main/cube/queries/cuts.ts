/**
 * Usage cut as charges ask for it: whole, by time, by dimension, by the events' own quantity, event by event, with the
 * level before. One statement for each kind of cut, whatever the number of metrics and periods.
 */
import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api'
import type { DecimalText } from '../../../domain/decimal.ts'
import type { Aggregation } from '../../../domain/metric.ts'
import type { UsageCut, UsageNeed } from '../../../domain/pricing/usage.ts'
import { quantityToText } from '../../../domain/quantity.ts'
import { type Bindings, bindings, readRows } from '../database.ts'
import { aggregateOf, type CountedMetric, countedMetrics, standsCondition } from './aggregate.ts'
import { type AsOf, asOfCondition, usageScope } from './fields.ts'
import { usageQuantities } from './usage.ts'

/** A need, or what came of it after a batch. */
export interface AskedCut extends UsageNeed {
  readonly afterBatch?: number
}

export interface CutRow {
  /** Of the need in the list asked. */
  readonly index: number
  readonly tenant: string
  /** Of the bucket or the event; the period's start where the cut is neither. */
  readonly startMs: number
  readonly keys: readonly (string | null)[]
  readonly quantity: DecimalText
  /**
   * Events less reversals. Where there is a {@link value}, how many entries have it: a reversal's own is the opposite of
   * what it takes back, so that value × events is the quantity.
   */
  readonly events: number
  readonly value?: DecimalText
}

export interface UsageCuts {
  /** In order of need, tenant and time. */
  readonly rows: readonly CutRow[]
  /** The level before the period, of every tenant that had one. */
  readonly openings: readonly {
    readonly index: number
    readonly tenant: string
    readonly opening: DecimalText
  }[]
}

interface Asked {
  readonly index: number
  readonly need: AskedCut
  readonly metric: CountedMetric
}

const isWhole = (cut: UsageCut): boolean =>
  cut.bucketMs === undefined &&
  (cut.filters ?? []).length === 0 &&
  (cut.dimensions ?? []).length === 0 &&
  cut.byValue !== true &&
  cut.events !== true &&
  cut.opening === undefined

/** What is answered for all metrics at once, whatever their number. */
const isAskedWhole = ({ cut, afterBatch }: AskedCut): boolean => isWhole(cut) && afterBatch === undefined

/** The requests of one statement as a table `request`: a row for each measure of each need's metric. */
const requestTable = (asked: readonly Asked[], sql: Bindings): string => {
  const values = asked.flatMap(({ index, need, metric }) =>
    metric.measures.map(
      ({ measureNo, factor }) =>
        `(${index}, ${measureNo}, ${factor}::HUGEINT, ${sql.bind(need.startMs)}::BIGINT, ${sql.bind(need.endMs)}::BIGINT, ${need.afterBatch ?? 0}, ${
          metric.uniqueBy === undefined ? 'NULL' : sql.bind(metric.uniqueBy)
        })`,
    ),
  )
  return `request(index, measure_no, factor, start_ms, end_ms, after_batch, unique_by) AS (VALUES ${values.join(', ')})`
}

/** Levels are those that stand, whatever the metric's aggregation; changes add up. */
const rulesOf = (cut: UsageCut, aggregation: Aggregation): Aggregation =>
  cut.opening === 'level' ? 'last' : cut.opening === 'change' ? 'sum' : aggregation

const scopeOf = (cut: UsageCut, sql: Bindings) => {
  const scope = usageScope(sql)
  const keys = (cut.dimensions ?? []).map((dimension) => scope.columnOf(`dimension:${dimension}`).expression)
  const conditions = (cut.filters ?? []).map(({ dimension, values }) =>
    scope.conditionOf({ field: `dimension:${dimension}`, values }),
  )
  return { keys, conditions, joins: scope.joins() }
}

type NumberedRow = readonly DuckDBValue[]

/** Rows that are sums, maxima, last values or counts of several events. */
const aggregated = async (
  connection: DuckDBConnection,
  asked: readonly Asked[],
  cut: UsageCut,
  aggregation: Aggregation,
  asOf: AsOf,
): Promise<readonly CutRow[]> => {
  const sql = bindings()
  const requests = requestTable(asked, sql)
  const { keys, conditions, joins } = scopeOf(cut, sql)
  const bucket = cut.bucketMs === undefined ? 'q.start_ms' : `(f.at_ms // ${cut.bucketMs}) * ${cut.bucketMs}`
  const columns = [bucket, ...keys, ...(cut.byValue === true ? ['f.quantity * q.factor'] : [])]
  const names = columns.map((_, index) => `k${index}`)
  const rows = await readRows<DuckDBValue[]>(
    connection,
    `WITH ${requests}, per_tenant AS (
       SELECT q.index, f.tenant_no, ${columns.map((column, index) => `${column} AS k${index}`).join(', ')},
         ${aggregateOf(aggregation, 'f.quantity * q.factor', 'u.value')} AS quantity,
         ${cut.byValue === true ? 'count(*)' : 'sum(CASE WHEN f.is_reversal THEN -1 ELSE 1 END)'} AS events
       FROM usage_fact f
       JOIN request q ON q.measure_no = f.measure_no AND f.at_ms >= q.start_ms AND f.at_ms < q.end_ms AND f.batch_id > q.after_batch
       ${joins}
       ${aggregation === 'unique_count' ? 'LEFT JOIN usage_set_value u ON u.set_no = f.set_no AND u.key = q.unique_by' : ''}
       WHERE ${[asOfCondition(sql, asOf), standsCondition(aggregation, sql, asOf), ...conditions].join(' AND ')}
       GROUP BY q.index, f.tenant_no, ${names.join(', ')}
     )
     SELECT p.index::INTEGER, t.tenant, p.quantity::HUGEINT, p.events::BIGINT, ${names.map((name) => `p.${name}`).join(', ')}
     FROM per_tenant p JOIN tenant t ON t.tenant_no = p.tenant_no
     ORDER BY p.index, t.tenant, ${names.map((name) => `p.${name}`).join(', ')}`,
    sql.values,
  )
  const metrics = new Map(asked.map(({ index, metric }) => [index, metric]))
  return rows.map(([index, tenant, quantity, events, startMs, ...rest]: NumberedRow): CutRow => {
    const { quantityScale = 0, eventScale = 0 } = metrics.get(Number(index)) ?? {}
    const row = {
      index: Number(index),
      tenant: String(tenant),
      startMs: Number(startMs),
      keys: rest.slice(0, keys.length) as (string | null)[],
      quantity: quantityToText(quantity as bigint, quantityScale),
      events: Number(events),
    }
    return cut.byValue === true ? { ...row, value: quantityToText(rest.at(-1) as bigint, eventScale) } : row
  })
}

/** Events one by one; one that was reversed within its need is not among them, nor is its reversal. */
const single = async (
  connection: DuckDBConnection,
  asked: readonly Asked[],
  cut: UsageCut,
  rules: Aggregation,
  asOf: AsOf,
): Promise<readonly CutRow[]> => {
  const sql = bindings()
  const requests = requestTable(asked, sql)
  const { keys, conditions, joins } = scopeOf(cut, sql)
  const rows = await readRows<DuckDBValue[]>(
    connection,
    `WITH ${requests}
     SELECT q.index::INTEGER, t.tenant, f.at_ms, (f.quantity * q.factor)::HUGEINT, f.seq, f.is_reversal, f.corrects
       ${keys.map((key) => `, ${key}`).join('')}
     FROM usage_fact f
     JOIN request q ON q.measure_no = f.measure_no AND f.at_ms >= q.start_ms AND f.at_ms < q.end_ms AND f.batch_id > q.after_batch
     JOIN tenant t ON t.tenant_no = f.tenant_no
     ${joins}
     WHERE ${[asOfCondition(sql, asOf), standsCondition(rules, sql, asOf), ...conditions].join(' AND ')}
     ORDER BY q.index, t.tenant, f.at_ms, f.seq`,
    sql.values,
  )
  const scales = new Map(asked.map(({ index, metric }) => [index, metric.eventScale]))
  const place = (index: DuckDBValue | undefined, seq: DuckDBValue | undefined) => `${index} ${seq}`
  const found = new Set(rows.map(([index, , , , seq]) => place(index, seq)))
  const reversed = new Set(
    rows.flatMap(([index, , , , , isReversal, corrects]) =>
      isReversal === true && found.has(place(index, corrects)) ? [place(index, corrects)] : [],
    ),
  )
  return rows.flatMap((row: NumberedRow): CutRow[] => {
    const [index, tenant, atMs, quantity, seq, isReversal, corrects, ...rest] = row
    const isPaired =
      reversed.has(place(index, seq)) || (isReversal === true && reversed.has(place(index, corrects)))
    if (isPaired) return []
    const text = quantityToText(quantity as bigint, scales.get(Number(index)) ?? 0)
    return [
      {
        index: Number(index),
        tenant: String(tenant),
        startMs: Number(atMs),
        keys: rest as (string | null)[],
        quantity: text,
        events: 1,
        value: text,
      },
    ]
  })
}

/** The last level, or the sum of changes, before each need's period. */
const openingsOf = async (
  connection: DuckDBConnection,
  asked: readonly Asked[],
  cut: UsageCut,
  rules: Aggregation,
  asOf: AsOf,
): Promise<UsageCuts['openings']> => {
  const sql = bindings()
  const requests = requestTable(asked, sql)
  const { conditions, joins } = scopeOf(cut, sql)
  const rows = await readRows<[index: number, tenant: string, opening: bigint]>(
    connection,
    `WITH ${requests}, per_tenant AS (
       SELECT q.index, f.tenant_no, ${aggregateOf(rules, 'f.quantity * q.factor', null)} AS opening
       FROM usage_fact f JOIN request q ON q.measure_no = f.measure_no AND f.at_ms < q.start_ms
       ${joins}
       WHERE ${[asOfCondition(sql, asOf), standsCondition(rules, sql, asOf), ...conditions].join(' AND ')}
       GROUP BY q.index, f.tenant_no
     )
     SELECT p.index::INTEGER, t.tenant, p.opening::HUGEINT
     FROM per_tenant p JOIN tenant t ON t.tenant_no = p.tenant_no ORDER BY p.index, t.tenant`,
    sql.values,
  )
  const scales = new Map(asked.map(({ index, metric }) => [index, metric.eventScale]))
  return rows.map(([index, tenant, opening]) => ({
    index,
    tenant,
    opening: quantityToText(opening, scales.get(index) ?? 0),
  }))
}

/**
 * Usage of every tenant for many needs at once. A tenant without events in a period has no row; one that had a level
 * before it has an opening. Reversals are netted as in {@link usageQuantities}.
 */
export const usageCuts = async (
  connection: DuckDBConnection,
  { needs, ...asOf }: AsOf & { readonly needs: readonly AskedCut[] },
): Promise<UsageCuts> => {
  const metrics = await countedMetrics(connection, [...new Set(needs.map(({ metric }) => metric))])
  const whole = needs.flatMap((need, index) => (isAskedWhole(need) ? [{ need, index }] : []))
  const quantities = await usageQuantities(connection, { requests: whole.map(({ need }) => need), ...asOf })
  const rows: CutRow[] = quantities.flatMap(({ index, tenant, quantity }) => {
    const asked = whole[index]
    return asked === undefined
      ? []
      : [{ index: asked.index, tenant, startMs: asked.need.startMs, keys: [], quantity, events: 1 }]
  })
  const kinds = new Map<string, { asked: Asked[]; cut: UsageCut; aggregation: Aggregation }>()
  for (const [index, need] of needs.entries()) {
    const metric = metrics.get(need.metric)
    if (isAskedWhole(need) || metric === undefined || metric.measures.length === 0) continue
    const key = JSON.stringify([metric.aggregation, need.cut])
    const kind = kinds.get(key) ?? { asked: [], cut: need.cut, aggregation: metric.aggregation }
    kind.asked.push({ index, need, metric })
    kinds.set(key, kind)
  }
  const openings: UsageCuts['openings'][number][] = []
  for (const { asked, cut, aggregation } of kinds.values()) {
    const rules = rulesOf(cut, aggregation)
    const isSingle = cut.events === true
    rows.push(
      ...(await (isSingle
        ? single(connection, asked, cut, rules, asOf)
        : aggregated(connection, asked, cut, rules, asOf))),
    )
    if (cut.opening !== undefined) openings.push(...(await openingsOf(connection, asked, cut, rules, asOf)))
  }
  return { rows, openings }
}
