/** Seats and what is weighted by time: the quantity, and the steps from which a customer can follow it. */
import { describe, expect, test } from 'vitest'
import type { Metric } from '../../../src/domain/metric.ts'
import { toMonth } from '../../../src/domain/period.ts'
import type { Charge, SeatCharge } from '../../../src/domain/pricing/ratecard.ts'
import { d, METRICS } from './cards.ts'
import { at, october, type RatingOptions, rateEvents } from './rating.ts'

const said = (...asked: Parameters<typeof rateEvents>) => {
  const { amount, steps } = rateEvents(...asked)
  return { amount, steps: steps.map((step) => `${step.text}: ${step.amount}`) }
}

const SEAT_LEVEL: Metric = { metric: 'seat', name: 'Seats', unit: 'seat', aggregation: 'last', scale: 0 }
const metrics = [...METRICS, SEAT_LEVEL]
const seats = (time: string, quantity: string, tenant = 'a') => ({
  ...at(time, quantity, {}, 'seat'),
  tenant,
})
const charge = (proration: 'none' | 'day' | 'second', values: 'level' | 'change' = 'level'): SeatCharge => ({
  id: 's',
  name: 'Seats',
  metric: 'seat',
  kind: 'seat',
  unitAmount: d('31'),
  proration,
  values,
})
const events = [
  seats('2026-09-10T00:00:00Z', '2'),
  seats('2026-10-11T12:00:00Z', '5'),
  seats('2026-10-16T00:00:00Z', '1'),
  seats('2026-10-21T00:00:00Z', '3', 'b'),
]
test.each([
  // proration  seats
  ['none', '5'],
  // Days of 2, 5, 1 and 4: 10 × 2 + 5 × 5 + 5 × 1 + 11 × 4 = 94, of 31.
  ['day', '3.03225806451612903226'],
  // The 11th is of 2 for half of it: 92.5 of 31.
  ['second', '2.98387096774193548387'],
] as const)('seats by %s', (proration, billed) =>
  expect(rateEvents(charge(proration), events, { metrics }).billed).toBe(billed),
)
test('changes add up to levels, and below zero there are none', () => {
  const changes = [
    seats('2026-09-10T00:00:00Z', '2'),
    seats('2026-10-05T00:00:00Z', '-5'),
    seats('2026-10-06T00:00:00Z', '7'),
  ]
  expect(rateEvents(charge('none', 'change'), changes, { metrics }).billed).toBe('4')
  // 4 days of 2, none, 26 days of 4: 112 of 31.
  expect(rateEvents(charge('day', 'change'), changes, { metrics }).billed).toBe('3.6129032258064516129')
})
test('weighted by time', () => {
  const held: Charge = {
    id: 'h',
    name: 'Machines',
    metric: 'seat',
    kind: 'time_weighted',
    values: 'change',
    heldFor: 'hour',
    price: { kind: 'per_unit', unitAmount: d('0.05'), per: d('1') },
  }
  const changes = [seats('2026-10-31T20:00:00Z', '2'), seats('2026-10-31T22:30:00Z', '-1')]
  expect(said(held, changes, { metrics })).toEqual({
    amount: '0.325',
    steps: [
      '31 October 20:00–22:30: 2 seats (2.5 hours): 0',
      '31 October 22:30–24:00: 1 seat (1.5 hours): 0',
      '6.5 seat-hours in all: 0',
      '6.5 seat-hours at 0.05 per seat-hour: 0.325',
    ],
  })
  const blocks = said({ ...held, convert: { unit: 'block', size: d('13') } }, changes, { metrics })
  expect(blocks.amount).toBe('0.025')
  expect(blocks.steps.slice(3)).toEqual([
    '6.5 seat-hours are 0.5 blocks: 0',
    '0.5 blocks at 0.05 per block: 0.025',
  ])
})
describe('are read out', () => {
  const texts = (given: Charge, options: RatingOptions = {}, some = events) =>
    rateEvents(given, some, { metrics, ...options }).steps.map((step) => step.text)
  test('by day, the quantity rounded in words and exact beside them', () => {
    expect(texts(charge('day'))).toEqual([
      '1–10 October: 2 seats (10 days)',
      '11–15 October: 5 seats (5 days)',
      '16–20 October: 1 seat (5 days)',
      '21–31 October: 4 seats (11 days)',
      '94 seat-days of 31 days = 3.0323 seats',
      '3.0323 seats at 31.00 per seat',
    ])
    const [sum, price] = rateEvents(charge('day'), events, { metrics }).steps.slice(-2)
    expect([sum?.quantity, price?.quantity]).toEqual(['3.03225806451612903226', '3.03225806451612903226'])
  })
  test('by the second, where a level changes within a day', () =>
    expect(texts(charge('second'))).toEqual([
      '1 October 00:00 to 11 October 12:00: 2 seats (252 hours)',
      '11 October 12:00 to 15 October 24:00: 5 seats (108 hours)',
      '16–20 October: 1 seat (120 hours)',
      '21–31 October: 4 seats (264 hours)',
      '2,220 seat-hours of 744 hours = 2.9839 seats',
      '2.9839 seats at 31.00 per seat',
    ]))
  test('in a month that is cut, of its own days', () => {
    expect(texts(charge('day'), { from: 17 })).toEqual([
      '18–20 October: 1 seat (3 days)',
      '21–31 October: 4 seats (11 days)',
      '47 seat-days of 31 days = 1.5161 seats',
      '1.5161 seats at 31.00 per seat',
    ])
    const more = [...events, seats('2026-10-25T00:00:00Z', '9', 'b')]
    expect(texts(charge('none'), { from: 17 }, more)).toEqual([
      '18–20 October: 1 seat',
      '21–24 October: 4 seats',
      '25–31 October: 10 seats',
      'the most at once: 10 seats (25–31 October)',
      '5 seats of the days before are billed already',
      '5 seats at 31.00 per seat',
    ])
  })
  test('in local time, an hour that the clocks repeat too', () => {
    const night = [seats('2026-10-25T00:30:00Z', '2'), seats('2026-10-25T01:30:30Z', '0')]
    expect(texts(charge('second'), { timeZone: 'Europe/Berlin' }, night)).toEqual([
      '25 October 02:30–02:30:30: 2 seats (1.0083 hours)',
      '2.0167 seat-hours of 745 hours = 0.002707 seats',
      '0.002707 seats at 31.00 per seat',
    ])
    expect(texts(charge('day'), { timeZone: 'Europe/Berlin' }, night)[0]).toBe('25 October: 2 seats (1 day)')
  })
  test('in months whose length is no whole number of hours', () =>
    expect(
      texts(charge('second'), { timeZone: 'Australia/Lord_Howe', month: toMonth('2026-10') }, [
        seats('2026-10-30T13:00:00Z', '2'),
      ]),
    ).toEqual([
      '31 October: 2 seats (24 hours)',
      '48 seat-hours of 743.5 hours = 0.06456 seats',
      '0.06456 seats at 31.00 per seat',
    ]))
  test('a level that holds all month needs no sum, none at all no words', () => {
    expect(texts(charge('day'), {}, events.slice(0, 1))).toEqual([
      '1–31 October: 2 seats (31 days)',
      '2 seats at 31.00 per seat',
    ])
    expect(texts(charge('day'), {}, [])).toEqual(['0 seats'])
  })
  test('of many levels the later ones are summed', () => {
    const daily = Array.from({ length: 31 }, (_, index) =>
      seats(october(index + 1, '00:00:00'), String(((index * 7) % 11) + 1)),
    )
    const steps = texts(charge('day'), {}, daily)
    expect(steps).toHaveLength(14)
    expect(steps.slice(10)).toEqual([
      '11 October: 5 seats (1 day)',
      '12–31 October: 20 more levels, from 1 to 11 seats, 118 seat-days in all',
      '184 seat-days of 31 days = 5.9355 seats',
      '5.9355 seats at 31.00 per seat',
    ])
    expect(texts(charge('none'), {}, daily).slice(11)).toEqual([
      '12–31 October: 20 more levels, from 1 to 11 seats',
      'the most at once: 11 seats (4 October)',
      '11 seats at 31.00 per seat',
    ])
  })
  test('included units are rounded in words', () =>
    expect(texts({ ...charge('day'), included: { quantity: d('50'), per: 'month' } }).slice(5)).toEqual([
      '3.0323 seats included',
      '0 seats',
    ]))
})
