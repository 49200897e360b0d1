import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type AllocationFacts, allocate } from '../../../src/domain/allocation/allocate.ts'
import type { AllocationKey, AllocationStep, Recipient } from '../../../src/domain/allocation/plan.ts'
import { costFromUnits, costToUnits, type DecimalText, sumDecimals } from '../../../src/domain/decimal.ts'

const text = (value: string) => value as DecimalText
const of = (amounts: Record<string, string>): ReadonlyMap<Recipient, DecimalText> =>
  new Map(Object.entries(amounts).map(([key, amount]) => [key as Recipient, text(amount)]))
const step = (id: string, key: AllocationKey): AllocationStep => ({
  id,
  name: id,
  pool: { takes: 'unattributed', conditions: [] },
  key,
})
const facts = (given: Partial<AllocationFacts> = {}): AllocationFacts => ({
  pools: new Map([['s', text('100')]]),
  direct: of({ 'customer:a': '30', 'customer:b': '10', 'tenant:x': '60' }),
  revenue: of({ 'customer:a': '1', 'customer:b': '3' }),
  usage: new Map([['calls', of({ 'customer:a': '1', 'customer:b': '2', 'tenant:x': '-5' })]]),
  active: ['customer:a', 'customer:b', 'customer:c'],
  ...given,
})
const table = (weights: Record<string, string>) =>
  Object.entries(weights).map(([customerId, weight]) => ({ customerId, weight: text(weight) }))

describe('keys', () => {
  test.each<[string, AllocationKey, Record<string, string>]>([
    [
      'usage, of which a third is an endless decimal; below zero takes no part',
      { kind: 'usage', metric: 'calls' },
      { 'customer:a': '33.333333333333333333', 'customer:b': '66.666666666666666667' },
    ],
    [
      'direct cost, tenants without a customer included',
      { kind: 'direct_cost', withAllocated: false },
      { 'customer:a': '30', 'customer:b': '10', 'tenant:x': '60' },
    ],
    ['revenue', { kind: 'revenue' }, { 'customer:a': '25', 'customer:b': '75' }],
    [
      'heads',
      { kind: 'weights', weights: table({ b: '12', a: '4', c: '0' }) },
      { 'customer:a': '25', 'customer:b': '75' },
    ],
    [
      'evenly: the unit left over goes to the first',
      { kind: 'evenly' },
      {
        'customer:a': '33.333333333333333334',
        'customer:b': '33.333333333333333333',
        'customer:c': '33.333333333333333333',
      },
    ],
    [
      'fixed shares',
      { kind: 'fixed', shares: table({ a: '62.5', b: '37.5' }) },
      { 'customer:a': '62.5', 'customer:b': '37.5' },
    ],
    [
      'idle capacity shared: as if there were no capacity',
      { kind: 'usage', metric: 'calls', capacity: { quantity: text('10'), idle: 'shared' } },
      { 'customer:a': '33.333333333333333333', 'customer:b': '66.666666666666666667' },
    ],
    [
      'idle capacity apart: each pays for what it used',
      { kind: 'usage', metric: 'calls', capacity: { quantity: text('10'), idle: 'apart' } },
      { 'customer:a': '10', 'customer:b': '20' },
    ],
    [
      'used beyond its capacity: nothing is idle',
      { kind: 'usage', metric: 'calls', capacity: { quantity: text('2'), idle: 'apart' } },
      { 'customer:a': '33.333333333333333333', 'customer:b': '66.666666666666666667' },
    ],
  ])('%s', (_, key, expected) => {
    const result = allocate([step('s', key)], facts())
    expect(Object.fromEntries(result.byRecipient)).toEqual(expected)
    expect(sumDecimals([result.allocated, result.idle, result.left])).toBe('100')
  })

  test('a pool that took nothing gives nobody anything, zero neither', () => {
    const heads = step('s', { kind: 'weights', weights: table({ a: '1' }) })
    const result = allocate([heads], { ...facts(), pools: new Map() })
    expect([...result.byRecipient]).toEqual([])
    expect(result.steps[0]).toMatchObject({ pool: '0', shares: [{ recipient: 'customer:a', amount: '0' }] })
  })

  test('shares stand by weight, equal ones by name', () => {
    const sharesOf = (key: AllocationKey) =>
      allocate([step('s', key)], facts()).steps[0]?.shares.map(({ recipient }) => recipient)
    expect(sharesOf({ kind: 'evenly' })).toEqual(['customer:a', 'customer:b', 'customer:c'])
    expect(sharesOf({ kind: 'revenue' })).toEqual(['customer:b', 'customer:a'])
    expect(sharesOf({ kind: 'weights', weights: table({ c: '1', b: '7', a: '1' }) })).toEqual([
      'customer:b',
      'customer:a',
      'customer:c',
    ])
  })
  test('what was idle is said, apart or shared', () => {
    const idle = (kind: 'apart' | 'shared') =>
      allocate(
        [step('s', { kind: 'usage', metric: 'calls', capacity: { quantity: text('10'), idle: kind } })],
        facts(),
      ).steps[0]
    expect(idle('apart')).toMatchObject({ idle: '70', idleQuantity: '7', weights: '3', allocated: '30' })
    expect(idle('shared')).toMatchObject({ idle: '0', idleQuantity: '7', allocated: '100' })
    expect(idle('apart')?.leftOut).toEqual([{ recipient: 'tenant:x', weight: '-5' }])
  })

  test('nobody to split between leaves the pool unattributed', () => {
    const result = allocate([step('s', { kind: 'usage', metric: 'none' })], facts())
    expect(result).toMatchObject({ allocated: '0', left: '100' })
    expect(result.steps[0]?.leftReason).toBe('nobody_has_weight')
  })

  test('an empty pool is no reason to complain', () => {
    const result = allocate([step('other', { kind: 'usage', metric: 'none' })], facts())
    expect(result.steps[0]).toMatchObject({ pool: '0', left: '0', leftReason: null })
  })
})

