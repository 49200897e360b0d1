/**
 * How events become quantities. Every aggregation is taken per tenant and then summed over tenants
 * (domain/metric.ts). A sum adds every entry: reversals carry the opposite quantity. The others look at the
 * entries that stand: neither reversals, nor what one reversed, nor what came after its month was closed. A late
 * reversal counts for nothing there either, so that a closed month's figure never changes.
 */
import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api'
import type { Aggregation, Metric } from '../../../domain/metric.ts'
import { type Bindings, bindings, readRows, visitRows } from '../database.ts'
import {
  type AsOf,
  asOfCondition,
  type FieldFilter,
  type UsageField,
  type UsageScope,
  usageScope,
} from './fields.ts'
import { rolledRows } from './rolled.ts'

/** A metric as the cube counts it. */
export interface CountedMetric extends Metric {
  /** Scale of its quantities here: the largest of its measures; 0 for a count. */
  readonly quantityScale: number
  /** Scale of its single events here: the largest of its measures, of a count too. */
  readonly eventScale: number
  /** Numbers of its measures, and by what to multiply to reach the largest scale. */
  readonly measures: readonly { readonly measureNo: number; readonly factor: bigint }[]
}

/**
 * The definitions of the metrics named, or of all that have events or a definition. A metric without a document
 * is a sum of units at its finest scale.
 */
export const countedMetrics = async (
  connection: DuckDBConnection,
  names?: readonly string[],
): Promise<ReadonlyMap<string, CountedMetric>> => {
  const wanted = names === undefined ? null : new Set(names)
  const definitions = await readRows<[string, string, string, Aggregation, number, string | null]>(
    connection,
    'SELECT metric, name, unit, aggregation, scale, unique_by FROM metric ORDER BY metric',
  )
  const measures = await readRows<[metric: string, measureNo: number, scale: number]>(
    connection,
    'SELECT metric, measure_no, scale FROM measure ORDER BY metric, measure_no',
  )
  const found = new Map<string, CountedMetric>()
  const all = new Set([...definitions.map(([metric]) => metric), ...measures.map(([metric]) => metric)])
  for (const metric of all) {
    if (wanted !== null && !wanted.has(metric)) continue
    const own = measures.filter(([name]) => name === metric)
    const finest = Math.max(0, ...own.map(([, , scale]) => scale))
    const definition = definitions.find(([name]) => name === metric)
    const [, name, unit, aggregation, scale, uniqueBy] = definition ?? [
      metric,
      metric,
      'unit',
      'sum',
      finest,
      null,
    ]
    found.set(metric, {
      metric,
      name,
      unit,
      aggregation,
      scale,
      ...(uniqueBy === null ? {} : { uniqueBy }),
      eventScale: finest,
      quantityScale: aggregation === 'unique_count' ? 0 : finest,
      measures: own.map(([, measureNo, measureScale]) => ({
        measureNo,
        factor: 10n ** BigInt(finest - measureScale),
      })),
    })
  }
  return found
}

export interface UsageSelection extends AsOf {
  readonly metric: string
  /** By posting time: `[startMs, endMs)`. */
  readonly startMs: number
  readonly endMs: number
  readonly filters?: readonly FieldFilter<UsageField>[] | undefined
}

/** SQL over one row: its quantity at the metric's finest scale. */
const quantityOf = ({ measures }: CountedMetric): string => {
  if (measures.every(({ factor }) => factor === 1n)) return 'f.quantity'
  const cases = measures.map(({ measureNo, factor }) => `WHEN ${measureNo} THEN ${factor}::HUGEINT`).join(' ')
  return `f.quantity::HUGEINT * CASE f.measure_no ${cases} END`
}

/** SQL over one tenant's rows: their quantity. `unique` is the column whose distinct values are counted. */
export const aggregateOf = (aggregation: Aggregation, quantity: string, unique: string | null): string => {
  switch (aggregation) {
    case 'sum':
      return `sum(${quantity})`
    case 'max':
      return `max(${quantity})`
    case 'last':
      return `arg_max(${quantity}, (f.at_ms, f.seq))`
    case 'unique_count':
      return `count(DISTINCT ${unique ?? 'NULL::VARCHAR'})`
  }
}

