/**
 * What holds of every kind. Prices by per unit, graduated, package and percent never fall as usage grows; volume and
 * stair-step prices fall at edges by design, so nothing is said of them. A graduated price jumps at an edge by its flat
 * amount only.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  Decimal,
  type DecimalText,
  integerToDecimal,
  negateDecimal,
  sumDecimals,
} from '../../../src/domain/decimal.ts'
import { priceCurve } from '../../../src/domain/pricing/rate.ts'
import type { Charge, QuantityPrice } from '../../../src/domain/pricing/ratecard.ts'
import type { UsageEvent } from '../../../src/domain/pricing/usage.ts'
import { d, rateOn } from './cards.ts'
import { rateEvents } from './rating.ts'

const scaled = (min: bigint, max: bigint, scale: number) =>
  fc.bigInt({ min, max }).map((value) => integerToDecimal(value, scale))
const prices = scaled(0n, 10n ** 6n, 4)
const ascending = fc.array(fc.bigInt({ min: 1n, max: 10n ** 6n }), { maxLength: 4 }).map((widths) => {
  let edge = 0n
  return [
    ...widths.map((width) => {
      edge += width
      return integerToDecimal(edge, 2)
    }),
    null,
  ]
})
const tiersOf = fc
  .tuple(ascending, fc.array(fc.tuple(prices, prices), { minLength: 5, maxLength: 5 }))
  .map(([edges, each]) =>
    edges.map((upTo, index) => ({
      upTo,
      unitAmount: each[index]?.[0] ?? d('0'),
      flatAmount: each[index]?.[1] ?? d('0'),
    })),
  )
const per = fc.constantFrom('1', '10', '1000', '0.5', '1024').map(d)
const quantityPrice: fc.Arbitrary<QuantityPrice> = fc.oneof(
  fc.record({ kind: fc.constant('per_unit' as const), unitAmount: prices, per }),
  fc.record({ kind: fc.constant('graduated' as const), per, tiers: tiersOf }),
  fc.record({ kind: fc.constant('volume' as const), per, tiers: tiersOf }),
  tiersOf.map((tiers) => ({
    kind: 'stair_step' as const,
    steps: tiers.map(({ upTo, unitAmount }) => ({ upTo, amount: unitAmount })),
  })),
  fc.record({
    kind: fc.constant('package' as const),
    amount: prices,
    size: scaled(1n, 10n ** 5n, 2),
    lastBlock: fc.constantFrom('whole' as const, 'prorated' as const),
  }),
)
const base = { id: 'c', name: 'Calls', metric: 'storage' }
const option = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })
const defined = <T extends object>(value: T) =>
  Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined))
const modifiers = fc
  .record({
    convert: option(fc.record({ unit: fc.constant('GB'), size: scaled(1n, 10n ** 4n, 1) })),
    increment: option(
      fc.record({
        size: scaled(1n, 500n, 2),
        minimum: scaled(0n, 500n, 2),
        of: fc.constantFrom('period', 'event'),
      }),
    ),
    included: option(fc.record({ quantity: scaled(0n, 10n ** 5n, 1), per: fc.constant('month') })),
    filters: option(fc.constant([{ dimension: 'region', values: ['eu', 'us'] }])),
    multiplier: option(scaled(0n, 30n, 1)),
  })
  .map(defined)
const quantityCharge = fc
  .tuple(quantityPrice, modifiers, fc.constantFrom(undefined, undefined, 'hour' as const, 'day' as const))
  .map(([price, more, window]) => ({ ...base, ...price, ...more, ...defined({ window }) }) as Charge)
const matrix = fc.tuple(quantityPrice, quantityPrice, modifiers).map(
  ([first, second, more]) =>
    ({
      ...base,
      ...more,
      kind: 'matrix',
      dimensions: ['region', 'size'],
      cells: [
        { values: ['eu', null], price: first },
        { values: [null, null], price: second },
      ],
    }) as Charge,
)
const timeOfDay = fc.tuple(quantityPrice, quantityPrice, modifiers).map(
  ([first, otherwise, more]) =>
    ({
      ...base,
      ...more,
      kind: 'time_of_day',
      bands: [{ name: 'night', from: 22, to: 6, weekdays: [1, 6, 7], price: first }],
      otherwise,
    }) as Charge,
)
const percentage = fc
  .record({
    percent: scaled(0n, 100n, 1),
    fixedPerEvent: option(prices),
    freeEvents: option(fc.integer({ min: 0, max: 5 })),
    freeAmount: option(scaled(0n, 10n ** 5n, 1)),
    maximumPerEvent: option(scaled(50n, 10n ** 4n, 2)),
    minimumPerEvent: option(scaled(0n, 50n, 2)),
  })
  .map((terms) => ({ ...base, ...defined(terms), kind: 'percentage' }) as Charge)
const dynamic = fc
  .constantFrom('unit_price' as const, 'amount' as const)
  .map((carries): Charge => ({ ...base, kind: 'dynamic', dimension: 'price', carries }))
const levels = fc.oneof(
  fc
    .record({ unitAmount: prices, proration: fc.constantFrom('none', 'day', 'second') })
    .map((terms) => ({ ...base, ...terms, kind: 'seat', values: 'change' }) as Charge),
  fc
    .tuple(quantityPrice, fc.constantFrom('second', 'hour', 'day', 'month'))
    .map(
      ([price, heldFor]) => ({ ...base, kind: 'time_weighted', values: 'change', heldFor, price }) as Charge,
    ),
)
const graduatedPercent = tiersOf.map(
  (tiers) =>
    ({
      ...base,
      kind: 'graduated_percentage',
      tiers: tiers.map(({ unitAmount, ...tier }) => ({ ...tier, percent: unitAmount })),
    }) as Charge,
)
const formula = quantityPrice.map(
  (price): Charge => ({
    id: 'f',
    name: 'F',
    kind: 'formula',
    formula: 'storage > 10 ? max(storage / 3, api.calls) : 1 - storage',
    unit: 'point',
    price,
  }),
)
const anyCharge = fc.oneof(
  quantityCharge,
  matrix,
  timeOfDay,
  percentage,
  dynamic,
  levels,
  graduatedPercent,
  formula,
)

const START = Date.parse('2026-10-01T00:00:00+02:00')
const event = (sign: 1n | -1n) =>
  fc
    .record({
      quarter: fc.integer({ min: 0, max: 31 * 96 + 3 }),
      milliseconds: fc.integer({ min: 0, max: 899_999 }),
      quantity: scaled(0n, 10n ** 6n, 3),
      region: fc.constantFrom('eu', 'us', 'ap'),
      price: fc.constantFrom('1', '0.25', '3.5'),
    })
    .map(
      ({ quarter, milliseconds, quantity, region, price }): UsageEvent => ({
        metric: 'storage',
        timeMs: START + quarter * 900_000 + milliseconds,
        quantity: sign < 0n ? negateDecimal(quantity) : quantity,
        dimensions: { region, price },
      }),
    )
/** No two events of one instant: of levels the last given would hold. */
const events = fc.uniqueArray(fc.oneof({ arbitrary: event(1n), weight: 4 }, event(-1n)), {
  maxLength: 25,
  selector: ({ timeMs }) => timeMs,
})
const options = { timeZone: 'Europe/Berlin' }
const stepSum = (steps: readonly { readonly amount: DecimalText }[]) =>
  sumDecimals(steps.map(({ amount }) => amount))

