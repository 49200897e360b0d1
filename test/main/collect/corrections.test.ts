/** A book that version 1 wrote: it is brought to this version, and its conflicts, kept without a reader, are answered. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import type { CsvMapping } from '../../../src/contract/sources.ts'
import type { Currency } from '../../../src/domain/money.ts'
import { restateRecord } from '../../../src/main/collect/corrections.ts'
import { importFile } from '../../../src/main/collect/import-file.ts'
import type { ReaderChoice } from '../../../src/main/collect/readers.ts'
import { closeLedger, LEDGER_FILE, openLedgerForWriting } from '../../../src/main/ledger/open.ts'
import { historyOfRecord, readHead } from '../../../src/main/ledger/read.ts'
import { countConflicts, listConflicts } from '../../../src/main/ledger/read-exceptions.ts'
import { SCHEMA_VERSION } from '../../../src/main/ledger/schema.ts'
import { verifyLedger } from '../../../src/main/ledger/verify.ts'
import { temporaryFolder } from '../ledger/book.ts'

const SQL = readFileSync(new URL('../../fixtures/books/version-1.sql', import.meta.url), 'utf8')

const CONTEXT = {
  author: 'Bea',
  nowMs: Date.UTC(2026, 10, 2),
  timeZone: 'UTC',
  currency: 'USD' as Currency,
}

/** The book of the fixture, opened for writing by this program. */
const bookOfVersion1 = () => {
  const directory = temporaryFolder()
  const database = new Database(join(directory, LEDGER_FILE))
  database.exec(SQL)
  const head = database.prepare('SELECT batch_id, hash FROM batch ORDER BY batch_id DESC LIMIT 1').get()
  database.close()
  const ledger = openLedgerForWriting(directory, { program: 'test 2' })
  onTestFinished(() => closeLedger(ledger))
  const take = (name: string, text: string, source: string, choice: ReaderChoice) => {
    const path = join(directory, name)
    writeFileSync(path, text)
    return importFile(
      ledger,
      { path, name, source, choice, delivery: 'restate' },
      { ...CONTEXT, proposedMetrics: [] },
      () => {},
    )
  }
  const conflictOf = (file: string) => {
    const conflict = listConflicts(ledger, { state: 'all' }).find((each) => each.file === file)
    if (conflict === undefined) throw new Error(`the book has no conflict of ${file}`)
    return conflict
  }
  return { ledger, head, take, conflictOf }
}

const quantities = (ledger: Parameters<typeof historyOfRecord>[0], seq: number | null) =>
  historyOfRecord(ledger, 'usage_event', seq ?? 0).map(({ columns }) => columns.quantity)

test('it opens, verifies, and is what it was', async () => {
  const { ledger, head, conflictOf } = bookOfVersion1()
  expect(ledger.database.pragma('user_version', { simple: true })).toBe(SCHEMA_VERSION)
  expect(await verifyLedger(ledger)).toMatchObject({ ok: true, batches: 6 })
  const { batchId, hash } = readHead(ledger) ?? {}
  expect({ batch_id: batchId, hash }).toEqual(head)
  expect(countConflicts(ledger)).toEqual({ open: 2, answered: 0 })
  expect(conflictOf('later.jsonl')).toMatchObject({ reader: null, outcome: null, answerBatchId: null })
})

test('a conflict of JSON lines can be taken, because one reader only reads them', async () => {
  const { ledger, conflictOf } = bookOfVersion1()
  const { seq } = conflictOf('later.jsonl')
  const { postedSeq } = await restateRecord(ledger, { conflictSeq: seq, note: 'x' }, CONTEXT)
  expect(quantities(ledger, postedSeq)).toEqual(['5', '-5', '7'])
  expect(countConflicts(ledger)).toEqual({ open: 1, answered: 1 })
  expect(await verifyLedger(ledger)).toMatchObject({ ok: true })
})

test('one of a CSV is refused until its file is imported again, which notes how it is read', async () => {
  const { ledger, take, conflictOf } = bookOfVersion1()
  const { seq } = conflictOf('later.csv')
  const taking = () => restateRecord(ledger, { conflictSeq: seq, note: 'x' }, CONTEXT)
  await expect(taking()).rejects.toThrow(
    'An older program kept this record without noting how later.csv was read, so that it can’t be read again. Nothing was changed. Import the file once more: the record is then found again, and can be taken.',
  )
  expect(countConflicts(ledger)).toEqual({ open: 2, answered: 0 })

  const mapping: CsvMapping = {
    tenant: { column: 'tenant' },
    metric: { fixed: 'api.calls' },
    quantity: { column: 'calls' },
    time: { column: 'at', format: 'iso', timeZone: 'UTC' },
    id: 'id',
    dimensions: [],
  }
  const text = 'id,tenant,at,calls\n9,bolt,2026-09-12T00:00:00Z,7\n'
  for (let i = 0; i < 2; i++)
    expect(await take('later.csv', text, 'Tables', { kind: 'csv', mapping })).toMatchObject({
      added: 0,
      conflict: 1,
    })
  expect(JSON.parse(conflictOf('later.csv').reader ?? '')).toEqual({ kind: 'csv', mapping })
  const { postedSeq } = await taking()
  expect(quantities(ledger, postedSeq)).toEqual(['5', '-5', '7'])
  expect(await verifyLedger(ledger)).toMatchObject({ ok: true })
})
