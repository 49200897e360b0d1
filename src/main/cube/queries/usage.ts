/** Usage by tenant, customer, dimension and time. Quantities are decimal text in the metric's unit. */
import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api'
import type { DecimalText } from '../../../domain/decimal.ts'
import { AGGREGATIONS, isAdditive } from '../../../domain/metric.ts'
import type { Grain } from '../../../domain/period.ts'
import { quantityToText } from '../../../domain/quantity.ts'
import { bindings, readRows } from '../database.ts'
import { dayText, monthNumber, monthText } from '../local-time.ts'
import { aggregateOf, countedMetrics, standsCondition, type UsageSelection, visitUsage } from './aggregate.ts'
import { type AsOf, asOfCondition, type UsageField } from './fields.ts'

export interface UsageSliceParams extends UsageSelection {
  readonly grain: Grain | 'total'
  /** At most two. */
  readonly groupBy: readonly UsageField[]
}

export interface UsageSliceRow {
  readonly keys: readonly (string | null)[]
  /** `2026-10`, `2026-10-31`, the instant an hour began (`2026-10-25T00:00:00Z`), or `total`. */
  readonly bucket: string
  readonly quantity: DecimalText
}

const BUCKETS = {
  hour: {
    column: 'f.hour_ms',
    text: (value: DuckDBValue) => new Date(Number(value)).toISOString().replace('.000Z', 'Z'),
  },
  day: { column: 'f.day', text: (value: DuckDBValue) => dayText(Number(value)) },
  month: { column: 'f.month', text: (value: DuckDBValue) => monthText(Number(value)) },
  total: { column: "'total'", text: String },
} as const

/**
 * Quantities by bucket and group. A bucket's figure is its own: for a metric that is not a sum, ask for the
 * grain `total` rather than adding buckets.
 */
export const usageSlice = async (
  connection: DuckDBConnection,
  params: UsageSliceParams,
): Promise<{ readonly rows: readonly UsageSliceRow[] }> => {
  const metric = (await countedMetrics(connection, [params.metric])).get(params.metric)
  if (metric === undefined) return { rows: [] }
  const bucket = BUCKETS[params.grain]
  const rows: UsageSliceRow[] = []
  await visitUsage(
    connection,
    metric,
    params,
    (scope) => [bucket.column, ...params.groupBy.map((field) => scope.columnOf(field).expression)],
    (keyAt, quantity) =>
      rows.push({
        keys: params.groupBy.map((_, index) => keyAt(index + 1) as string | null),
        bucket: bucket.text(keyAt(0)),
        quantity: quantityToText(quantity, metric.quantityScale),
      }),
  )
  return { rows }
}

/** A slice as columns: some ten thousand cells cross to another thread in a few arrays instead of an object each. */
export interface UsageTable {
  /** Of each row, in order. */
  readonly keys: readonly (readonly (string | null)[])[]
  /** Those that any row has, in no order. */
  readonly buckets: readonly string[]
  /** Of each cell: its row, its bucket and its quantity. */
  readonly rowOf: Int32Array
  readonly bucketOf: Int32Array
  readonly quantities: readonly DecimalText[]
}

/** The same figures as {@link usageSlice}. */
export const usageTable = async (
  connection: DuckDBConnection,
  params: UsageSliceParams,
): Promise<UsageTable> => {
  const metric = (await countedMetrics(connection, [params.metric])).get(params.metric)
  const bucket = BUCKETS[params.grain]
  const keyCount = params.groupBy.length
  const keys: (string | null)[][] = []
  const buckets = new Map<DuckDBValue, number>()
  const rowOf: number[] = []
  const bucketOf: number[] = []
  const quantities: DecimalText[] = []
  if (metric !== undefined)
    await visitUsage(
      connection,
      metric,
      params,
      (scope) => [...params.groupBy.map((field) => scope.columnOf(field).expression), bucket.column],
      (keyAt, quantity) => {
        const last = keys.at(-1)
        // In order of the keys: the cells of a row follow one another.
        if (last === undefined || last.some((key, index) => key !== keyAt(index)))
          keys.push(Array.from({ length: keyCount }, (_, index) => keyAt(index) as string | null))
        const time = keyAt(keyCount)
        let number = buckets.get(time)
        if (number === undefined) {
          number = buckets.size
          buckets.set(time, number)
        }
        rowOf.push(keys.length - 1)
        bucketOf.push(number)
        quantities.push(quantityToText(quantity, metric.quantityScale))
      },
    )
  return {
    keys,
    buckets: [...buckets.keys()].map(bucket.text),
    rowOf: Int32Array.from(rowOf),
    bucketOf: Int32Array.from(bucketOf),
    quantities,
  }
}

