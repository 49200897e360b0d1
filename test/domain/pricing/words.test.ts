import { expect, test } from 'vitest'
import { diffVersions } from '../../../src/domain/pricing/diff-words.ts'
import { formatPrice, groupDigits, pluralUnit } from '../../../src/domain/pricing/format.ts'
import type { Charge } from '../../../src/domain/pricing/ratecard.ts'
import { chargeInWords, versionInWords } from '../../../src/domain/pricing/words.ts'
import { API_CALLS, cardOf, d, METRICS, SEAT_RATE, STORAGE_RATE, SUPPORT } from './cards.ts'

const context = { metrics: METRICS, currency: 'USD' }

test.each([
  ['0', '0'],
  ['999', '999'],
  ['1000', '1,000'],
  ['-1234567.8901', '−1,234,567.8901'],
  ['123456', '123,456'],
])('%s is written %s', (text, written) => expect(groupDigits(text)).toBe(written))

test.each([
  ['0.4', 'USD', '0.40'],
  ['0.0004', 'USD', '0.0004'],
  ['12000', 'USD', '12,000.00'],
  ['5', 'JPY', '5'],
])('the price %s %s is written %s', (price, currency, written) =>
  expect(formatPrice(d(price), currency)).toBe(written),
)

test.each([
  ['call', '1', 'call'],
  ['call', '0', 'calls'],
  ['GB-hour', '2', 'GB-hours'],
  ['GB', '2', 'GB'],
  ['kWh', '2', 'kWh'],
  ['ms', '2', 'ms'],
  ['query', '2', 'queries'],
  ['day', '2', 'days'],
  ['batch', '2', 'batches'],
  ['calls', '2', 'calls'],
])('%s, %s of them: %s', (unit, quantity, plural) => expect(pluralUnit(unit, quantity)).toBe(plural))

const paidFirst: Charge = {
  ...API_CALLS,
  tiers: [
    { upTo: d('5'), unitAmount: d('2') },
    { upTo: null, unitAmount: d('0') },
  ],
}

test.each<[Charge, string]>([
  [API_CALLS, 'first 1,000,000 calls free, then 0.40 per 1,000 up to 10,000,000, then 0.32 per 1,000'],
  [paidFirst, 'first 5 calls at 2.00 per 1,000, then free'],
  [STORAGE_RATE, '0.021 per GB-hour'],
  [{ ...STORAGE_RATE, per: d('1000') }, '0.021 per 1,000 GB-hours'],
  [{ ...STORAGE_RATE, unitAmount: d('0') }, 'free'],
  [SUPPORT, '500.00 a month'],
])('a charge in words', (charge, words) => expect(chargeInWords(charge, context)).toBe(words))

const calls = { id: 'c', name: 'Calls', metric: 'api.calls' }
const perUnit = { kind: 'per_unit', unitAmount: d('0.05'), per: d('1') } as const
const flats = [
  { upTo: d('100'), unitAmount: d('2'), flatAmount: d('5') },
  { upTo: null, unitAmount: d('1') },
]

