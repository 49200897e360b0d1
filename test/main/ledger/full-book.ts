/** A book with at least one entry in every table, whatever tables there are. */
import type Database from 'better-sqlite3'
import type { WritingLedger } from '../../../src/main/ledger/open.ts'
import { listConflicts } from '../../../src/main/ledger/read-exceptions.ts'
import { ENTRY_TABLES } from '../../../src/main/ledger/schema.ts'
import { searchEntries } from '../../../src/main/ledger/search-entries.ts'
import { batch, contentKey, costFields, newBook, origin, usageFields } from './book.ts'

export const GUARDED_TABLES = [...ENTRY_TABLES, 'batch'] as const

export const keyOf = (table: string): string => (table === 'batch' ? 'batch_id' : 'seq')

export const columnsOf = (database: Database.Database, table: string) =>
  database.pragma(`table_info(${table})`) as { readonly name: string; readonly type: string }[]

/** Every row of the book, from whatever schema it stands under. */
export const dump = (database: Database.Database, schema = 'main') =>
  GUARDED_TABLES.map((table) => database.prepare(`SELECT * FROM ${schema}.${table}`).all())

/** Two batches: names, events, a conflict, a cost, a quarantined record with its answer, a document; then corrections. */
export const fullBook = async (): Promise<WritingLedger> => {
  const ledger = newBook()
  await batch(ledger, (appender) => {
    const fields = usageFields(appender)
    for (const id of ['1', '2', '3']) appender.usageById(contentKey(id), fields, origin(`event ${id}`))
    appender.usageById(
      contentKey('1'),
      { ...fields, quantity: 11n },
      { ...origin('event 1 again'), reader: '{"kind":"cloudevents"}' },
    )
    appender.usageById(
      contentKey('2'),
      { ...fields, quantity: 12n },
      { ...origin('event 2 again'), reader: '{"kind":"cloudevents"}' },
    )
    for (const amount of ['c', 'd'])
      appender.costByContent(contentKey(amount), costFields(appender), origin([amount]))
    const refused = { reader: 'cloudevents', file: 'f', row: 3, column: 'id', code: 'not_json', message: 'm' }
    for (const raw of ['{', '['])
      appender.quarantineOutcome(
        appender.quarantine({ sourceNo: fields.sourceNo, ...refused, raw }),
        'dismissed',
        'noise',
      )
    appender.document('rules', 'main', '[]', 0)
  })
  const [event] = searchEntries(ledger, { tables: ['usage_event'], limit: 1 })
  const [cost] = searchEntries(ledger, { tables: ['cost_entry'], limit: 1 })
  await batch(
    ledger,
    (appender) => {
      for (const { seq } of listConflicts(ledger))
        appender.conflictOutcome(seq, 'dismissed', 'the first is right')
      appender.reverseUsage(event?.seq ?? 0, null)
      appender.reverseCost(cost?.seq ?? 0, null)
    },
    { kind: 'correction', title: 'Corrections', checkpoint: '{"page":7}', fileSha256: 'ab' },
  )
  for (const table of ENTRY_TABLES)
    if (ledger.database.prepare(`SELECT 1 FROM ${table}`).get() === undefined)
      throw new Error(
        `The book of this test has no entry in ${table}: add one, so that its guards are tried.`,
      )
  return ledger
}
