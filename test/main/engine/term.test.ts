/** A term of 14 months with commitments, rolled-over units and credits: run, approved, and recomputed as of issue. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sumDecimals } from '../../../src/domain/decimal.ts'
import { addMonths, type Month } from '../../../src/domain/period.ts'
import type { Contract } from '../../../src/domain/pricing/contract.ts'
import type { Charge } from '../../../src/domain/pricing/ratecard.ts'
import { d } from '../../domain/pricing/cards.ts'
import { type EventRow, events, type House, openHouse, runMonth, sell } from './house.ts'

const FIRST = '2025-01' as Month
const MONTHS = Array.from({ length: 14 }, (_, index) => addMonths(FIRST, index))

const CHARGES: readonly Charge[] = [
  {
    kind: 'per_unit',
    id: 'calls',
    name: 'Calls',
    metric: 'calls',
    unitAmount: d('1'),
    per: d('1'),
    included: { quantity: d('100'), per: 'month', rollOver: { months: 2, maximum: null } },
  },
  {
    kind: 'matrix',
    id: 'traffic',
    name: 'Traffic',
    metric: 'traffic',
    dimensions: ['region'],
    cells: [
      { values: ['eu'], price: { kind: 'per_unit', unitAmount: d('2'), per: d('1') } },
      { values: [null], price: { kind: 'per_unit', unitAmount: d('3'), per: d('1') } },
    ],
  },
  {
    kind: 'seat',
    id: 'seats',
    name: 'Seats',
    metric: 'seats',
    unitAmount: d('10'),
    proration: 'none',
    values: 'level',
  },
]
const TERMS = {
  commitments: [{ id: 'q', name: 'Quarterly commitment', amount: d('600'), period: 'quarter', counts: null }],
  credits: [
    {
      id: 'welcome',
      name: 'Welcome credit',
      amount: d('500'),
      priority: 1,
      fromDay: '2025-01-01',
      expiresDay: '2025-07-01',
      scope: null,
      costBasis: d('250'),
    },
  ],
  tax: { kind: 'external', name: 'VAT', percent: d('20') },
} satisfies Partial<Contract>

/** 50, 150, 250, 50, … calls; 10 GB in the EU and 5 elsewhere; seats that change in the first month and the fifth only. */
const USAGE: readonly EventRow[] = MONTHS.flatMap((month, index): EventRow[] => [
  [`c${index}`, 'calls', 'acme', `${month}-10T00:00:00Z`, String(50 + 100 * (index % 3))],
  [`t${index}`, 'traffic', 'acme', `${month}-11T00:00:00Z`, '10', { region: 'eu' }],
  [`u${index}`, 'traffic', 'acme', `${month}-12T00:00:00Z`, '5', { region: 'us' }],
  ...(index === 0 || index === 4
    ? [[`s${index}`, 'seats', 'acme', `${month}-01T00:00:00Z`, index === 0 ? '4' : '6'] as EventRow]
    : []),
])

let house: House
const approve = async (month: Month) => {
  const { rows } = await house.client.invoices.list({ month })
  const drafts = rows.filter(({ state }) => state === 'draft')
  const answer = await house.client.invoices.approve({
    invoices: drafts.map(({ id, version }) => ({ invoiceId: id, expectedVersion: version })),
  })
  expect(answer).toEqual({ approved: drafts.length, refused: [] })
}
const invoice = async (month: Month) =>
  (await house.client.invoices.get({ invoiceId: `${month}.acme` })).invoice

beforeAll(async () => {
  house = await openHouse({ now: '2026-03-10T09:00:00Z' })
  const metric = (name: string, aggregation: 'sum' | 'last') =>
    ({ metric: name, name, unit: 'unit', aggregation, scale: 0 }) as const
  await house.take('usage.jsonl', events(USAGE), {
    metrics: [metric('calls', 'sum'), metric('traffic', 'sum'), metric('seats', 'last')],
  })
  await sell(
    house.client,
    { id: 'acme' },
    { id: 'list', charges: CHARGES },
    { startDay: '2025-01-01', endDay: '2026-03-01' },
  )
  const { contracts } = await house.client.customers.get({ customerId: 'acme' })
  const [stored] = contracts
  if (stored === undefined) throw new Error('no contract')
  await house.client.customers.saveContract({ ...stored.contract, ...TERMS, expectedVersion: stored.version })
})
afterAll(() => house.close())

