/** A price over the contract's year, billed from the balances that the invoice before keeps. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { DecimalText } from '../../../src/domain/decimal.ts'
import type { Charge } from '../../../src/domain/pricing/ratecard.ts'
import { events, type House, linesOf, openHouse, runMonth, sell } from './house.ts'

const decimal = (text: string) => text as DecimalText
const CALLS: Charge = {
  kind: 'graduated',
  id: 'calls',
  name: 'Calls',
  metric: 'calls',
  per: decimal('1'),
  tiers: [
    { upTo: decimal('100'), unitAmount: decimal('2') },
    { upTo: null, unitAmount: decimal('1') },
  ],
  window: 'year',
}

let house: House
beforeAll(async () => {
  house = await openHouse({ now: '2026-12-01T09:00:00Z' })
  await house.take(
    'usage.jsonl',
    events([
      ['s', 'calls', 'acme', '2026-09-05T00:00:00Z', '60'],
      ['o', 'calls', 'acme', '2026-10-05T00:00:00Z', '20'],
      ['n', 'calls', 'acme', '2026-11-05T00:00:00Z', '50'],
    ]),
    { metrics: [{ metric: 'calls', name: 'Calls', unit: 'call', aggregation: 'sum', scale: 0 }] },
  )
  await sell(
    house.client,
    { id: 'acme' },
    { id: 'list', charges: [CALLS] },
    { startDay: '2026-09-01', endDay: null },
  )
}, 60_000)
afterAll(() => house.close())

test('months that were never invoiced count, and approved ones hand on what they billed', async () => {
  const { client } = house
  await runMonth(house, '2026-10')
  expect(await linesOf(client, '2026-10.acme')).toEqual(['Calls 20 40'])
  const [october] = (await client.invoices.list({ month: '2026-10' as never })).rows
  await client.invoices.approve({
    invoices: [{ invoiceId: '2026-10.acme', expectedVersion: october?.version ?? 0 }],
  })
  expect((await client.invoices.get({ invoiceId: '2026-10.acme' })).invoice.balances).toMatchObject([
    { windows: [{ chargeId: 'calls', start: '2026-09-01', billed: '80' }] },
  ])
  await runMonth(house, '2026-11')
  expect(await linesOf(client, '2026-11.acme')).toEqual(['Calls 50 70'])
  const recomputed = await client.invoices.recompute({ invoiceId: '2026-10.acme' })
  expect(recomputed).toMatchObject({ equal: true })
})

test('usage that comes late goes on in the tiers of the month that bills it', async () => {
  const { client } = house
  await house.take('late.jsonl', events([['l', 'calls', 'acme', '2026-10-30T00:00:00Z', '10']]))
  await runMonth(house, '2026-11')
  expect(await linesOf(client, '2026-11.acme')).toEqual(['Calls 60 80'])
})
