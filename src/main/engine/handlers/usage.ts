import type { UsageQuery } from '../../../contract/usage.ts'
import { Decimal, type DecimalText, sumDecimals } from '../../../domain/decimal.ts'
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
  return session.cube.usageSlice({
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
  const [cells, totals, compared] = await Promise.all([
    slice(session, input, from, to, input.grain),
    slice(session, input, from, to, 'total'),
    before === null ? null : slice(session, input, before[0], before[1], 'total'),
  ])
  const names = new Map(customersOf(session).map(({ id, name }) => [id, name]))
  const buckets = bucketsOf(input, from, to, new Set(cells.rows.map(({ bucket }) => bucket)))
  const place = new Map(buckets.map((bucket, index) => [bucket, index]))
  const empty = () => buckets.map((): DecimalText | null => null)
  const rows = new Map<
    string,
    { keys: (string | null)[]; values: (DecimalText | null)[]; total: DecimalText }
  >()
  for (const { keys, quantity } of totals.rows)
    rows.set(keyOf(keys), { keys: [...keys], values: empty(), total: quantity })
  for (const { keys, bucket, quantity } of cells.rows) {
    const index = place.get(bucket)
    const row = rows.get(keyOf(keys))
    if (index !== undefined && row !== undefined) row.values[index] = quantity
  }
  const comparedTotals = new Map((compared?.rows ?? []).map(({ keys, quantity }) => [keyOf(keys), quantity]))
  for (const { keys } of compared?.rows ?? [])
    if (!rows.has(keyOf(keys)))
      rows.set(keyOf(keys), { keys: [...keys], values: empty(), total: '0' as DecimalText })
  const label = (key: string | null, index: number) =>
    key === null ? 'none' : input.groupBy[index] === 'customer' ? (names.get(key) ?? key) : key
  const list = [...rows]
    .map(([key, row]) => ({
      ...row,
      labels: row.keys.map(label),
      compared: compared === null ? null : (comparedTotals.get(key) ?? ('0' as DecimalText)),
    }))
    .sort(
      (a, b) => new Decimal(b.total).comparedTo(a.total) || a.labels.join().localeCompare(b.labels.join()),
    )
  const bucketTotals = buckets.map((_, index) => {
    const values = list.flatMap(({ values }) => values[index] ?? [])
    return values.length === 0 ? null : sumDecimals(values)
  })
  return {
    metric,
    buckets,
    rows: list,
    totals: bucketTotals,
    total: sumDecimals(list.map(({ total }) => total)),
    compared: compared === null ? null : sumDecimals(compared.rows.map(({ quantity }) => quantity)),
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
