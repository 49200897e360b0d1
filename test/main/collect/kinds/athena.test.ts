import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { awsAthena } from '../../../../src/main/collect/kinds/sql/athena.ts'
import { awsContext } from '../../../support/aws-context.ts'
import {
  type AwsAnswer,
  type FakeAws,
  jsonAnswer,
  jsonError,
  startFakeAws,
} from '../../../support/fake-aws.ts'
import { collectAll } from './collecting.ts'

const HOUR = 3_600_000
const NOW = Date.parse('2026-11-02T10:20:00Z')
const QUERY = [
  '-- usage by the hour',
  'SELECT account AS tenant FROM events WHERE day >= date({{from}})',
  'AND at >= {{from}} AND at < {{until}};',
]
const MEGABYTE = 1024 * 1024

let aws: FakeAws
/** What Athena's ends are asked after, in turn; the last one stays. */
let ends: object[]
let pages: AwsAnswer[]
let start: () => AwsAnswer
const calls = (action: string) =>
  aws.calls.filter((call) => call.action === action).map(({ body }) => JSON.parse(body))

const ended = (Status: object, scannedBytes = 0) => ({
  QueryExecution: { QueryExecutionId: 'q-1', Status, Statistics: { DataScannedInBytes: scannedBytes } },
})
const column = (Name: string, Type: string) => ({ Name, Label: Name, Type, CatalogName: 'hive' })
const COLUMNS = [
  column('tenant', 'varchar'),
  column('hour', 'timestamp'),
  column('value', 'decimal'),
  column('rows', 'bigint'),
  column('region', 'varchar'),
]
const row = (...values: (string | null)[]) => ({
  Data: values.map((VarCharValue) => (VarCharValue === null ? {} : { VarCharValue })),
})
const HEADER = row('tenant', 'hour', 'value', 'rows', 'region')
const page = (Rows: object[], NextToken?: string, ColumnInfo = COLUMNS) =>
  jsonAnswer({ ResultSet: { Rows, ResultSetMetadata: { ColumnInfo } }, NextToken })
const acme = (value: string, hour = '09') => row('acme', `2026-11-02 ${hour}:00:00.000`, value, '7', 'eu')

beforeEach(async () => {
  aws = await startFakeAws()
  ends = [ended({ State: 'SUCCEEDED' })]
  pages = [page([HEADER])]
  start = () => jsonAnswer({ QueryExecutionId: 'q-1' })
  aws.answer = ({ action, body }) => {
    if (action === 'StartQueryExecution') return start()
    if (action === 'GetQueryExecution') return jsonAnswer((ends.length > 1 ? ends.shift() : ends[0]) ?? {})
    if (action === 'GetQueryResults') return pages[Number(JSON.parse(body).NextToken ?? 0)] ?? { status: 500 }
    return jsonAnswer({})
  }
})
afterEach(() => aws.close())

const contextOf = (changes: object = {}, settings: object = {}) =>
  awsContext(
    awsAthena,
    {
      endpoint: aws.url,
      database: 'usage',
      query: QUERY,
      metric: 'bytes',
      trailingHours: '2',
      ...settings,
    },
    { nowMs: NOW, ...changes },
  )
const run = (changes: object = {}, settings: object = {}) =>
  collectAll(awsAthena, contextOf(changes, settings))