test.each<[Charge, string]>([
  [
    { ...calls, kind: 'graduated', per: d('1'), tiers: flats },
    'first 100 calls at 2.00 per call + 5.00, then 1.00 per call',
  ],
  [
    { ...calls, kind: 'volume', per: d('1'), tiers: flats },
    'all calls at 2.00 per call + 5.00 where they are up to 100, else at 1.00 per call',
  ],
  [
    {
      ...calls,
      kind: 'stair_step',
      steps: [
        { upTo: d('100'), amount: d('10') },
        { upTo: null, amount: d('15') },
      ],
    },
    '10.00 up to 100 calls, then 15.00',
  ],
  [
    { ...calls, kind: 'package', amount: d('5'), size: d('1000'), lastBlock: 'whole' },
    '5.00 per block of 1,000 calls, a block begun is whole',
  ],
  [
    {
      ...calls,
      ...perUnit,
      filters: [{ dimension: 'region', values: ['eu', 'us'] }],
      convert: { unit: 'GB', size: d('1000') },
      increment: { size: d('0.5'), minimum: d('1'), of: 'event' },
      included: { quantity: d('10'), per: 'month', rollOver: { months: 2, maximum: d('30') }, pool: 'p' },
      window: 'hour',
      multiplier: d('1.5'),
      minimum: d('10'),
      maximum: d('90'),
    },
    '0.05 per GB; where region is eu or us; 1 GB is 1,000 calls; each event rounded up in steps of 0.5 GB, at least 1 GB; ' +
      '10 GB a month included (what is left rolls over for 2 months, at most 30), shared by the pool “p”; ' +
      'each hour priced on its own; ' +
      '× 1.5; at least 10.00 a month; at most 90.00 a month',
  ],
  [{ ...calls, ...perUnit, window: 'year' }, '0.05 per call; over the contract’s year, billed as it grows'],
  [
    {
      ...calls,
      kind: 'matrix',
      dimensions: ['region', 'size'],
      cells: [{ values: ['eu', null], price: perUnit }],
    },
    'by region and size: eu, any: 0.05 per call',
  ],
  [
    {
      ...calls,
      kind: 'time_of_day',
      bands: [{ name: 'nights', from: 22, to: 6, weekdays: [6, 7], price: perUnit }],
      otherwise: { ...perUnit, unitAmount: d('0.1') },
    },
    'nights (22:00–06:00, Sat and Sun): 0.05 per call; otherwise 0.10 per call',
  ],
  [
    {
      ...calls,
      kind: 'percentage',
      percent: d('2.9'),
      fixedPerEvent: d('0.3'),
      freeEvents: 10,
      maximumPerEvent: d('5'),
    },
    '2.9 % + 0.30 an event, first 10 events free, at most 5.00 each',
  ],
  [
    { ...calls, kind: 'percentage', percent: d('1'), freeEvents: 10, freeAmount: d('500') },
    '1 %, first 10 events or 500 calls free, whichever ends first',
  ],
  [
    { ...calls, kind: 'percentage', percent: d('1'), freeEvents: 0, freeAmount: d('500') },
    '1 %, first 500 calls free',
  ],
  [
    {
      ...calls,
      kind: 'graduated_percentage',
      tiers: [
        { upTo: d('1000'), percent: d('3') },
        { upTo: null, percent: d('2') },
      ],
    },
    'first 1,000 calls at 3 %, then 2 %',
  ],
  [
    { ...calls, kind: 'revenue_share', percent: d('5'), platformFee: d('99') },
    '5 % of API calls + 99.00 a month',
  ],
  [
    { ...calls, metric: 'seats', kind: 'seat', unitAmount: d('20'), values: 'level', proration: 'day' },
    '20.00 per seat a month, by the day',
  ],
  [
    { ...calls, metric: 'seats', kind: 'time_weighted', values: 'level', heldFor: 'hour', price: perUnit },
    '0.05 per seat-hour held',
  ],
  [
    { ...calls, kind: 'dynamic', dimension: 'price', carries: 'unit_price' },
    'the price per call that each event carries as "price"',
  ],
  [
    { id: 'f', name: 'F', kind: 'formula', formula: 'api.calls / 2', unit: 'point', price: perUnit },
    '0.05 per point; points are api.calls / 2',
  ],
  [
    {
      id: 'f',
      name: 'F',
      kind: 'formula',
      formula: 'api.calls',
      unit: 'point',
      price: perUnit,
      included: { quantity: d('5'), per: 'term' },
    },
    '0.05 per point; points are api.calls; 5 points in the term included',
  ],
  [{ id: 'x', name: 'X', kind: 'cost_plus', markupPercent: d('15'), costs: 'direct' }, 'direct cost + 15 %'],
  [
    { ...SUPPORT, every: 3, timing: 'advance', proration: 'none' },
    '500.00 every 3 months, in advance, never prorated',
  ],
  [{ ...SUPPORT, every: 'once' }, '500.00 once'],
])('every kind in words: %#', (charge, words) => expect(chargeInWords(charge, context)).toBe(words))

test('a change of anything that is billed is told', () => {
  const [before] = cardOf(['2026-01-01', [STORAGE_RATE]]).versions
  if (before === undefined) throw new Error('the card has a version')
  const after = { ...before, charges: [{ ...STORAGE_RATE, window: 'day' as const }] }
  expect(diffVersions(before, after, context)).toEqual(['Storage: now each day priced on its own'])
  expect(diffVersions(after, before, context)).toEqual(['Storage: no longer each day priced on its own'])
})

const changed = (before: Charge, after: Charge): readonly string[] => {
  const version = { version: 1, effectiveFrom: '2026-01-01' }
  return diffVersions({ ...version, charges: [before] }, { ...version, charges: [after] }, context)
}
const tiered = (...tiers: readonly (readonly [string | null, string])[]): Charge => ({
  ...calls,
  kind: 'graduated',
  per: d('1000'),
  tiers: tiers.map(([upTo, unitAmount]) => ({
    upTo: upTo === null ? null : d(upTo),
    unitAmount: d(unitAmount),
  })),
})
const cells = (eu: string, rest: string): Charge => ({
  ...calls,
  kind: 'matrix',
  dimensions: ['region', 'plan', 'size'],
  cells: [
    { values: ['eu', null, 'xl'], price: { ...perUnit, unitAmount: d(eu) } },
    { values: [null, null, null], price: { ...perUnit, unitAmount: d(rest) } },
  ],
})

