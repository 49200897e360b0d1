/** What must hold of a book as a whole, whatever its batches say: tables and guards, the index of keys, the indexes. */
import { setImmediate } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { canonicalLine } from './canonical-line.ts'
import { Found, fail } from './fault.ts'
import { keyRuns } from './key-runs.ts'
import { hasAllKeys } from './mend-keys.ts'
import { type Ledger, prepared } from './open.ts'
import { ENTRY_TABLES, MIGRATIONS } from './schema.ts'

type SchemaRow = readonly [name: string, type: string, table: string, sql: string | null]
/** All but what SQLite makes itself: indexes of a table's own keys (they have no text), and its own tables. */
const SCHEMA = `SELECT name, type, tbl_name, sql FROM sqlite_schema
  WHERE NOT (type = 'index' AND sql IS NULL AND name LIKE 'sqlite\\_autoindex\\_%' ESCAPE '\\')
    AND NOT (type = 'table' AND name IN ('sqlite_sequence', 'sqlite_stat1', 'sqlite_stat3', 'sqlite_stat4'))`
/** A trigger may have the name of a table. */
const schemaKey = ([name, type]: SchemaRow): string => `${type} ${name}`

/** The tables, triggers and indexes are those that this program makes, and there are no others. @throws Found */
export const checkSchema = (ledger: Ledger): void => {
  const expected = new Database(':memory:')
  try {
    for (const migration of MIGRATIONS) expected.exec(migration)
    const found = new Map(
      (prepared(ledger, SCHEMA).raw().all() as SchemaRow[]).map((row) => [schemaKey(row), row]),
    )
    for (const row of expected.prepare(SCHEMA).raw().all() as SchemaRow[]) {
      const [name, type, table] = row
      const same = found.get(schemaKey(row))
      if (same === undefined) fail(null, null, table, `The ${type} ${name} that guards the book is missing.`)
      if (canonicalLine(same ?? []) !== canonicalLine(row))
        fail(null, null, table, `The ${type} ${name} that guards the book was altered.`)
      found.delete(schemaKey(row))
    }
    for (const [name, type, table] of found.values())
      fail(null, null, table, `The book has the ${type} ${name}, which is none of this program's.`)
  } finally {
    expected.close()
  }
}

/** A sum by which two sets of keys are compared, whatever their order. */
export interface KeySum {
  add(fingerprint: number, seq: number): void
  value(): string
}
export const keySum = (): KeySum => {
  let count = 0
  let sum = 0
  let mix = 0
  return {
    add: (fingerprint, seq) => {
      const hashed = Math.imul(fingerprint ^ Math.imul(seq, 0x9e3779b1), 0x85ebca6b)
      count++
      sum = (sum + hashed) | 0
      mix ^= Math.imul(hashed ^ (hashed >>> 13), 0xc2b2ae35)
    },
    value: () => `${count} ${sum} ${mix}`,
  }
}

/** The index holds no figures, but without it a record that comes again would be counted twice. @throws Found */
export const checkKeys = (ledger: Ledger, keys: KeySum): void => {
  const indexed = keySum()
  const fits =
    hasAllKeys(ledger) && keyRuns(ledger.database).each(indexed.add) && indexed.value() === keys.value()
  if (!fits)
    throw new Found(
      {
        batchId: null,
        seq: null,
        table: 'usage_key_run',
        sentence:
          'The index of the keys of usage events does not fit the events: a record that comes again could be counted twice. The entries themselves are whole.',
      },
      true,
    )
}

/** SQLite's own indexes: without a row in them, a cost that comes again would be counted twice. @throws Found */
export const checkIndexes = async (ledger: Ledger, signal: AbortSignal | undefined): Promise<void> => {
  for (const table of ENTRY_TABLES) {
    signal?.throwIfAborted()
    const [said] = ledger.database.pragma(`integrity_check('${table}')`) as {
      readonly integrity_check: string
    }[]
    if (said !== undefined && said.integrity_check !== 'ok')
      fail(
        null,
        null,
        table,
        `The indexes of the table ${table} do not fit its entries (${said.integrity_check}).`,
      )
    await setImmediate()
  }
}

/** No entry stands before the first batch or behind the last. @throws Found */
export const checkEnd = (ledger: Ledger, lastSeq: number): void => {
  for (const table of ENTRY_TABLES) {
    const end =
      table === 'usage_page'
        ? '(SELECT last_seq FROM usage_page ORDER BY seq DESC LIMIT 1)'
        : `(SELECT max(seq) FROM ${table})`
    const [first, last] = prepared(ledger, `SELECT (SELECT min(seq) FROM ${table}), ${end}`).raw().get() as [
      number | null,
      number | null,
    ]
    if (first !== null && first < 1)
      fail(null, first, table, `Entry ${first} of ${table} stands before the first batch.`)
    if (last !== null && last > lastSeq)
      fail(null, last, table, `Entry ${last} of ${table} belongs to no batch.`)
  }
}
