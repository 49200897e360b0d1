/** Usage that comes after its month's invoice was approved, whether or not the month is closed: billed once, later. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { sumDecimals } from '../../../src/domain/decimal.ts'
import type { Metric } from '../../../src/domain/metric.ts'
import type { Month } from '../../../src/domain/period.ts'
import type { Charge } from '../../../src/domain/pricing/ratecard.ts'
import { type EventRow, events, type House, linesOf, openHouse, runMonth, sell } from './house.ts'

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

describe('the words say what really happens', () => {
  test('of an approved invoice: where each unit is billed, before and after', async () => {
    await settle(SEPTEMBER)
    expect(await stale('2026-09.acme')).toBeNull()
    await calls('2026-09-30', '55')
    expect(await stale('2026-09.acme')).toBe(
      'This invoice stands as it was computed, because it is approved. What came late is billed as an adjustment: 55 calls on the invoice of October 2026.',
    )
    const { checks } = await house.client.reconcile.month({ month: SEPTEMBER })
    expect(checks.find(({ id }) => id === 'invoices_approved_and_delivered')?.sentence).toBe(
      '1 approved to deliver; 0 delivered. 1 batch with records of this month came after the invoices were computed: approved invoices stand, and sums that came late are billed by the customers’ next ones.',
    )
    await runMonth(house, OCTOBER)
    expect(await stale('2026-10.acme')).toBeNull()
    await calls('2026-09-29', '1')
    expect(await stale('2026-10.acme')).toBe(
      'Usage, prices or rules changed after this draft was made: it would now be 35.00 USD (+0.50). Run the month again.',
    )
    await approve('2026-10.acme')
    expect(await stale('2026-09.acme')).toBe(
      'This invoice stands as it was computed, because it is approved. What came late is billed as an adjustment: 55 calls on invoice 202610-acme, 1 call on the invoice of November 2026.',
    )
  })

  test('of what can’t be added to another month, and of prices', async () => {
    await settle(SEPTEMBER)
    await house.take('peak.jsonl', events([['p', 'peak', 'acme', '2026-09-20T00:00:00Z', '999']]))
    expect(await stale('2026-09.acme')).toBe(
      'This invoice stands as it was computed, because it is approved. Peak was 40 and is 999: a maximum can’t be added to another month, so that no invoice bills the difference.',
    )
    const [card] = await house.client.rateCards.list()
    await house.client.rateCards.save({
      id: 'list',
      name: 'list',
      currency: 'USD',
      effectiveFrom: '2026-01-01',
      charges: CHARGES.map((charge) => ({ ...charge, unitAmount: '2' as never }) as Charge),
      expectedVersion: card?.version ?? 0,
    })
    expect(await stale('2026-09.acme')).toContain(
      'Its prices, terms or tenants changed since, too: no invoice bills the difference.',
    )
    await runMonth(house, OCTOBER)
    expect(await linesOf(house.client, '2026-10.acme')).toEqual(['calls 10 20', 'peak 4 8'])
  })

  test('of a line and of a record', async () => {
    await settle(SEPTEMBER)
    await calls('2026-09-30', '55')
    const line = (id: string) => house.client.explain.line({ invoiceId: id, line: 1 })
    expect((await line('2026-09.acme')).lateSince).toBe(
      '55 calls came after this was computed (1 records then, 2 now). What came late is billed as an adjustment: 55 calls on the invoice of October 2026.',
    )
    const { rows } = await house.client.ledger.search({ text: '55', kind: 'usage' })
    const uses = async () => house.client.explain.uses({ seq: rows[0]?.seq ?? 0 })
    const came =
      /^Invoice 202609-acme \(approved\) was computed as of batch \d+, before this record came with batch \d+\. /
    expect((await uses()).reasons.map((reason) => reason.replace(came, ''))).toEqual([
      'It stands; the invoice of October 2026 bills the record as an adjustment.',
    ])
    await settle(OCTOBER)
    const { lines, reasons } = await uses()
    expect(reasons.map((reason) => reason.replace(came, ''))).toEqual([
      'It stands; invoice 202610-acme bills the record as an adjustment.',
    ])
    expect(lines).toMatchObject([
      {
        invoiceId: '2026-10.acme',
        line: 1,
        how: 'counted',
        sentence:
          'It came after the invoice of September 2026 was made, and is part of this line’s quantity as an adjustment.',
      },
    ])
    const { lateIncluded, text } = await line('2026-10.acme')
    expect(lateIncluded).toBe(
      'Its quantity includes what came late, after the invoice of its month was made: 55 calls of September 2026.',
    )
    expect(text).toContain(lateIncluded)
  })
})

test.each([
  ['in an open month the run mends it', false],
  ['in a month that was closed by force the draft alone is renewed', true],
])('two drafts with the same late usage are not both approved: %s', async (_, isClosed) => {
  await sell(
    house.client,
    { id: 'bolt' },
    { id: 'list', charges: CHARGES },
    { startDay: '2026-09-01', endDay: '2026-10-01' },
  )
  await calls('2026-09-01', '20', 'bolt')
  await settle(SEPTEMBER, 'bolt')
  await calls('2026-09-02', '5', 'bolt')
  const contract = (id: string, startDay: string, endDay: string | null) =>
    house.client.customers.saveContract({
      id,
      customerId: 'bolt',
      rateCardId: 'list',
      startDay,
      endDay,
      discountPercent: '0' as never,
      chargeDiscounts: {},
      monthlyCommitment: null,
      expectedVersion: 0,
    })
  expect(await stale('2026-09.bolt')).toContain(
    '5 calls on none yet, because no open month after it has a contract.',
  )
  await contract('bolt-2', '2026-11-01', null)
  await runMonth(house, NOVEMBER)
  await contract('bolt-3', '2026-10-01', '2026-11-01')
  await runMonth(house, OCTOBER)
  expect(await linesOf(house.client, '2026-10.bolt')).toEqual(['calls 5 2.5', 'peak 0 0'])
  const invoices = await Promise.all(
    ['2026-10.bolt', '2026-11.bolt'].map(async (invoiceId) => ({
      invoiceId,
      expectedVersion: (await house.client.invoices.get({ invoiceId })).version,
    })),
  )
  const refusal = {
    invoiceId: '2026-11.bolt',
    message:
      '202611-bolt bills calls that came late for September 2026, and another invoice bills it by now. Run November 2026 again.',
  }
  expect(await house.client.invoices.approve({ invoices })).toEqual({ approved: 1, refused: [refusal] })
  expect((await approve('2026-11.bolt')).refused).toEqual([refusal])
  if (isClosed) {
    await close(NOVEMBER)
    expect((await approve('2026-11.bolt')).refused[0]?.message).toContain('renew this draft alone')
    await house.job(house.client.invoices.run({ month: NOVEMBER, customerIds: ['bolt'] }))
    expect(await linesOf(house.client, '2026-11.bolt')).toEqual(['calls 0 0', 'peak 0 0'])
    expect(await approve('2026-11.bolt')).toEqual({ approved: 1, refused: [] })
    await recomputes()
  } else await settle(NOVEMBER, 'bolt')
  expect(await billed('bolt')).toBe('25')
})

describe('a tenant that moves to another customer while the month is open', () => {
  const customer = async (id: string, tenants: string[]) => {
    const { rows } = await house.client.customers.list({})
    const version = rows.find((row) => row.customer.id === id)?.version ?? 0
    await house.client.customers.save({
      id,
      name: id,
      email: null,
      tenants,
      stripeCustomerId: null,
      expectedVersion: version,
    })
  }
  /** Acme's tenant becomes bolt's, which has one of its own. */
  const move = async () => {
    await customer('acme', [])
    await customer('bolt', ['bolt', 'acme'])
  }
  beforeEach(async () => {
    await calls('2026-09-12', '7', 'bolt')
    await sell(house.client, { id: 'bolt' }, { id: 'list', charges: CHARGES })
  })

  test('is billed to the one whose invoice was approved, and not again', async () => {
    await settle(SEPTEMBER)
    await move()
    await runMonth(house, SEPTEMBER)
    expect(await linesOf(house.client, '2026-09.acme')).toEqual(['calls 100 50', 'peak 40 20'])
    expect(await linesOf(house.client, '2026-09.bolt')).toEqual(['calls 7 3.5', 'peak 0 0'])
    const { invoice } = await house.client.invoices.get({ invoiceId: '2026-09.bolt' })
    expect(invoice.tenantsElsewhere).toEqual(['acme'])
    expect(invoice.issues.map(({ message }) => message)).toContain(
      'The usage of “acme” in September 2026 is on invoice 202609-acme of acme, which is approved, so it isn’t billed here again. What came after that invoice is billed by the next open month, as an adjustment.',
    )
    // Each line is explained by the records that it bills.
    const recordsOf = async (invoiceId: string) =>
      (await house.client.explain.line({ invoiceId, line: 1 })).usage?.tenants.map(
        ({ tenant, quantity }) => `${tenant} ${quantity}`,
      )
    expect([await recordsOf('2026-09.acme'), await recordsOf('2026-09.bolt')]).toEqual([
      ['acme 100'],
      ['bolt 7'],
    ])
    // And so is what is opened from it.
    const opened = async (customerId: string) => {
      const scope = { metric: 'calls', month: SEPTEMBER, customerId, invoiceId: `2026-09.${customerId}` }
      const { records } = await house.client.explain.usageRecords({ scope })
      return [...new Set(records.map(({ tenant }) => tenant))]
    }
    expect([await opened('acme'), await opened('bolt')]).toEqual([['acme'], ['bolt']])
    await calls('2026-09-20', '3')
    await settle(SEPTEMBER, 'bolt')
    await runMonth(house, OCTOBER)
    // The 10 of October, and the 3 that came late.
    expect(await linesOf(house.client, '2026-10.bolt')).toEqual(['calls 13 6.5', 'peak 4 2'])
    expect([await billed('acme'), await billed('bolt')]).toEqual(['100', '20'])
    await recomputes()
  })

  test('a draft from before the move can’t be approved beside the other’s', async () => {
    await runMonth(house, SEPTEMBER)
    await move()
    await settle(SEPTEMBER, 'bolt')
    expect(await linesOf(house.client, '2026-09.bolt')).toEqual(['calls 107 53.5', 'peak 40 20'])
    // A run renewed acme's draft, which has nothing of the tenant any more.
    expect(await linesOf(house.client, '2026-09.acme')).toEqual(['calls 0 0', 'peak 0 0'])
  })

  test('a draft that was not renewed is refused, with the reason', async () => {
    await runMonth(house, SEPTEMBER)
    await move()
    const { jobId } = await house.client.invoices.run({ month: SEPTEMBER, customerIds: ['bolt'] })
    for await (const _ of await house.client.jobs.watch({ jobId }));
    expect(await approve('2026-09.acme')).toEqual({ approved: 1, refused: [] })
    expect(await approve('2026-09.bolt')).toMatchObject({
      approved: 0,
      refused: [
        {
          message:
            '202609-bolt bills the usage of “acme” in September 2026, and so does 202609-acme of acme, which is approved: the tenant moved between the two. Run September 2026 again.',
        },
      ],
    })
    await settle(SEPTEMBER, 'bolt')
    expect([await billed('acme'), await billed('bolt')]).toEqual(['100', '7'])
  })

  test('in a month that was closed by force such a draft is made anew alone, and approved', async () => {
    await runMonth(house, SEPTEMBER)
    await move()
    const renew = async (customer: string) =>
      house.job(house.client.invoices.run({ month: SEPTEMBER, customerIds: [customer] }))
    await renew('bolt')
    // Came after the draft: the next open month bills it.
    await calls('2026-09-25', '20', 'bolt')
    expect(await approve('2026-09.acme')).toEqual({ approved: 1, refused: [] })
    await close(SEPTEMBER)
    await calls('2026-09-26', '2', 'bolt')
    expect((await approve('2026-09.bolt')).refused).toEqual([
      {
        invoiceId: '2026-09.bolt',
        message:
          '202609-bolt bills the usage of “acme” in September 2026, and so does 202609-acme of acme, which is approved: the tenant moved between the two. September 2026 is closed and is not run again: renew this draft alone, on its page. It is made anew from what it was computed from, without that.',
      },
    ])
    const before = await house.client.invoices.get({ invoiceId: '2026-09.bolt' })
    expect([before.mayRenew, before.staleness]).toEqual([
      true,
      expect.stringContaining('renew this draft alone'),
    ])
    const ended = await renew('bolt')
    expect(ended.result).toMatchObject({
      run: { drafts: 1, sentence: expect.stringContaining('September 2026 is closed: 1 draft made anew') },
    })
    const { invoice } = await house.client.invoices.get({ invoiceId: '2026-09.bolt' })
    expect([invoice.number, invoice.asOfBatch, invoice.tenantsElsewhere]).toEqual([
      before.invoice.number,
      before.invoice.asOfBatch,
      ['acme'],
    ])
    expect(await linesOf(house.client, '2026-09.bolt')).toEqual(['calls 7 3.5', 'peak 0 0'])
    expect(await approve('2026-09.bolt')).toEqual({ approved: 1, refused: [] })
    // The month itself stays closed, and nothing else of it is run.
    expect((await renew('bolt')).error?.message).toContain('September 2026 is closed; its invoices stand.')
    expect((await house.client.invoices.get({ invoiceId: '2026-09.bolt' })).mayRenew).toBe(false)
    await runMonth(house, OCTOBER)
    // 10 of October, 20 that came after the draft, 2 after the close.
    expect(await linesOf(house.client, '2026-10.bolt')).toEqual(['calls 32 16', 'peak 4 2'])
    expect([await billed('acme'), await billed('bolt')]).toEqual(['100', '39'])
    await recomputes()
  })

  test('a draft to one address that is made anew knows the late usage that another address bills', async () => {
    await house.client.customers.saveContract({
      id: 'bolt-1',
      customerId: 'bolt',
      rateCardId: 'list',
      startDay: '2026-09-01',
      endDay: null,
      discountPercent: '0' as never,
      chargeDiscounts: {},
      monthlyCommitment: '100' as never,
      billTo: [
        { id: 'office', name: 'Office', chargeIds: ['peak'] },
        { id: 'works', name: 'Works', chargeIds: ['calls'] },
      ],
      expectedVersion: 1,
    })
    const [office, works] = ['2026-10.bolt.bolt-1.office', '2026-10.bolt.bolt-1.works'] as const
    await runMonth(house, SEPTEMBER)
    for (const id of ['2026-09.acme', '2026-09.bolt.bolt-1.office', '2026-09.bolt.bolt-1.works'])
      expect(await approve(id)).toEqual({ approved: 1, refused: [] })
    await calls('2026-09-30', '20', 'bolt')
    await runMonth(house, OCTOBER)
    await customer('acme', [])
    await customer('bolt', ['bolt', 'acme'])
    const renew = () => house.job(house.client.invoices.run({ month: OCTOBER, customerIds: ['bolt'] }))
    await renew()
    expect(await approve('2026-10.acme')).toEqual({ approved: 1, refused: [] })
    await close(OCTOBER)
    await renew()
    expect(await linesOf(house.client, works)).toEqual(['calls 20 10'])
    expect(await linesOf(house.client, office)).toEqual([
      'peak 0 0',
      'True-up to the monthly commitment – 90',
    ])
    await recomputes()
  })
})