test.each<[string, Charge, Charge, string]>([
  [
    'only the tiers whose price is another',
    tiered(['1000', '0'], ['2000', '0.4'], [null, '0.3']),
    tiered(['1000', '0'], ['2000', '0.5'], [null, '0.27']),
    'above 1,000 up to 2,000 calls, 0.40 per 1,000 becomes 0.50 per 1,000 (+25 %); above 2,000 calls, 0.30 per 1,000 becomes 0.27 per 1,000 (−10 %)',
  ],
  [
    'the whole price where its edges are others',
    tiered(['1000', '0'], [null, '0.3']),
    tiered(['2000', '0'], [null, '0.3']),
    'was first 1,000 calls free, then 0.30 per 1,000; now first 2,000 calls free, then 0.30 per 1,000',
  ],
  [
    'a percent by what one unit costs, whatever the price is per',
    { ...calls, ...perUnit, unitAmount: d('0.2'), per: d('1000') },
    { ...calls, ...perUnit, unitAmount: d('3'), per: d('10000') },
    '0.20 per 1,000 calls becomes 3.00 per 10,000 calls (+50 %)',
  ],
  [
    'the cell that changed',
    cells('2', '1'),
    cells('2.5', '1'),
    'eu, any, xl, 2.00 per call becomes 2.50 per call (+25 %)',
  ],
  [
    'a fee for another period, without a percent',
    SUPPORT,
    { ...SUPPORT, amount: d('5000'), every: 12 },
    '500.00 a month becomes 5,000.00 a year',
  ],
  [
    'what was free has no percent',
    tiered(['1000', '0'], [null, '0.3']),
    tiered(['1000', '0.1'], [null, '0.3']),
    'first 1,000 calls, free becomes 0.10 per 1,000',
  ],
  [
    'bounds and included units beside the price',
    { ...calls, ...perUnit, minimum: d('10') },
    { ...calls, ...perUnit, maximum: d('90'), included: { quantity: d('10'), per: 'month' } },
    'now 10 calls a month included; now at most 90.00 a month; no longer at least 10.00 a month',
  ],
])('a change in words says %s', (_, before, after, words) => {
  const name = before === SUPPORT ? 'Support' : 'Calls'
  expect(changed(before, after)).toEqual([`${name}: ${words}`])
})

test('currencies and settings that change are told', () => {
  const [before] = cardOf(['2026-01-01', [SUPPORT]]).versions
  if (before === undefined) throw new Error('the card has a version')
  const inEuro = (amount: string) => ({ EUR: [{ ...SUPPORT, amount: d(amount) }] })
  const after = { ...before, otherCurrencies: inEuro('450'), settings: { edgeUnit: 'upper' as const } }
  expect(diffVersions(before, after, context)).toEqual([
    'Priced in EUR too',
    'In EUR: Support: 450.00 a month',
    'From now on a quantity at an edge is in the next tier',
  ])
  expect(versionInWords(after, context)).toEqual([
    'Support: 500.00 a month',
    'In EUR: Support: 450.00 a month',
  ])
  expect(diffVersions(after, { ...after, otherCurrencies: inEuro('460') }, context)).toEqual([
    'In EUR: Support: 450.00 a month becomes 460.00 a month (+2.2 %)',
  ])
  expect(diffVersions(after, before, context)).toEqual([
    'No longer priced in EUR',
    'From now on a quantity at an edge is in the lower tier',
  ])
})

test('a version and its difference to the next', () => {
  const card = cardOf(
    ['2026-01-01', [API_CALLS, SUPPORT, STORAGE_RATE]],
    ['2026-10-15', [{ ...API_CALLS, name: 'Calls' }, { ...SUPPORT, amount: d('650') }, SEAT_RATE]],
  )
  const [before, after] = card.versions
  if (before === undefined || after === undefined) throw new Error('the card has two versions')
  expect(versionInWords(before, context)).toEqual([
    'API calls: first 1,000,000 calls free, then 0.40 per 1,000 up to 10,000,000, then 0.32 per 1,000',
    'Support: 500.00 a month',
    'Storage: 0.021 per GB-hour',
  ])
  expect(diffVersions(before, after, context)).toEqual([
    'API calls: now called Calls',
    'Support: 500.00 a month becomes 650.00 a month (+30 %)',
    'Seats: new, 20.00 per seat',
    'Storage: removed, was 0.021 per GB-hour',
  ])
  expect(diffVersions(before, { ...before, version: 2 }, context)).toEqual([])
})
