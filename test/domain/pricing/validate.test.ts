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
    { ...SUPPORT, amount: d('') },
    'price_is_missing',
    'charges[0].amount',
    'Support: the price is missing. Write it as 0.40, or 0 for free.',
  ],
  [
    { id: 'x', name: '', kind: 'cost_plus', markupPercent: d(''), costs: 'direct' },
    'value_is_missing',
    'charges[0].markupPercent',
    '“x”: the markup is missing. Write it as 12.5.',
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

const calls = { id: 'c', name: 'Calls', metric: 'api.calls' }
const perUnit = { kind: 'per_unit', unitAmount: d('1'), per: d('1') } as const
const usage: Charge = { ...calls, ...perUnit }
const percentage: Charge = { ...calls, kind: 'percentage', percent: d('2') }
const matrix: Charge = {
  ...calls,
  kind: 'matrix',
  dimensions: ['region'],
  cells: [{ values: [null], price: perUnit }],
}
const bands: Charge = {
  ...calls,
  kind: 'time_of_day',
  bands: [{ name: 'night', from: 22, to: 6, price: perUnit }],
  otherwise: perUnit,
}
const formula: Charge = {
  id: 'f',
  name: 'Work',
  kind: 'formula',
  formula: 'api.calls / 2',
  unit: 'point',
  price: perUnit,
}
const band = { name: 'night', from: 22, to: 6, price: perUnit }

test('every kind may be right', () =>
  expect(
    validateRateCardVersion(
      version(
        ...[
          usage,
          percentage,
          matrix,
          bands,
          formula,
          { ...calls, kind: 'seat', unitAmount: d('1'), values: 'level', proration: 'day' } as const,
          { ...calls, kind: 'dynamic', dimension: 'price', carries: 'amount' } as const,
          { id: 'x', name: 'Cost', kind: 'cost_plus', markupPercent: d('0'), costs: 'direct' } as const,
        ].map((charge, index) => ({ ...charge, id: `c${index}` })),
      ),
      METRICS,
    ),
  ).toEqual([]))

test.each<[Charge, string, string]>([
  [{ ...usage, multiplier: d('-1') }, 'value_is_negative', 'multiplier'],
  [{ ...usage, minimum: d('x') }, 'value_is_not_a_number', 'minimum'],
  [{ ...usage, minimum: d('10'), maximum: d('9') }, 'minimum_is_above_maximum', 'minimum'],
  [{ ...usage, filters: [{ dimension: 'region', values: [] }] }, 'filter_is_empty', 'filters[0].values'],
  [{ ...usage, filters: [{ dimension: ' ', values: ['eu'] }] }, 'value_is_missing', 'filters[0].dimension'],
  [{ ...usage, convert: { unit: '', size: d('1') } }, 'value_is_missing', 'convert.unit'],
  [{ ...usage, convert: { unit: 'GB', size: d('0') } }, 'value_is_not_above_zero', 'convert.size'],
  [{ ...usage, increment: { size: d('0'), of: 'period' } }, 'value_is_not_above_zero', 'increment.size'],
  [{ ...usage, metric: 'seats', increment: { size: d('1'), of: 'event' } }, 'metric_is_not_a_sum', 'metric'],
  [{ ...usage, included: { quantity: d('-1'), per: 'month' } }, 'value_is_negative', 'included.quantity'],
  [
    { ...usage, included: { quantity: d('1'), per: 'term', rollOver: { months: 1, maximum: null } } },
    'roll_over_of_a_term',
    'included.rollOver',
  ],
  [
    { ...usage, included: { quantity: d('1'), per: 'month', rollOver: { months: 0, maximum: null } } },
    'months_are_not_whole',
    'included.rollOver.months',
  ],
  [
    { ...percentage, included: { quantity: d('1'), per: 'month' } },
    'included_is_not_for_this_kind',
    'included',
  ],
  [
    { ...percentage, increment: { size: d('1'), of: 'period' } },
    'increment_is_not_for_this_kind',
    'increment',
  ],
  [{ ...percentage, freeEvents: 1.5 }, 'events_are_not_whole', 'freeEvents'],
  [
    { ...percentage, minimumPerEvent: d('2'), maximumPerEvent: d('1') },
    'minimum_is_above_maximum',
    'minimumPerEvent',
  ],
  [
    { ...matrix, dimensions: ['a', 'a'], cells: [{ values: [null, null], price: perUnit }] },
    'dimensions_are_not_one_to_three',
    'dimensions',
  ],
  [{ ...matrix, cells: [] }, 'cells_are_missing', 'cells'],
  [
    { ...matrix, cells: [{ values: ['eu', 'x'], price: perUnit }] },
    'cell_does_not_fit_the_dimensions',
    'cells[0].values',
  ],
  [
    {
      ...matrix,
      cells: [
        { values: [null], price: perUnit },
        { values: ['eu'], price: perUnit },
      ],
    },
    'cell_is_never_reached',
    'cells[1].values',
  ],
  [
    { ...matrix, cells: [{ values: ['eu'], price: { ...perUnit, unitAmount: d('-1') } }] },
    'price_is_negative',
    'cells[0].price.unitAmount',
  ],
  [{ ...bands, bands: [] }, 'bands_are_missing', 'bands'],
  [{ ...bands, bands: [{ ...band, to: 25 }] }, 'hours_are_not_of_a_day', 'bands[0].from'],
  [{ ...bands, bands: [{ ...band, weekdays: [0] }] }, 'weekdays_are_not_one_to_seven', 'bands[0].weekdays'],
  [{ ...bands, metric: 'seats' }, 'metric_is_not_a_sum', 'metric'],
  [{ ...usage, metric: 'seats', window: 'quarter' }, 'metric_is_not_a_sum', 'metric'],
  [{ ...formula, formula: 'api.calls +' }, 'formula_cannot_be_read', 'formula'],
  [{ ...formula, formula: 'gone * 2' }, 'metric_is_unknown', 'formula'],
  [{ ...formula, formula: '2 * 3' }, 'formula_names_no_metric', 'formula'],
  [
    { ...calls, kind: 'package', amount: d('1'), size: d('0'), lastBlock: 'whole' },
    'value_is_not_above_zero',
    'size',
  ],
  [{ ...calls, kind: 'stair_step', steps: [] }, 'tiers_are_missing', 'steps'],
])('refused: %j', (charge, code, place) =>
  expect(validateRateCardVersion(version(charge), METRICS).map((each) => [each.code, each.column])).toEqual([
    [code, `charges[0].${place}`],
  ]),
)

test('prices in another currency are of the same charges', () => {
  const issues = validateRateCardVersion(
    { ...version(usage, SUPPORT), otherCurrencies: { EUR: [{ ...usage, metric: 'storage' }, STORAGE_RATE] } },
    METRICS,
  )
  expect(issues.map(({ code, column }) => [code, column])).toEqual([
    ['charge_differs_in_more_than_its_price', 'otherCurrencies.EUR[0]'],
    ['charge_is_not_of_the_version', 'otherCurrencies.EUR[1].id'],
    ['charge_has_no_price_in_a_currency', 'otherCurrencies.EUR'],
  ])
})

test('a pool holds what its first charge says, and who says otherwise is warned', () => {
  const pooled = (charge: Charge, id: string, quantity: string): Charge =>
    ({ ...charge, id, included: { quantity: d(quantity), per: 'month', pool: 'p' } }) as Charge
  const first = pooled(STORAGE_RATE, 'a', '10')
  expect(validateRateCardVersion(version(first, pooled(STORAGE_RATE, 'b', '10')), METRICS)).toEqual([])
  expect(
    validateRateCardVersion(version(first, { ...pooled(STORAGE_RATE, 'b', '20'), name: 'Copies' }), METRICS),
  ).toEqual([
    {
      severity: 'warning',
      code: 'pool_is_stated_before',
      message:
        'Copies: Storage comes first and says what the pool “p” holds; what is included here is not used.',
      column: 'charges[1].included.quantity',
    },
  ])
})
