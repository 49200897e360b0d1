/** From an entry up: every invoice line it is in, its cell, its margin; or why there is none. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { sumDecimals } from '../../../src/domain/decimal.ts'
import type { Aggregation, Metric } from '../../../src/domain/metric.ts'
import type { Month } from '../../../src/domain/period.ts'
import type { Charge } from '../../../src/domain/pricing/ratecard.ts'
import { claimByApp, type EventRow, events, focus, type House, openHouse, runMonth, sell } from './house.ts'

const SEPTEMBER = '2026-09' as Month

const metric = (name: string, aggregation: Aggregation = 'sum'): Metric => ({
  metric: name,
  name,
  unit: 'unit',
  aggregation,
  scale: 0,
})
const METRICS = [metric('calls'), metric('peak', 'max'), metric('free')]
const charge = (id: string, name = 'calls'): Charge => ({
  kind: 'per_unit',
  id,
  name: id,
  metric: name,
  unitAmount: '1' as never,
  per: '1' as never,
})

const EVENTS: EventRow[] = [
  ['1', 'calls', 'acme-eu', '2026-09-10T00:00:00Z', '5'],
  ['2', 'calls', 'acme-us', '2026-09-20T00:00:00Z', '7'],
  ['3', 'peak', 'acme-eu', '2026-09-10T00:00:00Z', '3'],
  ['4', 'free', 'acme-eu', '2026-09-10T00:00:00Z', '1'],
  ['5', 'calls', 'nobody', '2026-09-10T00:00:00Z', '2'],
  ['6', 'calls', 'bolt', '2026-09-10T00:00:00Z', '11'],
  ['7', 'calls', 'bolt', '2026-09-02T00:00:00Z', '13'],
]

let house: House
beforeEach(async () => {
  house = await openHouse()
  await house.take('usage.jsonl', events(EVENTS), { metrics: METRICS })
})
afterEach(() => house.close())

const seqOf = async (text: string, kind: 'usage' | 'cost' = 'usage'): Promise<number> => {
  const { rows } = await house.client.ledger.search({ text, kind, limit: 500 })
  const [row] = rows.filter(({ amount }) => amount === text)
  if (row === undefined) throw new Error(`no entry has the amount ${text}`)
  return row.seq
}
const usesOf = async (amount: string) => house.client.explain.uses({ seq: await seqOf(amount) })
/** `invoice/line description quantity amount state how` of each. */
const linesWith = async (amount: string): Promise<string[]> =>
  (await usesOf(amount)).lines.map(
    (line) =>
      `${line.invoiceId}/${line.line} ${line.description} ${line.quantity ?? '–'} ${line.amount} ${line.state} ${line.how}`,
  )

/** Two charges on calls; from 16 September a third takes the place of the second. */
const sellAcme = async () => {
  await sell(
    house.client,
    { id: 'acme', tenants: ['acme-eu', 'acme-us'] },
    { id: 'list', charges: [charge('base'), charge('early'), charge('peak', 'peak')] },
    { monthlyCommitment: '1000' },
  )
  await house.client.rateCards.save({
    id: 'list',
    name: 'list',
    currency: 'USD',
    effectiveFrom: '2026-09-16',
    charges: [charge('base'), charge('late'), charge('peak', 'peak')],
    expectedVersion: 1,
  })
}

test('the lines are those whose charge holds on the day of the record, of all tenants, and the true-up behind them', async () => {
  await sellAcme()
  await runMonth(house, SEPTEMBER)
  expect(await linesWith('5')).toEqual([
    '2026-09.acme/1 base 12 12 draft counted',
    '2026-09.acme/2 early 5 5 draft counted',
    '2026-09.acme/5 True-up to the monthly commitment – 973 draft depends',
  ])
  expect(await linesWith('7')).toEqual([
    '2026-09.acme/1 base 12 12 draft counted',
    '2026-09.acme/4 late 7 7 draft counted',
    '2026-09.acme/5 True-up to the monthly commitment – 973 draft depends',
  ])
  const uses = await usesOf('5')
  expect(uses.lines.map(({ sentence }) => sentence)).toEqual([
    'Its quantity is part of the line’s.',
    'Its quantity is part of the line’s.',
    'It bills what the charges leave open of the commitment, lines 1 and 2 among them.',
  ])
  expect(uses).toMatchObject({
    sentences: ['It counts in calls of tenant acme-eu, customer acme, on 2026-09-10, in September 2026.'],
    usage: { customerId: 'acme', month: '2026-09', day: '2026-09-10', counts: true },
    reasons: [],
  })
  expect((await usesOf('3')).lines[0]).toMatchObject({
    line: 3,
    sentence: 'The line’s quantity is a maximum, and it was looked at for it.',
  })
})

