import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compareScenarios } from '../../../src/domain/deal/compare.ts'
import { contractFromDeal } from '../../../src/domain/deal/contract.ts'
import type { BaselineMonth, Deal, DealTerms } from '../../../src/domain/deal/deal.ts'
import {
  belowFloor,
  type ModelInput,
  maxDiscountForFloor,
  modelScenario,
} from '../../../src/domain/deal/model.ts'
import { Decimal, integerToDecimal, sumDecimals } from '../../../src/domain/decimal.ts'
import { usageToAskFor } from '../../../src/domain/invoice/ask.ts'
import { buildInvoice } from '../../../src/domain/invoice/build.ts'
import { marginOf } from '../../../src/domain/margin.ts'
import { toMonth } from '../../../src/domain/period.ts'
import { API_CALLS, cardOf, d, METRICS, SEAT_RATE, STORAGE_RATE, SUPPORT } from '../pricing/cards.ts'

const termsOf = (changes: Partial<DealTerms> = {}): DealTerms => ({
  rateCardId: 'api',
  discountPercent: d('0'),
  chargeDiscounts: {},
  monthlyCommitment: null,
  monthlyGrowthPercent: d('0'),
  termMonths: 12,
  startDay: '2026-10-01',
  ...changes,
})

const past = (month: string, calls: string, cost: string | null, others: object = {}): BaselineMonth => ({
  month,
  quantities: { 'api.calls': d(calls), ...others },
  revenue: null,
  cost: cost === null ? null : d(cost),
})

const LINEAR = { ...API_CALLS, tiers: [{ upTo: null, unitAmount: d('1') }] }

/** One dollar per 1,000 calls; 1,000,000 calls and a cost of 400.00 a month. */
const inputOf = (terms: Partial<DealTerms> = {}, changes: Partial<ModelInput> = {}): ModelInput => ({
  terms: termsOf(terms),
  baseline: [past('2026-09', '1000000', '400')],
  card: cardOf(['2026-01-01', [LINEAR]]),
  metrics: METRICS,
  currency: 'USD',
  ...changes,
})
const codes = (input: ModelInput) =>
  modelScenario(input).issues.map(({ severity, code }) => `${severity} ${code}`)

describe('the base', () => {
  test.each<[string, BaselineMonth[], string[], string, string | null]>([
    ['one month', [past('2026-09', '10', '4')], ['2026-09'], '10', '4'],
    [
      'the last three, whatever their order, rounded down',
      [
        past('2026-09', '10', '1'),
        past('2026-06', '99', '9'),
        past('2026-08', '11', '1'),
        past('2026-07', '11', '1.01'),
      ],
      ['2026-07', '2026-08', '2026-09'],
      '10',
      '1',
    ],
    [
      'months without usage and months of the term do not count',
      [past('2026-07', '8', '2'), past('2026-08', '0', '5'), past('2026-10', '50', '5')],
      ['2026-07'],
      '8',
      '2',
    ],
    [
      'cost is averaged over the months that have one',
      [past('2026-07', '8', null), past('2026-08', '8', '5')],
      ['2026-07', '2026-08'],
      '8',
      '5',
    ],
    ['no cost at all', [past('2026-09', '8', null)], ['2026-09'], '8', null],
    ['nothing', [], [], '0', null],
  ])('%s', (_, baseline, baseMonths, calls, cost) => {
    const model = modelScenario(inputOf({}, { baseline }))
    expect(model.baseMonths).toEqual(baseMonths)
    expect(model.months[0]?.quantities['api.calls']).toBe(calls)
    expect(model.months[0]?.cost).toBe(cost)
  })
})

test('growth compounds from the second month on, exactly, and quantities are rounded down once', () => {
  const model = modelScenario(inputOf({ monthlyGrowthPercent: d('2.5'), termMonths: 4 }))
  expect(
    model.months.map((month) => [month.month, month.quantities['api.calls'], month.netRevenue, month.cost]),
  ).toEqual([
    ['2026-10', '1000000', '1000', '400'],
    ['2026-11', '1025000', '1025', '410'],
    ['2026-12', '1050625', '1050.62', '420.25'],
    ['2027-01', '1076890', '1076.89', '430.76'],
  ])
})

test('usage may shrink', () =>
  expect(
    modelScenario(inputOf({ monthlyGrowthPercent: d('-50'), termMonths: 3 })).months.map(
      (month) => month.netRevenue,
    ),
  ).toEqual(['1000', '500', '250']))

test('totals, years and margins', () => {
  const model = modelScenario(inputOf({ discountPercent: d('20'), termMonths: 14 }))
  const month = { listRevenue: '1000', netRevenue: '800', cost: '400', margin: '400', marginPercent: '50' }
  expect(model.months[13]).toMatchObject({ month: '2027-11', ...month })
  expect(model.years).toEqual([
    { year: 1, listRevenue: '12000', netRevenue: '9600', cost: '4800', margin: '4800', marginPercent: '50' },
    { year: 2, listRevenue: '2000', netRevenue: '1600', cost: '800', margin: '800', marginPercent: '50' },
  ])
  expect(model.totals).toEqual({
    listRevenue: '14000',
    netRevenue: '11200',
    cost: '5600',
    margin: '5600',
    marginPercent: '50',
  })
})

