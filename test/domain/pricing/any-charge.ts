/** Any charge of every kind, and usage for it, for the properties that hold of all of them. */
import fc from 'fast-check'
import { integerToDecimal, negateDecimal } from '../../../src/domain/decimal.ts'
import type { Charge, QuantityPrice } from '../../../src/domain/pricing/ratecard.ts'
import type { UsageEvent } from '../../../src/domain/pricing/usage.ts'
import { d } from './cards.ts'

export const scaled = (min: bigint, max: bigint, scale: number) =>
  fc.bigInt({ min, max }).map((value) => integerToDecimal(value, scale))
export const prices = scaled(0n, 10n ** 6n, 4)
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
export const tiersOf = fc
  .tuple(ascending, fc.array(fc.tuple(prices, prices), { minLength: 5, maxLength: 5 }))
  .map(([edges, each]) =>
    edges.map((upTo, index) => ({
      upTo,
      unitAmount: each[index]?.[0] ?? d('0'),
      flatAmount: each[index]?.[1] ?? d('0'),
    })),
  )
const per = fc.constantFrom('1', '10', '1000', '0.5', '1024').map(d)
export const quantityPrice: fc.Arbitrary<QuantityPrice> = fc.oneof(
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
export const base = { id: 'c', name: 'Calls', metric: 'storage' }
const option = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })
const defined = <T extends object>(value: T) =>
  Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined))
const conversion = fc.record({ unit: fc.constant('GB'), size: scaled(1n, 10n ** 4n, 1) })
export const modifiers = fc
  .record({
    convert: option(conversion),
    increment: option(
      fc.record({
        size: scaled(1n, 500n, 2),
        minimum: scaled(0n, 500n, 2),
        of: fc.constantFrom('period', 'event'),
      }),
    ),
    included: option(fc.record({ quantity: scaled(0n, 10n ** 4n, 1), per: fc.constant('month') })),
    filters: option(fc.constant([{ dimension: 'region', values: ['eu', 'us'] }])),
    multiplier: option(scaled(0n, 30n, 1)),
  })
  .map(defined)
const quantityChargeOf = (price: fc.Arbitrary<QuantityPrice>) =>
  fc
    .tuple(price, modifiers, fc.constantFrom(undefined, undefined, 'hour' as const, 'day' as const))
    .map(([price, more, window]) => ({ ...base, ...price, ...more, ...defined({ window }) }) as Charge)
