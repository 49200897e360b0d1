/** From raw events to quantities: aggregation, windows, levels through time. */
import type { Metric } from '../../../src/domain/metric.ts'
import type { UsageEvent } from '../../../src/domain/pricing/usage.ts'
import { add, compare, decimal, greater, NOUGHT, type Rational, times, total, whole } from './rational.ts'
import { dayAt, startOfDay } from './zone.ts'

export interface Happened {
  readonly timeMs: number
  readonly tenant: string
  readonly quantity: Rational
  readonly dimensions: { readonly [dimension: string]: string }
}

export interface Span {
  readonly startMs: number
  /** Exclusive. */
  readonly endMs: number
}

type Filters = readonly { readonly dimension: string; readonly values: readonly string[] }[]

const sorted = new WeakMap<readonly UsageEvent[], Map<string, readonly Happened[]>>()

/** Events by metric, in order of time; of one instant in the order given. */
const byMetric = (events: readonly UsageEvent[]): Map<string, readonly Happened[]> => {
  const known = sorted.get(events)
  if (known) return known
  const found = new Map<string, Happened[]>()
  for (const { metric, timeMs, tenant = '', quantity, dimensions = {} } of events) {
    const happened = { timeMs, tenant, quantity: decimal(quantity), dimensions }
    const others = found.get(metric)
    if (others) others.push(happened)
    else found.set(metric, [happened])
  }
  for (const some of found.values()) some.sort((x, y) => x.timeMs - y.timeMs)
  sorted.set(events, found)
  return found
}

/** Events of one metric that the filters keep, in order of time; of one instant in the order given. */
export const eventsOf = (
  events: readonly UsageEvent[],
  metric: string,
  filters: Filters = [],
): readonly Happened[] =>
  (byMetric(events).get(metric) ?? []).filter(({ dimensions }) =>
    filters.every(({ dimension, values }) => {
      const value = dimensions[dimension]
      return value !== undefined && values.includes(value)
    }),
  )

export const within = <T extends { readonly timeMs: number }>(
  events: readonly T[],
  span: Span,
): readonly T[] => events.filter(({ timeMs }) => timeMs >= span.startMs && timeMs < span.endMs)

export const groups = <T>(values: readonly T[], keyOf: (value: T) => string): ReadonlyMap<string, T[]> => {
  const found = new Map<string, T[]>()
  for (const value of values) {
    const key = keyOf(value)
    const group = found.get(key)
    if (group) group.push(value)
    else found.set(key, [value])
  }
  return found
}

const ofTenant = (events: readonly Happened[], metric: Metric): Rational => {
  switch (metric.aggregation) {
    case 'sum':
      return total(events.map(({ quantity }) => quantity))
    case 'max':
      return events.map(({ quantity }) => quantity).reduce(greater)
    case 'last':
      return (events.at(-1) as Happened).quantity
    case 'unique_count':
      return whole(new Set(events.map(({ dimensions }) => dimensions[metric.uniqueBy as string])).size)
  }
}

/** The metric's aggregation of each tenant, added. */
export const aggregate = (events: readonly Happened[], metric: Metric): Rational =>
  total([...groups(events, ({ tenant }) => tenant).values()].map((some) => ofTenant(some, metric)))

/** A level that holds from one instant to another. */
export interface Held extends Span {
  readonly level: Rational
}

/** The levels of all tenants, added, through the span; one after the other without gaps. */
export const levelsThrough = (
  events: readonly Happened[],
  says: 'level' | 'change',
  span: Span,
): readonly Held[] => {
  const now = new Map<string, Rational>()
  const sum = () => total([...now.values()].map((level) => greater(level, NOUGHT)))
  const held: Held[] = []
  let fromMs = span.startMs
  for (const { timeMs, tenant, quantity } of events) {
    if (timeMs >= span.endMs) break
    if (timeMs > fromMs) {
      held.push({ startMs: fromMs, endMs: timeMs, level: sum() })
      fromMs = timeMs
    }
    now.set(tenant, says === 'level' ? quantity : add(now.get(tenant) ?? NOUGHT, quantity))
  }
  if (span.endMs > fromMs) held.push({ startMs: fromMs, endMs: span.endMs, level: sum() })
  return held
}

export const highest = (held: readonly Held[]): Rational =>
  held.map(({ level }) => level).reduce((a, b) => (compare(a, b) >= 0 ? a : b), NOUGHT)

/** Level times milliseconds, added up. */
export const heldTime = (held: readonly Held[]): Rational =>
  total(held.map(({ level, startMs, endMs }) => times(level, whole(endMs - startMs))))

/** The highest level of each day that the span touches, added up. */
export const highestByDay = (held: readonly Held[], timeZone: string): Rational => {
  const days = new Map<number, Rational>()
  for (const { startMs, endMs, level } of held)
    for (let day = dayAt(startMs, timeZone); startOfDay(day, timeZone) < endMs; day++)
      days.set(day, greater(days.get(day) ?? NOUGHT, level))
  return total(days.values())
}
