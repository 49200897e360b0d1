/** Every report asked, then everything changed, then asked as of before: the same answer, to the last member. */
import ExcelJS from 'exceljs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AllocationPlan } from '../../../src/domain/allocation/plan.ts'
import type { DecimalText } from '../../../src/domain/decimal.ts'
import type { Metric } from '../../../src/domain/metric.ts'
import type { Month } from '../../../src/domain/period.ts'
import type { Charge } from '../../../src/domain/pricing/ratecard.ts'
import { type Client, events, focus, type House, openHouse, runMonth, sell, totalOf } from './house.ts'

const SEPTEMBER = '2026-09' as Month
const OCTOBER = '2026-10' as Month
const MONTHS = { from: SEPTEMBER, to: OCTOBER }
const INVOICE = '2026-10.acme'

/** Berlin is an hour ahead of UTC in November. */
const BEFORE = '2026-11-02T08:40:59Z'
const AFTER = '2026-11-05T10:00:00Z'

const perUnit = (metric: string, unitAmount: string): Charge => ({
  kind: 'per_unit',
  id: metric,
  name: metric,
  metric,
  unitAmount: unitAmount as DecimalText,
  per: '1' as DecimalText,
})
const METRICS: Metric[] = [
  { metric: 'calls', name: 'Calls', unit: 'call', aggregation: 'sum', scale: 0 },
  { metric: 'peak', name: 'Peak', unit: 'unit', aggregation: 'max', scale: 0 },
]
const rule = (tag: string) => ({
  id: `by-${tag}`,
  name: `By ${tag}`,
  conditions: [{ field: `tag:${tag}` as const, operator: 'present' as const, value: '' }],
  target: { kind: 'value' as const },
})
const scenario = {
  name: 'A',
  terms: {
    rateCardId: 'list',
    discountPercent: '10' as DecimalText,
    chargeDiscounts: {},
    monthlyCommitment: null,
    monthlyGrowthPercent: '0' as DecimalText,
    termMonths: 12,
    startDay: '2027-01-01',
  },
}
const plan = (kind: 'evenly' | 'revenue'): AllocationPlan => ({
  from: '2026-09' as Month,
  steps: [{ id: 'rest', name: 'Rest', pool: { takes: 'unattributed', conditions: [] }, key: { kind } }],
})
const USAGE_SCOPE = { metric: 'calls', month: OCTOBER, customerId: 'acme' }
const COST_SCOPE = { month: OCTOBER, filters: [{ field: 'customer', values: ['acme'] }] }

type AsOf = { readonly asOf?: string }

const SIMULATED = {
  id: 'list',
  name: 'List',
  currency: 'USD',
  effectiveFrom: '2026-12-01',
  charges: [perUnit('calls', '3')],
  from: OCTOBER,
  to: OCTOBER,
}

