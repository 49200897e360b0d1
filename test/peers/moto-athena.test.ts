/**
 * Amazon Athena against moto, from the connected source to the ledger. moto runs no query: the rows it answers with are
 * queued by a test, and it never has several pages of them; those are tested in test/main/collect/kinds.
 */
import {
  AthenaClient,
  CreateWorkGroupCommand,
  GetQueryExecutionCommand,
  ListQueryExecutionsCommand,
} from '@aws-sdk/client-athena'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { COLLECTORS } from '../../src/main/collect/kinds/kinds.ts'
import { type House, openHouse } from '../main/engine/house.ts'
import { startMoto } from './support.ts'

const REGION = 'us-east-1'
const credentials = { accessKeyId: 'AKIAPLANTEDKEYID', secretAccessKey: 'planted/secret/of/nobody' }
const QUERY = [
  "SELECT account AS tenant, date_trunc('hour', at) AS hour, sum(bytes) AS value, count(*) AS rows, region",
  'FROM events WHERE at >= {{from}} AND at < {{until}} GROUP BY 1, 2, 5',
]

let url = ''
let stopMoto = async (): Promise<void> => undefined
let house: House
let client: AthenaClient
beforeAll(async () => {
  const moto = await startMoto()
  url = moto.url
  stopMoto = moto.stop
  client = new AthenaClient({ region: REGION, endpoint: url, credentials })
})
afterAll(async () => {
  client.destroy()
  await stopMoto()
})
beforeEach(async () => {
  await fetch(`${url}/moto-api/reset`, { method: 'POST' })
  // As at AWS, a query is queued and runs before it succeeds.
  await fetch(`${url}/moto-api/state-manager/set-transition`, {
    method: 'POST',
    body: JSON.stringify({
      model_name: 'athena::execution',
      transition: { progression: 'manual', times: 1 },
    }),
  })
  await client.send(new CreateWorkGroupCommand({ Name: 'billing', Configuration: {} }))
  house = await openHouse({
    now: '2026-11-02T10:20:00Z',
    engine: { collectors: COLLECTORS, timers: { after: () => () => undefined, random: () => 0.5 } },
    environment: {
      COUNTINGHOUSE_LAKE_ACCESS_KEY_ID: credentials.accessKeyId,
      COUNTINGHOUSE_LAKE_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    },
  })
  await house.client.connections.save({
    id: 'lake',
    name: 'Lake',
    kind: 'aws_athena',
    config: {
      region: REGION,
      endpoint: url,
      workgroup: 'billing',
      database: 'usage',
      outputLocation: 's3://results/counted/',
      query: QUERY,
      metric: 'bytes',
    },
    everyMinutes: 60,
    paused: true,
    expectedVersion: 0,
  })
})
afterEach(() => house.close())

const COLUMNS = ['tenant varchar', 'hour timestamp', 'value decimal', 'rows bigint', 'region varchar'].map(
  (text) => {
    const [Name, Type] = text.split(' ')
    return { Name, Label: Name, Type }
  },
)
/** Rows that the next query answers with, below the header that Athena begins with. */
const queue = (...rows: readonly (readonly string[])[]) =>
  fetch(`${url}/moto-api/static/athena/query-results`, {
    method: 'POST',
    body: JSON.stringify({
      results: [
        {
          rows: [COLUMNS.map(({ Name = '' }) => Name), ...rows].map((values) => ({
            Data: values.map((VarCharValue) => ({ VarCharValue })),
          })),
          column_info: COLUMNS,
        },
      ],
    }),
  })
const run = async () => {
  const { state, result, error } = await house.job(house.client.connections.run({ id: 'lake' }))
  if (state !== 'done') throw new Error(error?.message ?? state)
  return result?.kind === 'collect' ? result.sentence : ''
}
const total = async () =>
  (await house.client.explain.usage({ metric: 'bytes', month: '2026-11' as never })).total

test('the ledger holds what Athena counts, also once its past has changed', async () => {
  await queue(
    ['acme', '2026-11-02 08:00:00.000', '5678901.000000000001', '3', 'eu'],
    ['bolt', '2026-11-02 09:00:00.000', '2.5', '1', 'us'],
  )
  expect(await run()).toBe('2 records new.')
  expect(await total()).toBe('5678903.500000000001')
  await queue(['acme', '2026-11-02 08:00:00.000', '5678900', '3', 'eu'])
  expect(await run()).toBe('2 records new, 2 of them replaced an older value.')
  expect(await total()).toBe('5678900')

  const { QueryExecutionIds = [] } = await client.send(
    new ListQueryExecutionsCommand({ WorkGroup: 'billing' }),
  )
  expect(QueryExecutionIds).toHaveLength(2)
  const { QueryExecution } = await client.send(
    new GetQueryExecutionCommand({ QueryExecutionId: QueryExecutionIds[0] }),
  )
  expect(QueryExecution).toMatchObject({
    Query: QUERY.join('\n').replaceAll(/\{\{(?:from|until)\}\}/g, 'CAST(? AS timestamp)'),
    ExecutionParameters: ["'2026-11-01 10:00:00.000'", "'2026-11-02 10:00:00.000'"],
    QueryExecutionContext: { Database: 'usage' },
    ResultConfiguration: { OutputLocation: expect.stringMatching(/^s3:\/\/results\/counted\//) },
  })
})

test('each batch says what it cost, and the check does before', async () => {
  const { findings } = await house.client.connections.check({
    id: 'lake',
    name: 'Lake',
    kind: 'aws_athena',
    config: { region: REGION, endpoint: url, workgroup: 'billing', query: QUERY, metric: 'bytes' },
  })
  expect(findings.map(({ sentence }) => sentence)).toEqual([
    'The query runs, and finds nothing in the last 24 hours.',
    'This check’s query: 10 MB scanned, about USD 0.000048. Each run asks about as much.',
  ])
  await queue(['acme', '2026-11-02 08:00:00.000', '1', '3', 'eu'])
  await run()
  const { rows } = await house.client.ledger.batches({})
  expect(rows[0]?.title).toBe(
    'Lake: 2026-11-01 10:00 to 2026-11-02 10:00 UTC (10 MB scanned, about USD 0.000048)',
  )
})
