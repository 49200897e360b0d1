import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addMonths, type Month, monthPeriod } from '../../../src/domain/period.ts'
import { type Cube, openCube } from '../../../src/main/cube/cube.ts'
import {
  type CostSliceParams,
  type CostSpan,
  costRecords,
  costSlice,
} from '../../../src/main/cube/queries/cost.ts'
import { controlTotals, costTagKeys } from '../../../src/main/cube/queries/seen.ts'
import {
  bills,
  costSets,
  costTotals,
  unattributedContributors,
} from '../../../src/main/cube/queries/totals.ts'
import { appendBatch } from '../../../src/main/ledger/append.ts'
import { closeLedger, openLedgerForWriting } from '../../../src/main/ledger/open.ts'
import { at, bookIn, makeBook } from './book.ts'

const ZONE = 'Europe/Berlin'
const october = monthPeriod('2026-10' as Month, ZONE)
const NOVEMBER = monthPeriod(addMonths('2026-10' as Month, 1), ZONE).startMs

const rule = (id: string, tag: string) => ({
  id,
  name: id,
  conditions: [{ field: `tag:${tag}`, operator: 'present', value: '' }],
  target: { kind: 'value' },
})
const attributes = (service: string, tags: Record<string, string> = {}, more = {}) => ({
  provider: 'AWS',
  service,
  charge_category: 'Usage',
  tags,
  ...more,
})

/** What entries without contracted and list cost add to a sum. */
const unknown = (entries: number) => ({
  contracted: null,
  contractedUnknown: entries,
  list: null,
  listUnknown: entries,
})

