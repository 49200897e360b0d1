/** Times as files write them, read to UTC milliseconds. What is finer than a millisecond is cut off. */
import { Temporal } from 'temporal-polyfill'

const TIME =
  /^(\d{4})-(\d{2})-(\d{2})(?:(?:[Tt]| {1,2})(\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,12}))?)?)? ?(Z|z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?$/

interface Written {
  /** The date and time as if it were UTC. */
  readonly localMs: number
  /** Minutes east of UTC; null where the text has no zone. */
  readonly offsetMinutes: number | null
  readonly isRfc3339: boolean
}

const daysInMonth = (year: number, month: number): number => new Date(Date.UTC(year, month, 0)).getUTCDate()

const offsetOf = (zone: string | undefined): number | null => {
  if (zone === undefined) return null
  if (!/^[+-]/.test(zone)) return 0
  const hours = Number(zone.slice(1, 3))
  const minutes = Number(zone.slice(3).replace(':', '') || '0')
  if (hours > 23 || minutes > 59) return Number.NaN
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes)
}

const readWritten = (text: string): Written | null => {
  const match = TIME.exec(text)
  if (match === null) return null
  const [, yearText, monthText, dayText, hourText, minuteText, secondText, fraction, zone] = match
  const [year, month, day] = [Number(yearText), Number(monthText), Number(dayText)]
  const [hour, minute, second] = [Number(hourText ?? 0), Number(minuteText ?? 0), Number(secondText ?? 0)]
  const offsetMinutes = offsetOf(zone)
  // Second 60 is a leap second: RFC 3339 allows it, and it counts as the second after.
  const possible =
    year >= 1970 &&
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    day <= daysInMonth(year, month) &&
    hour <= 23 &&
    minute <= 59 &&
    second <= 60 &&
    !Number.isNaN(offsetMinutes)
  if (!possible) return null
  const millisecond = fraction === undefined ? 0 : Number(fraction.slice(0, 3).padEnd(3, '0'))
  return {
    localMs: Date.UTC(year, month - 1, day, hour, minute, second, millisecond),
    offsetMinutes,
    isRfc3339: secondText !== undefined && zone !== undefined && /^(?:[Zz]|[+-]\d{2}:\d{2})$/.test(zone),
  }
}

/**
 * The instant in UTC, of a text without a zone as if it were UTC. Null beside the years 1970 to 9999, whose months
 * are written with four digits: an offset may lead out of them.
 */
const utcOf = ({ localMs, offsetMinutes }: Written): number | null => {
  const ms = localMs - (offsetMinutes ?? 0) * 60_000
  return ms >= 0 && ms <= LAST_MS ? ms : null
}

/** RFC 3339 with its obligatory zone, e.g. `2026-03-01T12:00:00.250+01:00`; null where it is anything else. */
export const parseRfc3339 = (text: string): number | null => {
  const written = readWritten(text)
  return written?.isRfc3339 ? utcOf(written) : null
}

/** No time is longer, with 12 digits after the second and an offset. */
const TIME_LENGTH_MAX = 64

/** Two digits as a number; NaN where they are none. */
const twoDigits = (codes: Uint16Array, at: number): number => {
  const tens = (codes[at] as number) - 48
  const ones = (codes[at + 1] as number) - 48
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN
}

/**
 * As {@link parseRfc3339} for a part of a text, given by its UTF-16 codes; NaN where it is unreadable. Quick for what
 * most files hold, one day after another: `2026-03-01T12:00:00Z` and `2026-03-01T12:00:00.250Z`.
 */
