import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { awsKinesis } from '../../../../src/main/collect/kinds/aws/kinesis.ts'
import { awsContext, KEYS, runCollector } from '../../../support/aws-context.ts'
import { type AwsCall, type FakeAws, jsonError, startFakeAws } from '../../../support/fake-aws.ts'
import { type FakeStream, fakeKinesis, NAME } from '../../../support/fake-kinesis.ts'
import { type House, openHouse } from '../../engine/house.ts'

const HOUR = 3_600_000
const NOW = Date.parse('2026-11-10T12:00:00Z')

let fake: FakeAws
let stream: FakeStream
beforeEach(async () => {
  fake = await startFakeAws()
  stream = fakeKinesis(NOW)
  stream.addShard('s0')
  fake.answer = stream.answer
})
afterEach(() => fake.close())

const event = (id: string, value = 1) =>
  JSON.stringify({
    specversion: '1.0',
    id,
    source: '/test',
    type: 'calls',
    subject: 'acme',
    time: '2026-11-10T10:00:00Z',
    data: { value },
  })
const putMany = (shard: string, from: number, to: number) => {
  for (let id = from; id <= to; id++) stream.put(shard, event(String(id)))
}
const context = (settings: object = {}, changes: object = {}) =>
  awsContext(awsKinesis, { endpoint: fake.url, stream: NAME, ...settings }, { nowMs: NOW, ...changes })
const run = async (settings: object = {}, changes: object = {}) => {
  const ran = await runCollector(awsKinesis, context(settings, changes))
  const lines = ran.pages.flatMap(({ text }) => text.split('\n'))
  return { ...ran, lines, ids: lines.map((line) => (line.startsWith('{') ? JSON.parse(line).id : line)) }
}
const calls = (action: string) => fake.calls.filter((call) => call.action === action)

describe('reading', () => {
  test('all shards, each from where it was left', async () => {
    stream.addShard('s1')
    stream.addShard('s2')
    stream.addShard('s3')
    putMany('s0', 1, 4)
    putMany('s1', 5, 5)
    putMany('s3', 6, 7)
    const first = await run()
    expect(first.failure).toBeNull()
    expect(first.ids.sort()).toEqual(['1', '2', '3', '4', '5', '6', '7'])
    expect(first.pages.map(({ page }) => page.title)).toEqual(['AWS: 7 records of usage'])
    stream.put('s1', gzipSync(event('8')))
    stream.put('s2', `[${event('9')},${event('10')}]`)
    const second = await run({}, { checkpoint: first.checkpoint })
    expect(second.ids.sort()).toEqual(['10', '8', '9'])
    const third = await run({}, { checkpoint: second.checkpoint })
    expect([third.ids, third.checkpoint]).toEqual([[], second.checkpoint])
  })

  test('a record without an id has its stream, shard and sequence number for one', async () => {
    const sequence = stream.put('s0', event(''))
    expect((await run()).ids).toEqual([`usage/s0/${sequence}`])
  })

  test('no more than five calls a second for a shard', async () => {
    putMany('s0', 1, 9)
    const begunMs = performance.now()
    await run()
    expect(calls('GetRecords')).toHaveLength(3)
    expect(performance.now() - begunMs).toBeGreaterThanOrEqual(490)
  })

  test('from a time on', async () => {
    stream.put('s0', event('old'), NOW - 3 * HOUR)
    stream.put('s0', event('new'), NOW - HOUR)
    expect((await run({ from: '2026-11-10T10:30:00Z' })).ids).toEqual(['new'])
    expect((await run({ from: '2026-11-10T13:00:00Z' })).pages).toEqual([])
    expect(
      ['yesterday', '2026-11-10'].map(
        (from) => awsKinesis.config.safeParse({ region: 'eu-west-1', stream: NAME, from }).success,
      ),
    ).toEqual([false, false])
  })

  test('a range read again leaves the checkpoint', async () => {
    for (const [id, hours] of [3, 2, 1].entries()) stream.put('s0', event(String(id)), NOW - hours * HOUR)
    const { checkpoint } = await run()
    const range = { startMs: NOW - 2.5 * HOUR, endMs: NOW - 1.5 * HOUR }
    const again = await run({}, { checkpoint, range })
    expect([again.ids, again.checkpoint]).toEqual([['1'], checkpoint])
    const before = { startMs: NOW - 90 * HOUR, endMs: NOW - 80 * HOUR }
    expect((await run({}, { checkpoint, range: before })).failure).toMatchObject({
      message: 'usage keeps records for 24 hours, so nothing of this range is there any more.',
      retryable: false,
    })
  })

  test('what is no event goes on with its shard and sequence number, and stops nothing', async () => {
    const sequence = stream.put('s0', 'nonsense')
    putMany('s0', 1, 1)
    const { lines } = await run()
    expect(JSON.parse(lines[0] ?? '')).toEqual({
      kinesisstream: 'usage',
      kinesisshard: 's0',
      kinesissequencenumber: sequence,
      reason: 'it is not JSON',
      record: 'nonsense',
    })
    expect(lines).toHaveLength(2)
  })
})

