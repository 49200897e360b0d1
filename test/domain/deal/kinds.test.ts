/** What a deal makes of the kinds of charge: those a month's quantity prices, and those it cannot. */
import { describe, expect, test } from 'vitest'
import { type ModelInput, modelScenario } from '../../../src/domain/deal/model.ts'
import type { Charge, QuantityPrice, RatingSettings } from '../../../src/domain/pricing/ratecard.ts'
import { cardOf, d, METRICS } from '../pricing/cards.ts'

const calls = { id: 'c', name: 'Calls', metric: 'api.calls' }
const perUnit = (unitAmount: string): QuantityPrice => ({
  kind: 'per_unit',
  unitAmount: d(unitAmount),
  per: d('1'),
})

const inputOf = (
  charge: Charge,
  options: { quantity?: string; discount?: string; months?: number; settings?: RatingSettings } = {},
): ModelInput => {
  const card = cardOf(['2026-01-01', [charge]])
  const versions = card.versions.map((version) => ({ ...version, settings: options.settings ?? {} }))
  return {
    terms: {
      rateCardId: 'api',
      discountPercent: d(options.discount ?? '0'),
      chargeDiscounts: {},
      monthlyCommitment: null,
      monthlyGrowthPercent: d('0'),
      termMonths: options.months ?? 1,
      startDay: '2026-10-01',
    },
    baseline: [
      {
        month: '2026-09',
        quantities: { 'api.calls': d(options.quantity ?? '1000'), storage: d('3') },
        revenue: null,
        cost: d('1'),
      },
    ],
    card: { ...card, versions },
    metrics: METRICS,
    currency: 'USD',
  }
}
const nets = (input: ModelInput) => modelScenario(input).months.map((month) => month.netRevenue)

test.each<[string, Charge, string]>([
  [
    'volume',
    {
      ...calls,
      kind: 'volume',
      per: d('1'),
      tiers: [
        { upTo: d('999'), unitAmount: d('2') },
        { upTo: null, unitAmount: d('1'), flatAmount: d('7') },
      ],
    },
    '1007',
  ],
  [
    'a step',
    {
      ...calls,
      kind: 'stair_step',
      steps: [
        { upTo: d('1000'), amount: d('9') },
        { upTo: null, amount: d('10') },
      ],
    },
    '9',
  ],
  ['blocks', { ...calls, kind: 'package', size: d('300'), amount: d('5'), lastBlock: 'whole' }, '20'],
  [
    'converted, rounded up, with included units and a multiplier',
    {
      ...calls,
      ...perUnit('1'),
      kind: 'per_unit',
      unitAmount: d('1'),
      per: d('1'),
      convert: { unit: 'dozen', size: d('12') },
      increment: { size: d('1'), of: 'period' },
      included: { quantity: d('4'), per: 'month' },
      multiplier: d('1.5'),
    },
    '120',
  ],
  ['percent of a sum', { ...calls, kind: 'percentage', percent: d('2.5') }, '25'],
  ['a share of revenue', { ...calls, kind: 'revenue_share', percent: d('2.5'), platformFee: d('10') }, '35'],
  ['seats', { ...calls, kind: 'seat', unitAmount: d('2'), values: 'level', proration: 'day' }, '2000'],
  [
    'a formula',
    {
      id: 'f',
      name: 'F',
      kind: 'formula',
      formula: 'api.calls * storage',
      unit: 'point',
      price: perUnit('0.1'),
    },
    '300',
  ],
])('%s', (_, charge, net) => {
  const model = modelScenario(inputOf(charge))
  expect([model.months[0]?.netRevenue, model.issues.map(({ code }) => code)]).toEqual([
    net,
    charge.kind === 'formula' ? [] : ['metric_without_price'],
  ])
})