export const createInstantReader = (): ((codes: Uint16Array, from: number, to: number) => number) => {
  const textOf = (codes: Uint16Array, from: number, to: number) =>
    String.fromCharCode(...codes.subarray(from, to))
  /** The date read last, as codes, and its first millisecond. */
  const day = new Uint16Array(10)
  let dayMs = Number.NaN
  const startOfDay = (codes: Uint16Array, from: number): number => {
    let isSame = true
    for (let i = 0; i < 10; i++) if (day[i] !== codes[from + i]) isSame = false
    if (!isSame) {
      day.set(codes.subarray(from, from + 10))
      dayMs = parseRfc3339(`${textOf(codes, from, from + 10)}T00:00:00Z`) ?? Number.NaN
    }
    return dayMs
  }
  return (codes, from, to) => {
    const length = to - from
    const hasFraction = length === 24 && codes[from + 19] === 0x2e
    if ((length === 20 || hasFraction) && codes[from + 10] === 0x54 && codes[to - 1] === 0x5a) {
      const hour = twoDigits(codes, from + 11)
      const minute = twoDigits(codes, from + 14)
      const second = twoDigits(codes, from + 17)
      const hundredths = hasFraction ? twoDigits(codes, from + 20) : 0
      const thousandths = hasFraction ? (codes[from + 22] as number) - 48 : 0
      const hasColons = codes[from + 13] === 0x3a && codes[from + 16] === 0x3a
      const isInRange = hour <= 23 && minute <= 59 && second <= 59 && thousandths >= 0 && thousandths <= 9
      const inDay = ((hour * 60 + minute) * 60 + second) * 1000 + hundredths * 10 + thousandths
      const ms = startOfDay(codes, from) + inDay
      if (hasColons && isInRange && !Number.isNaN(ms)) return ms
    }
    return length > TIME_LENGTH_MAX ? Number.NaN : (parseRfc3339(textOf(codes, from, to)) ?? Number.NaN)
  }
}

/**
 * A time as billing exports write it: `2024-09-18`, `2024-09-18 23:00:00`, `2024-09-18T23:00Z`, with or
 * without fraction and zone; without a zone it is UTC. Null where it is none of these.
 */
export const parseUtcTime = (text: string): number | null => {
  const written = readWritten(text.trim())
  return written === null ? null : utcOf(written)
}

/**
 * The same forms, where a text without zone is meant in `timeZone`. In the hour that daylight saving
 * repeats the earlier instant is taken, in the hour it skips the time moves on by it.
 */
export const parseZonedTime = (text: string, timeZone: string): number | null => {
  const written = readWritten(text.trim())
  if (written === null) return null
  if (written.offsetMinutes !== null || timeZone === 'UTC') return utcOf(written)
  const localMs = Temporal.Instant.fromEpochMilliseconds(written.localMs)
    .toZonedDateTimeISO('UTC')
    .toPlainDateTime()
    .toZonedDateTime(timeZone).epochMilliseconds
  return utcOf({ ...written, localMs })
}

/** Seconds or milliseconds since 1970, with or without decimals; null where the text is no such number. */
export const parseEpoch = (text: string, unit: 's' | 'ms'): number | null => {
  const match = /^(\d{1,15})(?:\.(\d{1,12}))?$/.exec(text.trim())
  if (match === null) return null
  const [, whole = '0', fraction = ''] = match
  const ms = Number(unit === 's' ? whole + fraction.slice(0, 3).padEnd(3, '0') : whole)
  return ms <= LAST_MS ? ms : null
}

const LAST_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999)

/** The first `keep` answers are remembered, because times of a file repeat; then it starts afresh. */
export const remembering = <Answer>(
  read: (text: string) => Answer,
  keep = 10_000,
): ((text: string) => Answer) => {
  const known = new Map<string, Answer>()
  return (text) => {
    const before = known.get(text)
    if (before !== undefined) return before
    const answer = read(text)
    if (known.size >= keep) known.clear()
    known.set(ownText(text), answer)
    return answer
  }
}

/**
 * A copy that stands alone. A piece cut from a string keeps the whole string alive in V8; whoever keeps a
 * cell of a file longer than its row would keep the file.
 */
export const ownText = (text: string): string => Buffer.from(text, 'utf8').toString('utf8')
