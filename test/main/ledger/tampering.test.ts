/** What gets past the guards, because it takes them away first, is named by `verify`: table by table, column by column. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Fault } from '../../../src/main/ledger/fault.ts'
import {
  closeLedger,
  LEDGER_FILE,
  openLedgerForReading,
  type WritingLedger,
} from '../../../src/main/ledger/open.ts'
import { ENTRY_TABLES } from '../../../src/main/ledger/schema.ts'
import { verifyLedger } from '../../../src/main/ledger/verify.ts'
import { plainConnection, tamper, temporaryFolder } from './book.ts'
import { columnsOf, fullBook, GUARDED_TABLES } from './full-book.ts'

const WHAT_NEXT = 'Keep a copy of the book as it is and restore the latest backup that verifies.'

/** The fault that is found while the statements hold; they are taken back afterwards. Null where none is found. */
const faultWhile = async (ledger: WritingLedger, ...statements: readonly string[]): Promise<Fault | null> => {
  const { database } = ledger
  database.exec('SAVEPOINT tampering')
  try {
    for (const statement of statements) database.exec(statement)
    const verification = await verifyLedger(ledger)
    return verification.ok ? null : verification.fault
  } finally {
    database.exec('ROLLBACK TO tampering; RELEASE tampering')
  }
}

interface Trigger {
  readonly name: string
  readonly table: string
  readonly sql: string
}
const triggersOf = (ledger: WritingLedger): readonly Trigger[] =>
  ledger.database
    .prepare(`SELECT name, tbl_name AS "table", sql FROM sqlite_schema WHERE type = 'trigger'`)
    .all() as Trigger[]

/** The statements with the guards taken away before and put back after. */
const unguarded = (ledger: WritingLedger, statement: string): readonly string[] => [
  ...triggersOf(ledger).map(({ name }) => `DROP TRIGGER ${name}`),
  statement,
  ...triggersOf(ledger).map(({ sql }) => sql),
]

test('each guard that was dropped is named', async () => {
  const ledger = await fullBook()
  const triggers = triggersOf(ledger)
  expect(triggers.length).toBeGreaterThan(3 * GUARDED_TABLES.length)
  for (const { name, table } of triggers)
    expect(await faultWhile(ledger, `DROP TRIGGER ${name}`), name).toEqual({
      batchId: null,
      seq: null,
      table,
      sentence: `The trigger ${name} that guards the book is missing. ${WHAT_NEXT}`,
    })
  expect(await faultWhile(ledger)).toBeNull()
})

test('a guard that is put back with less in it is named', async () => {
  const ledger = await fullBook()
  for (const { name, table, sql } of triggersOf(ledger))
    expect(
      await faultWhile(
        ledger,
        `DROP TRIGGER ${name}`,
        sql.replace(/\bBEGIN\b[\s\S]*/, 'BEGIN SELECT 1; END'),
      ),
      name,
    ).toMatchObject({ table, sentence: `The trigger ${name} that guards the book was altered. ${WHAT_NEXT}` })
})

test('each table that was dropped, renamed or altered is named', async () => {
  const ledger = await fullBook()
  for (const table of GUARDED_TABLES) {
    const missing = {
      batchId: null,
      seq: null,
      table,
      sentence: `The table ${table} that guards the book is missing. ${WHAT_NEXT}`,
    }
    expect(await faultWhile(ledger, ...unguarded(ledger, '').slice(0, -1), `DROP TABLE ${table}`)).toEqual(
      missing,
    )
    expect(await faultWhile(ledger, `ALTER TABLE ${table} RENAME TO hidden`)).toEqual(missing)
    expect(await faultWhile(ledger, `ALTER TABLE ${table} ADD COLUMN extra TEXT`)).toEqual({
      ...missing,
      sentence: `The table ${table} that guards the book was altered. ${WHAT_NEXT}`,
    })
  }
})

test('what was written into the schema by force is named', async () => {
  const ledger = await fullBook()
  const other = plainConnection(ledger)
  other.unsafeMode(true)
  other.pragma('writable_schema = ON')
  const [{ name, table } = { name: '', table: '' }] = triggersOf(ledger).filter(({ name }) =>
    name.endsWith('_no_delete'),
  )
  const before = other.prepare('SELECT rowid, * FROM sqlite_schema WHERE name = ?').get(name) as Record<
    string,
    unknown
  >
  const faultOf = async () => {
    const verification = await verifyLedger(ledger)
    return verification.ok ? null : verification.fault
  }
  other
    .prepare("UPDATE sqlite_schema SET sql = replace(sql, 'BEFORE DELETE', 'AFTER DELETE') WHERE name = ?")
    .run(name)
  expect(await faultOf()).toMatchObject({
    table,
    sentence: `The trigger ${name} that guards the book was altered. ${WHAT_NEXT}`,
  })
  other.prepare('DELETE FROM sqlite_schema WHERE name = ?').run(name)
  expect(await faultOf()).toMatchObject({
    table,
    sentence: `The trigger ${name} that guards the book is missing. ${WHAT_NEXT}`,
  })
  other
    .prepare(
      'INSERT INTO sqlite_schema (rowid, type, name, tbl_name, rootpage, sql) VALUES (?, ?, ?, ?, ?, ?)',
    )
    .run(...['rowid', 'type', 'name', 'tbl_name', 'rootpage', 'sql'].map((column) => before[column]))
  expect(await faultOf()).toBeNull()
})

/** Another value of the column's type, as SQL; of a number that must be unique, one that is free. */
const otherValue = (name: string, type: string): string =>
  name === 'seq' || name === 'batch_id' ? `${name} + 90000` : otherOf(name, type)

