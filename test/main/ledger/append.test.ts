import { expect, test } from 'vitest'
import { type Appender, appendBatch } from '../../../src/main/ledger/append.ts'
import { closeLedger, openLedgerForReading } from '../../../src/main/ledger/open.ts'
import { rawRecord, readBatch, readHead } from '../../../src/main/ledger/read.ts'
import { readDocument } from '../../../src/main/ledger/read-documents.ts'
import { listQuarantine } from '../../../src/main/ledger/read-exceptions.ts'
import { ENTRY_TABLES } from '../../../src/main/ledger/schema.ts'
import { verifyLedger } from '../../../src/main/ledger/verify.ts'
import {
  batch,
  contentKey,
  costFields,
  decimal,
  deliverUsage,
  HEADER,
  newBook,
  origin,
  usageFields,
} from './book.ts'

const sizeOf = (ledger: ReturnType<typeof newBook>): unknown =>
  [...ENTRY_TABLES, 'batch'].map((table) =>
    ledger.database.prepare(`SELECT count(*) FROM ${table}`).pluck().get(),
  )

test('a batch that throws leaves nothing, and the next one begins where it began', async () => {
  const ledger = newBook()
  await deliverUsage(ledger, ['a'])
  const before = sizeOf(ledger)
  const failing = batch(ledger, async (appender) => {
    for (let i = 0; i < 2000; i++)
      appender.usageByContent(contentKey(`x${i}`), usageFields(appender), origin(`x${i}`))
    await Promise.resolve()
    throw new Error('the file broke off')
  })
  await expect(failing).rejects.toThrow('the file broke off')
  expect(sizeOf(ledger)).toEqual(before)
  const next = await deliverUsage(ledger, ['b'])
  expect(next.batchId).toBe(2)
  expect(await verifyLedger(ledger)).toMatchObject({ ok: true, batches: 2 })
})

test('an aborted batch leaves nothing, and its appender is dead', async () => {
  const ledger = newBook()
  const abort = new AbortController()
  let kept: Appender | null = null
  const aborted = appendBatch(
    ledger,
    HEADER,
    (appender) => {
      kept = appender
      appender.tenant('acme')
      abort.abort(new Error('cancelled by ann'))
    },
    { signal: abort.signal },
  )
  await expect(aborted).rejects.toThrow('cancelled by ann')
  expect(() => kept?.tenant('late')).toThrow('this batch has ended')
  expect(readHead(ledger)).toBeNull()
  await batch(ledger, (appender) => {
    kept = appender
  })
  expect(() => kept?.document('a', 'b', '{}', null)).toThrow('this batch has ended')
  expect(() => kept?.usageByContent(contentKey('a'), { ...FIELDS }, origin('a'))).toThrow(
    'this batch has ended',
  )
})

const FIELDS = {
  sourceNo: 1,
  tenantNo: 1,
  measureNo: 1,
  quantity: 1n,
  startMs: 0,
  endMs: null,
  postedMs: null,
  setNo: null,
}

test('batches asked for at once follow one another, and readers see whole ones only', async () => {
  const ledger = newBook()
  const seen: (number | undefined)[] = []
  const first = batch(ledger, async (appender) => {
    appender.tenant('acme')
    await new Promise((resolve) => setTimeout(resolve, 5))
    const reading = openLedgerForReading(ledger.directory)
    seen.push(readHead(reading)?.batchId)
    closeLedger(reading)
    appender.tenant('bolt')
  })
  const second = batch(ledger, (appender) => void appender.tenant('acme'))
  expect([(await first).batchId, (await second).batchId]).toEqual([1, 2])
  expect(seen).toEqual([undefined])
  expect(await second).toMatchObject({ firstSeq: 3, lastSeq: 2 })
})

test('the header is kept with its checkpoint, counts and control totals', async () => {
  const ledger = newBook()
  const summary = await batch(
    ledger,
    (appender) => {
      const fields = usageFields(appender, { quantity: 9_223_372_036_854_775_807n })
      appender.usageById(contentKey('1'), fields, origin('1'))
      appender.usageById(contentKey('2'), fields, origin('2'))
      appender.costByContent(contentKey('c'), costFields(appender), origin(['c']))
      appender.costByContent(contentKey('d'), costFields(appender, { effectiveCost: null }), origin(['d']))
      appender.ignored()
    },
    { checkpoint: '{"page":7}', fileSha256: 'ab' },
  )
  const stored = readBatch(ledger, 1)
  expect(stored).toMatchObject({
    checkpoint: '{"page":7}',
    fileSha256: 'ab',
    program: 'test 1',
    hash: summary.hash,
  })
  expect(stored?.counts).toMatchObject({ rows: 5, new: 4, ignored: 1, duplicate: 0 })
  expect(stored?.control.usage.get(1)).toEqual({ events: 2, quantity: 18_446_744_073_709_551_614n })
  expect(stored?.control.cost.get('USD')).toEqual({
    entries: 2,
    billed: 2_500_000_000_000_000_000n,
    effective: 1_000_000_000_000_000_001n,
  })
})

