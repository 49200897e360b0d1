/** What came from which source, for which service time, in which batch. */
import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api'
import type { DecimalText } from '../../../domain/decimal.ts'
import type { Period } from '../../../domain/period.ts'
import { bindings, readRows } from '../database.ts'
import { dayNumber, dayText, monthNumber } from '../local-time.ts'
import { costText } from './cost.ts'
import { type AsOf, asOfCondition } from './fields.ts'

const POSTED = 'sum(CASE WHEN f.is_reversal THEN -1 ELSE 1 END)::BIGINT'

export interface SourceSeen {
  readonly sourceNo: number
  /** Entries posted, less those reversed. */
  readonly records: number
  /** The latest start of service. */
  readonly lastServiceMs: number
  readonly lastBatchId: number
}

/** What each source has delivered, in order of its number. */
export const sourcesSeen = async (
  connection: DuckDBConnection,
  params: AsOf = {},
): Promise<readonly SourceSeen[]> => {
  const sql = bindings()
  const ofTable = (table: string) =>
    `SELECT f.source_no, ${POSTED} AS records, max(f.start_ms) AS last_ms, max(f.batch_id) AS last_batch
     FROM ${table} f WHERE ${asOfCondition(sql, params)} GROUP BY f.source_no`
  const rows = await readRows<[number, bigint, bigint, number]>(
    connection,
    `SELECT source_no, sum(records)::BIGINT, max(last_ms), max(last_batch)
     FROM (${ofTable('usage_fact')} UNION ALL ${ofTable('cost_fact')}) GROUP BY source_no ORDER BY source_no`,
    sql.values,
  )
  return rows.map(([sourceNo, records, lastMs, lastBatchId]) => ({
    sourceNo,
    records: Number(records),
    lastServiceMs: Number(lastMs),
    lastBatchId,
  }))
}

/** What came from a source for one service day. */
export interface DayArrived {
  readonly sourceNo: number
  /** `YYYY-MM-DD` in the book's time zone. */
  readonly day: string
  /** Entries posted, less those reversed since. */
  readonly records: number
  readonly lastBatchId: number
}

/** Days from the first to the last, both included, that any service began in, by source. */
export const daysArrived = async (
  connection: DuckDBConnection,
  params: AsOf & { readonly firstDay: string; readonly lastDay: string },
): Promise<readonly DayArrived[]> => {
  const sql = bindings()
  const [first, last] = [dayNumber(params.firstDay), dayNumber(params.lastDay)]
  const ofTable = (table: string) =>
    `SELECT f.source_no, f.start_day, ${POSTED} AS records, max(f.batch_id) AS last_batch
     FROM ${table} f WHERE f.start_day BETWEEN ${sql.bind(first)} AND ${sql.bind(last)}
       AND ${asOfCondition(sql, params)} GROUP BY f.source_no, f.start_day`
  const rows = await readRows<[number, number, bigint, number]>(
    connection,
    `SELECT source_no, start_day, sum(records)::BIGINT, max(last_batch)
     FROM (${ofTable('usage_fact')} UNION ALL ${ofTable('cost_fact')})
     GROUP BY source_no, start_day ORDER BY source_no, start_day`,
    sql.values,
  )
  return rows.map(([sourceNo, day, records, lastBatchId]) => ({
    sourceNo,
    day: dayText(day),
    records: Number(records),
    lastBatchId,
  }))
}

export interface LateEntries {
  readonly usageEvents: number
  readonly costEntries: number
  /** Billed cost of those cost entries that are in the currency asked for; others are counted, never added. */
  readonly billed: DecimalText
  /** The latest instant that any of them counts from; null where there are none. */
  readonly postedMs: number | null
  /** Batches after the one asked about that brought usage counting in the period. */
  readonly usageBatchesAfter: number
}

/**
 * What came late for a month. Entries that were posted into a later month because theirs was closed: usage by its
 * service time in the period, cost by the month of its bill. And batches after the month was computed.
 */
export const lateEntries = async (
  connection: DuckDBConnection,
  params: AsOf & {
    readonly month: string
    readonly period: Period
    readonly currency: string
    readonly computedAtBatch: number
  },
): Promise<LateEntries> => {
  const [startMs, endMs] = [BigInt(params.period.startMs), BigInt(params.period.endMs)]
  const ofUsage = bindings()
  const [usage] = await readRows<[bigint, bigint | null]>(
    connection,
    `SELECT count(*), max(f.at_ms) FROM usage_fact f WHERE f.late
       AND f.start_ms >= ${ofUsage.bind(startMs)} AND f.start_ms < ${ofUsage.bind(endMs)} AND ${asOfCondition(ofUsage, params)}`,
    ofUsage.values,
  )
  const ofCost = bindings()
  const [cost] = await readRows<[bigint, bigint | null, DuckDBValue]>(
    connection,
    `SELECT count(*), max(f.at_ms), sum(f.billed) FILTER (f.currency = ${ofCost.bind(params.currency)})
     FROM cost_fact f
     WHERE f.late AND f.bill_month = ${ofCost.bind(monthNumber(params.month))} AND ${asOfCondition(ofCost, params)}`,
    ofCost.values,
  )
  const ofBatches = bindings()
  const [after] = await readRows<[bigint]>(
    connection,
    `SELECT count(DISTINCT f.batch_id) FROM usage_fact f
     WHERE f.at_ms >= ${ofBatches.bind(startMs)} AND f.at_ms < ${ofBatches.bind(endMs)}
       AND f.batch_id > ${ofBatches.bind(params.computedAtBatch)} AND ${asOfCondition(ofBatches, params)}`,
    ofBatches.values,
  )
  const posted = [usage?.[1] ?? null, cost?.[1] ?? null].filter((ms) => ms !== null).map(Number)
  return {
    usageEvents: Number(usage?.[0] ?? 0n),
    costEntries: Number(cost?.[0] ?? 0n),
    billed: costText(cost?.[2] ?? null),
    postedMs: posted.length === 0 ? null : Math.max(...posted),
    usageBatchesAfter: Number(after?.[0] ?? 0n),
  }
}
