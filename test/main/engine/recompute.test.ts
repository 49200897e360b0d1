/** An invoice of last month, rated again as of its issue after everything it rests on has changed. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { DecimalText } from '../../../src/domain/decimal.ts'
import type { Aggregation, Metric } from '../../../src/domain/metric.ts'
import type { Month } from '../../../src/domain/period.ts'
import type { Charge } from '../../../src/domain/pricing/ratecard.ts'
import { type EventRow, events, focus, type House, openHouse, runMonth, sell } from './house.ts'

const OCTOBER = '2026-10' as Month
const decimal = (text: string) => text as DecimalText

const metric = (name: string, aggregation: Aggregation): Metric => ({
  metric: name,
  name,
  unit: 'unit',
  aggregation,
  scale: 0,
  ...(aggregation === 'unique_count' ? { uniqueBy: 'user' } : {}),
})
const METRICS = [
  metric('calls', 'sum'),
  metric('peak', 'max'),
  metric('seats', 'last'),
  metric('users', 'unique_count'),
]
const perUnit = (name: string, unitAmount: string, per = '1'): Charge => ({
  kind: 'per_unit',
  id: name,
  name,
  metric: name,
  unitAmount: decimal(unitAmount),
  per: decimal(per),
})
const CARD: readonly Charge[] = [
  { kind: 'flat_fee', id: 'fee', name: 'Fee', amount: decimal('99.99') },
  {
    kind: 'graduated',
    id: 'calls',
    name: 'Calls',
    metric: 'calls',
    per: decimal('10'),
    tiers: [
      { upTo: decimal('1000'), unitAmount: decimal('0') },
      { upTo: decimal('5000'), unitAmount: decimal('0.013') },
      { upTo: null, unitAmount: decimal('0.0071') },
    ],
  },
  perUnit('peak', '0.333'),
  perUnit('seats', '12.5'),
  perUnit('users', '1.005'),
]

/** A month of two tenants; odd numbers, so that roundings are real. */
const USAGE: readonly EventRow[] = Array.from({ length: 30 }, (_, i) => {
  const time = `2026-10-${String(i + 1).padStart(2, '0')}T11:00:00Z`
  return ['acme', 'acme-eu'].flatMap((tenant, at): EventRow[] => [
    [`c${i}.${at}`, 'calls', tenant, time, String(97 + i * 13 + at)],
    [`p${i}.${at}`, 'peak', tenant, time, String(((i * 7) % 23) + at)],
    [`s${i}.${at}`, 'seats', tenant, time, String(3 + (i % 4))],
    [`u${i}.${at}`, 'users', tenant, time, '1', { user: `person ${i % 9}` }],
  ])
}).flat()

let house: House
let issued = 0
beforeAll(async () => {
  house = await openHouse({ now: '2026-11-01T09:00:00Z' })
  const { client } = house
  await house.take('october.jsonl', events(USAGE), { metrics: METRICS })
  await house.take('bill.csv', focus([{ day: '2026-10-05', service: 'EC2', billed: '30.21', app: 'acme' }]))
  await sell(
    client,
    { id: 'acme', tenants: ['acme', 'acme-eu'] },
    { id: 'list', charges: CARD },
    { discountPercent: '5.5', chargeDiscounts: { seats: '12.5' }, monthlyCommitment: '1000' },
  )
  await sell(client, { id: 'bolt' }, { id: 'list', charges: CARD })
  await runMonth(house, OCTOBER)
  const { rows } = await client.invoices.list({ month: OCTOBER })
  await client.invoices.approve({
    invoices: rows.map(({ id, version }) => ({ invoiceId: id, expectedVersion: version })),
  })
  issued = (await client.invoices.get({ invoiceId: '2026-10.acme' })).invoice.asOfBatch
}, 60_000)
afterAll(() => house.close())

const lineOf = async (number: number, asOf?: string) => {
  const { lines } = await house.client.invoices.recompute({
    invoiceId: '2026-10.acme',
    ...(asOf === undefined ? {} : { asOf }),
  })
  return lines.find(({ line }) => line === number)
}

