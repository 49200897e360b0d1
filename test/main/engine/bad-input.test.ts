/** Awkward files through the whole engine: every row accounted for; what was quarantined can be mended and replayed. */
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CsvMapping, ReadOptions } from '../../../src/contract/sources.ts'
import type { Month } from '../../../src/domain/period.ts'
import { events, focus, type House, openHouse, verify } from './house.ts'

const AWKWARD = join(import.meta.dirname, '../../fixtures/awkward')

let house: House
beforeAll(async () => {
  house = await openHouse({ now: '2026-11-10T12:00:00Z' })
})
afterAll(() => house.close())

const DAY: CsvMapping['time'] = { column: 'date', format: 'iso', timeZone: 'UTC' }
const MAPPING: CsvMapping = {
  tenant: { column: 'customer' },
  metric: { fixed: 'calls' },
  quantity: { column: 'quantity' },
  time: DAY,
  dimensions: [],
}
const optionsOf = (file: string): ReadOptions =>
  /^focus/.test(file)
    ? { kind: 'focus', source: `cost ${file}`, delivery: 'add' }
    : file.endsWith('.log')
      ? { kind: 'access_log', source: file, ...(file === 'no-tenant.log' ? { log: SEGMENT } : {}) }
      : file.endsWith('.csv')
        ? { kind: 'csv', mapping: MAPPING, source: file }
        : { kind: 'cloudevents', source: file }
const SEGMENT = { tenantFrom: { segment: 2 }, requestsMetric: 'r', bytesMetric: 'b' }

describe('each awkward file', () => {
  test.each(readdirSync(AWKWARD))(
    '%s: its rows are added, known, in conflict or quarantined, or it is refused',
    async (file) => {
      const { client } = house
      const before = await client.book.status()
      const { fileId } = await client.files.openPath({ path: join(AWKWARD, file) })
      const started = await client.imports
        .start({ fileId, options: optionsOf(file) })
        .catch((error: Error) => error)
      if (started instanceof Error) {
        expect(started.message).toMatch(new RegExp(`^${file}: .+\\.$`))
        expect((await client.book.status()).head).toEqual(before.head)
        return
      }
      const ended = await house.job(Promise.resolve(started))
      const after = await client.book.status()
      if (ended.state === 'failed') {
        expect(ended.error?.message).toMatch(new RegExp(`^${file}: .+\\.$`, 's'))
        expect(after.head).toEqual(before.head)
        return
      }
      if (ended.result?.kind !== 'import') throw new Error('an import ends with its result')
      const result = ended.result.import
      expect(result.rows).toBe(result.added + result.duplicate + result.conflict + result.quarantined)
      expect(after.openQuarantine - before.openQuarantine).toBe(result.quarantined)
      for (const { row, message } of result.issues)
        expect(message).toMatch(row === undefined ? /^\S+: .+\.$/ : /^\S+(: |, row \d+).+\.$/)
      const open = (await client.ledger.quarantine({ limit: 500 })).rows.filter(
        (each) => each.file === basename(file),
      )
      expect(open).toHaveLength(result.quarantined)
      for (const { message, row } of open) expect(message.startsWith(`${file}, row ${row}`)).toBe(true)
    },
  )

  test('leaves a book that verifies', async () => {
    expect(await verify(house)).toMatchObject({ ok: true, cubeAgrees: true })
  })
})

interface Mending {
  readonly name: string
  readonly file: string
  readonly content: string
  readonly options: ReadOptions
  readonly message: string
  /** What the person changes in the record as it is shown. */
  readonly mend: readonly [wrong: string, right: string]
  /** What the metric, or the bill, comes to before and after. */
  readonly total: () => Promise<string>
  readonly expected: readonly [before: string, after: string]
}

const usageTotal = (metric: string) => async () =>
  (
    await house.client.usage.query({
      metric,
      from: '2026-01' as Month,
      to: '2026-11' as Month,
      grain: 'month',
      groupBy: [],
      filters: [],
      compare: 'none',
    })
  ).total

const MENDINGS: readonly Mending[] = [
  {
    name: 'CloudEvents',
    file: 'mend.jsonl',
    content: events([
      ['1', 'mended.events', 'acme', '2026-10-01T00:00:00Z', '5'],
      ['2', 'mended.events', 'acme', '2026-10-01T00:00:00Z', 'five'],
    ]),
    options: {},
    message:
      'mend.jsonl, row 2, column data.value: "five" is not a number. Write digits with a point, as in 1250.5, without thousands separators or units.',
    mend: ['five', '7'],
    total: usageTotal('mended.events'),
    expected: ['5', '12'],
  },
  {
    name: 'CSV by a mapping',
    file: 'mend.csv',
    content: 'customer,date,quantity\nacme,2026-10-01,5\nacme,2026-10-01,5\nbolt,1. Oktober,6',
    options: { kind: 'csv', mapping: { ...MAPPING, metric: { fixed: 'mended.csv' } } },
    message:
      'mend.csv, row 4, column date: "1. Oktober" is not a time. Write it as 2026-03-01, 2026-03-01 12:00:00 or 2026-03-01T12:00:00Z.',
    mend: ['1. Oktober', '2026-10-01'],
    total: usageTotal('mended.csv'),
    expected: ['10', '16'],
  },
  {
    name: 'access log',
    file: 'mend.log',
    content: [
      '10.0.0.1 - - [17/Oct/2026:10:05:03 +0000] "GET /a HTTP/1.1" 200 100 "-" "x"',
      '10.0.0.1 - - [99/Oct/2026:10:05:03 +0000] "GET /b HTTP/1.1" 200 23 "-" "x"',
    ].join('\n'),
    options: {
      log: { tenantFrom: 'client', requestsMetric: 'mended.requests', bytesMetric: 'mended.bytes' },
    },
    message:
      'mend.log, row 2, column time: "99/Oct/2026:10:05:03 +0000" is not a time. Write it as 17/May/2015:10:05:03 +0000.',
    mend: ['99/Oct', '18/Oct'],
    total: usageTotal('mended.bytes'),
    expected: ['100', '123'],
  },
  {
    name: 'FOCUS',
    file: 'mend-focus.csv',
    content: focus([
      { day: '2026-07-01', service: 'EC2', billed: '1.5', account: 'mended' },
      { day: '2026-07-02', service: 'EC2', billed: '$2', account: 'mended' },
    ]),
    options: { source: 'mended cost' },
    message:
      'mend-focus.csv, row 3, column BilledCost: "$2" is not an amount. Write digits with a point, as in -12.5 or 1E-9, without currency sign or thousands separators.',
    mend: ['$2', '2'],
    total: async () => (await house.client.cost.margin({ month: '2026-07' as Month })).equation.bill,
    expected: ['1.5', '3.5'],
  },
]

