/** The guards: whoever connects, and however, entries and batches are neither changed nor removed. */
import Database from 'better-sqlite3'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { WritingLedger } from '../../../src/main/ledger/open.ts'
import { ENTRY_TABLES } from '../../../src/main/ledger/schema.ts'
import { plainConnection } from './book.ts'
import { columnsOf, dump, fullBook, GUARDED_TABLES, keyOf } from './full-book.ts'

/** A connection of another database that has the ledger beside its own. */
const attachedConnection = (ledger: WritingLedger): Database.Database => {
  const database = new Database(':memory:')
  onTestFinished(() => void database.close())
  database.prepare('ATTACH ? AS book').run(ledger.file)
  return database
}

const CONNECTIONS: readonly (readonly [
  name: string,
  schema: string,
  connect: (ledger: WritingLedger) => Database.Database,
])[] = [
  ['plain', 'main', plainConnection],
  ['attached', 'book', attachedConnection],
]

describe.each(CONNECTIONS)('from a connection of any program, %s', (_, schema, connect) => {
  test.each([0, 1])('with recursive_triggers %i no table takes a change', async (recursive) => {
    const other = connect(await fullBook())
    other.pragma(`recursive_triggers = ${recursive}`)
    other.pragma('ignore_check_constraints = ON')
    const before = dump(other, schema)
    for (const name of GUARDED_TABLES) {
      const [table, key] = [`${schema}.${name}`, keyOf(name)]
      const columns = columnsOf(other, name)
      const moved = (at: string) =>
        columns.map((column) => (column.name === key ? at : column.name)).join(', ')
      for (const attempt of [
        `UPDATE ${table} SET ${key} = ${key}`,
        `UPDATE ${table} SET rowid = rowid + 1000`,
        `UPDATE OR REPLACE ${table} SET ${key} = ${key} + 100`,
        `UPDATE OR IGNORE ${table} SET ${columns.at(-1)?.name} = ${columns.at(-1)?.name}`,
        `WITH one AS (SELECT 1) UPDATE ${table} SET ${key} = ${key} FROM one`,
        `DELETE FROM ${table}`,
        `DELETE FROM ${table} WHERE ${key} = (SELECT max(${key}) FROM ${table})`,
        `REPLACE INTO ${table} SELECT * FROM ${table} LIMIT 1`,
        `INSERT INTO ${table} SELECT * FROM ${table} LIMIT 1`,
        `INSERT OR REPLACE INTO ${table} SELECT * FROM ${table} LIMIT 1`,
        `INSERT OR IGNORE INTO ${table} SELECT * FROM ${table} LIMIT 1`,
        `INSERT INTO ${table} SELECT * FROM ${table} WHERE TRUE LIMIT 1 ON CONFLICT DO UPDATE SET ${key} = ${key}`,
        `INSERT INTO ${table} SELECT * FROM ${table} WHERE TRUE LIMIT 1 ON CONFLICT (${key}) DO UPDATE SET ${key} = excluded.${key} + 100`,
        ...['0', '-1', 'NULL', `(SELECT max(${key}) FROM ${table})`].map(
          (at) => `INSERT OR REPLACE INTO ${table} SELECT ${moved(at)} FROM ${table} LIMIT 1`,
        ),
      ])
        expect(() => other.exec(attempt), attempt).toThrow('append-only')
    }
    expect(dump(other, schema)).toEqual(before)
  })

  test('no known key is taken under another seq, by INSERT or by REPLACE', async () => {
    const other = connect(await fullBook())
    const before = dump(other, schema)
    for (const name of ENTRY_TABLES) {
      const next = columnsOf(other, name).map((column) => (column.name === 'seq' ? '1000000' : column.name))
      // A page knows the number of its last event, a multiple of nothing: it is moved with its seq.
      const moved = next.map((column) => (column === 'last_seq' ? '1000000 + events - 1' : column)).join(', ')
      for (const verb of ['INSERT', 'INSERT OR REPLACE', 'REPLACE']) {
        const attempt = `${verb} INTO ${schema}.${name} SELECT ${moved} FROM ${schema}.${name} LIMIT 1`
        expect(() => other.exec(attempt), attempt).toThrow(/append-only: \w+ has an entry with this/)
      }
    }
    expect(dump(other, schema)).toEqual(before)
  })

  test('a temporary trigger gets nothing past the guards', async () => {
    const other = connect(await fullBook())
    const before = dump(other, schema)
    const attempt = (sql: string) => {
      try {
        other.exec(sql)
      } catch (error) {
        expect((error as Error).message).toContain('append-only')
      }
    }
    for (const table of GUARDED_TABLES) {
      for (const event of ['UPDATE', 'DELETE', 'INSERT'])
        other.exec(
          `CREATE TEMP TRIGGER before_${event}_${table} BEFORE ${event} ON ${schema}.${table} BEGIN SELECT RAISE(IGNORE); END`,
        )
      attempt(`UPDATE ${schema}.${table} SET ${keyOf(table)} = ${keyOf(table)}`)
      attempt(`DELETE FROM ${schema}.${table}`)
      attempt(`REPLACE INTO ${schema}.${table} SELECT * FROM ${schema}.${table} LIMIT 1`)
    }
    for (const name of other
      .prepare("SELECT name FROM sqlite_temp_schema WHERE type = 'trigger'")
      .pluck()
      .all())
      other.exec(`DROP TRIGGER ${name}`)
    other.exec('CREATE TEMP TABLE bait (a)')
    for (const table of GUARDED_TABLES) {
      other.exec(
        `CREATE TEMP TRIGGER bait_${table} AFTER INSERT ON bait BEGIN DELETE FROM ${table}; UPDATE ${table} SET ${keyOf(table)} = 99; END`,
      )
      expect(() => other.exec('INSERT INTO bait VALUES (1)')).toThrow('append-only')
      other.exec(`DROP TRIGGER bait_${table}`)
    }
    expect(dump(other, schema)).toEqual(before)
  })
})

test('an entry is reversed once only', async () => {
  const other = plainConnection(await fullBook())
  for (const table of ['usage_event', 'cost_entry']) {
    const next = columnsOf(other, table).map(({ name }) => (name === 'seq' ? '1000000' : name))
    const reversal = `SELECT ${next.join(', ')} FROM ${table} WHERE correction = 'reversal'`
    expect(() => other.exec(`INSERT OR REPLACE INTO ${table} ${reversal}`)).toThrow(
      `append-only: ${table} has an entry with this corrects`,
    )
  }
})

test('nothing is inserted before the end', async () => {
  const other = plainConnection(await fullBook())
  expect(() => other.exec("INSERT INTO tenant VALUES (0, 1, 77, 'before', x'00')")).toThrow(
    'append-only: tenant only grows at its end',
  )
  expect(() => other.exec("INSERT INTO tenant VALUES (NULL, 1, 77, 'somewhere', x'00')")).toThrow(
    'append-only',
  )
})
