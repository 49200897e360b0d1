/** Invoices against a simple-minded rater that reads the raw events again and computes in plain BigInt. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { negateDecimal, sumDecimals } from '../../../src/domain/decimal.ts'
import type { Aggregation, Metric } from '../../../src/domain/metric.ts'
import type { Month } from '../../../src/domain/period.ts'
import type { Charge } from '../../../src/domain/pricing/ratecard.ts'
import {
  type EventRow,
  events,
  focus,
  type House,
  linesOf,
  openHouse,
  runMonth,
  sell,
  totalOf,
} from './house.ts'

const MARCH = '2026-03' as Month
const TENANTS = ['acme-eu', 'acme-us', 'bolt', 'cato', 'dune']
/** Berlin's March of 2026 begins on Feb 28 at 23:00 UTC and, by daylight saving, ends on Mar 31 at 22:00 UTC. */
const START = Date.parse('2026-02-28T23:00:00Z')
const PRICE_CHANGE = Date.parse('2026-03-15T23:00:00Z')
const MID_MONTH = Date.parse('2026-03-09T23:00:00Z')
const END = Date.parse('2026-03-31T22:00:00Z')

const METRICS: readonly Metric[] = (
  [
    ['calls', 'sum', 0],
    ['hours', 'sum', 3],
    ['peak', 'max', 3],
    ['seats', 'last', 0],
    ['users', 'unique_count', 0],
  ] as const
).map(([metric, aggregation, scale]) => ({
  metric,
  name: metric,
  unit: 'unit',
  aggregation: aggregation as Aggregation,
  scale,
  ...(metric === 'users' ? { uniqueBy: 'user' } : {}),
}))

interface Raw {
  readonly metric: string
  readonly tenant: string
  readonly ms: number
  /** In thousandths. */
  readonly milli: bigint
  readonly user: string
}

/** Events from a day before the month to a day after it, and the four instants on its very edges. */
const raws: readonly Raw[] = (() => {
  const list: Raw[] = []
  let state = 12_345
  const random = (below: number) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    return Math.floor((state / 2 ** 31) * below)
  }
  const add = (ms: number) => {
    const metric = METRICS[list.length % METRICS.length]?.metric ?? ''
    const isFine = metric === 'hours' || metric === 'peak'
    list.push({
      metric,
      tenant: TENANTS[random(TENANTS.length)] ?? '',
      ms,
      milli: isFine ? BigInt(random(99_999)) : BigInt(random(5_000)) * 1000n,
      user: `u${random(40)}`,
    })
  }
  for (let i = 0; i < 4_000; i++) add(START - 86_400_000 + random(END - START + 2 * 86_400_000))
  for (const edge of [START, PRICE_CHANGE, MID_MONTH, END])
    for (const ms of [edge - 1, edge]) for (let i = 0; i < METRICS.length * 3; i++) add(ms)
  return list
})()

const text = (milli: bigint): string => `${milli / 1000n}.${(milli % 1000n).toString().padStart(3, '0')}`
const rows = raws.map(
  ({ metric, tenant, ms, milli, user }, index): EventRow => [
    `e${index}`,
    metric,
    tenant,
    new Date(ms).toISOString(),
    metric === 'hours' || metric === 'peak' ? text(milli) : String(milli / 1000n),
    { user },
  ],
)

/** The oracle's quantity in thousandths: per tenant by the metric's way, added up over the tenants. */
const quantity = (metric: string, tenants: readonly string[], fromMs: number, toMs: number): bigint => {
  let total = 0n
  for (const tenant of tenants) {
    const own = raws.filter(
      (raw) => raw.metric === metric && raw.tenant === tenant && raw.ms >= fromMs && raw.ms < toMs,
    )
    if (own.length === 0) continue
    if (metric === 'peak') total += own.reduce((most, { milli }) => (milli > most ? milli : most), 0n)
    // Of two at one instant the later of the file is the last.
    else if (metric === 'seats') total += own.reduce((last, raw) => (raw.ms >= last.ms ? raw : last)).milli
    else if (metric === 'users') total += BigInt(new Set(own.map(({ user }) => user)).size) * 1000n
    else total += own.reduce((sum, { milli }) => sum + milli, 0n)
  }
  return total
}