test('the term is billed month by month', async () => {
  for (const month of MONTHS) {
    // The fourth and the fifth month are never run before the sixth: they are rated to get there.
    if (month === MONTHS[3] || month === MONTHS[4]) continue
    await runMonth(house, month)
    await approve(month)
  }
  const [january, february, march] = await Promise.all(MONTHS.slice(0, 3).map(invoice))
  // 50 of 100 included, 50 roll over; 10 × 2 + 5 × 3; 4 seats × 10.
  expect(january?.lines.map(({ description, amount }) => [description, amount])).toEqual([
    ['Calls', '0'],
    ['Traffic', '35'],
    ['Seats', '40'],
  ])
  // 150 of 150: all that rolled over.
  expect(february?.lines.map(({ amount }) => amount)).toEqual(['0', '35', '40'])
  // 250 − 100, and what the quarter lacks of 600: 75 + 75 + 225.
  expect(march?.lines.map(({ amount }) => amount)).toEqual(['150', '35', '40', '225'])
  expect([january, february, march].map((each) => [each?.total, each?.due])).toEqual([
    ['75', '0'],
    ['75', '0'],
    ['450', '220'],
  ])
  // 50, 150, 250 again, by 6 seats from the fifth month on: 75 + 95 + 245 = 415.
  const june = await invoice(MONTHS[5] as Month)
  expect(june.lines.map(({ amount }) => amount)).toEqual(['150', '35', '60', '185'])
  // The contract's last two months of a quarter: 400 is due of 600.
  const last = await invoice(MONTHS[13] as Month)
  expect(last.lines.map(({ amount }) => amount)).toEqual(['0', '35', '60', '210'])
})

test('what is drawn is what was granted', async () => {
  const drawn: string[] = []
  for (const month of MONTHS.slice(0, 3))
    for (const line of (await invoice(month)).settlement ?? [])
      if (line.kind === 'credit') drawn.push(line.amount)
  expect(sumDecimals(drawn as never)).toBe('-500')
  expect((await invoice(MONTHS[2] as Month)).balances?.[0]?.credits).toEqual([
    { grantId: 'welcome', amount: '500', left: '0' },
  ])
})

test('every invoice comes to the same as of its issue, balances among them', async () => {
  for (const month of MONTHS) {
    if (month === MONTHS[3] || month === MONTHS[4]) continue
    const result = await house.client.invoices.recompute({ invoiceId: `${month}.acme` })
    expect([month, result.equal, result.sentence.split(',')[0]]).toEqual([
      month,
      true,
      `Recomputed as of its issue (batch ${result.issuedAsOfBatch})`,
    ])
  }
})

test('a run again changes nothing', async () => {
  const again = await runMonth(house, MONTHS[13] as Month)
  expect([again.drafts, again.kept]).toEqual([0, 1])
})

test('each version of the contract says what it changed', async () => {
  const { versions } = await house.client.customers.contractHistory({ contractId: 'acme-1' })
  expect(versions.map(({ version, author, changes }) => [version, author, changes.length])).toEqual([
    [1, 'Ada', 0],
    [2, 'Ada', 3],
  ])
  expect(versions[1]?.changes.join('. ')).toMatch(/Quarterly commitment.*Welcome credit.*VAT/)
})

test('revenue is net: tax and credits are not in it', async () => {
  const { rows } = await house.client.invoices.list({ month: MONTHS[2] as Month })
  expect(rows.map(({ total, due }) => [total, due])).toEqual([['450', '220']])
})