describe('break-even and the floor', () => {
  test.each<[string, Partial<DealTerms>, string | null, string | null]>([
    //  terms                                       break-even  most for a floor of 50 %
    ['list 1,000, cost 400', {}, '60', '20'],
    ['the scenario’s own discount does not matter', { discountPercent: d('33') }, '60', '20'],
    ['growth alike on both sides', { monthlyGrowthPercent: d('100'), termMonths: 3 }, '60', '20'],
    ['a commitment above cost', { monthlyCommitment: d('400') }, '100', '20'],
    ['a commitment that meets the floor', { monthlyCommitment: d('800') }, '100', '100'],
    ['the only charge has its own discount', { chargeDiscounts: { calls: d('30') } }, '100', null],
    ['own discount too deep', { chargeDiscounts: { calls: d('70') } }, null, null],
  ])('%s', (_, terms, breakEven, most) => {
    const input = inputOf(terms)
    expect(modelScenario(input).breakEvenDiscountPercent).toBe(breakEven)
    expect(maxDiscountForFloor(input, d('50'))).toBe(most)
  })
  test('to a hundredth of a percent', () => {
    const input = inputOf({}, { baseline: [past('2026-09', '1000000', '333.33')] })
    expect(modelScenario(input).breakEvenDiscountPercent).toBe('66.66')
    expect(maxDiscountForFloor(input, d('60'))).toBe('16.66')
  })
  test('a floor that a later year breaks counts', () => {
    const card = cardOf(
      ['2026-01-01', [LINEAR]],
      ['2027-10-01', [{ ...LINEAR, tiers: [{ upTo: null, unitAmount: d('0.8') }] }]],
    )
    const input = inputOf({ termMonths: 24, discountPercent: d('10') }, { card })
    const model = modelScenario(input)
    expect(model.years.map((year) => year.marginPercent)).toEqual(['55.6', '44.4'])
    expect(belowFloor(model, d('50'))).toBe(true)
    expect(belowFloor(model, d('44.4'))).toBe(false)
    expect(belowFloor(model, d('44.45'))).toBe(true)
    expect(maxDiscountForFloor(input, d('50'))).toBe('0')
    expect(maxDiscountForFloor(input, d('50.01'))).toBe(null)
  })
  test('a year without revenue is below any floor, even where it costs nothing', () => {
    const input = inputOf({ discountPercent: d('100') }, { baseline: [past('2026-09', '1000000', '0')] })
    expect(belowFloor(modelScenario(input), d('0'))).toBe(true)
    expect(maxDiscountForFloor(input, d('0'))).toBe('99.99')
  })
  test('unknown cost: unknown answers', () => {
    const input = inputOf({}, { baseline: [past('2026-09', '1000000', null)] })
    const model = modelScenario(input)
    expect([
      model.breakEvenDiscountPercent,
      maxDiscountForFloor(input, d('1')),
      belowFloor(model, d('1')),
    ]).toEqual([null, null, null])
    expect(model.totals).toEqual({
      listRevenue: '12000',
      netRevenue: '12000',
      cost: null,
      margin: null,
      marginPercent: null,
    })
  })
  test('the found discount holds and the next does not', () => {
    const percents = fc.bigInt({ min: 0n, max: 10_000n }).map((value) => integerToDecimal(value, 2))
    const costs = fc.bigInt({ min: 1n, max: 200_000n }).map((value) => integerToDecimal(value, 2))
    fc.assert(
      fc.property(costs, percents, (cost, supportDiscount) => {
        const input = inputOf(
          { termMonths: 3, monthlyGrowthPercent: d('7'), chargeDiscounts: { support: supportDiscount } },
          {
            baseline: [past('2026-09', '1234567', cost)],
            card: cardOf(['2026-01-01', [LINEAR, SUPPORT]]),
          },
        )
        const at = (discountPercent: string) =>
          modelScenario({ ...input, terms: { ...input.terms, discountPercent: d(discountPercent) } }).totals
            .margin ?? 'x'
        const found = modelScenario(input).breakEvenDiscountPercent
        if (found === null) expect(new Decimal(at('0')).lt(0)).toBe(true)
        else {
          expect(new Decimal(at(found)).gte(0)).toBe(true)
          const next = sumDecimals([found, d('0.01')])
          if (found !== '100') expect(new Decimal(at(next)).lt(0)).toBe(true)
        }
      }),
      { numRuns: 50 },
    )
  })
})

