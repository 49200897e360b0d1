/** Files into a book, end to end, against the least that could be done with the same file and the same databases. */
import { createReadStream, mkdirSync } from 'node:fs'
import Database from 'better-sqlite3'
import { parse } from 'csv-parse'
import type { Currency } from '../../src/domain/money.ts'
import { importFile } from '../../src/main/collect/import-file.ts'
import type { ReaderChoice } from '../../src/main/collect/readers.ts'
import { openCube } from '../../src/main/cube/cube.ts'
import { closeLedger, openLedgerForWriting } from '../../src/main/ledger/open.ts'

/** After the last of the files' records. */
const NOW_MS = Date.UTC(2026, 10, 1)

/** Reads, parses, identifies, hashes and inserts the file as one batch, and follows it in the cube. */
const importInto = async (
  directory: string,
  path: string,
  choice: ReaderChoice,
  rowsWanted: number,
): Promise<void> => {
  mkdirSync(directory, { recursive: true })
  const ledger = openLedgerForWriting(directory, { program: 'bench', create: true })
  const cube = await openCube(directory)
  try {
    const { rows, added } = await importFile(
      ledger,
      { path, name: 'bench', source: 'bench', choice, delivery: 'add' },
      { author: 'bench', nowMs: NOW_MS, timeZone: 'UTC', currency: 'USD' as Currency, proposedMetrics: [] },
      () => {},
    )
    await cube.follow()
    if (rows !== rowsWanted || added !== rowsWanted)
      throw new Error(`of ${rowsWanted} rows ${rows} were read and ${added} added`)
  } finally {
    await cube.close()
    closeLedger(ledger)
  }
}

export const importUsage = (directory: string, path: string, rows: number): Promise<void> =>
  importInto(directory, path, { kind: 'cloudevents' }, rows)

export const importCost = (directory: string, path: string, rows: number): Promise<void> =>
  importInto(directory, path, { kind: 'focus' }, rows)

const openBare = (file: string, ddl: string) => {
  const database = new Database(file)
  database.pragma('journal_mode = WAL')
  database.pragma('synchronous = FULL')
  database.exec(ddl)
  return database
}

/** `JSON.parse` of each line and one insert into one table. */
export const bareUsage = async (file: string, path: string): Promise<void> => {
  const database = openBare(
    file,
    `CREATE TABLE usage_event (source TEXT NOT NULL, id TEXT NOT NULL, type TEXT, subject TEXT, time TEXT, value REAL,
       data TEXT, UNIQUE (source, id))`,
  )
  const insert = database.prepare('INSERT OR IGNORE INTO usage_event VALUES (?, ?, ?, ?, ?, ?, ?)')
  const take = (line: string) => {
    const event = JSON.parse(line) as Readonly<Record<string, string>> & { data: { value: number | string } }
    const { source, id, type, subject, time, data } = event
    insert.run(source, id, type, subject, time, Number(data.value), JSON.stringify(data))
  }
  database.exec('BEGIN')
  let rest = ''
  for await (const chunk of createReadStream(path, 'utf8')) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) take(line)
  }
  if (rest !== '') take(rest)
  database.exec('COMMIT')
  database.close()
}

/** csv-parse and one insert of each row, as JSON beside its cost. */
export const bareCost = async (file: string, path: string): Promise<void> => {
  const database = openBare(file, 'CREATE TABLE cost_entry (billed REAL, service TEXT, start TEXT, row TEXT)')
  const insert = database.prepare('INSERT INTO cost_entry VALUES (?, ?, ?, ?)')
  database.exec('BEGIN')
  for await (const row of createReadStream(path).pipe(parse({ columns: true })) as AsyncIterable<
    Record<string, string>
  >)
    insert.run(Number(row.BilledCost), row.ServiceName, row.ChargePeriodStart, JSON.stringify(row))
  database.exec('COMMIT')
  database.close()
}
