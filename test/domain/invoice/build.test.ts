import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type DecimalText, integerToDecimal, sumDecimals } from '../../../src/domain/decimal.ts'
import { usageToAskFor } from '../../../src/domain/invoice/ask.ts'
import { buildInvoice } from '../../../src/domain/invoice/build.ts'
import type { Invoice } from '../../../src/domain/invoice/invoice.ts'
import type { PricingTerms } from '../../../src/domain/invoice/plan.ts'
import { toMonth } from '../../../src/domain/period.ts'
import type { Contract } from '../../../src/domain/pricing/contract.ts'
import type { Charge, RateCard } from '../../../src/domain/pricing/ratecard.ts'
import { API_CALLS, cardOf, d, METRICS, SEAT_RATE, STORAGE_RATE, SUPPORT } from '../pricing/cards.ts'

type Usage = { readonly [metric: string]: readonly string[] }

const contractOf = (changes: Partial<Contract> = {}): Contract => ({
  id: '2026-07',
  customerId: 'northwind',
  rateCardId: 'api',
  startDay: '2026-07-01',
  endDay: null,
  discountPercent: d('0'),
  chargeDiscounts: {},
  monthlyCommitment: null,
  ...changes,
})

/** The invoice of a month whose usage is given per metric, in the order in which quantities are asked for. */
const bill = (
  card: RateCard,
  usage: Usage,
  options: { contract?: Contract | null; previous?: Invoice; month?: string; currency?: string } = {},
): Invoice => {
  const terms: PricingTerms = {
    card,
    contract: options.contract ?? null,
    metrics: METRICS,
    month: toMonth(options.month ?? '2026-10'),
    timeZone: 'Europe/Berlin',
  }
  const asked = usageToAskFor(terms)
  const given = asked.map((segment) => {
    const index = asked.filter((other) => other.metric === segment.metric).indexOf(segment)
    const quantity = d(usage[segment.metric]?.[index] ?? '0')
    return { ...segment, rows: [{ startMs: segment.startMs, keys: [], quantity, events: 1 }] }
  })
  return buildInvoice({
    ...terms,
    id: 'I-1',
    number: '2026-10-0001',
    customer: { id: 'northwind', name: 'Northwind' },
    currency: options.currency ?? 'USD',
    usage: given,
    chainHead: '9f3c',
    asOfBatch: 8812,
    previousInvoice: options.previous ?? null,
  })
}

const codes = (invoice: Invoice) => invoice.issues.map((issue) => `${issue.severity} ${issue.code}`)
const steps = (invoice: Invoice, line = 0) =>
  invoice.lines[line]?.steps.map((step) => [step.kind, step.text, step.amount])

const plain = cardOf(['2026-01-01', [API_CALLS]])

test('Northwind, October 2026, to the cent', () => {
  const invoice = bill(
    plain,
    { 'api.calls': ['41204000'] },
    { contract: contractOf({ discountPercent: d('5.5') }) },
  )
  expect(invoice).toEqual({
    id: 'I-1',
    number: '2026-10-0001',
    customerId: 'northwind',
    customerName: 'Northwind',
    month: '2026-10',
    currency: 'USD',
    state: 'draft',
    lines: [
      {
        line: 1,
        kind: 'charge',
        chargeId: 'calls',
        description: 'API calls',
        metric: 'api.calls',
        quantity: '41204000',
        listAmount: '13585.28',
        discountAmount: '-747.1904',
        amount: '12838.09',
        steps: [
          {
            kind: 'tier',
            text: 'first 1,000,000 calls, free',
            quantity: '1000000',
            unitAmount: '0',
            per: '1000',
            amount: '0',
          },
          {
            kind: 'tier',
            text: 'next 9,000,000 calls at 0.40 per 1,000',
            quantity: '9000000',
            unitAmount: '0.4',
            per: '1000',
            amount: '3600',
          },
          {
            kind: 'tier',
            text: 'beyond: 31,204,000 calls at 0.32 per 1,000',
            quantity: '31204000',
            unitAmount: '0.32',
            per: '1000',
            amount: '9985.28',
          },
          { kind: 'discount', text: 'discount 5.5 % (contract 2026-07)', amount: '-747.1904' },
          { kind: 'rounding', text: 'rounded half-even, once', amount: '0.0004' },
        ],
      },
    ],
    total: '12838.09',
    rateCardId: 'api',
    rateCardVersions: [1],
    contractId: '2026-07',
    chainHead: '9f3c',
    asOfBatch: 8812,
    issues: [],
    changes: ['first invoice'],
  })
})

