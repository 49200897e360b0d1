import { expect, test } from 'vitest'
import type { DecimalText } from '../../../src/domain/decimal.ts'
import {
  forecastParts,
  forecastWords,
  mergeRows,
  planForecast,
  rowsOfDays,
} from '../../../src/domain/invoice/forecast.ts'
import type { Metric } from '../../../src/domain/metric.ts'
import type { Month } from '../../../src/domain/period.ts'
import type { UsageCut, UsageNeed, UsageRow } from '../../../src/domain/pricing/usage.ts'

const BERLIN = 'Europe/Berlin'
const planAt = (now: string, more: { month?: string; fromDay?: string; untilDay?: string } = {}) =>
  planForecast({
    month: (more.month ?? now.slice(0, 7)) as Month,
    timeZone: BERLIN,
    nowMs: Date.parse(now),
    fromDay: more.fromDay ?? '2020-01-01',
    untilDay: more.untilDay ?? null,
  })
const likes = (plan: ReturnType<typeof planAt>) =>
  plan.days.map(({ day, like }) => `${day.slice(8)}←${like.slice(8)}`)

test('each day left is like the same weekday of the last seven days over', () => {
  const plan = planAt('2026-11-24T10:00:00Z')
  expect(plan.elapsed.length).toBe(23)
  expect(likes(plan)).toEqual(['24←17', '25←18', '26←19', '27←20', '28←21', '29←22', '30←23'])
  expect(plan.openMs).toBe(Date.parse('2026-11-23T23:00:00Z'))
  expect(forecastWords(plan)).toBe(
    '23 days of November 2026 are over. The forecast takes each of the 7 left, the running one included, to be like the same weekday of the last seven days that are over. Largest, last, distinct and standing quantities stay as they are so far.',
  )
})

test('of fewer days their order is repeated', () => {
  const plan = planAt('2026-11-04T10:00:00Z')
  expect(likes(plan).slice(0, 7)).toEqual(['04←01', '05←02', '06←03', '07←01', '08←02', '09←03', '10←01'])
  expect(forecastWords(plan)).toContain('like the 3 days that are over, in their order again and again')
  expect(forecastWords(planAt('2026-11-02T10:00:00Z'))).toContain('like the one day that is over')
})

test('on the first day there is nothing to tell from, and it says so', () => {
  const plan = planAt('2026-11-01T10:00:00Z')
  expect([plan.elapsed, plan.days]).toEqual([[], []])
  expect(forecastWords(plan)).toBe(
    'No day of November 2026 under contract is over yet, so there is nothing to tell the rest of the month from. There is no forecast before tomorrow.',
  )
})

test('a day ends at midnight of the book’s time zone', () => {
  expect(planAt('2026-11-01T22:59:59.999Z').elapsed).toEqual([])
  expect(planAt('2026-11-01T23:00:00Z').elapsed).toEqual(['2026-11-01'])
})

test('a contract that begins or ends within the month counts its own days only', () => {
  const ends = planAt('2026-11-18T10:00:00Z', { untilDay: '2026-11-21' })
  expect(likes(ends)).toEqual(['18←11', '19←12', '20←13'])
  const begins = planAt('2026-11-18T10:00:00Z', { fromDay: '2026-11-16' })
  expect(begins.elapsed).toEqual(['2026-11-16', '2026-11-17'])
  expect(likes(begins).slice(0, 3)).toEqual(['18←16', '19←17', '20←16'])
  const over = planAt('2026-11-25T10:00:00Z', { untilDay: '2026-11-21' })
  expect([over.elapsed.length, over.days.length]).toEqual([20, 0])
  expect(forecastWords(over)).toContain('Every day of November 2026 under contract is over')
})

const metric = (name: string, aggregation: Metric['aggregation']): Metric => ({
  metric: name,
  name,
  unit: 'unit',
  aggregation,
  scale: 0,
})
const METRICS = [metric('calls', 'sum'), metric('peak', 'max'), metric('users', 'unique_count')]
const need = (name: string, cut: UsageCut = {}, startMs = Date.parse('2026-10-31T23:00:00Z')): UsageNeed => ({
  metric: name,
  startMs,
  endMs: Date.parse('2026-11-30T23:00:00Z'),
  cut,
})

test('sums are put together from days over and days like them; all else stays', () => {
  const plan = planAt('2026-11-29T10:00:00Z')
  expect(forecastParts(need('calls'), plan, METRICS)).toEqual({
    past: { ...need('calls'), endMs: Date.parse('2026-11-28T23:00:00Z') },
    likes: [
      {
        need: {
          metric: 'calls',
          startMs: Date.parse('2026-11-21T23:00:00Z'),
          endMs: Date.parse('2026-11-22T23:00:00Z'),
          cut: {},
        },
        like: '2026-11-22',
        days: ['2026-11-29'],
      },
      {
        need: {
          metric: 'calls',
          startMs: Date.parse('2026-11-22T23:00:00Z'),
          endMs: Date.parse('2026-11-23T23:00:00Z'),
          cut: {},
        },
        like: '2026-11-23',
        days: ['2026-11-30'],
      },
    ],
  })
  // A price that begins with a day to come has no days over.
  expect(forecastParts(need('calls', {}, Date.parse('2026-11-29T23:00:00Z')), plan, METRICS)?.past).toBeNull()
  expect(forecastParts(need('peak'), plan, METRICS)).toBeNull()
  expect(forecastParts(need('users'), plan, METRICS)).toBeNull()
  expect(forecastParts(need('calls', { events: true, opening: 'level' }), plan, METRICS)).toBeNull()
  const before: UsageNeed = { ...need('calls'), endMs: Date.parse('2026-11-10T23:00:00Z') }
  expect(forecastParts(before, plan, METRICS)).toBeNull()
})

const row = (time: string, quantity: string, more: Partial<UsageRow> = {}): UsageRow => ({
  startMs: Date.parse(time),
  keys: [],
  quantity: quantity as DecimalText,
  events: 1,
  ...more,
})

test('rows keep their time of the clock over a change of it, and an hour left out is the next', () => {
  const hourly = need('calls', { bucketMs: 3_600_000 }, Date.parse('2026-02-28T23:00:00Z'))
  // Berlin goes from 02:00 to 03:00 on 29 March.
  const sunday = [
    row('2026-03-22T00:00:00Z', '1'), // 01:00
    row('2026-03-22T01:00:00Z', '2'), // 02:00
    row('2026-03-22T22:00:00Z', '4'), // 23:00
  ]
  const times = rowsOfDays(sunday, ['2026-03-29'], hourly, BERLIN).map(({ startMs }) =>
    new Date(startMs).toISOString(),
  )
  expect(times).toEqual(['2026-03-29T00:00:00.000Z', '2026-03-29T01:00:00.000Z', '2026-03-29T21:00:00.000Z'])
  const autumn = rowsOfDays([row('2026-10-18T22:00:00Z', '1')], ['2026-10-26'], hourly, BERLIN)
  expect(autumn.map(({ startMs }) => new Date(startMs).toISOString())).toEqual(['2026-10-25T23:00:00.000Z'])
})

test('rows of one bucket, cell and size are one; single events stay apart, in order of time', () => {
  const a = row('2026-11-02T00:00:00Z', '1', { keys: ['eu'] })
  const b = row('2026-11-01T00:00:00Z', '2', { keys: ['eu'] })
  expect(mergeRows([a, b, a], need('calls', { dimensions: ['region'] }))).toEqual([
    b,
    { ...a, quantity: '2', events: 2 },
  ])
  expect(mergeRows([a, b, a], need('calls', { events: true }))).toEqual([b, a, a])
})
