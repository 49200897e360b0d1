import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { closeLedger, openLedgerForReading, openLedgerForWriting } from '../../../src/main/ledger/open.ts'
import { LedgerRefusal } from '../../../src/main/ledger/refusal.ts'
import { SCHEMA_VERSION } from '../../../src/main/ledger/schema.ts'
import { newBook, plainConnection, temporaryFolder } from './book.ts'

const refusalOf = (action: () => unknown): LedgerRefusal => {
  try {
    action()
  } catch (error) {
    if (error instanceof LedgerRefusal) return error
    throw error
  }
  throw new Error('nothing was refused')
}
const both = (folder: string) => [
  refusalOf(() => openLedgerForWriting(folder, { program: 'test 1' })),
  refusalOf(() => openLedgerForReading(folder)),
]

test('the writer is set for safety, whoever reads sees what it commits', () => {
  const ledger = newBook()
  const pragma = (name: string) => ledger.database.pragma(name, { simple: true })
  expect([
    pragma('journal_mode'),
    pragma('synchronous'),
    pragma('foreign_keys'),
    pragma('recursive_triggers'),
  ]).toEqual(['wal', 2, 1, 1])
  expect(pragma('busy_timeout')).toBe(5000)
  expect(pragma('user_version')).toBe(SCHEMA_VERSION)
  const reading = openLedgerForReading(ledger.directory)
  expect(() => reading.database.exec("INSERT INTO tenant VALUES (1, 1, 1, 'a', x'00')")).toThrow('readonly')
  closeLedger(reading)
})

test('opening a book again changes nothing', () => {
  const folder = temporaryFolder()
  closeLedger(openLedgerForWriting(folder, { program: 'test 1', create: true }))
  closeLedger(openLedgerForWriting(folder, { program: 'test 1', create: true }))
  closeLedger(openLedgerForWriting(folder, { program: 'test 1' }))
})

test('a missing book is refused and not made', () => {
  const folder = temporaryFolder()
  for (const refusal of both(folder)) {
    expect(refusal.code).toBe('book_does_not_exist')
    expect(refusal.message).toBe(`There is no book in ${folder}. Create one there or choose another folder.`)
  }
  expect(existsSync(join(folder, 'ledger.sqlite'))).toBe(false)
})

test('a newer book is refused and left alone', () => {
  const ledger = newBook()
  plainConnection(ledger).pragma('user_version = 99')
  for (const refusal of both(ledger.directory)) {
    expect(refusal.code).toBe('book_is_from_a_newer_program')
    expect(refusal.message).toContain(`ledger version 99; this program knows ${SCHEMA_VERSION}`)
  }
})

test.each([
  ['text', Buffer.from('this is no database, only some text that is long enough to be one '.repeat(20))],
  ['another SQLite file', null],
])('%s is not a ledger', (_, bytes) => {
  const folder = temporaryFolder()
  const file = join(folder, 'ledger.sqlite')
  if (bytes !== null) writeFileSync(file, bytes)
  else new Database(file).exec('CREATE TABLE t (a)').close()
  for (const refusal of both(folder)) expect(refusal.code).toBe('book_is_not_a_ledger')
})

test('a damaged book is refused with what to do', () => {
  const folder = temporaryFolder()
  closeLedger(openLedgerForWriting(folder, { program: 'test 1', create: true }))
  const file = join(folder, 'ledger.sqlite')
  const bytes = readFileSync(file)
  // The kind of the first page of the table of tables (file format, 1.6).
  bytes[100] = 0xff
  writeFileSync(file, bytes)
  for (const refusal of both(folder)) {
    expect(refusal.code).toBe('book_is_damaged')
    expect(refusal.message).toBe(
      `${file} is damaged. Keep a copy of it, then restore the latest backup of the book ("restore" on the command line).`,
    )
  }
})

test('a book half created by a crash is no book until it is created again', () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'ledger.sqlite'), '')
  expect(refusalOf(() => openLedgerForReading(folder)).code).toBe('book_is_from_an_older_program')
  closeLedger(openLedgerForWriting(folder, { program: 'test 1', create: true }))
  closeLedger(openLedgerForReading(folder))
})
