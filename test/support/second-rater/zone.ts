/**
 * Days, hours and months of a time zone, from nothing but what `Intl` says of single instants. Days are numbered from
 * 1970-01-01 = 0.
 */
const MINUTE = 60_000
const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

interface Shift {
  readonly fromMs: number
  readonly offsetMs: number
}

const formats = new Map<string, Intl.DateTimeFormat>()
const shiftsOf = new Map<string, Map<number, readonly Shift[]>>()
const written = new Map<number, string>()

/** What the clock on the wall shows, read as if it were UTC, less the instant. */
const askOffset = (ms: number, timeZone: string): number => {
  let format = formats.get(timeZone)
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
    formats.set(timeZone, format)
  }
  const part: Record<string, number> = {}
  for (const { type, value } of format.formatToParts(ms)) part[type] = Number(value)
  const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0 } = part
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(ms / 1000) * 1000
}

/** The changes of the clocks in a UTC year, the offset at its start first. */
const shiftsIn = (year: number, timeZone: string): readonly Shift[] => {
  const ofZone = shiftsOf.get(timeZone) ?? new Map<number, readonly Shift[]>()
  const known = ofZone.get(year)
  if (known) return known
  const end = Date.UTC(year + 1, 0, 1)
  let at = Date.UTC(year, 0, 1)
  const shifts: Shift[] = [{ fromMs: at, offsetMs: askOffset(at, timeZone) }]
  for (; at < end; at += DAY) {
    const before = (shifts.at(-1) as Shift).offsetMs
    if (askOffset(at + DAY, timeZone) === before) continue
    let [low, high] = [at / MINUTE, (at + DAY) / MINUTE]
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2)
      if (askOffset(middle * MINUTE, timeZone) === before) low = middle
      else high = middle
    }
    shifts.push({ fromMs: high * MINUTE, offsetMs: askOffset(high * MINUTE, timeZone) })
  }
  shiftsOf.set(timeZone, ofZone.set(year, shifts))
  return shifts
}

const offsetAt = (ms: number, timeZone: string): number => {
  const shifts = shiftsIn(new Date(ms).getUTCFullYear(), timeZone)
  let offset = 0
  for (const shift of shifts) if (shift.fromMs <= ms) offset = shift.offsetMs
  return offset
}

export const dayAt = (ms: number, timeZone: string): number => Math.floor((ms + offsetAt(ms, timeZone)) / DAY)

/** The first instant that belongs to the day. */
export const startOfDay = (day: number, timeZone: string): number => {
  const wall = day * DAY
  const offsets = [offsetAt(wall - DAY, timeZone), offsetAt(wall + DAY, timeZone)]
  const fitting = offsets.map((offset) => wall - offset).filter((ms) => ms + offsetAt(ms, timeZone) === wall)
  if (fitting.length > 0) return Math.min(...fitting)
  // The clocks leap over midnight: the day begins when they have.
  const year = new Date(wall).getUTCFullYear()
  const leap = shiftsIn(year, timeZone).find(({ fromMs }) => Math.abs(fromMs - wall) < DAY)
  if (!leap) throw new RangeError(`day ${day} has no beginning in ${timeZone}`)
  return leap.fromMs
}

/** The hour on the clock, and the weekday (1 Monday to 7 Sunday). */
export const clockAt = (ms: number, timeZone: string) => {
  const wall = ms + offsetAt(ms, timeZone)
  const day = Math.floor(wall / DAY)
  return { day, hour: Math.floor((wall - day * DAY) / HOUR), weekday: weekdayOf(day) }
}

/** 1970-01-01 was a Thursday. */
export const weekdayOf = (day: number): number => ((((day + 3) % 7) + 7) % 7) + 1

/** Two instants in one window have one key; keys of later windows are not in order. */
export const windowAt = (ms: number, window: 'hour' | 'day', timeZone: string): string => {
  const { day, hour } = clockAt(ms, timeZone)
  return window === 'day' ? `${day}` : `${day} ${hour} ${offsetAt(ms, timeZone)}`
}

export const readDay = (text: string): number => Date.parse(`${text}T00:00:00Z`) / DAY
export const writeDay = (day: number): string => {
  const known = written.get(day)
  if (known !== undefined) return known
  const text = new Date(day * DAY).toISOString().slice(0, 10)
  written.set(day, text)
  return text
}

/** Months are numbered from year 0. */
export const readMonth = (text: string): number =>
  Number(text.slice(0, 4)) * 12 + Number(text.slice(5, 7)) - 1
export const writeMonth = (month: number): string =>
  `${String(Math.floor(month / 12)).padStart(4, '0')}-${String((month % 12) + 1).padStart(2, '0')}`
export const firstDayOf = (month: number): number => Date.UTC(Math.floor(month / 12), month % 12, 1) / DAY
export const daysIn = (month: number): number => firstDayOf(month + 1) - firstDayOf(month)
export const monthOfDay = (day: number): number => readMonth(writeDay(day))