describe('cost', () => {
  const book = makeBook()
  let cube: Cube
  let batchIds: number[]
  beforeAll(async () => {
    const entry = { billMonth: '2026-10', currency: 'USD' }
    batchIds = [
      book.add({
        documents: [
          bookIn(ZONE),
          { kind: 'customer', id: 'Acme', content: { id: 'Acme', name: 'Acme', tenants: ['acme'] } },
          { kind: 'rules', id: 'rules', content: { rules: [rule('app', 'app')] } },
        ],
        cost: [
          {
            ...entry,
            startMs: at('2026-10-05T12:00:00Z'),
            billed: '0.000000000000000001',
            effective: '0.5',
            attributes: attributes('EC2', { app: 'acme' }),
          },
          {
            ...entry,
            startMs: at('2026-10-31T23:30:00Z'),
            billed: '10',
            attributes: attributes('EC2', { app: 'bolt' }),
          },
          {
            ...entry,
            startMs: at('2026-09-30T12:00:00Z'),
            billed: '1.25',
            effective: '1',
            attributes: attributes('S3', { team: 'ops' }),
          },
          {
            ...entry,
            startMs: at('2026-10-06T12:00:00Z'),
            billed: '-40',
            effective: '-40',
            attributes: attributes('Credit'),
          },
          {
            ...entry,
            currency: 'EUR',
            startMs: at('2026-10-06T12:00:00Z'),
            billed: '3',
            attributes: attributes('S3'),
          },
        ],
      }).batchId,
      book.add({
        cost: [
          {
            ...entry,
            startMs: at('2026-10-20T12:00:00Z'),
            postedMs: NOVEMBER,
            billed: '2',
            effective: '2',
            attributes: attributes('S3', { team: 'ops', app: 'acme' }),
          },
        ],
      }).batchId,
    ]
    cube = await openCube(book.directory)
    await cube.follow()
  })
  afterAll(async () => {
    await cube.close()
    book.close()
  })
  interface Question
    extends Partial<Pick<CostSliceParams, 'currency' | 'grain' | 'groupBy' | 'filters' | 'asOfBatch'>> {
    readonly span?: CostSpan
  }
  const slice = async ({ span = { months: ['2026-10', '2026-11'] }, ...params }: Question) => {
    const whole = { currency: 'USD', grain: 'total', groupBy: [] } as const
    const { rows } = await cube.read((connection) => costSlice(connection, { ...whole, ...params, ...span }))
    return rows.map(({ keys, bucket, billed, effective, entries }) =>
      [...keys, bucket, billed, effective, entries].join(' | '),
    )
  }

  it.each<[string, Question, string[]]>([
    [
      'exact to the last decimal; without an effective cost the billed one counts',
      { filters: [{ field: 'service', values: ['EC2'] }] },
      ['total | 10.000000000000000001 | 10.5 | 2'],
    ],
    [
      'by posting month',
      { grain: 'month' },
      ['2026-10 | -28.749999999999999999 | -28.5 | 4', '2026-11 | 2 | 2 | 1'],
    ],
    [
      'the local day, moved into the posting month',
      { grain: 'day', groupBy: ['service'] },
      [
        'S3 | 2026-10-01 | 1.25 | 1 | 1',
        'EC2 | 2026-10-05 | 0.000000000000000001 | 0.5 | 1',
        'Credit | 2026-10-06 | -40 | -40 | 1',
        'EC2 | 2026-10-31 | 10 | 10 | 1',
        'S3 | 2026-11-01 | 2 | 2 | 1',
      ],
    ],
    [
      'a span of whole local days',
      { span: october, filters: [{ field: 'customer', values: [null] }] },
      ['total | -28.75 | -29 | 3'],
    ],
    [
      'one day of it',
      { span: { startMs: at('2026-10-30T23:00:00Z'), endMs: at('2026-10-31T23:00:00Z') } },
      ['total | 10 | 10 | 1'],
    ],
    [
      'unattributed alone',
      { groupBy: ['tenant', 'rule'], filters: [{ field: 'tenant', values: [null] }] },
      [' |  | total | -38.75 | -39 | 2'],
    ],
    [
      'by tag and month',
      { groupBy: ['tag:team', 'month'], filters: [{ field: 'tag:team', values: ['ops'] }] },
      ['ops | 2026-10 | total | 1.25 | 1 | 1', 'ops | 2026-11 | total | 2 | 2 | 1'],
    ],
    [
      'as of the first batch',
      { asOfBatch: 1, filters: [{ field: 'tenant', values: ['acme'] }] },
      ['total | 0.000000000000000001 | 0.5 | 1'],
    ],
    ['another currency', { currency: 'EUR' }, ['total | 3 | 3 | 1']],
    ['a currency nobody was billed in', { currency: 'CHF' }, []],
  ])('%s', async (_, params, expected) => {
    expect(await slice(params)).toEqual(expected)
  })

  it('a bill holds its late entries, a month does not', async () => {
    const [, usd] = await cube.read((connection) => bills(connection, { month: '2026-10' }))
    expect(usd).toEqual({
      billNo: 1,
      provider: 'AWS',
      billingAccount: 'main',
      month: '2026-10',
      currency: 'USD',
      billed: '-26.749999999999999999',
      effective: '-26.5',
      attributedBilled: '12.000000000000000001',
      entries: 5,
      ...unknown(5),
    })
    const totals = await cube.read((connection) =>
      costTotals(connection, { months: ['2026-10'], currency: 'USD' }),
    )
    expect(totals).toEqual([
      {
        month: '2026-10',
        currency: 'USD',
        billed: '-28.749999999999999999',
        effective: '-28.5',
        entries: 4,
        ...unknown(4),
      },
    ])
  })

  it('lists the largest of what is unattributed first, credits among them', async () => {
    const asked = { months: ['2026-10'], by: 'service', basis: 'billed', leftPools: [], limit: 1 } as const
    const largest = (currency: string) =>
      cube.read((connection) => unattributedContributors(connection, { ...asked, currency }))
    expect(await largest('USD')).toEqual([
      { key: 'Credit', pool: null, billed: '-40', effective: '-40', entries: 1, ...unknown(1) },
    ])
    expect(await largest('EUR')).toEqual([
      { key: 'S3', pool: null, billed: '3', effective: '3', entries: 1, ...unknown(1) },
    ])
  })

  it('lists attribute sets and tags', async () => {
    const sets = await cube.read((connection) => costSets(connection, { limit: 1 }))
    expect(sets).toEqual([
      {
        setNo: 4,
        attributes: '{"charge_category":"Usage","provider":"AWS","service":"Credit","tags":{}}',
        currency: 'USD',
        billed: '-40',
        effective: '-40',
        entries: 1,
        ...unknown(1),
      },
    ])
    expect(await cube.read(costTagKeys)).toEqual([
      { key: 'app', distinct: 2, sets: 3 },
      { key: 'team', distinct: 1, sets: 2 },
    ])
  })

  it('pages through the entries', async () => {
    const selection = {
      months: ['2026-10', '2026-11'],
      filters: [{ field: 'tenant' as const, values: ['acme'] }],
    }
    const [first] = await cube.read((connection) => costRecords(connection, { ...selection, limit: 1 }))
    expect(first).toMatchObject({
      batchId: 1,
      billed: '0.000000000000000001',
      list: null,
      tenant: 'acme',
      ruleId: 'app',
      customerId: 'Acme',
      late: false,
    })
    const rest = await cube.read((connection) =>
      costRecords(connection, { ...selection, afterSeq: first?.seq, limit: 5 }),
    )
    expect(rest).toMatchObject([{ batchId: 2, billed: '2', late: true, month: '2026-11', day: '2026-11-01' }])
  })

  it('attributes everything anew when the rules change', async () => {
    expect(batchIds).toEqual([1, 2])
    book.add({
      documents: [
        { kind: 'rules', id: 'rules', content: { rules: [rule('team', 'team'), rule('app', 'app')] } },
      ],
    })
    await cube.follow()
    const byTenant = { groupBy: ['rule', 'tenant'] as const }
    expect(await slice(byTenant)).toEqual([
      'app | acme | total | 0.000000000000000001 | 0.5 | 1',
      'app | bolt | total | 10 | 10 | 1',
      'team | ops | total | 3.25 | 3 | 2',
      ' |  | total | -40 | -40 | 1',
    ])
    book.add({ documents: [{ kind: 'rules', id: 'rules', content: { rules: [] } }] })
    await cube.follow()
    expect(await slice(byTenant)).toEqual([' |  | total | -26.749999999999999999 | -26.5 | 5'])
  })
})

