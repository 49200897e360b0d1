/** Cost of months, customers and bills: what margins, reconciliation and the rule editor are made of. */
import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api'
import type { DecimalText } from '../../../domain/decimal.ts'
import { bindings, readRows } from '../database.ts'
import { monthText } from '../local-time.ts'
import {
  AMOUNTS,
  type AmountKind,
  type CostSums,
  costText,
  monthsCondition,
  NAMED_SUMS,
  SUM_NAMES,
  SUMS,
  sumsOf,
} from './cost.ts'
import {
  type AsOf,
  ATTRIBUTION_JOIN,
  asOfCondition,
  type CostGroup,
  CUSTOMER_JOIN,
  costScope,
  POOL_COLUMN,
  POOL_JOIN,
} from './fields.ts'

export interface CostTotal extends CostSums {
  /** The posting month. */
  readonly month: string
  readonly currency: string
}

/** Per month and currency: of facts alone, so that what is split by rules and pools can be held against it. */
export const costTotals = async (
  connection: DuckDBConnection,
  params: AsOf & { readonly months: readonly string[]; readonly currency: string | null },
): Promise<readonly CostTotal[]> => {
  const sql = bindings()
  const rows = await readRows<[number, string, ...DuckDBValue[]]>(
    connection,
    `SELECT f.month, f.currency, ${SUMS}
     FROM cost_fact f
     WHERE ${monthsCondition(sql, params.months)} AND ${asOfCondition(sql, params)}
       AND ${params.currency === null ? 'TRUE' : `f.currency = ${sql.bind(params.currency)}`}
     GROUP BY f.month, f.currency ORDER BY f.month, f.currency`,
    sql.values,
  )
  return rows.map(([month, currency, ...sums]) => ({ month: monthText(month), currency, ...sumsOf(sums) }))
}

export interface CustomerCost extends CostSums {
  readonly month: string
  readonly customerId: string | null
  /** null = unattributed. */
  readonly tenant: string | null
  /** The allocation step that takes this cost; null where it stays where it is. */
  readonly pool: string | null
  readonly currency: string
}

/** Per month, customer, tenant, pool and currency. */
export const costByCustomer = async (
  connection: DuckDBConnection,
  params: AsOf & { readonly months: readonly string[] },
): Promise<readonly CustomerCost[]> => {
  const sql = bindings()
  const rows = await readRows<
    [number, string | null, string | null, string | null, string, ...DuckDBValue[]]
  >(
    connection,
    `SELECT f.month, c.customer_id, a.tenant, ${POOL_COLUMN} AS pool, f.currency, ${SUMS}
     FROM cost_fact f ${ATTRIBUTION_JOIN} ${CUSTOMER_JOIN} ${POOL_JOIN}
     WHERE ${monthsCondition(sql, params.months)} AND ${asOfCondition(sql, params)}
     GROUP BY f.month, c.customer_id, a.tenant, pool, f.currency
     ORDER BY f.month, c.customer_id, a.tenant, pool, f.currency`,
    sql.values,
  )
  return rows.map(([month, customerId, tenant, pool, currency, ...sums]) => ({
    month: monthText(month),
    customerId,
    tenant,
    pool,
    currency,
    ...sumsOf(sums),
  }))
}

export interface UnattributedContributor extends CostSums {
  readonly key: string | null
  /** The step whose pool holds it and could give it to nobody; null where no pool takes it. */
  readonly pool: string | null
}

/**
 * What most of the unattributed cost of a currency is, by a field of the entries: what no rule claims and no pool takes,
 * and what the pools named hold. Largest by the basis first, whichever its sign.
 */
export const unattributedContributors = async (
  connection: DuckDBConnection,
  params: AsOf & {
    readonly months: readonly string[]
    readonly currency: string
    readonly basis: AmountKind
    readonly by: CostGroup
    /** Steps whose pools could be given to nobody. */
    readonly leftPools: readonly string[]
    readonly limit: number
  },
): Promise<readonly UnattributedContributor[]> => {
  const sql = bindings()
  const scope = costScope(sql)
  const { expression, toText } = scope.columnOf(params.by)
  const pool = scope.columnOf('pool').expression
  const unclaimed = (['tenant', 'pool'] as const)
    .map((field) => scope.conditionOf({ field, values: [null] }))
    .join(' AND ')
  const left = scope.conditionOf({ field: 'pool', values: params.leftPools })
  const rows = await readRows<[DuckDBValue, string | null, ...DuckDBValue[]]>(
    connection,
    `SELECT ${expression} AS k0, ${pool} AS pool, ${SUMS}
     FROM cost_fact f
     ${scope.joins()}
     WHERE ((${unclaimed}) OR ${left}) AND ${monthsCondition(sql, params.months)}
       AND f.currency = ${sql.bind(params.currency)} AND ${asOfCondition(sql, params)}
     GROUP BY k0, pool
     ORDER BY abs(sum(${AMOUNTS[params.basis]})) DESC NULLS LAST, k0, pool LIMIT ${sql.bind(params.limit)}`,
    sql.values,
  )
  return rows.map(([key, held, ...sums]) => ({ key: toText(key), pool: held, ...sumsOf(sums) }))
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
  const rows = await readRows<[number, string, string, string, string, DuckDBValue, ...DuckDBValue[]]>(
    connection,
    `SELECT f.bill_no, b.provider, b.billing_account, b.month, f.currency,
       sum(f.billed) FILTER (WHERE a.tenant IS NOT NULL), ${SUMS}
     FROM cost_fact f JOIN bill b ON b.bill_no = f.bill_no ${ATTRIBUTION_JOIN}
     WHERE ${month} AND ${asOfCondition(sql, params)}
     GROUP BY f.bill_no, b.provider, b.billing_account, b.month, f.currency
     ORDER BY b.month, b.provider, b.billing_account, f.bill_no, f.currency`,
    sql.values,
  )
  return rows.map(([billNo, provider, billingAccount, billMonth, currency, attributed, ...sums]) => ({
    billNo,
    provider,
    billingAccount,
    month: billMonth,
    currency,
    attributedBilled: costText(attributed),
    ...sumsOf(sums),
  }))
}

export interface CostSetTotal extends CostSums {
  readonly setNo: number
  /** The entries' attributes as canonical JSON (CostAttributes). */
  readonly attributes: string
  readonly currency: string
}

/** Distinct attribute sets with what their entries cost, largest first. */
export const costSets = async (
  connection: DuckDBConnection,
  params: AsOf & { readonly limit: number },
): Promise<readonly CostSetTotal[]> => {
  const sql = bindings()
  const rows = await readRows<[number, string, string, ...DuckDBValue[]]>(
    connection,
    `WITH total AS (
       SELECT f.set_no, f.currency AS currency, abs(sum(f.billed)) AS size, ${NAMED_SUMS}
       FROM cost_fact f WHERE ${asOfCondition(sql, params)}
       GROUP BY f.set_no, f.currency ORDER BY size DESC, f.set_no, f.currency LIMIT ${sql.bind(params.limit)}
     )
     SELECT t.set_no, s.content, t.currency, ${SUM_NAMES.map((name) => `t.${name}`).join(', ')}
     FROM total t JOIN cost_set s ON s.set_no = t.set_no ORDER BY t.size DESC, t.set_no, t.currency`,
    sql.values,
  )
  return rows.map(([setNo, attributes, currency, ...sums]) => ({
    setNo,
    attributes,
    currency,
    ...sumsOf(sums),
  }))
}