/** Every procedure that takes `asOf`, asked of the book that is made below. */
const REPORTS: Readonly<Record<string, (client: Client, asOf: AsOf) => Promise<unknown>>> = {
  'book.status': async (client, asOf) => {
    const { freshness, months, head, openConflicts, openQuarantine, currentMonth, settings } =
      await client.book.status(asOf)
    return { freshness, months, head, openConflicts, openQuarantine, currentMonth, settings }
  },
  'rules.try': (client, asOf) =>
    client.rules.try({ row: 'ServiceName,Tags\nEC2,"{""app"": ""acme""}"', day: '2026-10-05', ...asOf }),
  'rules.propose': (client, asOf) => client.rules.propose({ month: OCTOBER, ...asOf }),
  'allocation.get': (client, asOf) => client.allocation.get(asOf),
  'allocation.preview': (client, asOf) =>
    client.allocation.preview({ plan: plan('evenly'), month: OCTOBER, ...asOf }),
  'allocation.report': (client, asOf) => client.allocation.report({ month: OCTOBER, ...asOf }),
  'allocation.costToServe': (client, asOf) =>
    client.allocation.costToServe({ metric: 'calls', from: OCTOBER, to: OCTOBER, ...asOf }),
  'sources.list': (client, asOf) => client.sources.list(asOf),
  'sources.arrivals': (client, asOf) => client.sources.arrivals({ month: OCTOBER, ...asOf }),
  'metrics.list': (client, asOf) => client.metrics.list(asOf),
  'usage.query': async (client, asOf) => [
    await client.usage.query({
      metric: 'calls',
      ...MONTHS,
      grain: 'month',
      groupBy: ['customer', 'tenant'],
      filters: [],
      compare: 'previous',
      ...asOf,
    }),
    await client.usage.query({
      metric: 'peak',
      ...MONTHS,
      grain: 'day',
      groupBy: ['dimension:region'],
      filters: [{ field: 'customer', values: ['acme'] }],
      compare: 'none',
      ...asOf,
    }),
  ],
  'usage.dimensions': (client, asOf) => client.usage.dimensions({ metric: 'calls', ...asOf }),
  'cost.query': async (client, asOf) => [
    await client.cost.query({
      ...MONTHS,
      grain: 'month',
      groupBy: ['customer', 'rule'],
      filters: [],
      ...asOf,
    }),
    await client.cost.query({
      ...MONTHS,
      grain: 'day',
      groupBy: ['service', 'tenant'],
      filters: [{ field: 'customer', values: ['acme', null] }],
      ...asOf,
    }),
  ],
  'cost.fields': (client, asOf) => client.cost.fields(asOf),
  'cost.unattributed': (client, asOf) => client.cost.unattributed({ month: OCTOBER, by: 'service', ...asOf }),
  'cost.margin': (client, asOf) => client.cost.margin({ month: OCTOBER, ...asOf }),
  'cost.waterfall': (client, asOf) => client.cost.waterfall({ month: OCTOBER, customerId: 'acme', ...asOf }),
  'cost.overview': (client, asOf) => client.cost.overview({ month: OCTOBER, ...asOf }),
  'rules.get': (client, asOf) => client.rules.get(asOf),
  'rules.preview': (client, asOf) => client.rules.preview({ rules: [rule('team')], month: OCTOBER, ...asOf }),
  'customers.list': (client, asOf) => client.customers.list({ month: OCTOBER, ...asOf }),
  'customers.contractHistory': (client, asOf) =>
    client.customers.contractHistory({ contractId: 'bolt-1', ...asOf }),
  'customers.get': (client, asOf) => client.customers.get({ customerId: 'acme', ...asOf }),
  'customers.tenants': (client, asOf) => client.customers.tenants(asOf),
  'rateCards.list': (client, asOf) => client.rateCards.list(asOf),
  'rates.list': (client, asOf) => client.rates.list(asOf),
  'rates.on': (client, asOf) => client.rates.on({ from: 'EUR', to: 'USD', day: '2026-10-31', ...asOf }),
  'rateCards.get': (client, asOf) => client.rateCards.get({ rateCardId: 'list', ...asOf }),
  'deals.list': (client, asOf) => client.deals.list(asOf),
  'deals.get': (client, asOf) => client.deals.get({ dealId: 'renewal', ...asOf }),
  'deals.baseline': (client, asOf) => client.deals.baseline({ customerId: 'acme', ...asOf }),
  'deals.model': (client, asOf) => client.deals.model({ customerId: 'acme', scenarios: [scenario], ...asOf }),
  'invoices.list': (client, asOf) => client.invoices.list({ month: OCTOBER, ...asOf }),
  'rateCards.simulate': (client, asOf) => client.rateCards.simulate({ ...SIMULATED, ...asOf } as never),
  'rateCards.startSimulation': async (client, asOf) => {
    const { jobId } = await client.rateCards.startSimulation({ ...SIMULATED, ...asOf } as never)
    let result: unknown = null
    for await (const job of await client.jobs.watch({ jobId })) result = job.result
    return result
  },
  'invoices.get': (client, asOf) => client.invoices.get({ invoiceId: INVOICE, ...asOf }),
  'explain.line': (client, asOf) => client.explain.line({ invoiceId: INVOICE, line: 1, ...asOf }),
  'explain.usage': (client, asOf) => client.explain.usage({ ...USAGE_SCOPE, ...asOf }),
  'explain.cost': (client, asOf) => client.explain.cost({ ...COST_SCOPE, ...asOf }),
  'explain.usageRecords': (client, asOf) => client.explain.usageRecords({ scope: USAGE_SCOPE, ...asOf }),
  'explain.costRecords': (client, asOf) => client.explain.costRecords({ scope: COST_SCOPE, ...asOf }),
  'explain.record': async (client, asOf) => {
    const { rows } = await client.ledger.search({ kind: 'usage', ...asOf })
    return client.explain.record({ seq: rows[0]?.seq ?? 0, ...asOf })
  },
  'explain.uses': async (client, asOf) => {
    const { rows } = await client.ledger.search({ kind: 'usage', ...asOf })
    return Promise.all(rows.map(({ seq }) => client.explain.uses({ seq, ...asOf })))
  },
  'explain.revenue': async (client, asOf) => [
    await client.explain.revenue({ month: OCTOBER, ...asOf }),
    await client.explain.revenue({ month: OCTOBER, customerId: 'acme', ...asOf }),
  ],
  'explain.byId': async (client, asOf) => [
    await client.explain.byId({ id: INVOICE, ...asOf }),
    await client.explain.byId({ id: `${INVOICE}/1`, ...asOf }),
  ],
  'reconcile.month': (client, asOf) => client.reconcile.month({ month: OCTOBER, ...asOf }),
  'ledger.search': async (client, asOf) => [
    await client.ledger.search({ kind: 'any', ...asOf }),
    await client.ledger.search({ text: 'calls', ...asOf }),
  ],
  'ledger.history': async (client, asOf) => {
    const rows = await Promise.all(
      (['usage', 'cost'] as const).map((kind) => client.ledger.search({ kind, ...asOf })),
    )
    return Promise.all(
      rows.flatMap((page) => page.rows.map(({ seq }) => client.ledger.history({ seq, ...asOf }))),
    )
  },
  'ledger.asOf': (client, asOf) => client.ledger.asOf(asOf),
  'ledger.batches': (client, asOf) => client.ledger.batches({ limit: 5, ...asOf }),
  'ledger.quarantine': async (client, asOf) => [
    await client.ledger.quarantine({ ...asOf }),
    await client.ledger.quarantine({ state: 'all', ...asOf }),
  ],
  'ledger.conflicts': (client, asOf) => client.ledger.conflicts({ state: 'all', ...asOf }),
}

