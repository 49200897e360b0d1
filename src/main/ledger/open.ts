/** Opening a book's ledger: pragmas, migrations and the refusals of a wrong, newer or damaged file. */
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { asRefusal, LedgerRefusal } from './refusal.ts'
import { MIGRATIONS, SCHEMA_VERSION } from './schema.ts'

export const LEDGER_FILE = 'ledger.sqlite'
/** "CNTH" in `PRAGMA application_id`: tells a book's ledger from any other SQLite file. */
const APPLICATION_ID = 0x434e5448
/** How long a statement waits for another process's lock. */
const BUSY_TIMEOUT_MS = 5000

export type LedgerStatement = Database.Statement<unknown[], unknown>

/** An open ledger. A reading one sees each batch as soon as it is committed, and never half of one. */
export interface Ledger {
  /** The book's folder. */
  readonly directory: string
  readonly file: string
  readonly database: Database.Database
  /** Statements by name of use and SQL, prepared once. */
  readonly statements: Map<string, LedgerStatement>
}

/** The one writing connection of a book. */
export interface WritingLedger extends Ledger {
  /** Name and version of the program, kept with each batch. */
  readonly program: string
  /** Settles when the batches asked for so far are done; batches never overlap. */
  tail: Promise<unknown>
}

/** Integers may come back rounded beyond 2^53, so quantities are read as text or with safe integers. */
export const prepared = (ledger: Ledger, sql: string): LedgerStatement => {
  let statement = ledger.statements.get(sql)
  if (statement === undefined) {
    statement = ledger.database.prepare(sql)
    ledger.statements.set(sql, statement)
  }
  return statement
}

const number = (database: Database.Database, pragma: string) =>
  Number(database.pragma(pragma, { simple: true }))

const versionOf = (database: Database.Database, file: string): number => {
  const version = number(database, 'user_version')
  const isEmpty = database.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() === 0
  if (!(version === 0 && isEmpty) && number(database, 'application_id') !== APPLICATION_ID)
    throw new LedgerRefusal('book_is_not_a_ledger', `${file} is not a ledger. Choose the folder of a book.`)
  if (version > SCHEMA_VERSION)
    throw new LedgerRefusal(
      'book_is_from_a_newer_program',
      `${file} was written by a newer program (ledger version ${version}; this program knows ${SCHEMA_VERSION}). ` +
        'Nothing was changed; install the newer program to open this book.',
    )
  return version
}

const migrate = (database: Database.Database, file: string): void => {
  if (versionOf(database, file) === SCHEMA_VERSION) return
  database
    .transaction(() => {
      for (let version = versionOf(database, file); version < SCHEMA_VERSION; version++) {
        database.exec(MIGRATIONS[version] ?? '')
        database.pragma(`user_version = ${version + 1}`)
      }
      database.pragma(`application_id = ${APPLICATION_ID}`)
    })
    .immediate()
}

const missing = (directory: string): LedgerRefusal =>
  new LedgerRefusal(
    'book_does_not_exist',
    `There is no book in ${directory}. Create one there or choose another folder.`,
  )

const openFile = (
  directory: string,
  options: Database.Options,
  prepare: (database: Database.Database) => void,
): Ledger => {
  const file = join(directory, LEDGER_FILE)
  let database: Database.Database | null = null
  try {
    database = new Database(file, { timeout: BUSY_TIMEOUT_MS, ...options })
    prepare(database)
    return { directory, file, database, statements: new Map() }
  } catch (error) {
    database?.close()
    throw asRefusal(error, file)
  }
}

/**
 * Opens the book's ledger for writing and brings it to this program's version. The caller holds the book's lock.
 * With `create`, a missing book is made, and a folder that holds one already is opened as it is.
 * @throws LedgerRefusal where there is no book, or it is newer, damaged or no ledger.
 */
export const openLedgerForWriting = (
  directory: string,
  { program, create = false }: { readonly program: string; readonly create?: boolean },
): WritingLedger => {
  const file = join(directory, LEDGER_FILE)
  if (!create && !existsSync(file)) throw missing(directory)
  if (create) mkdirSync(directory, { recursive: true })
  const ledger = openFile(directory, {}, (database) => {
    versionOf(database, file)
    database.pragma('journal_mode = WAL')
    database.pragma('synchronous = FULL')
    database.pragma('foreign_keys = ON')
    database.pragma('recursive_triggers = ON')
    // 16 MiB: more makes imports hardly faster, and all of an import's memory is bounded.
    database.pragma('cache_size = -16384')
    // The log is folded in once it has 64 MiB, not after every 4 MiB: a month's drafts, say, waited half a second for that.
    database.pragma('wal_autocheckpoint = 16384')
    database.pragma('journal_size_limit = 67108864')
    migrate(database, file)
  })
  return { ...ledger, program, tail: Promise.resolve() }
}

/**
 * Opens the book's ledger for reading; it can be written meanwhile by the one writer.
 * @throws LedgerRefusal where there is no book, or it is newer, older, damaged or no ledger.
 */
export const openLedgerForReading = (directory: string): Ledger => {
  const file = join(directory, LEDGER_FILE)
  if (!existsSync(file)) throw missing(directory)
  return openFile(directory, { readonly: true, fileMustExist: true }, (database) => {
    if (versionOf(database, file) < SCHEMA_VERSION)
      throw new LedgerRefusal(
        'book_is_from_an_older_program',
        `${file} has not been brought to this program's version yet. Open the book for writing once.`,
      )
    database.pragma('foreign_keys = ON')
    // There are three of these, and what they read most, pages of usage one after the other, is not read again.
    database.pragma('cache_size = -2048')
  })
}

/**
 * Opens the ledger's file to look at its head, whatever version of the program wrote it; the folder it lies in need
 * not be a book's.
 * @throws LedgerRefusal where there is none, or it is newer, damaged or no ledger.
 */
export const openLedgerOfAnyAge = (directory: string): Ledger => {
  const file = join(directory, LEDGER_FILE)
  if (!existsSync(file)) throw missing(directory)
  return openFile(directory, { readonly: true, fileMustExist: true }, (database) => {
    if (versionOf(database, file) === 0)
      throw new LedgerRefusal('book_is_damaged', `${file} is empty: it holds no ledger any more.`)
  })
}

export const closeLedger = (ledger: Ledger): void => {
  ledger.statements.clear()
  ledger.database.close()
}
