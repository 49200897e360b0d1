import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Decimal, integerToDecimal, sumDecimals } from '../../../src/domain/decimal.ts'
import { shareByAmounts } from '../../../src/domain/invoice/discounts.ts'
import { rateEvents } from '../../../src/domain/invoice/from-events.ts'
import { toMonth } from '../../../src/domain/period.ts'
import type { Discount } from '../../../src/domain/pricing/contract.ts'
import type { Charge } from '../../../src/domain/pricing/ratecard.ts'
import { cardOf, d, METRICS } from '../pricing/cards.ts'
import { amounts, CALL, contractOf, fee, grant, invoiceOf, monthOf, run, STORE } from './contracts.ts'

const percent = (id: string, value: string, changes: Partial<Discount> = {}): Discount =>
  ({
    id,
    name: id,
    kind: 'percent',
    percent: d(value),
    on: { kind: 'charges', chargeIds: null },
    ...changes,
  }) as Discount
const amount = (id: string, value: string, changes: Partial<Discount> = {}): Discount =>
  ({
    id,
    name: id,
    kind: 'amount',
    amount: d(value),
    on: { kind: 'charges', chargeIds: null },
    ...changes,
  }) as Discount

describe('discounts, in their order', () => {
  test.each<[string, Discount[], string]>([
    ['a percent, then an amount', [percent('a', '10'), amount('b', '10')], '80'],
    ['an amount, then a percent', [amount('b', '10'), percent('a', '10')], '81'],
    ['never below zero', [amount('b', '60'), amount('c', '60')], '0'],
    ['each is rounded', [percent('a', '0.333'), percent('b', '0.333')], '99.34'],
    ['at most so much a month', [percent('a', '50', { maximumPerMonth: d('7') })], '93'],
    ['before its first day', [percent('a', '50', { fromDay: '2026-01-02' })], '100'],
    ['on its first day', [percent('a', '50', { fromDay: '2026-01-01' })], '50'],
    ['from its last day on', [percent('a', '50', { untilDay: '2026-01-01' })], '100'],
    ['on the invoice', [percent('a', '10', { on: { kind: 'invoice' } })], '90'],
  ])('%s', (_what, discounts, total) => {
    expect(invoiceOf(contractOf({ discounts }), '2026-01', { 'api.calls': '100' }).total).toBe(total)
  })
  test('an amount is shared by the amounts left, the larger remainder first', () => {
    const invoice = invoiceOf(
      contractOf({ discounts: [amount('a', '10')] }),
      '2026-01',
      { 'api.calls': '20', storage: '10' },
      { charges: [CALL, STORE] },
    )
    expect(amounts(invoice)).toEqual([
      ['calls', '13.33'],
      ['storage', '6.67'],
    ])
  })
  test('of a contract that begins within the month, from its first day on', () => {
    const totalOf = (on: Discount['on'], changes: Partial<Discount>) =>
      invoiceOf(
        contractOf({ startDay: '2026-01-16', discounts: [percent('a', '50', { on, ...changes })] }),
        '2026-01',
        { 'api.calls': '100' },
      ).total
    for (const on of [{ kind: 'invoice' }, { kind: 'charges', chargeIds: null }] as const)
      expect([
        totalOf(on, { fromDay: '2026-01-16' }),
        totalOf(on, { fromDay: '2026-01-17' }),
        totalOf(on, { untilDay: '2026-01-16' }),
      ]).toEqual(['50', '100', '100'])
  })
  test('an amount that is all there is takes all, parts of a cent too', () => {
    const exact = ['10.005', '5.005', '-3'].map(d)
    expect(shareByAmounts(d('15.01'), exact, 'USD')).toEqual(['10.005', '5.005', '0'])
    expect(shareByAmounts(d('15'), exact, 'USD')).toEqual(['10', '5', '0'])
    expect(shareByAmounts(d('-1'), exact, 'USD')).toEqual(['0', '0', '0'])
    // No share is above its amount: the cent left over is the first line's, which has but half of one.
    expect(shareByAmounts(d('0.02'), ['0.005', '0.005', '0.011'].map(d), 'USD')).toEqual([
      '0.005',
      '0',
      '0.01',
    ])
  })
  test.each([
    ['1000', 'volume', '900'],
    ['1000.01', 'volume', '800.01'],
    ['1000', 'graduated', '900'],
    ['2000', 'graduated', '1700'],
  ] as const)('by a spend of %s, %s: %s', (calls, mode, total) => {
    const tiers = [
      { upTo: d('1000'), percent: d('10') },
      { upTo: null, percent: d('20') },
    ]
    const spend: Discount = {
      id: 's',
      name: 's',
      kind: 'spend',
      mode,
      tiers,
      on: { kind: 'charges', chargeIds: null },
    }
    const charge = { ...STORE, id: 'storage' }
    expect(
      invoiceOf(contractOf({ discounts: [spend] }), '2026-01', { storage: calls }, { charges: [charge] })
        .total,
    ).toBe(total)
  })
  test('over the contract’s life no more than its maximum', () => {
    const contract = contractOf({ discounts: [percent('a', '10', { maximumInAll: d('25') })] })
    expect(run(contract, ['100', '100', '100', '100']).map(({ total }) => total)).toEqual([
      '90',
      '90',
      '95',
      '100',
    ])
  })
})