/** Files have their test below, recomputing an invoice one of its own. */
// The preview and the forecast are of the running month, which the clock of now decides (test/main/engine/preview.test.ts).
const OTHERS = [
  'exports.table',
  'exports.month',
  'invoices.recompute',
  'invoices.preview',
  'invoices.forecast',
]

let house: House
const before = new Map<string, unknown>()
let batchBefore = 0

beforeAll(async () => {
  house = await openHouse({ now: '2026-11-01T09:00:00Z', timeZone: 'Europe/Berlin' })
  const { client } = house
  await house.take(
    'usage.jsonl',
    [
      events([
        ['1', 'calls', 'acme', '2026-10-05T00:00:00Z', '100', { region: 'eu' }],
        ['2', 'calls', 'acme-2', '2026-10-06T00:00:00Z', '40', { region: 'us' }],
        ['3', 'peak', 'acme', '2026-10-06T00:00:00Z', '7', { region: 'eu' }],
        ['4', 'calls', 'bolt', '2026-10-07T00:00:00Z', '11'],
        ['5', 'calls', 'acme', '2026-09-07T00:00:00Z', '9'],
      ]),
      // One that is refused, and one whose id comes again with another quantity.
      events([['6', 'calls', 'acme', 'yesterday', '1']]),
      events([['1', 'calls', 'acme', '2026-10-05T00:00:00Z', '101']]),
    ].join('\n'),
    { metrics: METRICS },
  )
  house.clock.set('2026-11-01T10:00:00Z')
  await house.take(
    'cost.csv',
    focus([
      { day: '2026-10-05', service: 'EC2', billed: '30.21', app: 'acme', resource: 'i-1' },
      { day: '2026-10-06', service: 'S3', billed: '4.5', app: 'bolt' },
      { day: '2026-10-07', service: 'EC2', billed: '2' },
      { day: '2026-09-05', service: 'EC2', billed: '8', app: 'acme' },
    ]),
  )
  await client.rules.save({ rules: [rule('app')], expectedVersion: 0 })
  await client.allocation.save({ plan: plan('evenly'), expectedVersion: 0 })
  const card = { id: 'list', charges: [perUnit('calls', '0.5'), perUnit('peak', '3')] }
  await sell(client, { id: 'acme', tenants: ['acme', 'acme-2'] }, card)
  await sell(client, { id: 'bolt' }, card, { discountPercent: '5' })
  house.clock.set(BEFORE)
  await runMonth(house, OCTOBER)
  const { version } = await client.invoices.get({ invoiceId: INVOICE })
  await client.invoices.approve({ invoices: [{ invoiceId: INVOICE, expectedVersion: version }] })
  await client.deals.save({
    id: 'renewal',
    name: 'Renewal',
    customerId: 'acme',
    scenarios: [scenario],
    chosen: 0,
    note: '',
    expectedVersion: 0,
  })
  for (const [name, ask] of Object.entries(REPORTS)) before.set(name, await ask(client, {}))
  batchBefore = (await client.book.status()).head.batchId

  house.clock.set(AFTER)
  await client.allocation.save({ plan: plan('revenue'), expectedVersion: 1 })
  await house.take(
    'late.jsonl',
    events([
      ['21', 'calls', 'acme', '2026-10-30T00:00:00Z', '1000', { region: 'apac', zone: 'a' }],
      ['22', 'peak', 'acme', '2026-10-30T00:00:00Z', '99', { region: 'apac' }],
      ['23', 'disk', 'acme', '2026-10-30T00:00:00Z', '1.25'],
      ['24', 'calls', 'new-tenant', '2026-10-30T00:00:00Z', '5'],
      ['25', 'calls', 'acme', 'tomorrow', '1'],
    ]),
    { source: 'late' },
  )
  await house.take('conflict.jsonl', events([['2', 'calls', 'acme-2', '2026-10-06T00:00:00Z', '41']]))
  // The bill is delivered anew: a charge is dearer, one is gone, one is new and carries another tag.
  await house.take(
    'cost-again.csv',
    focus([
      { day: '2026-10-05', service: 'EC2', billed: '33.00', app: 'acme', resource: 'i-1' },
      { day: '2026-10-06', service: 'RDS', billed: '50', app: 'acme' },
      { day: '2026-09-05', service: 'EC2', billed: '8.01', app: 'acme' },
    ]).replace('{""app""', '{""team"": ""x"", ""app""'),
  )
  await client.rules.save({ rules: [rule('nothing'), rule('team')], expectedVersion: 1 })
  await client.metrics.save({
    metric: 'peak',
    definition: { metric: 'peak', name: 'Peak, summed', unit: 'unit', aggregation: 'sum', scale: 2 },
    expectedVersion: 1,
  })
  await client.rateCards.save({
    id: 'list',
    name: 'List, dearer',
    currency: 'USD',
    effectiveFrom: '2026-10-01',
    charges: [perUnit('calls', '9')],
    expectedVersion: 1,
  })
  await client.rates.enter({ from: 'EUR', to: 'USD', day: '2026-10-01', rate: '1.1' as DecimalText })
  // A tenant moves from one customer to another, and the customer gets another name.
  await client.customers.save({
    id: 'acme',
    name: 'Acme, renamed',
    email: null,
    tenants: ['acme'],
    stripeCustomerId: null,
    expectedVersion: 1,
  })
  await client.customers.save({
    id: 'bolt',
    name: 'bolt',
    email: null,
    tenants: ['bolt', 'acme-2'],
    stripeCustomerId: null,
    expectedVersion: 1,
  })
  await client.customers.saveContract({
    id: 'bolt-1',
    customerId: 'bolt',
    rateCardId: 'list',
    startDay: '2020-01-01',
    endDay: null,
    discountPercent: '50' as DecimalText,
    chargeDiscounts: {},
    monthlyCommitment: '1000' as DecimalText,
    expectedVersion: 1,
  })
  const deal = await client.deals.get({ dealId: 'renewal' })
  await client.deals.approve({ dealId: 'renewal', expectedVersion: deal.version, reason: 'strategic' })
  const { settings, settingsVersion } = await client.book.status()
  if (settings === null) throw new Error('the book has settings')
  await client.book.saveSettings({
    settings: { ...settings, marginFloorPercent: '90' as DecimalText, name: 'Renamed' },
    expectedVersion: settingsVersion,
  })
  const { rows } = await client.ledger.quarantine({})
  await client.ledger.dismiss({ seqs: rows.map(({ seq }) => seq), note: 'test data' })
  await runMonth(house, OCTOBER)
  await client.reconcile.setBillTotal({
    month: OCTOBER,
    provider: 'AWS',
    billingAccount: '1',
    currency: 'USD',
    total: '83' as DecimalText,
    expectedVersion: 0,
  })
  await client.reconcile.close({ month: SEPTEMBER, reason: 'no invoices' })
  await client.reconcile.close({ month: OCTOBER, reason: 'delivered by hand' })
  await house.take('later.jsonl', events([['31', 'calls', 'acme', '2026-10-31T00:00:00Z', '3']]))
}, 120_000)
afterAll(() => house.close())