export const quantityCharge = quantityChargeOf(quantityPrice)
const matrixOf = (price: fc.Arbitrary<QuantityPrice>) =>
  fc.tuple(price, price, modifiers).map(
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
export const matrix = matrixOf(quantityPrice)
const timeOfDayOf = (price: fc.Arbitrary<QuantityPrice>) =>
  fc.tuple(price, price, modifiers).map(
    ([first, otherwise, more]) =>
      ({
        ...base,
        ...more,
        kind: 'time_of_day',
        bands: [{ name: 'night', from: 22, to: 6, weekdays: [1, 6, 7], price: first }],
        otherwise,
      }) as Charge,
  )
export const timeOfDay = timeOfDayOf(quantityPrice)
export const percentage = fc
  .record({
    percent: scaled(0n, 100n, 1),
    fixedPerEvent: option(prices),
    freeEvents: option(fc.integer({ min: 0, max: 5 })),
    freeAmount: option(scaled(0n, 10n ** 5n, 1)),
    maximumPerEvent: option(scaled(50n, 10n ** 4n, 2)),
    minimumPerEvent: option(scaled(0n, 50n, 2)),
    convert: option(conversion),
  })
  .map((terms) => ({ ...base, ...defined(terms), kind: 'percentage' }) as Charge)
export const dynamic = fc
  .record({ carries: fc.constantFrom('unit_price', 'amount'), convert: option(conversion) })
  .map((terms) => ({ ...base, ...defined(terms), kind: 'dynamic', dimension: 'price' }) as Charge)
/** Of levels only what they come to is rounded up. */
const ofLevels = modifiers.map((more) =>
  'increment' in more ? { ...more, increment: { ...(more.increment as object), of: 'period' } } : more,
)
const levelsOf = (price: fc.Arbitrary<QuantityPrice>, ...values: readonly ('level' | 'change')[]) =>
  fc.oneof(
    fc
      .tuple(
        fc.record({
          unitAmount: prices,
          proration: fc.constantFrom('none', 'day', 'second'),
          values: fc.constantFrom(...values),
        }),
        ofLevels,
      )
      .map(([terms, more]) => ({ ...base, ...more, ...terms, kind: 'seat' }) as Charge),
    fc
      .tuple(
        fc.record({
          price,
          heldFor: fc.constantFrom('second', 'hour', 'day', 'month'),
          values: fc.constantFrom(...values),
        }),
        ofLevels,
      )
      .map(([terms, more]) => ({ ...base, ...more, ...terms, kind: 'time_weighted' }) as Charge),
  )
export const levels = levelsOf(quantityPrice, 'change', 'level')
export const graduatedPercent = fc.tuple(tiersOf, modifiers).map(
  ([tiers, more]) =>
    ({
      ...base,
      ...more,
      kind: 'graduated_percentage',
      tiers: tiers.map(({ unitAmount, ...tier }) => ({ ...tier, percent: unitAmount })),
    }) as Charge,
)
export const formula = quantityPrice.map(
  (price): Charge => ({
    id: 'f',
    name: 'F',
    kind: 'formula',
    formula: 'storage > 10 ? max(storage / 3, api.calls) : 1 - storage',
    unit: 'point',
    price,
  }),
)
export const revenueShare = fc
  .record({ percent: scaled(0n, 100n, 1), platformFee: option(prices) })
  .chain((terms) =>
    modifiers.map((more) => ({ ...base, ...more, ...defined(terms), kind: 'revenue_share' }) as Charge),
  )
export const flatFee = fc
  .record({
    amount: prices,
    every: option(fc.constantFrom(1, 3, 12, 'once')),
    timing: option(fc.constantFrom('advance', 'arrears')),
    proration: option(fc.constantFrom('day', 'second', 'none')),
  })
  .map((terms) => ({ id: 'fee', name: 'Fee', ...defined(terms), kind: 'flat_fee' }) as Charge)
export const anyCharge = fc.oneof(
  quantityCharge,
  matrix,
  timeOfDay,
  percentage,
  dynamic,
  levels,
  graduatedPercent,
  formula,
  revenueShare,
  flatFee,
)
/** Charges that cost no less for one unit more, whatever there was. */
export const monotonePrice = quantityPrice.filter(({ kind }) => kind !== 'volume' && kind !== 'stair_step')
export const monotoneCharge = fc.oneof(
  quantityChargeOf(monotonePrice),
  matrixOf(monotonePrice),
  timeOfDayOf(monotonePrice),
  percentage,
  dynamic,
  levelsOf(monotonePrice, 'change'),
  graduatedPercent,
  revenueShare,
)
/** Costs are given with it. */
export const costPlus = scaled(0n, 1000n, 1).map(
  (markupPercent): Charge => ({
    id: 'cost',
    name: 'Cost',
    kind: 'cost_plus',
    markupPercent,
    costs: 'direct',
  }),
)

const START = Date.parse('2026-10-01T00:00:00+02:00')
export const event = (sign: 1n | -1n) =>
  fc
    .record({
      quarter: fc.integer({ min: 0, max: 31 * 96 + 3 }),
      milliseconds: fc.integer({ min: 0, max: 899_999 }),
      quantity: scaled(0n, 10n ** 6n, 3),
      region: fc.constantFrom('eu', 'us', 'ap'),
      price: fc.constantFrom('1', '1.0', '0.25', '3.5'),
    })
    .map(
      ({ quarter, milliseconds, quantity, region, price }): UsageEvent => ({
        metric: 'storage',
        timeMs: START + quarter * 900_000 + milliseconds,
        quantity: sign < 0n ? negateDecimal(quantity) : quantity,
        dimensions: { region, price },
      }),
    )
const eitherSign = fc.oneof({ arbitrary: event(1n), weight: 4 }, event(-1n))
/** Several of one instant, too. */
export const crowdedEvents = fc
  .array(eitherSign, { maxLength: 25 })
  .map((list) =>
    list.map((each, index) => (index % 3 === 0 ? each : { ...each, timeMs: list[0]?.timeMs ?? 0 })),
  )
/** No two events of one instant: of levels the last given would hold. */
export const events = fc.uniqueArray(eitherSign, {
  maxLength: 25,
  selector: ({ timeMs }) => timeMs,
})
