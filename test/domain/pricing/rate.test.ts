import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Decimal, integerToDecimal, sumDecimals } from '../../../src/domain/decimal.ts'
import { discountOf, priceCurve, prorate } from '../../../src/domain/pricing/rate.ts'
import { API_CALLS, d, type GraduatedCharge, rateOn as rate, STORAGE_RATE, SUPPORT } from './cards.ts'

describe('the Northwind example', () => {
  const northwind = rate(API_CALLS, '41204000')
  test('reads step by step as Explain shows it', () => {
    expect(northwind.steps.map((step) => [step.text, step.amount])).toEqual([
      ['first 1,000,000 calls, free', '0'],
      ['next 9,000,000 calls at 0.40 per 1,000', '3600'],
      ['beyond: 31,204,000 calls at 0.32 per 1,000', '9985.28'],
    ])
    expect(northwind.amount).toBe('13585.28')
  })
  test('less 5.5 percent', () => expect(discountOf(northwind.amount, d('5.5'))).toBe('-747.1904'))
})

test.each([
  // quantity          amount
  ['0', '0'],
  ['1', '0'],
  ['999999', '0'],
  ['1000000', '0'],
  ['1000000.5', '0.0002'],
  ['1000001', '0.0004'],
  ['9999999', '3599.9996'],
  ['10000000', '3600'],
  ['10000001', '3600.00032'],
  ['10000000.001', '3600.00000032'],
  ['-1', '0'],
  ['-1000001', '-0.0004'],
  ['-41204000', '-13585.28'],
])('%s calls cost %s', (quantity, amount) => expect(rate(API_CALLS, quantity).amount).toBe(amount))

test.each([
  // at        more       amount       steps
  ['0', '400000', '0', ['first 400,000 calls, free']],
  ['400000', '400000', '0', ['next 400,000 calls, free']],
  ['400000', '700000', '40', ['next 600,000 calls, free', 'next 100,000 calls at 0.40 per 1,000']],
  ['1000000', '1', '0.0004', ['next 1 call at 0.40 per 1,000']],
  ['10000000', '1000', '0.32', ['beyond: 1,000 calls at 0.32 per 1,000']],
  [
    '1000100',
    '-200',
    '-0.04',
    ['reversed: next 100 calls, free', 'reversed: next 100 calls at 0.40 per 1,000'],
  ],
  ['0', '0', '0', ['0 calls']],
  ['5000000', '0', '0', ['0 calls']],
] as const)('from position %s, %s more cost %s', (position, quantity, amount, texts) => {
  const rated = rate(API_CALLS, quantity, position)
  expect(rated.amount).toBe(amount)
  expect(rated.steps.map((step) => step.text)).toEqual(texts)
})

test('a price per unit and a fractional quantity', () => {
  expect(rate(STORAGE_RATE, '1234.567')).toEqual({
    amount: '25.925907',
    steps: [
      {
        kind: 'per_unit',
        text: '1,234.567 GB-hours at 0.021 per GB-hour',
        quantity: '1234.567',
        unitAmount: '0.021',
        per: '1',
        amount: '25.925907',
      },
    ],
    quantity: '1234.567',
    billed: '1234.567',
    includedUsed: '0',
    issues: [],
  })
})

test('fractions of `per` are billed', () =>
  expect(rate({ ...STORAGE_RATE, per: d('1000'), unitAmount: d('0.4') }, '1').amount).toBe('0.0004'))

test('a flat fee for part of a month shows its proration', () => {
  const days = { first: 0, count: 14, ofMonth: 31 }
  const rated = rate(SUPPORT, '0', null, { days })
  expect(rated.steps.map((step) => [step.kind, step.text, step.amount])).toEqual([
    ['flat_fee', 'flat fee for the month', '500'],
    ['proration', 'prorated: 14 of 31 days', '-274.19354838709677419355'],
  ])
  expect(rated.amount).toBe('225.80645161290322580645')
})

test('a price per zero units is a bug, not a price', () =>
  expect(() => rate({ ...STORAGE_RATE, per: d('0') }, '1')).toThrow(
    'a price must be per more than zero units, not per 0',
  ))

test('so is one that leaves units without a tier, or tiers without units', () => {
  const tiers = (...edges: readonly (string | null)[]) => ({
    ...API_CALLS,
    tiers: edges.map((upTo) => ({ upTo: upTo === null ? null : d(upTo), unitAmount: d('1') })),
  })
  for (const charge of [tiers('10'), tiers(null, null), tiers('10', null, '20')])
    expect(() => rate(charge, '5')).toThrow('the last tier of a price, and no other, must be open')
  expect(rate(tiers('10', null), '5').amount).toBe('0.005')
})

