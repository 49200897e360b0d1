/**
 * Our Kafka kind against a real broker in KRaft mode, from its records to the ledger: the ledger's total is what was
 * produced and committed, whatever comes twice, is aborted, is no event, or is killed on the way.
 */
import {
  AclOperations,
  AclPermissionTypes,
  Admin,
  CompressionAlgorithms,
  type MessageToProduce,
  Producer,
  ResourcePatternTypes,
  ResourceTypes,
  stringSerializers,
} from '@platformatic/kafka'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { kafka } from '../../src/main/collect/kinds/kafka/kafka.ts'
import { type House, openHouse } from '../main/engine/house.ts'
import { type Broker, PASSWORD, startKafka, USER } from './kafka-broker.ts'

type Message = MessageToProduce<string, string, string, string>

let broker: Broker
let admin: Admin
let producer: Producer<string, string, string, string>
let house: House
beforeAll(async () => {
  broker = await startKafka()
  admin = new Admin({ clientId: 'test', bootstrapBrokers: [broker.address] })
  producer = new Producer({
    clientId: 'test',
    bootstrapBrokers: [broker.address],
    serializers: stringSerializers,
    retries: 10,
  })
})
afterAll(async () => {
  await producer.close(true).catch(() => undefined)
  await admin.close().catch(() => undefined)
  await broker.stop()
})
beforeEach(async () => {
  house = await openHouse({
    now: new Date().toISOString(),
    engine: { collectors: [kafka], timers: { after: () => () => undefined, random: () => 0.5 } },
    environment: { COUNTINGHOUSE_ONE_PASSWORD: PASSWORD },
  })
})
afterEach(() => house.close())

const source = (topics: readonly string[], settings: object = {}) => ({
  id: 'one',
  name: 'Kafka',
  kind: 'kafka',
  config: { brokers: broker.address, topics: [...topics], ...settings },
})
const connect = (topics: readonly string[], settings: object = {}) =>
  house.client.connections.save({
    ...source(topics, settings),
    everyMinutes: 5,
    paused: false,
    expectedVersion: 0,
  })
const job = () => house.job(house.client.connections.run({ id: 'one' }))
const run = async () => {
  const { state, result, error } = await job()
  if (state !== 'done') throw new Error(error?.message ?? state)
  return result?.kind === 'collect' ? result.sentence : ''
}
const titles = async () => (await house.client.ledger.batches({})).rows.map(({ title }) => title)