describe.each(MENDINGS)('$name', ({ file, content, options, message, mend, total, expected }) => {
  const record = async () =>
    (await house.client.ledger.quarantine({ limit: 500 })).rows.find((each) => each.file === file)

  test('a quarantined record is replayed once it is mended, and counted once', async () => {
    const { client } = house
    expect(await house.take(file, content, options)).toMatchObject({ quarantined: 1 })
    expect(await total()).toBe(expected[0])
    const found = await record()
    expect(found?.message).toBe(message)
    const { seq = 0, raw = '' } = found ?? {}

    const { head } = await client.book.status()
    await expect(client.ledger.replay({ seq, raw }), 'still wrong: the same words').rejects.toThrow(message)
    await expect(client.ledger.replay({ seq, raw: '' })).rejects.toThrow(/nothing was imported|is no record/i)
    expect((await client.book.status()).head).toEqual(head)

    const mended = raw.replaceAll(...mend)
    expect((await client.ledger.replay({ seq, raw: mended })).sentence).toBe('The record was read and added.')
    expect(await total()).toBe(expected[1])
    expect(await record()).toBeUndefined()
    await expect(client.ledger.replay({ seq, raw: mended })).rejects.toThrow(
      `Record ${seq} is replayed already. Nothing was changed.`,
    )
    // The whole file, mended, adds nothing more.
    expect(await house.take(file, content.replaceAll(...mend), options)).toMatchObject({
      added: 0,
      quarantined: 0,
    })
    expect(await total()).toBe(expected[1])
  })
})

test('a mended charge is part of what its file sums the bill to', async () => {
  const { bills } = await house.client.reconcile.month({ month: '2026-07' as Month })
  expect(bills).toMatchObject([
    { billingAccount: 'mended', ledgerBilled: '3.5', fileTotal: '3.5', difference: '0' },
  ])
})

test('a replay is one record, and its id must not be taken by another', async () => {
  const bad = (id: string) => events([[id, 'taken', 'acme', '2026-10-01T00:00:00Z', '-1']])
  await house.take(
    'taken.jsonl',
    [events([['t1', 'taken', 'acme', '2026-10-01T00:00:00Z', '5']]), bad('t2')].join('\n'),
  )
  const [found] = (await house.client.ledger.quarantine({})).rows
  const seq = found?.seq ?? 0
  const good = (id: string, value: string) => events([[id, 'taken', 'acme', '2026-10-01T00:00:00Z', value]])
  await expect(house.client.ledger.replay({ seq, raw: good('t1', '6') })).rejects.toThrow(
    'Another record with this id was kept before and says something else. Nothing was changed; dismiss this one, or give it an id of its own.',
  )
  await expect(
    house.client.ledger.replay({ seq, raw: [good('t2', '1'), good('t3', '1')].join('\n') }),
  ).rejects.toThrow('There are 2 records in this text. Nothing was changed; give one whole record.')
  expect((await house.client.ledger.replay({ seq, raw: good('t1', '5') })).sentence).toBe(
    'The record is in the ledger already; it was not counted twice.',
  )
})

test('records are dismissed with a reason, and then answered', async () => {
  const { client } = house
  await house.take('dismissed.jsonl', 'not json\nnor this', { kind: 'cloudevents' })
  const open = (await client.ledger.quarantine({ limit: 500 })).rows.filter(
    ({ file }) => file === 'dismissed.jsonl',
  )
  const seqs = open.map(({ seq }) => seq)
  const before = (await client.book.status()).openQuarantine
  await expect(client.ledger.dismiss({ seqs, note: ' ' })).rejects.toThrow()
  expect(await client.ledger.dismiss({ seqs, note: 'a test of the sender' })).toEqual({ dismissed: 2 })
  expect((await client.book.status()).openQuarantine).toBe(before - 2)
  const answered = (await client.ledger.quarantine({ state: 'answered', limit: 500 })).rows
  expect(answered.find(({ seq }) => seq === seqs[0])).toMatchObject({
    state: 'dismissed',
    note: 'a test of the sender',
  })
  await expect(client.ledger.dismiss({ seqs, note: 'again' })).rejects.toThrow(
    `The quarantined record ${seqs[0]} is dismissed already; nothing was changed.`,
  )
  // The same broken lines again are known, and wait for no second answer.
  expect(await house.take('again.jsonl', 'not json\nnor this', { kind: 'cloudevents' })).toMatchObject({
    quarantined: 2,
  })
  expect((await client.book.status()).openQuarantine).toBe(before - 2)
})

test('the fixtures are the files as they were made', () => {
  expect(readFileSync(join(AWKWARD, 'empty.jsonl'))).toHaveLength(0)
})
