/** One worked example or more of every kind of charge: the amount, and the steps a customer reads. */
import { describe, expect, test } from 'vitest'
import type { Metric } from '../../../src/domain/metric.ts'
import { toMonth } from '../../../src/domain/period.ts'
import type { Charge, QuantityPrice, RatingSettings } from '../../../src/domain/pricing/ratecard.ts'
import { d, METRICS, rateOn } from './cards.ts'
import { at, october, type RatingOptions, rateEvents } from './rating.ts'

const base = { id: 'c', name: 'Calls', metric: 'api.calls' }
const perUnit = (unitAmount: string, per = '1'): QuantityPrice => ({
  kind: 'per_unit',
  unitAmount: d(unitAmount),
  per: d(per),
})
const said = (rated: ReturnType<typeof rateOn>) => ({
  amount: rated.amount,
  steps: rated.steps.map((step) => `${step.text}: ${step.amount}`),
})

const VOLUME: Charge = {
  ...base,
  kind: 'volume',
  per: d('1'),
  tiers: [
    { upTo: d('100'), unitAmount: d('2'), flatAmount: d('5') },
    { upTo: d('200'), unitAmount: d('1') },
    { upTo: null, unitAmount: d('0.5'), flatAmount: d('7') },
  ],
}
const STEPS: Charge = {
  ...base,
  kind: 'stair_step',
  steps: [
    { upTo: d('100'), amount: d('10') },
    { upTo: d('200'), amount: d('15') },
    { upTo: null, amount: d('18') },
  ],
}
const FLATS: Charge = {
  ...base,
  kind: 'graduated',
  per: d('1'),
  tiers: [
    { upTo: d('100'), unitAmount: d('2'), flatAmount: d('5') },
    { upTo: null, unitAmount: d('1'), flatAmount: d('3') },
  ],
}
const PACKAGE: Charge = { ...base, kind: 'package', amount: d('5'), size: d('1000'), lastBlock: 'whole' }
const upper: RatingSettings = { edgeUnit: 'upper' }
const feeAtZero: RatingSettings = { tierFeeAtZero: true }

test.each<[string, Charge, string, string, RatingSettings?]>([
  // what                                        charge   quantity  amount
  ['volume at zero', VOLUME, '0', '0'],
  ['volume at zero with its fee', VOLUME, '0', '5', feeAtZero],
  ['volume inside a tier', VOLUME, '50', '105'],
  ['volume at an edge is the lower tier’s', VOLUME, '100', '205'],
  ['volume at an edge, the other way', VOLUME, '100', '100', upper],
  ['volume just above an edge', VOLUME, '100.001', '100.001'],
  ['volume in the last tier', VOLUME, '300', '157'],
  ['volume reversed', VOLUME, '-300', '-157'],
  ['volume reversed at an edge, the other way', VOLUME, '-100', '-100', upper],
  ['a step at zero', STEPS, '0', '0'],
  ['a step at zero with its fee', STEPS, '0', '10', feeAtZero],
  ['the first step', STEPS, '0.001', '10'],
  ['a step at its edge', STEPS, '100', '10'],
  ['a step at its edge, the other way', STEPS, '100', '15', upper],
  ['the last step', STEPS, '200.5', '18'],
  ['tiers with flat amounts at zero', FLATS, '0', '0'],
  ['tiers with flat amounts at zero, due', FLATS, '0', '5', feeAtZero],
  ['tiers with flat amounts', FLATS, '100', '205'],
  ['tiers with flat amounts, one into the next', FLATS, '101', '209'],
  ['tiers with flat amounts, edge unit does not matter', FLATS, '100', '205', upper],
  ['tiers with flat amounts, reversed', FLATS, '-101', '-209'],
  ['one block', PACKAGE, '1', '5'],
  ['exactly one block', PACKAGE, '1000', '5'],
  ['a block begun', PACKAGE, '1000.5', '10'],
  ['a block by its share', { ...PACKAGE, lastBlock: 'prorated' }, '1500', '7.5'],
  [
    'a share that does not end',
    { ...PACKAGE, size: d('3'), amount: d('1'), lastBlock: 'prorated' },
    '1',
    '0.33333333333333333333',
  ],
])('%s', (_, charge, quantity, amount, settings = {}) =>
  expect(rateOn(charge, quantity, null, { settings }).amount).toBe(amount),
)