test('up and down agree: the entries that name a line sum to its quantity', async () => {
  await sellAcme()
  await sell(
    house.client,
    { id: 'bolt' },
    { id: 'bolts', charges: [charge('b')] },
    { startDay: '2026-09-05' },
  )
  await runMonth(house, SEPTEMBER)
  const found = new Map<string, string[]>()
  for (const row of (await house.client.ledger.search({ kind: 'usage', limit: 500 })).rows)
    for (const line of (await house.client.explain.uses({ seq: row.seq })).lines)
      if (line.how === 'counted')
        found.set(`${line.invoiceId}/${line.line}`, [
          ...(found.get(`${line.invoiceId}/${line.line}`) ?? []),
          row.amount,
        ])
  for (const invoiceId of ['2026-09.acme', '2026-09.bolt'])
    for (const line of (await house.client.invoices.get({ invoiceId })).invoice.lines)
      if (line.quantity !== undefined)
        expect([
          invoiceId,
          line.line,
          sumDecimals((found.get(`${invoiceId}/${line.line}`) ?? []) as never[]),
        ]).toEqual([invoiceId, line.line, line.quantity])
})

test('an entry that no invoice has says why', async () => {
  const reasons = async (amount: string) => (await usesOf(amount)).reasons
  expect(await reasons('2')).toEqual([
    'No customer has the tenant nobody, so that nobody is billed for it. Give the tenant to a customer and run September 2026.',
  ])
  await house.client.customers.save({
    id: 'bolt',
    name: 'Bolt',
    email: null,
    tenants: ['bolt'],
    stripeCustomerId: null,
    expectedVersion: 0,
  })
  expect(await reasons('11')).toEqual([
    'Bolt has no rate card for September 2026, so that it is not billed. Assign one on the customer’s page and run the month.',
  ])
  await sellAcme()
  expect(await reasons('5')).toEqual([
    'September 2026 has no invoice for acme yet. Run the month, and it is billed.',
  ])
  expect(await reasons('1')).toEqual([
    'Rate card list has no price for free on its day, so that no invoice will bill it. Add a charge if one should.',
  ])
  await runMonth(house, SEPTEMBER)
  expect(await reasons('1')).toEqual([
    'Rate card list has no price for free, so that invoice 202609-acme does not bill it.',
  ])
  expect(await linesWith('1')).toEqual([])
})

test('a day outside the contract is said', async () => {
  await sell(
    house.client,
    { id: 'bolt' },
    { id: 'bolts', charges: [charge('b')] },
    { startDay: '2026-09-05' },
  )
  await runMonth(house, SEPTEMBER)
  expect(await linesWith('11')).toEqual(['2026-09.bolt/1 b 11 11 draft counted'])
  expect(await usesOf('13')).toMatchObject({
    lines: [],
    reasons: ['Its day is outside contract bolt-1, so that invoice 202609-bolt does not bill it.'],
  })
})

test('what came after the invoice is said, for a draft and for an approved one', async () => {
  await sell(house.client, { id: 'bolt' }, { id: 'bolts', charges: [charge('b')] })
  await runMonth(house, SEPTEMBER)
  const { invoice, version } = await house.client.invoices.get({ invoiceId: '2026-09.bolt' })
  const came = await house.take('more.jsonl', events([['8', 'calls', 'bolt', '2026-09-11T00:00:00Z', '17']]))
  const before = `was computed as of batch ${invoice.asOfBatch}, before this record came with batch ${came.batchId}.`
  expect(await usesOf('17')).toMatchObject({
    lines: [],
    reasons: [`Invoice 202609-bolt (a draft) ${before} Run September 2026 again, and it is billed.`],
  })
  await house.client.invoices.approve({ invoices: [{ invoiceId: '2026-09.bolt', expectedVersion: version }] })
  expect((await usesOf('17')).reasons).toEqual([
    `Invoice 202609-bolt (approved) ${before} It stands; the invoice of October 2026 bills the record as an adjustment.`,
  ])
  expect(await linesWith('11')).toEqual(['2026-09.bolt/1 b 24 24 approved counted'])
})