describe('resharding', () => {
  test('a parent is read to its end before its children, in one run', async () => {
    putMany('s0', 1, 5)
    const first = await run()
    putMany('s0', 6, 10)
    stream.addShard('s1', 's0')
    stream.addShard('s2', 's0')
    putMany('s1', 11, 11)
    putMany('s2', 12, 12)
    stream.addShard('s3', 's1', 's2')
    putMany('s3', 13, 14)
    const second = await run({}, { checkpoint: first.checkpoint })
    expect(second.ids).toEqual(['6', '7', '8', '9', '10', '11', '12', '13', '14'])
    expect(second.checkpoint).toMatchObject({
      shards: { s0: { ended: true }, s1: { ended: true }, s2: { ended: true }, s3: { ended: false } },
    })
  })

  test('an ended shard is forgotten once it is listed no more', async () => {
    putMany('s0', 1, 1)
    stream.addShard('s1', 's0')
    const { checkpoint } = await run()
    stream.shards.delete('s0')
    putMany('s1', 2, 2)
    const second = await run({}, { checkpoint })
    expect(second.ids).toEqual(['2'])
    expect(Object.keys((second.checkpoint as { shards: object }).shards)).toEqual(['s1'])
  })

  test('a closed shard that expired before its end is said', async () => {
    putMany('s0', 1, 1)
    const { checkpoint } = await run()
    putMany('s0', 2, 2)
    stream.addShard('s1', 's0')
    stream.shards.delete('s0')
    putMany('s1', 3, 3)
    const second = await run({}, { checkpoint })
    const sentence =
      's0 of usage, closed by resharding, expired before being read to the end: what came there after 2026-11-10 11:59 UTC is gone, because the stream keeps records for 24 hours.'
    expect(second.ids).toEqual([sentence, '3'])
    expect(second.pages[0]?.page.title).toBe(`AWS: ${sentence}`)
    expect((await run({}, { checkpoint: second.checkpoint })).ids).toEqual([])
  })
})

