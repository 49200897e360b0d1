import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readAnswer } from '../../../../src/main/collect/kinds/sql/answer.ts'
import { sql } from '../../../../src/main/collect/kinds/sql/sql.ts'
import { collectAll, contextFor } from './collecting.ts'

const HOUR = 3_600_000
const NOW = Date.parse('2026-11-02T10:20:00Z')
const TEN = Date.parse('2026-11-02T10:00:00Z')
const QUERY = ['SELECT 1 WHERE t >= {{from}}', 'AND t < {{until}};']

interface Asked {
  readonly headers: IncomingMessage['headers']
  readonly parameters: URLSearchParams
  readonly body: string
}

/** Answers as ClickHouse's documentation of its HTTP interface shows. */
let server: Server
let url: string
let asked: Asked[]
let answer: (response: ServerResponse, given: Asked) => void
const says = (...rows: object[]) => {
  answer = (response) => response.end(rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
}
beforeEach(async () => {
  asked = []
  says()
  server = createServer(async (request, response) => {
    let body = ''
    for await (const piece of request) body += piece
    const given = {
      headers: request.headers,
      parameters: new URL(request.url ?? '', 'http://x').searchParams,
      body,
    }
    asked.push(given)
    answer(response, given)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  url = `http://reader@127.0.0.1:${(server.address() as AddressInfo).port}/?database=usage`
})
afterEach(() => {
  server.closeAllConnections()
  server.close()
})

const settings = (changes: object = {}) => ({
  engine: 'clickhouse',
  url,
  query: QUERY,
  metric: 'calls',
  trailingHours: '2',
  ...changes,
})
const run = (changes: Parameters<typeof contextFor>[2] = {}, given: object = {}) =>
  collectAll(
    sql,
    contextFor(sql, settings(given), { nowMs: NOW, secret: async () => 'hunter2-hunter2', ...changes }),
  )
const row = (tenant: string, hour: string, value: string | number, more: object = {}) => ({
  tenant,
  hour: `2026-11-02T${hour}:00:00Z`,
  value,
  ...more,
})

describe('ClickHouse', () => {
  test('is asked once for the hours, with bound times, reading only, and its secret in a header', async () => {
    await run()
    expect(asked).toHaveLength(1)
    expect(asked[0]?.body).toBe(
      "SELECT 1 WHERE t >= {from:DateTime64(3, 'UTC')}\nAND t < {until:DateTime64(3, 'UTC')}\nFORMAT JSONEachRow",
    )
    expect(Object.fromEntries(asked[0]?.parameters ?? [])).toMatchObject({
      database: 'usage',
      readonly: '2',
      wait_end_of_query: '1',
      param_from: '2026-11-02 08:00:00.000',
      param_until: '2026-11-02 10:00:00.000',
    })
    expect(asked[0]?.headers).toMatchObject({
      'x-clickhouse-user': 'reader',
      'x-clickhouse-key': 'hunter2-hunter2',
    })
  })

  test('a row is a record with the query, its hash and the rows as evidence, and every digit', async () => {
    answer = (response) =>
      response.end(
        '{"tenant":"acme","hour":"2026-11-02T09:00:00Z","value":"12345678901234567890","rows":"7","region":"eu"}\n',
      )
    expect((await run()).events).toEqual([
      {
        specversion: '1.0',
        id: expect.stringMatching(/^calls\/.{22}\/\d+$/),
        source: 'sql:Source',
        type: 'calls',
        subject: 'acme',
        time: '2026-11-02T09:00:00.000Z',
        data: {
          value: '12345678901234567890',
          from: '2026-11-02T09:00:00.000Z',
          to: '2026-11-02T10:00:00.000Z',
          dimensions: { region: 'eu' },
          query: QUERY.join('\n'),
          querySha256: expect.stringMatching(/^[0-9a-f]{64}$/),
          answerRows: 1,
          countedRows: '7',
        },
      },
    ])
  })

  test('the trailing hours are read again: the same ids, and zero for a row that is no longer there', async () => {
    says(row('acme', '08', 5), row('bolt', '09', 2))
    const first = await run()
    says(row('acme', '08', 6))
    const second = await run({ checkpoint: first.checkpoint, nowMs: NOW + 60_000 })
    expect(second.pages[0]?.sameId).toBe('restate')
    expect(second.events.map(({ id, data }) => [id, data.value])).toEqual([
      [first.events[0]?.id, '6'],
      [first.events[1]?.id, '0'],
    ])
    const third = await run({ checkpoint: second.checkpoint, nowMs: NOW + 60_000 })
    expect(third.events.map(({ data }) => data.value)).toEqual(['6'])
  })

  test('after days without a run it goes on where it left off, a day a query', async () => {
    const first = await run()
    asked = []
    const later = await run({ checkpoint: first.checkpoint, nowMs: NOW + 50 * HOUR })
    expect(asked.map(({ parameters }) => parameters.get('param_from'))).toEqual([
      '2026-11-02 08:00:00.000',
      '2026-11-03 08:00:00.000',
      '2026-11-04 08:00:00.000',
    ])
    expect(later.checkpoint).toEqual({ untilMs: TEN + 50 * HOUR, rows: [] })
  })

  test('a range read again leaves the checkpoint', async () => {
    says(row('acme', '08', 5))
    const range = { startMs: TEN - 2 * HOUR + 1, endMs: TEN - HOUR }
    const again = await run({ range, checkpoint: 'kept' })
    expect(asked.map(({ parameters }) => parameters.get('param_until'))).toEqual(['2026-11-02 09:00:00.000'])
    expect(again.checkpoint).toBe('kept')
    expect(again.events).toHaveLength(1)
  })

  test.each([
    [
      500,
      'Code: 62. DB::Exception: Syntax error',
      'answered 500: Code: 62. DB::Exception: Syntax error',
      true,
    ],
    [403, 'Code: 516', 'refused the credentials', false],
    [
      403,
      'Code: 497. DB::Exception: reader: Not enough privileges.',
      'The user may not read what the query asks for: reader: Not enough privileges. Grant it SELECT.',
      false,
    ],
    [408, 'Code: 159. DB::Exception: Timeout exceeded', 'took longer than 60 seconds and was ended', true],
    [200, '{"tenant":"a","hour":"2026-11-02T09:00:00Z","val', 'ends in the middle of a row', true],
    [200, 'Ok.\n', 'Is it ClickHouse?', false],
  ])('%s %j is said: %s', async (status, body, words, retryable) => {
    answer = (response) => response.writeHead(status).end(body)
    await expect(run()).rejects.toMatchObject({ message: expect.stringContaining(words), retryable })
  })

  test('a connection that is cut takes nothing', async () => {
    answer = (response) => {
      response.writeHead(200, { 'content-length': '1000' })
      response.write(`${JSON.stringify(row('acme', '09', 1))}\n`)
      setTimeout(() => response.destroy(), 20)
    }
    await expect(run()).rejects.toMatchObject({ retryable: true })
  })
})

describe('an answer that would count wrongly is refused, with its row', () => {
  const asks = { fromMs: TEN - HOUR, untilMs: TEN }
  const good = { tenant: 'acme', hour: '2026-11-02 09:00:00+00', value: '1' }
  test.each([
    [[{ tenant: 'acme', hour: good.hour }], 'Row 1 of the query’s answer has no column value.'],
    [[{ ...good, hour: 'nine' }], 'has the hour nine, which is no time'],
    [[{ ...good, hour: '2026-11-02 09:30:00+00' }], 'is no whole hour'],
    [[{ ...good, hour: '2026-11-02 10:00:00+00' }], 'is of 2026-11-02 10:00, and 2026-11-02 09:00 to'],
    [[{ ...good, value: null }], 'which is no number'],
    [
      [good, { ...good, value: '2' }],
      'Row 2 of the query’s answer is the second of acme at 2026-11-02 09:00',
    ],
  ])('%j', (rows, words) => expect(() => readAnswer(rows, 'calls', asks)).toThrow(words))
  test('no metric', () => expect(() => readAnswer([good], '', asks)).toThrow('has no metric'))
})

test.each([
  [{ url: 'https://reader:secret@host/' }, 'url'],
  [{ url: 'https://host/?password=secret' }, 'url'],
  [{ engine: 'postgres' }, 'url'],
  [{ query: ['SELECT 1 WHERE t > {{from}}'] }, 'query'],
])('%j is refused', (changes, field) => {
  const issues = sql.config.safeParse(settings(changes)).error?.issues
  expect(issues?.map(({ path }) => path.join())).toEqual([field])
})

test('the check counts rows and tenants, and warns of rows that name nobody', async () => {
  const check = () => sql.check(contextFor(sql, settings(), { nowMs: NOW }))
  expect(await check()).toMatchObject([
    { state: 'warning', sentence: expect.stringContaining('finds nothing') },
  ])
  says(row('acme', '08', 1), row('acme', '09', 1))
  expect(await check()).toMatchObject([
    { state: 'works', sentence: expect.stringContaining('2 rows of 1 tenant in the last 2 hours') },
  ])
  says(row('', '08', 1))
  expect(await check()).toMatchObject([
    { state: 'warning', sentence: expect.stringContaining('1 of 1 rows') },
  ])
})
