/**
 * Our SQL kind against ClickHouse's own engine: what the ledger holds is what the engine sums, whatever the types of the
 * columns, also after its past changed; and nothing that we run there can write. Users and passwords are tested in
 * test/main/collect/kinds, because the engine comes without its server.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { sql } from '../../src/main/collect/kinds/sql/sql.ts'
import { collectAll, contextFor } from '../main/collect/kinds/collecting.ts'
import { freePort, startProgram } from './support.ts'
import { checkFollowed, NOW } from './warehouse.ts'

const QUERY = [
  "SELECT account AS tenant, toStartOfHour(at, 'UTC') AS hour, sum(bytes) AS value, count() AS rows, region",
  'FROM events WHERE at >= {{from}} AND at < {{until}} GROUP BY tenant, hour, region',
]

let folder: string
let server: Awaited<ReturnType<typeof startProgram>>
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countinghouse-clickhouse-'))
  const port = await freePort()
  server = await startProgram(
    process.env.PEER_CLICKHOUSE,
    [join(import.meta.dirname, 'clickhouse-server.py'), String(port), folder],
    `http://127.0.0.1:${port}`,
  )
  await query('CREATE DATABASE usage')
})
afterAll(async () => {
  await server?.stop()
  await rm(folder, { recursive: true, force: true })
})

/** As the owner of the data, who may write. */
const query = async (text: string): Promise<string> => {
  const answer = await fetch(`${server.url}/?database=${text.includes('DATABASE') ? 'default' : 'usage'}`, {
    method: 'POST',
    body: text,
  })
  const said = await answer.text()
  if (!answer.ok) throw new Error(said)
  return said.trim()
}
beforeEach(async () => {
  await query('DROP TABLE IF EXISTS events')
  await query(
    "CREATE TABLE events (account String, at DateTime64(3, 'UTC'), bytes Decimal(38, 12), region LowCardinality(String)) ENGINE = MergeTree ORDER BY at",
  )
  await query(
    `INSERT INTO events SELECT 'tenant-' || toString(number % 7), toDateTime64('2026-11-01 08:00:00', 3, 'UTC') + INTERVAL number * 13 SECOND,
      toDecimal128(number, 12) * 1.25 + toDecimal128('0.000000000001', 12), if(number % 3 = 0, 'eu', 'us') FROM numbers(1, 6000)`,
  )
})

const settings = (changes: object = {}) => ({
  engine: 'clickhouse',
  url: `${server.url}/?database=usage`,
  query: QUERY,
  metric: 'bytes',
  trailingHours: '24',
  ...changes,
})
const run = (changes: object = {}) =>
  collectAll(sql, contextFor(sql, settings(changes), { nowMs: Date.parse(NOW) }))

test('the ledger holds what the engine sums, also once its past has changed', () =>
  checkFollowed({
    config: settings(),
    sum: (until) =>
      query(
        `SELECT sum(bytes) FROM events WHERE at >= '2026-11-01 10:00:00' AND at < '2026-11-02 ${until}:00'`,
      ),
    changePast: async () => {
      await query("INSERT INTO events VALUES ('late', '2026-11-02 03:10:00', 7.5, 'eu')")
      const now = 'SETTINGS mutations_sync = 1'
      await query(`ALTER TABLE events UPDATE bytes = bytes + 1 WHERE account = 'tenant-1' ${now}`)
      await query(`ALTER TABLE events DELETE WHERE account = 'tenant-2' ${now}`)
    },
    addNewest: () => query("INSERT INTO events VALUES ('acme', '2026-11-02 11:59:59.999', 1, 'eu')"),
  }))

describe('a value is the engine’s, to the last digit', () => {
  test.each([
    ['toUInt64(18446744073709551615)', '18446744073709551615'],
    ["toInt128('-170141183460469231731687303715884105728')", '-170141183460469231731687303715884105728'],
    ["toDecimal256('12345678901234567890.000000000001', 12)", '12345678901234567890.000000000001'],
    ["toDecimal64('1.500', 3)", '1.5'],
    ['toUInt8(0)', '0'],
    ['0.1 + 0.2', '0.30000000000000004'],
    ['toFloat64(1e21)', '1000000000000000000000'],
    ['toFloat32(0.000001)', '0.000001'],
  ])('%s', async (value, expected) => {
    const { events } = await run({
      query: [
        `SELECT 'acme' AS tenant, toStartOfHour({{from}}, 'UTC') AS hour, ${value} AS value WHERE {{from}} < {{until}}`,
      ],
    })
    expect(events.map(({ data }) => data.value)).toEqual([expected])
  })
})