describe('control totals', () => {
  it('equal those that the ledger kept with its batch', async () => {
    const book = makeBook()
    closeLedger(book.ledger)
    const writing = openLedgerForWriting(book.directory, { program: 'test' })
    const header = {
      kind: 'import',
      title: 'usage.jsonl',
      recordedMs: at('2026-11-01'),
      author: 'test',
    } as const
    const { control } = await appendBatch(writing, header, (appender) => {
      const sourceNo = appender.source('api', 'cloudevents')
      const tenantNo = appender.tenant('acme')
      const setNo = appender.attributeSet('usage', '{"region":"eu"}')
      for (let row = 1; row <= 3; row++) {
        const measureNo = appender.measure('calls', row % 2)
        const fields = {
          sourceNo,
          tenantNo,
          measureNo,
          startMs: october.startMs,
          endMs: null,
          postedMs: null,
          setNo,
        }
        const origin = { record: `{"n":${row}}`, csvHeader: null, file: 'usage.jsonl', row }
        appender.usageById(new Uint8Array(16).fill(row), { ...fields, quantity: BigInt(row) }, origin)
      }
      appender.document('book', 'book', JSON.stringify(bookIn(ZONE).content), 0)
    })
    const cube = await openCube(book.directory)
    await cube.follow()
    const totals = await cube.read((connection) => controlTotals(connection, {}))
    expect(totals.usage).toEqual([...control.usage].map(([measureNo, sum]) => ({ measureNo, ...sum })))
    expect(totals.usage).toEqual([
      { measureNo: 1, events: 2, quantity: 4n },
      { measureNo: 2, events: 1, quantity: 2n },
    ])
    await cube.close()
    closeLedger(writing)
    book.close()
  })
})
