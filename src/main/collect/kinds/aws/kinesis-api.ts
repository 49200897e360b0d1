/** The calls of Kinesis that are made: what the stream is, its shards, and their records at the pace that is allowed. */
import { setTimeout as wait } from 'node:timers/promises'
import type { KinesisClient } from '@aws-sdk/client-kinesis'
import { type CollectContext, SourceFailure } from '../../collector.ts'
import { type AccountConfig, clientSettings } from './account.ts'
import { asking } from './failures.ts'
import type { ListedShard, Stream } from './kinesis-shards.ts'

const load = () => import('@aws-sdk/client-kinesis')

/** Five calls a second are allowed for a shard, by all who read it. */
const CALLS_APART_MS = 250
/** Of a shard, by all who read it without enhanced fan-out. */
const BYTES_A_MS = (2 * 1024 * 1024) / 1000
/** Where the client's own attempts were all refused. */
const THROTTLED_RETRY_MS = 60_000

export interface OpenStream {
  readonly client: KinesisClient
  readonly name: string
  readonly signal: AbortSignal
}

export const openStream = async (
  context: CollectContext<AccountConfig & { readonly stream: string }>,
): Promise<OpenStream> => {
  const { KinesisClient } = await load()
  const { NodeHttpHandler } = await import('@smithy/node-http-handler')
  const { requestHandler, ...settings } = await clientSettings(context)
  return {
    // By itself this client alone speaks HTTP/2, which endpoints other than AWS' own do not.
    client: new KinesisClient({ ...settings, requestHandler: new NodeHttpHandler(requestHandler) }),
    name: context.config.stream,
    signal: context.signal,
  }
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : '')

/** @throws SourceFailure in words of Kinesis */
const ask = <Answer>({ name, signal }: OpenStream, action: string, send: () => Promise<Answer>) =>
  asking(signal, action, async () => {
    try {
      return await send()
    } catch (error) {
      const kind = nameOf(error)
      if (kind === 'ProvisionedThroughputExceededException' || kind === 'KMSThrottlingException')
        throw new SourceFailure(
          `AWS asks to slow down (${action}): others read ${name} too, or more than a shard gives. What was read before is kept; it is tried again in a minute.`,
          { retryable: true, retryAfterMs: THROTTLED_RETRY_MS },
        )
      if (kind === 'ResourceNotFoundException' && action === 'kinesis:GetShardIterator')
        throw new SourceFailure(
          `A shard of ${name} expired while the run was under way. What was read before is kept; it is tried again.`,
          { retryable: true },
        )
      if (kind === 'ResourceNotFoundException')
        throw new SourceFailure(
          `There is no stream ${name} in this region and account. Check the name and the region.`,
          {
            retryable: false,
          },
        )
      if (kind.startsWith('KMS'))
        throw new SourceFailure(
          `The stream ${name} is encrypted with a key that these credentials may not use (${kind}). Allow kms:Decrypt for that key.`,
          { retryable: false },
        )
      throw error
    }
  })

/** @throws SourceFailure */
export const describeStream = async (
  stream: OpenStream,
): Promise<Stream & { readonly openShards: number; readonly isOnDemand: boolean }> => {
  const { DescribeStreamSummaryCommand } = await load()
  const { client, name, signal } = stream
  const { StreamDescriptionSummary: summary } = await ask(stream, 'kinesis:DescribeStreamSummary', () =>
    client.send(new DescribeStreamSummaryCommand({ StreamName: name }), { abortSignal: signal }),
  )
  return {
    name,
    createdMs: summary?.StreamCreationTimestamp?.getTime() ?? 0,
    retentionMs: (summary?.RetentionPeriodHours ?? 24) * 3_600_000,
    openShards: summary?.OpenShardCount ?? 0,
    isOnDemand: summary?.StreamModeDetails?.StreamMode === 'ON_DEMAND',
  }
}

