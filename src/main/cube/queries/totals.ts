/** Cost of months, customers and bills: what margins, reconciliation and the rule editor are made of. */
import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api'
import type { DecimalText } from '../../../domain/decimal.ts'
import { bindings, readRows } from '../database.ts'
import { monthText } from '../local-time.ts'
import { type CostSums, costText, EFFECTIVE, monthsCondition } from './cost.ts'
import { type AsOf, asOfCondition, type CostGroup, costScope } from './fields.ts'

const ATTRIBUTION = 'LEFT JOIN attribution a ON a.set_no = f.set_no'

export interface CostTotal extends CostSums {
  /** The posting month. */
  readonly month: string
  readonly currency: string
  readonly attributedBilled: DecimalText
  readonly attributedEffective: DecimalText
  readonly unattributedBilled: DecimalText
  readonly unattributedEffective: DecimalText
}

/** Per month and currency; attributed and unattributed add up to the whole. */
export const costTotals = async (
  connection: DuckDBConnection,
  params: AsOf & { readonly months: readonly string[]; readonly currency: string | null },
): Promise<readonly CostTotal[]> => {
  const sql = bindings()
  const rows = await readRows<[number, string, ...DuckDBValue[]]>(
    connection,
    `SELECT f.month, f.currency, sum(f.billed), sum(${EFFECTIVE}),
       sum(f.billed) FILTER (WHERE a.tenant IS NOT NULL), sum(${EFFECTIVE}) FILTER (WHERE a.tenant IS NOT NULL),
       sum(f.billed) FILTER (WHERE a.tenant IS NULL), sum(${EFFECTIVE}) FILTER (WHERE a.tenant IS NULL), count(*)
     FROM cost_fact f ${ATTRIBUTION}
     WHERE ${monthsCondition(sql, params.months)} AND ${asOfCondition(sql, params)}
       AND ${params.currency === null ? 'TRUE' : `f.currency = ${sql.bind(params.currency)}`}
     GROUP BY f.month, f.currency ORDER BY f.month, f.currency`,
    sql.values,
  )
  return rows.map(([month, currency, ...sums]) => {
    const amount = (index: number) => costText(sums[index] ?? null)
    return {
      month: monthText(month),
      currency,
      billed: amount(0),
      effective: amount(1),
      attributedBilled: amount(2),
      attributedEffective: amount(3),
      unattributedBilled: amount(4),
      unattributedEffective: amount(5),
      entries: Number(sums[6]),
    }
  })
}

export interface CustomerCost extends CostSums {
  readonly month: string
  readonly customerId: string | null
  /** null = unattributed. */
  readonly tenant: string | null
  readonly currency: string
}

/** Per month, customer, tenant and currency. */
export const costByCustomer = async (
  connection: DuckDBConnection,
  params: AsOf & { readonly months: readonly string[] },
): Promise<readonly CustomerCost[]> => {
  const sql = bindings()
  const rows = await readRows<
    [number, string | null, string | null, string, DuckDBValue, DuckDBValue, bigint]
  >(
    connection,
    `SELECT f.month, c.customer_id, a.tenant, f.currency, sum(f.billed), sum(${EFFECTIVE}), count(*)
     FROM cost_fact f ${ATTRIBUTION} LEFT JOIN customer_tenant c ON c.tenant = a.tenant
     WHERE ${monthsCondition(sql, params.months)} AND ${asOfCondition(sql, params)}
     GROUP BY f.month, c.customer_id, a.tenant, f.currency
     ORDER BY f.month, c.customer_id, a.tenant, f.currency`,
    sql.values,
  )
  return rows.map(([month, customerId, tenant, currency, billed, effective, entries]) => ({
    month: monthText(month),
    customerId,
    tenant,
    currency,
    billed: costText(billed),
    effective: costText(effective),
    entries: Number(entries),
  }))
}

export interface UnattributedContributor extends CostSums {
  readonly key: string | null
  readonly currency: string
}