test('steps say which tier, step and block', () => {
  const texts = (charge: Charge, quantity: string) => rateOn(charge, quantity).steps.map((step) => step.text)
  expect(texts(VOLUME, '300')).toEqual([
    'all 300 calls at 0.50 per call (the tier above 200)',
    'flat amount of 7.00 of the tier above 200',
  ])
  expect(texts(STEPS, '150')).toEqual(['150 calls: the step up to 200 at 15.00'])
  expect(texts(FLATS, '101')).toEqual([
    'first 100 calls at 2.00 per call',
    'flat amount of 5.00 of the tier up to 100',
    'beyond: 1 call at 1.00 per call',
    'flat amount of 3.00 of the tier above 100',
  ])
  expect(texts(PACKAGE, '2400')).toEqual(['2,400 calls: 3 blocks of 1,000 calls at 5.00 each'])
  expect(texts(PACKAGE, '-1')).toEqual(['reversed: 1 call: 1 block of 1,000 calls at 5.00 each'])
})

test('a month that is cut goes on where it was', () => {
  expect(said(rateOn(VOLUME, '250', '50'))).toEqual({
    amount: '52',
    steps: [
      'all 300 calls at 0.50 per call (the tier above 200): 150',
      'flat amount of 7.00 of the tier above 200: 7',
      'less 50 calls of the days before, at these prices: -105',
    ],
  })
  expect(said(rateOn(FLATS, '50', '80'))).toEqual({
    amount: '73',
    steps: [
      'next 20 calls at 2.00 per call: 40',
      'beyond: 30 calls at 1.00 per call: 30',
      'flat amount of 3.00 of the tier above 100: 3',
    ],
  })
  expect(rateOn(STEPS, '0', '0', { settings: feeAtZero }).amount).toBe('0')
})

describe('conversion, increments and included units', () => {
  const GB: Charge = {
    ...base,
    ...perUnit('0.1'),
    kind: 'per_unit',
    unitAmount: d('0.1'),
    per: d('1'),
    convert: { unit: 'GB', size: d('1000') },
    increment: { size: d('0.5'), minimum: d('1'), of: 'period' },
    included: { quantity: d('2'), per: 'month' },
  }
  test.each([
    // quantity  billed  used   amount
    ['0', '0', '0', '0'],
    ['1', '1', '1', '0'],
    ['1001', '1.5', '1.5', '0'],
    ['2000', '2', '2', '0'],
    ['2001', '2.5', '2', '0.05'],
    ['-2001', '-2.5', '0', '-0.05'],
  ])('%s units are billed as %s', (quantity, billed, used, amount) => {
    const rated = rateOn(GB, quantity)
    expect([rated.billed, rated.includedUsed, rated.amount]).toEqual([billed, used, amount])
  })
  test('are read out', () =>
    expect(said(rateOn(GB, '2001')).steps).toEqual([
      '2,001 calls are 2.001 GB, rounded up in steps of 0.5 GB to 2.5 GB: 0',
      '2 GB included: 0',
      '0.5 GB at 0.10 per GB: 0.05',
    ]))
  test('go on in a month that is cut', () => {
    const [first, second] = [rateOn(GB, '1200'), rateOn(GB, '1200', '1200')]
    expect([first.amount, first.includedUsed]).toEqual(['0', '1.5'])
    expect([second.amount, second.includedUsed, second.billed]).toEqual(['0.05', '0.5', '1'])
  })
  test('what is left counts in place of what the charge says', () =>
    expect(rateOn(GB, '3000', null, { includedLeft: d('0.5') }).amount).toBe('0.25'))
  test('event by event', () => {
    const charge: Charge = { ...GB, increment: { size: d('0.5'), minimum: d('1'), of: 'event' } }
    const rated = rateEvents(charge, [at(october(3), '1'), at(october(4), '1001'), at(october(4), '1001')])
    expect([rated.billed, rated.amount]).toEqual(['4', '0.2'])
    expect(rated.steps[0]?.text).toBe(
      '2,003 calls are 2.003 GB, rounded up event by event in steps of 0.5 GB to 4 GB',
    )
  })
  test('a conversion that does not end is kept to 20 decimals, one that ends whole', () => {
    const by = (size: string) => rateOn({ ...GB, convert: { unit: 'x', size: d(size) } }, '1').billed
    const plain = (size: string): Charge => ({
      ...base,
      kind: 'per_unit',
      unitAmount: d('1'),
      per: d('1'),
      convert: { unit: 'x', size: d(size) },
    })
    expect(by('3')).toBe('1')
    expect(rateOn(plain('3'), '2').amount).toBe('0.66666666666666666667')
    expect(rateOn(plain('1073741824'), '1').amount).toBe('0.000000000931322574615478515625')
  })
})

