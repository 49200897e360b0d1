/** Where the figures of a question are taken from: from the facts, or by month from roll-ups and the facts after them. */
import type { DuckDBConnection } from '@duckdb/node-api'
import type { Aggregation } from '../../../domain/metric.ts'
import { type Month, monthPeriod, type Period } from '../../../domain/period.ts'
import { readRows } from '../database.ts'
import { localTimeIn, monthText } from '../local-time.ts'
import { measuresOf, ROLLED_QUANTITY, type RollUpTable, standingChanges } from '../roll-up.ts'
import type { AsOf } from './fields.ts'

/** The first and the last of the local months that a span of instants is made of; null where it cuts one. */
const wholeMonths = (startMs: number, endMs: number, timeZone: string): readonly [number, number] | null => {
  const localTime = localTimeIn(timeZone)
  const beginsMonth = (ms: number) =>
    monthPeriod(monthText(localTime(ms).month) as Month, timeZone).startMs === ms
  return endMs > startMs && beginsMonth(startMs) && beginsMonth(endMs)
    ? [localTime(startMs).month, localTime(endMs - 1).month]
    : null
}

export interface Asked {
  readonly metric: {
    readonly aggregation: Aggregation
    readonly measures: readonly { readonly measureNo: number }[]
  }
  readonly selection: Period & AsOf
  /** Columns of a fact that are grouped by as they are. */
  readonly columns: readonly string[]
  /** Which numbers of a fact the fields that are grouped and filtered by are reached by. */
  readonly needs: { readonly tenant: boolean; readonly set: boolean }
}

export interface RolledRows {
  /** SQL of the columns asked for, `quantity` of a sum, and `events`. */
  readonly sql: string
  /** False where a row takes away what another one counts. */
  readonly allStand: boolean
}

/**
 * The rows of a roll-up and the facts after it that a question is about, its filters aside. Null where only the facts can tell: of days, of a part of a month, as of a batch,
 * and sums of tenants by a dimension.
 */
export const rolledRows = async (
  connection: DuckDBConnection,
  { metric: { aggregation, measures }, selection, columns, needs }: Asked,
): Promise<RolledRows | null> => {
  if (selection.asOfBatch !== undefined || columns.some((column) => column !== 'month')) return null
  if (aggregation !== 'unique_count' && (aggregation !== 'sum' || (needs.tenant && needs.set))) return null
  const [state] = await readRows<[string, bigint]>(connection, 'SELECT time_zone, rolled_seq FROM cube_state')
  if (state === undefined || state[1] === 0n) return null
  const months = wholeMonths(selection.startMs, selection.endMs, state[0])
  if (months === null) return null
  const asked = `f.measure_no IN (${measures.map(({ measureNo }) => measureNo).join(', ')}) AND f.month BETWEEN ${months.join(' AND ')}`
  const entries = `f.seq > ${state[1]}`
  if (aggregation === 'unique_count') {
    const rolled = `FROM usage_standing f WHERE ${asked}`
    const after = await standingChanges(connection, entries, asked)
    const [taken] = await readRows(connection, `SELECT 1 ${rolled} AND f.events < 0 LIMIT 1`)
    return {
      sql: `SELECT f.measure_no, f.month, f.tenant_no, f.set_no, f.events ${rolled} UNION ALL ${after.sql}`,
      allStand: taken === undefined && !after.takesAway,
    }
  }
  const key = needs.set ? 'set_no' : 'tenant_no'
  return {
    sql: `SELECT f.measure_no, f.month, f.${key}, ${ROLLED_QUANTITY} AS quantity, f.events
      FROM ${needs.set ? 'usage_by_set' : 'usage_by_tenant'} f WHERE ${asked}
      UNION ALL
      SELECT f.measure_no, f.month, f.${key}, f.quantity, 1 FROM usage_fact f WHERE ${asked} AND ${entries}`,
    allStand: true,
  }
}

export interface RollUpDifference {
  readonly table: RollUpTable
  readonly metric: string
  readonly month: string
}

/**
 * The months whose roll-ups are not what the facts in them add up to, of all time. Compared are quantities, events, and
 * the events of each tenant and set by the sum of their numbers. The facts are added up as a question adds them up.
 */
export const rollUpsDiffering = async (
  connection: DuckDBConnection,
): Promise<readonly RollUpDifference[]> => {
  const [state] = await readRows<[bigint]>(connection, 'SELECT rolled_seq FROM cube_state')
  const asOf = `f.seq <= ${state?.[0] ?? 0n}`
  const kept = `NOT f.late AND NOT f.is_reversal AND f.seq NOT IN (
    SELECT f.corrects FROM usage_fact f WHERE f.corrects > 0 AND f.is_reversal AND NOT f.late AND ${asOf})`
  const place = 'coalesce(f.tenant_no, 0) + 3 * coalesce(f.set_no, 0)'
  const rolled = (table: RollUpTable, quantity: string, placeOfRow: string) =>
    `SELECT '${table}', f.measure_no, f.month, sum(f.events), sum(${quantity}), sum(f.events * (${placeOfRow}))
     FROM ${table} f GROUP BY ALL`
  // All facts of a book are read here: one pass tells what both roll-ups of sums are compared with, and which measures
  // are sums is asked of its groups, because asked of each fact it doubles the time.
  const found = await readRows<[RollUpTable, string, number]>(
    connection,
    `WITH sums AS MATERIALIZED (
       SELECT f.measure_no, f.month, count(*) AS events, sum(f.quantity) AS quantity, sum(f.tenant_no) AS tenants,
         coalesce(sum(f.set_no), 0) AS sets
       FROM usage_fact f WHERE ${asOf} GROUP BY ALL HAVING f.measure_no IN (${measuresOf('sum')})
     ), both_sides(rolled, measure_no, month, events, quantity, place) AS (
       ${rolled('usage_by_tenant', ROLLED_QUANTITY, 'f.tenant_no')}
       UNION ALL SELECT 'usage_by_tenant', measure_no, month, -events, -quantity, -tenants FROM sums
       UNION ALL ${rolled('usage_by_set', ROLLED_QUANTITY, 'coalesce(f.set_no, 0)')}
       UNION ALL SELECT 'usage_by_set', measure_no, month, -events, -quantity, -sets FROM sums
       UNION ALL ${rolled('usage_standing', '0', place)}
       UNION ALL
       SELECT 'usage_standing', f.measure_no, f.month, -count(*), 0, -sum(${place}) FROM usage_fact f
       WHERE ${asOf} AND ${kept} AND f.measure_no IN (${measuresOf('unique_count')}) GROUP BY ALL
     )
     SELECT b.rolled, m.metric, b.month FROM both_sides b JOIN measure m ON m.measure_no = b.measure_no
     GROUP BY b.rolled, m.metric, b.measure_no, b.month
     HAVING sum(b.events) <> 0 OR sum(b.quantity) <> 0 OR sum(b.place) <> 0 ORDER BY ALL`,
  )
  return found.map(([table, metric, month]) => ({ table, metric, month: monthText(month) }))
}
