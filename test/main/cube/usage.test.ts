import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addDays, type Month, monthPeriod } from '../../../src/domain/period.ts'
import { type Cube, openCube } from '../../../src/main/cube/cube.ts'
import { readRows } from '../../../src/main/cube/database.ts'
import { explainUsage, usageRecords } from '../../../src/main/cube/queries/explain.ts'
import { type UsageSliceParams, usageSlice } from '../../../src/main/cube/queries/usage.ts'
import { at, type Batch, bookIn, makeBook } from './book.ts'

const HOUR_MS = 3_600_000

const cubeOf = async (batches: readonly Batch[]) => {
  const book = makeBook()
  for (const batch of batches) book.add(batch)
  const cube = await openCube(book.directory)
  await cube.follow()
  return {
    cube,
    slice: async (params: Partial<UsageSliceParams> & { metric: string }) => {
      const whole = {
        startMs: at('2026-01-01'),
        endMs: at('2027-01-01'),
        grain: 'total',
        groupBy: [],
      } as const
      const { rows } = await cube.read((connection) => usageSlice(connection, { ...whole, ...params }))
      return rows.map(({ keys, bucket, quantity }) => [...keys, bucket, quantity].join(' | '))
    },
    close: async () => {
      await cube.close()
      book.close()
    },
  }
}
const inCube = async (
  batches: readonly Batch[],
  check: (opened: Awaited<ReturnType<typeof cubeOf>>) => Promise<void>,
) => {
  const opened = await cubeOf(batches)
  try {
    await check(opened)
  } finally {
    await opened.close()
  }
}

describe('local time', () => {
  const everyHalfHour = (from: string, to: string) =>
    Array.from({ length: (at(to) - at(from)) / (HOUR_MS / 2) }, (_, i) => ({
      tenant: 'acme',
      metric: 'api.calls',
      scale: 0,
      quantity: 1n,
      startMs: at(from) + i * (HOUR_MS / 2),
    }))

  it.each([
    // the day, its hours, the first and the last of them
    ['2026-10-25', 25, '2026-10-24T22:00:00Z', '2026-10-25T22:00:00Z'],
    ['2026-03-29', 23, '2026-03-28T23:00:00Z', '2026-03-29T21:00:00Z'],
    ['2026-07-01', 24, '2026-06-30T22:00:00Z', '2026-07-01T21:00:00Z'],
  ])('%s in Berlin has %i hours', async (day, hours, first, last) => {
    const usage = everyHalfHour(`${addDays(day, -1)}T12:00:00Z`, `${addDays(day, 1)}T12:00:00Z`)
    await inCube([{ documents: [bookIn('Europe/Berlin')], usage }], async ({ slice }) => {
      const days = await slice({ metric: 'api.calls', grain: 'day' })
      expect(days).toContain(`${day} | ${hours * 2}`)
      const span = { startMs: at(first), endMs: at(last) + HOUR_MS }
      const buckets = await slice({ metric: 'api.calls', grain: 'hour', ...span })
      expect(buckets).toHaveLength(hours)
      expect(buckets[0]).toBe(`${first} | 2`)
      expect(buckets.at(-1)).toBe(`${last} | 2`)
    })
  })

  it('hours of Kolkata begin at half past', async () => {
    const usage = everyHalfHour('2026-09-30T18:00:00Z', '2026-09-30T20:00:00Z')
    await inCube([{ documents: [bookIn('Asia/Kolkata')], usage }], async ({ slice }) => {
      expect(await slice({ metric: 'api.calls', grain: 'hour' })).toEqual([
        '2026-09-30T17:30:00Z | 1',
        '2026-09-30T18:30:00Z | 2',
        '2026-09-30T19:30:00Z | 1',
      ])
      expect(await slice({ metric: 'api.calls', grain: 'month' })).toEqual(['2026-09 | 1', '2026-10 | 3'])
    })
  })
})