test('is started with bound times, asked after until it has ended, and read page by page', async () => {
  ends = [
    ended({ State: 'QUEUED' }),
    ended({ State: 'RUNNING' }),
    ended({ State: 'SUCCEEDED' }, 3 * MEGABYTE),
  ]
  const exact = '12345678901234567890.000000000001'
  pages = [
    page([HEADER, acme(exact), row('bolt', '2026-11-02 09:00:00.000 UTC', '2', '1', null)], '1'),
    page([row('cade', '2026-11-02 08:00:00.000', '3', '1', '')]),
  ]
  const { events, checkpoint, pages: given } = await run()
  expect(calls('StartQueryExecution')).toEqual([
    {
      QueryString:
        '-- usage by the hour\nSELECT account AS tenant FROM events WHERE day >= date(CAST(? AS timestamp))\nAND at >= CAST(? AS timestamp) AND at < CAST(? AS timestamp)',
      ExecutionParameters: [
        "'2026-11-02 08:00:00.000'",
        "'2026-11-02 08:00:00.000'",
        "'2026-11-02 10:00:00.000'",
      ],
      ClientRequestToken: expect.stringMatching(/^[0-9a-f]{64}$/),
      WorkGroup: 'primary',
      QueryExecutionContext: { Database: 'usage' },
    },
  ])
  expect(events.map(({ subject, time, data }) => [subject, time, data.value, data.dimensions])).toEqual([
    ['acme', '2026-11-02T09:00:00.000Z', exact, { region: 'eu' }],
    ['bolt', '2026-11-02T09:00:00.000Z', '2', {}],
    ['cade', '2026-11-02T08:00:00.000Z', '3', {}],
  ])
  expect(events[0]?.data).toMatchObject({
    query: QUERY.join('\n'),
    querySha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    answerRows: 3,
    countedRows: '7',
  })
  expect(given[0]?.title).toBe(
    'AWS: 2026-11-02 08:00 to 2026-11-02 10:00 UTC (10 MB scanned, about USD 0.000048)',
  )
  expect(checkpoint).toMatchObject({
    untilMs: Date.parse('2026-11-02T10:00:00Z'),
    engine: { month: '2026-11', queries: 1, megabytes: 10 },
  })
  expect(calls('StopQueryExecution')).toEqual([])
})

test('the place of answers and the catalog are told where the source has them', async () => {
  await run({}, { outputLocation: 's3://results/counted/', catalog: 'lake', workgroup: 'billing' })
  expect(calls('StartQueryExecution')).toMatchObject([
    {
      WorkGroup: 'billing',
      QueryExecutionContext: { Catalog: 'lake', Database: 'usage' },
      ResultConfiguration: { OutputLocation: 's3://results/counted/' },
    },
  ])
})

test('the trailing hours are counted again: the same ids, and zero for a row that is no longer there', async () => {
  pages = [page([HEADER, acme('5', '08'), acme('2', '09')])]
  const first = await run()
  pages = [page([HEADER, acme('6', '08')])]
  const second = await run({ checkpoint: first.checkpoint, nowMs: NOW + 60_000 })
  expect(second.pages[0]?.sameId).toBe('restate')
  expect(second.events.map(({ id, data }) => [id, data.value])).toEqual([
    [first.events[0]?.id, '6'],
    [first.events[1]?.id, '0'],
  ])
})

describe('what is scanned', () => {
  test('is counted by month, of ranges read again too, and no query is started beyond the limit', async () => {
    ends = [ended({ State: 'SUCCEEDED' }, 600 * MEGABYTE + 1)]
    const first = await run({}, { gigabytesPerMonth: '1' })
    const range = { startMs: NOW - 48 * HOUR, endMs: NOW - 47 * HOUR }
    const again = await run({ checkpoint: first.checkpoint, range }, { gigabytesPerMonth: '1' })
    expect(again.checkpoint).toEqual({
      ...(first.checkpoint as object),
      engine: { month: '2026-11', queries: 2, megabytes: 1202 },
    })
    await expect(run({ checkpoint: again.checkpoint }, { gigabytesPerMonth: '1' })).rejects.toMatchObject({
      message:
        'Athena has scanned 1,202 MB in 2 queries of this source in 2026-11 (about USD 0.0057), and 1 GB a month are allowed. What was read before is kept. It goes on next month, or raise the limit.',
      retryable: false,
    })
    expect(calls('StartQueryExecution')).toHaveLength(2)
    const december = { checkpoint: again.checkpoint, range, nowMs: Date.parse('2026-12-01T00:30:00Z') }
    expect((await run(december, { gigabytesPerMonth: '1' })).checkpoint).toMatchObject({
      engine: { month: '2026-12', queries: 1, megabytes: 601 },
    })
  })

  test('is shown by the check, before anything is collected', async () => {
    ends = [ended({ State: 'SUCCEEDED' }, 3 * 1024 * 1024 * MEGABYTE)]
    pages = [page([HEADER, acme('1'), acme('2', '08')])]
    expect(await awsAthena.check(contextOf())).toEqual([
      {
        state: 'works',
        sentence: 'The query runs as one that only reads: 2 rows of 1 tenant in the last 2 hours.',
      },
      {
        state: 'works',
        sentence: 'This check’s query: 3,145,728 MB scanned, about USD 15. Each run asks about as much.',
      },
    ])
  })
})

