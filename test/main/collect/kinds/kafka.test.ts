import { createServer } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Json } from '../../../../src/domain/canonical.ts'
import type { Page } from '../../../../src/main/collect/collector.ts'
import { kafka } from '../../../../src/main/collect/kinds/kafka/kafka.ts'
import { type FakeKafka, type Fault, startFakeKafka } from '../../../support/fake-kafka.ts'
import { type House, openHouse } from '../../engine/house.ts'
import { contextFor } from './collecting.ts'

const NOW = Date.parse('2026-11-10T12:00:00Z')

let fake: FakeKafka
beforeEach(async () => {
  fake = await startFakeKafka()
})
afterEach(() => fake.close())

const event = (id: number | string) =>
  JSON.stringify({
    specversion: '1.0',
    id: String(id),
    source: '/test',
    type: 'calls',
    subject: 'acme',
    time: '2026-11-10T10:00:00Z',
    data: { value: 1 },
  })
const many = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => event(from + at))

const context = (settings: object = {}, changes: object = {}) =>
  contextFor(kafka, { brokers: fake.address, topics: ['usage'], ...settings }, { nowMs: NOW, ...changes })
/** Ids of one run's events, sentences of what was lost, and where it ended. */
const run = async (settings: object = {}, checkpoint: Json = null) => {
  const pages: Page[] = []
  let failure: unknown = null
  try {
    for await (const page of kafka.collect(context(settings, { checkpoint }))) pages.push(page)
  } catch (error) {
    failure = error
  }
  const lines = pages.flatMap(({ content }) => String(content).split('\n')).filter((line) => line !== '')
  return {
    pages,
    failure,
    ids: lines.map((line) => (line.startsWith('{') ? JSON.parse(line).id : line)),
    checkpoint: pages.at(-1)?.checkpoint ?? checkpoint,
  }
}
/** A fault in the calls of a kind from one of them on. */
const failing = (api: string, after: number, fault: Fault, times = 1000) => {
  let [seen, left] = [0, times]
  fake.fault = (asked) => (asked === api && seen++ >= after && left-- > 0 ? fault : null)
}

describe('reading', () => {
  test('all partitions, each from where it was left, and new ones from their beginning', async () => {
    const topic = fake.addTopic('usage', 2)
    fake.put('usage', 0, ...many(1, 5))
    fake.put('usage', 1, ...many(6, 7))
    const first = await run()
    expect(first.failure).toBeNull()
    expect(first.ids.sort()).toEqual(['1', '2', '3', '4', '5', '6', '7'])
    expect(first.checkpoint).toEqual({ topics: { usage: { id: topic.id, next: { 0: '5', 1: '2' } } } })
    topic.partitions.push({ records: [], first: 0 })
    fake.put('usage', 2, event(8))
    fake.put('usage', 0, event(9))
    const second = await run({ start: 'latest' }, first.checkpoint)
    expect(second.ids.sort()).toEqual(['8', '9'])
    expect(await run({}, second.checkpoint)).toMatchObject({ ids: [], checkpoint: second.checkpoint })
  })

  test('what comes from now on', async () => {
    fake.addTopic('usage')
    fake.put('usage', 0, ...many(1, 3))
    const first = await run({ start: 'latest' })
    expect(first.ids).toEqual([])
    fake.put('usage', 0, event(4))
    expect((await run({ start: 'latest' }, first.checkpoint)).ids).toEqual(['4'])
  })

  test('several topics; one that is not there is said when the others are read', async () => {
    fake.addTopic('usage')
    fake.addTopic('more')
    fake.put('usage', 0, event(1))
    fake.put('more', 0, event(2))
    const { ids, failure } = await run({ topics: ['usage', 'nowhere', 'more'] })
    expect(ids).toEqual(['1', '2'])
    expect(failure).toMatchObject({
      message: 'There is no topic nowhere, or this user may not know of it (Describe).',
      retryable: false,
    })
  })

  test('tombstones are passed over and counted, and what is no event names its offset', async () => {
    fake.addTopic('usage')
    fake.put('usage', 0, { value: null }, 'nonsense', { value: null }, event(1))
    const { pages } = await run()
    expect(pages[0]?.title).toBe('Source: 2 records of usage, 2 tombstones passed over')
    expect(JSON.parse(String(pages[0]?.content).split('\n')[0] ?? '')).toEqual({
      kafkatopic: 'usage',
      kafkapartition: '0',
      kafkaoffset: '1',
      reason: 'it is not JSON',
      record: 'nonsense',
    })
  })
})