describe('aggregations', () => {
  const metric = (id: string, aggregation: string, more = {}) => ({
    kind: 'metric',
    id,
    content: { metric: id, name: id, unit: 'one', aggregation, scale: 2, ...more },
  })
  const event = (name: string, tenant: string, day: string, quantity: bigint, more = {}) => ({
    tenant,
    metric: name,
    scale: 0,
    quantity,
    startMs: at(`${day}T12:00:00Z`),
    ...more,
  })
  const NOVEMBER = monthPeriod('2026-11' as Month, 'UTC').startMs

  let opened: Awaited<ReturnType<typeof cubeOf>>
  let cube: Cube
  beforeAll(async () => {
    const book = makeBook()
    const documents = [
      bookIn('UTC'),
      metric('seats', 'max'),
      metric('storage', 'last'),
      metric('users', 'unique_count', { uniqueBy: 'user' }),
      { kind: 'customer', id: 'Acme', content: { id: 'Acme', name: 'Acme', tenants: ['acme', 'acme-eu'] } },
    ]
    const first = book.add({
      documents,
      usage: [
        event('calls', 'acme', '2026-10-01', 100n),
        event('calls', 'acme', '2026-10-02', 150n, { scale: 2 }),
        event('calls', 'acme-eu', '2026-10-02', 1n, { scale: 5 }),
        event('calls', 'bolt', '2026-10-03', 9_223_372_036_854_775_807n),
        event('seats', 'acme', '2026-10-01', 10n),
        event('seats', 'acme', '2026-10-02', 30n),
        event('seats', 'acme', '2026-10-03', 99n),
        event('seats', 'acme-eu', '2026-10-02', 7n),
        event('storage', 'acme', '2026-10-03', 5n),
        event('storage', 'acme', '2026-10-02', 8n),
        event('users', 'acme', '2026-10-01', 1n, { dimensions: { user: 'ann' } }),
        event('users', 'acme', '2026-10-02', 1n, { dimensions: { user: 'ann' } }),
        event('users', 'acme', '2026-10-02', 1n, { dimensions: { user: 'bob' } }),
        event('users', 'acme-eu', '2026-10-02', 1n, { dimensions: { user: 'ann' } }),
        event('users', 'acme', '2026-10-02', 1n),
      ],
    })
    const reverse = (index: number) => ({
      correction: 'reversal' as const,
      corrects: first.usage[index] ?? 0,
    })
    book.add({
      usage: [
        event('calls', 'acme', '2026-10-01', -100n, reverse(0)),
        event('seats', 'acme', '2026-10-03', -99n, reverse(6)),
        event('seats', 'acme', '2026-10-03', 20n, { correction: 'restatement', corrects: first.usage[6] }),
      ],
    })
    book.add({
      usage: [
        event('calls', 'acme', '2026-10-30', 4n, { postedMs: NOVEMBER }),
        event('seats', 'acme', '2026-10-30', 500n, { postedMs: NOVEMBER }),
        event('seats', 'acme', '2026-10-02', -30n, { postedMs: NOVEMBER, ...reverse(5) }),
        event('storage', 'acme', '2026-10-30', 500n, { postedMs: NOVEMBER }),
        event('users', 'acme', '2026-10-30', 1n, { postedMs: NOVEMBER, dimensions: { user: 'zoe' } }),
      ],
    })
    cube = await openCube(book.directory)
    await cube.follow()
    opened = {
      cube,
      slice: async (params) => {
        const whole = {
          startMs: at('2026-01-01'),
          endMs: at('2027-01-01'),
          grain: 'total',
          groupBy: [],
        } as const
        const { rows } = await cube.read((connection) => usageSlice(connection, { ...whole, ...params }))
        return rows.map(({ keys, bucket, quantity }) => [...keys, bucket, quantity].join(' | '))
      },
      close: async () => {
        await cube.close()
        book.close()
      },
    }
  })
  afterAll(() => opened.close())

  it.each<[string, Partial<UsageSliceParams> & { metric: string }, string[]]>([
    [
      'a sum, scales made alike, reversal added',
      { metric: 'calls', groupBy: ['tenant'] },
      ['acme | total | 5.5', 'acme-eu | total | 0.00001', 'bolt | total | 9223372036854775807'],
    ],
    [
      'a sum by customer; no customer is null',
      { metric: 'calls', groupBy: ['customer'] },
      ['Acme | total | 5.50001', ' | total | 9223372036854775807'],
    ],
    [
      'a late entry counts in the month it is posted in',
      { metric: 'calls', grain: 'month', filters: [{ field: 'customer', values: ['Acme'] }] },
      ['2026-10 | 1.50001', '2026-11 | 4'],
    ],
    [
      'as of the first batch',
      { metric: 'calls', asOfBatch: 1, grain: 'month', filters: [{ field: 'tenant', values: ['acme'] }] },
      ['2026-10 | 101.5'],
    ],
    [
      'a maximum per tenant, summed; without the reversed 99, with the 30 that was reversed late',
      { metric: 'seats' },
      ['total | 37'],
    ],
    ['a maximum as of the first batch', { metric: 'seats', asOfBatch: 1 }, ['total | 106']],
    ['late entries never enter a maximum', { metric: 'seats', grain: 'month' }, ['2026-10 | 37']],
    [
      'a maximum by day',
      { metric: 'seats', grain: 'day', groupBy: ['tenant'] },
      [
        'acme | 2026-10-01 | 10',
        'acme | 2026-10-02 | 30',
        'acme-eu | 2026-10-02 | 7',
        'acme | 2026-10-03 | 20',
      ],
    ],
    ['the last by time, not by arrival', { metric: 'storage' }, ['total | 5']],
    [
      'distinct users per tenant; absent is none',
      { metric: 'users', groupBy: ['tenant'] },
      ['acme | total | 2', 'acme-eu | total | 1'],
    ],
    [
      'distinct users by day do not add up to the month',
      { metric: 'users', grain: 'day', filters: [{ field: 'tenant', values: ['acme'] }] },
      ['2026-10-01 | 1', '2026-10-02 | 2'],
    ],
    [
      'by a dimension that some events lack',
      { metric: 'users', groupBy: ['dimension:user'] },
      ['ann | total | 2', 'bob | total | 1', ' | total | 0'],
    ],
    ['a metric nobody has seen', { metric: 'unknown' }, []],
  ])('%s', async (_, params, expected) => {
    const rows = await opened.slice(params)
    expect(rows.sort()).toEqual(expected.toSorted())
  })

  it('explains a maximum with what was left out', async () => {
    const october = {
      metric: 'seats',
      startMs: at('2026-10-01'),
      endMs: at('2026-11-01'),
      customerId: 'Acme',
    }
    expect(await cube.read((connection) => explainUsage(connection, october))).toEqual({
      total: '37',
      events: 4,
      days: [
        { day: '2026-10-01', quantity: '10', events: 1 },
        { day: '2026-10-02', quantity: '37', events: 2 },
        { day: '2026-10-03', quantity: '20', events: 1 },
      ],
      batches: [
        { batchId: 1, quantity: '37', events: 3 },
        { batchId: 2, quantity: '20', events: 1 },
      ],
      tenants: [
        { tenant: 'acme', quantity: '30', events: 3 },
        { tenant: 'acme-eu', quantity: '7', events: 1 },
      ],
    })
    const records = await cube.read((connection) =>
      usageRecords(connection, { ...october, day: '2026-10-03', limit: 10 }),
    )
    expect(records.map(({ quantity, reversal, counted }) => ({ quantity, reversal, counted }))).toEqual([
      { quantity: '99', reversal: false, counted: false },
      { quantity: '-99', reversal: true, counted: false },
      { quantity: '20', reversal: false, counted: true },
    ])
    const second = await cube.read((connection) =>
      usageRecords(connection, { ...october, batchId: 2, afterSeq: records[1]?.seq, limit: 1 }),
    )
    expect(second).toEqual([records[2]])
  })
})

it('dimensions keep their names, also with characters that JSON escapes', async () => {
  const named = (dimensions: Readonly<Record<string, string>>) => ({
    tenant: 'acme',
    metric: 'api.calls',
    scale: 0,
    quantity: 1n,
    startMs: at('2026-03-01'),
    dimensions,
  })
  await inCube(
    [
      {
        usage: [named({ only_here: 'x', 'x\\': 'backslash' }), named({ only_here: 'x', 'x\n': 'line feed' })],
      },
    ],
    async ({ cube }) => {
      const keys = await cube.read((connection) =>
        readRows(
          connection,
          "SELECT key, value FROM usage_set_value WHERE key <> 'only_here' ORDER BY value",
        ),
      )
      expect(keys).toEqual([
        ['x\\', 'backslash'],
        ['x\n', 'line feed'],
      ])
    },
  )
})