describe('a start that is repeated runs once', () => {
  test('with one token, where the answer to the first was lost', async () => {
    let lost = true
    start = () => {
      const answer = jsonAnswer({ QueryExecutionId: 'q-1' })
      if (!lost) return answer
      lost = false
      return { ...answer, cutAfter: 0 }
    }
    await run()
    const tokens = calls('StartQueryExecution').map(({ ClientRequestToken }) => ClientRequestToken)
    expect(tokens).toHaveLength(2)
    expect(new Set(tokens).size).toBe(1)
  })

  test('and a later run counts afresh', async () => {
    await run()
    await run({ nowMs: NOW + 1 })
    const tokens = calls('StartQueryExecution').map(({ ClientRequestToken }) => ClientRequestToken)
    expect(new Set(tokens).size).toBe(2)
  })
})

describe('a query that is given up is stopped at Athena', () => {
  beforeEach(() => {
    ends = [ended({ State: 'RUNNING' })]
  })
  test('when the run is cancelled', async () => {
    const controller = new AbortController()
    setTimeout(() => controller.abort(new Error('enough')), 100)
    await expect(run({ signal: controller.signal })).rejects.toThrow('enough')
    expect(calls('StopQueryExecution')).toEqual([{ QueryExecutionId: 'q-1' }])
  })
  test('when it takes too long', async () => {
    await expect(run({}, { timeoutSeconds: '1' })).rejects.toMatchObject({
      message:
        'The query took longer than 1 seconds (it was running) and was stopped at Athena. Allow it more, or narrow it to partitions of its hours.',
      retryable: true,
    })
    expect(calls('StopQueryExecution')).toEqual([{ QueryExecutionId: 'q-1' }])
  })
})