test('a fee of a quarter is in the months in which it is due', () => {
  const fee: Charge = { kind: 'flat_fee', id: 'f', name: 'Fee', amount: d('90'), every: 3 }
  expect(nets(inputOf(fee, { months: 5 }))).toEqual(['0', '0', '90', '0', '59'])
  expect(nets(inputOf({ ...fee, timing: 'advance' }, { months: 4 }))).toEqual(['90', '0', '31', '0'])
  expect(nets(inputOf({ ...fee, every: 'once' }, { months: 3 }))).toEqual(['90', '0', '0'])
})

describe('minimum and maximum of a line', () => {
  const charge: Charge = { ...calls, ...perUnit('1'), kind: 'per_unit', unitAmount: d('1'), per: d('1') }
  const bounded: Charge = { ...charge, minimum: d('500'), maximum: d('900') }
  test.each<[string, string, RatingSettings, string]>([
    // quantity, discount, settings, net
    ['1000', '0', {}, '900'],
    ['1000', '20', {}, '800'],
    ['1000', '60', {}, '500'],
    ['1000', '20', { boundsApply: 'before_discounts' }, '720'],
    ['100', '20', { boundsApply: 'before_discounts' }, '400'],
    ['0', '0', {}, '500'],
    ['0', '0', { minimumAtZero: false }, '0'],
  ])('%s calls less %s percent', (quantity, discount, settings, net) =>
    expect(nets(inputOf(bounded, { quantity, discount, settings }))).toEqual([net]),
  )
  test('the discount that breaks even looks at them', () => {
    const input = inputOf({ ...bounded, minimum: d('0') }, {})
    const costly = { ...input, baseline: input.baseline.map((month) => ({ ...month, cost: d('450') })) }
    expect(modelScenario(costly).breakEvenDiscountPercent).toBe('55')
  })
  test('half up', () => {
    const fine: Charge = { ...charge, kind: 'per_unit', unitAmount: d('0.005'), per: d('1') }
    expect(nets(inputOf(fine, { quantity: '1' }))).toEqual(['0'])
    expect(nets(inputOf(fine, { quantity: '1', settings: { rounding: 'half_up' } }))).toEqual(['0.01'])
  })
})

test.each<[string, Charge]>([
  [
    'dimension',
    { ...calls, kind: 'matrix', dimensions: ['region'], cells: [{ values: [null], price: perUnit('1') }] },
  ],
  ['hour of the day', { ...calls, kind: 'time_of_day', bands: [], otherwise: perUnit('1') }],
  ['carry', { ...calls, kind: 'dynamic', dimension: 'price', carries: 'amount' }],
  ['event by event', { ...calls, kind: 'percentage', percent: d('1'), fixedPerEvent: d('1') }],
  ['every hour', { ...calls, kind: 'per_unit', unitAmount: d('1'), per: d('1'), window: 'hour' }],
  ['over a year', { ...calls, kind: 'per_unit', unitAmount: d('1'), per: d('1'), window: 'year' }],
  ['costs', { id: 'x', name: 'X', kind: 'cost_plus', markupPercent: d('1'), costs: 'direct' }],
  ['held', { ...calls, kind: 'time_weighted', values: 'level', heldFor: 'hour', price: perUnit('1') }],
  [
    'only part',
    {
      ...calls,
      kind: 'per_unit',
      unitAmount: d('1'),
      per: d('1'),
      filters: [{ dimension: 'a', values: ['b'] }],
    },
  ],
  [
    'month to month',
    {
      ...calls,
      kind: 'per_unit',
      unitAmount: d('1'),
      per: d('1'),
      included: { quantity: d('1'), per: 'term' },
    },
  ],
])('what needs more than a month’s quantity is named, and revenue unknown: %s', (why, charge) => {
  const model = modelScenario(inputOf(charge))
  expect([model.totals.netRevenue, model.totals.listRevenue, model.breakEvenDiscountPercent]).toEqual([
    null,
    null,
    null,
  ])
  const [issue] = model.issues
  expect(issue?.code).toBe('charge_cannot_be_modelled')
  expect(issue?.message).toContain(why)
})
