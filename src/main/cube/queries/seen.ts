/** What the book holds: months, tenants, tag keys, and the control totals that are compared with the ledger's. */
import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api'
import type { DecimalText } from '../../../domain/decimal.ts'
import { bindings, readRows } from '../database.ts'
import { monthText } from '../local-time.ts'
import { costText } from './cost.ts'
import { type AsOf, asOfCondition } from './fields.ts'

export interface MonthSeen {
  /** The posting month. */
  readonly month: string
  readonly usageEvents: number
  readonly costEntries: number
}

/** Every month that has entries, first to last. */
export const monthsSeen = async (
  connection: DuckDBConnection,
  params: AsOf,
): Promise<readonly MonthSeen[]> => {
  const sql = bindings()
  const rows = await readRows<[number, bigint, bigint]>(
    connection,
    `SELECT month, sum(events)::BIGINT, sum(entries)::BIGINT FROM (
       SELECT f.month, count(*) AS events, 0 AS entries FROM usage_fact f WHERE ${asOfCondition(sql, params)} GROUP BY f.month
       UNION ALL
       SELECT f.month, 0, count(*) FROM cost_fact f WHERE ${asOfCondition(sql, params)} GROUP BY f.month
     ) GROUP BY month ORDER BY month`,
    sql.values,
  )
  return rows.map(([month, events, entries]) => ({
    month: monthText(month),
    usageEvents: Number(events),
    costEntries: Number(entries),
  }))
}

export interface TenantSeen {
  readonly tenant: string
  readonly customerId: string | null
  /** Service time of the first and last entry. */
  readonly firstMs: number
  readonly lastMs: number
  readonly events: number
  readonly costEntries: number
}

/** Every tenant that has usage, or cost attributed to it. */
export const tenantsSeen = async (
  connection: DuckDBConnection,
  params: AsOf,
): Promise<readonly TenantSeen[]> => {
  const sql = bindings()
  const rows = await readRows<[string, string | null, bigint, bigint, bigint, bigint]>(
    connection,
    `WITH seen AS (
       SELECT t.tenant, min(f.start_ms) AS first_ms, max(f.start_ms) AS last_ms, count(*) AS events, 0 AS entries
       FROM usage_fact f JOIN tenant t ON t.tenant_no = f.tenant_no WHERE ${asOfCondition(sql, params)} GROUP BY t.tenant
       UNION ALL
       SELECT a.tenant, min(f.start_ms), max(f.start_ms), 0, count(*)
       FROM cost_fact f JOIN attribution a
         ON a.set_no = f.set_no AND f.start_day >= a.start_day AND f.start_day < a.end_day
       WHERE ${asOfCondition(sql, params)} GROUP BY a.tenant
     )
     SELECT s.tenant, c.customer_id, min(first_ms), max(last_ms), sum(events)::BIGINT, sum(entries)::BIGINT
     FROM seen s LEFT JOIN customer_tenant c ON c.tenant = s.tenant
     GROUP BY s.tenant, c.customer_id ORDER BY s.tenant`,
    sql.values,
  )
  return rows.map(([tenant, customerId, firstMs, lastMs, events, entries]) => ({
    tenant,
    customerId,
    firstMs: Number(firstMs),
    lastMs: Number(lastMs),
    events: Number(events),
    costEntries: Number(entries),
  }))
}

export interface TagKeySeen {
  readonly key: string
  readonly distinct: number
  /** Attribute sets that have the tag. */
  readonly sets: number
}

/** Keys of the tags that cost entries carry. */
export const costTagKeys = async (
  connection: DuckDBConnection,
  params: AsOf = {},
): Promise<readonly TagKeySeen[]> => {
  const sql = bindings()
  const used =
    params.asOfBatch === undefined
      ? 'TRUE'
      : `set_no IN (SELECT f.set_no FROM cost_fact f WHERE ${asOfCondition(sql, params)})`
  const rows = await readRows<[string, bigint, bigint]>(
    connection,
    `SELECT key, count(DISTINCT value), count(*) FROM cost_set_tag WHERE ${used} GROUP BY key ORDER BY key`,
    sql.values,
  )
  return rows.map(([key, distinct, sets]) => ({ key, distinct: Number(distinct), sets: Number(sets) }))
}

export interface ControlTotals {
  /** `quantity` is the sum of the integers as the ledger holds them, at the measure's scale. */
  readonly usage: readonly {
    readonly measureNo: number
    readonly events: number
    readonly quantity: bigint
  }[]
  /** `effective` sums what the ledger holds: an entry without one adds nothing. */
  readonly cost: readonly {
    readonly currency: string
    readonly entries: number
    readonly billed: DecimalText
    readonly effective: DecimalText
  }[]
}

/** Sums over every entry, reversals included, for comparison with the ledger's. */
export const controlTotals = async (connection: DuckDBConnection, params: AsOf): Promise<ControlTotals> => {
  const ofUsage = bindings()
  const usage = await readRows<[number, bigint, bigint]>(
    connection,
    `SELECT f.measure_no, count(*), sum(f.quantity) FROM usage_fact f WHERE ${asOfCondition(ofUsage, params)}
     GROUP BY f.measure_no ORDER BY f.measure_no`,
    ofUsage.values,
  )
  const ofCost = bindings()
  const cost = await readRows<[string, bigint, DuckDBValue, DuckDBValue]>(
    connection,
    `SELECT f.currency, count(*), sum(f.billed), sum(f.effective) FROM cost_fact f WHERE ${asOfCondition(ofCost, params)}
     GROUP BY f.currency ORDER BY f.currency`,
    ofCost.values,
  )
  return {
    usage: usage.map(([measureNo, events, quantity]) => ({ measureNo, events: Number(events), quantity })),
    cost: cost.map(([currency, entries, billed, effective]) => ({
      currency,
      entries: Number(entries),
      billed: costText(billed),
      effective: costText(effective),
    })),
  }
}