describe('what is lost is said', () => {
  test('records deleted before they were read', async () => {
    fake.addTopic('usage')
    fake.put('usage', 0, ...many(1, 4))
    const { checkpoint } = await run()
    fake.put('usage', 0, ...many(5, 10))
    fake.expire('usage', 0, 8)
    const second = await run({}, checkpoint)
    const sentence =
      'Up to 4 records of usage were deleted by its retention before they were read (offsets of partition 0: 4 to 7). Reading goes on at the oldest there are.'
    expect(second.ids).toEqual([sentence, '9', '10'])
    expect(second.pages[0]?.title).toBe(`Source: ${sentence}`)
    expect((await run({}, second.checkpoint)).ids).toEqual([])
  })

  test('and while they were read', async () => {
    fake.addTopic('usage')
    fake.put('usage', 0, ...many(1, 9))
    let asked = 0
    fake.fault = (api) => {
      if (api === 'fetch' && ++asked === 2) fake.expire('usage', 0, 7)
      return null
    }
    expect((await run()).ids).toEqual([
      '1',
      '2',
      '3',
      expect.stringContaining('partition 0: 3 to 6'),
      '8',
      '9',
    ])
  })

  test('a topic that ends before what was read of it', async () => {
    const topic = fake.addTopic('usage')
    fake.put('usage', 0, ...many(1, 4))
    const { checkpoint } = await run()
    topic.partitions[0]?.records.splice(2)
    fake.put('usage', 0, event(5))
    expect((await run({}, checkpoint)).ids).toEqual([
      'The topic usage ends before what was read of it (offsets of partition 0: 3 to 3 are gone): a broker came back without its newest records. It is read again from its oldest record; events that are known count once.',
      '1',
      '2',
      '5',
    ])
  })

  test('a topic made anew', async () => {
    fake.addTopic('usage')
    fake.put('usage', 0, ...many(1, 2))
    const { checkpoint } = await run()
    fake.addTopic('usage')
    fake.put('usage', 0, ...many(3, 6))
    expect((await run({}, checkpoint)).ids).toEqual([
      expect.stringContaining('was deleted and made anew'),
      '3',
      '4',
      '5',
      '6',
    ])
  })
})

describe('faults', () => {
  test.each([
    ['cut' as const, { message: expect.stringContaining('cut the connection'), retryable: true }],
    [
      { code: 7 },
      { message: expect.stringContaining('has trouble to read the topic usage'), retryable: true },
    ],
    [{ code: 6 }, { message: expect.stringContaining('No broker leads a partition now'), retryable: true }],
    [
      { code: 29 },
      { message: expect.stringContaining('This user may not read the topic usage.'), retryable: false },
    ],
  ])('what was read before %j is kept, and read on', async (fault, expected) => {
    fake.addTopic('usage')
    fake.put('usage', 0, ...many(1, 5))
    failing('fetch', 1, fault)
    const first = await run()
    expect(first.failure).toMatchObject(expected)
    expect(first.ids).toEqual(['1', '2', '3'])
    fake.fault = () => null
    expect((await run({}, first.checkpoint)).ids).toEqual(['4', '5'])
  })

  test('a connection that is cut once', async () => {
    fake.addTopic('usage')
    fake.put('usage', 0, ...many(1, 7))
    failing('fetch', 1, 'cut', 1)
    expect(await run()).toMatchObject({ failure: null, ids: ['1', '2', '3', '4', '5', '6', '7'] })
  })

  test('nobody there', async () => {
    const { address } = fake
    fake.close()
    expect((await run({ brokers: `${address}, nohost.invalid` })).failure).toMatchObject({
      message: `Kafka cannot be reached at ${address}: nothing listens there.`,
      retryable: true,
    })
  })

  test('something else there', async () => {
    const server = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const place = server.address()
    const port = typeof place === 'object' ? place?.port : 0
    const { failure } = await run({ brokers: `127.0.0.1:${port}` })
    server.close()
    expect(failure).toMatchObject({ retryable: true, message: expect.stringMatching(/^Kafka /) })
  })

  test('a login without a password', async () => {
    expect((await run({ sasl: 'plain', userName: 'ada' })).failure).toMatchObject({
      message: 'A login by PLAIN needs a user name and a password. Set both, or choose no login.',
      retryable: false,
    })
  })

  test('a certificate file that is not there', async () => {
    expect((await run({ tls: true, caFile: '/nowhere.pem' })).failure).toMatchObject({
      message: expect.stringContaining('/nowhere.pem cannot be read'),
    })
  })
})

