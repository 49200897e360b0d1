/** What is asked of Kafka: topics, offsets, and records of a partition. No group is joined and nothing is committed there. */
import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import type { Consumer, RecordsBatch } from '@platformatic/kafka'
import { type CollectContext, SourceFailure } from '../../collector.ts'
import type { KafkaRecord } from './events.ts'
import { failureOf, isAnswer } from './failures.ts'
import type { KafkaTopic, Offsets } from './offsets.ts'

const load = () => import('@platformatic/kafka')

/** Bytes of one answer, before they are unpacked; a larger record comes alone. */
const FETCH_BYTES = 1024 * 1024
const FETCH_WAIT_MS = 500
const IS_TRANSACTIONAL = 0b1_0000
const IS_CONTROL = 0b10_0000
/** Type of a control record, behind its version: the transaction was aborted. */
const ABORT = 0

export interface KafkaAccess {
  readonly brokers: readonly string[]
  readonly tls: boolean
  readonly caFile: string | null
  readonly sasl: 'none' | 'plain' | 'scram-sha-256' | 'scram-sha-512'
  readonly userName: string | null
}

export interface KafkaClient {
  readonly consumer: Consumer
  readonly servers: readonly string[]
  readonly signal: AbortSignal
  readonly close: () => Promise<void>
}

const certificateOf = async (path: string): Promise<string> => {
  try {
    return await readFile(path, 'utf8')
  } catch {
    throw new SourceFailure(
      `The certificate file ${path} cannot be read. Check the path and its permissions.`,
      {
        retryable: false,
      },
    )
  }
}

/** @throws SourceFailure where a secret or a file is missing */
export const openKafka = async ({
  config: { brokers, tls, caFile, sasl, userName },
  secret,
  signal,
}: CollectContext<KafkaAccess>): Promise<KafkaClient> => {
  const password = sasl === 'none' ? null : await secret('password')
  if (sasl !== 'none' && (userName === null || password === null))
    throw new SourceFailure(
      `A login by ${sasl.toUpperCase()} needs a user name and a password. Set both, or choose no login.`,
      { retryable: false },
    )
  const { Consumer, SASLMechanisms } = await load()
  const mechanism = {
    none: null,
    plain: SASLMechanisms.PLAIN,
    'scram-sha-256': SASLMechanisms.SCRAM_SHA_256,
    'scram-sha-512': SASLMechanisms.SCRAM_SHA_512,
  }[sasl]
  const consumer = new Consumer({
    clientId: 'countinghouse',
    // Asked for by the client, and never joined.
    groupId: 'countinghouse',
    bootstrapBrokers: [...brokers],
    retries: 2,
    retryDelay: 500,
    ...(tls
      ? {
          tls: caFile === null ? {} : { ca: await certificateOf(caFile) },
          // An address is no name of a certificate's.
          tlsServerName: brokers.every((broker) => isIP(broker.replace(/:\d+$/, '')) === 0),
        }
      : {}),
    ...(mechanism === null
      ? {}
      : { sasl: { mechanism, username: userName ?? '', password: password ?? '' } }),
  })
  // Of a connection that fails twice (cut off while logging in) the client hears the first error only, and one that
  // nobody hears ends the program. What was asked fails all the same.
  consumer.connections.on('connecting', ({ connection }) => connection.on('error', () => undefined))
  const end = () => void consumer.close(true).catch(() => undefined)
  signal.addEventListener('abort', end, { once: true })
  return {
    consumer,
    servers: brokers,
    signal,
    close: async () => {
      signal.removeEventListener('abort', end)
      await consumer.close(true).catch(() => undefined)
    },
  }
}

const asking = async <Answer>(
  { servers, signal }: KafkaClient,
  doing: string,
  ask: () => Promise<Answer>,
): Promise<Answer> => {
  signal.throwIfAborted()
  try {
    return await ask()
  } catch (error) {
    signal.throwIfAborted()
    throw failureOf(error, servers, doing)
  }
}

/** A topic with its partitions as they are now. @throws SourceFailure also where there is none of that name */
export const findTopic = async (client: KafkaClient, name: string): Promise<KafkaTopic> => {
  const { topics } = await asking(client, `look at the topic ${name}`, () =>
    client.consumer.metadata({ topics: [name], forceUpdate: true }),
  )
  const found = topics.get(name)
  if (found === undefined)
    throw new SourceFailure(`There is no topic ${name}, or it is one of Kafka’s own.`, { retryable: false })
  return { name, id: found.id, leaders: found.partitions.map(({ leader }) => leader) }
}

/**
 * Offsets of every partition.
 * @param at `end` is behind the last record that is committed, `high` behind the last there is, milliseconds the first
 *   record of that time or later (the end where there is none)
 * @throws SourceFailure
 */
