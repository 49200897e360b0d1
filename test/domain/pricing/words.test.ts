import { expect, test } from 'vitest'
import { formatPrice, groupDigits, pluralUnit } from '../../../src/domain/pricing/format.ts'
import type { Charge } from '../../../src/domain/pricing/ratecard.ts'
import { chargeInWords, diffVersions, versionInWords } from '../../../src/domain/pricing/words.ts'
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
    'Support: was 500.00 a month; now 650.00 a month',
    'Seats: new, 20.00 per seat',
    'Storage: removed, was 0.021 per GB-hour',
  ])
  expect(diffVersions(before, { ...before, version: 2 }, context)).toEqual([])
})
