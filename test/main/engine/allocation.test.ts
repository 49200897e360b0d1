/** Allocation from files to figures: pools, keys, order, idle capacity, bases, and the equation under any plan. */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AllocationKey, AllocationPlan, AllocationStep } from '../../../src/domain/allocation/plan.ts'
import type { RuleCondition } from '../../../src/domain/attribution/rule.ts'
import { type DecimalText, sumDecimals } from '../../../src/domain/decimal.ts'
import type { Month } from '../../../src/domain/period.ts'
import { claimByApp, events, type House, openHouse, sell } from './house.ts'

const SEPTEMBER = '2026-09' as Month
const OCTOBER = '2026-10' as Month
const text = (value: string) => value as DecimalText

const COLUMNS = [
  'ProviderName',
  'BillingAccountId',
  'BillingPeriodStart',
  'BillingPeriodEnd',
  'ChargePeriodStart',
  'ChargePeriodEnd',
  'BillingCurrency',
  'ChargeCategory',
  'ServiceName',
  'CommitmentDiscountStatus',
  'BilledCost',
  'EffectiveCost',
  'ContractedCost',
  'ListCost',
  'Tags',
] as const
type Row = Partial<Record<(typeof COLUMNS)[number], string>>

const bill = (month: string, next: string, rows: readonly Row[]): string =>
  [
    COLUMNS.join(','),
    ...rows.map((row) => {
      const whole: Row = {
        ProviderName: 'AWS',
        BillingAccountId: '1',
        BillingPeriodStart: `${month}-01T00:00:00Z`,
        BillingPeriodEnd: `${next}-01T00:00:00Z`,
        ChargePeriodStart: `${month}-05T00:00:00Z`,
        ChargePeriodEnd: `${month}-06T00:00:00Z`,
        BillingCurrency: 'USD',
        ChargeCategory: 'Usage',
        EffectiveCost: row.BilledCost ?? '',
        ...row,
      }
      return COLUMNS.map((column) => whole[column] ?? '').join(',')
    }),
  ].join('\n')
const app = (name: string) => `"{""app"": ""${name}""}"`

const is = (field: RuleCondition['field'], value: string): RuleCondition => ({
  field,
  operator: 'equals',
  value,
})
const step = (
  id: string,
  conditions: readonly RuleCondition[],
  key: AllocationKey,
  takes: AllocationStep['pool']['takes'] = 'unattributed',
): AllocationStep => ({ id, name: id, pool: { takes, conditions }, key })
const plan = (...steps: AllocationStep[]): AllocationPlan => ({ from: OCTOBER, steps })

let house: House
let version = 0
beforeAll(async () => {
  house = await openHouse()
  const { client } = house
  await house.take(
    'usage.jsonl',
    events([
      ['1', 'calls', 'acme', '2026-10-05T00:00:00Z', '300'],
      ['2', 'calls', 'bolt', '2026-10-05T00:00:00Z', '100'],
      ['3', 'calls', 'acme', '2026-09-05T00:00:00Z', '10'],
      ['4', 'minutes', 'acme', '2026-09-05T00:00:00Z', '1'],
    ]),
  )
  await house.take(
    'october.csv',
    bill('2026-10', '2026-11', [
      { ServiceName: 'EC2', BilledCost: '60', ContractedCost: '66', ListCost: '80', Tags: app('acme') },
      { ServiceName: 'EC2', BilledCost: '30', ContractedCost: '33', Tags: app('bolt') },
      { ServiceName: 'EC2', BilledCost: '10', ListCost: '12', Tags: app('staging') },
      { ServiceName: 'Support', BilledCost: '40', ListCost: '40' },
      { ServiceName: 'Tax', ChargeCategory: 'Tax', BilledCost: '20' },
      {
        ServiceName: 'EC2',
        BilledCost: '0',
        EffectiveCost: '7',
        CommitmentDiscountStatus: 'Unused',
      },
      { ServiceName: 'Odd', BilledCost: '1.000000000000000001' },
    ]),
  )
  await house.take('september.csv', bill('2026-09', '2026-10', [{ ServiceName: 'Support', BilledCost: '5' }]))
  await claimByApp(client)
  for (const id of ['acme', 'bolt'])
    await sell(
      client,
      { id },
      {
        id: 'list',
        charges: [
          {
            kind: 'per_unit',
            id: 'calls',
            name: 'calls',
            metric: 'calls',
            per: text('1'),
            unitAmount: text('1'),
          },
        ],
      },
    )
})
afterAll(() => house.close())

const save = async (saved: AllocationPlan) => {
  version = (await house.client.allocation.save({ plan: saved, expectedVersion: version })).version
}
const shares = async (given: AllocationPlan) => {
  const report = await house.client.allocation.preview({ plan: given, month: OCTOBER })
  expect(report.equation.holds).toBe(true)
  return report.steps.map((each) => [
    each.stepId,
    each.pool,
    ...each.shares.map(({ name, amount }) => `${name} ${amount}`),
  ])
}