const metered = (charge: Charge, events: Parameters<typeof rateEvents>[1], options: RatingOptions = {}) =>
  said(rateEvents(charge, events, options))

describe('windows', () => {
  const hourly: Charge = {
    ...base,
    kind: 'graduated',
    per: d('1'),
    window: 'hour',
    tiers: [
      { upTo: d('10'), unitAmount: d('0') },
      { upTo: null, unitAmount: d('0.5') },
    ],
  }
  test('each hour on its own', () =>
    expect(
      metered(hourly, [
        at(october(1, '10:00:00'), '8'),
        at(october(1, '10:59:59'), '8'),
        at(october(1, '11:00:00'), '9'),
        at(october(2, '00:00:00'), '20'),
      ]),
    ).toEqual({
      amount: '8',
      steps: [
        '3 hours with billed usage, each priced on its own: 0',
        'of each hour the units up to 10: 29 calls, free: 0',
        'of each hour the units above 10: 16 calls at 0.50 per call: 8',
      ],
    }))
  test('hours of a zone half an hour off', () => {
    const events = [
      at(october(1, '10:20:00'), '8'),
      at(october(1, '10:40:00'), '8'),
      at(october(1, '11:20:00'), '9'),
    ]
    // In Kolkata 10:20 UTC is 15:50, 10:40 is 16:10 and 11:20 is 16:50.
    expect(rateEvents(hourly, events, { timeZone: 'Asia/Kolkata' }).amount).toBe('3.5')
    expect(rateEvents(hourly, events).amount).toBe('3')
  })
  test('a day of 25 hours is one day, and the hour that comes twice is two', () => {
    const events = [
      at('2026-10-24T22:10:00Z', '6'),
      at('2026-10-25T00:30:00Z', '6'),
      at('2026-10-25T01:30:00Z', '6'),
      at('2026-10-25T22:50:00Z', '6'),
    ]
    const daily: Charge = { ...hourly, window: 'day' }
    expect(rateEvents(daily, events, { timeZone: 'Europe/Berlin' }).amount).toBe('7')
    expect(rateEvents(hourly, events, { timeZone: 'Europe/Berlin' }).amount).toBe('0')
  })
  test('where the clocks change within an hour, what is left of it and of the next are two', () => {
    // In Chatham 02:45 is 03:45 at once: 14:00 UTC is 02:45 less a second, and 14:30 UTC is 04:15.
    const events = [
      at('2026-09-26T13:59:59Z', '6'),
      at('2026-09-26T14:10:00Z', '6'),
      at('2026-09-26T14:20:00Z', '6'),
    ]
    const options = { timeZone: 'Pacific/Chatham', month: toMonth('2026-09') }
    expect(rateEvents(hourly, events, options).amount).toBe('0')
    expect(rateEvents({ ...hourly, window: 'day' }, events, options).amount).toBe('4')
  })
  test('the peaks of days, of a metric that is no sum', () => {
    const peaks: Charge = {
      ...base,
      metric: 'seats',
      kind: 'per_unit',
      unitAmount: d('1'),
      per: d('1'),
      window: 'day',
    }
    const seats = (day: number, quantity: string) => at(october(day), quantity, {}, 'seats')
    expect(
      rateEvents(peaks, [seats(1, '3'), seats(1, '5'), seats(2, '4')], { timeZone: 'America/New_York' })
        .amount,
    ).toBe('9')
  })
  test('a fee at zero is not of windows', () => {
    const charge: Charge = { ...STEPS, window: 'day', included: { quantity: d('5'), per: 'month' } }
    expect(rateEvents(charge, [at(october(1), '3')], { settings: feeAtZero }).amount).toBe('0')
  })
  test('included units are used up in order of time', () => {
    const charge: Charge = { ...hourly, included: { quantity: d('5'), per: 'month' } }
    const rated = rateEvents(charge, [at(october(1), '14'), at(october(2), '14')])
    expect([rated.amount, rated.includedUsed]).toEqual(['2', '5'])
  })
})