test('the curve is the price of each quantity', () => {
  expect(priceCurve(API_CALLS, [d('0'), d('1000001'), d('10000000.5')])).toEqual([
    { quantity: '0', amount: '0' },
    { quantity: '1000001', amount: '0.0004' },
    { quantity: '10000000.5', amount: '3600.00016' },
  ])
  expect(priceCurve(SUPPORT, [d('7')])).toEqual([{ quantity: '7', amount: '500' }])
})

const scaled = (min: bigint, max: bigint, scale: number) =>
  fc.bigInt({ min, max }).map((value) => integerToDecimal(value, scale))
const quantities = scaled(-(10n ** 15n), 10n ** 15n, 3)
const positions = scaled(0n, 10n ** 15n, 3)
const charges = fc
  .record({
    widths: fc.array(fc.bigInt({ min: 1n, max: 10n ** 12n }), { maxLength: 6 }),
    prices: fc.array(scaled(0n, 10n ** 8n, 6), { minLength: 7, maxLength: 7 }),
    per: fc.constantFrom('1', '10', '1000', '0.5', '1024', '3').map(d),
  })
  .map(({ widths, prices, per }): GraduatedCharge => {
    let edge = 0n
    const edges = widths.map((width) => {
      edge += width
      return integerToDecimal(edge, 2)
    })
    const tiers = [...edges, null].map((upTo, index) => ({ upTo, unitAmount: prices[index] ?? d('0') }))
    return { ...API_CALLS, per, tiers }
  })

test('the steps add up to the amount, and their units to the quantity', () => {
  fc.assert(
    fc.property(charges, quantities, positions, (charge, quantity, position) => {
      const { amount, steps } = rate(charge, quantity, position)
      expect(sumDecimals(steps.map((step) => step.amount))).toBe(amount)
      expect(sumDecimals(steps.map((step) => step.quantity ?? d('0')))).toBe(quantity)
    }),
  )
})

test('more usage never costs less, and one unit more costs at most the dearest tier', () => {
  fc.assert(
    fc.property(charges, positions, (charge, position) => {
      const step = new Decimal(rate(charge, '1', position).amount)
      const dearest = Decimal.max(...charge.tiers.map((tier) => tier.unitAmount)).div(charge.per)
      expect(step.gte(0)).toBe(true)
      expect(step.toDecimalPlaces(30).lte(dearest.toDecimalPlaces(30))).toBe(true)
    }),
  )
})

test('pieces of a quantity cost what the whole costs, reversals included', () => {
  fc.assert(
    fc.property(charges, fc.array(quantities, { maxLength: 5 }), (charge, pieces) => {
      let position = d('0')
      const amounts = pieces.map((quantity) => {
        const { amount } = rate(charge, quantity, position)
        position = sumDecimals([position, quantity])
        return amount
      })
      expect(sumDecimals(amounts)).toBe(rate(charge, position).amount)
    }),
  )
})

test('a negative quantity is credited at the price of as many units', () => {
  fc.assert(
    fc.property(charges, positions, (charge, quantity) => {
      const credit = rate(charge, new Decimal(quantity).negated().toFixed().replace(/^-0$/, '0'))
      expect(sumDecimals([credit.amount, rate(charge, quantity).amount])).toBe('0')
    }),
  )
})

test('an independent reckoning, unit by unit of the tiers, agrees', () => {
  fc.assert(
    fc.property(charges, positions, (charge, quantity) => {
      fc.pre(charge.per !== '3')
      let below = new Decimal(0)
      let total = new Decimal(0)
      for (const tier of charge.tiers) {
        const top = tier.upTo === null ? new Decimal(quantity) : Decimal.min(tier.upTo, quantity)
        if (top.gt(below)) total = total.plus(top.minus(below).times(tier.unitAmount).div(charge.per))
        below = new Decimal(tier.upTo ?? quantity)
      }
      expect(rate(charge, quantity).amount).toBe(total.toFixed())
    }),
  )
})

test('the parts of a month add up to its fee', () => {
  fc.assert(
    fc.property(
      scaled(0n, 10n ** 9n, 4),
      fc.integer({ min: 28, max: 31 }),
      fc.integer({ min: 0, max: 28 }),
      (amount, ofMonth, cut) => {
        const parts = [
          prorate(amount, { first: 0, count: cut, ofMonth }),
          prorate(amount, { first: cut, count: ofMonth - cut, ofMonth }),
        ]
        expect(sumDecimals(parts)).toBe(amount)
      },
    ),
  )
})