describe('what goes wrong is said', () => {
  const failed = (message: string, error: object = {}) =>
    ended({
      State: 'FAILED',
      StateChangeReason: message,
      AthenaError: { ErrorCategory: 2, Retryable: false, ErrorMessage: message, ...error },
    })
  test.each([
    [
      failed('SYNTAX_ERROR: line 1:1: mismatched input'),
      'Athena refuses the query: SYNTAX_ERROR: line 1:1: mismatched input. Nothing of it was taken.',
      false,
    ],
    [
      failed("COLUMN_NOT_FOUND: Column 'x' cannot be resolved or requester is not authorized to access"),
      'Athena refuses the query: COLUMN_NOT_FOUND',
      false,
    ],
    [
      failed(
        'Insufficient permissions to execute the query. User is not authorized to perform: glue:GetTable',
      ),
      'These credentials may not read what the query asks for: Insufficient permissions',
      false,
    ],
    [
      failed('GENERIC_INTERNAL_ERROR: worker gone', { ErrorCategory: 1 }),
      'Athena could not finish the query: GENERIC_INTERNAL_ERROR: worker gone.',
      true,
    ],
    [
      ended({ State: 'CANCELLED', StateChangeReason: 'Query cancelled! : Bytes scanned limit was exceeded' }),
      'scanned more than workgroup primary allows',
      false,
    ],
    [
      ended({ State: 'CANCELLED', StateChangeReason: 'Query cancelled by user' }),
      'The query was cancelled at Athena: Query cancelled by user. Nothing of it was taken.',
      true,
    ],
    [ended({ State: 'FAILED' }), 'Athena refuses the query: it does not say why.', false],
  ])('%j', async (end, words, retryable) => {
    ends = [end]
    await expect(run()).rejects.toMatchObject({ message: expect.stringContaining(words), retryable })
    expect(calls('StopQueryExecution')).toEqual([])
  })

  test.each([
    [
      jsonError(
        'InvalidRequestException',
        'No output location provided. An output location is required either through the Workgroup result configuration setting or as an API input.',
      ),
      'Neither the workgroup nor this source says where in S3 the answer is to be written.',
      false,
    ],
    [
      jsonError('InvalidRequestException', 'WorkGroup billing is not found.'),
      'AWS refuses athena:StartQueryExecution: InvalidRequestException: WorkGroup billing is not found.',
      false,
    ],
    [jsonError('TooManyRequestsException', 'Rate exceeded'), 'AWS asks to slow down', true],
    [
      jsonError('AccessDeniedException', 'User is not authorized', 400),
      'These credentials may not athena:StartQueryExecution.',
      false,
    ],
    [
      jsonError('ExpiredTokenException', 'The security token included in the request is expired'),
      'have expired',
      false,
    ],
  ])('%j', async (answer, words, retryable) => {
    start = () => answer
    await expect(run()).rejects.toMatchObject({ message: expect.stringContaining(words), retryable })
  })

  test('a value that is a double is refused, because it sums differently each time', async () => {
    const columns = COLUMNS.map((given) => (given.Name === 'value' ? column('value', 'double') : given))
    pages = [page([HEADER, acme('1.5E7')], undefined, columns)]
    await expect(run()).rejects.toMatchObject({
      message:
        'The query’s column value is a double, which sums differently each time it is read. Write CAST(… AS decimal(38, 9)) AS value. Nothing of it was taken.',
      retryable: false,
    })
  })

  test('half an answer is none', async () => {
    pages = [page([HEADER, acme('1')], '1')]
    await expect(run()).rejects.toMatchObject({ retryable: true })
  })
})

test.each([
  [{ query: ['INSERT INTO t SELECT 1 WHERE {{from}} < {{until}}'] }, 'query'],
  [{ query: ["UNLOAD (SELECT 1 WHERE {{from}} < {{until}}) TO 's3://x/'"] }, 'query'],
  [{ query: ['/* SELECT */ CREATE TABLE t AS SELECT {{from}} < {{until}}'] }, 'query'],
  [{ query: ['SELECT 1 WHERE t > {{from}}'] }, 'query'],
  [{ outputLocation: 'results/counted' }, 'outputLocation'],
])('%j is refused', (changes, field) => {
  const given = { region: 'us-east-1', query: QUERY, metric: 'bytes', ...changes }
  const issues = awsAthena.config.safeParse(given).error?.issues
  expect(issues?.map(({ path }) => path.join())).toEqual([field])
})

test('the policy names the workgroup, the database and the place of answers', () => {
  const config = awsAthena.config.parse({
    region: 'eu-west-1',
    query: QUERY,
    workgroup: 'billing',
    database: 'usage',
    outputLocation: 's3://results/counted/',
  })
  const [policy] = awsAthena.permissions(config).documents
  const statements: { Sid: string; Resource: unknown }[] = JSON.parse(policy?.text ?? '').Statement
  expect(Object.fromEntries(statements.map(({ Sid, Resource }) => [Sid, Resource]))).toMatchObject({
    RunQueries: 'arn:aws:athena:*:*:workgroup/billing',
    ReadCatalog: expect.arrayContaining(['arn:aws:glue:*:*:table/usage/*']),
    FindAnswers: 'arn:aws:s3:::results',
    WriteAnswers: 'arn:aws:s3:::results/counted/*',
  })
})
