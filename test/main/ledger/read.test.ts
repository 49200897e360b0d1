import { expect, test } from 'vitest'
import {
  findBatchOfFile,
  lastCheckpoint,
  listBatches,
  readBatch,
  readEntry,
  readHead,
  searchEntries,
} from '../../../src/main/ledger/read.ts'
import {
  listDocuments,
  listDocumentVersions,
  readDocument,
  readDocumentVersion,
} from '../../../src/main/ledger/read-documents.ts'
import {
  countConflicts,
  countQuarantine,
  listQuarantine,
  readQuarantined,
} from '../../../src/main/ledger/read-exceptions.ts'
import {
  controlTotals,
  listAttributeSets,
  listBills,
  listMeasures,
  listSources,
  listTenants,
} from '../../../src/main/ledger/read-totals.ts'
import { controlText } from '../../../src/main/ledger/totals.ts'
import {
  batch,
  billOf,
  contentKey,
  costFields,
  decimal,
  deliverUsage,
  newBook,
  origin,
  usageFields,
} from './book.ts'

const at = (text: string): number => Date.parse(text)

test('head and batches, newest first and by pages', async () => {
  const ledger = newBook()
  expect([readHead(ledger), listBatches(ledger), readBatch(ledger, 1)]).toEqual([null, [], null])
  for (let i = 1; i <= 5; i++)
    await batch(ledger, (appender) => void appender.tenant(`t${i}`), {
      recordedMs: i,
      fileSha256: `f${i}`,
      checkpoint: i === 4 ? 'page 4' : null,
    })
  expect(readHead(ledger)).toMatchObject({ batchId: 5, recordedMs: 5, entries: 5 })
  expect(listBatches(ledger, { limit: 2 }).map(({ batchId }) => batchId)).toEqual([5, 4])
  expect(listBatches(ledger, { before: 4, limit: 9 }).map(({ batchId }) => batchId)).toEqual([3, 2, 1])
  expect(findBatchOfFile(ledger, 'f3')?.batchId).toBe(3)
  expect(findBatchOfFile(ledger, 'f9')).toBeNull()
  expect(lastCheckpoint(ledger, 'usage.jsonl')).toBe('page 4')
})

test('entries are found by seq, tenant, metric, amount, batch and time, by pages', async () => {
  const ledger = newBook()
  await batch(ledger, (appender) => {
    const acme = usageFields(appender)
    const bolt = usageFields(appender, {
      tenantNo: appender.tenant('bolt'),
      measureNo: appender.measure('gb', 2),
      quantity: 1250n,
      startMs: 5,
    })
    appender.usageById(contentKey('1'), acme, origin('1'))
    appender.usageById(contentKey('2'), { ...acme, quantity: 9_223_372_036_854_775_807n }, origin('2'))
    appender.usageById(contentKey('3'), bolt, origin('3'))
    appender.costByContent(
      contentKey('4'),
      costFields(appender, { billedCost: decimal('12.5') }),
      origin(['4']),
    )
  })
  await deliverUsage(ledger, ['5'])
  const found = (search: Parameters<typeof searchEntries>[1]) =>
    searchEntries(ledger, { tables: ['usage_event', 'cost_entry'], ...search }).map(({ columns, table }) =>
      table === 'cost_entry' ? `cost ${columns.billed_cost}` : `usage ${columns.quantity}`,
    )
  expect(found({ tenant: 'acme', batchId: 1 })).toEqual(['usage 9223372036854775807', 'usage 10'])
  expect(found({ tenant: 'nobody' })).toEqual([])
  expect(found({ metric: 'gb' })).toEqual(['usage 1250'])
  expect(found({ amount: '12.50' })).toEqual(['usage 1250', 'cost 12.5'])
  expect(found({ amount: '9223372036854775807' })).toEqual(['usage 9223372036854775807'])
  expect(found({ amount: 'twelve' })).toEqual([])
  expect(found({ fromMs: 0, toMs: 6 })).toEqual(['usage 1250'])
  expect(found({ batchId: 2 })).toEqual(['usage 10'])
  expect(searchEntries(ledger, { batchId: 2 }).map(({ table }) => table)).toEqual([
    'usage_event',
    'raw_block',
  ])
  const all = searchEntries(ledger, {})
  const first = searchEntries(ledger, { limit: 6 })
  expect([...first, ...searchEntries(ledger, { before: first.at(-1)?.seq ?? 0 })]).toEqual(all)
  expect(all).toHaveLength(readHead(ledger)?.entries ?? -1)
  for (const entry of all) expect(readEntry(ledger, entry.seq)?.entry).toEqual(entry)
  expect(readEntry(ledger, 999)).toBeNull()
})

