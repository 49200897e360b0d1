/** What the tenants of the simulation use: facts of a month, many of them at awkward instants and amounts. */
import { amountOf } from './amounts.ts'
import { addMonths, clockChangeIn, localText, startOfMonth } from './local-time.ts'
import type { Random } from './random.ts'
import type { Amount, Fact, Moment, SimulatedMetric } from './records.ts'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000

export const METRICS: readonly SimulatedMetric[] = [
  { metric: 'api.calls', aggregation: 'sum', scale: 0 },
  { metric: 'storage.gb', aggregation: 'sum', scale: 6 },
  { metric: 'data.moved', aggregation: 'sum', scale: 0 },
  { metric: 'seats.peak', aggregation: 'max', scale: 2 },
  { metric: 'plan.seats', aggregation: 'last', scale: 3 },
  { metric: 'active.users', aggregation: 'unique_count', scale: 0, uniqueBy: 'user' },
]
/** Nobody defines it: the first file that has it does. */
const UNDEFINED_METRIC = 'spark.minutes'
/** Finer from the middle of the simulation on; what was too fine before can be replayed then. */
export const REFINED_METRIC: SimulatedMetric = { metric: 'storage.gb', aggregation: 'sum', scale: 9 }

const FINEST: Readonly<Record<string, number>> = { 'storage.gb': 6, 'seats.peak': 2, 'plan.seats': 3 }
const QUANTITY_MAX = 2n ** 63n - 1n

const digits = (random: Random, count: number): bigint => {
  let text = String(random.between(1, 9))
  while (text.length < count) text += String(random.below(10))
  return BigInt(text)
}

/** Mostly small; some near the end of 64 bits, beyond it, or finer than the metric is kept. */
const quantity = (random: Random, metric: string): Amount => {
  if (metric === 'active.users') return amountOf(1n, 0)
  if (metric === 'data.moved') {
    if (random.chance(1)) return amountOf(QUANTITY_MAX - BigInt(random.below(3)), 0)
    if (random.chance(0.4)) return amountOf(QUANTITY_MAX + 1n + BigInt(random.below(2)), 0)
    return amountOf(digits(random, random.between(1, 15)), 0)
  }
  if (metric === UNDEFINED_METRIC) return amountOf(digits(random, 4), random.pick([0, 1, 2, 3, 3, 5]))
  const finest = FINEST[metric] ?? 0
  if (finest > 0 && random.chance(1)) return amountOf(digits(random, 20), random.between(finest + 1, 18))
  if (metric === 'storage.gb' && random.chance(0.3)) return amountOf(digits(random, 14), 0)
  return amountOf(random.chance(3) ? 0n : digits(random, random.between(1, 5)), random.between(0, finest))
}

export const instantIn = (random: Random, month: string, untilMs: number): number => {
  const fromMs = startOfMonth(month)
  const endMs = Math.min(startOfMonth(addMonths(month, 1)), untilMs)
  const within = (ms: number) => Math.min(Math.max(ms, fromMs), endMs - 1)
  const uniform = fromMs + random.below(Math.floor((endMs - fromMs) / 1000)) * 1000 + random.below(1000)
  if (random.chance(70)) return uniform
  // The edges of the month, and of a local day.
  if (random.chance(20)) return within(random.pick([fromMs, fromMs + 1, endMs - 1, endMs - 1000]))
  const change = clockChangeIn(month)
  if (change !== null && random.chance(50))
    return within(
      change +
        random.pick([random.between(-2 * HOUR_MS, 2 * HOUR_MS), HOUR_MS * random.between(-2, 2)]) +
        random.pick([0, 0, -1, 1]),
    )
  const day = localText(uniform).slice(0, 10)
  const midnight = Date.parse(`${day}T00:00:00Z`) - HOUR_MS * random.pick([1, 2])
  return within(midnight + random.pick([-1, 0, 1, DAY_MS - 1]))
}

/** A local text of a second; around a change of the clocks also one that comes twice, or never. */
export const localMoment = (random: Random, month: string, untilMs: number): Moment => {
  const change = clockChangeIn(month)
  if (change !== null && change + 3 * HOUR_MS < untilMs && random.chance(15)) {
    const day = new Date(change).toISOString().slice(0, 10)
    return {
      local: `${day} 0${random.between(1, 3)}:${random.pick(['00:00', '30:00', '59:59', '00:01'])}`,
    }
  }
  return { local: localText(instantIn(random, month, untilMs)) }
}

const dimensionsOf = (random: Random, metric: string): Readonly<Record<string, string>> => ({
  ...(random.chance(85) ? { region: random.pick(['eu', 'us', 'ap', '7']) } : {}),
  ...(metric === 'active.users' && random.chance(95) ? { user: `user ${random.below(12)}` } : {}),
  ...(random.chance(10) ? { plan: random.pick(['free', 'größer', 'a "b"']) } : {}),
})

export const factIn = (
  random: Random,
  tenants: readonly string[],
  month: string,
  untilMs: number,
  knowsUndefined: boolean,
): Omit<Fact, 'identity'> => {
  const metric =
    knowsUndefined && random.chance(4) ? UNDEFINED_METRIC : random.pick(METRICS.map((each) => each.metric))
  // Last values of the same instant, of which the one that came last counts.
  const noon = startOfMonth(month) + (random.below(3) * 24 + 12) * HOUR_MS
  const isTied = metric === 'plan.seats' && noon < untilMs && random.chance(40)
  const ms = isTied ? noon : instantIn(random, month, untilMs)
  const end = random.chance(8) ? ms + random.below(2 * HOUR_MS) : null
  return {
    tenant: random.pick(tenants),
    metric,
    amount: quantity(random, metric),
    start: { ms },
    end: end === null || end >= untilMs ? null : { ms: end },
    dimensions: dimensionsOf(random, metric),
  }
}

/** The fact with another meaning under the same identity. */
export const contradicted = (random: Random, fact: Fact, tenants: readonly string[]): Fact => {
  const another = random.pick(tenants.filter((tenant) => tenant !== fact.tenant))
  const { units, decimals } = fact.amount
  return random.pick<() => Fact>([
    () => ({ ...fact, tenant: another }),
    () => ({ ...fact, amount: amountOf(units + 10n ** BigInt(decimals), decimals) }),
    () => ({ ...fact, start: 'ms' in fact.start ? { ms: fact.start.ms - 1 } : fact.start, end: null }),
    () => ({ ...fact, dimensions: { ...fact.dimensions, region: 'elsewhere' } }),
    () => ({ ...fact, metric: fact.metric === 'api.calls' ? 'seats.peak' : 'api.calls' }),
  ])()
}
