/** Where a quantity comes from: its days, batches, tenants, and the entries themselves. */
import type { DuckDBConnection } from '@duckdb/node-api'
import { type DecimalText, ZERO } from '../../../domain/decimal.ts'
import { quantityToText } from '../../../domain/quantity.ts'
import { bindings, readRows } from '../database.ts'
import { dayText } from '../local-time.ts'
import {
  aggregateUsage,
  countedMetrics,
  selectionCondition,
  standsCondition,
  type UsageGroup,
  type UsageSelection,
} from './aggregate.ts'
import { type FieldFilter, type UsageField, usageScope } from './fields.ts'

export interface ExplainParams extends UsageSelection {
  /** null: tenants that no customer has. */
  readonly customerId?: string | null | undefined
  readonly tenants?: readonly string[] | undefined
}

interface Part {
  readonly quantity: DecimalText
  /** Entries that the quantity is made of. */
  readonly events: number
}

export interface UsageExplanation {
  readonly total: DecimalText
  readonly events: number
  /** For a metric that is not a sum, each part is the figure of its entries alone and the parts do not add up. */
  readonly days: readonly (Part & { readonly day: string })[]
  readonly batches: readonly (Part & { readonly batchId: number })[]
  /** Always adds up to the total. */
  readonly tenants: readonly (Part & { readonly tenant: string })[]
}

const withSubject = (params: ExplainParams): UsageSelection => {
  const filters: FieldFilter<UsageField>[] = [...(params.filters ?? [])]
  if (params.customerId !== undefined) filters.push({ field: 'customer', values: [params.customerId] })
  if (params.tenants !== undefined) filters.push({ field: 'tenant', values: params.tenants })
  return { ...params, filters }
}

/** A quantity taken apart. */
export const explainUsage = async (
  connection: DuckDBConnection,
  params: ExplainParams,
): Promise<UsageExplanation> => {
  const metric = (await countedMetrics(connection, [params.metric])).get(params.metric)
  if (metric === undefined) return { total: ZERO, events: 0, days: [], batches: [], tenants: [] }
  const selection = withSubject(params)
  const part = ({ quantity, events }: UsageGroup): Part => ({
    quantity: quantityToText(quantity, metric.quantityScale),
    events,
  })
  const [total] = await aggregateUsage(connection, metric, selection, () => [])
  const days = await aggregateUsage(connection, metric, selection, () => ['f.day'])
  const batches = await aggregateUsage(connection, metric, selection, () => ['f.batch_id'])
  const tenants = await aggregateUsage(connection, metric, selection, (scope) => [
    scope.columnOf('tenant').expression,
  ])
  return {
    total: total === undefined ? ZERO : part(total).quantity,
    events: total?.events ?? 0,
    days: days.map((group) => ({ day: dayText(Number(group.keys[0])), ...part(group) })),
    batches: batches.map((group) => ({ batchId: Number(group.keys[0]), ...part(group) })),
    tenants: tenants.map((group) => ({ tenant: String(group.keys[0]), ...part(group) })),
  }
}

export interface UsageRecordsParams extends ExplainParams {
  /** `2026-10-31` */
  readonly day?: string | undefined
  readonly batchId?: number | undefined
  /** The page begins after this entry. */
  readonly afterSeq?: number | undefined
  readonly limit: number
}

export interface UsageRecord {
  readonly seq: number
  readonly batchId: number
  readonly tenant: string
  readonly quantity: DecimalText
  readonly startMs: number
  readonly endMs: number | null
  /** Counted in a later month than its own, because its own was closed. */
  readonly late: boolean
  readonly reversal: boolean
  /** The entry that this one reverses or restates. */
  readonly corrects: number | null
  /** Whether the metric's aggregation looks at it. */
  readonly counted: boolean
}

/** The entries behind a quantity in order of `seq`, with those that its aggregation leaves out. */
export const usageRecords = async (
  connection: DuckDBConnection,
  params: UsageRecordsParams,
): Promise<readonly UsageRecord[]> => {
  const metric = (await countedMetrics(connection, [params.metric])).get(params.metric)
  if (metric === undefined || metric.measures.length === 0) return []
  const sql = bindings()
  const scope = usageScope(sql)
  const tenant = scope.columnOf('tenant').expression
  const counted = standsCondition(metric.aggregation, sql, params)
  const conditions = [
    selectionCondition(metric, withSubject(params), scope, sql),
    `f.seq > ${sql.bind(params.afterSeq ?? 0)}`,
    ...(params.day === undefined ? [] : [`f.day = ${sql.bind(Number(params.day.replaceAll('-', '')))}`]),
    ...(params.batchId === undefined ? [] : [`f.batch_id = ${sql.bind(params.batchId)}`]),
  ]
  const rows = await readRows<
    [bigint, number, string, bigint, number, bigint, bigint | null, boolean, boolean, bigint | null, boolean]
  >(
    connection,
    `SELECT f.seq, f.batch_id, ${tenant}, f.quantity, m.scale, f.start_ms, f.end_ms, f.late, f.is_reversal, f.corrects,
       (${counted}) AS counted
     FROM usage_fact f JOIN measure m ON m.measure_no = f.measure_no
     ${scope.joins()}
     WHERE ${conditions.join(' AND ')}
     ORDER BY f.seq LIMIT ${sql.bind(params.limit)}`,
    sql.values,
  )
  return rows.map(
    ([seq, batchId, name, quantity, scale, startMs, endMs, late, reversal, corrects, stands]) => ({
      seq: Number(seq),
      batchId,
      tenant: name,
      quantity: quantityToText(quantity, scale),
      startMs: Number(startMs),
      endMs: endMs === null ? null : Number(endMs),
      late,
      reversal,
      corrects: corrects === null ? null : Number(corrects),
      counted: stands,
    }),
  )
}