const otherOf = (name: string, type: string): string =>
  ({
    INTEGER: `coalesce(${name}, 0) + 1`,
    TEXT: `coalesce(${name}, '') || 'x'`,
    BLOB: `zeroblob(length(${name}))`,
  })[type] ?? `a column of the type ${type}`

test.each(ENTRY_TABLES)(
  '%s: an entry whose columns were changed, or that was removed, is the one that is named',
  async (table) => {
    const ledger = await fullBook()
    ledger.database.pragma('ignore_check_constraints = ON')
    const rows = ledger.database
      .prepare(`SELECT seq, batch_id AS batchId FROM ${table} ORDER BY seq`)
      .all() as {
      seq: number
      batchId: number
    }[]
    for (const { seq, batchId } of rows) {
      for (const { name, type } of columnsOf(ledger.database, table)) {
        const where = `WHERE seq = ${seq}`
        const fault = await faultWhile(
          ledger,
          ...unguarded(ledger, `UPDATE ${table} SET ${name} = ${otherValue(name, type)} ${where}`),
        )
        const what = `${name} of entry ${seq}`
        // An entry that says it ends elsewhere makes a gap or an overlap there, or beyond the batch.
        if (name === 'last_seq') expect(fault, what).not.toBeNull()
        else if (name === 'seq') expect(fault, what).toMatchObject({ batchId, seq })
        else if (name === 'bytes') expect(fault, what).toMatchObject({ batchId, seq, table })
        else
          expect(fault, what).toEqual({
            batchId,
            seq,
            table,
            sentence: `Entry ${seq} (${table}) was changed after it was appended. ${WHAT_NEXT}`,
          })
      }
      expect(
        await faultWhile(ledger, ...unguarded(ledger, `DELETE FROM ${table} WHERE seq = ${seq}`)),
      ).toEqual({
        batchId,
        seq,
        table: null,
        sentence: `Entry ${seq} of batch ${batchId} is missing. ${WHAT_NEXT}`,
      })
    }
  },
)

test('a batch whose columns were changed, or that was removed, is the one that is named', async () => {
  const ledger = await fullBook()
  ledger.database.pragma('ignore_check_constraints = ON')
  for (const batchId of [1, 2]) {
    for (const { name, type } of columnsOf(ledger.database, 'batch')) {
      const fault = await faultWhile(
        ledger,
        ...unguarded(
          ledger,
          `UPDATE batch SET ${name} = ${otherValue(name, type)} WHERE batch_id = ${batchId}`,
        ),
      )
      // A batch that ends elsewhere takes an entry of the next one, or one that there is not.
      const table = name === 'last_seq' ? {} : { table: 'batch' }
      expect(fault, `${name} of batch ${batchId}`).toMatchObject({ batchId, ...table })
    }
  }
  expect(
    await faultWhile(ledger, ...unguarded(ledger, 'DELETE FROM batch WHERE batch_id = 1')),
  ).toMatchObject({
    batchId: 1,
    sentence: `Batch 1 is missing. ${WHAT_NEXT}`,
  })
})

test('entries and batches added at the end without the chain are named', async () => {
  const ledger = await fullBook()
  const add = (table: string, changed: Readonly<Record<string, string>>) =>
    faultWhile(
      ledger,
      ...unguarded(
        ledger,
        `INSERT INTO ${table} SELECT ${columnsOf(ledger.database, table)
          .map(({ name }) => changed[name] ?? name)
          .join(', ')} FROM ${table} LIMIT 1`,
      ),
    )
  for (const table of ENTRY_TABLES)
    expect(await add(table, { seq: '5000', last_seq: '5000 + events - 1' }), table).toMatchObject({
      batchId: null,
      table,
      sentence: expect.stringMatching(new RegExp(`^Entry \\d+ of ${table} belongs to no batch\\. `)),
    })
  expect(await add('batch', { batch_id: '3' })).toMatchObject({ batchId: 3, table: 'batch' })
})

test.each([
  ['source', 'cloudevents'],
  ['tenant', 'acme'],
  ['measure', 'api.calls'],
  ['attribute_set', '{"region":"eu"}'],
  ['bill', '2026-09'],
  ['cost_entry', '1.000000000000000001'],
  ['document', 'rules'],
  ['quarantine', 'not_json'],
  ['quarantine_outcome', 'noise'],
  ['conflict', 'event 1 again'],
  ['batch', 'test 1'],
])('a byte changed in the file itself, in %s, names the first entry it is in', async (table, text) => {
  const ledger = await fullBook()
  const first =
    table === 'batch' ? null : ledger.database.prepare(`SELECT min(seq) FROM ${table}`).pluck().get()
  ledger.database.pragma('wal_checkpoint(TRUNCATE)')
  const bytes = readFileSync(ledger.file)
  let found = 0
  // The text may stand in indexes too, and stay behind in pages that were written anew.
  for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1), found++)
    bytes[at + 1] = (bytes[at + 1] ?? 0) ^ 1
  expect(found).toBeGreaterThan(0)
  const folder = temporaryFolder()
  writeFileSync(join(folder, LEDGER_FILE), bytes)
  const reading = openLedgerForReading(folder)
  onTestFinished(() => closeLedger(reading))
  expect(await verifyLedger(reading)).toMatchObject({ ok: false, fault: { batchId: 1, seq: first, table } })
})

test('a book whose guards were away for a moment and nothing else verifies', async () => {
  const ledger = await fullBook()
  tamper(ledger)
  expect(await verifyLedger(ledger)).toMatchObject({ ok: true, batches: 2 })
})
