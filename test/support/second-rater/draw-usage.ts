/** Random events of a month: at edges of days, hours and clocks, and with sums on and beside the edges of prices. */
import type { Metric } from '../../../src/domain/metric.ts'
import type { Charge } from '../../../src/domain/pricing/ratecard.ts'
import type { UsageEvent } from '../../../src/domain/pricing/usage.ts'
import type { Random } from '../../faults/simulation/random.ts'
import { CARRIED, DIMENSIONS, text } from './draw-charge.ts'
import {
  add,
  decimal,
  fraction,
  minus,
  NOUGHT,
  negate,
  over,
  type Rational,
  times,
  whole,
  write,
} from './rational.ts'
import { DAY, daysIn, firstDayOf, readMonth, startOfDay } from './zone.ts'

const metric = (name: string, aggregation: Metric['aggregation']): Metric => ({
  metric: name,
  name,
  unit: 'unit',
  aggregation,
  scale: 6,
  ...(aggregation === 'unique_count' ? { uniqueBy: 'user' } : {}),
})

export const METRICS: readonly Metric[] = [
  metric('m.sum', 'sum'),
  metric('n.sum', 'sum'),
  metric('m-dash', 'sum'),
  metric('m.max', 'max'),
  metric('m.last', 'last'),
  metric('m.unique', 'unique_count'),
  metric('m.level', 'last'),
]

/** Months with changes of the clocks in one of the zones, or a leap day, or neither. */
export const MONTHS = [
  '2024-02',
  '2028-02',
  '2027-02',
  '2026-03',
  '2026-04',
  '2026-09',
  '2026-10',
  '2026-11',
  '2027-01',
] as const
export const ZONES = [
  'UTC',
  'Europe/Berlin',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
  'America/New_York',
  'Asia/Kathmandu',
  'America/Santiago',
  'America/Havana',
  'America/St_Johns',
  'Pacific/Chatham',
  'Africa/Casablanca',
] as const

const HOUR = 3_600_000

/** An instant in the month or close to it, of hours and days more often the edge than the middle. */
const drawTime = (random: Random, days: readonly number[]): number => {
  const start = random.pick(days)
  const about = random.pick([0, 0, 0, HOUR, 2 * HOUR, 3 * HOUR, 90 * 60_000, 26 * HOUR, 12 * HOUR, DAY])
  const beside = random.pick([0, 0, 0, -1, 1, 1_000, -1_000])
  return random.chance(50) ? start + about + beside : start + random.below(DAY)
}

const PIECES = [
  '0',
  '1',
  '1',
  '2',
  '3',
  '0.5',
  '10',
  '0.001',
  '100',
  '7',
  '-1',
  '-2.5',
  '1.000001',
  '250',
  '1000000000000000',
] as const
const BESIDE = ['0', '0', '0', '0.000001', '-0.000001', '1', '-1', '0.5'] as const

/** What the quantities shall come to: zero, an edge, beside an edge, or anything. */
const drawSum = (random: Random, edges: readonly string[]): Rational => {
  const base =
    edges.length === 0 || random.chance(25)
      ? fraction(BigInt(random.below(100_000)), BigInt(random.pick([1, 10, 1000, 64])))
      : decimal(random.pick(edges))
  const beside = add(base, decimal(random.pick(BESIDE)))
  return random.chance(12) ? negate(beside) : random.chance(6) ? NOUGHT : beside
}

/** To six decimals, which metrics keep. */
const kept = (value: Rational): Rational => {
  const scaled = times(value, whole(1_000_000))
  return fraction(scaled.n / scaled.d, 1_000_000n)
}

const drawQuantities = (
  random: Random,
  edges: readonly string[],
  size: Rational,
  count: number,
): Rational[] => {
  const quantities: Rational[] = []
  let left = kept(times(drawSum(random, edges), size))
  for (let i = 1; i < count; i++) {
    const piece = random.chance(40)
      ? kept(over(left, whole(random.between(2, 4))))
      : kept(times(decimal(random.pick(PIECES)), random.chance(50) ? size : whole(1)))
    quantities.push(piece)
    left = minus(left, piece)
  }
  return count > 0 ? [...quantities, left] : quantities
}

/** Events for a charge in the month, with some beside the month, of other metrics too. */
export const drawEvents = (
  random: Random,
  charge: Charge,
  edges: readonly string[],
  month: string,
  timeZone: string,
  rated: readonly [first: number, end: number],
): readonly UsageEvent[] => {
  if (charge.kind === 'flat_fee' || charge.kind === 'cost_plus') return []
  const first = firstDayOf(readMonth(month))
  const count = daysIn(readMonth(month))
  const days = Array.from({ length: count }, (_, i) => startOfDay(first + i, timeZone))
  const near = [...days, startOfDay(first + count, timeZone), startOfDay(first - 1, timeZone)]
  const inside = days.slice(...rated)
  const tenants = random.chance(80) ? [undefined] : ['t1', 't2', 't3']
  const isLevel = charge.kind === 'seat' || charge.kind === 'time_weighted'
  const size = 'convert' in charge && charge.convert ? decimal(charge.convert.size) : whole(1)
  const names =
    charge.kind === 'formula' ? ['m.sum', 'n.sum', 'm-dash', 'm.max', 'm.last', 'm.unique'] : [charge.metric]
  const at = random.chance(15) ? random.pick(inside) : null
  const dimensions = () => ({
    ...(random.chance(90) ? { region: random.pick(DIMENSIONS.region) } : {}),
    ...(random.chance(80) ? { plan: random.pick(DIMENSIONS.plan) } : {}),
    ...(random.chance(80) ? { route: random.pick(DIMENSIONS.route) } : {}),
    ...(random.chance(95) ? { price: random.pick(CARRIED) } : {}),
    user: `u${random.below(12)}`,
  })
  const alike = random.chance(35) ? dimensions() : null
  return names.flatMap((name) => {
    const many = random.chance(6) ? 0 : random.chance(85) ? random.between(1, 8) : random.between(9, 30)
    const quantities = isLevel
      ? Array.from({ length: many }, () =>
          decimal(random.pick(['0', '1', '2', '5', '12', '3.5', '0.001', '-1', '-3', '100'])),
        )
      : drawQuantities(random, edges, size, many)
    return quantities.map((quantity): UsageEvent => {
      const tenant = random.pick(tenants)
      return {
        metric: name,
        timeMs: at === null ? drawTime(random, random.chance(85) ? inside : near) : at + random.below(2),
        quantity: text(write(quantity)),
        ...(tenant === undefined ? {} : { tenant }),
        dimensions: alike ?? dimensions(),
      }
    })
  })
}
