/** What counts once, what counts twice, and what is a conflict: by the totals that screens and invoices show. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { CsvMapping, ReadOptions } from '../../../src/contract/sources.ts'
import { type EventRow, events, gzip, type House, openHouse } from './house.ts'

let house: House
beforeEach(async () => {
  house = await openHouse()
})
afterEach(() => house.close())

const total = async (metric: string) =>
  (
    await house.client.usage.query({
      metric,
      from: '2026-10' as never,
      to: '2026-10' as never,
      grain: 'month',
      groupBy: [],
      filters: [],
      compare: 'none',
    })
  ).total

const MAPPING: CsvMapping = {
  tenant: { column: 'customer' },
  metric: { fixed: 'calls' },
  quantity: { column: 'quantity' },
  time: { column: 'day', format: 'iso', timeZone: 'UTC' },
  dimensions: [],
}
const csv = (...rows: string[]) => ['customer,day,quantity', ...rows].join('\n')
const LINE = '10.0.0.1 - - [17/Oct/2026:10:05:03 +0000] "GET /a HTTP/1.1" 200 100 "-" "x"'
const OTHER_LINE = '10.0.0.2 - - [17/Oct/2026:10:05:04 +0000] "GET /b HTTP/1.1" 200 23 "-" "x"'

interface Format {
  readonly name: string
  readonly file: string
  readonly metric: string
  readonly options: ReadOptions
  readonly first: string
  /** The first file's records and one more. */
  readonly overlapping: string
  /** Rows, and the metric's total, after the first file; and after the overlapping one. */
  readonly expected: readonly [rows: number, total: string, totalAfter: string]
}

/** Each first file has three records, two of them identical where the format has no ids. */
const FORMATS: readonly Format[] = [
  {
    name: 'CSV without ids',
    file: 'usage.csv',
    metric: 'calls',
    options: { kind: 'csv', mapping: MAPPING },
    first: csv('acme,2026-10-01,5', 'acme,2026-10-01,5', 'bolt,2026-10-02,7'),
    overlapping: csv('acme,2026-10-01,5', 'acme,2026-10-01,5', 'bolt,2026-10-02,7', 'acme,2026-10-01,5'),
    expected: [3, '17', '22'],
  },
  {
    name: 'access log',
    file: 'access.log',
    metric: 'http.response.bytes',
    options: {},
    first: [LINE, LINE, OTHER_LINE].join('\n'),
    overlapping: [LINE, LINE, OTHER_LINE, LINE].join('\n'),
    expected: [3, '223', '323'],
  },
  {
    name: 'CloudEvents',
    file: 'usage.jsonl',
    metric: 'calls',
    options: {},
    first: events([
      ['1', 'calls', 'acme', '2026-10-01T00:00:00Z', '5'],
      ['2', 'calls', 'acme', '2026-10-01T00:00:00Z', '5'],
      ['3', 'calls', 'bolt', '2026-10-02T00:00:00Z', '7'],
    ]),
    overlapping: events([
      ['3', 'calls', 'bolt', '2026-10-02T00:00:00Z', '7'],
      ['4', 'calls', 'acme', '2026-10-01T00:00:00Z', '5'],
    ]),
    expected: [3, '17', '22'],
  },
]

describe.each(FORMATS)('$name', ({ file, metric, options, first, overlapping, expected }) => {
  const [rows, before, after] = expected

  test('true repeats count, the same file or a copy of it adds nothing, one that overlaps adds what is new', async () => {
    expect(await house.take(file, first, options)).toMatchObject({ rows, added: rows, duplicate: 0 })
    expect(await total(metric)).toBe(before)
    const head = (await house.client.book.status()).head

    expect(await house.take(file, first, options)).toMatchObject({ rows, added: 0, duplicate: rows })
    expect(await house.take(`copy-${file}`, first, options)).toMatchObject({ added: 0, duplicate: rows })
    expect(await house.take(`${file}.gz`, gzip(first), options)).toMatchObject({ added: 0, duplicate: rows })
    expect(await total(metric)).toBe(before)
    // Batches say that the files were seen; entries there are none.
    expect((await house.client.book.status()).head.entries).toBe(head.entries)

    expect(await house.take(`later-${file}`, overlapping, options)).toMatchObject({ added: 1, conflict: 0 })
    expect(await total(metric)).toBe(after)
  })
})