test('a matrix', () => {
  const charge: Charge = {
    ...base,
    kind: 'matrix',
    dimensions: ['region', 'size'],
    included: { quantity: d('10'), per: 'month' },
    cells: [
      { values: ['eu', 'large'], price: perUnit('3') },
      { values: ['eu', null], price: perUnit('2') },
      { values: [null, 'large'], price: perUnit('1') },
    ],
  }
  const rated = rateEvents(charge, [
    at(october(1), '4', { region: 'eu', size: 'large' }),
    at(october(2), '8', { region: 'eu', size: 'large' }),
    at(october(2), '5', { region: 'eu' }),
    at(october(3), '7', { region: 'us', size: 'large' }),
    at(october(3), '9', { region: 'us', size: 'small' }),
  ])
  expect(said(rated)).toEqual({
    amount: '23',
    steps: [
      'region eu, size large: 10 calls included: 0',
      'region eu, size large: 2 calls at 3.00 per call: 6',
      'region eu, size any: 5 calls at 2.00 per call: 10',
      'region any, size large: 7 calls at 1.00 per call: 7',
    ],
  })
  expect(rated.issues.map(({ code, message }) => [code, message])).toEqual([
    [
      'usage_without_cell',
      'Calls: 9 calls are in no cell of the matrix and not billed (region, size: us, small). Add a cell for them, or one for any value.',
    ],
  ])
})

test('prices by the time of day', () => {
  const charge: Charge = {
    ...base,
    kind: 'time_of_day',
    bands: [
      { name: 'weekend nights', from: 22, to: 6, weekdays: [6, 7], price: perUnit('1') },
      { name: 'nights', from: 22, to: 6, price: perUnit('2') },
    ],
    otherwise: perUnit('4'),
  }
  // 3 October 2026 is a Saturday.
  const rated = rateEvents(charge, [
    at(october(2, '23:00:00'), '1'),
    at(october(3, '05:59:59'), '1'),
    at(october(3, '06:00:00'), '1'),
    at(october(3, '22:00:00'), '1'),
    at(october(5, '05:00:00'), '1'),
    at(october(5, '22:00:00'), '1'),
  ])
  expect(said(rated)).toEqual({
    amount: '12',
    steps: [
      'weekend nights: 2 calls at 1.00 per call: 2',
      'nights: 3 calls at 2.00 per call: 6',
      'otherwise: 1 call at 4.00 per call: 4',
    ],
  })
})