describe('order', () => {
  const even = step('first', { kind: 'fixed', shares: table({ a: '0', b: '100' }) })
  const pools = new Map([
    ['first', text('90')],
    ['second', text('100')],
  ])
  const direct = of({ 'customer:a': '100', 'customer:b': '10' })

  test('a later step may count what earlier ones allocated', () => {
    const amounts = (withAllocated: boolean) =>
      allocate([even, step('second', { kind: 'direct_cost', withAllocated })], facts({ pools, direct }))
        .steps[1]?.shares
    expect(amounts(true)).toEqual([
      { recipient: 'customer:a', weight: '100', amount: '50' },
      { recipient: 'customer:b', weight: '100', amount: '50' },
    ])
    expect(amounts(false)?.map(({ amount }) => amount)).toEqual([
      '90.909090909090909091',
      '9.090909090909090909',
    ])
  })

  test('credits are split as charges are', () => {
    const result = allocate([step('s', { kind: 'evenly' })], facts({ pools: new Map([['s', text('-10')]]) }))
    expect(sumDecimals(result.byRecipient.values())).toBe('-10')
  })
})

describe('every unit of a pool is in exactly one place', () => {
  const amount = fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }).map(costFromUnits)
  const recipient = fc
    .tuple(fc.constantFrom('customer', 'tenant'), fc.constantFrom('a', 'b', 'c', 'd'))
    .map(([kind, id]) => `${kind}:${id}` as Recipient)
  const amounts = fc.array(fc.tuple(recipient, amount), { maxLength: 6 }).map((list) => new Map(list))
  const positive = fc.bigInt({ min: 0n, max: 10n ** 22n }).map(costFromUnits)
  const weights = fc.uniqueArray(
    fc.record({ customerId: fc.constantFrom('a', 'b', 'c'), weight: positive }),
    { selector: ({ customerId }) => customerId },
  )
  const key: fc.Arbitrary<AllocationKey> = fc.oneof(
    fc.record({
      kind: fc.constant('usage' as const),
      metric: fc.constantFrom('m', 'n'),
      capacity: fc.option(
        fc.record({ quantity: positive, idle: fc.constantFrom('apart' as const, 'shared' as const) }),
        { nil: undefined },
      ),
    }),
    fc.record({ kind: fc.constant('direct_cost' as const), withAllocated: fc.boolean() }),
    fc.constant({ kind: 'revenue' as const }),
    fc.constant({ kind: 'evenly' as const }),
    fc.record({ kind: fc.constant('weights' as const), weights }),
    fc.record({ kind: fc.constant('fixed' as const), shares: weights }),
  )

  test('whatever the steps, pools, weights and their order', () => {
    const input = fc.record({
      keys: fc.array(fc.tuple(key, amount), { maxLength: 5 }),
      direct: amounts,
      revenue: amounts,
      used: amounts,
    })
    fc.assert(
      fc.property(input, ({ keys, direct, revenue, used }) => {
        const steps = keys.map(([each], index) => step(`s${index}`, each))
        const pools = new Map(keys.map(([, pool], index) => [`s${index}`, pool]))
        const given = (reversed: boolean): AllocationFacts => {
          const ordered = (map: ReadonlyMap<Recipient, DecimalText>) =>
            new Map(reversed ? [...map].reverse() : map)
          return {
            pools,
            direct: ordered(direct),
            revenue: ordered(revenue),
            usage: new Map([['m', ordered(used)]]),
            active: ['customer:a', 'customer:b'],
          }
        }
        const result = allocate(steps, given(false))
        const whole = sumDecimals(pools.values())
        expect(sumDecimals([result.allocated, result.idle, result.left])).toBe(whole)
        expect(sumDecimals(result.byRecipient.values())).toBe(result.allocated)
        for (const each of result.steps) {
          expect(sumDecimals([each.allocated, each.idle, each.left])).toBe(each.pool)
          expect(sumDecimals(each.shares.map(({ amount: part }) => part))).toBe(each.allocated)
          // No part has another sign than its pool.
          for (const part of each.shares)
            expect(costToUnits(part.amount) * costToUnits(each.pool) >= 0n).toBe(true)
        }
        const again = allocate(steps, given(true))
        expect([...again.byRecipient].sort()).toEqual([...result.byRecipient].sort())
      }),
    )
  })
})