test('as of its issue it comes to the same cent, though everything it rests on has changed since', async () => {
  const { client } = house
  const before = await client.invoices.recompute({ invoiceId: '2026-10.acme' })
  expect(before).toMatchObject({ equal: true, issuedAsOfBatch: issued, asOf: { batchId: issued } })
  expect(before.lines).toHaveLength(6)

  house.clock.set('2026-11-06T09:00:00Z')
  // Late usage, of every aggregation.
  await house.take(
    'late.jsonl',
    events([
      ['l1', 'calls', 'acme', '2026-10-31T22:00:00Z', '70000'],
      ['l2', 'peak', 'acme-eu', '2026-10-31T22:00:00Z', '5000'],
      ['l3', 'seats', 'acme', '2026-10-31T22:00:00Z', '1'],
      ['l4', 'users', 'acme', '2026-10-31T22:00:00Z', '1', { user: 'somebody new' }],
    ]),
  )
  // Other prices from the same day on, another kind of metric, other terms, a tenant that moved, another name.
  await client.rateCards.save({
    id: 'list',
    name: 'List',
    currency: 'USD',
    effectiveFrom: '2020-01-01',
    charges: [perUnit('calls', '3'), perUnit('seats', '12.5')],
    expectedVersion: 1,
  })
  await client.metrics.save({
    metric: 'users',
    definition: { ...metric('users', 'sum') },
    expectedVersion: 1,
  })
  const [contract] = (await client.customers.get({ customerId: 'acme' })).contracts
  if (contract === undefined) throw new Error('acme has a contract')
  await client.customers.saveContract({
    ...contract.contract,
    discountPercent: decimal('0'),
    chargeDiscounts: {},
    monthlyCommitment: null,
    expectedVersion: contract.version,
  })
  await client.customers.save({
    id: 'acme',
    name: 'Acme, renamed',
    email: null,
    tenants: ['acme'],
    stripeCustomerId: null,
    expectedVersion: 1,
  })
  await client.customers.save({
    id: 'bolt',
    name: 'bolt',
    email: null,
    tenants: ['bolt', 'acme-eu'],
    stripeCustomerId: null,
    expectedVersion: 1,
  })
  // The bill is restated, and the month is closed.
  await house.take('again.csv', focus([{ day: '2026-10-05', service: 'EC2', billed: '31', app: 'acme' }]))
  await client.reconcile.close({ month: OCTOBER, reason: 'delivered by hand' })
  await house.take('later.jsonl', events([['m1', 'calls', 'acme', '2026-10-30T22:00:00Z', '9']]))

  for (const invoiceId of ['2026-10.acme', '2026-10.bolt']) {
    const { invoice } = await client.invoices.get({ invoiceId })
    const again = await client.invoices.recompute({ invoiceId })
    expect(
      again.lines.map(({ description, recomputed, equal, difference, sentence }) => [
        description,
        recomputed,
        equal,
        difference,
        sentence,
      ]),
    ).toEqual(invoice.lines.map(({ description, amount }) => [description, amount, true, '0', 'The same.']))
    expect(again).toMatchObject({
      equal: true,
      invoiced: invoice.total,
      recomputed: invoice.total,
      difference: '0',
      issuedAsOfBatch: issued,
      asOf: { batchId: issued, hash: invoice.chainHead },
    })
  }
  const { sentence } = await client.invoices.recompute({ invoiceId: '2026-10.acme' })
  expect(sentence).toBe(
    `Recomputed as of its issue (batch ${issued}), every line comes to the same cent: ${before.sentence.split(': ').at(-1)}`,
  )
  // Named as a batch or a moment, the issue is the same.
  expect(await client.invoices.recompute({ invoiceId: '2026-10.acme', asOf: '2026-11-01' })).toMatchObject({
    equal: true,
  })
  expect(await client.invoices.recompute({ invoiceId: '2026-10.acme', asOf: `batch ${issued}` })).toEqual(
    await client.invoices.recompute({ invoiceId: '2026-10.acme' }),
  )
})

test('as of now it says in words what would be different, line by line', async () => {
  const { client } = house
  const { head } = await client.book.status()
  const now = await client.invoices.recompute({ invoiceId: '2026-10.acme', asOf: 'now' })
  expect(now.equal).toBe(false)
  // 30 days of acme alone and what came before the close, at 3 a call; what came after it counts in November.
  const calls = 30 * 97 + 13 * ((29 * 30) / 2) + 70_000
  expect(now.recomputed).toBe(String(calls * 3 + 12.5))
  const words = Object.fromEntries(now.lines.map(({ description, sentence }) => [description, sentence]))
  expect(words).toMatchObject({
    Fee: 'No longer charged.',
    peak: 'No longer charged.',
    users: 'No longer charged.',
    'True-up to the monthly commitment': 'No longer charged.',
  })
  expect(await lineOf(2, String(head.batchId))).toMatchObject({
    equal: false,
    recomputedQuantity: String(calls),
    recomputed: String(calls * 3),
    sentence: expect.stringMatching(/^The quantity was 17,\d{3} and is 78,565: \+235,\d{3}\.\d\d\.$/),
  })
  expect(now.sentence).toBe(
    `Recomputed as of now (batch ${head.batchId}), 6 of 6 lines differ: 235,707.50 USD instead of 1,000.00 USD (+234,707.50).`,
  )
})

test('before the customer was known there is nothing to rate, and an unknown invoice is not found', async () => {
  const { client } = house
  expect(await client.invoices.recompute({ invoiceId: '2026-10.acme', asOf: '2' })).toMatchObject({
    equal: false,
    recomputed: null,
    sentence: 'As of that moment (batch 2) nothing can be rated: the customer was not known.',
  })
  await expect(client.invoices.recompute({ invoiceId: 'none' })).rejects.toThrow('There is no invoice none.')
  await expect(client.invoices.recompute({ invoiceId: '2026-10.acme', asOf: '2027-01-01' })).rejects.toThrow(
    '2027-01-01 lies in the future',
  )
})
