/** What charges ask of usage: no finer than they need it. */
import { expect, test } from 'vitest'
import { type Month, monthPeriod } from '../../../src/domain/period.ts'
import { usageNeeds } from '../../../src/domain/pricing/needs.ts'
import type { Charge } from '../../../src/domain/pricing/ratecard.ts'
import type { UsageCut } from '../../../src/domain/pricing/usage.ts'
import { METRICS } from './cards.ts'

const base = { id: 'c', name: 'C', metric: 'api.calls' }
const price = { kind: 'per_unit', unitAmount: '1', per: '1' }
const HOUR = 3_600_000
const needsOf = (charge: object, timeZone = 'UTC', month = '2026-10' as Month) =>
  usageNeeds({ ...base, ...charge } as Charge, monthPeriod(month, timeZone), { timeZone, metrics: METRICS })

test.each<[string, object, UsageCut]>([
  ['a quantity', price, {}],
  ['with increments of events', { ...price, increment: { size: '1', of: 'event' } }, { byValue: true }],
  ['with increments of the period', { ...price, increment: { size: '1', of: 'period' } }, {}],
  ['by the hour', { ...price, window: 'hour' }, { bucketMs: HOUR }],
  ['percent of a sum', { kind: 'percentage', percent: '2' }, {}],
  [
    'percent of converted amounts',
    { kind: 'percentage', percent: '2', convert: { unit: 'EUR', size: '3' } },
    { byValue: true },
  ],
  ['a fixed part of each event', { kind: 'percentage', percent: '2', fixedPerEvent: '1' }, { byValue: true }],
  ['at least so much of each', { kind: 'percentage', percent: '2', minimumPerEvent: '1' }, { byValue: true }],
  ['at most so much of each', { kind: 'percentage', percent: '2', maximumPerEvent: '1' }, { byValue: true }],
  ['free events', { kind: 'percentage', percent: '2', freeEvents: 1 }, { events: true }],
  ['a free amount', { kind: 'percentage', percent: '2', freeAmount: '1' }, { events: true }],
  [
    'levels',
    { kind: 'seat', unitAmount: '1', proration: 'day', values: 'level' },
    { events: true, opening: 'level' },
  ],
  ['cells', { kind: 'matrix', dimensions: ['region'], cells: [] }, { dimensions: ['region'] }],
  [
    'prices that events carry',
    { kind: 'dynamic', dimension: 'price', carries: 'amount' },
    { dimensions: ['price'] },
  ],
  ['revenue', { kind: 'revenue_share', percent: '5' }, {}],
  [
    'filters go with it, empty ones do not',
    { ...price, filters: [{ dimension: 'region', values: ['eu'] }] },
    { filters: [{ dimension: 'region', values: ['eu'] }] },
  ],
  ['no filters', { ...price, filters: [] }, {}],
])('%s', (_what, charge, cut) => {
  expect(needsOf(charge).map((need) => need.cut)).toEqual([cut])
})

test('hours where every offset is of whole hours, quarters elsewhere', () => {
  const bucketIn = (timeZone: string, month?: string) =>
    needsOf({ kind: 'time_of_day', bands: [], otherwise: price }, timeZone, month as Month)[0]?.cut.bucketMs
  expect(bucketIn('Europe/Berlin')).toBe(HOUR)
  expect(bucketIn('Asia/Kolkata')).toBe(HOUR / 4)
  // Lord Howe is ten and a half hours ahead in winter, eleven in summer.
  expect([bucketIn('Australia/Lord_Howe', '2026-07'), bucketIn('Australia/Lord_Howe', '2026-12')]).toEqual([
    HOUR / 4,
    HOUR,
  ])
})

test('what is no sum is asked for window by window, fees and costs for nothing', () => {
  const days = needsOf({ ...price, metric: 'seats', window: 'day' }, 'Europe/Berlin')
  expect(days.map(({ startMs, endMs }) => (endMs - startMs) / HOUR).sort((a, b) => a - b)).toEqual([
    ...Array(30).fill(24),
    25,
  ])
  expect(
    needsOf({ ...price, metric: 'seats', window: 'hour' }, 'Europe/Berlin').map(({ cut }) => cut),
  ).toEqual([{ bucketMs: HOUR }])
  expect(needsOf({ kind: 'flat_fee', amount: '1' })).toEqual([])
  expect(needsOf({ kind: 'cost_plus', markupPercent: '1', costs: 'direct' })).toEqual([])
})