test('the steps add up to the amount, and a step of units, price and per is their product', () => {
  fc.assert(
    fc.property(anyCharge, events, fc.integer({ min: 0, max: 30 }), (charge, given, from) => {
      const rated = rateEvents(charge, given, { ...options, from })
      expect(rated.steps.length).toBeGreaterThan(0)
      expect(rated.steps.length).toBeLessThan(60)
      expect(stepSum(rated.steps)).toBe(rated.amount)
      for (const { quantity, unitAmount, per: every, amount } of rated.steps)
        if (quantity !== undefined && unitAmount !== undefined && every !== undefined)
          expect(new Decimal(quantity).times(unitAmount).div(every).toFixed()).toBe(
            new Decimal(amount).toFixed(),
          )
    }),
    { numRuns: 400 },
  )
})

test('a month cut at any day adds up to the whole', () => {
  fc.assert(
    fc.property(
      anyCharge,
      events,
      fc.integer({ min: 1, max: 30 }),
      fc.boolean(),
      (charge, given, cut, tierFeeAtZero) => {
        const settings = { tierFeeAtZero }
        const whole = rateEvents(charge, given, { ...options, settings })
        const parts = [
          rateEvents(charge, given, { ...options, settings, until: cut }),
          rateEvents(charge, given, { ...options, settings, from: cut }),
        ]
        expect(sumDecimals(parts.map((part) => part.amount))).toBe(whole.amount)
        expect(sumDecimals(parts.map((part) => part.includedUsed))).toBe(whole.includedUsed)
        expect(sumDecimals(parts.map((part) => part.billed ?? d('0')))).toBe(whole.billed)
      },
    ),
    { numRuns: 600 },
  )
})

