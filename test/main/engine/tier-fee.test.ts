/** Whether a first tier's flat amount is due at zero: in cards made now, and in those of an earlier build. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { DecimalText } from '../../../src/domain/decimal.ts'
import type { Charge, RateCard } from '../../../src/domain/pricing/ratecard.ts'
import { openSession } from '../../../src/main/engine/session.ts'
import { events, type House, linesOf, openHouse, runMonth, sell, totalOf } from './house.ts'

const decimal = (text: string) => text as DecimalText
const CALLS: Charge = {
  kind: 'graduated',
  id: 'calls',
  name: 'Calls',
  metric: 'calls',
  per: decimal('1'),
  tiers: [
    { upTo: decimal('100'), unitAmount: decimal('0'), flatAmount: decimal('50') },
    { upTo: null, unitAmount: decimal('1') },
  ],
}
const METRICS = [{ metric: 'calls', name: 'Calls', unit: 'call', aggregation: 'sum' as const, scale: 0 }]

let house: House
beforeAll(async () => {
  house = await openHouse({ now: '2026-11-01T09:00:00Z' })
  await house.take('october.jsonl', events([['c1', 'calls', 'used', '2026-10-05T00:00:00Z', '101']]), {
    metrics: METRICS,
  })
  await sell(house.client, { id: 'used' }, { id: 'new', charges: [CALLS] })
  await sell(house.client, { id: 'idle' }, { id: 'new', charges: [CALLS] })
  await sell(house.client, { id: 'old-idle' }, { id: 'old', charges: [CALLS] })
  await house.engine.close()
  // A build of before wrote versions that say nothing of it.
  const session = await openSession({
    directory: house.directory,
    program: 'countinghouse 0.0.0',
    clock: house.clock,
    author: 'Ada',
  })
  const old = session.one('rate_card', 'old')
  if (old === null) throw new Error('there is the old card')
  const content: RateCard = {
    ...old.content,
    versions: old.content.versions.map(({ settings: _, ...version }) => version),
  }
  await session.put('Rate card old', [
    { kind: 'rate_card', id: 'old', content, expectedVersion: old.version },
  ])
  await session.close()
  house = await house.reopen()
  await runMonth(house, '2026-10')
}, 60_000)
afterAll(() => house.close())

test('a card made now says that it is due, and bills it', async () => {
  const { card } = await house.client.rateCards.get({ rateCardId: 'new' })
  expect(card.versions.map(({ settings }) => settings)).toEqual([{ tierFeeAtZero: true }])
  expect(await totalOf(house.client, '2026-10.idle')).toBe('50')
  expect(await linesOf(house.client, '2026-10.used')).toEqual(['Calls 101 51'])
})

test('a card that says nothing bills what it billed, approved invoices come to the same, and its next version says so', async () => {
  const { client } = house
  expect(await totalOf(client, '2026-10.old-idle')).toBe('0')
  const { rows } = await client.invoices.list({ month: '2026-10' as never })
  await client.invoices.approve({
    invoices: rows.map(({ id, version }) => ({ invoiceId: id, expectedVersion: version })),
  })
  const { version } = await client.rateCards.get({ rateCardId: 'old' })
  await client.rateCards.save({
    id: 'old',
    name: 'Old',
    currency: 'USD',
    effectiveFrom: '2026-11-01',
    charges: [CALLS],
    expectedVersion: version,
  })
  const { card } = await client.rateCards.get({ rateCardId: 'old' })
  expect(card.versions.map(({ settings }) => settings)).toEqual([undefined, { tierFeeAtZero: false }])
  expect(await client.invoices.recompute({ invoiceId: '2026-10.old-idle' })).toMatchObject({ equal: true })
  expect(await client.invoices.recompute({ invoiceId: '2026-10.idle' })).toMatchObject({ equal: true })
})