describe('an hour is read whatever its type', () => {
  test.each([
    "toDateTime('2026-11-02 08:00:00', 'UTC')",
    "toDateTime('2026-11-02 09:00:00', 'Europe/Berlin')",
    "toDateTime64('2026-11-02 13:30:00', 9, 'Asia/Kolkata')",
    "'2026-11-02 08:00:00'",
    "toString(toDateTime('2026-11-02 08:00:00', 'UTC'))",
  ])('%s', async (hour) => {
    const { events } = await run({
      query: [`SELECT 'acme' AS tenant, ${hour} AS hour, 1 AS value WHERE {{from}} < {{until}}`],
    })
    expect(events.map(({ time }) => time)).toEqual(['2026-11-02T08:00:00.000Z'])
  })
})

test('dimensions are read whatever their type, and nothing is no dimension', async () => {
  const { events } = await run({
    query: [
      `SELECT 'acme "inc" \\\\ Ω' AS tenant, toStartOfHour({{from}}, 'UTC') AS hour, 1 AS value, count() AS rows,
        toLowCardinality('eu') AS region, CAST('big', 'Enum8(\\'big\\' = 1)') AS size, true AS paid, toUInt16(443) AS port,
        toUUID('61f0c404-5cb3-11e7-907b-a6006ad3dba0') AS uuid, toIPv4('10.0.0.1') AS host, toDate('2026-11-02') AS day,
        CAST(NULL, 'Nullable(String)') AS nobody, '' AS empty WHERE {{from}} < {{until}}`,
    ],
  })
  expect(events[0]?.subject).toBe('acme "inc" \\ Ω')
  expect(events[0]?.data).toMatchObject({
    countedRows: '1',
    dimensions: {
      region: 'eu',
      size: 'big',
      paid: 'true',
      port: '443',
      uuid: '61f0c404-5cb3-11e7-907b-a6006ad3dba0',
      host: '10.0.0.1',
      day: '2026-11-02',
    },
  })
  expect(Object.keys(events[0]?.data.dimensions ?? {})).toHaveLength(7)
})

const bounds = '{{from}} < {{until}}'

describe('nothing can be written', () => {
  test.each([
    `INSERT INTO events SELECT 'x', {{from}}, 1, 'eu' WHERE ${bounds}`,
    `ALTER TABLE events DELETE WHERE at >= {{from}} AND at < {{until}}`,
    `CREATE TABLE copy ENGINE = Memory AS SELECT 1 AS a WHERE ${bounds}`,
  ])('%s', async (text) => {
    await expect(run({ query: [text] })).rejects.toMatchObject({
      message: expect.stringContaining('The query would write, and is only allowed to read'),
      retryable: false,
    })
    expect(await query('SELECT count() FROM events')).toBe('6000')
    expect(await query("SELECT count() FROM system.tables WHERE name = 'copy'")).toBe('0')
  })
})

describe('what goes wrong is said', () => {
  test.each([
    [`SELEC 1 WHERE ${bounds}`, 'answered 400: Code: 62. DB::Exception: Syntax error', false],
    [`SELECT * FROM nothing WHERE ${bounds}`, 'answered 404: Code: 60. DB::Exception:', false],
    [
      `SELECT 'acme' AS tenant, toStartOfHour({{from}}, 'UTC') AS hour, 0 / 0 AS value WHERE ${bounds}`,
      'Row 1 of the query’s answer',
      false,
    ],
  ])('%s', async (text, words, retryable) => {
    await expect(run({ query: [text] })).rejects.toMatchObject({
      message: expect.stringContaining(words),
      retryable,
    })
  })
  test('a query that takes too long is ended by the engine', async () => {
    const slow = `SELECT count() AS value FROM numbers(100000000000) WHERE number % 7 = 3 AND ${bounds}`
    await expect(run({ query: [slow], timeoutSeconds: '1' })).rejects.toMatchObject({
      message: expect.stringContaining('The query took longer than 1 seconds and was ended at'),
      retryable: true,
    })
  })
})
