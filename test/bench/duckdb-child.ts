/** Raw DuckDB over the plain facts, in a file of its own, with as many threads as our cube; its memory is not limited. */
import { statSync } from 'node:fs'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { openCube } from '../../src/main/cube/cube.ts'
import { readRows } from '../../src/main/cube/database.ts'
import { answerCalls } from './child.ts'
import { LAST_MONTH } from './events.ts'
import { spent } from './measure.ts'
import { answerOfRows, type Dialect, type SliceName, sqlOf } from './slices.ts'

const DIALECT: Dialect = {
  table: 'facts',
  metric: 'metric',
  tenant: 'tenant',
  time: 'time',
  quantity: 'quantity',
  endpoint: 'endpoint',
  user: '"user"',
  month: "date_trunc('month', time)",
  day: 'CAST(time AS DATE)',
  monthText: (month) => `strftime(${month}, '%Y-%m')`,
  dayText: (day) => `strftime(${day}, '%Y-%m-%d')`,
}

let connection: DuckDBConnection | null = null
const facts = (): DuckDBConnection => {
  if (connection === null) throw new Error('the facts are not open')
  return connection
}
const rowsOf = async (sql: string) => (await facts().runAndReadAll(sql)).getRows()

const calls = {
  /** How many threads the book's cube gives a query. */
  threadsOfCube: async (bookDirectory: string): Promise<number> => {
    const cube = await openCube(bookDirectory)
    const [row] = await cube.read((each) =>
      readRows<[bigint]>(each, "SELECT current_setting('threads')::BIGINT"),
    )
    await cube.close()
    return Number(row?.[0] ?? 1)
  },
  /** Bytes of the blocks of each of the cube's tables, largest first. */
  tablesOfCube: async (bookDirectory: string) => {
    const cube = await openCube(bookDirectory)
    const shares = await cube.read(async (each) => {
      const found: { name: string; bytes: number }[] = []
      const [size] = await readRows<[bigint]>(each, 'SELECT block_size FROM pragma_database_size()')
      const tables = await readRows<[string]>(
        each,
        'SELECT table_name FROM duckdb_tables() ORDER BY table_name',
      )
      for (const [name] of tables) {
        const [blocks] = await readRows<[bigint]>(
          each,
          `SELECT count(DISTINCT block) FROM (
             SELECT unnest(list_append(additional_block_ids, block_id)) AS block FROM pragma_storage_info('${name}')
             WHERE persistent) WHERE block >= 0`,
        )
        found.push({ name, bytes: Number(blocks?.[0] ?? 0) * Number(size?.[0] ?? 0) })
      }
      return found.filter(({ bytes }) => bytes > 0).sort((a, b) => b.bytes - a.bytes)
    })
    await cube.close()
    return shares
  },
  open: async (file: string, threads: number) => {
    connection = await (await DuckDBInstance.create(file, { threads: String(threads) })).connect()
    await connection.run(`CREATE TABLE IF NOT EXISTS facts (source VARCHAR, id VARCHAR, tenant VARCHAR, metric VARCHAR,
      quantity DECIMAL(18,3), time TIMESTAMP, region VARCHAR, plan VARCHAR, endpoint VARCHAR, "user" VARCHAR)`)
  },
  load: async (csvFile: string) => {
    await facts().run(
      `COPY facts FROM '${csvFile.replaceAll("'", "''")}' (FORMAT csv, HEADER false, NULLSTR '')`,
    )
    await facts().run('CHECKPOINT')
  },
  size: async (file: string) => {
    const [row] = await rowsOf('SELECT count(*) FROM facts')
    return { rows: Number(row?.[0] ?? 0), bytes: statSync(file).size }
  },
  /** What every tenant used of every metric in the last month: the least that rating it could ask. */
  sumOfMonth: async (calls: number): Promise<number[]> => {
    const times: number[] = []
    const sql = `SELECT tenant, metric, sum(quantity) FROM facts
      WHERE time >= TIMESTAMP '${LAST_MONTH}-01' AND time < TIMESTAMP '${LAST_MONTH}-01' + INTERVAL 1 MONTH
      GROUP BY tenant, metric ORDER BY tenant, metric`
    for (let call = 0; call < calls; call++) times.push((await spent(() => rowsOf(sql))).wallMs)
    return times
  },
  answer: async (name: SliceName) => answerOfRows(await rowsOf(sqlOf(name, DIALECT))),
  ask: async (name: SliceName, calls: number): Promise<number[]> => {
    const times: number[] = []
    for (let call = 0; call < calls; call++)
      times.push((await spent(() => rowsOf(sqlOf(name, DIALECT)))).wallMs)
    return times
  },
}

export type DuckdbCalls = typeof calls
answerCalls(calls)
