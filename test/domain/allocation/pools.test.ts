import { describe, expect, test } from 'vitest'
import { describeStep } from '../../../src/domain/allocation/describe.ts'
import {
  type AllocationPlan,
  type AllocationStep,
  type CostPool,
  planOf,
} from '../../../src/domain/allocation/plan.ts'
import { compilePools } from '../../../src/domain/allocation/pools.ts'
import { coverageOf, unitCostOf } from '../../../src/domain/allocation/unit-cost.ts'
import { validatePlan } from '../../../src/domain/allocation/validate.ts'
import type { CostAttributes, RuleCondition } from '../../../src/domain/attribution/rule.ts'
import type { DecimalText } from '../../../src/domain/decimal.ts'
import { toMonth } from '../../../src/domain/period.ts'

const text = (value: string) => value as DecimalText
const is = (field: RuleCondition['field'], value: string): RuleCondition => ({
  field,
  operator: 'equals',
  value,
})
const step = (id: string, takes: CostPool['takes'], ...conditions: RuleCondition[]): AllocationStep => ({
  id,
  name: id,
  pool: { takes, conditions },
  key: { kind: 'evenly' },
})
const row = (more: Partial<CostAttributes>): CostAttributes => ({
  provider: 'AWS',
  service: 'Amazon EC2',
  charge_category: 'Usage',
  ...more,
})

describe('pools', () => {
  const poolsOf = compilePools([
    step('taxes', 'all', is('charge_category', 'Tax')),
    step('unused', 'without_customer', is('commitment_discount_status', 'Unused')),
    step('untagged', 'unattributed', { field: 'tag:app', operator: 'absent', value: '' }),
  ])

  test.each<[string, CostAttributes, (string | null)[]]>([
    // what, row, pool where unattributed / of a tenant without customer / of a customer
    ['a tax is taken from everybody', row({ charge_category: 'Tax' }), ['taxes', 'taxes', 'taxes']],
    [
      'an unused commitment of no customer',
      row({ commitment_discount_status: 'Unused' }),
      ['unused', 'unused', null],
    ],
    ['untagged cost', row({}), ['untagged', null, null]],
    ['tagged cost', row({ tags: { app: 'shop' } }), [null, null, null]],
  ])('%s', (_, attributes, [unattributed, loose, customer]) =>
    expect(poolsOf(attributes)).toEqual({ unattributed, without_customer: loose, customer }),
  )

  test('the plan of a month is the latest that began by then', () => {
    const plans: AllocationPlan[] = ['2026-07', '2026-01'].map((from) => ({ from: toMonth(from), steps: [] }))
    expect(planOf(plans, toMonth('2025-12'))).toBeNull()
    expect(planOf(plans, toMonth('2026-06'))?.from).toBe('2026-01')
    expect(planOf(plans, toMonth('2026-07'))?.from).toBe('2026-07')
  })
})

describe('checks', () => {
  const names = { metrics: new Set(['calls']), customers: new Set(['acme']) }
  const plan = (...steps: AllocationStep[]): AllocationPlan => ({ from: toMonth('2026-01'), steps })
  const support = step('support', 'unattributed', is('service', 'AWS Support'))
  const weigh = (key: AllocationStep['key']) => plan({ ...support, key })
  const acme = (weight: string) => [{ customerId: 'acme', weight: text(weight) }]

  test.each<[string, AllocationPlan, string[]]>([
    ['a plan without fault', weigh({ kind: 'usage', metric: 'calls' }), []],
    [
      'an id twice',
      plan(support, { ...support, name: 'again' }),
      ['Step 2 "again" has the id "support" of step 1; give each step its own id.'],
    ],
    [
      'the whole bill',
      plan(step('all', 'all')),
      [
        'Step 1 "all" would take the whole bill from everyone; give its pool a condition, or let it take only what is unattributed.',
      ],
    ],
    [
      'a pool that comes too late',
      plan(step('rest', 'unattributed'), support),
      ['Step 2 "support" takes nothing: step 1 before it takes all that is left. Move it up.'],
    ],
    [
      'no such metric',
      weigh({ kind: 'usage', metric: 'seats' }),
      ['Step 1 "support" is split by "seats", which is no metric of this book.'],
    ],
    [
      'no such customer',
      weigh({ kind: 'weights', weights: [{ customerId: 'zed', weight: text('1') }] }),
      ['Step 1 "support" names the customer "zed", whom the book does not have.'],
    ],
    [
      'shares',
      weigh({ kind: 'fixed', shares: acme('99.5') }),
      ['Step 1 "support" has shares that add up to 99.5 %; they must add up to 100.'],
    ],
    [
      'no weight',
      weigh({ kind: 'weights', weights: acme('0') }),
      [
        'Step 1 "support" has no weight above zero, so that its pool could go to nobody; give at least one customer a weight.',
      ],
    ],
    [
      'no capacity',
      weigh({ kind: 'usage', metric: 'calls', capacity: { quantity: text('0'), idle: 'apart' } }),
      ['Step 1 "support" has no capacity; write how many units the pool could serve in a month.'],
    ],
  ])('%s', (_, given, messages) =>
    expect(validatePlan(given, names).map(({ message }) => message)).toEqual(messages),
  )

  test('steps read as sentences', () => {
    expect(describeStep(support, (metric) => metric)).toBe(
      'Takes unattributed cost whose service is "AWS Support" and splits it evenly between customers with cost or revenue.',
    )
    const cluster: AllocationStep = {
      ...step('cluster', 'unattributed'),
      key: { kind: 'usage', metric: 'calls', capacity: { quantity: text('5000000'), idle: 'apart' } },
    }
    expect(describeStep(cluster, () => 'API calls')).toBe(
      'Takes what is left of unattributed cost and splits it by usage of API calls, of a capacity of 5,000,000 a month, the unused part kept apart.',
    )
  })
})

describe('cost to serve', () => {
  test.each<[string | null, string | null, string | null]>([
    ['10', '4', '2.5'],
    ['1', '3', '0.333333333333'],
    ['0', '3', '0'],
    ['1', '0', null],
    ['1', '-2', null],
    ['1', null, null],
    [null, '3', null],
  ])('%s over %s is %s', (cost, quantity, expected) =>
    expect(unitCostOf(cost as DecimalText | null, quantity as DecimalText | null)).toBe(expected),
  )

  test.each<[string, string[], string | null]>([
    ['200', ['50'], '75'],
    ['200', ['-50'], '75'],
    // A credit that nobody was given does not make up for idle capacity.
    ['200', ['-50', '50'], '50'],
    ['-200', ['-50', '0'], '75'],
    ['100', ['250'], '0'],
    ['100000', ['1'], '99.9'],
    ['100', ['0', '0'], '100'],
    ['0', ['0'], null],
  ])('of a bill of %s with %s unplaced, %s % is covered', (bill, unplaced, expected) =>
    expect(coverageOf(text(bill), unplaced.map(text))).toBe(expected),
  )
})