test('a second contract in the month has an invoice of its own; one that prices the same usage is refused', async () => {
  const month = MONTHS[3] as Month
  const own = {
    id: 'acme-support',
    customerId: 'acme',
    rateCardId: 'support',
    startDay: '2025-01-01',
    endDay: null,
    discountPercent: d('0'),
    chargeDiscounts: {},
    monthlyCommitment: null,
    expectedVersion: 0,
  }
  await house.client.rateCards.save({
    id: 'support',
    name: 'Support',
    currency: 'USD',
    effectiveFrom: '2020-01-01',
    charges: [{ kind: 'flat_fee', id: 'support', name: 'Support', amount: d('99') }],
    expectedVersion: 0,
  })
  await expect(
    house.client.customers.saveContract({ ...own, id: 'acme-twice', rateCardId: 'list' }),
  ).rejects.toThrow('both price calls (Calls, Calls): it would be billed twice. Nothing was saved')
  await house.client.customers.saveContract(own)
  await runMonth(house, month)
  const { rows, total } = await house.client.invoices.list({ month })
  expect(rows.map((row) => [row.id, row.total]).sort()).toEqual([
    [`${month}.acme.acme-1`, '75'],
    [`${month}.acme.acme-support`, '99'],
  ])
  expect(total).toBe('174')
  const page = await house.client.customers.get({ customerId: 'acme' })
  expect(page.months.find((each) => each.month === month)?.revenue ?? null).toBe(
    page.months.some((each) => each.month === month) ? '174' : null,
  )
  // An approved month stays one invoice; the new contract comes beside it.
  await runMonth(house, MONTHS[5] as Month)
  const june = await house.client.invoices.list({ month: MONTHS[5] as Month })
  expect(june.rows.map((row) => [row.id, row.state]).sort()).toEqual([
    [`${MONTHS[5]}.acme`, 'approved'],
    [`${MONTHS[5]}.acme.acme-support`, 'draft'],
  ])
})

test('invoices issued elsewhere are kept whole or not at all, open the next month, and are never rated', async () => {
  const { client } = house
  await sell(client, { id: 'bolt' }, { id: 'list', charges: CHARGES }, { startDay: '2025-11-01' })
  const { contracts } = await client.customers.get({ customerId: 'bolt' })
  const [stored] = contracts
  if (stored === undefined) throw new Error('no contract')
  await client.customers.saveContract({ ...stored.contract, ...TERMS, expectedVersion: stored.version })
  const past = (month: string, total: string, more: object = {}) => ({
    number: `OLD-${month}`,
    customerId: 'bolt',
    month: month as Month,
    currency: 'USD',
    lines: [{ description: 'Usage', amount: d('100') }],
    total: d(total),
    ...more,
  })
  await expect(
    client.invoices.importPast({
      from: 'old.json',
      invoices: [past('2025-11', '100'), past('2025-10', '99')],
    }),
  ).rejects.toThrow(
    'Row 2, total: OLD-2025-10: its total is 99.00, its lines add up to 100.00. And 1 more. Nothing was imported.',
  )
  expect(
    (await client.invoices.list({ month: '2025-11' as Month })).rows.map(({ customerId }) => customerId),
  ).not.toContain('bolt')
  const balances = {
    commitments: [{ id: 'q', periodStart: '2025-11' as Month, counted: d('550') }],
    credits: [{ grantId: 'welcome', amount: d('500'), left: d('0') }],
  }
  const answer = await client.invoices.importPast({
    from: 'old.json',
    invoices: [past('2025-11', '100'), past('2025-12', '100', { balances })],
  })
  expect(answer.imported).toBe(2)
  await expect(
    client.invoices.importPast({ from: 'old.json', invoices: [past('2025-12', '100')] }),
  ).rejects.toThrow('Row 1, number: OLD-2025-12: there is an invoice of this number already.')
  await runMonth(house, '2025-12' as Month)
  await runMonth(house, '2026-01' as Month)
  const ofBolt = async (month: string) =>
    (await client.invoices.list({ month: month as Month })).rows.filter(
      ({ customerId }) => customerId === 'bolt',
    )
  expect((await ofBolt('2025-12')).map(({ number, imported, total }) => [number, imported, total])).toEqual([
    ['OLD-2025-12', true, '100'],
  ])
  // 600 a quarter from November on: 550 counted, nothing used in January.
  const [january] = await ofBolt('2026-01')
  expect([january?.imported, january?.total]).toEqual([false, '50'])
  const [imported] = await ofBolt('2025-12')
  await expect(client.invoices.recompute({ invoiceId: imported?.id ?? '' })).rejects.toThrow('never rated')
})