describe('bounds', () => {
  const bounded = (changes: object): Charge => ({ ...CALL, ...changes })
  test.each<[string, string, object, string]>([
    ['a minimum', '5', { minimum: d('10') }, '10'],
    ['at the minimum', '10', { minimum: d('10') }, '10'],
    ['a minimum without usage', '0', { minimum: d('10') }, '10'],
    ['a maximum', '15', { maximum: d('10') }, '10'],
  ])('%s', (_what, calls, changes, total) => {
    expect(
      invoiceOf(contractOf(), '2026-01', { 'api.calls': calls }, { charges: [bounded(changes)] }).total,
    ).toBe(total)
  })
  test('a minimum is after discounts, or before them', () => {
    const contract = contractOf({ discountPercent: d('50') })
    const charges = [bounded({ minimum: d('10') })]
    expect(invoiceOf(contract, '2026-01', { 'api.calls': '10' }, { charges }).total).toBe('10')
    const before = { ...contract, settings: { boundsApply: 'before_discounts' as const } }
    expect(invoiceOf(before, '2026-01', { 'api.calls': '10' }, { charges }).total).toBe('5')
    expect(invoiceOf(before, '2026-01', { 'api.calls': '1' }, { charges }).total).toBe('5')
  })
  test('without usage no minimum, where the settings say so', () => {
    const contract = contractOf({ settings: { minimumAtZero: false } })
    const charges = [bounded({ minimum: d('10') })]
    expect(invoiceOf(contract, '2026-01', {}, { charges }).total).toBe('0')
    expect(invoiceOf(contract, '2026-01', { 'api.calls': '1' }, { charges }).total).toBe('10')
  })
  test('what is rated whole is owed of the days after a trial, whatever version made the month free before', () => {
    const seats: Charge = { ...STORE, id: 'seats', name: 'Seats', metric: 'seats' } as Charge
    const trial = { trial: { kind: 'days', days: 30 } as const }
    const amended = (day: string, freeMonths: number[]) =>
      contractOf({ ...trial, freeMonths, amendment: { effectiveDay: day, note: '' } })
    const invoice = invoiceOf(
      amended('2026-01-10', [3]),
      '2026-01',
      { seats: '7' },
      { charges: [seats], earlier: [contractOf(trial), amended('2026-01-02', [1])] },
    )
    expect(invoice.total).toBe('7')
  })
  test('of what is rated whole, for the days that are not free', () => {
    const seats: Charge = {
      kind: 'per_unit',
      id: 'seats',
      name: 'Seats',
      metric: 'seats',
      unitAmount: d('1'),
      per: d('1'),
      minimum: d('31'),
    }
    const free = contractOf({ freeMonths: [1], amendment: { effectiveDay: '2026-01-17', note: '' } })
    const invoice = invoiceOf(free, '2026-01', {}, { charges: [seats], earlier: [contractOf()] })
    expect(invoice.total).toBe('16')
  })
  test('a minimum before discounts is discounted once, however the month is cut', () => {
    const least = { ...CALL, minimum: d('310') } as Charge
    const contract = contractOf({ discountPercent: d('10'), settings: { boundsApply: 'before_discounts' } })
    const totalOf = (...days: readonly string[]) => {
      const card = cardOf(['2020-01-01', [least]], ...days.map((day) => [day, [least]] as const))
      return invoiceOf(contract, '2026-01', { 'api.calls': '30' }, { card }).total
    }
    // 30, 60 and 90 calls, each raised to 310.
    expect([totalOf(), totalOf('2026-01-10'), totalOf('2026-01-10', '2026-01-20')]).toEqual([
      '279',
      '279',
      '279',
    ])
  })
  test('of the invoice, for one day', () => {
    const contract = contractOf({ endDay: '2026-01-02', invoiceMinimum: d('62') })
    expect(invoiceOf(contract, '2026-01', {}).total).toBe('2')
  })
  test('of the days that are charged, whatever the versions of free days say', () => {
    const bounded = (changes: object): Charge => ({ ...CALL, ...changes }) as Charge
    const freeFrom = (day: string) => ({
      earlier: [contractOf()],
      contract: contractOf({ freeMonths: [1], amendment: { effectiveDay: day, note: 'the rest is free' } }),
    })
    const totalOf = (before: object, after: object, calls: string) => {
      const { contract, earlier } = freeFrom('2026-01-17')
      const card = cardOf(['2020-01-01', [bounded(before)]], ['2026-01-17', [bounded(after)]])
      return invoiceOf(contract, '2026-01', { 'api.calls': calls }, { card, earlier }).total
    }
    // Half of the month's 62, for 16 of 31 days.
    expect(totalOf({ maximum: d('62') }, {}, '100')).toBe('32')
    expect(totalOf({}, { maximum: d('62') }, '100')).toBe('100')
    expect(totalOf({ minimum: d('62') }, {}, '1')).toBe('32')
    // A credit note is not raised to nothing by a minimum of days that are free.
    expect(totalOf({}, { minimum: d('62') }, '-5')).toBe('-5')
  })
  test('of the invoice, for the days of the contract', () => {
    const contract = contractOf({ startDay: '2026-01-17', invoiceMinimum: d('310') })
    expect(amounts(invoiceOf(contract, '2026-01', { 'api.calls': '10' }))).toEqual([
      ['calls', '10'],
      ['invoice', '140'],
    ])
    const most = contractOf({ invoiceMaximum: d('30') })
    expect(amounts(invoiceOf(most, '2026-01', { 'api.calls': '40' }))).toEqual([
      ['calls', '40'],
      ['invoice', '-10'],
    ])
  })
})

