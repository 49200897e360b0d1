/**
 * Cost by any attribute, tag, tenant, customer and time. Amounts are canonical decimal text, exact, and never
 * added across currencies. An entry without an effective cost counts with its billed cost there.
 */
import type { DuckDBConnection, DuckDBDecimalValue, DuckDBValue } from '@duckdb/node-api'
import { costFromUnits, type DecimalText } from '../../../domain/decimal.ts'
import { dayOf } from '../../../domain/period.ts'
import { type Bindings, bindings, readRows } from '../database.ts'
import { readState } from '../follow.ts'
import { dayNumber, dayText, monthNumber, monthText } from '../local-time.ts'
import {
  type AsOf,
  asOfCondition,
  type CostGroup,
  type CostScope,
  costScope,
  type FieldFilter,
} from './fields.ts'

/**
 * Posting months, or a span of time that selects whole local days: those of `startMs` up to that of the last
 * millisecond before `endMs`.
 */
export type CostSpan =
  | { readonly months: readonly string[]; readonly startMs?: undefined; readonly endMs?: undefined }
  | { readonly months?: undefined; readonly startMs: number; readonly endMs: number }

export type CostSelection = AsOf &
  CostSpan & {
    readonly currency?: string | undefined
    readonly filters?: readonly FieldFilter<CostGroup>[] | undefined
  }

const EFFECTIVE = 'coalesce(f.effective, f.billed)'

/** What a fact costs by each basis; null where it has no such cost. */
export const AMOUNTS = {
  billed: 'f.billed',
  effective: EFFECTIVE,
  contracted: 'f.contracted',
  list: 'f.list',
} as const
export type AmountKind = keyof typeof AMOUNTS

const SUM_EXPRESSIONS = {
  billed: 'sum(f.billed)',
  effective: `sum(${EFFECTIVE})`,
  contracted: 'sum(f.contracted)',
  list: 'sum(f.list)',
  with_contracted: 'count(f.contracted)',
  with_list: 'count(f.list)',
  entries: 'count(*)',
} as const
export const SUM_NAMES = Object.keys(SUM_EXPRESSIONS)
/** The columns that {@link sumsOf} reads, in order; named, where a statement goes on with them. */
export const SUMS = Object.values(SUM_EXPRESSIONS).join(', ')
export const NAMED_SUMS = Object.entries(SUM_EXPRESSIONS)
  .map(([name, expression]) => `${expression} AS ${name}`)
  .join(', ')

/** A sum of costs as canonical text; nothing summed is 0. */
export const costText = (value: DuckDBValue): DecimalText =>
  costFromUnits(value === null ? 0n : (value as DuckDBDecimalValue).value)

/** SQL condition: posting months; none selects nothing. */
export const monthsCondition = (sql: Bindings, months: readonly string[], column = 'f.month'): string =>
  months.length === 0
    ? 'FALSE'
    : `${column} IN (${months.map((month) => sql.bind(monthNumber(month))).join(', ')})`

const costCondition = async (
  connection: DuckDBConnection,
  selection: CostSelection,
  scope: CostScope,
  sql: Bindings,
): Promise<string> => {
  const conditions = [asOfCondition(sql, selection)]
  if (selection.months !== undefined) conditions.push(monthsCondition(sql, selection.months))
  else {
    const { timeZone } = await readState(connection)
    const days = [selection.startMs, selection.endMs - 1].map((ms) => dayNumber(dayOf(ms, timeZone || 'UTC')))
    conditions.push(`f.day BETWEEN ${sql.bind(days[0] ?? 0)} AND ${sql.bind(days[1] ?? 0)}`)
  }
  if (selection.currency !== undefined) conditions.push(`f.currency = ${sql.bind(selection.currency)}`)
  conditions.push(...(selection.filters ?? []).map(scope.conditionOf))
  return conditions.join(' AND ')
}

export type CostSliceParams = CostSelection & {
  readonly currency: string
  readonly grain: 'day' | 'month' | 'total'
  /** At most two. */
  readonly groupBy: readonly CostGroup[]
}

export interface CostSums {
  readonly billed: DecimalText
  readonly effective: DecimalText
  /** Of the entries that have one; null where none has. */
  readonly contracted: DecimalText | null
  readonly list: DecimalText | null
  /** Entries without a contracted and without a list cost: unknown, never zero. */
  readonly contractedUnknown: number
  readonly listUnknown: number
  /** Ledger entries, reversals included. */
  readonly entries: number
}

/** What {@link SUMS} gave. */
export const sumsOf = (values: readonly DuckDBValue[]): CostSums => {
  const [billed = null, effective = null, contracted = null, list = null, ...counts] = values
  const [withContracted = 0, withList = 0, entries = 0] = counts.map(Number)
  return {
    billed: costText(billed),
    effective: costText(effective),
    contracted: withContracted === 0 ? null : costText(contracted),
    list: withList === 0 ? null : costText(list),
    contractedUnknown: entries - withContracted,
    listUnknown: entries - withList,
    entries,
  }
}