test('documents: current, at a version, all of a kind, and as they were after a batch', async () => {
  const ledger = newBook()
  const save = (id: string, content: string) =>
    batch(ledger, (appender) => void appender.document('customer', id, content, null))
  await save('a', '1')
  await save('b', '2')
  await save('a', '3')
  expect(readDocument(ledger, 'customer', 'a')).toMatchObject({
    version: 2,
    content: '3',
    batchId: 3,
    author: 'ann',
  })
  expect(readDocument(ledger, 'customer', 'a', { asOfBatch: 2 })).toMatchObject({ version: 1, content: '1' })
  expect(readDocument(ledger, 'customer', 'b', { asOfBatch: 1 })).toBeNull()
  expect(readDocumentVersion(ledger, 'customer', 'a', 1)?.content).toBe('1')
  expect(readDocumentVersion(ledger, 'customer', 'a', 2, { asOfBatch: 2 })).toBeNull()
  expect(listDocumentVersions(ledger, 'customer', 'a').map(({ content }) => content)).toEqual(['1', '3'])
  expect(listDocuments(ledger, 'customer').map(({ content }) => content)).toEqual(['3', '2'])
  expect(listDocuments(ledger, 'customer', { asOfBatch: 2 }).map(({ content }) => content)).toEqual([
    '1',
    '2',
  ])
  expect(listDocuments(ledger, 'deal')).toEqual([])
})

test('the quarantine lists what is open and what is answered', async () => {
  const ledger = newBook()
  const seqs: number[] = []
  await batch(ledger, (appender) => {
    const sourceNo = appender.source('s', 'csv')
    for (const raw of ['r1', 'r2', 'r3'])
      seqs.push(
        appender.quarantine({
          sourceNo,
          reader: 'csv',
          file: 'f',
          row: 2,
          column: null,
          code: 'c',
          message: 'm',
          raw,
        }),
      )
  })
  const answer = () =>
    batch(ledger, (appender) => appender.quarantineOutcome(seqs[1] ?? 0, 'replayed', 'by ann'), {
      kind: 'correction',
    })
  await answer()
  await expect(answer()).rejects.toMatchObject({ code: 'record_is_answered_already' })
  expect(listQuarantine(ledger).map(({ raw }) => raw)).toEqual(['r3', 'r1'])
  expect(listQuarantine(ledger, { state: 'answered' })).toMatchObject([
    { raw: 'r2', outcome: 'replayed', note: 'by ann', sourceKey: 's' },
  ])
  expect(
    listQuarantine(ledger, { state: 'all', limit: 1, before: seqs[2] ?? 0 }).map(({ raw }) => raw),
  ).toEqual(['r2'])
  expect(countQuarantine(ledger)).toEqual({ open: 2, answered: 1 })
  expect(readQuarantined(ledger, seqs[0] ?? 0)?.raw).toBe('r1')
  expect(countConflicts(ledger)).toEqual({ open: 0, answered: 0 })
})

test('names and control totals', async () => {
  const ledger = newBook()
  await batch(
    ledger,
    (appender) => {
      const events = [
        '2026-08-31T21:59:59Z',
        '2026-08-31T22:00:00Z',
        '2026-09-01T10:00:00Z',
        '2026-10-25T00:30:00Z',
      ]
      for (const [i, time] of events.entries())
        appender.usageById(
          contentKey(String(i)),
          usageFields(appender, { startMs: at(time) }),
          origin(String(i)),
        )
      const late = usageFields(appender, {
        startMs: at('2026-07-02T00:00:00Z'),
        postedMs: at('2026-10-31T23:00:00Z'),
      })
      appender.usageById(contentKey('late'), late, origin('late'))
      appender.costByContent(
        contentKey('c'),
        costFields(appender, { billNo: billOf(appender, '2026-08'), startMs: at('2026-08-31T23:00:00Z') }),
        origin(['c']),
      )
      appender.costByContent(
        contentKey('d'),
        costFields(appender, { postedMs: at('2026-12-01T00:00:00Z') }),
        origin(['d']),
      )
    },
    { recordedMs: 100 },
  )
  await batch(
    ledger,
    (appender) =>
      void appender.usageById(
        contentKey('x'),
        usageFields(appender, { startMs: at('2026-09-01T12:00:00Z') }),
        origin('x'),
      ),
    { recordedMs: 200 },
  )
  expect(controlText(controlTotals(ledger))).toBe(
    '{"cost":{"USD":{"billed":"2.5","effective":"2.000000000000000002","entries":2}},"usage":{"1":{"events":6,"quantity":"60"}}}',
  )
  expect(controlText(controlTotals(ledger, { asOfBatch: 1 }))).toContain('"events":5')
  expect(listSources(ledger)).toEqual([
    { sourceNo: 1, sourceKey: 'gateway', kind: 'cloudevents' },
    { sourceNo: 2, sourceKey: 'aws', kind: 'focus' },
  ])
  expect(listTenants(ledger)).toEqual([{ tenantNo: 1, tenant: 'acme' }])
  expect(listMeasures(ledger)).toEqual([{ measureNo: 1, metric: 'api.calls', scale: 0 }])
  expect(listAttributeSets(ledger, { after: 1 })).toEqual([
    { setNo: 2, kind: 'cost', content: '{"service":"EC2"}' },
  ])
  expect(listBills(ledger).map(({ month }) => month)).toEqual(['2026-08', '2026-09'])
})