describe('percent', () => {
  const PAID: Metric = { metric: 'paid', name: 'Paid', unit: 'USD', aggregation: 'sum', scale: 2 }
  const metrics = [...METRICS, PAID]
  const paid = (day: number, amount: string) => at(october(day), amount, {}, 'paid')
  const charge: Charge = {
    id: 'p',
    name: 'Payments',
    metric: 'paid',
    kind: 'percentage',
    percent: d('2.9'),
    fixedPerEvent: d('0.3'),
  }
  test('of each event, with a fixed part', () =>
    expect(metered(charge, [paid(1, '100'), paid(1, '50'), paid(2, '0')], { metrics })).toEqual({
      amount: '4.95',
      steps: ['2.9 % of 150 USD: 4.35', '2 events at 0.30 each: 0.6'],
    }))
  test('at least and at most so much for each, refunds mirrored', () => {
    const bounded: Charge = { ...charge, minimumPerEvent: d('1'), maximumPerEvent: d('5') }
    expect(
      metered(bounded, [paid(1, '10'), paid(1, '1000'), paid(2, '100'), paid(3, '-10')], { metrics }),
    ).toEqual({
      amount: '8.2',
      steps: [
        '2.9 % of 1,100 USD: 31.9',
        '2 events at 0.30 each: 0.6',
        '1 event lowered to the most of 5.00 each: -24.3',
      ],
    })
  })
  test('a payment and its refund are nothing, and no event', () =>
    expect(metered(charge, [paid(1, '10'), paid(2, '-10')], { metrics })).toEqual({
      amount: '0',
      steps: ['2.9 % of 0 USD: 0'],
    }))
  test('one event free, and an amount to the last unit', () => {
    const events = [paid(1, '10'), paid(2, '10'), paid(3, '10')]
    expect(metered({ ...charge, freeEvents: 1 }, events, { metrics }).amount).toBe('1.18')
    expect(metered({ ...charge, freeAmount: d('20') }, events, { metrics }).amount).toBe('0.59')
    expect(metered({ ...charge, freeAmount: d('19.99') }, events, { metrics }).amount).toBe('0.89029')
    expect(metered({ ...charge, freeAmount: d('0.01') }, events, { metrics }).amount).toBe('1.76971')
  })
  test('free until the first of the limits is reached, in order of time', () => {
    const free: Charge = { ...charge, freeEvents: 3, freeAmount: d('100') }
    const byAmount = [paid(1, '60'), paid(2, '-5'), paid(3, '60'), paid(4, '10')]
    expect(metered(free, byAmount, { metrics })).toEqual({
      amount: '1.025',
      steps: ['100 USD free, 1 event wholly: 0', '2.9 % of 25 USD: 0.725', '1 event at 0.30 each: 0.3'],
    })
    expect(metered(free, byAmount, { metrics, from: 2 })).toEqual({
      amount: '1.47',
      steps: ['40 USD free: 0', '2.9 % of 30 USD: 0.87', '2 events at 0.30 each: 0.6'],
    })
    const byEvents = [paid(1, '10'), paid(2, '10'), paid(3, '10'), paid(4, '10')]
    expect(metered(free, byEvents, { metrics })).toEqual({
      amount: '0.59',
      steps: ['30 USD free, 3 events wholly: 0', '2.9 % of 10 USD: 0.29', '1 event at 0.30 each: 0.3'],
    })
    const none: Charge = { ...charge, freeEvents: 0, freeAmount: d('100') }
    expect(metered(none, byAmount, { metrics }).amount).toBe('1.025')
  })
  test('of tiers', () =>
    expect(
      metered(
        {
          id: 'g',
          name: 'Payments',
          metric: 'paid',
          kind: 'graduated_percentage',
          tiers: [
            { upTo: d('1000'), percent: d('3') },
            { upTo: null, percent: d('2'), flatAmount: d('1') },
          ],
        },
        [paid(1, '1500')],
        { metrics },
      ),
    ).toEqual({
      amount: '41',
      steps: [
        'first 1,000 USD at 3 %: 30',
        'beyond: 500 USD at 2 %: 10',
        'flat amount of 1.00 of the tier above 1,000: 1',
      ],
    }))
  test('of revenue, with a fee for the platform by days', () => {
    const share: Charge = {
      id: 's',
      name: 'Share',
      metric: 'paid',
      kind: 'revenue_share',
      percent: d('5'),
      platformFee: d('310'),
      multiplier: d('2'),
    }
    expect(metered(share, [paid(20, '1000')], { metrics, from: 16 })).toEqual({
      amount: '400',
      steps: [
        '1,000 USD at 5 %: 50',
        'platform fee for the month: 310',
        'prorated: 15 of 31 days: -160',
        '× 2 (multiplier of the charge): 200',
      ],
    })
  })
})

test('prices that events carry', () => {
  const charge: Charge = {
    ...base,
    kind: 'dynamic',
    dimension: 'price',
    carries: 'unit_price',
    multiplier: d('1.1'),
  }
  const events = [
    at(october(1), '10', { price: '0.5' }),
    at(october(2), '10', { price: '0.5' }),
    at(october(2), '-1', { price: '2' }),
    at(october(2), '1', { price: 'none' }),
    at(october(2), '1'),
  ]
  const rated = rateEvents(charge, events)
  expect(said(rated)).toEqual({
    amount: '8.8',
    steps: [
      '20 calls at 0.50 per call, as the events say: 10',
      '−1 call at 2.00 per call, as the events say: -2',
      '× 1.1 (multiplier of the charge): 0.8',
    ],
  })
  expect(rated.issues.map((issue) => issue.message)).toEqual([
    'Calls: 2 events of api.calls have no decimal in the dimension "price" and are not billed. Correct the events, or price them by another charge.',
  ])
  expect(rateEvents({ ...charge, carries: 'amount', multiplier: d('1') }, events).amount).toBe('3')
})

