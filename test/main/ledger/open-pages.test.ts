import { expect, test } from 'vitest'
import { type Appender, appendBatch } from '../../../src/main/ledger/append.ts'
import type { PostedRecord } from '../../../src/main/ledger/raw-block.ts'
import { rawRecord, readEntry, searchEntries } from '../../../src/main/ledger/read.ts'
import { verifyLedger } from '../../../src/main/ledger/verify.ts'
import { batch, contentKey, HEADER, newBook, plainConnection, usageFields } from './book.ts'

/** Takes records of some events each, as an import does: `${record} ${n}` is an event's id. */
const take = (
  appender: Appender,
  records: readonly (readonly [text: string, events: number])[],
  source = 'gateway',
) => {
  const { tenantNo, measureNo, startMs } = usageFields(appender)
  const sourceNo = appender.source(source, 'cloudevents')
  for (const [i, [text, events]] of records.entries()) {
    const posted: PostedRecord = {
      kind: 'text',
      row: i + 1,
      keep: (blocks) => blocks.keep('text', text),
      origin: () => ({ record: text, csvHeader: null, file: 'x', row: i + 1 }),
    }
    for (let n = 0; n < events; n++)
      appender.eventById(
        contentKey(`${text} ${n}`),
        0,
        {
          sourceNo,
          tenantNo,
          measureNo,
          quantityHigh: 0,
          quantityLow: n,
          startMs,
          endMs: Number.NaN,
          postedMs: Number.NaN,
          setNo: 0,
        },
        posted,
      )
  }
}

const ones = (count: number) => Array.from({ length: count }, (_, i) => [`r${i}`, 1] as const)

test.each([
  [1, [1]],
  [4095, [4095]],
  [4096, [4096]],
  [4097, [4096, 1]],
  [8193, [4096, 4096, 1]],
])('%i events make pages of %j', async (events, pages) => {
  const ledger = newBook()
  const { counts } = await batch(ledger, (appender) => take(appender, ones(events)))
  expect(counts.new).toBe(events)
  const sizes = plainConnection(ledger).prepare('SELECT events FROM usage_page ORDER BY seq').pluck().all()
  expect(sizes).toEqual(pages)
  const again = await batch(ledger, (appender) => take(appender, ones(events)))
  expect(again.counts).toMatchObject({ new: 0, duplicate: events })
  expect(again.lastSeq).toBe(again.firstSeq - 1)
  expect(await verifyLedger(ledger)).toMatchObject({ ok: true })
})

test('events of one record are kept with it, on both sides of the end of a page', async () => {
  const ledger = newBook()
  const large = 'x'.repeat(1_100_000)
  const records = [...ones(4093), ['several', 7], ['after', 1], [large, 3], ['last', 2]] as const
  const { counts } = await batch(ledger, (appender) => take(appender, records))
  const expected = records.flatMap(([text, events]) =>
    Array.from({ length: events }, (_, n) => [text, String(n)]),
  )
  expect(counts.new).toBe(expected.length)
  const entries = searchEntries(ledger, { tables: ['usage_event'], limit: 10_000 })
    .toReversed()
    .slice(-20)
  const found = entries.map(({ columns }) => {
    const record = rawRecord(ledger, Number(columns.block_no), Number(columns.block_row))
    return [record.kind === 'text' ? record.text : '', columns.quantity]
  })
  expect(found).toEqual(expected.slice(-20))
  expect(await verifyLedger(ledger)).toMatchObject({ ok: true })
})

test('two sources with the same ids stand in pages of their own', async () => {
  const ledger = newBook()
  const { counts } = await batch(ledger, (appender) => {
    for (const source of ['gateway', 'meter', 'gateway', 'meter']) take(appender, ones(3), source)
  })
  expect(counts).toMatchObject({ new: 6, duplicate: 6, conflict: 0 })
  const pages = plainConnection(ledger).prepare('SELECT events FROM usage_page').pluck().all()
  expect(pages).toEqual([3, 3])
})

test('an event named by a conflict has its number, also while its page is open', async () => {
  const ledger = newBook()
  await batch(ledger, (appender) => {
    take(appender, ones(5))
    const other = usageFields(appender, { quantity: 99n, setNo: null })
    const origin = { record: 'r2 again', csvHeader: null, file: 'x', row: 9 }
    expect(appender.usageById(contentKey('r2 0'), other, origin)).toBe('conflict')
    take(appender, [['later', 1]])
  })
  const [conflict] = searchEntries(ledger, { tables: ['conflict'] })
  const existing = readEntry(ledger, Number(conflict?.columns.existing_seq))
  expect(existing?.entry.columns.event_key).toBe(contentKey('r2 0').toString('hex'))
  expect(await verifyLedger(ledger)).toMatchObject({ ok: true })
})

test('times that a page cannot hold together are refused', async () => {
  const ledger = newBook()
  const post = (times: { startMs?: number; endMs?: number; postedMs?: number }) =>
    batch(ledger, (appender) => {
      const origin = { record: 'a', csvHeader: null, file: 'x', row: 1 }
      appender.usageById(contentKey('a'), usageFields(appender, times), origin)
    })
  for (const times of [
    { startMs: 2 ** 52 },
    { endMs: -(2 ** 52) },
    { postedMs: 0.5 },
    { startMs: Number.NaN },
  ])
    await expect(post(times)).rejects.toThrow(RangeError)
  await post({ startMs: -(2 ** 52) + 1, endMs: 2 ** 52 - 1 })
  const [entry] = searchEntries(ledger, { tables: ['usage_event'] })
  expect(entry?.columns).toMatchObject({ start_ms: -(2 ** 52) + 1, end_ms: 2 ** 52 - 1 })
})

test('a batch that is undone once its keys were merged with others leaves those as they were', async () => {
  const ledger = newBook()
  const records = (of: number) => Array.from({ length: 20 }, (_, i) => [`${of} ${i}`, 1] as const)
  for (let of = 1; of <= 7; of++) await batch(ledger, (appender) => take(appender, records(of)))
  const runs = () => plainConnection(ledger).prepare('SELECT run_no, keys FROM usage_key_run').raw().all()
  expect(runs()).toHaveLength(7)
  const failing = {
    ...HEADER,
    get title(): string {
      expect(ledger.database.prepare('SELECT keys FROM usage_key_run').pluck().all()).toEqual([160])
      throw new Error('undone')
    },
  }
  await expect(appendBatch(ledger, failing, (appender) => take(appender, records(8)))).rejects.toThrow(
    'undone',
  )
  expect(runs()).toHaveLength(7)
  for (let of = 1; of <= 8; of++) {
    const { counts } = await batch(ledger, (appender) => take(appender, records(of)))
    expect(counts).toMatchObject(of === 8 ? { new: 20, duplicate: 0 } : { new: 0, duplicate: 20 })
  }
  expect(runs()).toEqual([[9, 160]])
  expect(await verifyLedger(ledger)).toMatchObject({ ok: true })
})
