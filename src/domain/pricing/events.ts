/** Raw events aggregated in memory, as the ledger's cube does it: per tenant, then added over tenants. */
import { type DecimalText, sumDecimals, ZERO } from '../decimal.ts'
import type { Metric } from '../metric.ts'
import { compareDecimals } from './exact.ts'
import type { MetricUsage, UsageEvent, UsageNeed, UsageRow } from './usage.ts'

const groupBy = <T>(items: readonly T[], keyOf: (item: T) => string): readonly (readonly T[])[] => {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const key = keyOf(item)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [item])
    else group.push(item)
  }
  return [...groups.values()]
}

const ofOneTenant = (events: readonly UsageEvent[], metric: Metric): DecimalText => {
  const quantities = events.map((event) => event.quantity)
  switch (metric.aggregation) {
    case 'sum':
      return sumDecimals(quantities)
    case 'max':
      return quantities.reduce((a, b) => (compareDecimals(b, a) > 0 ? b : a), quantities[0] ?? ZERO)
    case 'last':
      return quantities.at(-1) ?? ZERO
    case 'unique_count': {
      const values = events.flatMap((event) => event.dimensions?.[metric.uniqueBy ?? ''] ?? [])
      return String(new Set(values).size) as DecimalText
    }
  }
}

/** @param events in order of time. */
const aggregate = (events: readonly UsageEvent[], metric: Metric): DecimalText =>
  sumDecimals(groupBy(events, (event) => event.tenant ?? '').map((own) => ofOneTenant(own, metric)))

const keysOf = (event: UsageEvent, need: UsageNeed): readonly (string | null)[] =>
  (need.cut.dimensions ?? []).map((dimension) => event.dimensions?.[dimension] ?? null)

const bucketStart = (event: UsageEvent, need: UsageNeed): number =>
  need.cut.bucketMs === undefined
    ? need.startMs
    : Math.floor(event.timeMs / need.cut.bucketMs) * need.cut.bucketMs

const rowsOf = (events: readonly UsageEvent[], need: UsageNeed, metric: Metric): readonly UsageRow[] => {
  const { cut } = need
  if (cut.events === true)
    return events.map((event) => ({
      startMs: event.timeMs,
      keys: keysOf(event, need),
      quantity: event.quantity,
      events: 1,
      value: event.quantity,
    }))
  const isWhole = cut.bucketMs === undefined && cut.dimensions === undefined && cut.byValue !== true
  if (isWhole)
    return [{ startMs: need.startMs, keys: [], quantity: aggregate(events, metric), events: events.length }]
  const groups = groupBy(events, (event) =>
    JSON.stringify([bucketStart(event, need), keysOf(event, need), cut.byValue ? event.quantity : null]),
  )
  return groups.flatMap((group) => {
    const [first] = group
    if (first === undefined) return []
    const row = {
      startMs: bucketStart(first, need),
      keys: keysOf(first, need),
      quantity: aggregate(group, metric),
      events: group.length,
    }
    return [cut.byValue === true ? { ...row, value: first.quantity } : row]
  })
}

const openingOf = (earlier: readonly UsageEvent[], says: 'level' | 'change'): DecimalText =>
  says === 'level' ? (earlier.at(-1)?.quantity ?? ZERO) : sumDecimals(earlier.map((event) => event.quantity))

/**
 * The answers to needs, from raw events in any order (of one instant the order given counts). Events outside a need's
 * period, or of other metrics, are not looked at; for opening levels those before it are.
 * @param _timeZone of the book: cuts are aligned in UTC, so nothing depends on it.
 * @throws RangeError where a need is for a metric that is not given.
 */
export const usageFromEvents = (
  needs: readonly UsageNeed[],
  events: readonly UsageEvent[],
  metrics: readonly Metric[],
  _timeZone: string,
): readonly MetricUsage[] => {
  const byTime = events.toSorted((a, b) => a.timeMs - b.timeMs)
  return needs.flatMap((need): readonly MetricUsage[] => {
    const metric = metrics.find((each) => each.metric === need.metric)
    if (metric === undefined) throw new RangeError(`there is no metric ${need.metric}`)
    const own = byTime.filter(
      (event) =>
        event.metric === need.metric &&
        event.timeMs < need.endMs &&
        (need.cut.filters ?? []).every(({ dimension, values }) => {
          const value = event.dimensions?.[dimension]
          return value !== undefined && values.includes(value)
        }),
    )
    const inside = (event: UsageEvent) => event.timeMs >= need.startMs
    const { opening } = need.cut
    if (opening === undefined) return [{ ...need, rows: rowsOf(own.filter(inside), need, metric) }]
    if (own.length === 0) return [{ ...need, rows: [], opening: ZERO }]
    const tenants = groupBy(own, (event) => event.tenant ?? '')
    return tenants.map((events) => ({
      ...need,
      tenant: events[0]?.tenant ?? '',
      rows: rowsOf(events.filter(inside), need, metric),
      opening: openingOf(
        events.filter((event) => !inside(event)),
        opening,
      ),
    }))
  })
}