describe('issues', () => {
  test('none', () => expect(codes(inputOf())).toEqual([]))
  test.each<[string, Partial<ModelInput>]>([
    ['warning no_base_month', { baseline: [] }],
    ['warning cost_is_unknown', { baseline: [past('2026-09', '1', null)] }],
    ['warning cost_is_known_in_part', { baseline: [past('2026-08', '1', null), past('2026-09', '1', '1')] }],
    ['error rate_card_in_another_currency', { currency: 'EUR' }],
    ['error no_price_in_effect', { card: cardOf(['2026-10-02', [LINEAR]]) }],
    [
      'error metric_is_unknown',
      { card: cardOf(['2026-01-01', [LINEAR, { ...STORAGE_RATE, metric: 'gone' }]]) },
    ],
    ['warning metric_without_price', { baseline: [past('2026-09', '1', '1', { seats: d('4') })] }],
  ])('%s', (code, changes) => expect(codes(inputOf({}, changes))).toEqual([code]))
  test('a month without price makes the totals unknown, not smaller', () => {
    const model = modelScenario(inputOf({ termMonths: 2 }, { card: cardOf(['2026-10-02', [LINEAR]]) }))
    expect(model.months.map((month) => [month.netRevenue, month.margin])).toEqual([
      [null, null],
      ['1000', '600'],
    ])
    expect([
      model.totals.netRevenue,
      model.totals.cost,
      model.totals.margin,
      model.breakEvenDiscountPercent,
    ]).toEqual([null, '800', null, null])
  })
  test.each<[Partial<DealTerms>, string]>([
    [{ termMonths: 0 }, 'a term is 1 to 120 months, not 0'],
    [{ startDay: '2026-10-15' }, 'a deal starts on the first of a month, not 2026-10-15'],
    [{ monthlyGrowthPercent: d('-100') }, 'growth must be above -100 percent, not -100'],
  ])('malformed terms are a bug of the caller: %j', (terms, message) =>
    expect(() => modelScenario(inputOf(terms))).toThrow(message),
  )
})

test('a modelled month is what the invoice of its quantities comes to', () => {
  const percents = fc.bigInt({ min: 0n, max: 10_000n }).map((value) => integerToDecimal(value, 2))
  const quantities = fc.bigInt({ min: 1n, max: 10n ** 11n })
  fc.assert(
    fc.property(
      quantities,
      quantities,
      percents,
      percents,
      percents,
      (calls, storage, overall, own, commitment) => {
        const card = cardOf(['2026-01-01', [API_CALLS, STORAGE_RATE, SEAT_RATE, SUPPORT]])
        const terms = termsOf({
          discountPercent: overall,
          chargeDiscounts: { storage: own },
          monthlyCommitment: commitment,
          termMonths: 1,
        })
        const others = { storage: integerToDecimal(storage, 3), seats: d('12') }
        const baseline = [past('2026-09', calls.toString(), '1', others)]
        const [month] = modelScenario({ terms, card, baseline, metrics: METRICS, currency: 'USD' }).months
        const deal: Deal = {
          id: 'D-1',
          name: 'Renewal',
          customerId: 'northwind',
          state: 'won',
          scenarios: [{ name: 'A', terms }],
          chosen: 0,
          note: '',
        }
        const pricing = {
          card,
          contract: contractFromDeal(deal, { contractId: 'C-1' }),
          metrics: METRICS,
          month: toMonth('2026-10'),
          timeZone: 'UTC',
        }
        const invoice = buildInvoice({
          ...pricing,
          id: 'I-1',
          number: '1',
          customer: { id: 'northwind', name: 'Northwind' },
          currency: 'USD',
          usage: usageToAskFor(pricing).map((asked) => ({
            ...asked,
            rows: [
              {
                startMs: asked.startMs,
                keys: [],
                quantity: month?.quantities[asked.metric] ?? d('0'),
                events: 1,
              },
            ],
          })),
          chainHead: '',
          asOfBatch: 0,
          previousInvoice: null,
        })
        expect(month?.netRevenue).toBe(invoice.total)
        expect(marginOf(invoice.total, d('1'))).toEqual({
          margin: month?.margin,
          marginPercent: month?.marginPercent,
        })
      },
    ),
    { numRuns: 100 },
  )
})

describe('the sentence that compares two scenarios', () => {
  const scenario = (name: string, terms: Partial<DealTerms>, changes: Partial<ModelInput> = {}) => {
    const input = inputOf(terms, changes)
    return { name, terms: input.terms, model: modelScenario(input) }
  }
  const asked = scenario('A', { discountPercent: d('25') })
  test.each<[Partial<DealTerms>, Partial<ModelInput>, string]>([
    [
      { discountPercent: d('18'), monthlyCommitment: d('900') },
      {},
      'B keeps 1,800.00 more than A for a 900.00 commitment a month; margin 46.7 → 55.6 %.',
    ],
    [{ discountPercent: d('30') }, {}, 'B keeps 600.00 less than A; margin 46.7 → 42.9 %.'],
    [{ discountPercent: d('25') }, {}, 'B keeps as much as A; margin 46.7 → 46.7 %.'],
    [
      { discountPercent: d('24') },
      { baseline: [past('2026-09', '1000000', null)] },
      'B keeps 120.00 more than A; margin 46.7 → –.',
    ],
    [{}, { card: cardOf(['2027-01-01', [LINEAR]]) }, 'B and A cannot be compared: a month has no price.'],
  ])('%j', (terms, changes, sentence) =>
    expect(compareScenarios(asked, scenario('B', terms, changes))).toBe(sentence),
  )
})
