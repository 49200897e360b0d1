/** A book whose first events are rows, as those of version 1 are, that goes on with pages. */
import { hash } from 'node:crypto'
import { expect, test } from 'vitest'
import { openCube } from '../../../src/main/cube/cube.ts'
import { readRows } from '../../../src/main/cube/database.ts'
import { closeLedger, openLedgerForWriting, type WritingLedger } from '../../../src/main/ledger/open.ts'
import { openBatch } from '../../../src/main/ledger/open-batch.ts'
import { blockNumbers, openRawBlocks } from '../../../src/main/ledger/raw-block.ts'
import { historyOfRecord, readEntry, searchEntries } from '../../../src/main/ledger/read.ts'
import { controlTotals } from '../../../src/main/ledger/read-totals.ts'
import { addUsage } from '../../../src/main/ledger/totals.ts'
import { verifyLedger } from '../../../src/main/ledger/verify.ts'
import { batch, contentKey, HEADER, origin, temporaryFolder, usageFields } from './book.ts'

const ordinalKey = (content: string, ordinal: number): Buffer =>
  hash('sha256', Buffer.concat([contentKey(content), Buffer.from([0, 0, 0, ordinal])]), 'buffer').subarray(
    0,
    16,
  )

/** Events by the ids a, b, c, and twice a content without an id; their seqs in that order. */
const postRows = (
  ledger: WritingLedger,
  names: { tenantNo: number; measureNo: number; sourceNo: number; setNo: number },
): number[] => {
  ledger.database.exec('BEGIN IMMEDIATE')
  const writing = openBatch(ledger)
  const blocks = openRawBlocks(writing, blockNumbers(writing))
  const keys = [...['a', 'b', 'c'].map(contentKey), ordinalKey('row', 0), ordinalKey('row', 1)]
  const blockNo = blocks.blockNo('text')
  const rows = keys.map((key) => [key, blocks.keep('text', 'a record')] as const)
  const seqs = rows.map(([key, blockRow]) => {
    addUsage(writing.control, names.measureNo, 1, 10n)
    writing.counts.rows++
    writing.counts.new++
    return writing.append('usage_event', [
      names.sourceNo,
      key,
      0,
      names.tenantNo,
      names.measureNo,
      10n,
      1_789_000_000_000,
      null,
      null,
      names.setNo,
      blockNo,
      blockRow,
      null,
      null,
    ])
  })
  blocks.close()
  writing.finish(HEADER)
  ledger.database.exec('COMMIT')
  return seqs
}

test('events that are rows are known again, corrected, found and summed like those of pages', async () => {
  const folder = temporaryFolder()
  const first = openLedgerForWriting(folder, { program: 'test 1', create: true })
  let names = { tenantNo: 0, measureNo: 0, sourceNo: 0, setNo: 0 }
  await batch(first, (appender) => {
    const { tenantNo, measureNo, sourceNo, setNo } = usageFields(appender)
    names = { tenantNo, measureNo, sourceNo, setNo: setNo ?? 0 }
  })
  const [a = 0, b = 0, c = 0, row0 = 0, row1 = 0] = postRows(first, names)
  closeLedger(first)
  const ledger = openLedgerForWriting(folder, { program: 'test 1' })
  expect(await verifyLedger(ledger)).toMatchObject({ ok: true })

  const deliver = (quantity = 10n) =>
    batch(ledger, (appender) => {
      for (const id of ['a', 'b', 'd'])
        appender.usageById(contentKey(id), usageFields(appender, { quantity }), origin(id))
      for (let i = 0; i < 3; i++)
        appender.usageByContent(contentKey('row'), usageFields(appender), origin('row'))
    })
  // d and a third of the content are new; they stand in a page.
  expect((await deliver()).counts).toMatchObject({ new: 2, duplicate: 4, conflict: 0 })
  expect((await deliver()).counts).toMatchObject({ new: 0, duplicate: 6 })
  expect((await deliver(11n)).counts).toMatchObject({ new: 0, duplicate: 3, conflict: 3 })
  const all = searchEntries(ledger, { tables: ['usage_event'] })
  const [row2, d] = all.map(({ seq }) => seq)
  expect(all.map(({ seq }) => seq)).toEqual([row2, d, row1, row0, c, b, a])

  // One row and one event of a page are taken back, and come again.
  const { firstSeq } = await batch(ledger, (appender) => {
    appender.reverseUsage(a, null)
    appender.reverseUsage(d ?? 0, null)
    appender.reverseUsage(row1, null)
  })
  const returned = await deliver()
  expect(returned.counts).toMatchObject({ new: 3, restated: 3, duplicate: 3 })
  expect((await deliver()).counts).toMatchObject({ new: 0, duplicate: 6 })
  const again = searchEntries(ledger, { tables: ['usage_event'], batchId: returned.batchId }).map(
    ({ seq }) => seq,
  )
  const historyOf = (seq: number) => historyOfRecord(ledger, 'usage_event', seq).map((entry) => entry.seq)
  const histories = [
    [a, firstSeq, again[2]],
    [d, firstSeq + 1, again[1]],
    [row1, firstSeq + 2, again[0]],
  ]
  for (const history of histories) for (const seq of history) expect(historyOf(seq ?? 0)).toEqual(history)
  expect(readEntry(ledger, again[1] ?? 0)?.entry.columns).toMatchObject({
    correction: 'restatement',
    corrects: d,
    revision: 1,
  })
  for (const seq of [b, c, row0, row2 ?? 0]) expect(historyOf(seq)).toEqual([seq])

  // Pages and rows together, newest first, by pages of the list.
  const live = searchEntries(ledger, {
    tables: ['usage_event'],
    tenant: 'acme',
    metric: 'api.calls',
    amount: '10',
  })
  const seqs = live.map(({ seq }) => seq)
  expect(seqs).toEqual([...again, row2, d, row1, row0, c, b, a])
  const pages: number[] = []
  for (let before: number | undefined; ; ) {
    const page = searchEntries(ledger, {
      amount: '10',
      limit: 2,
      ...(before === undefined ? {} : { before }),
    })
    if (page.length === 0) break
    pages.push(...page.map(({ seq }) => seq))
    before = pages.at(-1)
  }
  expect(pages).toEqual(seqs)
  for (const seq of seqs)
    expect(searchEntries(ledger, { seq: seq ?? 0 }).map((entry) => entry.seq)).toEqual([seq])
  expect(searchEntries(ledger, { amount: '10', fromMs: 1_789_000_000_001 })).toEqual([])
  expect(searchEntries(ledger, { amount: '-10' }).map(({ seq }) => seq)).toEqual([
    firstSeq + 2,
    firstSeq + 1,
    firstSeq,
  ])

  expect(await verifyLedger(ledger)).toMatchObject({ ok: true })
  expect(controlTotals(ledger).usage.get(names.measureNo)).toEqual({ events: 13, quantity: 70n })
  const cube = await openCube(folder)
  await cube.follow()
  expect(
    await cube.read((connection) =>
      readRows(connection, 'SELECT count(*)::INTEGER, sum(quantity)::INTEGER FROM usage_fact'),
    ),
  ).toEqual([[13, 70]])
  await cube.close()
  closeLedger(ledger)
})
