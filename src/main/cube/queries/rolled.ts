/** Where the figures of a question are taken from: from the facts, or by month from roll-ups and the facts after them. */
import type { DuckDBConnection } from '@duckdb/node-api'
import { type Month, monthPeriod } from '../../../domain/period.ts'
import { readRows } from '../database.ts'
import { localTimeIn, monthText } from '../local-time.ts'
import { standingChanges } from '../roll-up.ts'
import type { CountedMetric, UsageSelection } from './aggregate.ts'

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
  readonly metric: CountedMetric
  readonly selection: UsageSelection
  /** Columns of a fact that are grouped by as they are. */
  readonly columns: readonly string[]
  /** Which numbers of a fact the fields that are grouped and filtered by are reached by. */
  readonly needs: { readonly tenant: boolean; readonly set: boolean }
}

/**
 * SQL of the rows of a roll-up and the facts after it that a question is about, its filters aside: the columns asked for,
 * `quantity` of a sum, and `events`. Null where only the facts can tell: of days, of a part of a month, as of a batch,
 * and sums of tenants by a dimension.
 */
export const rolledRows = async (
  connection: DuckDBConnection,
  { metric: { aggregation, measures }, selection, columns, needs }: Asked,
): Promise<string | null> => {
  if (selection.asOfBatch !== undefined || columns.some((column) => column !== 'month')) return null
  if (aggregation !== 'unique_count' && (aggregation !== 'sum' || (needs.tenant && needs.set))) return null
  const [state] = await readRows<[string, bigint]>(connection, 'SELECT time_zone, rolled_seq FROM cube_state')
  if (state === undefined || state[1] === 0n) return null
  const months = wholeMonths(selection.startMs, selection.endMs, state[0])
  if (months === null) return null
  const asked = `f.measure_no IN (${measures.map(({ measureNo }) => measureNo).join(', ')}) AND f.month BETWEEN ${months.join(' AND ')}`
  const entries = `f.seq > ${state[1]}`
  if (aggregation === 'unique_count')
    return `SELECT f.measure_no, f.month, f.tenant_no, f.set_no, f.events FROM usage_standing f WHERE ${asked}
      UNION ALL ${await standingChanges(connection, entries, asked)}`
  const key = needs.set ? 'set_no' : 'tenant_no'
  return `SELECT f.measure_no, f.month, f.${key}, f.quantity, f.events
    FROM ${needs.set ? 'usage_by_set' : 'usage_by_tenant'} f WHERE ${asked}
    UNION ALL
    SELECT f.measure_no, f.month, f.${key}, f.quantity, 1 FROM usage_fact f WHERE ${asked} AND ${entries}`
}