/** What most of the unattributed cost is, by a field of the entries; largest first, whichever its sign. */
export const unattributedContributors = async (
  connection: DuckDBConnection,
  params: AsOf & { readonly months: readonly string[]; readonly by: CostGroup; readonly limit: number },
): Promise<readonly UnattributedContributor[]> => {
  const sql = bindings()
  const scope = costScope(sql)
  const { expression, toText } = scope.columnOf(params.by)
  const unattributed = scope.conditionOf({ field: 'tenant', values: [null] })
  const rows = await readRows<[DuckDBValue, string, DuckDBValue, DuckDBValue, bigint]>(
    connection,
    `SELECT ${expression} AS k0, f.currency, sum(f.billed), sum(${EFFECTIVE}), count(*)
     FROM cost_fact f
     ${scope.joins()}
     WHERE ${unattributed} AND ${monthsCondition(sql, params.months)} AND ${asOfCondition(sql, params)}
     GROUP BY k0, f.currency ORDER BY abs(sum(f.billed)) DESC, k0, f.currency LIMIT ${sql.bind(params.limit)}`,
    sql.values,
  )
  return rows.map(([key, currency, billed, effective, entries]) => ({
    key: toText(key),
    currency,
    billed: costText(billed),
    effective: costText(effective),
    entries: Number(entries),
  }))
}

export interface BillTotal extends CostSums {
  readonly billNo: number
  readonly provider: string
  readonly billingAccount: string
  /** The month the bill is of, whenever its entries are counted. */
  readonly month: string
  readonly currency: string
  readonly attributedBilled: DecimalText
}

/** Every bill with all of its entries, late ones too: what stands on the provider's bill. */
export const bills = async (
  connection: DuckDBConnection,
  params: AsOf & { readonly month?: string | undefined },
): Promise<readonly BillTotal[]> => {
  const sql = bindings()
  const month = params.month === undefined ? 'TRUE' : monthsCondition(sql, [params.month], 'f.bill_month')
  const rows = await readRows<
    [number, string, string, string, string, DuckDBValue, DuckDBValue, DuckDBValue, bigint]
  >(
    connection,
    `SELECT f.bill_no, b.provider, b.billing_account, b.month, f.currency, sum(f.billed), sum(${EFFECTIVE}),
       sum(f.billed) FILTER (WHERE a.tenant IS NOT NULL), count(*)
     FROM cost_fact f JOIN bill b ON b.bill_no = f.bill_no ${ATTRIBUTION}
     WHERE ${month} AND ${asOfCondition(sql, params)}
     GROUP BY f.bill_no, b.provider, b.billing_account, b.month, f.currency
     ORDER BY b.month, b.provider, b.billing_account, f.bill_no, f.currency`,
    sql.values,
  )
  return rows.map(
    ([billNo, provider, billingAccount, billMonth, currency, billed, effective, attributed, entries]) => ({
      billNo,
      provider,
      billingAccount,
      month: billMonth,
      currency,
      billed: costText(billed),
      effective: costText(effective),
      attributedBilled: costText(attributed),
      entries: Number(entries),
    }),
  )
}

export interface CostSetTotal extends CostSums {
  readonly setNo: number
  /** The entries' attributes as canonical JSON (CostAttributes). */
  readonly attributes: string
  readonly currency: string
}

/** Distinct attribute sets with what their entries cost, largest first: what a rule editor tries its rules on. */
export const costSets = async (
  connection: DuckDBConnection,
  params: AsOf & { readonly months?: readonly string[] | undefined; readonly limit: number },
): Promise<readonly CostSetTotal[]> => {
  const sql = bindings()
  const months = params.months === undefined ? 'TRUE' : monthsCondition(sql, params.months)
  const rows = await readRows<[number, string, string, DuckDBValue, DuckDBValue, bigint]>(
    connection,
    `WITH total AS (
       SELECT f.set_no, f.currency, sum(f.billed) AS billed, sum(${EFFECTIVE}) AS effective, count(*) AS entries
       FROM cost_fact f WHERE ${asOfCondition(sql, params)} AND ${months}
       GROUP BY f.set_no, f.currency
       ORDER BY abs(sum(f.billed)) DESC, f.set_no, f.currency LIMIT ${sql.bind(params.limit)}
     )
     SELECT t.set_no, s.content, t.currency, t.billed, t.effective, t.entries
     FROM total t JOIN cost_set s ON s.set_no = t.set_no
     ORDER BY abs(t.billed) DESC, t.set_no, t.currency`,
    sql.values,
  )
  return rows.map(([setNo, attributes, currency, billed, effective, entries]) => ({
    setNo,
    attributes,
    currency,
    billed: costText(billed),
    effective: costText(effective),
    entries: Number(entries),
  }))
}
