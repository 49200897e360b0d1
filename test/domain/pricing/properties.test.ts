/**
 * What holds of every kind. Prices by per unit, graduated, package and percent never fall as usage grows; volume and
 * stair-step prices fall at edges by design, so nothing is said of them. A graduated price jumps at an edge by its flat
 * amount only.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Decimal, type DecimalText, negateDecimal, sumDecimals } from '../../../src/domain/decimal.ts'
import { priceCurve } from '../../../src/domain/pricing/rate.ts'
import type { Charge } from '../../../src/domain/pricing/ratecard.ts'
import {
  anyCharge,
  base,
  costPlus,
  crowdedEvents,
  dynamic,
  event,
  events,
  formula,
  graduatedPercent,
  matrix,
  modifiers,
  monotoneCharge,
  monotonePrice,
  quantityCharge,
  quantityPrice,
  revenueShare,
  scaled,
  tiersOf,
  timeOfDay,
} from './any-charge.ts'
import { d, rateOn } from './cards.ts'
import { rateEvents } from './rating.ts'

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
        expect(sumDecimals(parts.map((part) => part.billed ?? d('0')))).toBe(whole.billed ?? d('0'))
      },
    ),
    { numRuns: 600 },
  )
})

test('the order in which events are given does not matter, but of levels of one instant', () => {
  const isOfLevels = ({ kind }: Charge) => kind === 'seat' || kind === 'time_weighted'
  fc.assert(
    fc.property(
      fc
        .oneof(
          fc.tuple(anyCharge, events),
          fc.tuple(
            anyCharge.filter((charge) => !isOfLevels(charge)),
            crowdedEvents,
          ),
        )
        .chain(([charge, given]) =>
          fc.tuple(
            fc.constant(charge),
            fc.constant(given),
            fc.shuffledSubarray(given, { minLength: given.length }),
          ),
        ),
      ([charge, given, shuffled]) => {
        expect(rateEvents(charge, shuffled, options)).toEqual(rateEvents(charge, given, options))
      },
    ),
    { numRuns: 600 },
  )
})

test('reversed usage is the negative of the price of as much', () => {
  const byUnit = dynamic.filter((charge) => charge.kind === 'dynamic' && charge.carries === 'unit_price')
  const mirroring = fc.oneof(quantityCharge, matrix, timeOfDay, graduatedPercent, byUnit)
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
  test('by per unit, graduated and package prices, with included units and increments', () => {
    fc.assert(
      fc.property(monotonePrice, modifiers, quantities, quantities, (price, more, a, b) => {
        const charge = { ...base, ...price, ...more } as Charge
        const [less, most] = new Decimal(a).lt(b) ? [a, b] : [b, a]
        const amounts = [less, most].map((quantity) => new Decimal(rateOn(charge, quantity).amount))
        expect(amounts[0]?.lte(amounts[1] ?? 0)).toBe(true)
      }),
    )
  })
  test('by every kind whose price never falls: one event more, at any time', () => {
    const given = fc.uniqueArray(event(1n), {
      minLength: 1,
      maxLength: 15,
      selector: ({ timeMs }) => timeMs,
    })
    fc.assert(
      fc.property(monotoneCharge, given, fc.nat(), (charge, all, which) => {
        const without = all.filter((_, index) => index !== which % all.length)
        const [less, most] = [without, all].map(
          (some) => new Decimal(rateEvents(charge, some, options).amount),
        )
        expect(less?.lte(most ?? 0)).toBe(true)
      }),
      { numRuns: 800 },
    )
  })
  test('by cost, marked up', () => {
    const costs = scaled(0n, 10n ** 9n, 4)
    fc.assert(
      fc.property(costPlus, costs, costs, (charge, a, b) => {
        const [less, most] = new Decimal(a).lt(b) ? [a, b] : [b, a]
        const amounts = [less, most].map((cost) => new Decimal(rateEvents(charge, [], { cost }).amount))
        expect(amounts[0]?.gte(less)).toBe(true)
        expect(amounts[0]?.lte(amounts[1] ?? 0)).toBe(true)
      }),
    )
  })
})

describe('at an edge', () => {
  const tiny = d('0.000001')
  const around = (charge: Charge, edge: DecimalText) =>
    [sumDecimals([edge, negateDecimal(tiny)]), edge, sumDecimals([edge, tiny])].map(
      (quantity) => new Decimal(rateOn(charge, quantity).amount),
    )
  const graduated = (
    tiers: readonly { upTo: DecimalText | null; unitAmount: DecimalText }[],
    isPercent: boolean,
  ) =>
    (isPercent
      ? {
          ...base,
          kind: 'graduated_percentage',
          tiers: tiers.map(({ unitAmount, ...tier }) => ({ ...tier, percent: unitAmount })),
        }
      : { ...base, kind: 'graduated', per: '1', tiers }) as Charge

  test('a graduated price or percent goes on without a jump, but for the flat amount of the tier it enters', () => {
    fc.assert(
      fc.property(tiersOf, fc.boolean(), (tiers, isPercent) => {
        const charge = graduated(tiers, isPercent)
        for (const [index, { upTo, unitAmount }] of tiers.entries()) {
          const next = tiers[index + 1]
          if (upTo === null || next === undefined) continue
          const [below, edge, above] = around(charge, upTo)
          const cost = (price: DecimalText) => new Decimal(price).times(tiny).div(isPercent ? 100 : 1)
          expect(edge?.minus(below ?? 0).toFixed()).toBe(cost(unitAmount).toFixed())
          expect(above?.minus(edge ?? 0).toFixed()).toBe(
            cost(next.unitAmount).plus(next.flatAmount).toFixed(),
          )
        }
      }),
    )
  })
  test('a package by its share never jumps', () => {
    fc.assert(
      fc.property(scaled(0n, 10n ** 6n, 4), scaled(1n, 10n ** 5n, 2), (amount, size) => {
        const charge = { ...base, kind: 'package', amount, size, lastBlock: 'prorated' } as Charge
        const [below, edge, above] = around(charge, size)
        expect(edge?.toFixed()).toBe(new Decimal(amount).toFixed())
        const most = new Decimal(amount).times(tiny).div(size).plus('1e-19')
        expect(edge?.minus(below ?? 0).lte(most)).toBe(true)
        expect(above?.minus(edge ?? 0).lte(most)).toBe(true)
      }),
    )
  })
})

test('no property passes for want of usage: most charges of every kind cost something', () => {
  const found = new Map<string, { all: number; priced: number }>()
  for (const [charge, given] of fc.sample(fc.tuple(anyCharge, events), { numRuns: 1500, seed: 20261126 })) {
    const sum = found.get(charge.kind) ?? { all: 0, priced: 0 }
    const isPriced = rateEvents(charge, given, options).amount !== '0'
    found.set(charge.kind, { all: sum.all + 1, priced: sum.priced + (isPriced ? 1 : 0) })
  }
  expect([...found.keys()].sort()).toEqual([
    'dynamic',
    'flat_fee',
    'formula',
    'graduated',
    'graduated_percentage',
    'matrix',
    'package',
    'per_unit',
    'percentage',
    'revenue_share',
    'seat',
    'stair_step',
    'time_of_day',
    'time_weighted',
    'volume',
  ])
  for (const [kind, { all, priced }] of found)
    expect([kind, all > 20, priced / all > 0.3]).toEqual([kind, true, true])
})

test('the curve is what rating says, wherever there is a curve', () => {
  const settings = fc.record({
    tierFeeAtZero: fc.boolean(),
    edgeUnit: fc.constantFrom('lower' as const, 'upper' as const),
  })
  const curved = fc.oneof(
    fc.tuple(quantityPrice, modifiers).map(([price, more]) => ({ ...base, ...price, ...more }) as Charge),
    graduatedPercent,
    revenueShare,
  )
  fc.assert(
    fc.property(curved, scaled(-(10n ** 6n), 10n ** 7n, 3), settings, (charge, quantity, chosen) => {
      const curve = priceCurve(charge, [quantity], chosen)
      if (curve === null) expect('increment' in charge && charge.increment?.of).toBe('event')
      else expect(curve[0]?.amount).toBe(rateOn(charge, quantity, null, { settings: chosen }).amount)
    }),
    { numRuns: 400 },
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
