import { expect, test } from 'vitest'
import type { Charge, RateCardVersion } from '../../../src/domain/pricing/ratecard.ts'
import { validateRateCardVersion } from '../../../src/domain/pricing/validate.ts'
import { API_CALLS, d, METRICS, STORAGE_RATE, SUPPORT } from './cards.ts'

const version = (...charges: readonly Charge[]): RateCardVersion => ({
  version: 2,
  effectiveFrom: '2026-10-15',
  charges,
})
const tiers = (...rows: readonly (readonly [string | null, string])[]): Charge => ({
  ...API_CALLS,
  tiers: rows.map(([upTo, unitAmount]) => ({
    upTo: upTo === null ? null : d(upTo),
    unitAmount: d(unitAmount),
  })),
})

test('a good version has no issues, free prices included', () =>
  expect(
    validateRateCardVersion(version(API_CALLS, { ...STORAGE_RATE, unitAmount: d('0') }, SUPPORT), METRICS),
  ).toEqual([]))

test.each<[Charge, string, string, string]>([
  [
    tiers(['10', '1'], ['10', '1'], [null, '1']),
    'tiers_do_not_ascend',
    'charges[0].tiers[1].upTo',
    'API calls, tier 2: its edge 10 must be above 10.',
  ],
  [
    tiers(['0', '1'], [null, '1']),
    'tiers_do_not_ascend',
    'charges[0].tiers[0].upTo',
    'API calls, tier 1: its edge 0 must be above 0.',
  ],
  [
    tiers(['10', '1']),
    'last_tier_is_not_open',
    'charges[0].tiers[0].upTo',
    'API calls: the last tier must be open, or units above 10 have no price.',
  ],
  [
    tiers([null, '1'], [null, '2']),
    'tier_is_open_before_the_last',
    'charges[0].tiers[0].upTo',
    'API calls, tier 1: only the last tier may be open. Give it an upper edge.',
  ],
  [
    tiers(['ten', '1'], [null, '2']),
    'tier_edge_is_not_a_number',
    'charges[0].tiers[0].upTo',
    'API calls, tier 1: "ten" is not a quantity.',
  ],
  [tiers(), 'tiers_are_missing', 'charges[0].tiers', 'API calls: add at least one tier.'],
  [
    tiers([null, '-0.1']),
    'price_is_negative',
    'charges[0].tiers[0].unitAmount',
    'API calls, tier 1: -0.1 is negative. A price is zero or more; give discounts in the contract.',
  ],
  [
    { ...SUPPORT, amount: d('1,5') },
    'price_is_not_a_number',
    'charges[0].amount',
    'Support: "1,5" is not a price. Write it as 0.40.',
  ],
  [
    { ...STORAGE_RATE, per: d('0') },
    'per_is_not_above_zero',
    'charges[0].per',
    'Storage: a price must be per more than zero units, not per "0".',
  ],
  [
    { ...STORAGE_RATE, unitAmount: d('1'), per: d('3') },
    'price_per_unit_is_not_exact',
    'charges[0].per',
    'Storage: 1 per 3 is no exact price for one unit (it needs more than 40 decimals). Use a price per 1, 10, 100 or 1,000.',
  ],
  [
    { ...STORAGE_RATE, metric: 'gone' },
    'metric_is_unknown',
    'charges[0].metric',
    'Storage: there is no metric "gone". Pick one of the book\'s, or define it first.',
  ],
])('refused: %#', (charge, code, column, message) =>
  expect(validateRateCardVersion(version(charge), METRICS)).toEqual([
    { severity: 'error', code, message, column },
  ]),
)

test('0.60 per 60 is exact', () =>
  expect(
    validateRateCardVersion(version({ ...STORAGE_RATE, unitAmount: d('0.6'), per: d('60') }), METRICS),
  ).toEqual([]))

test.each<[RateCardVersion, string]>([
  [version(SUPPORT, SUPPORT), 'charge_id_is_used_twice'],
  [version(), 'charges_are_missing'],
  [{ ...version(SUPPORT), effectiveFrom: '2026-02-30' }, 'effective_from_is_not_a_day'],
  [{ ...version(SUPPORT), effectiveFrom: '2026-01-01' }, 'effective_from_is_before_the_previous_version'],
])('the version as a whole: %#', (document, code) =>
  expect(validateRateCardVersion(document, METRICS, version(SUPPORT)).map((issue) => issue.code)).toEqual([
    code,
  ]),
)
