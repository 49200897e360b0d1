/**
 * Our SQL kind against a real PostgreSQL: what the ledger holds is what the engine sums, also after its past changed; and
 * nothing that we run there can write.
 */
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { sql } from '../../src/main/collect/kinds/sql/sql.ts'
import { type Postgres, startPostgres } from '../bench/postgres.ts'
import { collectAll, contextFor } from '../main/collect/kinds/collecting.ts'
import { postgresPrograms } from './support.ts'
import { checkFollowed, NOW } from './warehouse.ts'

const QUERY = [
  "SELECT account AS tenant, date_trunc('hour', at) AS hour, sum(bytes) AS value, count(*) AS rows, region",
  'FROM events WHERE at >= {{from}} AND at < {{until}} GROUP BY 1, 2, 5',
]

let server: Postgres
let client: pg.Client
let url: string

beforeAll(async () => {
  server = await startPostgres(postgresPrograms())
  client = new pg.Client({ host: server.socket, user: 'bench', database: 'postgres' })
  await client.connect()
  await client.query('CREATE ROLE reader LOGIN')
  url = `postgres://reader@localhost/postgres?host=${encodeURIComponent(server.socket)}`
})
afterAll(async () => {
  await client.end()
  await server.end()
})
beforeEach(async () => {
  await client.query(`DROP TABLE IF EXISTS events;
    CREATE TABLE events (account text, at timestamptz NOT NULL, bytes numeric NOT NULL, region text NOT NULL);
    INSERT INTO events SELECT 'tenant-' || i % 7, timestamptz '2026-11-01T08:00:00Z' + i * interval '13 seconds',
      i * 1.25 + 0.000000000001, CASE i % 3 WHEN 0 THEN 'eu' ELSE 'us' END FROM generate_series(1, 6000) i;
    GRANT SELECT, INSERT ON events TO reader`)
})

const settings = (changes: object = {}) => ({
  engine: 'postgres',
  url,
  query: QUERY,
  metric: 'bytes',
  trailingHours: '24',
  ...changes,
})

test('the ledger holds what the engine sums, also once its past has changed', () =>
  checkFollowed({
    config: settings(),
    sum: async (until) => {
      const { rows } = await client.query<{ sum: string }>(
        `SELECT trim_scale(sum(bytes))::text AS sum FROM events
         WHERE at >= '2026-11-01T10:00:00Z' AND at < '2026-11-02T${until}:00Z'`,
      )
      return rows[0]?.sum
    },
    changePast: () =>
      client.query(`INSERT INTO events VALUES ('late', '2026-11-02T03:10:00Z', 7.5, 'eu');
        UPDATE events SET bytes = bytes + 1 WHERE account = 'tenant-1';
        DELETE FROM events WHERE account = 'tenant-2'`),
    addNewest: () => client.query("INSERT INTO events VALUES ('acme', '2026-11-02T11:59:59.999Z', 1, 'eu')"),
  }))

const run = (changes: object = {}, signal = new AbortController().signal) =>
  collectAll(sql, contextFor(sql, settings(changes), { nowMs: Date.parse(NOW), signal }))
const bounds = '{{from}} < {{until}}'

describe('nothing can be written', () => {
  test.each([
    [
      "INSERT INTO events SELECT 'x', {{from}}, 1, {{until}}::text RETURNING account AS tenant",
      'The query would write, and is only allowed to read',
    ],
    [
      'WITH gone AS (DELETE FROM events WHERE at < {{until}} RETURNING 1) SELECT {{from}} FROM gone',
      'only allowed to read',
    ],
    [`SELECT 1 WHERE ${bounds}; DROP TABLE events`, 'refuses the query: cannot insert multiple commands'],
    [`SELECT nextval('numbers') AS value, 'a' AS tenant WHERE ${bounds}`, 'only allowed to read'],
  ])('%s', async (query, words) => {
    await client.query('CREATE SEQUENCE IF NOT EXISTS numbers; GRANT ALL ON numbers TO reader')
    await expect(run({ query: [query] })).rejects.toMatchObject({
      message: expect.stringContaining(words),
      retryable: false,
    })
    const { rows } = await client.query<{ count: string }>('SELECT count(*) FROM events')
    expect(rows[0]?.count).toBe('6000')
  })
})

describe('what goes wrong is said', () => {
  test.each([
    ['SELEC {{from}}{{until}}', 'refuses the query: syntax error', false],
    [`SELECT * FROM nothing WHERE ${bounds}`, 'refuses the query: relation "nothing" does not exist', false],
    [`SELECT * FROM pg_authid WHERE ${bounds}`, 'may not read what the query asks for', false],
  ])('%s', async (query, words, retryable) => {
    await expect(run({ query: [query] })).rejects.toMatchObject({
      message: expect.stringContaining(words),
      retryable,
    })
  })
  const slow = { query: [`SELECT pg_sleep(60) WHERE ${bounds}`] }
  test('a query that takes too long is ended by the server', async () => {
    await expect(run({ ...slow, timeoutSeconds: '1' })).rejects.toMatchObject({
      message: expect.stringContaining('took longer than 1 seconds'),
      retryable: true,
    })
  })
  test('a connection that is cut, and one that is aborted', async () => {
    const ending = (async () => {
      for (let ended = 0; ended === 0; await new Promise((done) => setTimeout(done, 50))) {
        const { rowCount } = await client.query(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'reader' AND query LIKE '%pg_sleep%'",
        )
        ended = rowCount ?? 0
      }
    })()
    await expect(run(slow)).rejects.toMatchObject({
      message: expect.stringContaining('What was collected before is kept.'),
      retryable: true,
    })
    await ending
    const controller = new AbortController()
    setTimeout(() => controller.abort(new Error('enough')), 300)
    await expect(run(slow, controller.signal)).rejects.toThrow('enough')
  })
  test('nobody listens', async () => {
    await expect(run({ url: 'postgres://reader@127.0.0.1:9/x' })).rejects.toMatchObject({ retryable: true })
  })
})
