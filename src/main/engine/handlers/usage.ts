import type { UsageQuery } from '../../../contract/usage.ts'
import {
  type DecimalText,
  decimalsOf,
  decimalToInteger,
  integerToDecimal,
  ZERO,
} from '../../../domain/decimal.ts'
import { isAdditive } from '../../../domain/metric.ts'
import {
  addMonths,
  daysOfMonth,
  type Month,
  monthName,
  monthPeriod,
  monthsBetween,
} from '../../../domain/period.ts'
import { api, type EngineState } from '../engine-state.ts'
import { knownTo, sessionAsOf } from '../past.ts'
import { notFound, refused } from '../refusals.ts'
import { customersOf, metricsOf, type Session } from '../session.ts'

type Field = 'tenant' | 'customer' | `dimension:${string}`
/** Hours of more than this many months would be more columns than a screen or a sheet can show. */
const HOUR_MONTHS_MAX = 2
const SEPARATOR = '\u0000'

const keyOf = (keys: readonly (string | null)[]) =>
  keys.map((key) => (key === null ? '\u0001' : key)).join(SEPARATOR)

const spanWords = (from: Month, to: Month) =>
  from === to ? monthName(from) : `${monthName(from)} to ${monthName(to)}`

const slice = (
  session: Session,
  input: UsageQuery,
  from: Month,
  to: Month,
  grain: UsageQuery['grain'] | 'total',
) => {
  const { timeZone } = session.settings()
  return session.cube.usageTable({
    metric: input.metric,
    startMs: monthPeriod(from, timeZone).startMs,
    endMs: monthPeriod(to, timeZone).endMs,
    grain,
    groupBy: input.groupBy as Field[],
    filters: input.filters.map(({ field, values }) => ({ field: field as Field, values })),
  })
}

/** Every bucket of the period, those without usage included, except hours, of which only used ones are listed. */
const bucketsOf = (input: UsageQuery, from: Month, to: Month, used: ReadonlySet<string>): string[] => {
  const months = monthsBetween(from, to)
  if (input.grain === 'month') return [...months]
  if (input.grain === 'day') return months.flatMap((month) => [...daysOfMonth(month)])
  return [...used].sort()
}

/** A row while it is put together; sums are integers at one scale. */
interface Row {
  readonly keys: (string | null)[]
  readonly values: (DecimalText | null)[]
  total: bigint
  compared: bigint
}

const scaleOf = (quantities: readonly DecimalText[]): number => {
  let most = 0
  for (const quantity of quantities) most = Math.max(most, decimalsOf(quantity))
  return most
}

