/**
 * PostgreSQL fed and asked the way Lago does it (getlago/lago-api): one row for each event, its value and dimensions in
 * `properties`, unique by where it came from and its transaction id; sums of `(properties->>'value')::numeric`. Lago saves the events of a batch
 * of at most 100 one by one, has an id of its own and six more indexes; here a batch is one statement
 * and the table has its unique key alone, which is quicker.
 */
import { createReadStream } from 'node:fs'
import pg from 'pg'
import { answerCalls } from './child.ts'
import { type Spent, spent } from './measure.ts'
import { DATABASE, USER } from './postgres.ts'
import { answerOfRows, type Dialect, type SliceName, sqlOf } from './slices.ts'

const COLUMNS = ['source', 'transaction_id', 'code', 'external_subscription_id', 'timestamp', 'properties']

const DIALECT: Dialect = {
  table: 'events',
  metric: 'code',
  tenant: 'external_subscription_id',
  time: 'timestamp',
  quantity: "(properties->>'value')::numeric",
  endpoint: "properties->>'endpoint'",
  user: "properties->>'user'",
  month: "date_trunc('month', timestamp)",
  day: "date_trunc('day', timestamp)",
  monthText: (month) => `to_char(${month}, 'YYYY-MM')`,
  dayText: (day) => `to_char(${day}, 'YYYY-MM-DD')`,
}

const UNNEST = `INSERT INTO events (${COLUMNS.join(', ')})
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamp[], $6::jsonb[])
  ON CONFLICT (source, transaction_id) DO NOTHING`

const VALUES = (rows: number) => {
  const rowOf = (_: unknown, row: number) =>
    `(${COLUMNS.map((_name, column) => `$${row * COLUMNS.length + column + 1}`).join(', ')})`
  return `INSERT INTO events (${COLUMNS.join(', ')}) VALUES ${Array.from({ length: rows }, rowOf).join(', ')}
  ON CONFLICT (source, transaction_id) DO NOTHING`
}

let connected: pg.Client | null = null
const client = (): pg.Client => {
  if (connected === null) throw new Error('PostgreSQL is not connected')
  return connected
}

interface Event extends Readonly<Record<'source' | 'id' | 'type' | 'subject' | 'time', string>> {
  readonly data: object
}

/** One batch on its way while the next is read and parsed. */
const feed = async (path: string, way: 'unnest' | 'values', batchRows: number): Promise<void> => {
  let columns: string[][] = COLUMNS.map(() => [])
  let underWay: Promise<unknown> = Promise.resolve()
  const send = async () => {
    const rows = columns[0]?.length ?? 0
    if (rows === 0) return
    const batch = columns
    columns = COLUMNS.map(() => [])
    await underWay
    underWay =
      way === 'unnest'
        ? client().query({ name: 'unnest', text: UNNEST, values: batch })
        : client().query({
            ...(rows === batchRows ? { name: 'values' } : {}),
            text: VALUES(rows),
            values: Array.from({ length: rows }, (_, row) => batch.map((column) => column[row])).flat(),
          })
  }
  const take = async (line: string) => {
    const { source, id, type, subject, time, data } = JSON.parse(line) as Event
    const row = [source, id, type, subject, time, JSON.stringify(data)]
    for (const [index, value] of row.entries()) columns[index]?.push(value)
    if (columns[0]?.length === batchRows) await send()
  }
  let rest = ''
  for await (const chunk of createReadStream(path, { encoding: 'utf8', highWaterMark: 1 << 20 })) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) await take(line)
  }
  if (rest !== '') await take(rest)
  await send()
  await underWay
}

const countOf = async () => {
  const { rows } = await client().query<{ count: string }>('SELECT count(*) FROM events')
  return Number(rows[0]?.count)
}

const calls = {
  connect: async (socket: string) => {
    connected = new pg.Client({ host: socket, user: USER, database: DATABASE })
    await connected.connect()
  },
  /** An empty table with its unique key. */
  empty: async () => {
    await client().query(`DROP TABLE IF EXISTS events;
      CREATE TABLE events (source text NOT NULL, transaction_id text NOT NULL, code text NOT NULL,
        external_subscription_id text NOT NULL, timestamp timestamp(3) NOT NULL, properties jsonb NOT NULL,
        UNIQUE (source, transaction_id))`)
  },
  import: async (
    path: string,
    rowsWanted: number,
    way: 'unnest' | 'values',
    batchRows: number,
  ): Promise<Spent> => {
    const measured = await spent(() => feed(path, way, batchRows))
    const rows = await countOf()
    if (rows !== rowsWanted) throw new Error(`of ${rowsWanted} rows PostgreSQL has ${rows}`)
    return measured
  },
  analyze: async () => {
    await client().query('VACUUM ANALYZE events')
  },
  index: async () => {
    await client().query('CREATE INDEX ON events (code, external_subscription_id, timestamp)')
    await client().query('VACUUM ANALYZE events')
  },
  size: async () => {
    const { rows } = await client().query<{ bytes: string }>(
      "SELECT pg_total_relation_size('events') AS bytes",
    )
    return { rows: await countOf(), bytes: Number(rows[0]?.bytes) }
  },
  answer: async (name: SliceName) => {
    const { rows } = await client().query<unknown[]>({ text: sqlOf(name, DIALECT), rowMode: 'array' })
    return answerOfRows(rows)
  },
  ask: async (name: SliceName, calls: number): Promise<number[]> => {
    const times: number[] = []
    for (let call = 0; call < calls; call++)
      times.push((await spent(() => client().query({ text: sqlOf(name, DIALECT), rowMode: 'array' }))).wallMs)
    return times
  },
  close: async () => {
    await connected?.end()
    connected = null
  },
}

export type PostgresCalls = typeof calls
answerCalls(calls)