describe('what is lost is said', () => {
  test('records that expired while nobody read', async () => {
    putMany('s0', 1, 3)
    const { checkpoint } = await run()
    putMany('s0', 4, 8)
    stream.expire('s0', 5)
    const nowMs = NOW + 30 * HOUR
    const second = await run({}, { checkpoint, nowMs })
    expect(second.ids).toEqual([
      'What came to s0 of usage from 2026-11-10 11:59 UTC to 2026-11-10 18:00 UTC is gone: the stream keeps records for 24 hours, and was not read for longer. Reading goes on at the oldest record there is.',
      '6',
      '7',
      '8',
    ])
    expect((await run({}, { checkpoint: second.checkpoint, nowMs })).ids).toEqual([])
  })

  test('a sequence number that the stream does not know', async () => {
    putMany('s0', 1, 3)
    const { checkpoint } = await run()
    putMany('s0', 4, 5)
    stream.expire('s0', 4)
    const second = await run({}, { checkpoint })
    expect(second.ids).toEqual([expect.stringMatching(/^usage no longer knows the record \d+ to/), '5'])
    expect((await run({}, { checkpoint: second.checkpoint })).ids).toEqual([])
  })

  test('a stream that was made anew', async () => {
    putMany('s0', 1, 1)
    const { checkpoint } = await run()
    stream.shards.clear()
    stream.addShard('s0')
    stream.createdMs = NOW - HOUR
    putMany('s0', 2, 2)
    expect((await run({}, { checkpoint })).ids).toEqual([
      'The stream usage was deleted and made anew at 2026-11-10 11:00 UTC. What came to the old one after 2026-11-10 11:59 UTC was not read and is gone; reading begins at the oldest record of the new one.',
      '2',
    ])
  })

  test('an idle stream writes no checkpoint but once an hour, and has lost nothing', async () => {
    putMany('s0', 1, 1)
    let { checkpoint } = await run()
    const written = new Set([JSON.stringify(checkpoint)])
    for (let minutes = 10; minutes <= 30 * 60; minutes += 10) {
      const next = await run({}, { checkpoint, nowMs: NOW + minutes * 60_000 })
      expect(next.ids).toEqual([])
      checkpoint = next.checkpoint
      written.add(JSON.stringify(checkpoint))
    }
    expect(written.size).toBe(31)
  })
})

describe('faults', () => {
  const failing = (action: string, after: number, fault: ReturnType<FakeAws['answer']>, times = 1000) => {
    let [seen, left] = [0, times]
    fake.answer = (call: AwsCall) =>
      call.action === action && seen++ >= after && left-- > 0 ? fault : stream.answer(call)
  }

  test('an iterator that has expired is asked for again', async () => {
    putMany('s0', 1, 7)
    failing('GetRecords', 1, jsonError('ExpiredIteratorException', 'Iterator expired.'), 1)
    expect((await run()).ids).toEqual(['1', '2', '3', '4', '5', '6', '7'])
    failing('GetRecords', 0, jsonError('ExpiredIteratorException', 'Iterator expired.'))
    expect((await run()).failure).toMatchObject({
      message: 'AWS takes its own iterators of s0 for expired. It is tried again.',
      retryable: true,
    })
  })

  test('one answer among others that asks to slow down', async () => {
    putMany('s0', 1, 7)
    failing('GetRecords', 1, jsonError('ProvisionedThroughputExceededException', 'Rate exceeded'), 1)
    const { ids, failure } = await run()
    expect([ids.length, failure]).toEqual([7, null])
  })

  test.each([
    [
      jsonError('ProvisionedThroughputExceededException', 'Rate exceeded for shard'),
      { message: expect.stringContaining('AWS asks to slow down'), retryable: true, retryAfterMs: 60_000 },
    ],
    [
      jsonError('InternalFailure', 'oh', 500),
      { message: expect.stringContaining('AWS has trouble of its own'), retryable: true },
    ],
    [
      { body: '{"Records":[]}', cutAfter: 4 },
      { message: expect.stringContaining('was cut'), retryable: true },
    ],
    [
      jsonError('AccessDeniedException', 'User is not authorized'),
      { message: expect.stringContaining('may not kinesis:GetRecords'), retryable: false },
    ],
    [
      jsonError('KMSAccessDeniedException', 'no'),
      { message: expect.stringContaining('Allow kms:Decrypt'), retryable: false },
    ],
  ])('what was read before %j is kept, and read on', async (fault, expected) => {
    putMany('s0', 1, 5)
    failing('GetRecords', 1, fault)
    const first = await run()
    expect(first.failure).toMatchObject(expected)
    expect(first.ids).toEqual(['1', '2', '3'])
    fake.answer = stream.answer
    expect((await run({}, { checkpoint: first.checkpoint })).ids).toEqual(['4', '5'])
  })

  test('a shard that expires while it is read', async () => {
    failing('GetShardIterator', 0, jsonError('ResourceNotFoundException', 'Shard s0 does not exist'))
    expect((await run()).failure).toMatchObject({
      message: expect.stringContaining('A shard of usage expired while the run was under way.'),
      retryable: true,
    })
  })

  test('a stream that is not there', async () => {
    expect((await run({ stream: 'other' })).failure).toMatchObject({
      message: 'There is no stream other in this region and account. Check the name and the region.',
      retryable: false,
    })
  })
})

