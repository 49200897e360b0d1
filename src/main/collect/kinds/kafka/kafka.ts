/**
 * CloudEvents from topics of Kafka: every partition from where it was left. Offsets are in the checkpoint of the page
 * that their records are in, so none is missed and none counts twice, whatever others do with their groups.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import type { Json } from '../../../../domain/canonical.ts'
import {
  type CheckFinding,
  type CollectContext,
  type Collector,
  collectorOf,
  type Page,
  SourceFailure,
} from '../../collector.ts'
import { counted, gatherLines, lineFault } from '../records.ts'
import { INSTANT_WANTED, since } from '../since.ts'
import { type Fetched, fetchRecords, findTopic, type KafkaClient, offsetsOf, openKafka } from './client.ts'
import { isTombstone, kafkaLines } from './events.ts'
import { FIELDS, kafkaAcls } from './fields.ts'
import {
  checkpointOf,
  deletedUnread,
  type KafkaTopic,
  type Offsets,
  readPositions,
  resume,
} from './offsets.ts'

/** A broker that comes back tells its last offset too low at first. */
const SETTLE_MS = 3000
/** Answers without anything, until a partition is left for the next run. */
const EMPTY_MAX = 5
/** Newest records of a partition that a check looks at. */
const CHECKED_RECORDS = 20n

const config = z
  .strictObject({
    brokers: z
      .string()
      .trim()
      .transform((text) => text.split(/[\s,]+/).filter((each) => each !== ''))
      .pipe(
        z
          .array(
            z
              .string()
              .regex(/^([A-Za-z0-9._-]+|\[[0-9a-fA-F:]+\])(:\d{1,5})?$/, 'addresses like kafka-1:9092'),
          )
          .min(1, 'at least one address like kafka-1:9092'),
      )
      .transform((list) => list.map((each) => (/:\d+$/.test(each) ? each : `${each}:9092`))),
    topics: z
      .array(
        z
          .string()
          .trim()
          .regex(/^[A-Za-z0-9._-]{1,249}$/, 'names of topics, one a line'),
      )
      .min(1, 'at least one topic')
      .transform((names) => [...new Set(names)]),
    tls: z.boolean().default(false),
    caFile: z
      .string()
      .trim()
      .default('')
      .transform((text) => (text === '' ? null : text)),
    sasl: z.enum(['none', 'plain', 'scram-sha-256', 'scram-sha-512']).default('none'),
    userName: z
      .string()
      .trim()
      .default('')
      .transform((text) => (text === '' ? null : text)),
    start: z.enum(['earliest', 'latest', 'time']).default('earliest'),
    from: since,
  })
  .refine(({ start, from }) => start !== 'time' || from !== null, {
    path: ['from'],
    message: INSTANT_WANTED,
  })
export type KafkaConfig = z.output<typeof config>
type Context = CollectContext<KafkaConfig>

const startOf = (client: KafkaClient, topic: KafkaTopic, { start, from }: KafkaConfig): Promise<Offsets> => {
  if (start === 'time' && from !== null) return offsetsOf(client, topic, from)
  return offsetsOf(client, topic, start === 'latest' ? 'end' : 'earliest')
}

/** Partitions of a topic as they are read in one run. */
interface Reading {
  readonly topic: KafkaTopic
  readonly next: Map<number, bigint>
  /** Behind the last record of this run, by partition. */
  readonly until: Offsets
}

/** Where a topic is read in the ordinary course: from where it was left to where it ends now. */
const beginTopic = async (
  client: KafkaClient,
  topic: KafkaTopic,
  context: Context,
): Promise<Reading & { readonly losses: readonly string[] }> => {
  const known = readPositions(context.checkpoint).get(topic.name)
  const start = known === undefined ? await startOf(client, topic, context.config) : new Map<number, bigint>()
  const bounds = async () => ({
    earliest: await offsetsOf(client, topic, 'earliest'),
    end: await offsetsOf(client, topic, 'high'),
  })
  let resumed = resume(known, topic, await bounds(), start)
  if (resumed.endsBefore) {
    await wait(SETTLE_MS, undefined, { signal: context.signal })
    resumed = resume(known, topic, await bounds(), start)
  }
  return { topic, ...resumed, until: await offsetsOf(client, topic, 'end') }
}

/** A range read again, by the records' own times as Kafka finds them. */
const beginRange = async (
  client: KafkaClient,
  topic: KafkaTopic,
  { startMs, endMs }: { readonly startMs: number; readonly endMs: number },
): Promise<Reading & { readonly losses: readonly string[] }> => ({
  topic,
  next: new Map(await offsetsOf(client, topic, startMs)),
  until: await offsetsOf(client, topic, endMs),
  losses: [],
})

/** Shown behind a page's title. */
const passedOver = (tombstones: number): string =>
  tombstones === 0 ? '' : `, ${counted(tombstones, 'tombstone')} passed over`

