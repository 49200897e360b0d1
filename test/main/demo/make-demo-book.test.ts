import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRouterClient } from '@orpc/server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Job } from '../../../src/contract/book.ts'
import { Decimal } from '../../../src/domain/decimal.ts'
import { type Month, toMonth } from '../../../src/domain/period.ts'
import type { Client } from '../../../src/main/demo/client.ts'
import { isDemoBook, makeDemoBook } from '../../../src/main/demo/make-demo-book.ts'
import { demoBookState } from '../../../src/main/demo/marker.ts'
import { type Engine, startEngine } from '../../../src/main/engine/engine.ts'

const NOW = Date.parse('2026-11-23T12:00:00Z')
const MONTHS = ['2026-03', '2026-04', '2026-05', '2026-06', '2026-07', '2026-08', '2026-09', '2026-10'].map(
  toMonth,
)
const [LAST, APPROVED, LATE] = [toMonth('2026-10'), toMonth('2026-09'), toMonth('2026-07')]

let directory: string
let engine: Engine
let client: Client

const open = async (): Promise<void> => {
  engine = await startEngine({ directory, demo: true, clock: { nowMs: () => NOW }, environment: {} })
  client = createRouterClient(engine.router, { context: { local: true } })
}

const endOf = async (jobId: string): Promise<Job['result']> => {
  let last: Job | null = null
  for await (const job of await client.jobs.watch({ jobId })) last = job
  return last?.result ?? null
}

const marginOf = async (name: string, month: Month) => {
  const { rows } = await client.cost.margin({ month })
  return rows.find((row) => row.name === name) ?? expect.fail(`${name} has no row`)
}

const callsOf = async (customer: string, from: Month, to: Month) => {
  const { totals } = await client.usage.query({
    metric: 'api.calls',
    from,
    to,
    grain: 'month',
    groupBy: [],
    filters: [{ field: 'customer', values: [customer] }],
    compare: 'none',
  })
  return totals
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'countinghouse-demo-'))
  await open()
  const said: string[] = []
  await makeDemoBook(client, {
    directory,
    nowMs: NOW,
    onProgress: (text) => said.push(text),
    size: { months: 8, customers: 12 },
  })
  expect(said).toHaveLength(MONTHS.length + 2)
}, 120_000)

afterAll(async () => {
  await engine.close()
  rmSync(directory, { recursive: true, force: true })
})

describe('the demo book', () => {
  it('spans its months: older ones closed, one approved, the last with drafts', async () => {
    const { months, settings, currentMonth } = await client.book.status()
    expect(settings?.name).toBe('Meridian API (demo)')
    expect(months.map(({ month }) => month)).toEqual(MONTHS)
    expect(months.filter(({ closed }) => closed).map(({ month }) => month)).toEqual(MONTHS.slice(0, 5))
    expect(currentMonth).toBe(LAST)
    const states = async (month: Month) =>
      new Set((await client.invoices.list({ month })).rows.map(({ state }) => state))
    expect(await states(APPROVED)).toEqual(new Set(['approved']))
    expect(await states(LAST)).toEqual(new Set(['draft']))
  })

  it('is a chain without a fault, and the cube has what the ledger has', async () => {
    const result = await endOf((await client.ledger.verify()).jobId)
    expect(result?.kind === 'verify' && [result.verify.ok, result.verify.cubeAgrees]).toEqual([true, true])
  })

  it('holds the equation of the bill, every month', async () => {
    for (const month of MONTHS) expect((await client.cost.margin({ month })).equation.holds).toBe(true)
  })

  it('has bills that equal their typed totals and their files', async () => {
    for (const month of MONTHS.slice(0, 5)) {
      const { bills } = await client.reconcile.month({ month })
      expect(bills.map(({ difference }) => difference)).toEqual(['0', '0'])
      expect(bills.map(({ fileTotal }) => fileTotal)).toEqual(bills.map(({ ledgerBilled }) => ledgerBilled))
    }
  })

  it('keeps what it imported, with a README', () => {
    const files = readdirSync(join(directory, 'demo files'))
    expect(files.sort()).toEqual(['README.md', 'cost', 'usage'])
    expect(readdirSync(join(directory, 'demo files', 'usage'))).toHaveLength(MONTHS.length + 1)
    expect(readdirSync(join(directory, 'demo files', 'cost'))).toHaveLength(2 * MONTHS.length + 1)
  })

  it('adds nothing when a file is imported again', async () => {
    const path = join(directory, 'demo files', 'usage', 'usage 2026-08.jsonl.gz')
    const { fileId } = await client.files.openPath({ path })
    const result = await endOf(
      (await client.imports.start({ fileId, options: { source: 'Meridian metering' } })).jobId,
    )
    expect(result?.kind === 'import' && [result.import.added, result.import.duplicate]).toEqual([
      0,
      result?.kind === 'import' ? result.import.rows : null,
    ])
  })
})