describe('the check', () => {
  const check = async (settings: object = {}) =>
    (await awsKinesis.check(context(settings))).map(({ state, sentence }) => `${state}: ${sentence}`)

  test('names the shards, and looks at a record', async () => {
    stream.addShard('s1', 's0')
    const sequence = stream.put('s1', event('1'))
    expect(await check()).toEqual([
      'works: The credentials are of account 123456789012.',
      'works: usage has 1 open shard and 1 closed one, and keeps records for 24 hours.',
      `works: Record ${sequence} of s1 can be read: 1 event.`,
    ])
  })
  test.each([
    ['nonsense', 'it is not JSON'],
    [event('1').replace('"acme"', '""'), 'the value is missing'],
  ])('says what is wrong with one: %s', async (data, reason) => {
    const sequence = stream.put('s0', data)
    expect((await check())[2]).toBe(
      `warning: Record ${sequence} of s0 cannot be read: ${reason}. Such records go to the quarantine with their shard and sequence number.`,
    )
  })
  test('an empty stream', async () => {
    expect((await check())[2]).toContain('no record was found')
  })
  test.each(['DescribeStreamSummary', 'ListShards', 'GetShardIterator', 'GetRecords'])(
    'names %s where it may not',
    async (action) => {
      fake.answer = (call) =>
        call.action === action ? jsonError('AccessDeniedException', 'no') : stream.answer(call)
      await expect(check()).rejects.toThrow(`may not kinesis:${action}`)
    },
  )
})

test('the policy is for this stream alone', () => {
  const config = awsKinesis.config.parse({ region: 'eu-west-1', stream: 'orders' })
  const [policy] = awsKinesis.permissions(config).documents
  expect(JSON.parse(policy?.text ?? '').Statement[0].Resource).toBe(
    'arn:aws:kinesis:eu-west-1:*:stream/orders',
  )
})

describe('in a book', () => {
  let house: House
  beforeEach(async () => {
    house = await openHouse({
      engine: { collectors: [awsKinesis], timers: { after: () => () => undefined, random: () => 0.5 } },
      environment: {
        COUNTINGHOUSE_ONE_ACCESS_KEY_ID: KEYS.accessKeyId,
        COUNTINGHOUSE_ONE_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
      },
    })
    await house.client.connections.save({
      id: 'one',
      name: 'Stream',
      kind: 'aws_kinesis',
      config: { region: 'us-east-1', endpoint: fake.url, stream: NAME },
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

  test('nothing twice and nothing lost over breaks, splits and what producers sent twice', async () => {
    stream.atOnce = 10
    stream.addShard('s1')
    putMany('s0', 1, 25)
    putMany('s1', 20, 40)
    stream.put('s1', 'nonsense')
    let answers = 0
    fake.answer = (call) =>
      call.action === 'GetRecords' && ++answers > 3
        ? jsonError('InternalFailure', 'oh', 500)
        : stream.answer(call)
    expect(await collected()).toContain('AWS has trouble of its own')
    const before = await total()
    expect(before).toBeGreaterThan(20)
    expect(before).toBeLessThan(40)
    fake.answer = stream.answer
    stream.addShard('s2', 's0', 's1')
    putMany('s2', 35, 50)
    await collected()
    expect(await total()).toBe(50)
    expect(await collected()).toBe('Nothing new.')
    const { rows } = await house.client.ledger.quarantine({})
    expect(rows.map(({ raw }) => JSON.parse(raw).kinesisshard)).toEqual(['s1'])
  })

  test('the end of the process while a page is gathered', async () => {
    putMany('s0', 1, 8)
    let asked = 0
    let reopened: Promise<House> | null = null
    fake.answer = (call) => {
      if (call.action === 'GetRecords' && ++asked === 2) reopened = house.reopen()
      return stream.answer(call)
    }
    await collected().catch(() => undefined)
    if (reopened !== null) house = await reopened
    expect([reopened === null, await total()]).toEqual([false, 0])
    expect(await collected()).toBe('8 records new.')
    expect(await total()).toBe(8)
  })
})
