/** Usage that comes after its month's invoice was approved, whether or not the month is closed: billed once, later. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { sumDecimals } from '../../../src/domain/decimal.ts'
import type { Metric } from '../../../src/domain/metric.ts'
import type { Month } from '../../../src/domain/period.ts'
import type { Charge } from '../../../src/domain/pricing/ratecard.ts'
import { type EventRow, events, type House, linesOf, openHouse, runMonth, sell, totalOf } from './house.ts'

const SEPTEMBER = '2026-09' as Month
const OCTOBER = '2026-10' as Month
const NOVEMBER = '2026-11' as Month

const METRICS: Metric[] = [
  { metric: 'calls', name: 'Calls', unit: 'call', aggregation: 'sum', scale: 0 },
  { metric: 'peak', name: 'Peak', unit: 'connection', aggregation: 'max', scale: 0 },
]
const CHARGES: Charge[] = ['calls', 'peak'].map((metric) => ({
  kind: 'per_unit',
  id: metric,
  name: metric,
  metric,
  unitAmount: '0.5' as never,
  per: '1' as never,
}))

let house: House
let files = 0
/** Calls of acme on a day, each file another. */
const calls = (day: string, quantity: string, tenant = 'acme') => {
  files++
  return house.take(
    `calls-${files}.jsonl`,
    events([[`id-${files}`, 'calls', tenant, `${day}T12:00:00Z`, quantity]]),
  )
}
const approve = async (invoiceId: string) => {
  const { version } = await house.client.invoices.get({ invoiceId })
  return house.client.invoices.approve({ invoices: [{ invoiceId, expectedVersion: version }] })
}
const settle = async (month: Month, customer = 'acme') => {
  await runMonth(house, month)
  expect(await approve(`${month}.${customer}`)).toEqual({ approved: 1, refused: [] })
}
const close = (month: Month) => house.client.reconcile.close({ month, reason: 'agreed' })
const stale = async (invoiceId: string) => (await house.client.invoices.get({ invoiceId })).staleness
/** Units of calls on all of a customer's invoices. */
const billed = async (customer = 'acme') => {
  const { rows } = await house.client.invoices.list({})
  const invoices = await Promise.all(
    rows
      .filter(({ customerId }) => customerId === customer)
      .map(({ id }) => house.client.invoices.get({ invoiceId: id })),
  )
  return sumDecimals(
    invoices.flatMap(({ invoice }) =>
      invoice.lines.flatMap((line) =>
        line.metric === 'calls' && line.quantity !== undefined ? [line.quantity] : [],
      ),
    ),
  )
}
/** Every invoice comes to the same when it is rated again from what it was computed from. */
const recomputes = async () => {
  for (const { id } of (await house.client.invoices.list({})).rows)
    expect(await house.client.invoices.recompute({ invoiceId: id })).toMatchObject({
      invoiceId: id,
      equal: true,
    })
}

const ON_TIME: EventRow[] = [
  ['s1', 'calls', 'acme', '2026-09-10T00:00:00Z', '100'],
  ['s2', 'peak', 'acme', '2026-09-10T00:00:00Z', '40'],
  ['o1', 'calls', 'acme', '2026-10-10T00:00:00Z', '10'],
  ['o2', 'peak', 'acme', '2026-10-10T00:00:00Z', '4'],
]

beforeEach(async () => {
  files = 0
  house = await openHouse({ now: '2026-12-10T12:00:00Z' })
  await house.take('on-time.jsonl', events(ON_TIME), { metrics: METRICS })
  await sell(house.client, { id: 'acme' }, { id: 'list', charges: CHARGES })
})
afterEach(() => house.close())