const time = () => new Date(house.clock.nowMs() - 60_000).toISOString()
let produced = 0n
/** Counted with what the ledger shall hold. */
const counted = (id: number): number => {
  produced += BigInt(id) * 100n + 25n
  return id
}
const structured = (topic: string, id: number): Message => ({
  topic,
  key: `key ${id}`,
  value: JSON.stringify({
    specversion: '1.0',
    id: String(id),
    source: '/kafka',
    type: 'calls',
    subject: `t${id % 7}`,
    time: time(),
    data: { value: `${id}.25` },
  }),
})
const binary = (topic: string, id: number): Message => ({
  topic,
  key: `key ${id}`,
  value: `{"value":"${id}.25"}`,
  headers: {
    'content-type': 'application/json',
    ce_specversion: '1.0',
    ce_id: String(id),
    ce_source: '/kafka',
    ce_type: 'calls',
    ce_subject: `t${id % 7}`,
    ce_time: time(),
  },
})
/** Every third in binary mode; every tenth twice. */
const messages = (topic: string, from: number, to: number): Message[] => {
  const made: Message[] = []
  for (let id = from; id <= to; id++) {
    const message = (id % 3 === 0 ? binary : structured)(topic, counted(id))
    made.push(message)
    if (id % 10 === 0) made.push(message)
  }
  return made
}
/** In hundredths. */
const total = async () => {
  const { rows } = await house.client.usage.query({
    metric: 'calls',
    from: time().slice(0, 7),
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

test('the ledger holds what was produced, over new partitions, aborted transactions and a broker that is killed', async () => {
  produced = 0n
  await admin.createTopics({ topics: ['usage'], partitions: 3, replicas: 1 })
  await admin.createTopics({ topics: ['side'], partitions: 2, replicas: 1 })
  await connect(['usage', 'side'])
  const { GZIP, LZ4, SNAPPY, ZSTD } = CompressionAlgorithms
  for (const [index, compression] of [GZIP, LZ4, SNAPPY, ZSTD].entries())
    await producer.send({ messages: messages('usage', index * 100 + 1, index * 100 + 100), compression })
  await producer.send({
    messages: [
      { topic: 'usage', key: 'gone' },
      { topic: 'usage', key: 'bad', value: 'nonsense', partition: 1 },
    ],
  })
  const transactional = new Producer({
    clientId: 'test',
    transactionalId: 'of-the-test',
    idempotent: true,
    bootstrapBrokers: [broker.address],
    serializers: stringSerializers,
  })
  const transact = async (from: number, to: number, commits: boolean) => {
    const transaction = await transactional.beginTransaction()
    for (let id = from; id <= to; id++)
      await transaction.send({
        messages: [{ ...structured('usage', commits ? counted(id) : id), partition: 2 }],
      })
    await (commits ? transaction.commit() : transaction.abort())
  }
  await transact(9001, 9003, false)
  await transact(401, 404, true)
  await transact(9004, 9006, false)
  expect(await run()).toBe('404 records new, 40 known before, 1 rejected (see the quarantine).')
  expect(await total()).toBe(produced)
  expect((await titles())[0]).toBe('Kafka: 445 records of usage, side, 1 tombstone passed over')
  const { rows } = await house.client.ledger.quarantine({})
  expect(rows.map(({ raw }) => JSON.parse(raw))).toEqual([
    {
      kafkatopic: 'usage',
      kafkapartition: '1',
      kafkaoffset: expect.stringMatching(/^\d+$/),
      reason: 'it is not JSON',
      record: 'nonsense',
    },
  ])
  expect(await run()).toBe('Nothing new.')

  // What is not committed yet is not read, and holds nothing up that was before it.
  const open = await transactional.beginTransaction()
  await open.send({ messages: [{ ...structured('usage', counted(405)), partition: 2 }] })
  expect(await run()).toBe('Nothing new.')
  await open.commit()
  expect(await run()).toBe('1 record new.')
  await transactional.close(true)

  await admin.createPartitions({ topics: [{ name: 'usage', count: 5, assignments: null }] })
  await producer.metadata({ topics: ['usage'], forceUpdate: true })
  await producer.send({
    messages: messages('usage', 406, 600).map((message, index) => ({ ...message, partition: index % 5 })),
  })
  expect(await run()).toContain('195 records new')
  expect(await total()).toBe(produced)

  await producer.send({ messages: messages('usage', 601, 3000) })
  const broken = job()
  await broker.kill()
  expect((await broken).error?.message).toMatch(/Kafka (cannot be reached at|at) 127\.0\.0\.1:\d+/)
  expect((await job()).error?.message).toMatch(
    /^Kafka cannot be reached at 127\.0\.0\.1:\d+: nothing listens there\.$/,
  )
  await broker.start()
  await producer.send({ messages: [...messages('usage', 3001, 3100), ...messages('side', 3101, 3150)] })
  await run()
  expect(await total()).toBe(produced)
  expect(await run()).toBe('Nothing new.')
})

test('what a topic deleted before it was read is said, and so is a topic that was made anew', async () => {
  produced = 0n
  await admin.createTopics({ topics: ['short'], partitions: 1, replicas: 1 })
  await connect(['short'])
  const send = (from: number, to: number) =>
    producer.send({
      messages: Array.from({ length: to - from + 1 }, (_, at) => structured('short', from + at)),
    })
  await send(1, 10)
  expect(await run()).toBe('10 records new.')
  await send(11, 30)
  await admin.deleteRecords({ topics: [{ name: 'short', partitions: [{ partition: 0, offset: 25n }] }] })
  expect(await run()).toBe('5 records new, 1 rejected (see the quarantine).')
  await admin.deleteTopics({ topics: ['short'] })
  await admin.createTopics({ topics: ['short'], partitions: 1, replicas: 1 })
  await producer.metadata({ topics: ['short'], forceUpdate: true })
  await send(31, 33)
  expect(await run()).toBe('3 records new, 1 rejected (see the quarantine).')
  const { rows } = await house.client.ledger.quarantine({})
  expect(rows.map(({ raw }) => raw)).toEqual([
    'The topic short was deleted and made anew. What came to the old one and was not read is gone; reading begins at the oldest record of the new one.',
    'Up to 15 records of short were deleted by its retention before they were read (offsets of partition 0: 10 to 24). Reading goes on at the oldest there are.',
  ])
})

test('where reading begins', async () => {
  produced = 0n
  await admin.createTopics({ topics: ['begin'], partitions: 2, replicas: 1 })
  const send = (id: number, atMs: number) =>
    producer.send({ messages: [{ ...structured('begin', id), partition: id % 2, timestamp: BigInt(atMs) }] })
  const nowMs = house.clock.nowMs()
  for (let id = 1; id <= 6; id++) await send(id, nowMs - (10 - id) * 3_600_000)
  const from = new Date(nowMs - 6.5 * 3_600_000).toISOString()
  await connect(['begin'], { start: 'time', from })
  expect(await run()).toBe('3 records new.')
  // A range before it, read again.
  const again = await house.job(
    house.client.connections.backfill({
      id: 'one',
      fromMs: nowMs - 8.5 * 3_600_000,
      untilMs: nowMs - 5.5 * 3_600_000,
    }),
  )
  expect(again.result).toMatchObject({ sentence: '2 records new, 1 known before.' })
  await house.client.connections.save({
    ...source(['begin'], { start: 'latest' }),
    id: 'two',
    name: 'Other',
    everyMinutes: 5,
    paused: false,
    expectedVersion: 0,
  })
  const two = async () => (await house.job(house.client.connections.run({ id: 'two' }))).result
  expect(await two()).toMatchObject({ sentence: 'Nothing new.' })
  await send(7, nowMs)
  expect(await two()).toMatchObject({ sentence: '1 record new.' })
})

test('the check says what may be read, and what is to be granted', async () => {
  await admin.createTopics({ topics: ['guarded'], partitions: 2, replicas: 1 })
  await producer.send({ messages: [{ ...structured('guarded', 1), partition: 1 }] })
  const check = async (settings: object = {}) => {
    const { findings } = await house.client.connections.check(
      source(['guarded'], {
        brokers: broker.saslAddress,
        sasl: 'scram-sha-256',
        userName: USER,
        ...settings,
      }),
    )
    return findings.map(({ state, sentence }) => `${state}: ${sentence}`)
  }
  const allow = (operation: (typeof AclOperations)['READ' | 'DESCRIBE']) =>
    admin.createAcls({
      creations: [
        {
          resourceType: ResourceTypes.TOPIC,
          resourceName: 'guarded',
          resourcePatternType: ResourcePatternTypes.LITERAL,
          principal: `User:${USER}`,
          host: '*',
          operation,
          permissionType: AclPermissionTypes.ALLOW,
        },
      ],
    })
  const granted =
    'Add the ACLs for Read and Describe on the topic, as the permissions of this source show them.'
  expect(await check()).toEqual([`missing: This user may not look at the topic guarded. ${granted}`])
  await allow(AclOperations.DESCRIBE)
  await expect
    .poll(() => check(), { timeout: 10_000 })
    .toEqual([`missing: This user may not read the topic guarded. ${granted}`])
  await allow(AclOperations.READ)
  await expect
    .poll(() => check(), { timeout: 10_000 })
    .toEqual([
      'works: guarded has 2 partitions and holds up to 1 record.',
      'works: The record at offset 0 of partition 1 of guarded can be read: 1 event.',
    ])
  const said = async (settings: object) => (await check(settings).catch((error) => [String(error)])).join()
  expect(await said({ userName: 'nobody' })).toContain('refuses the user name or the password')
  expect(await said({ sasl: 'plain' })).toContain('does not know this kind of login')
  expect(await said({ sasl: 'none' })).toContain('it may want TLS or a user name and password')
  expect(await said({ tls: true })).toContain('does not speak TLS')
  const overTls = { brokers: broker.tlsAddress, sasl: 'none', tls: true }
  expect(await said(overTls)).toMatch(/certificate of Kafka at localhost:\d+ is not trusted/)
  expect(await said({ ...overTls, tls: false })).toContain('wants TLS. Switch it on.')
  expect((await check({ ...overTls, caFile: broker.certificate }))[0]).toMatch(/^works: guarded has 2 part/)
  expect(await check({ brokers: broker.address, sasl: 'none', topics: ['nowhere'] })).toEqual([
    'missing: There is no topic nowhere, or this user may not know of it (Describe).',
  ])
})