/** SQL condition: the entry stands, by the rule above. Always true for a sum. */
export const standsCondition = (aggregation: Aggregation, sql: Bindings, asOf: AsOf): string => {
  if (aggregation === 'sum') return 'TRUE'
  // DuckDB takes twice as long for NOT EXISTS. NOT IN wants a list without null: what a reversal corrects is never null.
  return `NOT f.late AND NOT f.is_reversal AND f.seq NOT IN (
    SELECT r.corrects FROM usage_fact r
    WHERE r.corrects > 0 AND r.is_reversal AND NOT r.late AND ${asOfCondition(sql, asOf, 'r')})`
}

const filterCondition = ({ filters }: UsageSelection, scope: UsageScope): string =>
  ['TRUE', ...(filters ?? []).map(scope.conditionOf)].join(' AND ')

/** SQL condition: the facts a selection is about, its filters aside. */
const factsCondition = (metric: CountedMetric, selection: UsageSelection, sql: Bindings): string =>
  [
    `f.measure_no IN (${metric.measures.map(({ measureNo }) => measureNo).join(', ')})`,
    `f.at_ms >= ${sql.bind(selection.startMs)}`,
    `f.at_ms < ${sql.bind(selection.endMs)}`,
    asOfCondition(sql, selection),
  ].join('\n AND ')

/** SQL condition: the entries a selection is about, whether they stand or not. */
export const selectionCondition = (
  metric: CountedMetric,
  selection: UsageSelection,
  scope: UsageScope,
  sql: Bindings,
): string => `${factsCondition(metric, selection, sql)} AND ${filterCondition(selection, scope)}`

export interface UsageGroup {
  readonly keys: readonly DuckDBValue[]
  /** At the metric's `quantityScale`. */
  readonly quantity: bigint
  /** Entries that the quantity is made of. */
  readonly events: number
}

/** How facts are brought together by their numbers, before names are looked up: so many fewer rows are then joined. */
const NUMBERED = {
  sum: { byNumbers: (quantity: string) => `sum(${quantity}) AS quantity`, byNames: 'sum(f.quantity)' },
  max: { byNumbers: (quantity: string) => `max(${quantity}) AS quantity`, byNames: 'max(f.quantity)' },
  last: {
    byNumbers: (quantity: string) =>
      `arg_max(${quantity}, (f.at_ms, f.seq)) AS quantity, max((f.at_ms, f.seq)) AS place`,
    byNames: 'arg_max(f.quantity, f.place)',
  },
  // By the number of the value that is counted, which is one of the numbers.
  unique_count: { byNumbers: () => 'u.value_no AS quantity', byNames: 'count(DISTINCT f.quantity)' },
} as const satisfies Record<Aggregation, { byNumbers: (quantity: string) => string; byNames: string }>

/** SQL join: the value of a fact that a unique count counts. It is known by the first set that has it: numbers are told apart sooner than texts. */
const countedValues = ({ uniqueBy }: CountedMetric, sql: Bindings): string => {
  const ofKey = `FROM usage_set_value WHERE key = ${uniqueBy === undefined ? 'NULL' : sql.bind(uniqueBy)}`
  return `LEFT JOIN (
    SELECT set_no, value_no FROM (SELECT set_no, value ${ofKey})
    JOIN (SELECT value, min(set_no) AS value_no ${ofKey} GROUP BY value) USING (value)
  ) u ON u.set_no = f.set_no`
}

/**
 * SQL of a selection's quantities by group, in order of the keys, null last: the keys, the quantity, the events.
 * @param countsEvents where false, the events are only not 0; distinct values are then told apart in two thirds of the time
 */
