/** A stream in memory, answered as Kinesis does: shards that are split and merged, iterators, records that expire. */
import { type AwsAnswer, type AwsCall, jsonAnswer, jsonError } from './fake-aws.ts'

export interface FakeShard {
  readonly id: string
  readonly parents: readonly string[]
  readonly records: { readonly sequence: string; readonly data: Uint8Array; readonly arrivedMs: number }[]
  isClosed: boolean
}

export interface FakeStream {
  readonly shards: Map<string, FakeShard>
  createdMs: number
  retentionHours: number
  /** Records an answer holds at most, and shards a page of a listing. */
  atOnce: number
  readonly addShard: (id: string, ...parents: readonly string[]) => void
  readonly put: (shard: string, data: string | Uint8Array, arrivedMs?: number) => string
  /** The oldest records of a shard expire. */
  readonly expire: (shard: string, count: number) => void
  readonly answer: (call: AwsCall) => AwsAnswer
}

export const NAME = 'usage'

export const fakeKinesis = (nowMs: number): FakeStream => {
  const shards = new Map<string, FakeShard>()
  let sequence = 49_000_000_000_000_000_000n
  const shardOf = (id: string): FakeShard => {
    const found = shards.get(id)
    if (found === undefined) throw new Error(`there is no shard ${id}`)
    return found
  }

  const list = (asked: { StreamName?: string; NextToken?: string }): AwsAnswer => {
    if ((asked.StreamName === undefined) === (asked.NextToken === undefined))
      return jsonError('InvalidArgumentException', 'either a name or a token')
    const from = Number(asked.NextToken ?? 0)
    const all = [...shards.values()]
    const more = from + stream.atOnce < all.length
    return jsonAnswer({
      Shards: all.slice(from, from + stream.atOnce).map(({ id, parents, isClosed }) => ({
        ShardId: id,
        ...(parents[0] === undefined ? {} : { ParentShardId: parents[0] }),
        ...(parents[1] === undefined ? {} : { AdjacentParentShardId: parents[1] }),
        HashKeyRange: { StartingHashKey: '0', EndingHashKey: '1' },
        SequenceNumberRange: {
          StartingSequenceNumber: '1',
          ...(isClosed ? { EndingSequenceNumber: '9' } : {}),
        },
      })),
      ...(more ? { NextToken: String(from + stream.atOnce) } : {}),
    })
  }

  const iterator = (asked: {
    ShardId: string
    ShardIteratorType: string
    StartingSequenceNumber?: string
    Timestamp?: number
  }): AwsAnswer => {
    const { records } = shardOf(asked.ShardId)
    const { ShardIteratorType: type, StartingSequenceNumber: after = '0', Timestamp: seconds = 0 } = asked
    const isKnown = type !== 'AFTER_SEQUENCE_NUMBER' || records.some((record) => record.sequence === after)
    if (!isKnown) return jsonError('InvalidArgumentException', `${after} did not come from this stream`)
    const fromMs = type === 'AT_TIMESTAMP' ? seconds * 1000 : 0
    return jsonAnswer({ ShardIterator: JSON.stringify([asked.ShardId, after, fromMs]) })
  }

  const records = (asked: { ShardIterator: string }): AwsAnswer => {
    const [id, after, fromMs] = JSON.parse(asked.ShardIterator) as [string, string, number]
    const shard = shardOf(id)
    const left = shard.records.filter(
      (record) => BigInt(record.sequence) > BigInt(after) && record.arrivedMs >= fromMs,
    )
    const given = left.slice(0, stream.atOnce)
    const isEnd = shard.isClosed && given.length === left.length
    return jsonAnswer({
      Records: given.map((record) => ({
        SequenceNumber: record.sequence,
        ApproximateArrivalTimestamp: record.arrivedMs / 1000,
        Data: Buffer.from(record.data).toString('base64'),
        PartitionKey: 'p',
      })),
      MillisBehindLatest: given.length < left.length ? 60_000 : 0,
      ...(isEnd ? {} : { NextShardIterator: JSON.stringify([id, given.at(-1)?.sequence ?? after, fromMs]) }),
    })
  }

  const stream: FakeStream = {
    shards,
    createdMs: nowMs - 30 * 86_400_000,
    retentionHours: 24,
    atOnce: 3,
    addShard: (id, ...parents) => {
      for (const parent of parents) shardOf(parent).isClosed = true
      shards.set(id, { id, parents, records: [], isClosed: false })
    },
    put: (shard, data, arrivedMs = nowMs - 60_000) => {
      sequence += 7n
      shardOf(shard).records.push({ sequence: String(sequence), data: Buffer.from(data), arrivedMs })
      return String(sequence)
    },
    expire: (shard, count) => {
      shardOf(shard).records.splice(0, count)
    },
    answer: ({ action, body }) => {
      const asked = JSON.parse(body)
      if (asked.StreamName !== undefined && asked.StreamName !== NAME)
        return jsonError('ResourceNotFoundException', 'not found')
      if (action === 'DescribeStreamSummary')
        return jsonAnswer({
          StreamDescriptionSummary: {
            StreamName: NAME,
            StreamARN: `arn:aws:kinesis:us-east-1:123456789012:stream/${NAME}`,
            StreamStatus: 'ACTIVE',
            RetentionPeriodHours: stream.retentionHours,
            StreamCreationTimestamp: stream.createdMs / 1000,
            EnhancedMonitoring: [],
            OpenShardCount: [...shards.values()].filter(({ isClosed }) => !isClosed).length,
          },
        })
      if (action === 'ListShards') return list(asked)
      return action === 'GetShardIterator' ? iterator(asked) : records(asked)
    },
  }
  return stream
}
