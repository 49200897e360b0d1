/** A draft card over real usage, against figures a bookkeeper can check. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { DecimalText } from '../../../src/domain/decimal.ts'
import type { Month } from '../../../src/domain/period.ts'
import type { Charge } from '../../../src/domain/pricing/ratecard.ts'
import { events, focus, type House, openHouse, runMonth, sell } from './house.ts'

const perCall = (unitAmount: string): Charge => ({
  kind: 'per_unit',
  id: 'calls',
  name: 'Calls',
  metric: 'calls',
  unitAmount: unitAmount as DecimalText,
  per: '1' as DecimalText,
})
const draft = (charges: Charge[], more: object = {}) => ({
  id: 'list',
  name: 'list',
  currency: 'USD',
  effectiveFrom: '2026-12-01',
  charges,
  ...more,
})

let house: House
beforeAll(async () => {
  house = await openHouse({ now: '2026-11-10T12:00:00Z' })
  await house.take(
    'usage.jsonl',
    events([
      ['1', 'calls', 'acme', '2026-09-10T00:00:00Z', '100'],
      ['2', 'calls', 'acme', '2026-10-10T00:00:00Z', '200'],
      ['3', 'calls', 'bolt', '2026-10-10T00:00:00Z', '1000'],
      ['4', 'calls', 'cato', '2026-10-10T00:00:00Z', '50'],
      ['5', 'calls', 'acme', '2026-11-02T00:00:00Z', '9999'],
    ]),
  )
  await sell(
    house.client,
    { id: 'acme' },
    { id: 'list', charges: [perCall('0.10')] },
    { discountPercent: '10' },
  )
  await sell(house.client, { id: 'bolt' }, { id: 'list', charges: [] }, { monthlyCommitment: '150' })
  await sell(house.client, { id: 'cato' }, { id: 'other', charges: [perCall('1')] })
  // A price change in October is no part of what the draft changes: both sides have one price in all months.
  await house.client.rateCards.save({
    ...draft([perCall('0.20')], { effectiveFrom: '2026-10-01' }),
    expectedVersion: 1,
  })
  await runMonth(house, '2026-10')
})
afterAll(() => house.close())

test('customers of the card at the draft’s price, with their own terms; nothing is kept', async () => {
  const before = (await house.client.rateCards.get({ rateCardId: 'list' })).asOf
  const found = await house.client.rateCards.simulate(draft([perCall('0.25')]))
  expect(found.months).toEqual(['2026-09', '2026-10'])
  expect(
    found.customers.map(({ customerId, before: was, after, change, percent }) => [
      customerId,
      was,
      after,
      change,
      percent,
    ]),
  ).toEqual([
    // September: nothing used, 150 of commitment on both sides. October: 200 and 250.
    ['bolt', '350', '400', '50', '14.3'],
    // 300 calls less 10 %.
    ['acme', '54', '67.5', '13.5', '25'],
  ])
  expect(found.totals).toMatchObject([{ before: '404', after: '467.5', change: '63.5', more: 2, less: 0 }])
  const after = await house.client.rateCards.get({ rateCardId: 'list' })
  expect([after.version, after.asOf, found.asOf]).toEqual([2, before, before])
})

test('the card as it is changes nothing for anybody', async () => {
  const found = await house.client.rateCards.simulate(draft([perCall('0.20')]))
  expect(found.customers.map(({ change }) => change)).toEqual(['0', '0'])
  expect(found.buckets.filter(({ customers }) => customers > 0)).toEqual([
    { key: 'unchanged', words: 'the same', customers: 2 },
  ])
})

test('all customers, of other cards too, and a range of months', async () => {
  const found = await house.client.rateCards.simulate(
    draft([perCall('0.25')], { customers: 'all', from: '2026-10', to: '2026-10' }),
  )
  expect(found.customers.map(({ customerId, before, after }) => [customerId, before, after])).toEqual([
    ['bolt', '200', '250'],
    ['cato', '50', '12.5'],
    ['acme', '36', '45'],
  ])
})

test('what the draft cannot price is named and counts on neither side', async () => {
  const matrix: Charge = {
    kind: 'dynamic',
    id: 'calls',
    name: 'Calls',
    metric: 'calls',
    dimension: 'price',
    carries: 'unit_price',
  }
  const found = await house.client.rateCards.simulate(draft([matrix]))
  expect(found.notCompared).toBe(2)
  expect(found.customers.find(({ customerId }) => customerId === 'acme')).toMatchObject({
    months: 0,
    before: null,
    notCompared: [{ side: 'after', months: ['2026-09', '2026-10'] }],
  })
})

test('a draft with faults, and a range without a complete month, are refused', async () => {
  await expect(house.client.rateCards.simulate(draft([perCall('-1')]))).rejects.toThrow(
    'Calls: -1 is negative.',
  )
  await expect(house.client.rateCards.simulate(draft([perCall('1')], { from: '2026-11' }))).rejects.toThrow(
    'The book has no complete month',
  )
})

test('ends where the caller does', async () => {
  const controller = new AbortController()
  controller.abort(new Error('left the page'))
  await expect(
    house.client.rateCards.simulate(draft([perCall('1')]), { signal: controller.signal }),
  ).rejects.toThrow()
})

test('as a job it says how far it is, and comes to the same', async () => {
  const asked = draft([perCall('0.25')])
  const { jobId } = await house.client.rateCards.startSimulation(asked)
  const said: string[] = []
  for await (const job of await house.client.jobs.watch({ jobId })) {
    if (job.state === 'running') said.push(`${job.progress.done}/${job.progress.total} ${job.progress.text}`)
    else
      expect(job).toMatchObject({
        state: 'done',
        title: 'Simulation of list',
        result: { kind: 'simulation', simulation: await house.client.rateCards.simulate(asked) },
      })
  }
  expect(said.at(-1)).toBe('3/4 October 2026 at the draft’s prices')
})

test('a job that is cancelled ends without a result, and a wrong draft starts none', async () => {
  const { jobId } = await house.client.rateCards.startSimulation(draft([perCall('0.25')]))
  await house.client.jobs.cancel({ jobId })
  let state = ''
  for await (const job of await house.client.jobs.watch({ jobId })) state = job.state
  expect(state).toBe('cancelled')
  await expect(house.client.rateCards.startSimulation(draft([perCall('-1')]))).rejects.toThrow(
    'Calls: -1 is negative.',
  )
})

test('a commitment over several months is counted over them on either side', async () => {
  const { client } = house
  await house.take(
    'dune.jsonl',
    events([
      ['6', 'calls', 'dune', '2026-08-10T00:00:00Z', '10'],
      ['7', 'calls', 'dune', '2026-09-10T00:00:00Z', '20'],
      ['8', 'calls', 'dune', '2026-10-10T00:00:00Z', '30'],
    ]),
  )
  await sell(client, { id: 'dune' }, { id: 'quarterly', charges: [perCall('1')] }, { startDay: '2026-08-01' })
  const [held] = (await client.customers.get({ customerId: 'dune' })).contracts
  if (held === undefined) throw new Error('dune has no contract')
  const commitment = {
    id: 'q',
    name: 'Quarter',
    amount: '100' as DecimalText,
    period: 'quarter',
    counts: null,
  } as const
  await client.customers.saveContract({
    ...held.contract,
    commitments: [commitment],
    expectedVersion: held.version,
  })
  const card = { ...draft([perCall('3')]), id: 'quarterly', name: 'quarterly' }
  const [row] = (await client.rateCards.simulate(card)).customers
  // Today 60 and a true-up of 40 in October; with the draft 180, above the commitment.
  expect([row?.before, row?.after, row?.months]).toEqual(['100', '180', 3])
  // Months before the range count towards its commitment too.
  const [october] = (await client.rateCards.simulate({ ...card, from: '2026-10' as Month })).customers
  expect([october?.before, october?.after, october?.months]).toEqual(['70', '90', 1])
})

test('a draft that charges cost marked up bills each month’s cost, though no card in force charges on cost', async () => {
  await house.client.rules.save({
    rules: [
      {
        id: 'app',
        name: 'app',
        conditions: [{ field: 'tag:app', operator: 'present', value: '' }],
        target: { kind: 'value' },
      },
    ],
    expectedVersion: 0,
  })
  await house.take(
    'cost.csv',
    focus([
      { day: '2026-09-06', service: 'EC2', billed: '30', app: 'acme' },
      { day: '2026-10-06', service: 'EC2', billed: '50', app: 'acme' },
    ]),
  )
  const marked: Charge = {
    kind: 'cost_plus',
    id: 'cost',
    name: 'Cost to serve',
    markupPercent: '20' as DecimalText,
    costs: 'direct',
  }
  const found = await house.client.rateCards.simulate(draft([marked], { from: '2026-09' }))
  // 30 and 50 by 1.2, less the contract's 10 %.
  expect(found.customers.find(({ customerId }) => customerId === 'acme')).toMatchObject({
    months: 2,
    after: '86.4',
    notCompared: [],
  })
  // Nothing is attributed to Bolt: its cost is unknown, not nothing.
  const bolt = found.customers.find(({ customerId }) => customerId === 'bolt')
  expect(bolt?.notCompared[0]?.reason).toContain('Cost to serve: the customer’s cost of the month is unknown')
  expect((await house.client.rateCards.get({ rateCardId: 'list' })).version).toBe(2)
})
