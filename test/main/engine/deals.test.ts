/** A deal from model to contract to the next invoice. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { DealTerms } from '../../../src/domain/deal/deal.ts'
import type { Month } from '../../../src/domain/period.ts'
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

const months = Array.from({ length: 6 }, (_, i) => `2026-${String(5 + i).padStart(2, '0')}`)

let house: House
beforeAll(async () => {
  house = await openHouse({ now: '2026-11-10T12:00:00Z' })
  const { client } = house
  await house.take(
    'usage.jsonl',
    events(months.map((month): EventRow => [month, 'calls', 'acme', `${month}-15T00:00:00Z`, '1000'])),
  )
  await house.take(
    'cost.csv',
    focus(months.map((month) => ({ day: `${month}-15`, service: 'EC2', billed: '300', app: 'acme' }))),
  )
  await claimByApp(client)
  await sell(
    client,
    { id: 'acme' },
    {
      id: 'list',
      charges: [
        {
          kind: 'per_unit',
          id: 'calls',
          name: 'Calls',
          metric: 'calls',
          unitAmount: '1' as never,
          per: '1' as never,
        },
      ],
    },
  )
})
afterAll(() => house.close())

const terms = (discountPercent: string, change: Partial<DealTerms> = {}): DealTerms => ({
  rateCardId: 'list',
  discountPercent: discountPercent as never,
  chargeDiscounts: {},
  monthlyCommitment: null,
  monthlyGrowthPercent: '0' as never,
  termMonths: 12,
  startDay: '2026-10-01',
  ...change,
})
const save = (id: string, chosen: DealTerms, expectedVersion = 0) =>
  house.client.deals.save({
    id,
    name: id,
    customerId: 'acme',
    scenarios: [{ name: 'Proposed', terms: chosen }],
    chosen: 0,
    note: '',
    expectedVersion,
  })

test('the baseline is what the months were', async () => {
  const baseline = await house.client.deals.baseline({ customerId: 'acme' })
  expect(baseline.currentRateCardId).toBe('list')
  expect(baseline.months).toEqual(
    months.map((month) => ({
      month,
      quantities: { calls: '1000' },
      revenue: '1000',
      cost: '300',
      allocatedCost: null,
    })),
  )
})

test('a model changes nothing and says the margin of the term', async () => {
  const { head } = await house.client.book.status()
  const { scenarios } = await house.client.deals.model({
    customerId: 'acme',
    scenarios: [
      { name: 'A', terms: terms('10') },
      { name: 'B', terms: terms('60') },
    ],
  })
  expect(scenarios).toMatchObject([
    {
      name: 'A',
      totalContractValue: '10800',
      cost: '3600',
      margin: '7200',
      marginPercent: '66.7',
      belowFloor: false,
    },
    {
      name: 'B',
      totalContractValue: '4800',
      cost: '3600',
      margin: '1200',
      marginPercent: '25',
      belowFloor: true,
    },
  ])
  expect(scenarios[0]?.breakEvenDiscountPercent).toBe('70')
  expect((await house.client.book.status()).head).toEqual(head)
})

test('below the floor a deal is approved with a reason alone, and only approved ones are won', async () => {
  const { version } = await save('cheap', terms('60'))
  await expect(
    house.client.deals.close({ dealId: 'cheap', expectedVersion: version, outcome: 'won' }),
  ).rejects.toThrow('cheap is draft; only an approved deal can be won. Nothing was changed.')
  await expect(
    house.client.deals.approve({ dealId: 'cheap', expectedVersion: version, reason: ' ' }),
  ).rejects.toThrow(
    'Proposed has a margin of 25 %, or a year below the floor of 40 %. Give a reason to approve it all the same.',
  )
  const approved = await house.client.deals.approve({
    dealId: 'cheap',
    expectedVersion: version,
    reason: 'a reference customer',
  })
  const { deal } = await house.client.deals.get({ dealId: 'cheap' })
  expect(deal).toMatchObject({ state: 'approved', approvedBy: 'Ada', note: 'Approved: a reference customer' })
  // A change makes it a draft again.
  const changed = await save('cheap', terms('61'), approved.version)
  expect((await house.client.deals.get({ dealId: 'cheap' })).deal.state).toBe('draft')
  await house.client.deals.close({ dealId: 'cheap', expectedVersion: changed.version, outcome: 'lost' })
  await expect(save('cheap', terms('10'), changed.version + 1)).rejects.toThrow(
    'cheap is lost; make a new deal instead. Nothing was saved.',
  )
})

test('a deal that would begin in the middle of a month is refused: a customer has one contract a month', async () => {
  await expect(
    (async () => {
      const { version } = await save('midway', terms('10', { startDay: '2026-10-15' }))
      const approved = await house.client.deals.approve({
        dealId: 'midway',
        expectedVersion: version,
        reason: 'x',
      })
      await house.client.deals.close({ dealId: 'midway', expectedVersion: approved.version, outcome: 'won' })
    })(),
  ).rejects.toThrow(/2026-10-15|one contract a month/)
})

test('a won deal ends the contract before it, and the next run uses it', async () => {
  const { client } = house
  await runMonth(house, '2026-10' as Month)
  expect(await totalOf(client, '2026-10.acme')).toBe('1000')
  const { version } = await save(
    'big',
    terms('10', { chargeDiscounts: { calls: '25' as never }, monthlyCommitment: '800' as never }),
  )
  const approved = await client.deals.approve({ dealId: 'big', expectedVersion: version, reason: '' })
  const won = await client.deals.close({ dealId: 'big', expectedVersion: approved.version, outcome: 'won' })
  expect(won.contractId).toBe('acme-2')
  const { contracts } = await client.customers.get({ customerId: 'acme' })
  expect(contracts.map(({ contract }) => [contract.id, contract.startDay, contract.endDay])).toEqual([
    ['acme-2', '2026-10-01', '2027-10-01'],
    ['acme-1', '2020-01-01', '2026-10-01'],
  ])
  await runMonth(house, '2026-09' as Month)
  await runMonth(house, '2026-10' as Month)
  expect(await linesOf(client, '2026-09.acme')).toEqual(['Calls 1000 1000'])
  expect(await linesOf(client, '2026-10.acme')).toEqual([
    'Calls 1000 750',
    'True-up to the monthly commitment – 50',
  ])
  expect((await client.invoices.get({ invoiceId: '2026-10.acme' })).invoice.contractId).toBe('acme-2')
  // What was won is decided.
  const now = await client.deals.get({ dealId: 'big' })
  expect(now.deal).toMatchObject({ state: 'won', contractId: 'acme-2' })
  await expect(
    client.deals.close({ dealId: 'big', expectedVersion: now.version, outcome: 'lost' }),
  ).rejects.toThrow('big is won already and became a contract. Nothing was changed.')
})

test('a deal within the term of a later contract is refused', async () => {
  const { version } = await save('early', terms('5', { startDay: '2026-06-01', termMonths: 24 }))
  const approved = await house.client.deals.approve({ dealId: 'early', expectedVersion: version, reason: '' })
  await expect(
    house.client.deals.close({ dealId: 'early', expectedVersion: approved.version, outcome: 'won' }),
  ).rejects.toThrow(
    'early would start on 2026-06-01, and contract acme-2 starts on 2026-10-01, within its term. Nothing was changed; end that contract first.',
  )
})
