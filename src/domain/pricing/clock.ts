/**
 * Local time without asking Temporal for every row: a month has one or two offsets, so they are looked up once.
 * An hour window is an hour of the clock at one offset; an hour that the clocks repeat is two windows.
 */
import { Temporal } from 'temporal-polyfill'
import type { Period } from '../period.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const QUARTER_MS = 900_000

interface Stretch {
  /** From this instant on, until the next stretch. */
  readonly fromMs: number
  readonly offsetMs: number
}

export interface Clock {
  readonly stretches: readonly Stretch[]
}

/** Thousands of customers are rated for the same few months. */
const CLOCKS_KEPT = 1_000
const clocks = new Map<string, Clock>()

/** The offsets of a time zone over a half-open period, in order of time; never empty. */
export const clockOf = (period: Period, timeZone: string): Clock => {
  const key = `${period.startMs} ${period.endMs} ${timeZone}`
  const known = clocks.get(key)
  if (known !== undefined) return known
  const clock = askClock(period, timeZone)
  if (clocks.size >= CLOCKS_KEPT) clocks.clear()
  clocks.set(key, clock)
  return clock
}

const askClock = (period: Period, timeZone: string): Clock => {
  let at: Temporal.ZonedDateTime | null = Temporal.Instant.fromEpochMilliseconds(
    period.startMs,
  ).toZonedDateTimeISO(timeZone)
  const stretches: Stretch[] = []
  let fromMs = period.startMs
  while (at !== null && fromMs < period.endMs) {
    stretches.push({ fromMs, offsetMs: at.offsetNanoseconds / 1_000_000 })
    at = at.getTimeZoneTransition('next')
    fromMs = at?.epochMilliseconds ?? period.endMs
  }
  return { stretches }
}

const stretchAt = (clock: Clock, ms: number): Stretch | undefined =>
  clock.stretches.findLast((stretch) => stretch.fromMs <= ms) ?? clock.stretches[0]

const offsetAt = (clock: Clock, ms: number): number => stretchAt(clock, ms)?.offsetMs ?? 0

/** Milliseconds since 1970 of the local date and time, as if they were UTC. */
export const localMs = (clock: Clock, ms: number): number => ms + offsetAt(clock, ms)

export const hourOfDay = (clock: Clock, ms: number): number => {
  const local = localMs(clock, ms)
  return Math.floor((((local % DAY_MS) + DAY_MS) % DAY_MS) / HOUR_MS)
}

/** Days since 1970-01-01 of the local date. */
export const dayNumber = (clock: Clock, ms: number): number => Math.floor(localMs(clock, ms) / DAY_MS)

/** 1 Monday to 7 Sunday, of a {@link dayNumber}: 1970-01-01 was a Thursday. */
export const weekdayOf = (day: number): number => ((((day + 3) % 7) + 7) % 7) + 1

/** What instants of one hour, or one day, have in common; in order of time. */
export const windowOf = (clock: Clock, window: 'hour' | 'day', ms: number): number => {
  if (window === 'day') return dayNumber(clock, ms)
  const stretch = stretchAt(clock, ms)
  const offset = stretch?.offsetMs ?? 0
  const startMs = Math.floor((ms + offset) / HOUR_MS) * HOUR_MS - offset
  // Where the clocks change within an hour (02:45 to 03:45 in Chatham), the hours before and after would begin at one instant.
  return stretch === undefined || stretch === clock.stretches[0] ? startMs : Math.max(startMs, stretch.fromMs)
}

/** Buckets of UTC that never straddle a local hour: an hour long where every offset is of whole hours. */
export const bucketOf = (clock: Clock): number =>
  clock.stretches.every((stretch) => stretch.offsetMs % HOUR_MS === 0) ? HOUR_MS : QUARTER_MS

/** The windows of a period, each with its instants; the first and last are cut at the period's ends. */
export const windowsIn = (clock: Clock, window: 'hour' | 'day', period: Period): readonly Period[] => {
  const windows: { startMs: number; endMs: number; key: number }[] = []
  for (let ms = period.startMs; ms < period.endMs; ms += QUARTER_MS) {
    const key = windowOf(clock, window, ms)
    const last = windows.at(-1)
    const endMs = Math.min(ms + QUARTER_MS, period.endMs)
    if (last?.key === key) last.endMs = endMs
    else windows.push({ startMs: ms, endMs, key })
  }
  return windows
}
