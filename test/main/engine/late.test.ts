/** Usage that comes after its month was closed. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Aggregation, Metric } from '../../../src/domain/metric.ts'
import type { Month } from '../../../src/domain/period.ts'
import type { Charge } from '../../../src/domain/pricing/ratecard.ts'
import {
  claimByApp,
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

const SEPTEMBER = '2026-09' as Month
const OCTOBER = '2026-10' as Month

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
const charge = (name: string): Charge => ({
  kind: 'per_unit',
  id: name,
  name,
  metric: name,
  unitAmount: '1' as never,
  per: '1' as never,
})

/** Each metric's quantities: September's, October's own, and what comes late for September. */
const ON_TIME: EventRow[] = [
  ['s1', 'calls', 'acme', '2026-09-10T00:00:00Z', '100'],
  ['s2', 'peak', 'acme', '2026-09-10T00:00:00Z', '40'],
  ['s3', 'seats', 'acme', '2026-09-10T00:00:00Z', '7'],
  ['s4', 'users', 'acme', '2026-09-10T00:00:00Z', '1', { user: 'ann' }],
  ['o1', 'calls', 'acme', '2026-10-10T00:00:00Z', '10'],
  ['o2', 'peak', 'acme', '2026-10-10T00:00:00Z', '4'],
  ['o3', 'seats', 'acme', '2026-10-10T00:00:00Z', '3'],
  ['o4', 'users', 'acme', '2026-10-10T00:00:00Z', '1', { user: 'ann' }],
]
const LATE: EventRow[] = [
  ['l1', 'calls', 'acme', '2026-09-30T23:59:59.999Z', '55'],
  ['l2', 'peak', 'acme', '2026-09-20T00:00:00Z', '999'],
  ['l3', 'seats', 'acme', '2026-09-30T00:00:00Z', '888'],
  ['l4', 'users', 'acme', '2026-09-20T00:00:00Z', '1', { user: 'bob' }],
]

let house: House
beforeEach(async () => {
  house = await openHouse()
  await house.take('on-time.jsonl', events(ON_TIME), { metrics: METRICS })
  await house.take('cost.csv', focus([{ day: '2026-09-05', service: 'EC2', billed: '12.34', app: 'acme' }]))
  await claimByApp(house.client)
  await sell(
    house.client,
    { id: 'acme' },
    { id: 'list', charges: METRICS.map(({ metric: name }) => charge(name)) },
  )
})
afterEach(() => house.close())

test('it counts in the next open month where it can be added up, and nowhere else; the closed month stays', async () => {
  await runMonth(house, SEPTEMBER)
  const { version } = await house.client.invoices.get({ invoiceId: '2026-09.acme' })
  await house.client.invoices.approve({ invoices: [{ invoiceId: '2026-09.acme', expectedVersion: version }] })
  await house.client.reconcile.close({ month: SEPTEMBER, reason: 'delivered by hand' })
  const figures = async () => {
    // What a later answer rests on is another batch; the figures are the same.
    const { asOf: _asOf, ...margin } = await house.client.cost.margin({ month: SEPTEMBER })
    return {
      lines: await linesOf(house.client, '2026-09.acme'),
      margin,
      overview: (await house.client.cost.overview({ month: SEPTEMBER })).trend,
    }
  }
  const closed = await figures()
  expect(closed.lines).toEqual(['calls 100 100', 'peak 40 40', 'seats 7 7', 'users 1 1'])
  expect(closed.margin.rows[0]).toMatchObject({ revenue: '148', directCost: '12.34', margin: '135.66' })

  expect(await house.take('late.jsonl', events(LATE))).toMatchObject({
    added: 4,
    late: 4,
    sentence:
      'late.jsonl: 4 rows read, 4 rows added. 4 entries of closed months counted as adjustments in the next open one.',
  })

  expect(await figures()).toEqual(closed)
  await expect(runMonth(house, SEPTEMBER)).rejects.toThrow(
    'September 2026 is closed; its invoices stand. What came later counts in the next open month.',
  )
  await runMonth(house, OCTOBER)
  expect(await linesOf(house.client, '2026-10.acme')).toEqual([
    'calls 65 65',
    'peak 4 4',
    'seats 3 3',
    'users 1 1',
  ])
  const state = await house.client.reconcile.month({ month: SEPTEMBER })
  expect(state.adjustments).toEqual({ usageEvents: 4, costEntries: 0, billed: '0', postedTo: '2026-10' })
  expect((await house.client.reconcile.month({ month: OCTOBER })).adjustments.usageEvents).toBe(0)
})

