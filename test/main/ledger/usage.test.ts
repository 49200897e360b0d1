import fc from 'fast-check'
import { expect, test } from 'vitest'
import { historyOfRecord, readEntry } from '../../../src/main/ledger/read.ts'
import { listConflicts } from '../../../src/main/ledger/read-exceptions.ts'
import type { UsageFields } from '../../../src/main/ledger/usage.ts'
import { verifyLedger } from '../../../src/main/ledger/verify.ts'
import { batch, contentKey, deliverUsage, newBook, origin, usageFields } from './book.ts'

test.each([
  // First file, second file, then: new and duplicate rows of the second.
  ['a a a', 'a a a', 0, 3],
  ['a a a', 'a a a a', 1, 3],
  ['a a a', 'a a', 0, 2],
  ['a b a', 'b a a', 0, 3],
  ['a', 'b', 1, 0],
  ['', 'a a', 2, 0],
])('after "%s" the file "%s" adds %i and repeats %i', async (first, second, added, repeated) => {
  const ledger = newBook()
  const rows = (text: string) => text.split(' ').filter((row) => row !== '')
  expect((await deliverUsage(ledger, rows(first))).counts.new).toBe(rows(first).length)
  expect((await deliverUsage(ledger, rows(second))).counts).toMatchObject({ new: added, duplicate: repeated })
})

test('whatever the files, a content is kept as often as the file that has it most often', async () => {
  const file = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 12 })
  await fc.assert(
    fc.asyncProperty(fc.array(file, { maxLength: 4 }), async (files) => {
      const ledger = newBook()
      let added = 0
      for (const rows of files) {
        const { counts } = await deliverUsage(ledger, rows)
        expect(counts.new + counts.duplicate).toBe(rows.length)
        added += counts.new
      }
      const most = (row: string) =>
        Math.max(0, ...files.map((rows) => rows.filter((other) => other === row).length))
      expect(added).toBe(most('a') + most('b') + most('c'))
      expect(await verifyLedger(ledger)).toMatchObject({ ok: true })
    }),
    { numRuns: 30 },
  )
})

const deliver = (ledger: ReturnType<typeof newBook>, id: string, changes: Partial<UsageFields>, raw = id) =>
  batch(
    ledger,
    (appender) => void appender.usageById(contentKey(id), usageFields(appender, changes), origin(raw)),
  )

test('an id is posted once; the same again is a duplicate', async () => {
  const ledger = newBook()
  expect((await deliver(ledger, '1', {})).counts).toMatchObject({ rows: 1, new: 1 })
  // Where it is posted to depends on the day it comes, and is no part of what it means.
  expect((await deliver(ledger, '1', { postedMs: 1_790_000_000_000 })).counts).toMatchObject({
    rows: 1,
    duplicate: 1,
  })
  const twice = await batch(ledger, (appender) => {
    appender.usageById(contentKey('2'), usageFields(appender), origin('2'))
    appender.usageById(contentKey('2'), usageFields(appender), origin('2'))
  })
  expect(twice.counts).toMatchObject({ rows: 2, new: 1, duplicate: 1 })
})

test.each<[string, Partial<UsageFields>]>([
  ['quantity', { quantity: 11n }],
  ['time', { startMs: 1 }],
  ['time', { endMs: 1_789_000_000_001 }],
  ['dimensions', { setNo: null }],
  ['tenant', { tenantNo: 2 }],
  ['metric', { measureNo: 2 }],
])('the same id with another %s is a conflict, kept once and not counted', async (name, changes) => {
  const ledger = newBook()
  const posted = await deliver(ledger, '1', {}, 'first')
  for (let i = 0; i < 2; i++)
    expect((await deliver(ledger, '1', changes, 'second')).counts).toMatchObject({
      rows: 1,
      conflict: 1,
      new: 0,
    })
  const conflicts = listConflicts(ledger)
  expect(conflicts).toHaveLength(1)
  expect(conflicts[0]).toMatchObject({ raw: 'second', file: 'usage.jsonl', row: 1 })
  expect(conflicts[0]?.message).toContain(`but another ${name}. Entry ${conflicts[0]?.existingSeq} was kept`)
  expect(posted.control.usage.get(1)?.quantity).toBe(10n)
})

test('quantities that differ beyond 2^53 are told apart', async () => {
  const ledger = newBook()
  await deliver(ledger, '1', { quantity: 9_007_199_254_740_992n })
  expect((await deliver(ledger, '1', { quantity: 9_007_199_254_740_993n })).counts.conflict).toBe(1)
  expect((await deliver(ledger, '1', { quantity: 9_007_199_254_740_992n })).counts.duplicate).toBe(1)
})

test('a reversed event takes its quantity off and may come back as the next revision', async () => {
  const ledger = newBook()
  const { lastSeq: seq } = await deliver(ledger, '1', { quantity: 9_223_372_036_854_775_807n })
  const reversed = await batch(ledger, (appender) => void appender.reverseUsage(seq, 1_790_000_000_000))
  expect(reversed.counts).toMatchObject({ rows: 0, reversed: 1 })
  expect(reversed.control.usage.get(1)).toEqual({ events: 1, quantity: -9_223_372_036_854_775_807n })
  await expect(batch(ledger, (appender) => void appender.reverseUsage(seq, null))).rejects.toMatchObject({
    code: 'entry_is_reversed_already',
  })
  const returned = await deliver(ledger, '1', { quantity: 12n })
  expect(returned.counts).toMatchObject({ new: 1, restated: 1 })
  const history = historyOfRecord(ledger, 'usage_event', seq)
  expect(
    history.map(({ columns }) => [
      columns.revision,
      columns.quantity,
      columns.correction,
      columns.corrects,
      columns.posted_ms,
    ]),
  ).toEqual([
    [0, '9223372036854775807', null, null, null],
    [0, '-9223372036854775807', 'reversal', seq, 1_790_000_000_000],
    [1, '12', 'restatement', seq, null],
  ])
  expect(readEntry(ledger, seq)?.batch?.batchId).toBe(1)
  expect(await verifyLedger(ledger)).toMatchObject({ ok: true })
})