describe('lines and rounding', () => {
  test.each([
    // quantity   half-even to the cent at 0.021 per GB-hour
    ['0', '0'],
    ['0.238', '0'],
    ['0.239', '0.01'],
    ['5', '0.1'],
    ['7.5', '0.16'],
  ])('%s GB-hours are %s', (quantity, amount) => {
    const invoice = bill(cardOf(['2026-01-01', [STORAGE_RATE]]), { storage: [quantity] })
    expect([invoice.lines.length, invoice.total]).toEqual([1, amount])
  })
  test.each([
    // exactly half a cent goes to the even cent
    ['0.005', '0'],
    ['0.015', '0.02'],
    ['0.025', '0.02'],
    ['-0.015', '-0.02'],
  ])('a fee of %s is %s', (fee, amount) =>
    expect(bill(cardOf(['2026-01-01', [{ ...SUPPORT, amount: d(fee) }]]), {}).total).toBe(amount),
  )
  test('the total is the sum of rounded lines', () => {
    const fees = ['a', 'b', 'c'].map((id) => ({ ...SUPPORT, id, amount: d('0.335') }))
    expect(bill(cardOf(['2026-01-01', fees]), {}).total).toBe('1.02')
  })
  test('a charge’s own discount replaces the overall one, also where it is zero', () => {
    const contract = contractOf({
      discountPercent: d('10'),
      chargeDiscounts: { calls: d('50'), seats: d('0') },
    })
    const invoice = bill(
      cardOf(['2026-01-01', [API_CALLS, SUPPORT, SEAT_RATE]]),
      { 'api.calls': ['2000000'], seats: ['3'] },
      { contract },
    )
    expect(
      invoice.lines.map((line) => [line.chargeId, line.listAmount, line.discountAmount, line.amount]),
    ).toEqual([
      ['calls', '400', '-200', '200'],
      ['support', '500', '-50', '450'],
      ['seats', '60', '0', '60'],
    ])
  })
  test('net reversals are a credit', () =>
    expect(bill(plain, { 'api.calls': ['-2000000'] }).total).toBe('-400'))
})

describe('a price change on 15 October', () => {
  const dearer: Charge = {
    ...API_CALLS,
    tiers: [
      { upTo: d('1000000'), unitAmount: d('0') },
      { upTo: null, unitAmount: d('0.5') },
    ],
  }
  const card = cardOf(['2026-01-01', [API_CALLS, SUPPORT]], ['2026-10-15', [dearer, SUPPORT, SEAT_RATE]])
  const invoice = bill(card, { 'api.calls': ['800000', '1700000'], seats: ['9'] })
  test('tiers go on: the free units are given once', () => {
    expect(steps(invoice)).toEqual([
      ['tier', '1–14 October 2026, version 1: first 800,000 calls, free', '0'],
      ['tier', '15–31 October 2026, version 2: next 200,000 calls, free', '0'],
      ['tier', '15–31 October 2026, version 2: beyond: 1,500,000 calls at 0.50 per 1,000', '750'],
    ])
    expect(invoice.lines[0]?.quantity).toBe('2500000')
  })
  test('a flat fee of equal price is the same as without the change', () =>
    expect([invoice.lines[1]?.listAmount, invoice.lines[1]?.amount]).toEqual(['500', '500']))
  test('seats (a maximum) go by the version at the start of the month, which has no price for them', () => {
    expect(invoice.lines.map((line) => line.chargeId)).toEqual(['calls', 'support'])
    expect(invoice.issues).toEqual([
      {
        severity: 'warning',
        code: 'metric_without_price',
        message:
          'No charge of rate card API prices metric seats: Seats 9 seats not billed. Add a charge if it should be.',
      },
    ])
  })
  test('both versions are named', () => expect(invoice.rateCardVersions).toEqual([1, 2]))
  test('a charge of the second version only is rated on its days only', () => {
    const later = cardOf(['2026-01-01', []], ['2026-10-15', [STORAGE_RATE, SUPPORT]])
    const second = bill(later, { storage: ['1000', '2000'] })
    expect(second.lines.map((line) => [line.chargeId, line.quantity, line.amount])).toEqual([
      ['storage', '2000', '42'],
      ['support', undefined, '274.19'],
    ])
    expect(second.issues.map((issue) => issue.message)).toEqual([
      'No charge of rate card API prices metric storage: Storage 1,000 GB-hours on 1–14 October 2026 not billed. Add a charge if it should be.',
    ])
  })
})