describe('a plan on trial', () => {
  const support = [is('service', 'Support')]

  test.each<[string, AllocationPlan, unknown[][]]>([
    [
      'by usage of a metric',
      plan(step('support', support, { kind: 'usage', metric: 'calls' })),
      [['support', '40', 'acme 30', 'bolt 10']],
    ],
    [
      'by direct cost, of a tenant without a customer too',
      plan(step('support', support, { kind: 'direct_cost', withAllocated: false })),
      [['support', '40', 'acme 24', 'bolt 12', 'Tenant staging 4']],
    ],
    [
      'by revenue',
      plan(step('support', support, { kind: 'revenue' })),
      [['support', '40', 'acme 30', 'bolt 10']],
    ],
    ['evenly', plan(step('support', support, { kind: 'evenly' })), [['support', '40', 'acme 20', 'bolt 20']]],
    [
      'what no customer has, by fixed shares; then the tax from everybody, by all that was allocated before',
      plan(
        step(
          'staging',
          [is('service', 'EC2')],
          {
            kind: 'fixed',
            shares: [
              { customerId: 'acme', weight: text('25') },
              { customerId: 'bolt', weight: text('75') },
            ],
          },
          'without_customer',
        ),
        step('tax', [is('charge_category', 'Tax')], { kind: 'direct_cost', withAllocated: true }, 'all'),
      ),
      [
        ['staging', '10', 'bolt 7.5', 'acme 2.5'],
        ['tax', '20', 'acme 12.5', 'bolt 7.5'],
      ],
    ],
  ])('%s', async (_, given, expected) => expect(await shares(given)).toEqual(expected))

  test('a column that rules could not see before selects a pool: commitments that nobody used, amortised', async () => {
    const report = await house.client.allocation.preview({
      plan: plan(step('unused', [is('commitment_discount_status', 'Unused')], { kind: 'evenly' })),
      month: OCTOBER,
      basis: 'effective',
    })
    expect(report.steps[0]).toMatchObject({ pool: '7', allocated: '7' })
    expect(report.equation).toMatchObject({ bill: '168.000000000000000001', holds: true })
  })

  test('a step that is not whole is left out and told', async () => {
    const report = await house.client.allocation.preview({
      plan: plan(
        step('bad', support, { kind: 'usage', metric: '' }),
        step('even', support, { kind: 'evenly' }),
      ),
      month: OCTOBER,
    })
    expect(report.issues.map(({ message }) => message)).toEqual([
      'Step 1 "bad" names no metric; choose what its pool is split by.',
    ])
    expect(report.steps.map(({ stepId, pool }) => [stepId, pool])).toEqual([['even', '40']])
  })
})

