/**
 * A stream of moto's from its records to the ledger, over a split and a merge. moto copies the records of merged shards
 * into the new one, where they come again and count once; it never ends a closed shard and goes on putting records
 * there. How shards really end is in test/main/collect/kinds/aws-kinesis.test.ts.
 */
import { gzipSync } from 'node:zlib'
import {
  CreateStreamCommand,
  KinesisClient,
  ListShardsCommand,
  MergeShardsCommand,
  PutRecordsCommand,
  SplitShardCommand,
} from '@aws-sdk/client-kinesis'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { awsKinesis } from '../../src/main/collect/kinds/aws/kinesis.ts'
import { type House, openHouse } from '../main/engine/house.ts'
import { startMoto } from './support.ts'

const REGION = 'us-east-1'
const credentials = { accessKeyId: 'AKIAPLANTEDKEYID', secretAccessKey: 'planted/secret/of/nobody' }
const StreamName = 'usage'

let client: KinesisClient
let url = ''
let house: House
const stops: (() => Promise<unknown> | undefined)[] = []
beforeAll(async () => {
  const moto = await startMoto()
  stops.push(moto.stop)
  url = moto.url
  client = new KinesisClient({
    region: REGION,
    endpoint: url,
    credentials,
    requestHandler: new NodeHttpHandler(),
  })
  stops.push(async () => client.destroy())
  await client.send(new CreateStreamCommand({ StreamName, ShardCount: 3 }))
  house = await openHouse({
    // moto stamps records with the machine's time.
    now: new Date().toISOString(),
    engine: { collectors: [awsKinesis], timers: { after: () => () => undefined, random: () => 0.5 } },
    environment: {
      COUNTINGHOUSE_ONE_ACCESS_KEY_ID: credentials.accessKeyId,
      COUNTINGHOUSE_ONE_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    },
  })
  stops.push(() => house.close())
  await house.client.connections.save({
    ...source(),
    everyMinutes: 5,
    paused: false,
    expectedVersion: 0,
  })
})
afterAll(async () => {
  for (const stop of stops.reverse()) await stop()
})

const source = () => ({
  id: 'one',
  name: 'Stream',
  kind: 'aws_kinesis',
  config: { region: REGION, endpoint: url, stream: StreamName },
})
const event = (id: number) =>
  JSON.stringify({
    specversion: '1.0',
    id: String(id),
    source: '/moto',
    type: 'calls',
    subject: `t${id % 7}`,
    time: new Date(house.clock.nowMs() - 60_000).toISOString(),
    data: { value: `${id}.25` },
  })
let produced = 0n
/** Each of them once, but for every tenth, which its producer sends twice. */
const produce = async (from: number, to: number) => {
  const Records = []
  for (let id = from; id <= to; id++) {
    const text = event(id)
    const Data = Buffer.from(id % 3 === 0 ? gzipSync(text) : text)
    for (let time = 0; time < (id % 10 === 0 ? 2 : 1); time++)
      Records.push({ PartitionKey: `key ${id}`, Data })
    produced += BigInt(id) * 100n + 25n
  }
  await client.send(new PutRecordsCommand({ StreamName, Records }))
}
const run = async () => {
  const { state, result, error } = await house.job(house.client.connections.run({ id: 'one' }))
  if (state !== 'done') throw new Error(error?.message ?? state)
  return result?.kind === 'collect' ? result.added : null
}
/** In hundredths. */
const total = async () => {
  const { rows } = await house.client.usage.query({
    metric: 'calls',
    from: new Date(house.clock.nowMs() - 86_400_000).toISOString().slice(0, 7),
    to: new Date(house.clock.nowMs()).toISOString().slice(0, 7),
    grain: 'month',
    groupBy: ['tenant'],
    filters: [],
    compare: 'none',
  })
  return rows.reduce((sum, row) => {
    const [whole = '', part = ''] = row.total.split('.')
    return sum + BigInt(whole + part.padEnd(2, '0'))
  }, 0n)
}
const openShards = async () => {
  const { Shards = [] } = await client.send(new ListShardsCommand({ StreamName }))
  return Shards.filter(({ SequenceNumberRange: range }) => range?.EndingSequenceNumber === undefined)
}

test('every record once, over shards that are split and merged', async () => {
  await produce(1, 200)
  expect(await run()).toBe(200)
  expect(await total()).toBe(produced)
  expect(await run()).toBe(0)

  await produce(201, 260)
  const [split, , last] = await openShards()
  const { StartingHashKey = '0', EndingHashKey = '0' } = split?.HashKeyRange ?? {}
  await client.send(
    new SplitShardCommand({
      StreamName,
      ShardToSplit: split?.ShardId ?? '',
      NewStartingHashKey: String((BigInt(StartingHashKey) + BigInt(EndingHashKey)) / 2n),
    }),
  )
  await produce(261, 320)
  await run()
  expect(await total()).toBe(produced)

  const [middle] = await openShards()
  await client.send(
    new MergeShardsCommand({
      StreamName,
      ShardToMerge: middle?.ShardId ?? '',
      AdjacentShardToMerge: last?.ShardId ?? '',
    }),
  )
  await produce(321, 400)
  await run()
  expect(await total()).toBe(produced)
  expect(await run()).toBe(0)
})

test('what is no event is in the quarantine with its shard, and the check says so', async () => {
  const { Records: [put] = [] } = await client.send(
    new PutRecordsCommand({
      StreamName,
      Records: [{ PartitionKey: 'x', Data: Buffer.from('{"not":"an event"}') }],
    }),
  )
  await run()
  const { rows } = await house.client.ledger.quarantine({})
  expect(rows.map(({ raw }) => JSON.parse(raw))).toEqual([
    {
      kinesisstream: StreamName,
      kinesisshard: put?.ShardId,
      kinesissequencenumber: put?.SequenceNumber,
      reason: 'it is no CloudEvent',
      record: '{"not":"an event"}',
    },
  ])
  const { findings } = await house.client.connections.check(source())
  expect(findings[1]?.sentence).toMatch(/^usage has \d open shards/)
})