describe('what is asked for', () => {
  const hours = (terms: Partial<PricingTerms>) =>
    usageToAskFor({
      card: cardOf(['2026-01-01', []], ['2026-10-15', []]),
      contract: null,
      metrics: METRICS,
      month: toMonth('2026-10'),
      timeZone: 'Europe/Berlin',
      ...terms,
    }).map(({ metric, startMs, endMs }) => [metric, (endMs - startMs) / 3_600_000])
  test('sums by version, a maximum whole; the month has 745 hours', () =>
    expect(hours({})).toEqual([
      ['api.calls', 336],
      ['api.calls', 409],
      ['storage', 336],
      ['storage', 409],
      ['seats', 745],
    ]))
  test('and the days outside the contract', () =>
    expect(hours({ contract: contractOf({ startDay: '2026-10-20' }) })).toEqual([
      ['api.calls', 289],
      ['api.calls', 456],
      ['storage', 289],
      ['storage', 456],
      ['seats', 289],
      ['seats', 456],
    ]))
  test('a quantity that was not given is a bug, never zero', () =>
    expect(() =>
      buildInvoice({
        card: plain,
        contract: null,
        metrics: METRICS,
        month: toMonth('2026-10'),
        timeZone: 'UTC',
        id: 'I-1',
        number: '1',
        customer: { id: 'n', name: 'N' },
        currency: 'USD',
        usage: [],
        chainHead: '',
        asOfBatch: 0,
        previousInvoice: null,
      }),
    ).toThrow('no quantity of api.calls was given for 2026-10-01T00:00:00.000Z to 2026-11-01T00:00:00.000Z'))
})

describe('contract days', () => {
  const card = cardOf(['2026-01-01', [API_CALLS, SUPPORT]])
  test('a contract that starts on the 20th', () => {
    const contract = contractOf({ startDay: '2026-10-20', monthlyCommitment: d('1000') })
    const invoice = bill(card, { 'api.calls': ['1500000', '900'], seats: ['0', '4'] }, { contract })
    expect(invoice.lines.map((line) => [line.chargeId, line.amount])).toEqual([
      ['calls', '200'],
      ['support', '193.55'],
    ])
    expect(invoice.issues.map((issue) => issue.message)).toEqual([
      'Usage on 1–19 October 2026 is outside contract 2026-07 and not billed: API calls 900 calls, Seats 4 seats. Change the contract’s days if it should be.',
    ])
  })
  test('a contract over before the month', () => {
    const invoice = bill(card, { 'api.calls': ['7'] }, { contract: contractOf({ endDay: '2026-10-01' }) })
    expect([invoice.lines, invoice.total, codes(invoice)]).toEqual([
      [],
      '0',
      ['warning contract_is_not_in_force', 'warning usage_outside_contract'],
    ])
  })
})

describe('no price in effect is an error, not zero', () => {
  test('for part of the month', () => {
    const invoice = bill(cardOf(['2026-10-30', [SUPPORT]]), {})
    expect(codes(invoice)).toEqual(['error no_price_in_effect'])
    expect(invoice.issues[0]?.message).toBe(
      'Rate card API has no version in effect on 1–29 October 2026: those days are not billed. Add a version that takes effect by then, or let the contract start later.',
    )
    expect(invoice.total).toBe('32.26')
  })
  test('for all of it', () =>
    expect(codes(bill(cardOf(['2026-11-01', [SUPPORT]]), {}))).toEqual(['error no_price_in_effect']))
})

test('a card in another currency, a charge on an unknown metric', () => {
  const card = cardOf(['2026-01-01', [{ ...STORAGE_RATE, metric: 'gone' }]])
  const invoice = bill(card, {}, { currency: 'EUR' })
  expect([invoice.currency, invoice.lines, codes(invoice)]).toEqual([
    'USD',
    [],
    ['error rate_card_in_another_currency', 'error metric_is_unknown'],
  ])
})

