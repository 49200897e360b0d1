import { describe, expect, test } from 'vitest'
import { json, PER_UNIT, rate } from './rating-support.ts'

const CHARGE = {
  kind: 'graduated',
  id: 'calls',
  name: 'API calls',
  metric: 'api.calls',
  per: '1000',
  tiers: [
    { upTo: '1000000', unitAmount: '0' },
    { upTo: '10000000', unitAmount: '0.40' },
    { upTo: null, unitAmount: '0.32' },
  ],
}
const METRICS = [{ metric: 'api.calls', name: 'API calls', unit: 'call', aggregation: 'sum', scale: 0 }]
const CARD = {
  id: 'standard',
  name: 'Standard',
  currency: 'USD',
  effectiveFrom: '2026-01-01',
  charges: [CHARGE],
}
const CONTRACT = {
  id: 'acme-1',
  customerId: 'acme',
  rateCardId: 'standard',
  startDay: '2026-09-01',
  endDay: null,
  discountPercent: '5.5',
  chargeDiscounts: {},
  monthlyCommitment: null,
}

describe('a charge', () => {
  test('the example of the Explain drawer, step by step', async () => {
    const usage = { month: '2026-10', metrics: METRICS, quantity: '41204000' }
    const { code, data } = await json({ charge: CHARGE, usage })
    expect(code).toBe(0)
    expect(data).toMatchObject({
      charge: 'calls',
      words: 'first 1,000,000 calls free, then 0.40 per 1,000 up to 10,000,000, then 0.32 per 1,000',
      amount: '13585.28',
      rounded: '13585.28',
      quantity: '41204000',
      billed: '41204000',
      issues: [],
    })
    expect(data.steps.map(({ text, amount }: { text: string; amount: string }) => [text, amount])).toEqual([
      ['first 1,000,000 calls, free', '0'],
      ['next 9,000,000 calls at 0.40 per 1,000', '3600'],
      ['beyond: 31,204,000 calls at 0.32 per 1,000', '9985.28'],
    ])
    const text = await rate({ charge: CHARGE, usage })
    expect(text.out).toContain('Amount 13,585.28 USD, to the minor unit 13,585.28.')
  })

  test('events in any order, by dimension, in the zone’s month', async () => {
    const matrix = {
      kind: 'matrix',
      id: 'traffic',
      name: 'Traffic',
      metric: 'gb',
      dimensions: ['region'],
      cells: [
        { values: ['eu'], price: { kind: 'per_unit', unitAmount: '0.10', per: '1' } },
        { values: [null], price: { kind: 'per_unit', unitAmount: '0.20', per: '1' } },
      ],
    }
    const events = [
      { time: '2026-10-20T00:00:00Z', quantity: '5', dimensions: { region: 'us' } },
      { time: '2026-10-01T00:00:00+02:00', quantity: '10', dimensions: { region: 'eu' } },
      { time: '2026-10-31T23:30:00Z', quantity: '1000', dimensions: { region: 'eu' } },
    ]
    const usage = (given: unknown[]) => ({ month: '2026-10', timeZone: 'Europe/Berlin', events: given })
    const { data } = await json({ charge: matrix, usage: usage(events) })
    expect(data.amount).toBe('2')
    expect((await json({ charge: matrix, usage: usage(events.toReversed()) })).data).toEqual(data)
  })

  test.each([
    [{ charge: { ...CHARGE, tiers: [] }, usage: { month: '2026-10' } }, 1, 'tiers'],
    [{ charge: { ...CHARGE, colour: 'red' }, usage: { month: '2026-10' } }, 1, 'colour'],
    [{ charge: CHARGE, usage: { month: '2026-10', timeZone: 'Mars/Olympus' } }, 1, 'no IANA time zone'],
    [{ charge: CHARGE, usage: { month: '2026-10', quantity: 'many' } }, 1, 'a decimal number'],
    [{ usage: { month: '2026-10' } }, 2, 'either a --charge or a --contract'],
    [
      { contract: CONTRACT, usage: { month: '2026-10' } },
      1,
      'Contract acme-1 has no charges of its own: name its rate card standard with --card FILE',
    ],
    [{ charge: CHARGE, card: CARD, usage: {} }, 2, 'A --card goes with a --contract'],
    [
      { contract: CONTRACT, card: { ...CARD, id: 'other' }, usage: { month: '2026-10' } },
      1,
      'is for rate card standard',
    ],
    [
      {
        charge: { kind: 'flat_fee', id: 'fee', name: 'Fee', amount: '5' },
        usage: { month: '2026-10', quantity: '5' },
      },
      1,
      'priced on none',
    ],
  ])('%# is refused in words', async (documents, code, words) => {
    const run = await rate(documents)
    expect(run).toMatchObject({ code, out: '' })
    expect(run.err).toContain(words)
  })
})