const usageReport = async (session: Session, input: UsageQuery) => {
  const { from, to } = input
  if (from > to)
    throw refused(
      'period_is_backwards',
      `The period ends (${to}) before it begins (${from}). Choose the months again.`,
    )
  const months = monthsBetween(from, to)
  if (input.grain === 'hour' && months.length > HOUR_MONTHS_MAX)
    throw refused(
      'too_many_hours',
      `Hours are shown for at most ${HOUR_MONTHS_MAX} months at once. Choose a shorter period, or days.`,
    )
  const metric = metricsOf(session).find((each) => each.metric === input.metric)
  if (metric === undefined) throw notFound(`There is no metric ${input.metric} in this book.`)
  const before: [Month, Month] | null =
    input.compare === 'none'
      ? null
      : input.compare === 'last_year'
        ? [addMonths(from, -12), addMonths(to, -12)]
        : [addMonths(from, -months.length), addMonths(from, -1)]
  // Buckets of a sum add up to its total; those of anything else are figures of their own.
  const adds = isAdditive(metric)
  const [cells, totals, compared] = await Promise.all([
    slice(session, input, from, to, input.grain),
    adds ? null : slice(session, input, from, to, 'total'),
    before === null ? null : slice(session, input, before[0], before[1], 'total'),
  ])
  const scale = Math.max(
    ...[cells, totals, compared].map((table) => (table === null ? 0 : scaleOf(table.quantities))),
  )
  const units = (quantity: DecimalText) => decimalToInteger(quantity, scale)
  const buckets = bucketsOf(input, from, to, new Set(cells.buckets))
  const places = new Map(buckets.map((bucket, index) => [bucket, index]))
  const placeOf = cells.buckets.map((bucket) => places.get(bucket))
  const bucketSums: (bigint | null)[] = buckets.map(() => null)
  const rows = new Map<string, Row>()
  const rowAt = (keys: readonly (string | null)[]): Row => {
    const key = keyOf(keys)
    let row = rows.get(key)
    if (row === undefined) {
      row = { keys: [...keys], values: buckets.map(() => null), total: 0n, compared: 0n }
      rows.set(key, row)
    }
    return row
  }
  const cellRows = cells.keys.map(rowAt)
  for (const [cell, quantity] of cells.quantities.entries()) {
    const row = cellRows[cells.rowOf[cell] ?? 0]
    const place = placeOf[cells.bucketOf[cell] ?? 0]
    if (row === undefined || place === undefined) continue
    const value = units(quantity)
    row.values[place] = quantity
    bucketSums[place] = (bucketSums[place] ?? 0n) + value
    if (adds) row.total += value
  }
  for (const [index, keys] of (totals?.keys ?? []).entries())
    rowAt(keys).total = units(totals?.quantities[index] ?? ZERO)
  for (const [index, keys] of (compared?.keys ?? []).entries())
    rowAt(keys).compared = units(compared?.quantities[index] ?? ZERO)

  const names = new Map(customersOf(session).map(({ id, name }) => [id, name]))
  const label = (key: string | null, index: number) =>
    key === null ? 'none' : input.groupBy[index] === 'customer' ? (names.get(key) ?? key) : key
  const text = (value: bigint) => integerToDecimal(value, scale)
  const list = [...rows.values()]
    .map((row) => ({ ...row, labels: row.keys.map(label) }))
    .sort((a, b) =>
      a.total === b.total ? a.labels.join().localeCompare(b.labels.join()) : a.total < b.total ? 1 : -1,
    )
  const sumOf = (values: readonly bigint[]) => text(values.reduce((sum, value) => sum + value, 0n))
  return {
    metric,
    buckets,
    rows: list.map(({ keys, labels, values, ...row }) => ({
      keys,
      labels,
      values,
      total: text(row.total),
      compared: compared === null ? null : text(row.compared),
    })),
    totals: bucketSums.map((sum) => (sum === null ? null : text(sum))),
    total: sumOf(list.map(({ total }) => total)),
    compared: compared === null ? null : sumOf(list.map((row) => row.compared)),
    comparedWith: before === null ? null : spanWords(before[0], before[1]),
    asOf: knownTo(session),
  }
}

export const usageHandlers = (engine: EngineState) => ({
  query: api.usage.query.handler(async ({ input }) =>
    usageReport(await sessionAsOf(engine.session(), input.asOf), input),
  ),
  dimensions: api.usage.dimensions.handler(async ({ input }) => {
    const session = await sessionAsOf(engine.session(), input.asOf)
    return (await session.cube.usageDimensions({ metric: input.metric })).map((each) => ({
      ...each,
      topValues: [...each.topValues],
    }))
  }),
  views: api.usage.views.handler(() =>
    engine
      .session()
      .all('view')
      .map(({ content }) => content),
  ),
  saveView: api.usage.saveView.handler(async ({ input }) => {
    await engine
      .session()
      .put(`View ${input.name}`, [{ kind: 'view', id: input.name, content: input, expectedVersion: null }])
  }),
  deleteView: api.usage.deleteView.handler(async ({ input }) => {
    const session = engine.session()
    if (session.one('view', input.name) === null) throw notFound(`There is no saved view ${input.name}.`)
    await session.put(`View ${input.name} removed`, [
      { kind: 'view', id: input.name, content: null, expectedVersion: null },
    ])
  }),
})