export const offsetsOf = async (
  client: KafkaClient,
  { name, leaders }: KafkaTopic,
  at: 'earliest' | 'end' | 'high' | number,
): Promise<Offsets> => {
  const { FetchIsolationLevels, ListOffsetTimestamps } = await load()
  const list = async (timestamp: bigint, isolationLevel: number) => {
    const listed = await asking(client, `look at the topic ${name}`, () =>
      client.consumer.listOffsets({ topics: [name], timestamp, isolationLevel }),
    )
    return new Map(leaders.map((_, partition) => [partition, listed.get(name)?.[partition] ?? 0n]))
  }
  const { READ_COMMITTED, READ_UNCOMMITTED } = FetchIsolationLevels
  if (at === 'earliest') return list(ListOffsetTimestamps.EARLIEST, READ_COMMITTED)
  if (at === 'high') return list(ListOffsetTimestamps.LATEST, READ_UNCOMMITTED)
  const end = await list(ListOffsetTimestamps.LATEST, READ_COMMITTED)
  if (at === 'end') return end
  const found = await list(BigInt(at), READ_COMMITTED)
  return new Map(
    [...found].map(([partition, offset]) => [partition, offset < 0n ? (end.get(partition) ?? 0n) : offset]),
  )
}

export interface Fetched {
  readonly records: readonly KafkaRecord[]
  /** Where to read on: behind what was compacted away or aborted too. */
  readonly next: bigint
}

type FetchedPartition = Awaited<ReturnType<Consumer['fetch']>>['responses'][number]['partitions'][number]

const headersOf = (headers: RecordsBatch['records'][number]['headers']): ReadonlyMap<string, string> =>
  new Map(headers.map(([name, value]) => [name?.toString('utf8') ?? '', value?.toString('utf8') ?? '']))

/**
 * Records of an answer from an offset on, without those of aborted transactions and Kafka's own marks. The answer
 * names each aborted transaction's producer and first offset; its mark ends it.
 */
export const committedRecords = (
  topic: string,
  { partitionIndex: partition, records: batches, abortedTransactions }: FetchedPartition,
  from: bigint,
): Fetched => {
  const records: KafkaRecord[] = []
  const begun = [...(abortedTransactions ?? [])].sort((a, b) => (a.firstOffset < b.firstOffset ? -1 : 1))
  const aborted = new Set<bigint>()
  let next = from
  for (const batch of batches ?? []) {
    const last = batch.firstOffset + BigInt(batch.lastOffsetDelta)
    while (begun[0] !== undefined && begun[0].firstOffset <= last) {
      aborted.add(begun[0].producerId)
      begun.shift()
    }
    if (last >= next) next = last + 1n
    if ((batch.attributes & IS_CONTROL) !== 0) {
      if (batch.records[0]?.key?.readInt16BE(2) === ABORT) aborted.delete(batch.producerId)
      continue
    }
    if ((batch.attributes & IS_TRANSACTIONAL) !== 0 && aborted.has(batch.producerId)) continue
    for (const { offsetDelta, value, headers } of batch.records) {
      const offset = batch.firstOffset + BigInt(offsetDelta)
      // A batch is given whole, also where it begins before.
      if (offset >= from) records.push({ topic, partition, offset, value, headers: headersOf(headers) })
    }
  }
  return { records, next }
}

/**
 * Records of a partition from an offset on, as many as one answer holds.
 * @returns null where the topic has that offset no longer
 * @throws SourceFailure
 */
export const fetchRecords = async (
  client: KafkaClient,
  { name, id, leaders }: KafkaTopic,
  partition: number,
  from: bigint,
): Promise<Fetched | null> => {
  const { FetchIsolationLevels } = await load()
  const answer = await asking(client, `read the topic ${name}`, async () => {
    try {
      return await client.consumer.fetch({
        node: leaders[partition] ?? -1,
        isolationLevel: FetchIsolationLevels.READ_COMMITTED,
        maxBytes: FETCH_BYTES,
        maxWaitTime: FETCH_WAIT_MS,
        minBytes: 1,
        topics: [
          {
            topicId: id,
            partitions: [
              {
                partition,
                currentLeaderEpoch: -1,
                fetchOffset: from,
                lastFetchedEpoch: -1,
                partitionMaxBytes: FETCH_BYTES,
              },
            ],
          },
        ],
      })
    } catch (error) {
      if (isAnswer(error, 'OFFSET_OUT_OF_RANGE')) return null
      throw error
    }
  })
  if (answer === null) return null
  const found = answer.responses
    .find(({ topicId }) => topicId === id)
    ?.partitions.find(({ partitionIndex }) => partitionIndex === partition)
  return found === undefined ? { records: [], next: from } : committedRecords(name, found, from)
}