test('what came after the close counts as an adjustment; a late maximum counts nowhere', async () => {
  await sellAcme()
  await house.client.reconcile.close({ month: SEPTEMBER, reason: 'x' })
  await house.take(
    'late.jsonl',
    events([
      ['8', 'calls', 'acme-eu', '2026-09-11T00:00:00Z', '17'],
      ['9', 'peak', 'acme-eu', '2026-09-11T00:00:00Z', '19'],
    ]),
  )
  await runMonth(house, '2026-10')
  expect((await usesOf('17')).sentences).toEqual([
    'September 2026 was closed when it came, so that it counts in October 2026, as an adjustment.',
    'It counts in calls of tenant acme-eu, customer acme, on 2026-10-01, in October 2026.',
  ])
  expect(await linesWith('17')).toContain('2026-10.acme/1 base 17 17 draft counted')
  expect(await usesOf('19')).toMatchObject({
    sentences: [
      'September 2026 was closed when it came, and peak is a maximum, which can’t be added to another month: it is kept, and changes no figure.',
    ],
    usage: { counts: false },
    lines: [],
    reasons: ['No invoice has it, because no figure does.'],
  })
})

test('a reversed entry is in the invoices of before with its amount, and in those of after with nothing', async () => {
  await sell(house.client, { id: 'bolt' }, { id: 'bolts', charges: [charge('b')] })
  await runMonth(house, SEPTEMBER)
  const seq = await seqOf('11')
  const { reversalSeq, batchId } = await house.client.ledger.reverse({ seq, reason: 'x' })
  const before = await house.client.explain.uses({ seq })
  expect(before.sentences).toEqual([
    `It was reversed by entry u${reversalSeq} in batch ${batchId}, which takes it off in September 2026.`,
    'It counts in calls of tenant bolt, customer bolt, on 2026-09-10, in September 2026.',
  ])
  expect(before.lines[0]).toMatchObject({ quantity: '24', sentence: 'Its quantity is part of the line’s.' })
  await runMonth(house, SEPTEMBER)
  expect((await house.client.explain.uses({ seq })).lines[0]).toMatchObject({
    quantity: '13',
    sentence: `Counted, and taken off again by entry u${reversalSeq}: together they add nothing.`,
  })
  expect((await house.client.explain.uses({ seq: reversalSeq ?? 0 })).sentences[0]).toBe(
    `It is the reversal of entry u${seq}: what that one adds, it takes off.`,
  )
})

test('a tenant that moved: the invoice of its customer of then has it', async () => {
  await sell(house.client, { id: 'bolt' }, { id: 'bolts', charges: [charge('b')] })
  await runMonth(house, SEPTEMBER)
  await house.client.customers.save({
    id: 'bolt',
    name: 'bolt',
    email: null,
    tenants: [],
    stripeCustomerId: null,
    expectedVersion: 1,
  })
  expect(await linesWith('11')).toEqual(['2026-09.bolt/1 b 24 24 draft counted'])
})

test('a tenant that was given to the customer after its invoice is said', async () => {
  await sell(house.client, { id: 'bolt' }, { id: 'bolts', charges: [charge('b')] })
  await runMonth(house, SEPTEMBER)
  const { asOfBatch } = (await house.client.invoices.get({ invoiceId: '2026-09.bolt' })).invoice
  await house.client.customers.save({
    id: 'bolt',
    name: 'bolt',
    email: null,
    tenants: ['bolt', 'nobody'],
    stripeCustomerId: null,
    expectedVersion: 1,
  })
  expect((await usesOf('2')).reasons).toEqual([
    `Invoice 202609-bolt (a draft) was computed as of batch ${asOfBatch}, when bolt did not have the tenant nobody. Run September 2026 again, and it is billed.`,
  ])
})