describe('a plan in force', () => {
  const cluster = step('cluster', [is('service', 'Support')], {
    kind: 'usage',
    metric: 'calls',
    capacity: { quantity: text('500'), idle: 'apart' },
  })
  const rest = step('rest', [], { kind: 'direct_cost', withAllocated: true })

  test('margin, waterfall and equation hold it, from its month on', async () => {
    await save(plan(cluster, rest))
    const { client } = house
    const report = await client.cost.margin({ month: OCTOBER })
    expect(report.equation).toEqual({
      bill: '161.000000000000000001',
      direct: '100',
      allocated: '53.000000000000000001',
      idle: '8',
      unattributed: '0',
      left: '0',
      holds: true,
      unknownEntries: 0,
      isKnown: true,
    })
    const acme = report.rows.find(({ customerId }) => customerId === 'acme')
    expect(acme).toMatchObject({ revenue: '300', directCost: '60' })
    expect(acme?.cost).toBe(sumDecimals([acme?.directCost ?? text('0'), acme?.allocatedCost ?? text('0')]))
    expect(report.gaps.some((gap) => gap.includes('idle capacity kept apart'))).toBe(true)

    const { months } = await client.deals.baseline({ customerId: 'acme' })
    expect(months.find(({ month }) => month === OCTOBER)).toMatchObject({
      cost: acme?.cost,
      allocatedCost: acme?.allocatedCost,
    })

    const { steps } = await client.cost.waterfall({ customerId: 'acme', month: OCTOBER })
    const allocated = steps.filter(({ kind }) => kind === 'allocated')
    expect(allocated.map(({ label, amount }) => [label, amount.slice(0, 4)])).toEqual([
      ['cluster', '-24'],
      ['rest', '-13.'],
    ])
    expect(steps.at(-1)).toMatchObject({ kind: 'margin', amount: acme?.margin })
    expect(allocated[0]?.rules[0]).toContain('Its share is 300 of 400.')

    expect((await client.cost.margin({ month: SEPTEMBER })).equation).toMatchObject({
      bill: '5',
      allocated: '0',
      unattributed: '5',
      holds: true,
    })
  })

  test('what is saved gives what the trial said', async () => {
    const { client } = house
    const { asOf: _a, ...tried } = await client.allocation.preview({
      plan: plan(cluster, rest),
      month: OCTOBER,
    })
    const { asOf: _b, ...report } = await client.allocation.report({ month: OCTOBER })
    expect(report).toEqual(tried)
  })

  test('an entry says which step takes it', async () => {
    const { rows } = await house.client.ledger.search({ kind: 'cost', text: 'Support' })
    const october = rows.find(({ amount }) => amount === '40')
    const uses = await house.client.explain.uses({ seq: october?.seq ?? 0 })
    expect(uses.sentences).toContain(
      'The allocation step cluster takes it from there into its pool: it is part of the allocated cost of October 2026, but for what is kept apart as idle capacity.',
    )
  })

  test('a cost without a list or contracted price is unknown, never zero', async () => {
    const { client } = house
    const list = await client.cost.margin({ month: OCTOBER, basis: 'list' })
    expect(list.equation).toMatchObject({ bill: '132', unknownEntries: 4, holds: true, isKnown: true })
    expect(list.gaps).toContain('4 entries have no list cost: they are in none of these figures.')
    expect(list.rows.find(({ customerId }) => customerId === 'bolt')?.directCost).toBeNull()
    const contracted = await client.cost.margin({ month: SEPTEMBER, basis: 'contracted' })
    expect(contracted.equation).toMatchObject({ unknownEntries: 1, isKnown: false })
    expect(contracted.total).toMatchObject({ directCost: null, cost: null, margin: null })
    const explained = await client.explain.cost({
      month: OCTOBER,
      filters: [{ field: 'pool', values: [null] }],
    })
    // As the direct cost by each basis: 100 billed, 99 contracted, 92 list.
    expect(explained).toMatchObject({ billed: '100', contracted: '99', list: '92' })
    const slice = await client.cost.query({
      from: OCTOBER,
      to: OCTOBER,
      grain: 'month',
      groupBy: ['pool'],
      filters: [],
      basis: 'list',
    })
    expect(slice.rows.map(({ labels, amount }) => [labels[0], amount])).toEqual([
      ['in no pool', '92'],
      ['cluster', '40'],
      ['rest', null],
    ])
  })

  test('cost to serve is the month’s cost over its quantity, with its coverage', async () => {
    const { client } = house
    const question = { metric: 'calls', from: SEPTEMBER, to: OCTOBER }
    const report = await client.allocation.costToServe(question)
    expect(report.months).toEqual([
      {
        month: SEPTEMBER,
        quantity: '10',
        directCost: null,
        allocatedCost: null,
        cost: null,
        unitCost: null,
        coverage: '0',
      },
      {
        month: OCTOBER,
        quantity: '400',
        directCost: '100',
        allocatedCost: '53.000000000000000001',
        cost: '153.000000000000000001',
        unitCost: '0.3825',
        coverage: '95',
      },
    ])
    expect(report.customers.map(({ name, quantity }) => [name, quantity])).toEqual([
      ['bolt', '100'],
      ['acme', '300'],
    ])
    const ec2 = await client.allocation.costToServe({ ...question, services: ['EC2'] })
    // Of EC2's cost, 1 of 101 (an unused commitment) is in no tenant's direct cost.
    expect(ec2.months[1]).toMatchObject({ directCost: '100', allocatedCost: null, unitCost: '0.25' })
    expect(ec2.customers.map(({ name, unitCost }) => [name, unitCost])).toEqual([
      ['bolt', '0.3'],
      ['acme', '0.2'],
    ])
  })

  test('a pool that could go to nobody is named among what is unattributed, with the services it holds', async () => {
    const { client } = house
    await save(
      plan(
        step('gateways', [is('service', 'Support')], { kind: 'usage', metric: 'minutes' }),
        step('rest', [is('charge_category', 'Tax')], { kind: 'evenly' }),
      ),
    )
    const { equation, contributors } = await client.cost.unattributed({ month: OCTOBER })
    expect(equation).toMatchObject({ left: '40', unattributed: '41.000000000000000001', holds: true })
    expect(contributors.map(({ key, amount, pool }) => [key, amount, pool?.name])).toEqual([
      ['Support', '40', 'gateways'],
      ['Odd', '1.000000000000000001', undefined],
      ['EC2', '0', undefined],
    ])
    expect(sumDecimals(contributors.map(({ amount }) => amount))).toBe(equation.unattributed)
    const { rows } = await client.ledger.search({ kind: 'cost', text: 'Support' })
    const uses = await client.explain.uses({ seq: rows.find(({ amount }) => amount === '40')?.seq ?? 0 })
    expect(uses.sentences).toContain(
      'The allocation step gateways takes it from there into its pool, which could go to nobody: it is part of the unattributed cost of October 2026.',
    )
    await save(plan(cluster, rest))
  })

  test('a plan is versioned: changed meanwhile is refused, taken back it ends, made again it goes on', async () => {
    const { client } = house
    await expect(client.allocation.save({ plan: plan(rest), expectedVersion: 0 })).rejects.toThrow(/changed/i)
    await expect(
      client.allocation.save({
        plan: plan(step('x', [], { kind: 'evenly' }, 'all')),
        expectedVersion: version,
      }),
    ).rejects.toThrow(/Nothing was saved/)
    const gone = await client.allocation.remove({ from: OCTOBER, expectedVersion: version })
    expect((await client.allocation.get()).plans).toEqual([])
    expect((await client.cost.margin({ month: OCTOBER })).equation).toMatchObject({
      allocated: '0',
      holds: true,
    })
    version = (await client.allocation.save({ plan: plan(rest), expectedVersion: 0 })).version
    expect(version).toBe(gone.version + 1)
  })
})