/** Half-even division of integers. */
const divide = (dividend: bigint, divisor: bigint): bigint => {
  const [quotient, rest] = [dividend / divisor, dividend % divisor]
  const twice = rest * 2n
  return twice > divisor || (twice === divisor && quotient % 2n === 1n) ? quotient + 1n : quotient
}
const cents = (amount: bigint): string => {
  const digits = amount.toString().padStart(3, '0')
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`.replace(/\.?0+$/, '')
}
const shown = (milli: bigint): string => text(milli).replace(/\.?0+$/, '')

const flat = (amount: string): Charge => ({
  kind: 'flat_fee',
  id: 'fee',
  name: 'Fee',
  amount: amount as never,
})
const perUnit = (metric: string, unitAmount: string, per = '1'): Charge => ({
  kind: 'per_unit',
  id: metric,
  name: metric,
  metric,
  unitAmount: unitAmount as never,
  per: per as never,
})
const graduated = (metric: string, tiers: readonly (readonly [string | null, string])[]): Charge => ({
  kind: 'graduated',
  id: metric,
  name: metric,
  metric,
  per: '1' as never,
  tiers: tiers.map(([upTo, unitAmount]) => ({ upTo: upTo as never, unitAmount: unitAmount as never })),
})

let house: House
beforeAll(async () => {
  house = await openHouse({ timeZone: 'Europe/Berlin', currency: 'EUR' })
  const { client } = house
  await house.take('events.jsonl', events(rows), { metrics: [...METRICS] })
  await sell(
    client,
    { id: 'acme', tenants: ['acme-eu', 'acme-us'] },
    { id: 'plain', charges: [flat('99.99'), perUnit('calls', '0.4', '1000'), perUnit('hours', '0.0333')] },
    { discountPercent: '12.5', chargeDiscounts: { hours: '0' } },
  )
  await sell(
    client,
    { id: 'bolt' },
    {
      id: 'tiers',
      charges: [
        graduated('calls', [
          ['1000', '0'],
          ['100000', '0.0013'],
          [null, '0.00071'],
        ]),
      ],
    },
  )
  await client.rateCards.save({
    id: 'tiers',
    name: 'tiers',
    currency: 'EUR',
    effectiveFrom: '2026-03-16',
    charges: [
      graduated('calls', [
        ['1000', '0'],
        ['100000', '0.0017'],
        [null, '0.00099'],
      ]),
    ],
    expectedVersion: 1,
  })
  await sell(
    client,
    { id: 'cato' },
    { id: 'shapes', charges: [perUnit('peak', '0.21'), perUnit('seats', '3'), perUnit('users', '1.5')] },
    { startDay: '2026-03-10', monthlyCommitment: '1000000' },
  )
  await sell(client, { id: 'dune' }, { id: 'fees', charges: [flat('31')] }, { startDay: '2026-03-10' })
})
afterAll(() => house.close())

describe('a month of Berlin', () => {
  test('is run for all customers', async () => {
    const run = await runMonth(house, MARCH)
    expect(run).toMatchObject({ drafts: 4, unchanged: 0, kept: 0, issues: [] })
  })

  test('flat fee, per unit, discount, a customer of two tenants', async () => {
    const tenants = ['acme-eu', 'acme-us']
    const calls = quantity('calls', tenants, START, END)
    const hours = quantity('hours', tenants, START, END)
    // 99.99 less 12.5 %; 0.4 per 1,000 calls less 12.5 %; hours have a discount of their own: none.
    const fee = divide(9_999n * 875n, 1_000n)
    const callsCents = divide(calls * 40n * 875n, 1_000n * 1_000n * 1_000n)
    const hoursCents = divide(hours * 333n, 1_000n * 100n)
    expect(await linesOf(house.client, '2026-03.acme')).toEqual([
      `Fee – ${cents(fee)}`,
      `calls ${shown(calls)} ${cents(callsCents)}`,
      `hours ${shown(hours)} ${cents(hoursCents)}`,
    ])
    expect(await totalOf(house.client, '2026-03.acme')).toBe(cents(fee + callsCents + hoursCents))
  })

  test('tiers go on over a change of price in the middle of the month', async () => {
    const first = quantity('calls', ['bolt'], START, PRICE_CHANGE) / 1000n
    const second = quantity('calls', ['bolt'], PRICE_CHANGE, END) / 1000n
    const inTier = (from: bigint, to: bigint, low: bigint, high: bigint) => {
      const [start, end] = [from > low ? from : low, to < high ? to : high]
      return end > start ? end - start : 0n
    }
    const BEYOND = 10n ** 18n
    /** Units from one position to another, at the prices in hundred-thousandths. */
    const price = (from: bigint, to: bigint, middle: bigint, last: bigint) =>
      inTier(from, to, 1_000n, 100_000n) * middle + inTier(from, to, 100_000n, BEYOND) * last
    const exact = price(0n, first, 130n, 71n) + price(first, first + second, 170n, 99n)
    expect(first).toBeGreaterThan(100_000n)
    expect(await linesOf(house.client, '2026-03.bolt')).toEqual([
      `calls ${first + second} ${cents(divide(exact, 1_000n))}`,
    ])
  })

  test('a contract that begins on the 10th: greatest, last and distinct of its days; the commitment prorated', async () => {
    const of = (metric: string) => quantity(metric, ['cato'], MID_MONTH, END)
    const [peak, seats, users] = [of('peak'), of('seats'), of('users')]
    const lines = [
      divide(peak * 21n, 1_000n),
      divide(seats * 300n, 1_000n),
      divide(users * 150n, 1_000n),
    ] as const
    const net = lines[0] + lines[1] + lines[2]
    // 22 of 31 days of 1,000,000.00.
    const due = divide(100_000_000n * 22n, 31n)
    expect(await linesOf(house.client, '2026-03.cato')).toEqual([
      `peak ${shown(peak)} ${cents(lines[0])}`,
      `seats ${shown(seats)} ${cents(lines[1])}`,
      `users ${shown(users)} ${cents(lines[2])}`,
      `True-up to the monthly commitment – ${cents(due - net)}`,
    ])
    expect(await totalOf(house.client, '2026-03.cato')).toBe(cents(due))
    expect(await linesOf(house.client, '2026-03.dune')).toEqual(['Fee – 22'])
  })

  test('explains the quantity of a line by days, tenants and batches that add up to it', async () => {
    const {
      line,
      usage,
      text: words,
      formula,
    } = await house.client.explain.line({ invoiceId: '2026-03.acme', line: 2 })
    const add = (texts: readonly string[]) => texts.reduce((sum, each) => sum + BigInt(each), 0n).toString()
    expect(usage?.total).toBe(line.quantity)
    expect(add(usage?.days.map((day) => day.quantity) ?? [])).toBe(line.quantity)
    expect(add(usage?.tenants.map((tenant) => tenant.quantity) ?? [])).toBe(line.quantity)
    expect(add(usage?.batches.map((batch) => batch.quantity) ?? [])).toBe(line.quantity)
    expect(usage?.days).toHaveLength(31)
    expect(words).toContain(`= ${line.amount}`)
    expect(formula).toMatch(/^=ROUND\(.+,2\)$/)
  })
})

describe('a rerun', () => {
  test('of a month in which nothing changed renews nothing, though other batches came', async () => {
    await house.client.book.saveAuthor({ author: 'Grace' })
    expect(await runMonth(house, MARCH)).toMatchObject({ drafts: 0, unchanged: 4, kept: 0 })
  })

  test('renews the drafts that changed and leaves the approved ones alone', async () => {
    const { client } = house
    const before = await totalOf(client, '2026-03.acme')
    const { version } = await client.invoices.get({ invoiceId: '2026-03.acme' })
    expect(
      await client.invoices.approve({
        invoices: [
          { invoiceId: '2026-03.acme', expectedVersion: version },
          { invoiceId: '2026-03.bolt', expectedVersion: 99 },
        ],
      }),
    ).toEqual({
      approved: 1,
      refused: [
        { invoiceId: '2026-03.bolt', message: '202603-bolt was changed meanwhile; look at it again.' },
      ],
    })
    await house.take(
      'more.jsonl',
      events([
        ['m1', 'calls', 'acme-eu', '2026-03-31T21:59:59.999Z', '1000000'],
        ['m2', 'calls', 'bolt', '2026-03-31T21:59:59.999Z', '1000000'],
        ['m3', 'calls', 'bolt', '2026-03-31T22:00:00Z', '1000000'],
      ]),
    )
    expect(await runMonth(house, MARCH)).toMatchObject({ drafts: 1, unchanged: 2, kept: 1 })
    expect(await totalOf(client, '2026-03.acme')).toBe(before)
    const { invoice, staleness } = await client.invoices.get({ invoiceId: '2026-03.acme' })
    expect(invoice).toMatchObject({ state: 'approved', approvedBy: 'Grace' })
    expect(staleness).toMatch(
      /^This invoice stands as it was computed, because it is approved\. What came late is billed as an adjustment: 1,000,000 units of calls on the invoice of April 2026\.$/,
    )
    expect((await client.invoices.get({ invoiceId: '2026-03.bolt' })).invoice.lines[0]?.quantity).toBe(
      (quantity('calls', ['bolt'], START, END) / 1000n + 1_000_000n).toString(),
    )
  })

  test('voids the draft of a customer that no rate card is left for', async () => {
    const { client } = house
    const contract = (await client.customers.get({ customerId: 'dune' })).contracts[0]
    const total = (await client.invoices.list({ month: MARCH })).total
    await client.customers.saveContract({
      ...(contract?.contract as NonNullable<typeof contract>['contract']),
      startDay: '2026-05-01',
      expectedVersion: contract?.version ?? 0,
    })
    const run = await runMonth(house, MARCH)
    expect(run.sentence).toContain('1 without a rate card any more and voided')
    const list = await client.invoices.list({ month: MARCH })
    expect(sumDecimals([total, negateDecimal(list.total)])).toBe('22')
    expect(list.rows.map(({ customerId }) => customerId).sort()).toEqual(['acme', 'bolt', 'cato'])
    expect(list.customersWithoutInvoice).toEqual([
      {
        customerId: 'dune',
        name: 'dune',
        reason: 'No rate card is assigned for this month. Assign one on the customer’s page.',
      },
    ])
  })
})

test('an invoice that is not what the customer owes can’t be approved', async () => {
  const { client } = house
  await sell(client, { id: 'early' }, { id: 'later', effectiveFrom: '2026-03-20', charges: [flat('10')] })
  await runMonth(house, MARCH)
  const { invoice, version } = await client.invoices.get({ invoiceId: '2026-03.early' })
  expect(invoice.total).toBe('3.87')
  expect(
    await client.invoices.approve({ invoices: [{ invoiceId: invoice.id, expectedVersion: version }] }),
  ).toEqual({
    approved: 0,
    refused: [
      {
        invoiceId: '2026-03.early',
        message:
          '202603-early is not what the customer owes: Rate card later has no version in effect on 1–19 March 2026: those days are not billed. Add a version that takes effect by then, or let the contract start later.',
      },
    ],
  })
})

test('asked as of a batch, a month gives the same cent after events, prices, rules and customers changed', async () => {
  const asked = await openHouse({ now: '2026-11-10T12:00:00Z' })
  const { client } = asked
  try {
    const OCTOBER = '2026-10' as Month
    const rule = (tag: string) => ({
      id: 'r',
      name: 'r',
      conditions: [{ field: `tag:${tag}` as const, operator: 'present' as const, value: '' }],
      target: { kind: 'value' as const },
    })
    await asked.take('a.jsonl', events([['1', 'calls', 'acme', '2026-10-05T00:00:00Z', '100']]))
    await asked.take('a.csv', focus([{ day: '2026-10-05', service: 'EC2', billed: '3.21', app: 'acme' }]))
    await client.rules.save({ rules: [rule('app')], expectedVersion: 0 })
    await sell(client, { id: 'acme' }, { id: 'list', charges: [perUnit('calls', '0.5')] })
    const { head } = await client.book.status()
    const then = await client.cost.margin({ month: OCTOBER })
    expect(then.rows[0]).toMatchObject({ revenue: '50', directCost: '3.21', margin: '46.79' })

    await asked.take('b.jsonl', events([['2', 'calls', 'acme', '2026-10-06T00:00:00Z', '11']]))
    await asked.take('b.csv', focus([{ day: '2026-10-06', service: 'EC2', billed: '100', app: 'acme' }]))
    await client.rateCards.save({
      id: 'list',
      name: 'list',
      currency: 'USD',
      effectiveFrom: '2026-10-01',
      charges: [perUnit('calls', '9')],
      expectedVersion: 1,
    })
    await client.rules.save({ rules: [rule('nothing')], expectedVersion: 1 })
    await client.customers.save({
      id: 'acme',
      name: 'Acme',
      email: null,
      tenants: ['somebody-else'],
      stripeCustomerId: null,
      expectedVersion: 1,
    })
    await runMonth(asked, OCTOBER)
    const now = await client.cost.margin({ month: OCTOBER })
    expect(now.equation).toMatchObject({ bill: '100', direct: '0', unattributed: '100', holds: true })

    expect(await client.cost.margin({ month: OCTOBER, asOf: String(head.batchId) })).toEqual(then)
  } finally {
    await asked.close()
  }
})