export interface CostSliceRow extends CostSums {
  readonly keys: readonly (string | null)[]
  /** `2026-10`, `2026-10-31` or `total`. */
  readonly bucket: string
}

const BUCKETS = {
  day: { column: 'f.day', text: (value: DuckDBValue) => dayText(Number(value)) },
  month: { column: 'f.month', text: (value: DuckDBValue) => monthText(Number(value)) },
  total: { column: "'total'", text: String },
} as const

/** Cost of one currency by bucket and group. */
export const costSlice = async (
  connection: DuckDBConnection,
  params: CostSliceParams,
): Promise<{ readonly rows: readonly CostSliceRow[] }> => {
  const sql = bindings()
  const scope = costScope(sql)
  const bucket = BUCKETS[params.grain]
  const columns = params.groupBy.map(scope.columnOf)
  const condition = await costCondition(connection, params, scope, sql)
  const names = ['bucket', ...columns.map((_, index) => `k${index}`)].join(', ')
  const rows = await readRows<DuckDBValue[]>(
    connection,
    `SELECT ${[`${bucket.column} AS bucket`, ...columns.map(({ expression }, index) => `${expression} AS k${index}`)].join(', ')},
       ${SUMS}
     FROM cost_fact f
     ${scope.joins()}
     WHERE ${condition}
     GROUP BY ${names} ORDER BY ${names}`,
    sql.values,
  )
  return {
    rows: rows.map((row) => ({
      keys: columns.map(({ toText }, index) => toText(row[index + 1] ?? null)),
      bucket: bucket.text(row[0] ?? null),
      ...sumsOf(row.slice(columns.length + 1)),
    })),
  }
}

export interface CostRecord {
  readonly seq: number
  readonly batchId: number
  readonly billNo: number
  readonly setNo: number
  /** The posting month. */
  readonly month: string
  readonly day: string
  readonly startMs: number
  readonly endMs: number | null
  readonly late: boolean
  readonly reversal: boolean
  readonly corrects: number | null
  readonly currency: string
  readonly billed: DecimalText
  /** null where the provider gave none. */
  readonly effective: DecimalText | null
  readonly list: DecimalText | null
  readonly contracted: DecimalText | null
  readonly service: string
  readonly resourceId: string | null
  readonly tenant: string | null
  readonly ruleId: string | null
  readonly customerId: string | null
}

/** The entries behind a cost, in order of `seq`. */
export const costRecords = async (
  connection: DuckDBConnection,
  params: CostSelection & { readonly afterSeq?: number | undefined; readonly limit: number },
): Promise<readonly CostRecord[]> => {
  const sql = bindings()
  const scope = costScope(sql)
  const texts = (['service', 'resource_id', 'tenant', 'rule', 'customer'] as const).map(
    (field) => scope.columnOf(field).expression,
  )
  const condition = await costCondition(connection, params, scope, sql)
  const rows = await readRows<
    [
      bigint,
      number,
      number,
      number,
      number,
      number,
      bigint,
      bigint | null,
      boolean,
      boolean,
      bigint | null,
      string,
      DuckDBValue,
      DuckDBValue,
      DuckDBValue,
      DuckDBValue,
      string,
      string | null,
      string | null,
      string | null,
      string | null,
    ]
  >(
    connection,
    `SELECT f.seq, f.batch_id, f.bill_no, f.set_no, f.month, f.day, f.start_ms, f.end_ms, f.late, f.is_reversal,
       f.corrects, f.currency, f.billed, f.effective, f.list, f.contracted, ${texts.join(', ')}
     FROM cost_fact f
     ${scope.joins()}
     WHERE ${condition} AND f.seq > ${sql.bind(params.afterSeq ?? 0)}
     ORDER BY f.seq LIMIT ${sql.bind(params.limit)}`,
    sql.values,
  )
  const orNull = (value: DuckDBValue) => (value === null ? null : costText(value))
  return rows.map((row) => ({
    seq: Number(row[0]),
    batchId: row[1],
    billNo: row[2],
    setNo: row[3],
    month: monthText(row[4]),
    day: dayText(row[5]),
    startMs: Number(row[6]),
    endMs: row[7] === null ? null : Number(row[7]),
    late: row[8],
    reversal: row[9],
    corrects: row[10] === null ? null : Number(row[10]),
    currency: row[11],
    billed: costText(row[12]),
    effective: orNull(row[13]),
    list: orNull(row[14]),
    contracted: orNull(row[15]),
    service: row[16],
    resourceId: row[17],
    tenant: row[18],
    ruleId: row[19],
    customerId: row[20],
  }))
}