describe('parts of a charge’s file', () => {
  test('a list of one is that one, and of several none', async () => {
    const fee = { kind: 'flat_fee', amount: 5 }
    const usage = { month: '2026-10' }
    expect((await json({ charge: { charges: [fee] }, usage })).data.amount).toBe('5')
    const { data } = await json({ charge: [fee, fee], usage })
    expect(data.error.message).toBe(
      'charge.json has 2 charges, and --charge rates one. Give one, or all of them with --card and a --contract. Nothing was rated.',
    )
  })

  test('a cell’s * is any value, and that is said', async () => {
    const price = (unitAmount: number) => ({ kind: 'per_unit', unitAmount })
    const charge = {
      kind: 'matrix',
      dimensions: ['region'],
      cells: [
        { values: ['eu'], price: price(1) },
        { values: ['*'], price: price(2) },
      ],
    }
    const event = (region: string) => ({ time: '2026-10-05', quantity: 1, dimensions: { region } })
    const { data } = await json({ charge, usage: [event('eu'), event('us')] })
    expect(data.amount).toBe('3')
    expect(data.notes).toEqual(['cells[1].values: “*” is read as null, which takes every value.'])
  })
})

describe('a contract', () => {
  test('lines with their steps, as the invoice has them', async () => {
    const usage = { month: '2026-10', metrics: METRICS, quantity: '41204000' }
    const { data } = await json({ contract: CONTRACT, card: CARD, usage })
    const [{ month, invoices }] = data.months
    expect(month).toBe('2026-10')
    expect(invoices[0]).toMatchObject({ total: '12838.09', currency: 'USD' })
    const text = await rate({ contract: CONTRACT, card: CARD, usage })
    expect(text.out).toContain('discount 5.5 % (contract acme-1)')
    expect(text.out).toContain('Net 12,838.09 USD')
  })

  test('with charges of its own it needs no card, and what is plain may be left out', async () => {
    const contract = {
      startDay: '2026-10-01',
      charges: [{ kind: 'per_unit', unitAmount: 0.5 }],
      tax: { kind: 'external', name: 'VAT', percent: 19 },
    }
    const { code, data } = await json({ contract, usage: '100' })
    expect(code).toBe(0)
    expect(data).toMatchObject({ contract: 'contract', currency: 'USD', amount: '50', due: '59.5' })
    expect(data.months).toMatchObject([{ month: '2026-10', invoices: [{ total: '50', due: '59.5' }] }])
  })

  test.each([
    ['a discount without more', { discounts: [{ kind: 'percent', percent: 10 }] }, '45', '45'],
    ['a commitment without more', { commitments: [{ amount: 60, period: 'month' }] }, '60', '60'],
    ['credit without more', { credits: [{ amount: 20 }] }, '50', '30'],
    ['a tax without more', { tax: { percent: 10 } }, '50', '55'],
  ])('%s: ids, names and days that no amount depends on are filled in', async (_what, terms, amount, due) => {
    const contract = { startDay: '2026-10-01', charges: [{ kind: 'per_unit', unitAmount: 0.5 }], ...terms }
    expect((await json({ contract, usage: '100' })).data).toMatchObject({ amount, due })
  })

  test('a quantity of distinct values is how many there are', async () => {
    const metrics = [{ metric: 'users', aggregation: 'unique_count', uniqueBy: 'user' }]
    const contract = {
      startDay: '2026-10-01',
      charges: [{ kind: 'per_unit', metric: 'users', unitAmount: 0.5 }],
    }
    const { code, data } = await json({ contract, usage: { quantity: 56, metrics } })
    expect([code, data.amount]).toEqual([0, '28'])
    const charge = { id: 'users', name: 'Users', kind: 'per_unit', metric: 'users', unitAmount: 0.5 }
    expect((await json({ charge, usage: { quantity: 56, metrics } })).data.amount).toBe('28')
  })

  test('terms that would hold for no charge are refused by name', async () => {
    const contract = {
      startDay: '2026-10-01',
      charges: [{ id: 'calls', name: 'Calls', kind: 'per_unit', unitAmount: 0.5 }],
      chargeDiscounts: { cals: 10 },
      multipliers: { '*': 1, storage: 2 },
      discounts: [{ kind: 'percent', percent: 10, on: { kind: 'charges', chargeIds: ['calls'] } }],
      ramp: [{ fromMonth: 1, commitments: { minimum: 5 } }],
    }
    const { code, data } = await json({ contract, usage: '100' })
    expect(code).toBe(1)
    expect(
      data.error.issues.map(
        ({ column, code: each }: { column: string; code: string }) => `${column}: ${each}`,
      ),
    ).toEqual([
      'chargeDiscounts: charge_is_unknown',
      'multipliers: charge_is_unknown',
      'ramp[0].commitments: commitment_is_unknown',
    ])
    expect(data.error.issues[0].message).toContain('has a charge “cals”. There are calls (Calls).')
  })

  test('a span of years that nobody means is refused, not run', async () => {
    const contract = { startDay: '1026-10-01', charges: [{ kind: 'flat_fee', amount: 5 }] }
    const { code, data } = await json({ contract, usage: { month: '2026-10' } })
    expect(code).toBe(1)
    expect(data.error.message).toContain('It is 1026-10 to 2026-10, and at most 50 years are rated at once.')
  })

  test('a price that changes in the month: the card’s file again for each version', async () => {
    const card = (day: string, unitAmount: string) => ({
      ...CARD,
      effectiveFrom: day,
      charges: [{ ...PER_UNIT, unitAmount }],
    })
    const events = [
      { time: '2026-10-15T23:59:59Z', quantity: '100' },
      { time: '2026-10-16T00:00:00Z', quantity: '100' },
    ]
    const contract = { ...CONTRACT, discountPercent: '0' }
    const { data } = await json({
      contract,
      cards: [card('2026-10-16', '2'), card('2026-01-01', '1')],
      usage: events,
    })
    expect(data.amount).toBe('300')
  })

  test('an amendment: the contract’s file again', async () => {
    const first = { ...CONTRACT, discountPercent: '0' }
    const amended = { ...first, discountPercent: '50', amendment: { effectiveDay: '2026-10-16' } }
    const events = [
      { time: '2026-10-15T23:59:59Z', quantity: '100' },
      { time: '2026-10-16T00:00:00Z', quantity: '100' },
    ]
    const card = { ...CARD, charges: [{ ...PER_UNIT, unitAmount: '1' }] }
    expect((await json({ contracts: [first, amended], card, usage: events })).data.amount).toBe('150')
    const { code, data } = await json({ contracts: [first, first], card, usage: events })
    expect(code).toBe(1)
    expect(data.error.message).toContain('is no amendment of it')
  })

  test.each(['constructor', '__proto__'])('a field called %s is unknown like any other', async (name) => {
    const odd = Object.defineProperty({ ...CARD, charges: [PER_UNIT] }, name, {
      value: 'x',
      enumerable: true,
    })
    const discounts = Object.defineProperty({}, name, { value: '50', enumerable: true })
    const card = await json({ contract: CONTRACT, card: odd, usage: { quantity: '1' } })
    expect(card.data.error?.message).toContain(`card.json, ${name}: there is no such field.`)
    const contract = { ...CONTRACT, chargeDiscounts: discounts }
    const { data } = await json({
      contract,
      card: { ...CARD, charges: [PER_UNIT] },
      usage: { quantity: '1' },
    })
    expect(data.error?.message ?? data.months[0].invoices[0].issues).toContain(name)
  })

  test('an amendment in another currency: amounts of the two are not added', async () => {
    const { discountPercent: _, ...first } = CONTRACT
    const amended = { ...first, currency: 'EUR', amendment: { effectiveDay: '2026-10-01' } }
    const events = [
      { time: '2026-09-15T00:00:00Z', quantity: '100' },
      { time: '2026-10-16T00:00:00Z', quantity: '100' },
    ]
    const charges = [{ ...PER_UNIT, unitAmount: '1' }]
    const card = { ...CARD, charges, otherCurrencies: { EUR: charges } }
    const asked = { contracts: [first, amended], card }
    const both = await json({ ...asked, usage: events })
    expect([both.code, both.data.error?.message]).toEqual([
      1,
      'The contract is billed in USD in 2026-09 and in EUR in 2026-10, and amounts of two currencies are never added. Rate the months of each on their own, with month and untilMonth. Nothing was rated.',
    ])
    const { data } = await json({ ...asked, usage: { month: '2026-09', events } })
    expect([data.amount, data.currency]).toEqual(['100', 'USD'])
  })

  test.each([
    [
      { ...CONTRACT, endDay: '2026-08-01' },
      'contract.json, endDay: The contract ends (2026-08-01) before it starts',
    ],
    [
      { ...CONTRACT, discount: '5' },
      'contract.json, discount: there is no such field. Did you mean discountPercent?',
    ],
    [
      { ...CONTRACT, discountPercent: 101 },
      'discountPercent: expected a percentage from 0 to 100, not "101"',
    ],
    [{ ...CONTRACT, startDay: undefined }, 'startDay: is missing: a day, like 2026-10-31'],
    [
      { ...CONTRACT, charges: [{ ...CHARGE, tiers: [{ upTo: 5, unitAmount: 1 }] }] },
      'charges[0].tiers[0].upTo: API calls: the last tier must be open',
    ],
  ])('%j is refused in a sentence', async (contract, words) => {
    const { code, data } = await json({ contract, card: CARD, usage: '1' })
    expect(code).toBe(1)
    expect(data.error.message).toContain(words)
  })

  test('months before the first asked for are rated for what they hand on', async () => {
    const contract = {
      ...CONTRACT,
      discountPercent: '0',
      credits: [
        {
          id: 'prepaid',
          name: 'Prepaid',
          amount: '1000',
          priority: 1,
          fromDay: '2026-09-01',
          expiresDay: null,
          scope: null,
          costBasis: '1000',
        },
      ],
    }
    const events = ['2026-09-10', '2026-10-10'].map((day) => ({
      time: `${day}T00:00:00Z`,
      quantity: '2500000',
    }))
    const { data } = await json({
      contract,
      card: CARD,
      usage: { month: '2026-10', metrics: METRICS, events },
    })
    expect(data.months).toHaveLength(1)
    // 600 a month: September drew 600 of the 1,000, October draws the 400 left.
    expect(data.months[0].invoices[0]).toMatchObject({ total: '600', due: '200' })
  })
})