export interface QuantityRequest {
  readonly metric: string
  readonly startMs: number
  readonly endMs: number
}

export interface TenantQuantity {
  /** Of the request in the list asked. */
  readonly index: number
  readonly customerId: string | null
  readonly tenant: string
  readonly quantity: DecimalText
}

/**
 * The quantity of every tenant for many metrics and periods at once, as rating needs them: one statement for
 * each aggregation in use. A tenant without events in a period has no row.
 */
export const usageQuantities = async (
  connection: DuckDBConnection,
  { requests, ...asOf }: AsOf & { readonly requests: readonly QuantityRequest[] },
): Promise<readonly TenantQuantity[]> => {
  const metrics = await countedMetrics(connection, [...new Set(requests.map(({ metric }) => metric))])
  const found: TenantQuantity[] = []
  for (const aggregation of AGGREGATIONS) {
    const sql = bindings()
    const values = requests.flatMap((request, index) => {
      const metric = metrics.get(request.metric)
      if (metric?.aggregation !== aggregation) return []
      return metric.measures.map(({ measureNo, factor }) => {
        const [startMs, endMs] = [sql.bind(request.startMs), sql.bind(request.endMs)]
        return `(${index}, ${measureNo}, ${factor}::HUGEINT, ${startMs}::BIGINT, ${endMs}::BIGINT, ${
          metric.uniqueBy === undefined ? 'NULL' : sql.bind(metric.uniqueBy)
        })`
      })
    })
    if (values.length === 0) continue
    const rows = await readRows<[index: number, customerId: string | null, tenant: string, quantity: bigint]>(
      connection,
      `WITH request(index, measure_no, factor, start_ms, end_ms, unique_by) AS (VALUES ${values.join(', ')}),
       per_tenant AS (
         SELECT q.index, f.tenant_no,
           ${aggregateOf(aggregation, 'f.quantity * q.factor', 'u.value')} AS quantity
         FROM usage_fact f
         JOIN request q ON q.measure_no = f.measure_no AND f.at_ms >= q.start_ms AND f.at_ms < q.end_ms
         ${aggregation === 'unique_count' ? 'LEFT JOIN usage_set_value u ON u.set_no = f.set_no AND u.key = q.unique_by' : ''}
         WHERE ${asOfCondition(sql, asOf)} AND ${standsCondition(aggregation, sql, asOf)}
         GROUP BY q.index, f.tenant_no
       )
       SELECT p.index::INTEGER, c.customer_id, t.tenant, p.quantity::HUGEINT
       FROM per_tenant p JOIN tenant t ON t.tenant_no = p.tenant_no
       LEFT JOIN customer_tenant c ON c.tenant = t.tenant
       ORDER BY p.index, t.tenant`,
      sql.values,
    )
    for (const [index, customerId, tenant, quantity] of rows) {
      const scale = metrics.get(requests[index]?.metric ?? '')?.quantityScale ?? 0
      found.push({ index, customerId, tenant, quantity: quantityToText(quantity, scale) })
    }
  }
  return found.sort((a, b) => a.index - b.index)
}

/** Units that came with a batch for a day, by when they count. */
export interface UsageArrival {
  readonly month: string
  readonly day: string
  readonly tenant: string
  readonly metric: string
  readonly batchId: number
  readonly quantity: DecimalText
}