describe('usage after approval is an adjustment of the next open month', () => {
  test('in an open month that is closed afterwards', async () => {
    await settle(SEPTEMBER)
    expect(await calls('2026-09-30', '55')).toMatchObject({ added: 1, late: 0 })
    await close(SEPTEMBER)
    expect(await calls('2026-09-29', '7')).toMatchObject({ added: 1, late: 1 })
    await runMonth(house, OCTOBER)

    expect(await linesOf(house.client, '2026-09.acme')).toEqual(['calls 100 50', 'peak 40 20'])
    expect(await linesOf(house.client, '2026-10.acme')).toEqual(['calls 72 36', 'peak 4 2'])
    expect(await billed()).toBe('172')
    const { invoice } = await house.client.invoices.get({ invoiceId: '2026-10.acme' })
    expect(invoice.late).toMatchObject([
      { month: SEPTEMBER, tenant: 'acme', metric: 'calls', quantity: '55' },
    ])
    expect(invoice.issues.map(({ message }) => message)).toContain(
      '55 calls of September 2026 came after that month’s invoice was made; they are billed here as an adjustment.',
    )
    await recomputes()
  })

  test('in a month that stays open, and late twice', async () => {
    await settle(SEPTEMBER)
    await calls('2026-09-30', '55')
    await settle(OCTOBER)
    await calls('2026-09-20', '3')
    await calls('2026-10-20', '4')
    await runMonth(house, NOVEMBER)
    expect(await linesOf(house.client, '2026-10.acme')).toEqual(['calls 65 32.5', 'peak 4 2'])
    expect(await linesOf(house.client, '2026-11.acme')).toEqual(['calls 7 3.5', 'peak 0 0'])
    expect(await billed()).toBe('172')
    await recomputes()
    // Once more, and nothing changes.
    expect(await runMonth(house, NOVEMBER)).toMatchObject({ drafts: 0, unchanged: 1 })
    expect(await runMonth(house, OCTOBER)).toMatchObject({ drafts: 0, kept: 1 })
  })

  test('as a credit where a record is reversed, and where a newer value for its id comes', async () => {
    await settle(SEPTEMBER)
    const { rows } = await house.client.ledger.search({ text: '100', kind: 'usage' })
    await house.client.ledger.reverse({ seq: rows[0]?.seq ?? 0, reason: 'wrong' })
    await settle(OCTOBER)
    expect(await linesOf(house.client, '2026-10.acme')).toEqual(['calls -90 -45', 'peak 4 2'])
    await house.take('mended.jsonl', events([['o1', 'calls', 'acme', '2026-10-10T00:00:00Z', '12']]), {
      sameId: 'restate',
    })
    await runMonth(house, NOVEMBER)
    expect(await linesOf(house.client, '2026-11.acme')).toEqual(['calls 2 1', 'peak 0 0'])
    expect(await billed()).toBe('12')
  })

  test('a draft is renewed instead, and a void invoice is made anew', async () => {
    await runMonth(house, SEPTEMBER)
    await calls('2026-09-30', '55')
    await runMonth(house, OCTOBER)
    expect(await linesOf(house.client, '2026-10.acme')).toEqual(['calls 10 5', 'peak 4 2'])
    const beginOn = async (startDay: string, expectedVersion: number) => {
      const [found] = (await house.client.customers.get({ customerId: 'acme' })).contracts
      if (found === undefined) throw new Error('acme has a contract')
      await house.client.customers.saveContract({ ...found.contract, startDay, expectedVersion })
    }
    await beginOn('2026-10-01', 1)
    await runMonth(house, SEPTEMBER)
    expect((await house.client.invoices.get({ invoiceId: '2026-09.acme' })).invoice.state).toBe('void')
    await runMonth(house, OCTOBER)
    expect(await linesOf(house.client, '2026-10.acme')).toEqual(['calls 10 5', 'peak 4 2'])
    await beginOn('2026-09-01', 2)
    await settle(SEPTEMBER)
    await runMonth(house, OCTOBER)
    expect(await linesOf(house.client, '2026-09.acme')).toEqual(['calls 155 77.5', 'peak 40 20'])
    expect(await billed()).toBe('165')
  })
})