test('a quantity weighted by time is shown in 12 digits, and priced exactly', () => {
  const seats: Charge = {
    kind: 'seat',
    id: 'seats',
    name: 'Seats',
    metric: 'seats',
    unitAmount: d('9000000'),
    proration: 'day',
    values: 'level',
  }
  const january = toMonth('2026-01')
  const [line] =
    rateEvents({
      card: cardOf(['2020-01-01', [seats]]),
      contract: contractOf(),
      metrics: METRICS,
      timeZone: 'UTC',
      events: [{ metric: 'seats', timeMs: Date.parse('2026-01-11T00:00:00Z'), quantity: d('3') }],
      firstMonth: january,
      lastMonth: january,
    })[0]?.invoices[0]?.lines ?? []
  expect([line?.quantity, line?.amount]).toEqual(['2.03225806452', '18290322.58'])
  expect(line?.steps.map(({ quantity }) => quantity)).toContain('2.03225806451612903226')
})

test('one contract on several invoices: their sum is the whole, and credits go on', () => {
  const contract = contractOf({
    billTo: [
      { id: 'EU', name: 'Acme EU', chargeIds: ['calls'], purchaseOrder: 'PO-1' },
      { id: 'US', name: 'Acme US', chargeIds: ['storage'] },
    ],
    discounts: [amount('d', '10', { on: { kind: 'invoice' } })],
    credits: [grant('g', '60')],
    monthlyCommitment: d('200'),
  })
  const invoices = monthOf(
    contract,
    '2026-01',
    { 'api.calls': '50', storage: '25' },
    { charges: [CALL, STORE] },
  )
  expect(invoices.map((invoice) => [invoice.id, invoice.total, invoice.due, invoice.purchaseOrder])).toEqual([
    ['EU', '178.33', '118.33', 'PO-1'],
    ['US', '21.67', undefined, undefined],
  ])
})