async function* collect(context: Context): AsyncIterable<Page> {
  const { config: settings, range, nowMs, source, signal } = context
  const client = await openKafka(context)
  const gathered = gatherLines(source)
  const positions = readPositions(context.checkpoint)
  let tombstones = 0
  const page = () => {
    const checkpoint: Json = range === null ? checkpointOf(positions) : context.checkpoint
    const title = `${counted(gathered.records(), 'record')} of ${settings.topics.join(', ')}${passedOver(tombstones)}`
    tombstones = 0
    return gathered.take(title, checkpoint)
  }

  const take = function* (
    { topic, next, until }: Reading,
    partition: number,
    { records, next: at }: Fetched,
  ): Iterable<Page> {
    for (const record of records) {
      // An answer may hold more than was there at first: in the ordinary course it is taken, too.
      if (range !== null && record.offset >= (until.get(partition) ?? 0n)) break
      if (isTombstone(record)) tombstones++
      else gathered.add(kafkaLines(record, nowMs))
      next.set(partition, record.offset + 1n)
      positions.set(topic.name, { id: topic.id, next })
      if (gathered.isFull()) yield page()
    }
    next.set(partition, at)
  }
  const readTopic = async function* (name: string): AsyncIterable<Page> {
    const topic = await findTopic(client, name)
    const { losses, ...reading } =
      range === null ? await beginTopic(client, topic, context) : await beginRange(client, topic, range)
    const { next, until } = reading
    for (const loss of losses) gathered.notice(loss)
    positions.set(name, { id: topic.id, next })
    const hasMore = (partition: number) => (next.get(partition) ?? 0n) < (until.get(partition) ?? 0n)
    let active = [...until.keys()].filter(hasMore)
    const empty = new Map<number, number>()
    while (active.length > 0) {
      for (const partition of active) {
        const from = next.get(partition) ?? 0n
        const fetched = await fetchRecords(client, topic, partition, from)
        if (fetched !== null) yield* take(reading, partition, fetched)
        else {
          // Deleted while it was read.
          const first = (await offsetsOf(client, topic, 'earliest')).get(partition) ?? from
          if (first > from) gathered.notice(deletedUnread(topic.name, [[partition, from, first - 1n]]))
          next.set(partition, first)
        }
        empty.set(partition, next.get(partition) === from ? (empty.get(partition) ?? 0) + 1 : 0)
      }
      active = active.filter((partition) => hasMore(partition) && (empty.get(partition) ?? 0) < EMPTY_MAX)
    }
  }

  let failure: SourceFailure | null = null
  try {
    for (const name of settings.topics) {
      // A topic that is not there, or may not be read, is said when the others are read.
      try {
        yield* readTopic(name)
      } catch (error) {
        if (!(error instanceof SourceFailure) || error.retryable) throw error
        failure ??= error
      }
    }
    yield page()
  } catch (error) {
    // What was read before is kept.
    if (!signal.aborted && !gathered.isEmpty()) yield page()
    throw error
  } finally {
    await client.close()
  }
  if (failure !== null) throw failure
}

/** A look at the newest records of a topic. */
const sampleFinding = async (
  client: KafkaClient,
  topic: KafkaTopic,
  earliest: Offsets,
  end: Offsets,
  nowMs: number,
): Promise<CheckFinding> => {
  for (const [partition, last] of end) {
    const first = earliest.get(partition) ?? last
    if (last <= first) continue
    const from = last - CHECKED_RECORDS > first ? last - CHECKED_RECORDS : first
    const { records = [] } = (await fetchRecords(client, topic, partition, from)) ?? {}
    const record = records.findLast((each) => !isTombstone(each))
    if (record === undefined) continue
    const lines = kafkaLines(record, nowMs)
    const place = `The record at offset ${record.offset} of partition ${partition} of ${topic.name}`
    const reason = lines.map((line) => lineFault(line, nowMs)).find((each) => each !== null) ?? null
    return reason === null
      ? { state: 'works', sentence: `${place} can be read: ${counted(lines.length, 'event')}.` }
      : {
          state: 'warning',
          sentence: `${place} cannot be read: ${reason}. Such records go to the quarantine with their partition and offset.`,
        }
  }
  return { state: 'warning', sentence: `${topic.name} can be read, but holds no record to look at yet.` }
}

const checkTopic = async (client: KafkaClient, name: string, nowMs: number): Promise<CheckFinding[]> => {
  const topic = await findTopic(client, name)
  const earliest = await offsetsOf(client, topic, 'earliest')
  const end = await offsetsOf(client, topic, 'end')
  const held = [...end].reduce(
    (sum, [partition, last]) => sum + (last - (earliest.get(partition) ?? last)),
    0n,
  )
  const findings: CheckFinding[] = [
    {
      state: 'works',
      sentence: `${name} has ${counted(topic.leaders.length, 'partition')} and holds up to ${counted(Number(held), 'record')}.`,
    },
  ]
  return [...findings, await sampleFinding(client, topic, earliest, end, nowMs)]
}

const check = async (context: Context): Promise<readonly CheckFinding[]> => {
  const client = await openKafka(context)
  try {
    const findings: CheckFinding[] = []
    for (const name of context.config.topics)
      try {
        findings.push(...(await checkTopic(client, name, context.nowMs)))
      } catch (error) {
        if (!(error instanceof SourceFailure) || error.retryable) throw error
        findings.push({ state: 'missing', sentence: error.message })
      }
    return findings
  } finally {
    await client.close()
  }
}

const COLLECTOR: Collector<KafkaConfig> = {
  kind: 'kafka',
  title: 'Kafka',
  purpose: 'CloudEvents from topics of Apache Kafka, all of their partitions.',
  fields: FIELDS,
  config,
  permissions: (given) => kafkaAcls(given),
  cost: null,
  everyMinutes: 5,
  check,
  collect,
}

export const kafka = collectorOf(COLLECTOR)
