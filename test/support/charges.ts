/** Charges of every kind, made at random, for tests that none may be lost on its way. */
import fc from 'fast-check'
import { type DecimalText, integerToDecimal } from '../../src/domain/decimal.ts'
import type { Charge, QuantityPrice } from '../../src/domain/pricing/ratecard.ts'

const amount: fc.Arbitrary<DecimalText> = fc
  .bigInt({ min: 0n, max: 10n ** 15n })
  .map((units) => integerToDecimal(units, 6))
const positive: fc.Arbitrary<DecimalText> = fc
  .bigInt({ min: 1n, max: 10n ** 9n })
  .map((units) => integerToDecimal(units, 0))
const word = fc.stringMatching(/^[a-z][a-z0-9_.-]{0,11}$/)
const value = fc.stringMatching(/^[A-Za-z][A-Za-z0-9 |;:\\,"=-]{0,8}[a-z0-9]$/)
const optional = <Value>(name: string, of: fc.Arbitrary<Value>) =>
  fc.option(of, { nil: undefined }).map((given) => (given === undefined ? {} : { [name]: given }))
const all = (...parts: fc.Arbitrary<object>[]): fc.Arbitrary<object> =>
  fc.tuple(...parts).map((given) => Object.assign({}, ...given) as object)
const one = (members: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<object> => fc.record(members)

const edges = fc
  .uniqueArray(fc.bigInt({ min: 1n, max: 10n ** 9n }), { maxLength: 3 })
  .map((list) => [...list.sort((a, b) => (a < b ? -1 : 1)).map((edge) => integerToDecimal(edge, 0)), null])
const tiersOf = (members: fc.Arbitrary<object>): fc.Arbitrary<object[]> =>
  edges.chain((list) => fc.tuple(...list.map((upTo) => members.map((rest) => ({ upTo, ...rest })))))
const tiers = tiersOf(all(one({ unitAmount: amount }), optional('flatAmount', amount)))

const prices: Record<string, fc.Arbitrary<object>> = {
  per_unit: one({ unitAmount: amount, per: positive }),
  graduated: one({ per: positive, tiers }),
  volume: one({ per: positive, tiers }),
  stair_step: one({ steps: tiersOf(one({ amount })) }),
  package: one({ amount, size: positive, lastBlock: fc.constantFrom('whole', 'prorated') }),
}
const price = fc
  .oneof(...Object.entries(prices).map(([kind, rest]) => rest.map((given) => ({ kind, ...given }))))
  .map((given) => given as QuantityPrice)

const bounds = all(optional('multiplier', positive), optional('minimum', amount), optional('maximum', amount))
const month = all(
  one({ quantity: positive, per: fc.constant('month') }),
  optional('rollOver', one({ months: fc.integer({ min: 1, max: 24 }), maximum: fc.option(positive) })),
  optional('pool', word),
)
const included = optional('included', fc.oneof(month, one({ quantity: positive, per: fc.constant('term') })))
const usage = all(
  bounds,
  one({ metric: word }),
  optional(
    'filters',
    fc.array(one({ dimension: word, values: fc.array(value, { minLength: 1, maxLength: 3 }) }), {
      minLength: 1,
      maxLength: 2,
    }),
  ),
  optional('convert', one({ unit: word, size: positive })),
  optional(
    'increment',
    all(one({ size: positive, of: fc.constantFrom('period', 'event') }), optional('minimum', positive)),
  ),
)
const window = optional('window', fc.constantFrom('hour', 'day', 'quarter', 'year', 'term'))
const values = one({ values: fc.constantFrom('level', 'change') })

/** Of two cells with the same values no card takes the second. */
const cellsFor = (dimensions: readonly string[]): fc.Arbitrary<object> =>
  fc
    .uniqueArray(one({ values: fc.tuple(...dimensions.map(() => fc.option(value))), price }), {
      minLength: 1,
      maxLength: 3,
      selector: (cell) => JSON.stringify((cell as { readonly values: unknown }).values),
    })
    .map((cells) => ({ dimensions, cells }))

const band = all(
  one({ name: value, from: fc.integer({ min: 0, max: 23 }), to: fc.integer({ min: 1, max: 24 }), price }),
  optional('weekdays', fc.constantFrom([1, 2], [6, 7], [5])),
)

/** What the members of each kind may be, but for id and name. */
const KIND_MEMBERS: Readonly<Record<Charge['kind'], fc.Arbitrary<object>>> = {
  flat_fee: all(
    bounds,
    one({ amount }),
    optional('every', fc.constantFrom(1, 3, 6, 12, 'once')),
    optional('timing', fc.constantFrom('advance', 'arrears')),
    optional('proration', fc.constantFrom('day', 'second', 'none')),
  ),
  per_unit: all(usage, included, window, prices.per_unit as fc.Arbitrary<object>),
  graduated: all(usage, included, window, prices.graduated as fc.Arbitrary<object>),
  volume: all(usage, included, window, prices.volume as fc.Arbitrary<object>),
  stair_step: all(usage, included, window, prices.stair_step as fc.Arbitrary<object>),
  package: all(usage, included, window, prices.package as fc.Arbitrary<object>),
  matrix: all(usage, included, fc.uniqueArray(word, { minLength: 1, maxLength: 3 }).chain(cellsFor)),
  time_of_day: all(
    usage,
    included,
    one({ bands: fc.array(band, { minLength: 1, maxLength: 2 }), otherwise: price }),
  ),
  percentage: all(
    usage,
    one({ percent: amount }),
    optional('fixedPerEvent', amount),
    optional('freeEvents', fc.nat(1000)),
    optional('freeAmount', amount),
    optional('minimumPerEvent', amount),
    optional('maximumPerEvent', amount),
  ),
  graduated_percentage: all(
    usage,
    included,
    one({ tiers: tiersOf(all(one({ percent: amount }), optional('flatAmount', amount))) }),
  ),
  revenue_share: all(usage, included, one({ percent: amount }), optional('platformFee', amount)),
  seat: all(
    usage,
    included,
    values,
    one({ unitAmount: amount, proration: fc.constantFrom('day', 'second', 'none') }),
  ),
  time_weighted: all(
    usage,
    included,
    values,
    one({ heldFor: fc.constantFrom('second', 'hour', 'day', 'month'), price }),
  ),
  dynamic: all(usage, included, one({ dimension: word, carries: fc.constantFrom('unit_price', 'amount') })),
  formula: all(
    bounds,
    included,
    one({ formula: fc.constantFrom('max(a / 1000, b)', 'a > 1 ? a : 2 * b'), unit: word, price }),
  ),
  cost_plus: all(
    bounds,
    one({ markupPercent: amount, costs: fc.constantFrom('direct', 'direct_and_allocated') }),
  ),
}

export const ALL_KINDS = Object.keys(KIND_MEMBERS) as Charge['kind'][]

/** A charge of the kind with the id. */
export const chargeOf = (kind: Charge['kind'], id: string): fc.Arbitrary<Charge> =>
  KIND_MEMBERS[kind].map((members) => ({ kind, id, name: `The ${kind}`, ...members }) as Charge)