test('an id that every object has a member of is like any other', () => {
  const contract = contractOf({
    commitments: [{ id: 'valueOf', name: 'K', amount: d('25'), period: 'month', counts: null }],
    multipliers: { calls: d('2') },
    ramp: [{ fromMonth: 1, fees: {}, commitments: {} }],
  })
  const charges: Charge[] = [fee('10', 'constructor'), { ...CALL, id: 'toString' }]
  expect(amounts(invoiceOf(contract, '2026-01', { 'api.calls': '5' }, { charges }))).toEqual([
    ['constructor', '10'],
    ['toString', '5'],
    ['valueOf', '10'],
  ])
})

describe('whatever the contract', () => {
  const cents = (max: number) =>
    fc.integer({ min: 0, max }).map((value) => integerToDecimal(BigInt(value), 2))
  const discounts = fc.array(
    fc.oneof(
      fc
        .record({ value: fc.integer({ min: 0, max: 100 }), on: fc.boolean() })
        .map(({ value, on }) => percent(`p${value}`, String(value), on ? { on: { kind: 'invoice' } } : {})),
      cents(20_000).map((value) => amount(`a${value}`, value)),
    ),
    { maxLength: 4 },
  )
  test('steps add up to lines, lines to the total, settlement to what is due; nothing falls below zero', () => {
    fc.assert(
      fc.property(
        fc.tuple(
          cents(30_000),
          cents(30_000),
          discounts,
          cents(20_000),
          cents(20_000),
          fc.integer({ min: 0, max: 25 }),
        ),
        ([calls, storage, list, credit, committed, rate]) => {
          const contract = contractOf({
            discounts: list.map((each, index) => ({ ...each, id: `${index}` })),
            credits: [grant('g', credit), grant('h', credit, { scope: ['storage'] })],
            monthlyCommitment: d(committed),
            tax: { kind: 'external', name: 'VAT', percent: d(String(rate)) },
          })
          const storageOnly = { ...CALL, id: 'calls', metric: 'storage', unitAmount: d('0.777') } as Charge
          const invoice = invoiceOf(
            contract,
            '2026-01',
            { storage, seats: '3', 'api.calls': '7' },
            {
              charges: [storageOnly, STORE, fee(calls)],
            },
          )
          for (const line of invoice.lines) {
            expect(sumDecimals(line.steps.map((step) => step.amount))).toBe(line.amount)
            if (line.kind === 'charge') expect(new Decimal(line.amount).gte(0)).toBe(true)
          }
          expect(sumDecimals(invoice.lines.map((line) => line.amount))).toBe(invoice.total)
          expect(new Decimal(invoice.total).gte(0)).toBe(true)
          const settlement = invoice.settlement ?? []
          for (const line of settlement)
            expect(sumDecimals(line.steps.map((step) => step.amount))).toBe(line.amount)
          const due = invoice.due ?? invoice.total
          expect(due).toBe(sumDecimals([invoice.total, ...settlement.map((line) => line.amount)]))
          expect(new Decimal(due).gte(0)).toBe(true)
          for (const { amount: granted, left, grantId } of invoice.balances?.[0]?.credits ?? []) {
            const drawn = settlement.filter(({ id }) => id === grantId).map((line) => line.amount)
            expect(sumDecimals([granted, ...drawn])).toBe(left)
            expect(new Decimal(left).gte(0)).toBe(true)
          }
        },
      ),
    )
  })
  test('split over several invoices the total is the same', () => {
    fc.assert(
      fc.property(fc.tuple(cents(30_000), cents(30_000), discounts), ([calls, storage, list]) => {
        const contract = contractOf({ discounts: list.map((each, index) => ({ ...each, id: `${index}` })) })
        const charges = [fee(calls, 'one'), STORE]
        const whole = invoiceOf(contract, '2026-01', { storage }, { charges }).total
        const billTo = [
          { id: 'A', name: 'A', chargeIds: ['one'] },
          { id: 'B', name: 'B', chargeIds: ['storage'] },
        ]
        const parts = monthOf({ ...contract, billTo }, '2026-01', { storage }, { charges })
        expect(sumDecimals(parts.map(({ total }) => total))).toBe(whole)
      }),
    )
  })
})
