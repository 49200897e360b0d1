/** Fields to group and filter by, and how each is reached from a fact: the joins it needs and its column. */
import type { DuckDBValue } from '@duckdb/node-api'
import type { Bindings } from '../database.ts'
import { monthNumber, monthText } from '../local-time.ts'
import { COST_FIELDS, type CostField } from '../schema.ts'

/** `customer` is null for a tenant that no customer has; a dimension is null where the event lacks it. */
export type UsageField = 'tenant' | 'customer' | `dimension:${string}`

/**
 * `tenant` and `rule` are null for unattributed cost, `month` is the posting month, `pool` is the allocation step that
 * takes the cost, null where none does.
 */
export type CostGroup = CostField | `tag:${string}` | 'tenant' | 'customer' | 'rule' | 'month' | 'pool'

/** Whose a cost is, by the rules in force on its day of service. */
export const ATTRIBUTION_JOIN =
  'LEFT JOIN attribution a ON a.set_no = f.set_no AND f.start_day >= a.start_day AND f.start_day < a.end_day'
export const CUSTOMER_JOIN = 'LEFT JOIN customer_tenant c ON c.tenant = a.tenant'
/** The step that takes it, by the plan of the month it counts in and by whose it is otherwise. */
export const POOL_JOIN =
  'LEFT JOIN pool p ON p.set_no = f.set_no AND f.month >= p.start_month AND f.month < p.end_month'
export const POOL_COLUMN =
  'CASE WHEN a.tenant IS NULL THEN p.unattributed WHEN c.customer_id IS NULL THEN p.without_customer ELSE p.customer END'

/** Entries whose field is one of the values; null stands for "absent". No values, no entries. */
export interface FieldFilter<Field extends string> {
  readonly field: Field
  readonly values: readonly (string | null)[]
}

export interface AsOf {
  /** Only entries of this batch and earlier ones are counted. */
  readonly asOfBatch?: number | undefined
}

interface Column {
  readonly expression: string
  readonly toText: (value: DuckDBValue) => string | null
  readonly fromText: (text: string) => DuckDBValue
}

const textColumn = (expression: string): Column => ({
  expression,
  toText: (value) => (value === null ? null : String(value)),
  fromText: (text) => text,
})

const MONTH_COLUMN: Column = {
  expression: 'f.month',
  toText: (value) => monthText(Number(value)),
  fromText: monthNumber,
}

const PREFIXES = { dimension: 'dimension:', tag: 'tag:' } as const

/**
 * The joins of one statement over facts named `f`. Asking for a column adds the joins it needs, once.
 * `columnOf` throws RangeError where there is no such field.
 */
const scope = <Field extends string>(
  bindings: Bindings,
  find: (field: Field, join: Join) => Column | null,
) => {
  const joins = new Map<string, string>()
  const join: Join = (alias, sql) => {
    if (!joins.has(alias)) joins.set(alias, sql)
  }
  const columns = new Map<Field, Column>()
  const columnOf = (field: Field): Column => {
    const column = columns.get(field) ?? find(field, join)
    if (column === null) throw new RangeError(`there is no field ${field} to group or filter by`)
    columns.set(field, column)
    return column
  }
  const conditionOf = ({ field, values }: FieldFilter<Field>): string => {
    const { expression, fromText } = columnOf(field)
    const placeholders = values
      .filter((value) => value !== null)
      .map((value) => bindings.bind(fromText(value)))
    const alternatives = [
      ...(placeholders.length > 0 ? [`${expression} IN (${placeholders.join(', ')})`] : []),
      ...(values.includes(null) ? [`${expression} IS NULL`] : []),
    ]
    return alternatives.length === 0 ? 'FALSE' : `(${alternatives.join(' OR ')})`
  }
  return { columnOf, conditionOf, join, joins: () => [...joins.values()].join('\n') }
}

type Join = (alias: string, sql: string) => void

export const usageScope = (bindings: Bindings) => {
  let dimensions = 0
  let usesTenant = false
  const fields = scope<UsageField>(bindings, (field, join) => {
    if (field === 'tenant' || field === 'customer') {
      usesTenant = true
      join('tenant', 'JOIN tenant t ON t.tenant_no = f.tenant_no')
      if (field === 'tenant') return textColumn('t.tenant')
      join('customer', 'LEFT JOIN customer_tenant c ON c.tenant = t.tenant')
      return textColumn('c.customer_id')
    }
    if (!field.startsWith(PREFIXES.dimension)) return null
    const alias = `d${dimensions++}`
    const key = bindings.bind(field.slice(PREFIXES.dimension.length))
    join(alias, `LEFT JOIN usage_set_value ${alias} ON ${alias}.set_no = f.set_no AND ${alias}.key = ${key}`)
    return textColumn(`${alias}.value`)
  })
  return {
    ...fields,
    /** Which numbers of a fact the columns asked for so far are reached by. */
    needs: () => ({ tenant: usesTenant, set: dimensions > 0 }),
  }
}
export type UsageScope = ReturnType<typeof usageScope>

const isCostField = (field: string): field is CostField => (COST_FIELDS as readonly string[]).includes(field)

export const costScope = (bindings: Bindings) => {
  let tags = 0
  return scope<CostGroup>(bindings, (field, join) => {
    if (field === 'month') return MONTH_COLUMN
    if (field === 'tenant' || field === 'rule' || field === 'customer' || field === 'pool') {
      join('attribution', ATTRIBUTION_JOIN)
      if (field === 'tenant') return textColumn('a.tenant')
      if (field === 'rule') return textColumn('a.rule_id')
      join('customer', CUSTOMER_JOIN)
      if (field === 'customer') return textColumn('c.customer_id')
      join('pool', POOL_JOIN)
      return textColumn(POOL_COLUMN)
    }
    if (isCostField(field)) {
      join('set', 'JOIN cost_set s ON s.set_no = f.set_no')
      return textColumn(`s.${field}`)
    }
    if (!field.startsWith(PREFIXES.tag)) return null
    const alias = `g${tags++}`
    const key = bindings.bind(field.slice(PREFIXES.tag.length))
    join(alias, `LEFT JOIN cost_set_tag ${alias} ON ${alias}.set_no = f.set_no AND ${alias}.key = ${key}`)
    return textColumn(`${alias}.value`)
  })
}
export type CostScope = ReturnType<typeof costScope>

/** The condition that keeps facts of a fact table (named by its alias) to what was known at a batch. */
export const asOfCondition = (bindings: Bindings, { asOfBatch }: AsOf, alias = 'f'): string =>
  asOfBatch === undefined ? 'TRUE' : `${alias}.batch_id <= ${bindings.bind(asOfBatch)}`
