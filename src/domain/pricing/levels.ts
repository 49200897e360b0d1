/**
 * Levels over time: how many there were, from events that say how many there are now or how many came and went. A level
 * holds from its event on; the one before the period goes on. Levels are of a tenant and are added at every instant; one
 * below zero counts as zero. A level that held for no time does not count.
 */
import { type DecimalText, integerToDecimal, ZERO } from '../decimal.ts'
import type { Period } from '../period.ts'
import { type Clock, dayNumber } from './clock.ts'
import { dividerBy, mostDecimals, toScaled } from './exact.ts'
import type { MetricUsage, UsageRow } from './usage.ts'

interface Stretch extends Period {
  /** At the levels' scale. */
  readonly level: bigint
}

/** The customer's levels over the usage's periods, its tenants' added. */
export interface Levels {
  readonly scale: number
  /** In order of time, without gaps; of two that follow each other the levels differ. */
  readonly stretches: readonly Stretch[]
}

const valueIn = (row: UsageRow): DecimalText => row.value ?? row.quantity

/**
 * Changes of the customer's level by instant: what a tenant's own level, never below zero, adds to it over the usage's
 * period. What it stands at in the end goes again: days after it are another usage's, or none's.
 */
const changesOf = (
  usage: MetricUsage,
  values: 'level' | 'change',
  scale: number,
): readonly (readonly [number, bigint])[] => {
  const rows = usage.rows.toSorted((a, b) => a.startMs - b.startMs)
  let level = toScaled(usage.opening ?? ZERO, scale)
  let counted = level > 0n ? level : 0n
  const changes: [number, bigint][] = [[usage.startMs, counted]]
  for (const row of rows) {
    const value = toScaled(valueIn(row), scale)
    level = values === 'level' ? value : level + value
    const now = level > 0n ? level : 0n
    changes.push([row.startMs, now - counted])
    counted = now
  }
  return [...changes, [usage.endMs, -counted]]
}

/** @param usage each with the level at its start, however its periods follow one another. */
export const levelsOf = (usage: readonly MetricUsage[], values: 'level' | 'change'): Levels => {
  const texts = usage.flatMap((each) => [each.opening ?? ZERO, ...each.rows.map(valueIn)])
  const scale = mostDecimals(texts)
  const changes = usage.flatMap((each) => changesOf(each, values, scale)).sort(([a], [b]) => a - b)
  const stretches: { startMs: number; endMs: number; level: bigint }[] = []
  let level = 0n
  for (const [index, [startMs, change]] of changes.entries()) {
    level += change
    const untilMs = changes[index + 1]?.[0] ?? startMs
    if (untilMs <= startMs) continue
    const last = stretches.at(-1)
    if (last?.level === level && last.endMs === startMs) last.endMs = untilMs
    else stretches.push({ startMs, endMs: untilMs, level })
  }
  return { scale, stretches }
}

/** The highest level; zero without any. */
export const highestLevel = ({ scale, stretches }: Levels): DecimalText =>
  integerToDecimal(
    stretches.reduce((most, { level }) => (level > most ? level : most), 0n),
    scale,
  )

/** The highest level of each local day, by its {@link dayNumber}, at the levels' scale; days of none are left out. */
export const highestOfDays = ({ stretches }: Levels, clock: Clock): ReadonlyMap<number, bigint> => {
  const highest = new Map<number, bigint>()
  const raise = (day: number, level: bigint) => {
    if (level > (highest.get(day) ?? 0n)) highest.set(day, level)
  }
  for (const stretch of stretches) {
    const first = dayNumber(clock, stretch.startMs)
    const last = dayNumber(clock, stretch.endMs - 1)
    for (let day = first; day <= last; day++) raise(day, stretch.level)
  }
  return highest
}

/** The highest level of each local day, summed, ÷ the days of the month. */
export const highestByDay = (levels: Levels, clock: Clock, daysOfMonth: number): DecimalText => {
  const divider = dividerBy(String(daysOfMonth) as DecimalText, levels.scale)
  const sum = [...highestOfDays(levels, clock).values()].reduce((total, level) => total + level, 0n)
  return integerToDecimal(divider.divide(sum), divider.scale)
}

/** ∫ level dt ÷ `lengthMs`. */
export const heldFor = ({ scale, stretches }: Levels, lengthMs: number): DecimalText => {
  const held = stretches.reduce((sum, { level, startMs, endMs }) => sum + level * BigInt(endMs - startMs), 0n)
  const divider = dividerBy(String(lengthMs) as DecimalText, scale)
  return integerToDecimal(divider.divide(held), divider.scale)
}