/** What came for each month after the batch named with it, of metrics that are sums. A month is named once. */
export const usageAfter = async (
  connection: DuckDBConnection,
  params: AsOf & { readonly months: readonly { readonly month: string; readonly afterBatch: number }[] },
): Promise<readonly UsageArrival[]> => {
  const sums = [...(await countedMetrics(connection)).values()].filter(isAdditive)
  const measures = new Map(
    sums.flatMap(({ metric, quantityScale, measures: own }) =>
      own.map((each) => [each.measureNo, { metric, quantityScale, factor: each.factor }] as const),
    ),
  )
  if (params.months.length === 0 || measures.size === 0) return []
  const sql = bindings()
  const asked = params.months.map(
    ({ month, afterBatch }) => `(${sql.bind(monthNumber(month))}::INTEGER, ${sql.bind(afterBatch)}::INTEGER)`,
  )
  const first = Math.min(...params.months.map(({ afterBatch }) => afterBatch))
  const rows = await readRows<[number, number, string, number, number, bigint]>(
    connection,
    `WITH asked(month, after_batch) AS (VALUES ${asked.join(', ')}),
     arrived AS (
       SELECT f.month, f.day, f.tenant_no, f.measure_no, f.batch_id, sum(f.quantity) AS quantity
       FROM usage_fact f JOIN asked q ON q.month = f.month AND f.batch_id > q.after_batch
       WHERE f.batch_id > ${sql.bind(first)} AND f.measure_no IN (${[...measures.keys()].join(', ')})
         AND ${asOfCondition(sql, params)}
       GROUP BY f.month, f.day, f.tenant_no, f.measure_no, f.batch_id
     )
     SELECT a.month, a.day, t.tenant, a.measure_no, a.batch_id, a.quantity::HUGEINT
     FROM arrived a JOIN tenant t ON t.tenant_no = a.tenant_no
     ORDER BY a.month, t.tenant, a.measure_no, a.batch_id, a.day`,
    sql.values,
  )
  return rows.flatMap(([month, day, tenant, measureNo, batchId, quantity]) => {
    const measure = measures.get(measureNo)
    if (measure === undefined) return []
    const { metric, quantityScale, factor } = measure
    return [
      {
        month: monthText(month),
        day: dayText(day),
        tenant,
        metric,
        batchId,
        quantity: quantityToText(quantity * factor, quantityScale),
      },
    ]
  })
}

export interface UsageDimension {
  readonly key: string
  /** Distinct values. */
  readonly distinct: number
  /** The values most entries have, most first. */
  readonly topValues: readonly string[]
}

const TOP_VALUES = 20

/** Dimensions of a metric's events. */
export const usageDimensions = async (
  connection: DuckDBConnection,
  params: AsOf & { readonly metric: string },
): Promise<readonly UsageDimension[]> => {
  const sql = bindings()
  const rows = await readRows<[key: string, value: string, distinct: bigint]>(
    connection,
    `WITH used AS (
       SELECT f.set_no, count(*) AS entries FROM usage_fact f JOIN measure m ON m.measure_no = f.measure_no
       WHERE m.metric = ${sql.bind(params.metric)} AND f.set_no IS NOT NULL AND ${asOfCondition(sql, params)}
       GROUP BY f.set_no
     ), valued AS (
       SELECT d.key, d.value, sum(u.entries) AS entries FROM used u JOIN usage_set_value d ON d.set_no = u.set_no
       GROUP BY d.key, d.value
     )
     SELECT key, value, count(*) OVER (PARTITION BY key) FROM valued
     QUALIFY row_number() OVER (PARTITION BY key ORDER BY entries DESC, value) <= ${TOP_VALUES}
     ORDER BY key, entries DESC, value`,
    sql.values,
  )
  const dimensions = new Map<string, { distinct: number; topValues: string[] }>()
  for (const [key, value, distinct] of rows) {
    const dimension = dimensions.get(key) ?? { distinct: Number(distinct), topValues: [] }
    dimension.topValues.push(value)
    dimensions.set(key, dimension)
  }
  return [...dimensions].map(([key, dimension]) => ({ key, ...dimension }))
}

export interface MetricSeen {
  readonly metric: string
  /** Service time of the first and last entry. */
  readonly firstMs: number
  readonly lastMs: number
  /** Ledger entries, reversals included. */
  readonly events: number
  readonly tenants: number
}

/** Every metric that has events. */
export const metricsSeen = async (
  connection: DuckDBConnection,
  params: AsOf,
): Promise<readonly MetricSeen[]> => {
  const sql = bindings()
  const rows = await readRows<[string, bigint, bigint, bigint, bigint]>(
    connection,
    `SELECT m.metric, min(f.start_ms), max(f.start_ms), count(*), count(DISTINCT f.tenant_no)
     FROM usage_fact f JOIN measure m ON m.measure_no = f.measure_no
     WHERE ${asOfCondition(sql, params)} GROUP BY m.metric ORDER BY m.metric`,
    sql.values,
  )
  return rows.map(([metric, firstMs, lastMs, events, tenants]) => ({
    metric,
    firstMs: Number(firstMs),
    lastMs: Number(lastMs),
    events: Number(events),
    tenants: Number(tenants),
  }))
}
