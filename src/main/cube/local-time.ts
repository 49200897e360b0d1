/**
 * Hour, day and month of an instant in one time zone, fast enough for every row of a large import: the zone is
 * asked once per UTC day, everything else is integer arithmetic.
 */
import { Temporal } from 'temporal-polyfill'

const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000

export interface LocalTime {
  /** The instant at which the local hour began; a change of the clock begins a new hour. */
  readonly hourMs: number
  /** yyyymmdd */
  readonly day: number
  /** yyyymm */
  readonly month: number
}

interface UtcDay {
  readonly offsetBeforeMs: number
  /** Infinity where the offset stays the same all day. */
  readonly transitionMs: number
  readonly offsetAfterMs: number
}

const floorMod = (value: number, divisor: number) => ((value % divisor) + divisor) % divisor

/** A function from instants (UTC milliseconds) to the zone's hour, day and month. @throws RangeError for no zone. */
export const localTimeIn = (timeZone: string): ((ms: number) => LocalTime) => {
  const zoned = (ms: number) => Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(timeZone)
  const offsetMs = (ms: number) => zoned(ms).offsetNanoseconds / 1_000_000
  const utcDays = new Map<number, UtcDay>()
  const dayNumbers = new Map<number, number>()

  const utcDayOf = (ms: number): UtcDay => {
    const key = Math.floor(ms / DAY_MS)
    const known = utcDays.get(key)
    if (known !== undefined) return known
    const startMs = key * DAY_MS
    const offsetBeforeMs = offsetMs(startMs)
    const offsetAfterMs = offsetMs(startMs + DAY_MS)
    const transition = offsetBeforeMs === offsetAfterMs ? null : zoned(startMs).getTimeZoneTransition('next')
    const utcDay = { offsetBeforeMs, transitionMs: transition?.epochMilliseconds ?? Infinity, offsetAfterMs }
    utcDays.set(key, utcDay)
    return utcDay
  }
  const offsetAt = (ms: number) => {
    const utcDay = utcDayOf(ms)
    return ms < utcDay.transitionMs ? utcDay.offsetBeforeMs : utcDay.offsetAfterMs
  }
  const hourStart = (ms: number, offset: number): number => {
    const candidate = ms - floorMod(ms + offset, HOUR_MS)
    if (offsetAt(candidate) === offset) return candidate
    // The clock was changed within this hour (Lord Howe moves by half an hour): the hour began at the change.
    const { transitionMs } = utcDayOf(candidate)
    return transitionMs <= ms ? transitionMs : utcDayOf(ms).transitionMs
  }
  const numberOfDay = (localDay: number): number => {
    const known = dayNumbers.get(localDay)
    if (known !== undefined) return known
    const date = new Date(localDay * DAY_MS)
    const number = (date.getUTCFullYear() * 100 + date.getUTCMonth() + 1) * 100 + date.getUTCDate()
    dayNumbers.set(localDay, number)
    return number
  }

  offsetMs(0)
  // Instants mostly follow one another: the hour of the one before is tried first, up to where it may end.
  let last: LocalTime = { hourMs: 0, day: 0, month: 0 }
  let lastEndMs = 0
  return (ms) => {
    if (ms >= last.hourMs && ms < lastEndMs) return last
    const offset = offsetAt(ms)
    const day = numberOfDay(Math.floor((ms + offset) / DAY_MS))
    const { transitionMs } = utcDayOf(ms)
    last = { hourMs: hourStart(ms, offset), day, month: Math.floor(day / 100) }
    lastEndMs = Math.min(
      ms - floorMod(ms + offset, HOUR_MS) + HOUR_MS,
      transitionMs > ms ? transitionMs : Infinity,
      (Math.floor(ms / DAY_MS) + 1) * DAY_MS,
    )
    return last
  }
}

/** `2026-10` as 202610. */
export const monthNumber = (month: string): number =>
  Number(month.slice(0, 4)) * 100 + Number(month.slice(5, 7))

/** 202610 as `2026-10`. */
export const monthText = (month: number): string =>
  `${String(Math.floor(month / 100)).padStart(4, '0')}-${String(month % 100).padStart(2, '0')}`

/** `2026-10-31` as 20261031. */
export const dayNumber = (day: string): number => Number(day.replaceAll('-', ''))

/** 20261031 as `2026-10-31`. */
export const dayText = (day: number): string =>
  `${monthText(Math.floor(day / 100))}-${String(day % 100).padStart(2, '0')}`

/** The day (yyyymmdd) moved to the nearest day of the month (yyyymm). */
export const clampDay = (day: number, month: number): number => {
  const dayMonth = Math.floor(day / 100)
  if (dayMonth === month) return day
  if (dayMonth < month) return month * 100 + 1
  return month * 100 + new Date(Date.UTC(Math.floor(month / 100), month % 100, 0)).getUTCDate()
}