test('the order in which events are given does not matter', () => {
  fc.assert(
    fc.property(
      anyCharge,
      events.chain((given) =>
        fc.tuple(fc.constant(given), fc.shuffledSubarray(given, { minLength: given.length })),
      ),
      (charge, [given, shuffled]) => {
        expect(rateEvents(charge, shuffled, options)).toEqual(rateEvents(charge, given, options))
      },
    ),
    { numRuns: 400 },
  )
})

test('reversed usage is the negative of the price of as much', () => {
  const mirroring = fc.oneof(quantityCharge, matrix, timeOfDay, graduatedPercent)
  fc.assert(
    fc.property(mirroring, events, (charge, given) => {
      const mirrored = given.map((each) => ({ ...each, quantity: negateDecimal(each.quantity) }))
      expect(rateEvents(charge, mirrored, options).amount).toBe(
        negateDecimal(rateEvents(charge, given, options).amount),
      )
    }),
    { numRuns: 400 },
  )
})

describe('more usage never costs less', () => {
  const quantities = scaled(0n, 10n ** 7n, 3)
  const monotone = quantityPrice.filter(({ kind }) => kind !== 'volume' && kind !== 'stair_step')
  test('by per unit, graduated and package prices, with included units and increments', () => {
    fc.assert(
      fc.property(monotone, modifiers, quantities, quantities, (price, more, a, b) => {
        const charge = { ...base, ...price, ...more } as Charge
        const [less, most] = new Decimal(a).lt(b) ? [a, b] : [b, a]
        const amounts = [less, most].map((quantity) => new Decimal(rateOn(charge, quantity).amount))
        expect(amounts[0]?.lte(amounts[1] ?? 0)).toBe(true)
      }),
    )
  })
  test('by percent: one payment more, at any time', () => {
    const payments = fc.uniqueArray(event(1n), {
      minLength: 1,
      maxLength: 15,
      selector: ({ timeMs }) => timeMs,
    })
    fc.assert(
      fc.property(percentage, payments, fc.nat(), (charge, given, which) => {
        const without = given.filter((_, index) => index !== which % given.length)
        const [less, most] = [without, given].map(
          (some) => new Decimal(rateEvents(charge, some, options).amount),
        )
        expect(less?.lte(most ?? 0)).toBe(true)
      }),
      { numRuns: 300 },
    )
  })
})

test('a graduated price without flat amounts has no jump at an edge', () => {
  fc.assert(
    fc.property(tiersOf, (tiers) => {
      const charge: Charge = {
        ...base,
        kind: 'graduated',
        per: d('1'),
        tiers: tiers.map(({ upTo, unitAmount }) => ({ upTo, unitAmount })),
      }
      for (const { upTo } of tiers) {
        if (upTo === null) continue
        const tiny = d('0.000001')
        const [below, edge, above] = [
          sumDecimals([upTo, negateDecimal(tiny)]),
          upTo,
          sumDecimals([upTo, tiny]),
        ].map((quantity) => new Decimal(rateOn(charge, quantity).amount))
        const dearest = Decimal.max(...tiers.map(({ unitAmount }) => unitAmount)).times(tiny)
        expect(edge?.minus(below ?? 0).lte(dearest)).toBe(true)
        expect(above?.minus(edge ?? 0).lte(dearest)).toBe(true)
      }
    }),
  )
})

test('the curve is what rating says, wherever there is a curve', () => {
  fc.assert(
    fc.property(quantityPrice, modifiers, scaled(-(10n ** 6n), 10n ** 7n, 3), (price, more, quantity) => {
      const charge = { ...base, ...price, ...more } as Charge
      const curve = priceCurve(charge, [quantity])
      if (curve === null) expect('increment' in charge && charge.increment?.of).toBe('event')
      else expect(curve[0]?.amount).toBe(rateOn(charge, quantity).amount)
    }),
  )
})

test('cut-up charges have no curve', () => {
  fc.assert(
    fc.property(fc.oneof(matrix, timeOfDay, dynamic, formula), (charge) => {
      expect(priceCurve(charge, [d('1')])).toBe(null)
    }),
    { numRuns: 20 },
  )
})