describe('a report as of before everything changed', () => {
  test.each(Object.keys(REPORTS))('%s', async (name) => {
    const ask = REPORTS[name]
    if (ask === undefined) throw new Error(name)
    const then = before.get(name)
    expect(await ask(house.client, { asOf: String(batchBefore) })).toEqual(then)
    expect(await ask(house.client, { asOf: '2026-11-02T09:40:59+01:00' })).toEqual(then)
    // What did not change would prove nothing.
    expect(await ask(house.client, {})).not.toEqual(then)
  })

  test('none is missing here', async () => {
    const { contract } = await import('../../../src/contract/contract.ts')
    const takes = Object.entries(contract).flatMap(([area, procedures]) =>
      Object.entries(procedures).flatMap(([name, procedure]) => {
        const schema = procedure['~orpc'].inputSchema
        return schema !== undefined && JSON.stringify(schema).includes('"asOf"') ? [`${area}.${name}`] : []
      }),
    )
    expect(takes.sort()).toEqual([...Object.keys(REPORTS), ...OTHERS].sort())
  })
})

describe('the moment asked', () => {
  const batchOf = async (asOf: string) => (await house.client.ledger.asOf({ asOf })).batchId

  test('is a batch, a day to its end, a minute to its end, or an instant', async () => {
    const all = (await house.client.ledger.batches({ limit: 500 })).rows
    const last = (iso: string) =>
      Math.max(...all.filter(({ recordedMs }) => recordedMs <= Date.parse(iso)).map(({ batchId }) => batchId))
    expect([batchBefore, last(BEFORE)]).toEqual([last(BEFORE), batchBefore])
    const table: readonly (readonly [asked: string, batchId: number])[] = [
      ['3', 3],
      ['batch 3', 3],
      ['b3', 3],
      [' Batch 3 ', 3],
      // The book's zone is Berlin: its day ends an hour before UTC's.
      ['2026-11-01', last('2026-11-01T22:59:59.999Z')],
      ['2026-11-02', batchBefore],
      ['2026-11-04', batchBefore],
      ['2026-11-05', all[0]?.batchId ?? 0],
      ['2026-11-02T09:39', last('2026-11-02T08:39:59.999Z')],
      ['2026-11-02T09:40', batchBefore],
      ['2026-11-02 09:40', batchBefore],
      ['2026-11-02T09:40:58.999', last('2026-11-02T08:40:58.999Z')],
      ['2026-11-02T09:40:59', batchBefore],
      ['2026-11-02T08:40:59Z', batchBefore],
      ['2026-11-02T08:40:58Z', last('2026-11-02T08:40:58Z')],
      ['2026-11-02T03:40:59-05:00', batchBefore],
    ]
    const found = await Promise.all(table.map(async ([asked]) => [asked, await batchOf(asked)]))
    expect(found).toEqual(table)
  })

  test('is named in the answer with its time and hash', async () => {
    const [batch] = (await house.client.ledger.batches({ limit: 1, asOf: '3' })).rows
    expect(batch?.batchId).toBe(3)
    const { asOf } = await house.client.cost.margin({ month: OCTOBER, asOf: '3' })
    expect(asOf).toEqual({ batchId: 3, recordedMs: batch?.recordedMs, hash: batch?.hash })
    expect((await house.client.book.status({ asOf: '3' })).head).toMatchObject(asOf)
  })

  test.each<readonly [asked: string, words: string]>([
    [
      'yesterday',
      '“yesterday” is no moment to ask as of. Write a day (2026-11-02), a time (2026-11-02T09:00:00+01:00) or a batch (812).',
    ],
    ['2026-02-30', '“2026-02-30” is no moment to ask as of.'],
    ['0', '“0” is no moment to ask as of.'],
    ['-3', '“-3” is no moment to ask as of.'],
    ['', '“” is no moment to ask as of.'],
    ['2026-11-06', '2026-11-06 lies in the future: nothing is known of it yet. Ask as of now, or earlier.'],
    ['2026-11-05T11:01', '2026-11-05T11:01 lies in the future'],
    [
      '2026-10-31',
      '2026-10-31 is before the book began: its first batch was recorded on 2026-11-01 09:00 UTC. Ask as of then, or later.',
    ],
    ['9999', 'There is no batch 9999; the last one is '],
  ])('%s is refused', async (asOf, words) => {
    await expect(house.client.cost.overview({ month: OCTOBER, asOf })).rejects.toThrow(words)
  })

  test('an entry or batch that came later is not there', async () => {
    const asOf = String(batchBefore)
    const [later] = (await house.client.ledger.search({ kind: 'usage', limit: 1 })).rows
    await expect(house.client.explain.record({ seq: later?.seq ?? 0, asOf })).rejects.toThrow(
      `There is no usage or cost entry ${later?.seq}.`,
    )
    await expect(house.client.explain.byId({ id: `b${batchBefore + 1}`, asOf })).rejects.toThrow(
      `There is no batch ${batchBefore + 1}.`,
    )
    await expect(house.client.customers.get({ customerId: 'acme', asOf: '1' })).rejects.toThrow(
      'There is no customer acme.',
    )
  })

  test('goes into the names of files, and the workbook is that of then', async () => {
    const workbook = await house.client.exports.month({ month: OCTOBER, asOf: String(batchBefore) })
    expect(workbook.name).toBe(`Test 2026-10 as of 2026-11-02 batch ${batchBefore}.xlsx`)
    expect((await house.client.exports.month({ month: OCTOBER })).name).toBe('Renamed 2026-10.xlsx')
    const sheet = { title: 'Margin', columns: [{ key: 'a', title: 'A', kind: 'text' as const }], rows: [] }
    const names = await Promise.all(
      [{}, { asOf: '2026-11-02' }].map(
        async (asOf) => (await house.client.exports.table({ sheet, format: 'csv', ...asOf })).name,
      ),
    )
    expect(names).toEqual(['Margin.csv', `Margin as of 2026-11-02 batch ${batchBefore}.csv`])
    const book = new ExcelJS.Workbook()
    await book.xlsx.load(await workbook.arrayBuffer())
    const summary = book.worksheets[0]
    const about = [1, 4, 5].map((row) => String(summary?.getCell(`B${row}`).value))
    const { hash, recordedMs } = await house.client.ledger.asOf({ asOf: String(batchBefore) })
    expect(about).toEqual(['Test', new Date(recordedMs).toISOString(), hash])
    expect(await totalOf(house.client, INVOICE)).toBe('91')
  })
})

test('a book that was rebuilt, or opened again, answers the same as of then', async () => {
  const ask = (client: Client) => client.cost.margin({ month: OCTOBER, asOf: String(batchBefore) })
  expect((await house.job(house.client.book.rebuildCube())).state).toBe('done')
  expect(await ask(house.client)).toEqual(before.get('cost.margin'))
  house = await house.reopen()
  expect(await ask(house.client)).toEqual(before.get('cost.margin'))
})