test('prices of units that came and went are not read out; one written in two ways is two', () => {
  const charge: Charge = { ...base, kind: 'dynamic', dimension: 'price', carries: 'unit_price' }
  const priced = (day: number, quantity: string, price: string) => at(october(day), quantity, { price })
  expect(
    metered(charge, [
      priced(1, '3', '0.5'),
      priced(2, '-3', '0.5'),
      priced(3, '1', '2.0'),
      priced(4, '1', '2'),
    ]),
  ).toEqual({
    amount: '4',
    steps: ['1 call at 2.00 per call, as the events say: 2', '1 call at 2.00 per call, as the events say: 2'],
  })
  // The cheapest first: by the number, not by how it is written.
  expect(metered(charge, [priced(1, '1', '10'), priced(2, '1', '9')]).steps).toEqual([
    '1 call at 9.00 per call, as the events say: 9',
    '1 call at 10.00 per call, as the events say: 10',
  ])
  expect(metered(charge, [priced(1, '3', '0.5'), priced(2, '-3', '0.5')])).toEqual({
    amount: '0',
    steps: ['0 calls: 0'],
  })
})

test('a formula', () => {
  const charge: Charge = {
    id: 'f',
    name: 'Work',
    kind: 'formula',
    formula: 'max(api.calls / 1000, storage) > 5 ? ceil(api.calls / 1000) : 0',
    unit: 'point',
    price: perUnit('2'),
  }
  const events = [at(october(1), '1200'), at(october(2), '7.5', {}, 'storage')]
  expect(metered(charge, events)).toEqual({
    amount: '4',
    steps: [
      'max(api.calls / 1000, storage) > 5 ? ceil(api.calls / 1000) : 0 (api.calls 1,200 calls, storage 7.5 GB-hours) is 2 points: 0',
      '2 points at 2.00 per point: 4',
    ],
  })
  const broken = rateEvents({ ...charge, formula: 'api.calls / storage' }, [at(october(1), '1')])
  expect([broken.amount, broken.issues[0]?.code]).toEqual(['0', 'formula_has_no_value'])
})

test('a formula of a month that is cut has the value of all days so far, or none', () => {
  const charge: Charge = {
    id: 'f',
    name: 'Work',
    kind: 'formula',
    formula: 'api.calls / storage',
    unit: 'point',
    price: perUnit('2'),
  }
  const calls = (day: number) => at(october(day), '10')
  const stored = (day: number, quantity: string) => at(october(day), quantity, {}, 'storage')
  const after = (...events: Parameters<typeof rateEvents>[1][number][]) => {
    const rated = rateEvents(charge, events, { from: 14 })
    return [rated.amount, rated.steps.at(-1)?.text, rated.issues.map(({ code }) => code)]
  }
  // Nothing is stored on the days after the 14th, but on all so far.
  expect(after(calls(3), stored(3, '5'), calls(20))).toEqual(['4', '2 points at 2.00 per point', []])
  // All so far has no value: what the days before came to is taken off.
  expect(after(calls(3), stored(3, '5'), stored(20, '-5'))).toEqual([
    '-4',
    'less what the days before came to',
    ['formula_has_no_value'],
  ])
})

test('cost with a markup', () => {
  const charge: Charge = { id: 'x', name: 'Cost', kind: 'cost_plus', markupPercent: d('15'), costs: 'direct' }
  expect(said(rateOn(charge, '0', null, { cost: d('200.5') }))).toEqual({
    amount: '230.575',
    steps: ['direct cost of the month: 200.5', 'markup of 15 % of 200.50: 30.075'],
  })
  expect(rateOn(charge, '0', null, { cost: null }).issues[0]?.code).toBe('cost_is_unknown')
})

test('factors follow the charge’s own multiplier', () =>
  expect(
    said(
      rateOn({ ...base, kind: 'per_unit', unitAmount: d('1'), per: d('1'), multiplier: d('2') }, '10', null, {
        factors: [
          { words: 'contract C-1', multiplier: d('0.9') },
          { words: 'uplift of 5 %', multiplier: d('1.05') },
        ],
      }),
    ),
  ).toEqual({
    amount: '18.9',
    steps: [
      '10 calls at 1.00 per call: 10',
      '× 2 (multiplier of the charge): 10',
      '× 0.9 (contract C-1): -2',
      '× 1.05 (uplift of 5 %): 0.9',
    ],
  }))