const groupsSql = async (
  connection: DuckDBConnection,
  metric: CountedMetric,
  selection: UsageSelection,
  keysOf: KeysOf,
  countsEvents: boolean,
) => {
  const sql = bindings()
  const filtered = usageScope(sql)
  const named = usageScope(sql)
  const keys = keysOf(named)
  const { aggregation } = metric
  const isUnique = aggregation === 'unique_count'
  const values = isUnique ? countedValues(metric, sql) : ''
  const filters = filterCondition(selection, filtered)
  const columns = [...new Set(keys.filter((key) => /^f\.\w+$/.test(key)).map((key) => key.slice(2)))]
  const needs = named.needs()
  const rolled = await rolledRows(connection, {
    metric,
    selection,
    columns,
    needs: {
      tenant: needs.tenant || filtered.needs().tenant,
      set: needs.set || filtered.needs().set,
    },
  })
  const source =
    rolled === null
      ? {
          rows: 'usage_fact',
          events: 'count(*)',
          condition: `${factsCondition(metric, selection, sql)} AND ${filters} AND ${standsCondition(aggregation, sql, selection)}`,
        }
      : {
          rows: `(${rolled.sql})`,
          events: isUnique && rolled.allStand && !countsEvents ? '1' : 'sum(f.events)',
          condition: filters,
        }
  // A sum is the same whoever it is taken by; every other aggregation is a tenant's.
  const numbers = [
    ...columns,
    ...(needs.tenant || aggregation !== 'sum' ? ['tenant_no'] : []),
    ...(needs.set ? ['set_no'] : []),
  ]
  const { byNumbers, byNames } = NUMBERED[aggregation]
  const names = keys.map((_, index) => `k${index}`)
  // Grouped by numbers alone, each value of a tenant is there once.
  const isDistinct = isUnique && !needs.set
  const tenant = aggregation === 'sum' || isDistinct ? [] : ['f.tenant_no']
  const group = (by: readonly string[]) => (by.length === 0 ? '' : `GROUP BY ${by.join(', ')}`)
  return {
    keyCount: keys.length,
    values: sql.values,
    text: `WITH numbered AS (
       SELECT ${[...numbers.map((column) => `f.${column}`), byNumbers(quantityOf(metric)), `${source.events} AS events`].join(', ')}
       FROM ${source.rows} f
       ${filtered.joins()}
       ${values}
       WHERE ${source.condition}
       ${group([...numbers.map((column) => `f.${column}`), ...(isUnique ? ['u.value_no'] : [])])}
       HAVING ${source.events} > 0
     ), grouped AS (
       SELECT ${[...keys.map((key, index) => `${key} AS k${index}`), ...tenant].join(', ')}${keys.length + tenant.length > 0 ? ',' : ''}
         ${isDistinct ? 'count(f.quantity)' : byNames} AS quantity,
         sum(f.events) AS events
       FROM numbered f
       ${named.joins()}
       ${group([...names, ...tenant])}
     )
     SELECT ${[...names, 'sum(quantity)::HUGEINT', 'sum(events)::BIGINT'].join(', ')}
     FROM grouped
     ${group(names)} HAVING sum(events) > 0 ${names.length === 0 ? '' : `ORDER BY ${names.join(', ')}`}`,
  }
}

/** Names the columns to group by. */
type KeysOf = (scope: UsageScope) => readonly string[]

/**
 * Visits the selection's quantities by group, in order of the keys, null last.
 * @param visit is given each key by its place, and the quantity at the metric's `quantityScale`
 */
export const visitUsage = async (
  connection: DuckDBConnection,
  metric: CountedMetric,
  selection: UsageSelection,
  keysOf: KeysOf,
  visit: (keyAt: (index: number) => DuckDBValue, quantity: bigint) => void,
): Promise<void> => {
  if (metric.measures.length === 0) return
  const { text, values, keyCount } = await groupsSql(connection, metric, selection, keysOf, false)
  await visitRows(connection, text, values, (valueAt) => visit(valueAt, valueAt(keyCount) as bigint))
}

/** The selection's quantities by group, in order of the keys, null last. */
export const aggregateUsage = async (
  connection: DuckDBConnection,
  metric: CountedMetric,
  selection: UsageSelection,
  keysOf: KeysOf,
): Promise<readonly UsageGroup[]> => {
  if (metric.measures.length === 0) return []
  const { text, values, keyCount } = await groupsSql(connection, metric, selection, keysOf, true)
  const rows = await readRows<DuckDBValue[]>(connection, text, values)
  return rows.map((row) => ({
    keys: row.slice(0, keyCount),
    quantity: row[keyCount] as bigint,
    events: Number(row[keyCount + 1]),
  }))
}