test('the same CSV without ids by another mapping adds nothing at all, and says which metric it did not add', async () => {
  const text = csv('acme,2026-10-01,5', 'bolt,2026-10-02,7')
  await house.take('usage.csv', text, { kind: 'csv', mapping: MAPPING })
  const { head } = await house.client.book.status()
  const other: ReadOptions = {
    kind: 'csv',
    mapping: {
      ...MAPPING,
      metric: { fixed: 'requests' },
      tenant: { column: 'day' },
      dimensions: ['customer'],
    },
    metrics: [{ metric: 'requests', name: 'Requests', unit: 'request', aggregation: 'sum', scale: 0 }],
  }
  const words =
    'usage.csv: 2 rows read, 0 rows added, 2 already there. Every row with requests is in the ledger already, read by another mapping, and counts as it was read first; the metric requests was not added. A row without an id counts once: name a column with ids, or reverse what was read wrongly before.'
  expect(await house.take('usage.csv', text, other)).toMatchObject({
    added: 0,
    duplicate: 2,
    issues: [{ severity: 'warning', code: 'rows_are_known_otherwise' }],
    sentence: words,
  })
  expect((await house.client.book.status()).head.entries).toBe(head.entries)
  expect((await house.client.metrics.list()).map(({ definition }) => definition.metric)).toEqual(['calls'])

  // A row that is new brings its metric, tenant and dimensions with it.
  const result = await house.take('more.csv', `${text}\nbolt,2026-10-03,1`, other)
  expect(result).toMatchObject({ added: 1, duplicate: 2, issues: [] })
  expect((await house.client.metrics.list()).map(({ definition }) => definition.name).sort()).toEqual([
    'Requests',
    'calls',
  ])
  expect([await total('calls'), await total('requests')]).toEqual(['12', '1'])
})

test('an identical event twice in one file is a duplicate, since its id says that it is one event', async () => {
  const row: EventRow = ['1', 'calls', 'acme', '2026-10-01T00:00:00Z', '5']
  expect(await house.take('a.jsonl', events([row, row]))).toMatchObject({ rows: 2, added: 1, duplicate: 1 })
  expect(await total('calls')).toBe('5')
})

test('the same id from another event source is another event', async () => {
  const row: EventRow = ['1', 'calls', 'acme', '2026-10-01T00:00:00Z', '5']
  expect(await house.take('a.jsonl', [events([row], 'a'), events([row], 'b')].join('\n'))).toMatchObject({
    added: 2,
    duplicate: 0,
  })
  expect(await total('calls')).toBe('10')
})

test.each<[changed: string, row: EventRow, word: string]>([
  ['quantity', ['1', 'calls', 'acme', '2026-10-01T00:00:00Z', '6'], 'quantity'],
  ['tenant', ['1', 'calls', 'bolt', '2026-10-01T00:00:00Z', '5'], 'tenant'],
  ['time', ['1', 'calls', 'acme', '2026-10-01T00:00:01Z', '5'], 'time'],
  ['metric', ['1', 'chats', 'acme', '2026-10-01T00:00:00Z', '5'], 'metric'],
  ['dimension', ['1', 'calls', 'acme', '2026-10-01T00:00:00Z', '5', { region: 'eu' }], 'dimensions'],
])('the same id with another %s is a conflict: kept aside, said, not counted', async (_name, row, word) => {
  await house.take('a.jsonl', events([['1', 'calls', 'acme', '2026-10-01T00:00:00Z', '5']]))
  const result = await house.take('b.jsonl', events([row]))
  expect(result).toMatchObject({ rows: 1, added: 0, duplicate: 0, conflict: 1 })
  expect(result.sentence).toBe('b.jsonl: 1 row read, 0 rows added, 1 conflict kept aside.')
  expect(await total('calls')).toBe('5')
  const [conflict] = await house.client.ledger.conflicts({})
  expect(conflict).toMatchObject({ file: 'b.jsonl', row: 1, raw: events([row]) })
  expect(conflict?.message).toContain(`but another ${word}.`)
  expect((await house.client.book.status()).openConflicts).toBe(1)
})