/** Every shard that may hold records, closed ones too. @throws SourceFailure */
export const listShards = async (stream: OpenStream): Promise<readonly ListedShard[]> => {
  const { ListShardsCommand } = await load()
  const { client, name, signal } = stream
  const shards: ListedShard[] = []
  let token: string | undefined
  do {
    const given = token === undefined ? { StreamName: name } : { NextToken: token }
    const answer = await ask(stream, 'kinesis:ListShards', () =>
      client.send(new ListShardsCommand(given), { abortSignal: signal }),
    )
    for (const { ShardId, ParentShardId, AdjacentParentShardId, SequenceNumberRange } of answer.Shards ?? [])
      shards.push({
        id: ShardId ?? '',
        parents: [ParentShardId, AdjacentParentShardId].filter((id) => id !== undefined),
        isClosed: SequenceNumberRange?.EndingSequenceNumber !== undefined,
      })
    token = answer.NextToken
  } while (token !== undefined)
  return shards
}

/** Where a shard is begun: behind a record, at a time, or at the oldest record (both null). */
export interface Start {
  readonly after: string | null
  readonly fromMs: number | null
}

export interface ShardRecord {
  readonly sequence: string
  readonly arrivedMs: number | null
  readonly bytes: Uint8Array
}

export interface Answer {
  readonly records: readonly ShardRecord[]
  /** How far the answer is from the newest record. */
  readonly behindMs: number
  /** Whether a closed shard has no more. */
  readonly isEnd: boolean
}

/** A sequence number that the stream does not know (any more). */
export class UnknownSequence extends Error {}

/** Reads one shard on and on, no faster than is allowed. */
export interface ShardReader {
  /** @throws UnknownSequence where it shall begin behind a record that the stream does not know; SourceFailure */
  readonly next: () => Promise<Answer>
}

export const readShard = (stream: OpenStream, id: string, start: Start): ShardReader => {
  const { client, name, signal } = stream
  let iterator: string | null = null
  let after = start.after
  let notBefore = 0

  const beginning = async (): Promise<string> => {
    const { GetShardIteratorCommand } = await load()
    const from =
      after !== null
        ? ({ ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', StartingSequenceNumber: after } as const)
        : start.fromMs !== null
          ? ({ ShardIteratorType: 'AT_TIMESTAMP', Timestamp: new Date(start.fromMs) } as const)
          : ({ ShardIteratorType: 'TRIM_HORIZON' } as const)
    const answer = await ask(stream, 'kinesis:GetShardIterator', async () => {
      try {
        return await client.send(new GetShardIteratorCommand({ StreamName: name, ShardId: id, ...from }), {
          abortSignal: signal,
        })
      } catch (error) {
        if (after !== null && nameOf(error) === 'InvalidArgumentException') return null
        throw error
      }
    })
    if (answer === null) throw new UnknownSequence()
    return answer.ShardIterator ?? ''
  }

  /** Null where the iterator is older than five minutes: a slow page came between. */
  const getRecords = async (at: string) => {
    const { GetRecordsCommand } = await load()
    await wait(Math.max(0, notBefore - performance.now()), undefined, { signal })
    notBefore = performance.now() + CALLS_APART_MS
    return ask(stream, 'kinesis:GetRecords', async () => {
      try {
        return await client.send(new GetRecordsCommand({ ShardIterator: at }), { abortSignal: signal })
      } catch (error) {
        if (nameOf(error) === 'ExpiredIteratorException') return null
        throw error
      }
    })
  }

  const next = async (): Promise<Answer> => {
    const answer =
      (iterator === null ? null : await getRecords(iterator)) ??
      (await getRecords(await beginning())) ??
      (await getRecords(await beginning()))
    if (answer === null)
      throw new SourceFailure(`AWS takes its own iterators of ${id} for expired. It is tried again.`, {
        retryable: true,
      })
    const records = (answer.Records ?? []).map(({ SequenceNumber, ApproximateArrivalTimestamp, Data }) => ({
      sequence: SequenceNumber ?? '',
      arrivedMs: ApproximateArrivalTimestamp?.getTime() ?? null,
      bytes: Data ?? new Uint8Array(),
    }))
    after = records.at(-1)?.sequence ?? after
    iterator = answer.NextShardIterator ?? null
    const bytes = records.reduce((sum, record) => sum + record.bytes.length, 0)
    notBefore = Math.max(notBefore, performance.now() + bytes / BYTES_A_MS)
    return { records, behindMs: answer.MillisBehindLatest ?? 0, isEnd: iterator === null }
  }
  return { next }
}