test.each([
  [
    'a quantity beyond 64 bits',
    (a: Appender) => a.usageById(contentKey('1'), usageFields(a, { quantity: 2n ** 63n }), origin('1')),
    'quantity_does_not_fit',
  ],
  [
    'a quantity whose reversal would not fit',
    (a: Appender) => a.usageById(contentKey('1'), usageFields(a, { quantity: -(2n ** 63n) }), origin('1')),
    'quantity_does_not_fit',
  ],
  [
    'an amount with 19 decimals',
    (a: Appender) =>
      a.costByContent(
        contentKey('1'),
        costFields(a, { billedCost: decimal('0.0000000000000000001') }),
        origin('1'),
      ),
    'amount_does_not_fit',
  ],
  [
    'an effective cost of 21 digits',
    (a: Appender) =>
      a.costByContent(
        contentKey('1'),
        costFields(a, { effectiveCost: decimal('123456789012345678901') }),
        origin('1'),
      ),
    'amount_does_not_fit',
  ],
  [
    'a source under another kind',
    (a: Appender) => a.source('s', 'csv') + a.source('s', 'focus'),
    'source_exists_with_another_kind',
  ],
  ['a reversal of nothing', (a: Appender) => a.reverseUsage(12, null), 'entry_does_not_exist'],
  ['an answer to nothing', (a: Appender) => a.quarantineOutcome(12, 'dismissed', ''), 'entry_does_not_exist'],
])('%s is refused', async (_, write, code) => {
  const ledger = newBook()
  await expect(batch(ledger, (appender) => void write(appender))).rejects.toMatchObject({
    name: 'LedgerRefusal',
    code,
  })
  expect(readHead(ledger)).toBeNull()
})

test('amounts that are not canonical text are a bug', async () => {
  const write = (appender: Appender) =>
    void appender.costByContent(
      contentKey('1'),
      costFields(appender, { billedCost: decimal('1.50') }),
      origin('1'),
    )
  await expect(batch(newBook(), write)).rejects.toThrow('not canonical decimal text: 1.50')
})

test('names get numbers once, across batches', async () => {
  const ledger = newBook()
  const numbers: number[][] = []
  for (let i = 0; i < 2; i++)
    await batch(ledger, (a) => {
      numbers.push([
        a.source('s', 'csv'),
        a.source('t', 'csv'),
        a.tenant('a'),
        a.tenant('b'),
        a.tenant('a'),
        a.measure('m', 0),
        a.measure('m', 2),
        a.attributeSet('usage', '{}'),
        a.attributeSet('cost', '{}'),
      ])
    })
  expect(numbers).toEqual([
    [1, 2, 1, 2, 1, 1, 2, 1, 2],
    [1, 2, 1, 2, 1, 1, 2, 1, 2],
  ])
})

test('raw records come back verbatim, across blocks and headers', async () => {
  const ledger = newBook()
  const pointers: { blockNo: number; blockRow: number }[] = []
  const summary = await batch(ledger, (appender) => {
    for (let i = 0; i < 4200; i++) pointers.push(appender.raw(`{"line": ${i}}  \u2028"👍\ud800`))
    pointers.push(appender.raw(['1', ''], ['a', 'a']))
    pointers.push(appender.raw(['2', 'x', 'more'], ['a', 'b']))
  })
  expect(summary.lastSeq).toBe(4)
  expect(
    pointers
      .map(({ blockNo, blockRow }) => `${blockNo}/${blockRow}`)
      .filter((_, i) => [0, 4095, 4096, 4199, 4200, 4201].includes(i)),
  ).toEqual(['1/0', '1/4095', '2/0', '2/103', '3/0', '4/0'])
  expect(rawRecord(ledger, 2, 0)).toEqual({ kind: 'text', text: '{"line": 4096}  \u2028"👍\ud800' })
  expect(rawRecord(ledger, 3, 0)).toEqual({
    kind: 'row',
    fields: [
      { name: 'a', value: '1' },
      { name: 'a', value: '' },
    ],
  })
  expect(rawRecord(ledger, 4, 0)).toMatchObject({
    fields: [{ name: 'a' }, { name: 'b' }, { name: 'column 3', value: 'more' }],
  })
  expect(() => rawRecord(ledger, 9, 0)).toThrow('There is no raw block 9.')
})

test('a document is saved only over the version that was seen', async () => {
  const ledger = newBook()
  const save = (content: string, expected: number | null) =>
    batch(ledger, (appender) => void appender.document('rules', 'main', content, expected), {
      kind: 'document',
    })
  await save('"one"', 0)
  await save('"two"', 1)
  await expect(save('"three"', 1)).rejects.toMatchObject({
    code: 'document_was_changed_meanwhile',
    message:
      'The rules main was changed meanwhile: it is at version 2, and the change was made to version 1. ' +
      'Nothing was saved; look at the newer version and make the change again.',
  })
  await expect(save('"new"', 0)).rejects.toMatchObject({ code: 'document_was_changed_meanwhile' })
  await save('"four"', null)
  expect(readDocument(ledger, 'rules', 'main')).toMatchObject({ version: 3, content: '"four"' })
})

test('a quarantined record is counted each time and kept once', async () => {
  const ledger = newBook()
  const refuse = (code: string) =>
    batch(ledger, (appender) => {
      const sourceNo = appender.source('s', 'csv')
      appender.quarantine({
        sourceNo,
        reader: 'csv',
        file: 'f',
        row: 2,
        column: 'c',
        code,
        message: 'm',
        raw: 'r',
      })
    })
  expect((await refuse('not_a_number')).counts).toMatchObject({ rows: 1, quarantined: 1 })
  expect((await refuse('not_a_number')).counts).toMatchObject({ rows: 1, quarantined: 1 })
  await refuse('too_large')
  expect(listQuarantine(ledger).map(({ code }) => code)).toEqual(['too_large', 'not_a_number'])
})