describe('a metric’s scale', () => {
  const WHOLE: EventRow = ['1', 'hours', 'acme', '2026-10-01T00:00:00Z', '2']
  const FINE: EventRow = ['2', 'hours', 'acme', '2026-10-01T00:00:00Z', '0.125']

  test('is raised between two deliveries: the old file again is neither conflict nor counted twice', async () => {
    await house.take('a.jsonl', events([WHOLE]))
    const [metric] = await house.client.metrics.list()
    expect(metric?.definition.scale).toBe(0)
    expect(await house.take('b.jsonl', events([WHOLE, FINE]))).toMatchObject({
      added: 0,
      duplicate: 1,
      quarantined: 1,
    })
    const [open] = (await house.client.ledger.quarantine({})).rows
    expect(open?.message).toBe(
      'b.jsonl, row 2: the quantity 0.125 is finer than the 0 decimals of the metric hours; nothing is rounded away. Define the metric with more decimals, or send a coarser quantity.',
    )

    await house.client.metrics.save({
      metric: 'hours',
      definition: { ...(metric?.definition as NonNullable<typeof metric>['definition']), scale: 3 },
      expectedVersion: metric?.version ?? 0,
    })
    expect(await house.take('b.jsonl', events([WHOLE, FINE]))).toMatchObject({
      added: 1,
      duplicate: 1,
      conflict: 0,
      quarantined: 0,
    })
    expect(await house.take('a.jsonl', events([WHOLE]))).toMatchObject({
      added: 0,
      duplicate: 1,
      conflict: 0,
    })
    expect(await total('hours')).toBe('2.125')
  })

  test('of a metric nobody defined follows the finest quantity of the file', async () => {
    const finest: EventRow = ['3', 'hours', 'acme', '2026-10-01T00:00:00Z', '0.000001']
    const text = events([WHOLE, FINE, finest])
    expect(await house.take('a.jsonl', text)).toMatchObject({ added: 3, quarantined: 0 })
    expect(await house.take('again.jsonl', text)).toMatchObject({ added: 0, duplicate: 3, conflict: 0 })
    expect(await total('hours')).toBe('2.125001')
    expect((await house.client.metrics.list()).map(({ definition }) => definition.scale)).toEqual([6])
  })

  test('can’t be lowered below what the ledger holds', async () => {
    await house.take('a.jsonl', events([FINE]))
    const [metric] = await house.client.metrics.list()
    await expect(
      house.client.metrics.save({
        metric: 'hours',
        definition: { ...(metric?.definition as NonNullable<typeof metric>['definition']), scale: 2 },
        expectedVersion: 1,
      }),
    ).rejects.toThrow(
      'hours is kept with 3 decimals already; the scale can be raised, never lowered. Nothing was saved.',
    )
  })
})

test('two files with the same new metric, imported at once, are both kept', async () => {
  const results = await Promise.all(
    ['a', 'b', 'c'].map((name) =>
      house.take(`${name}.jsonl`, events([[name, 'calls', 'acme', '2026-10-01T00:00:00Z', '1']])),
    ),
  )
  expect(results.map(({ added }) => added)).toEqual([1, 1, 1])
  expect(await total('calls')).toBe('3')
})