test('before the close it counts in its own month, and drafts made before say so', async () => {
  await runMonth(house, SEPTEMBER)
  expect((await house.client.invoices.get({ invoiceId: '2026-09.acme' })).staleness).toBeNull()
  expect(await house.take('late.jsonl', events(LATE))).toMatchObject({ added: 4, late: 0 })
  expect((await house.client.invoices.get({ invoiceId: '2026-09.acme' })).staleness).toBe(
    'Usage, prices or rules changed after this draft was made: it would now be 2,044.00 USD (+1,896.00). Run the month again.',
  )
  const { checks } = await house.client.reconcile.month({ month: SEPTEMBER })
  expect(checks.find(({ id }) => id === 'invoices_approved_and_delivered')?.sentence).toBe(
    '1 draft to approve; 0 delivered. 1 batch with records of this month came after the invoices were computed: run the month again to renew the drafts.',
  )
  expect((await runMonth(house, SEPTEMBER)).drafts).toBe(1)
  expect(await totalOf(house.client, '2026-09.acme')).toBe('2044')
})

test('a month can’t be closed twice, nor before it is over, nor with open checks and no reason', async () => {
  await expect(house.client.reconcile.close({ month: '2026-11' as Month, reason: 'x' })).rejects.toThrow(
    'November 2026 is not over yet; it can be closed from 2026-12-01. Nothing was changed.',
  )
  await expect(house.client.reconcile.close({ month: SEPTEMBER, reason: ' ' })).rejects.toThrow(
    /^September 2026 was not closed\. 2 checks open: Sources complete, Invoices approved and delivered\./,
  )
  await house.client.reconcile.close({ month: SEPTEMBER, reason: 'agreed' })
  await expect(house.client.reconcile.close({ month: SEPTEMBER, reason: 'x' })).rejects.toThrow(
    'September 2026 is closed already. Nothing was changed.',
  )
  const state = await house.client.reconcile.month({ month: SEPTEMBER })
  expect(state).toMatchObject({ closed: true, closedBy: 'Ada', reason: 'agreed', mayClose: false })
})

test('the close keeps its checks and the calendar marks what came after the invoices, once it is closed', async () => {
  await runMonth(house, SEPTEMBER)
  const stateOn = async (day: string) =>
    (await house.client.sources.arrivals({ month: SEPTEMBER })).sources
      .find(({ kind }) => kind === 'usage')
      ?.days.find((each) => each.day === day)?.state
  expect(await stateOn('2026-09-10')).toBe('arrived')
  expect(await stateOn('2026-09-20')).toBe('missing')
  const { checks } = await house.client.reconcile.close({ month: SEPTEMBER, reason: 'agreed' })
  await house.take('late.jsonl', events(LATE))
  await house.take(
    'broken.jsonl',
    `${events([['b1', 'calls', 'acme', '2026-10-11T00:00:00Z', '1']])}\nno event\n`,
  )
  expect(await stateOn('2026-09-10')).toBe('arrived')
  expect(await stateOn('2026-09-20')).toBe('late')
  expect((await house.client.reconcile.month({ month: SEPTEMBER })).checks).toEqual(checks)
  const [own, next] = await Promise.all(
    [SEPTEMBER, OCTOBER].map((month) => house.client.cost.overview({ month })),
  )
  expect(own?.needs.map(({ kind }) => kind)).toEqual(['quarantine', 'late_source'])
  expect(next?.needs.map(({ kind }) => kind)).toContain('quarantine')
})

test('a conflict is asked about in the month of the record, until it is closed', async () => {
  await house.take('again.jsonl', events([['s1', 'calls', 'acme', '2026-09-10T00:00:00Z', '999']]))
  const conflictOf = async (month: Month) =>
    (await house.client.cost.overview({ month })).needs
      .filter(({ kind }) => kind === 'conflict')
      .map(({ sentence }) => sentence)
  const answered = async (month: Month) =>
    (await house.client.reconcile.month({ month })).checks.find(({ id }) => id === 'quarantine_answered')
      ?.state
  expect(await conflictOf(SEPTEMBER)).toEqual([
    '1 record of this month came again with other content; what came first is counted.',
  ])
  expect([await conflictOf(OCTOBER), await answered(OCTOBER)]).toEqual([[], 'passed'])
  expect(await answered(SEPTEMBER)).toBe('open')
  await house.client.reconcile.close({ month: SEPTEMBER, reason: 'the first is right' })
  expect(await conflictOf(SEPTEMBER)).toEqual([])
})
