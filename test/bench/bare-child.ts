/**
 * The least that could be done with the files: parse, and insert into one SQLite table in one transaction. The write-ahead
 * log, `synchronous = FULL`, and the cache that better-sqlite3 comes with (16 MB). Timed from opening the file to the end
 * of COMMIT.
 */
import { createReadStream, rmSync } from 'node:fs'
import Database from 'better-sqlite3'
import { parse } from 'csv-parse'
import { answerCalls } from './child.ts'
import { FOCUS_COLUMNS } from './focus-rows.ts'
import { type Spent, spent } from './measure.ts'

const inOneTransaction = async (
  file: string,
  ddl: string,
  insertSql: string,
  rowsWanted: number,
  fill: (insert: Database.Statement) => Promise<void>,
): Promise<Spent> => {
  const database = new Database(file)
  database.pragma('journal_mode = WAL')
  database.pragma('synchronous = FULL')
  database.exec(ddl)
  const measured = await spent(async () => {
    const insert = database.prepare(insertSql)
    database.exec('BEGIN')
    await fill(insert)
    database.exec('COMMIT')
  })
  const rows = database.prepare('SELECT count(*) FROM record').pluck().get()
  database.close()
  for (const ending of ['', '-wal', '-shm']) rmSync(file + ending, { force: true })
  if (rows !== rowsWanted) throw new Error(`of ${rowsWanted} rows the bare loop has ${rows}`)
  return measured
}

type Event = Readonly<Record<'source' | 'id' | 'type' | 'subject' | 'time', string>> & {
  readonly data: {
    readonly value: number
    readonly region: string
    readonly plan: string
    readonly endpoint?: string
    readonly user?: string
  }
}

const calls = {
  /** `JSON.parse` of each line, and one prepared insert. */
  usage: (path: string, file: string, rowsWanted: number) =>
    inOneTransaction(
      file,
      `CREATE TABLE record (source TEXT NOT NULL, id TEXT NOT NULL, metric TEXT, tenant TEXT, time TEXT, value REAL,
         region TEXT, plan TEXT, endpoint TEXT, user TEXT, UNIQUE (source, id))`,
      'INSERT OR IGNORE INTO record VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
      rowsWanted,
      async (insert) => {
        const take = (line: string) => {
          const { source, id, type, subject, time, data } = JSON.parse(line) as Event
          const { value, region, plan, endpoint, user } = data
          insert.run(source, id, type, subject, time, value, region, plan, endpoint ?? null, user ?? null)
        }
        let rest = ''
        for await (const chunk of createReadStream(path, { encoding: 'utf8', highWaterMark: 1 << 20 })) {
          const lines = (rest + chunk).split('\n')
          rest = lines.pop() ?? ''
          for (const line of lines) take(line)
        }
        if (rest !== '') take(rest)
      },
    ),
  /** csv-parse, and one prepared insert of all columns as they are. */
  cost: (path: string, file: string, rowsWanted: number) =>
    inOneTransaction(
      file,
      `CREATE TABLE record (${FOCUS_COLUMNS.map((name) => `"${name}" TEXT`).join(', ')})`,
      `INSERT INTO record VALUES (${FOCUS_COLUMNS.map(() => '?').join(', ')})`,
      rowsWanted,
      async (insert) => {
        const rows = createReadStream(path, { highWaterMark: 1 << 20 }).pipe(parse({ from_line: 2 }))
        for await (const row of rows as AsyncIterable<string[]>) insert.run(...row)
      },
    ),
}

export type BareCalls = typeof calls
answerCalls(calls)