test('a contract for another card is a bug', () =>
  expect(() => bill(plain, {}, { contract: contractOf({ rateCardId: 'other' }) })).toThrow(
    'contract 2026-07 is for rate card other, not api',
  ))

describe('commitment', () => {
  const card = cardOf(['2026-01-01', [SUPPORT]])
  test.each([
    // commitment    true-up   total
    ['499.99', null, '500'],
    ['500', null, '500'],
    ['500.01', '0.01', '500.01'],
    ['1000', '500', '1000'],
  ])('of %s: true-up %s, total %s', (commitment, trueUp, total) => {
    const invoice = bill(card, {}, { contract: contractOf({ monthlyCommitment: d(commitment) }) })
    expect(invoice.total).toBe(total)
    expect(invoice.lines[1]?.amount ?? null).toBe(trueUp)
    expect(codes(invoice)).toEqual(trueUp === null ? [] : ['warning below_commitment'])
  })
  test('is measured after discounts, and prorated by the contract’s days', () => {
    const contract = contractOf({
      startDay: '2026-10-20',
      discountPercent: d('20'),
      monthlyCommitment: d('1000'),
    })
    const invoice = bill(card, {}, { contract })
    expect(invoice.lines.map((line) => line.amount)).toEqual(['154.84', '232.26'])
    expect(invoice.total).toBe('387.1')
    expect(steps(invoice, 1)).toEqual([
      ['commitment', 'monthly commitment (contract 2026-07)', '1000'],
      ['proration', 'prorated: 12 of 31 days', '-612.90322580645161290323'],
      ['rounding', 'rounded half-even, once', '0.00322580645161290323'],
      ['commitment', 'less the charges of this invoice', '-154.84'],
    ])
    expect(invoice.issues[0]?.message).toBe(
      'The charges of 154.84 USD are 232.26 below the commitment of contract 2026-07; line 2 bills the difference.',
    )
  })
})

describe('changes since the month before', () => {
  const september = (card: RateCard, usage: Usage, contract: Contract | null = null) =>
    bill(card, usage, { month: '2026-09', contract })
  const card = cardOf(['2026-01-01', [API_CALLS, SUPPORT]])
  const october = (usage: Usage, previous: Invoice, contract: Contract | null = null, prices = card) =>
    bill(prices, usage, { previous, contract }).changes

  test('nothing', () => {
    const before = september(card, { 'api.calls': ['5000000'] })
    expect(october({ 'api.calls': ['5000000'] }, before)).toEqual(['unchanged'])
  })
  test('volume only, through a tier’s edge', () => {
    const before = september(card, { 'api.calls': ['8000000'] })
    expect(october({ 'api.calls': ['12000000'] }, before)).toEqual(['API calls: +50 % volume (+1,440.00)'])
  })
  test('volume up and price down', () => {
    const before = september(card, { 'api.calls': ['5000000'] })
    const contract = contractOf({ discountPercent: d('3'), chargeDiscounts: { support: d('0') } })
    expect(october({ 'api.calls': ['5620000'] }, before, contract)).toEqual([
      'API calls: +12.4 % volume (+240.56), price −3 % (−48.00)',
    ])
  })
  test('two charges on one metric, each by its own price', () => {
    const surcharge: Charge = {
      ...STORAGE_RATE,
      id: 'extra',
      name: 'Extra',
      metric: 'api.calls',
      unitAmount: d('0.001'),
    }
    const both = cardOf(['2026-01-01', [API_CALLS, surcharge]])
    const before = september(both, { 'api.calls': ['5000000'] })
    const contract = contractOf({ discountPercent: d('10') })
    expect(october({ 'api.calls': ['6000000'] }, before, contract, both)).toEqual([
      'API calls: +20 % volume (+360.00), price −10 % (−160.00)',
      'Extra: +20 % volume (+900.00), price −10 % (−500.00)',
    ])
  })
  test('a fee, a new charge, one gone, first usage', () => {
    const before = september(cardOf(['2026-01-01', [API_CALLS, SUPPORT, SEAT_RATE]]), { seats: ['2'] })
    const prices = cardOf(['2026-01-01', [API_CALLS, { ...SUPPORT, amount: d('650') }, STORAGE_RATE]])
    expect(october({ 'api.calls': ['2000000'], storage: ['1000'] }, before, null, prices)).toEqual([
      'API calls: volume from 0 to 2,000,000 (+400.00)',
      'Support: fee +30 % (+150.00)',
      'Storage: new (+21.00)',
      'Seats: no longer charged (−40.00)',
    ])
  })
  test('a price change in mid-month shares last month’s quantity by days', () => {
    const before = september(cardOf(['2026-01-01', [STORAGE_RATE]]), { storage: ['31000'] })
    const prices = cardOf(
      ['2026-01-01', [STORAGE_RATE]],
      ['2026-10-15', [{ ...STORAGE_RATE, unitAmount: d('0.042') }]],
    )
    expect(october({ storage: ['14000', '17000'] }, before, null, prices)).toEqual([
      'Storage: price +54.8 % (+357.00)',
    ])
  })
  test('a commitment newly missed, and a month in between', () => {
    const before = bill(card, {}, { month: '2026-08' })
    expect(october({}, before, contractOf({ monthlyCommitment: d('700') }))).toEqual([
      'compared with August 2026',
      'True-up to the monthly commitment: new (+200.00)',
    ])
  })
  test('another currency is not compared', () => {
    const before = { ...september(card, {}), currency: 'EUR' }
    expect(october({}, before)).toEqual(['not compared: the invoice of September 2026 is in EUR'])
  })
})

