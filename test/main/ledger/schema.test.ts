import { expect, test } from 'vitest'
import { ENTRY_TABLES } from '../../../src/main/ledger/schema.ts'
import { batch, contentKey, costFields, newBook, origin, plainConnection, usageFields } from './book.ts'

/** A book with at least one entry in every table. */
const fullBook = async () => {
  const ledger = newBook()
  await batch(ledger, (appender) => {
    const fields = usageFields(appender)
    appender.usageById(contentKey('1'), fields, origin('one'))
    appender.usageById(
      contentKey('1'),
      { ...fields, quantity: 11n },
      {
        ...origin('one again'),
        reader: '{"kind":"cloudevents"}',
      },
    )
    appender.reverseUsage(appender.firstSeq + 4, null)
    appender.costByContent(contentKey('c'), costFields(appender), origin(['1.25']))
    const refused = {
      reader: 'cloudevents',
      file: 'f',
      row: 3,
      column: null,
      code: 'not_json',
      message: 'm',
      raw: '{',
    }
    appender.quarantineOutcome(
      appender.quarantine({ sourceNo: fields.sourceNo, ...refused }),
      'dismissed',
      'noise',
    )
    const [conflict] = ledger.database.prepare('SELECT seq FROM conflict').pluck().all() as number[]
    appender.conflictOutcome(conflict ?? 0, 'dismissed', 'the first is right')
    appender.document('rules', 'main', '[]', 0)
  })
  const counts = ENTRY_TABLES.map((table) =>
    ledger.database.prepare(`SELECT count(*) FROM ${table}`).pluck().get(),
  )
  expect(Math.min(...(counts as number[]))).toBeGreaterThan(0)
  return { ledger, other: plainConnection(ledger) }
}

const dump = (database: Awaited<ReturnType<typeof fullBook>>['other']) =>
  [...ENTRY_TABLES, 'batch'].map((table) => database.prepare(`SELECT * FROM ${table}`).all())

test('no table takes UPDATE, DELETE or REPLACE, even from a connection with recursive_triggers off', async () => {
  const { other } = await fullBook()
  expect(other.pragma('recursive_triggers', { simple: true })).toBe(0)
  const before = dump(other)
  for (const table of [...ENTRY_TABLES, 'batch']) {
    const key = table === 'batch' ? 'batch_id' : 'seq'
    for (const attempt of [
      `UPDATE ${table} SET ${key} = ${key}`,
      `UPDATE OR REPLACE ${table} SET ${key} = ${key} + 100`,
      `DELETE FROM ${table}`,
      `REPLACE INTO ${table} SELECT * FROM ${table} LIMIT 1`,
      `INSERT OR REPLACE INTO ${table} SELECT * FROM ${table} LIMIT 1`,
      `INSERT OR IGNORE INTO ${table} SELECT * FROM ${table} LIMIT 1`,
      `INSERT INTO ${table} SELECT * FROM ${table} WHERE TRUE LIMIT 1 ON CONFLICT DO UPDATE SET ${key} = ${key}`,
    ])
      expect(() => other.exec(attempt), attempt).toThrow('append-only')
  }
  expect(dump(other)).toEqual(before)
})

test('no known key is taken under another seq, by INSERT or by REPLACE', async () => {
  const { other } = await fullBook()
  const before = dump(other)
  for (const table of ENTRY_TABLES.filter((name) => name !== 'raw_block')) {
    const columns = (other.pragma(`table_info(${table})`) as { name: string }[]).map(({ name }) => name)
    const next = columns.map((column) => (column === 'seq' ? '1000000' : column)).join(', ')
    for (const verb of ['INSERT', 'INSERT OR REPLACE', 'REPLACE']) {
      const attempt = `${verb} INTO ${table} SELECT ${next} FROM ${table} LIMIT 1`
      expect(() => other.exec(attempt), attempt).toThrow(/append-only: \w+ has an entry with this/)
    }
  }
  expect(dump(other)).toEqual(before)
})

test('an entry is reversed once only', async () => {
  const { other } = await fullBook()
  const reversal = "SELECT * FROM usage_event WHERE correction = 'reversal'"
  const columns = (other.pragma('table_info(usage_event)') as { name: string }[]).map(({ name }) => name)
  const next = columns.map((column) => (column === 'seq' ? '1000000' : column)).join(', ')
  expect(() => other.exec(`INSERT OR REPLACE INTO usage_event SELECT ${next} FROM (${reversal})`)).toThrow(
    'append-only: usage_event has an entry with this corrects',
  )
})

test('nothing is inserted before the end', async () => {
  const { other } = await fullBook()
  expect(() => other.exec("INSERT INTO tenant VALUES (0, 1, 77, 'before', x'00')")).toThrow(
    'append-only: tenant only grows at its end',
  )
  expect(() => other.exec("INSERT INTO tenant VALUES (NULL, 1, 77, 'somewhere', x'00')")).toThrow(
    'append-only',
  )
})