describe('the stories', () => {
  it('1: Globex loses money in every month, and is the second largest by calls', async () => {
    for (const month of MONTHS) expect((await marginOf('Globex', month)).margin).toMatch(/^-/)
    const { rows } = await client.usage.query({
      metric: 'api.calls',
      from: LAST,
      to: LAST,
      grain: 'month',
      groupBy: ['customer'],
      filters: [],
      compare: 'none',
    })
    expect(rows.slice(0, 2).map(({ labels }) => labels[0])).toEqual(['Northwind', 'Globex'])
  })

  it('2: Initech stopped, and is billed its fee only', async () => {
    const [before, left, after] = await callsOf('initech', toMonth('2026-08'), LAST)
    expect(new Decimal(left ?? 0).times(1.8).lt(before ?? 0)).toBe(true)
    expect(after).toBeNull()
    expect((await marginOf('Initech', LAST)).revenue).toBe('500')
  })

  it('3: a week of Northwind came late and counts in the next month', async () => {
    const { adjustments, closed } = await client.reconcile.month({ month: LATE })
    expect(closed).toBe(true)
    expect(adjustments).toMatchObject({ usageEvents: 112, costEntries: 0, postedTo: '2026-08' })
    expect(await client.ledger.conflicts({})).toHaveLength(1)
    const { batches } = await client.explain.usage({
      metric: 'api.calls',
      month: toMonth('2026-08'),
      customerId: 'northwind',
    })
    expect(batches.map(({ title, events }) => [title, events])).toContainEqual([
      'usage 2026-07 late week of northwind-eu.jsonl.gz',
      84,
    ])
  })

  it('4: one day of September was restated: rows vanished, others are new', async () => {
    const { rows } = await client.ledger.batches({ limit: 500 })
    const second =
      rows.find(({ title }) => title === 'aws 2026-09 second delivery.csv') ?? expect.fail('no batch')
    const { rows: entries } = await client.ledger.search({
      batchId: second.batchId,
      kind: 'cost',
      limit: 500,
    })
    // Of 22 machines 4 were withdrawn, 7 cost less and one is new; support, credit and tax follow.
    const reversals = entries.filter(({ correction }) => correction !== null)
    expect([reversals.length, entries.length - reversals.length]).toEqual([4 + 7 + 3, 7 + 1 + 3])
    const { bills } = await client.reconcile.month({ month: APPROVED })
    expect(bills.map(({ difference }) => difference)).toEqual(['0', '0'])
  })

  it('5: DynamoDB without tags lifts unattributed above the limit for two months', async () => {
    const shares = await Promise.all(
      MONTHS.map(async (month) => {
        const { equation } = await client.cost.margin({ month })
        return new Decimal(equation.unattributed).div(equation.bill).times(100).toNumber()
      }),
    )
    expect(shares.map((share) => (share > 6 && share < 9 ? 'gap' : share < 2 ? 'ordinary' : share))).toEqual([
      ...Array(2).fill('ordinary'),
      ...Array(2).fill('gap'),
      ...Array(4).fill('ordinary'),
    ])
    const { contributors } = await client.cost.unattributed({ month: toMonth('2026-06'), by: 'service' })
    expect(contributors[0]?.key).toBe('Amazon DynamoDB')
  })

  it('6: prices change on 15 April, and the invoice says so', async () => {
    const { invoice } = await client.invoices.get({ invoiceId: '2026-04.aldgate-freight' })
    expect(invoice.rateCardVersions).toEqual([1, 2])
    const line = invoice.lines.find(({ chargeId }) => chargeId === 'api-calls')
    expect(line?.steps.some(({ text }) => text.includes('version 2'))).toBe(true)
  })

  it('7: Umbra Labs is below its commitment', async () => {
    for (const month of MONTHS) {
      const { invoice } = await client.invoices.get({ invoiceId: `${month}.umbra-labs` })
      expect([invoice.total, invoice.lines.at(-1)?.kind]).toEqual(['12000', 'true_up'])
    }
  })

  it('8: Helios Maps grows by more than a tenth each month', async () => {
    const calls = await callsOf('helios-maps', toMonth('2026-03'), LAST)
    for (const [index, now] of calls.entries())
      if (index > 0)
        expect(new Decimal(now ?? 0).gt(new Decimal(calls[index - 1] ?? 0).times('1.1'))).toBe(true)
  })

  it('and: five records in quarantine, a draft deal below the floor and an approved one', async () => {
    expect((await client.ledger.quarantine({ state: 'open', limit: 10 })).open).toBe(5)
    const deals = await client.deals.list()
    expect(deals.map(({ deal, summary }) => [deal.id, deal.state, summary?.belowFloor]).sort()).toEqual([
      ['globex-renewal', 'draft', true],
      ['northwind-renewal', 'approved', false],
    ])
    expect(await client.usage.views()).toHaveLength(4)
  })

  it('and: the two largest drafts ask for a second look', async () => {
    const { rows } = await client.invoices.list({ month: LAST })
    expect(rows.filter(({ needsReview }) => needsReview).map(({ customerName }) => customerName)).toEqual([
      'Northwind',
      'Everline Retail',
    ])
  })

  it('overall: margins are those of a SaaS company', async () => {
    const { total } = await client.cost.margin({ month: LAST })
    const percent = new Decimal(total.marginPercent ?? 0)
    expect(percent.gt(50) && percent.lt(75)).toBe(true)
  })
})

describe('the marker', () => {
  it.each([
    ['{"demo":"Countinghouse","generation":1,"made":true}', 'made'],
    ['{"demo":"Countinghouse","generation":1,"made":false}', 'begun'],
    ['{"demo":"another"}', 'none'],
    ['{"demo":', 'none'],
  ])('%s is %s', (text, state) => {
    const folder = mkdtempSync(join(tmpdir(), 'countinghouse-marker-'))
    writeFileSync(join(folder, 'demo.json'), text)
    expect([demoBookState(folder), isDemoBook(folder)]).toEqual([state, state !== 'none'])
    rmSync(folder, { recursive: true })
    expect(isDemoBook(folder)).toBe(false)
  })

  it('says made once the book is, and the book opens again', async () => {
    expect(demoBookState(directory)).toBe('made')
    await engine.close()
    await open()
    expect(engine.hasBook()).toBe(true)
    expect((await client.book.status()).months).toHaveLength(MONTHS.length)
  })
})