const quantity = (scale: number) =>
  fc.bigInt({ min: -(10n ** 6n), max: 10n ** 12n }).map((value) => integerToDecimal(value, scale))
const percent = fc.bigInt({ min: 0n, max: 10_000n }).map((value) => integerToDecimal(value, 2))
const days = fc.integer({ min: 2, max: 31 }).map((day) => `2026-10-${String(day).padStart(2, '0')}`)

test('a version change with equal prices bills what no change would', () => {
  const charges = [API_CALLS, STORAGE_RATE, SUPPORT, SEAT_RATE]
  fc.assert(
    fc.property(
      days,
      fc.tuple(quantity(0), quantity(0), quantity(3), quantity(3), percent),
      (day, [calls1, calls2, storage1, storage2, discountPercent]) => {
        const contract = contractOf({ discountPercent })
        const whole = bill(
          cardOf(['2026-01-01', charges]),
          {
            'api.calls': [sumDecimals([calls1, calls2])],
            storage: [sumDecimals([storage1, storage2])],
            seats: ['7'],
          },
          { contract },
        )
        const cut = bill(
          cardOf(['2026-01-01', charges], [day, charges]),
          { 'api.calls': [calls1, calls2], storage: [storage1, storage2], seats: ['7'] },
          { contract },
        )
        expect(cut.lines.map((line) => [line.quantity, line.listAmount, line.amount])).toEqual(
          whole.lines.map((line) => [line.quantity, line.listAmount, line.amount]),
        )
      },
    ),
    { numRuns: 50 },
  )
})

test('each line’s steps add up to its amount, and the lines to the total', () => {
  const card = cardOf(
    ['2026-01-01', [API_CALLS, SUPPORT]],
    ['2026-10-15', [API_CALLS, STORAGE_RATE, SUPPORT]],
  )
  const commitment = fc.bigInt({ min: 0n, max: 10n ** 9n }).map((value) => integerToDecimal(value, 2))
  fc.assert(
    fc.property(
      fc.tuple(quantity(0), quantity(0), quantity(3), percent, commitment, days),
      ([calls1, calls2, storage, discountPercent, monthlyCommitment, endDay]) => {
        const contract = contractOf({ discountPercent, monthlyCommitment, endDay })
        const invoice = bill(card, { 'api.calls': [calls1, calls2], storage: ['0', storage] }, { contract })
        for (const line of invoice.lines)
          expect(sumDecimals(line.steps.map((step) => step.amount))).toBe(line.amount)
        const amounts: readonly DecimalText[] = invoice.lines.map((line) => line.amount)
        expect(invoice.total).toBe(sumDecimals(amounts))
      },
    ),
    { numRuns: 50 },
  )
})