test('a cost entry names its rule, tenant, customer and margin; an unclaimed one says so', async () => {
  await house.take(
    'cost.csv',
    focus([
      { day: '2026-09-05', service: 'EC2', billed: '12.34', app: 'bolt' },
      { day: '2026-09-06', service: 'EC2', billed: '1.66', app: 'bolt' },
      { day: '2026-09-06', service: 'S3', billed: '4', app: 'nobody' },
      { day: '2026-09-06', service: 'S3', billed: '9' },
    ]),
  )
  await claimByApp(house.client)
  await sell(house.client, { id: 'bolt' }, { id: 'bolts', charges: [charge('b')] })
  const usesOfCost = async (amount: string) => house.client.explain.uses({ seq: await seqOf(amount, 'cost') })
  expect(await usesOfCost('12.34')).toMatchObject({
    sentences: [
      expect.stringMatching(/^The rule By app gives it to tenant bolt \(.*tag "app" is present.*\)\.$/),
      'It is part of the direct cost and the margin of bolt in September 2026.',
    ],
    cost: { tenant: 'bolt', customerId: 'bolt', month: '2026-09', directCost: '14', currency: 'USD' },
    lines: [],
    reasons: ['Invoices bill usage, not cost: a cost entry is on no invoice.'],
  })
  expect((await usesOfCost('4')).sentences.at(-1)).toBe(
    'No customer has the tenant nobody: it is part of the direct cost of September 2026, and of no customer’s margin.',
  )
  expect((await usesOfCost('9')).sentences).toEqual([
    'No rule claims it: it is part of the unattributed cost of September 2026.',
  ])
})

test('explain by id says the same as text', async () => {
  await sellAcme()
  await runMonth(house, SEPTEMBER)
  const seq = await seqOf('5')
  const { text } = await house.client.explain.byId({ id: `u${seq}` })
  const { asOfBatch } = (await house.client.invoices.get({ invoiceId: '2026-09.acme' })).invoice
  expect(text).toContain(
    `It counts in calls of tenant acme-eu, customer acme, on 2026-09-10, in September 2026.\n  In 2026-09.acme/1 (acme, a draft, as of batch ${asOfBatch}): base, 12, 12.00 USD. Its quantity is part of the line’s.`,
  )
  await expect(house.client.explain.uses({ seq: 999_999 })).rejects.toThrow(
    'There is no usage or cost entry 999999.',
  )
})

test('revenue is explained by its customers and lines, rated or invoiced; a day of cost by its entries', async () => {
  await sellAcme()
  await sell(house.client, { id: 'bolt' }, { id: 'bolts', charges: [charge('b')] })
  const rated = await house.client.explain.revenue({ month: SEPTEMBER, customerId: 'acme' })
  expect(rated.customers).toEqual([
    { customerId: 'acme', name: 'acme', total: '1000', invoiceId: null, state: 'rated now, no invoice yet' },
  ])
  await runMonth(house, SEPTEMBER)
  const all = await house.client.explain.revenue({ month: SEPTEMBER })
  expect(all).toMatchObject({ title: 'Revenue · September 2026', total: '1024', lines: [], asOfBatch: null })
  expect(all.customers.map(({ invoiceId, total, state }) => [invoiceId, total, state])).toEqual([
    ['2026-09.acme', '1000', 'draft'],
    ['2026-09.bolt', '24', 'draft'],
  ])
  const one = await house.client.explain.revenue({ month: SEPTEMBER, customerId: 'acme' })
  expect(one).toMatchObject({ title: 'acme · September 2026', total: '1000' })
  const { invoice } = await house.client.invoices.get({ invoiceId: '2026-09.acme' })
  expect(one.lines).toEqual(
    invoice.lines.map((line) => ({ invoiceId: '2026-09.acme', number: invoice.number, line })),
  )
  expect(await house.client.explain.revenue({ month: '2019-01' as Month })).toMatchObject({
    total: null,
    customers: [],
  })

  await house.take(
    'cost.csv',
    focus([
      { day: '2026-09-05', service: 'EC2', billed: '3' },
      { day: '2026-09-05', service: 'S3', billed: '4' },
      { day: '2026-09-06', service: 'EC2', billed: '5' },
    ]),
  )
  const scope = { day: '2026-09-05', filters: [{ field: 'service', values: ['EC2'] }] }
  expect(await house.client.explain.cost(scope)).toMatchObject({
    title: 'EC2 · 2026-09-05',
    billed: '3',
    contracted: null,
    contractedUnknown: 1,
    entries: 1,
  })
  const { records } = await house.client.explain.costRecords({ scope })
  expect(records.map(({ billed }) => billed)).toEqual(['3'])
})
