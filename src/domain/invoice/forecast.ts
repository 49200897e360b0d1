/**
 * What a running month comes to at its end, if each day that is left is like the same weekday of the last seven days that
 * are over. The rule, with its limits: docs/pricing/forecast.md. Pure: the caller asks for the usage named here.
 */
import { Temporal } from 'temporal-polyfill'
import { type DecimalText, sumDecimals } from '../decimal.ts'
import { isAdditive, type Metric } from '../metric.ts'
import { dayPeriod, daysOfMonth, type Month, monthName, startOfDay } from '../period.ts'
import type { UsageNeed, UsageRow } from '../pricing/usage.ts'

const WEEK = 7

export interface ForecastPlan {
  readonly month: Month
  readonly timeZone: string
  /** Start of the first day that is not over; the month's end where all are. */
  readonly openMs: number
  /** Days of the month under contract that are over. */
  readonly elapsed: readonly string[]
  /** Each day that is left, the running one included, and the day that it is taken to be like. */
  readonly days: readonly { readonly day: string; readonly like: string }[]
}

/**
 * @param fromDay first day under contract, `untilDay` the day after the last; those outside are neither over nor left
 * @returns a plan without days where none is over yet: then there is nothing to tell the rest from
 */
export const planForecast = (input: {
  readonly month: Month
  readonly timeZone: string
  readonly nowMs: number
  readonly fromDay: string
  readonly untilDay: string | null
}): ForecastPlan => {
  const { month, timeZone, nowMs } = input
  const all = daysOfMonth(month)
  const isUnder = (day: string) => day >= input.fromDay && (input.untilDay === null || day < input.untilDay)
  const firstOpen = all.find((day) => dayPeriod(day, timeZone).endMs > nowMs)
  const openMs =
    firstOpen === undefined
      ? dayPeriod(all.at(-1) ?? `${month}-01`, timeZone).endMs
      : startOfDay(firstOpen, timeZone)
  const elapsed = all.filter((day) => isUnder(day) && (firstOpen === undefined || day < firstOpen))
  const last = elapsed.slice(-WEEK)
  const left = all.filter((day) => isUnder(day) && firstOpen !== undefined && day >= firstOpen)
  // Counted from the day after the last one that is over: of seven days the same weekday, of fewer their order again.
  const days = left.flatMap((day) => {
    const place = Number(day.slice(8)) - 1 - Number(elapsed.at(-1)?.slice(8) ?? 0)
    const like = last[((place % last.length) + last.length) % last.length]
    return like === undefined ? [] : [{ day, like }]
  })
  return { month, timeZone, openMs, elapsed, days }
}

/** The plan as a person reads it. */
export const forecastWords = ({ month, elapsed, days }: ForecastPlan): string => {
  const name = monthName(month)
  const over = `${elapsed.length} ${elapsed.length === 1 ? 'day' : 'days'}`
  if (elapsed.length === 0)
    return `No day of ${name} under contract is over yet, so there is nothing to tell the rest of the month from. There is no forecast before tomorrow.`
  if (days.length === 0)
    return `Every day of ${name} under contract is over: the forecast is what the invoice is so far.`
  const source =
    elapsed.length >= WEEK
      ? 'the same weekday of the last seven days that are over'
      : elapsed.length === 1
        ? 'the one day that is over'
        : `the ${over} that are over, in their order again and again`
  return `${over} of ${name} ${elapsed.length === 1 ? 'is' : 'are'} over. The forecast takes each of the ${days.length} left, the running one included, to be like ${source}. Largest, last, distinct and standing quantities stay as they are so far.`
}

/** The usage that a need's forecast is put together from. */
export interface ForecastParts {
  /** Of the need's days that are over; null where none is. */
  readonly past: UsageNeed | null
  /** Of each day that others are like, with those days. */
  readonly likes: readonly {
    readonly need: UsageNeed
    readonly like: string
    readonly days: readonly string[]
  }[]
}

/** Null where the need stays as it is so far: of days that are over, of levels, and of what is no sum. */
export const forecastParts = (
  need: UsageNeed,
  plan: ForecastPlan,
  metrics: readonly Metric[],
): ForecastParts | null => {
  const { timeZone, openMs } = plan
  const metric = metrics.find((each) => each.metric === need.metric)
  if (metric === undefined || !isAdditive(metric) || need.cut.opening !== undefined) return null
  const inside = plan.days.filter(({ day }) => {
    const { startMs } = dayPeriod(day, timeZone)
    return startMs >= need.startMs && startMs < need.endMs
  })
  if (inside.length === 0) return null
  return {
    past: need.startMs < openMs ? { ...need, endMs: Math.min(need.endMs, openMs) } : null,
    likes: [...Map.groupBy(inside, ({ like }) => like)].map(([like, days]) => ({
      need: { metric: need.metric, ...dayPeriod(like, timeZone), cut: need.cut },
      like,
      days: days.map(({ day }) => day),
    })),
  }
}

/** The instant at the same time of the clock on another day; an hour that the day's clocks leave out is the next. */
const moved = (ms: number, day: string, timeZone: string): number =>
  Temporal.PlainDate.from(day).toZonedDateTime({
    timeZone,
    plainTime: Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(timeZone).toPlainTime(),
  }).epochMilliseconds

/** A day's rows as the days like it would have them. */
export const rowsOfDays = <Row extends UsageRow>(
  rows: readonly Row[],
  days: readonly string[],
  need: UsageNeed,
  timeZone: string,
): readonly Row[] => {
  const hasTime = need.cut.bucketMs !== undefined || need.cut.events === true
  return days.flatMap((day) =>
    rows.map((row) => ({ ...row, startMs: hasTime ? moved(row.startMs, day, timeZone) : need.startMs })),
  )
}

/** Rows of one bucket, cell and size of event as one; events of a need that wants each stay apart. In order of time. */
export const mergeRows = <Row extends UsageRow>(rows: readonly Row[], need: UsageNeed): readonly Row[] => {
  const byTime = rows.toSorted((a, b) => a.startMs - b.startMs)
  if (need.cut.events === true) return byTime
  return [
    ...Map.groupBy(byTime, (row) => JSON.stringify([row.startMs, row.keys, row.value ?? null])).values(),
  ].flatMap((group) => {
    const [first] = group
    if (first === undefined) return []
    const quantity: DecimalText = sumDecimals(group.map((row) => row.quantity))
    return [{ ...first, quantity, events: group.reduce((sum, row) => sum + row.events, 0) }]
  })
}