test.each([
  [{ brokers: '' }, false],
  [{ brokers: 'http://kafka:9092' }, false],
  [{ brokers: 'kafka-1, kafka-2:9093 [::1]:9092' }, true],
  [{ topics: [] }, false],
  [{ topics: ['a b'] }, false],
  [{ start: 'time' }, false],
  [{ start: 'time', from: '2026-11-01' }, false],
  [{ start: 'time', from: '2026-11-01T00:00:00Z' }, true],
  [{ sasl: 'gssapi' }, false],
])('%j is taken: %s', (settings, isTaken) => {
  expect(kafka.config.safeParse({ brokers: 'kafka', topics: ['usage'], ...settings }).success).toBe(isTaken)
})

test('the ACLs are for these topics and this user, to read', () => {
  const config = kafka.config.parse({ brokers: 'kafka', topics: ['a', 'b'], userName: 'ada' })
  const [document] = kafka.permissions(config).documents
  expect(document?.text.trim().split('\n')).toEqual(
    ['a', 'b'].map(
      (topic) =>
        `kafka-acls.sh --bootstrap-server kafka:9092 --command-config admin.properties --add --allow-principal User:ada --operation Read --operation Describe --topic ${topic}`,
    ),
  )
})

test('the check names partitions, and looks at a record', async () => {
  fake.addTopic('usage', 2)
  fake.put('usage', 1, event(1), 'nonsense')
  const findings = await kafka.check(context({ topics: ['usage', 'nowhere'] }))
  expect(findings.map(({ state, sentence }) => `${state}: ${sentence}`)).toEqual([
    'works: usage has 2 partitions and holds up to 2 records.',
    'warning: The record at offset 1 of partition 1 of usage cannot be read: it is not JSON. Such records go to the quarantine with their partition and offset.',
    'missing: There is no topic nowhere, or this user may not know of it (Describe).',
  ])
})

describe('in a book', () => {
  let house: House
  beforeEach(async () => {
    house = await openHouse({
      engine: { collectors: [kafka], timers: { after: () => () => undefined, random: () => 0.5 } },
    })
    await house.client.connections.save({
      id: 'one',
      name: 'Kafka',
      kind: 'kafka',
      config: { brokers: fake.address, topics: ['usage'] },
      everyMinutes: 5,
      paused: false,
      expectedVersion: 0,
    })
  })
  afterEach(() => house.close())
  const collected = async () => {
    const { state, result, error } = await house.job(house.client.connections.run({ id: 'one' }))
    return state === 'done' && result?.kind === 'collect' ? result.sentence : (error?.message ?? state)
  }
  const total = async () => (await house.client.ledger.search({ kind: 'usage', limit: 500 })).rows.length

  test('nothing twice and nothing lost over breaks, and what producers sent twice', async () => {
    fake.addTopic('usage', 2)
    fake.put('usage', 0, ...many(1, 10))
    fake.put('usage', 1, ...many(8, 20), 'nonsense')
    failing('fetch', 3, { code: 7 })
    expect(await collected()).toContain('has trouble to read')
    const before = await total()
    expect(before).toBeGreaterThan(5)
    expect(before).toBeLessThan(20)
    fake.fault = () => null
    await collected()
    expect(await total()).toBe(20)
    expect(await collected()).toBe('Nothing new.')
    expect((await house.client.ledger.quarantine({})).rows).toHaveLength(1)
  })

  test('the end of the process while a page is gathered', async () => {
    fake.addTopic('usage')
    fake.put('usage', 0, ...many(1, 8))
    let asked = 0
    let reopened: Promise<House> | null = null
    fake.fault = (api) => {
      if (api === 'fetch' && ++asked === 2) reopened = house.reopen()
      return null
    }
    await collected().catch(() => undefined)
    if (reopened !== null) house = await reopened
    expect([reopened === null, await total()]).toEqual([false, 0])
    expect(await collected()).toBe('8 records new.')
    expect(await total()).toBe(8)
  })
})