test('evenly is also among customers all of whose own cost a pool takes', async () => {
  const other = await openHouse()
  await other.take(
    'october.csv',
    bill('2026-10', '2026-11', [
      { ServiceName: 'EC2', BilledCost: '60', Tags: app('acme') },
      { ServiceName: 'Support', BilledCost: '40' },
    ]),
  )
  const { client } = other
  const byApp = { field: 'tag:app', operator: 'present', value: '' } as const
  await client.rules.save({
    rules: [{ id: 'app', name: 'app', conditions: [byApp], target: { kind: 'value' } }],
    expectedVersion: 0,
  })
  await client.customers.save({
    id: 'acme',
    name: 'acme',
    email: null,
    tenants: ['acme'],
    stripeCustomerId: null,
    expectedVersion: 0,
  })
  const report = await client.allocation.preview({
    plan: plan(
      step('own', [is('service', 'EC2')], { kind: 'evenly' }, 'all'),
      step('support', [is('service', 'Support')], { kind: 'evenly' }),
    ),
    month: OCTOBER,
  })
  expect(report.steps.map(({ allocated, left }) => [allocated, left])).toEqual([
    ['60', '0'],
    ['40', '0'],
  ])
  await other.close()
})

describe('any plan', () => {
  const condition = fc.constantFrom(
    is('service', 'EC2'),
    is('service', 'Support'),
    is('charge_category', 'Tax'),
    { field: 'tag:app' as const, operator: 'absent' as const, value: '' },
    is('commitment_discount_status', 'Unused'),
  )
  const capacity = fc.record({
    quantity: fc.constantFrom(text('1'), text('400'), text('777.7')),
    idle: fc.constantFrom('apart' as const, 'shared' as const),
  })
  const key: fc.Arbitrary<AllocationKey> = fc.oneof(
    fc.record({
      kind: fc.constant('usage' as const),
      metric: fc.constant('calls'),
      capacity: fc.option(capacity, { nil: undefined }),
    }),
    fc.record({ kind: fc.constant('direct_cost' as const), withAllocated: fc.boolean() }),
    fc.constant({ kind: 'revenue' as const }),
    fc.constant({ kind: 'evenly' as const }),
    fc.constant({ kind: 'weights' as const, weights: [{ customerId: 'bolt', weight: text('3') }] }),
  )
  const steps = fc
    .array(
      fc.record({
        conditions: fc.array(condition, { minLength: 1, maxLength: 2 }),
        takes: fc.constantFrom('unattributed' as const, 'without_customer' as const, 'all' as const),
        key,
      }),
      { maxLength: 4 },
    )
    .map((list) => list.map((each, index) => step(`s${index}`, each.conditions, each.key, each.takes)))

  test('the bill is in exactly one place, and the trial says what saving gives', async () => {
    await fc.assert(
      fc.asyncProperty(
        steps,
        fc.constantFrom('billed', 'effective', 'contracted', 'list'),
        async (list, basis) => {
          const { client } = house
          const asked = { month: OCTOBER, basis } as const
          const tried = await client.allocation.preview({ plan: plan(...list), ...asked })
          await save(plan(...list))
          const { equation, rows, withoutCustomer } = await client.cost.margin(asked)
          expect(equation).toEqual(tried.equation)
          expect(equation.holds).toBe(true)
          const { direct, allocated, idle, unattributed } = equation
          expect(sumDecimals([direct, allocated, idle, unattributed])).toBe(equation.bill)
          const parts = [...rows, ...withoutCustomer].flatMap((row) => [row.directCost, row.allocatedCost])
          expect(sumDecimals(parts.filter((part) => part !== null))).toBe(sumDecimals([direct, allocated]))
        },
      ),
      { numRuns: 25 },
    )
  })
})
