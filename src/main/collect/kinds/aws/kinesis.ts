/**
 * CloudEvents from a stream of Kinesis: every shard from where it was left, over splits and merges. The position of
 * each shard is in the checkpoint of the page that its records are in, so none is missed and none counts twice.
 */
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
import { counted, gatherLines, lineFault, recordLines } from '../records.ts'
import { since } from '../since.ts'
import { ACCOUNT_FIELDS, accountShape, callerAccount } from './account.ts'
import {
  type Answer,
  describeStream,
  listShards,
  type OpenStream,
  openStream,
  readShard,
  type ShardReader,
  type ShardRecord,
  UnknownSequence,
} from './kinesis-api.ts'
import {
  advanced,
  checkpointOf,
  due,
  forgottenSequence,
  type ListedShard,
  type Position,
  resume,
  type Stream,
  UNREAD,
} from './kinesis-shards.ts'
import { awsPermissions, kinesisStatements } from './permissions.ts'

/** Arrival times are approximate and not always in order: so much is read behind the end of a range. */
const DISORDER_MS = 60_000
/** Of a shard, until it has a record to show. */
const CHECKED_ANSWERS = 5
const CHECKED_SHARDS = 4

const config = z.strictObject({
  ...accountShape,
  stream: z
    .string()
    .trim()
    .regex(/^[a-zA-Z0-9_.-]{1,128}$/, 'the name of a stream, without its ARN'),
  from: since,
})
export type KinesisConfig = z.output<typeof config>
type Context = CollectContext<KinesisConfig>

const linesOf = (
  { name }: Stream,
  shard: string,
  { sequence, bytes }: ShardRecord,
  nowMs: number,
): readonly string[] =>
  recordLines(
    {
      bytes,
      place: { kinesisstream: name, kinesisshard: shard, kinesissequencenumber: sequence },
      id: `${name}/${shard}/${sequence}`,
    },
    nowMs,
  )

/** The shards as they are read in one run. */
interface Reading {
  readonly opened: OpenStream
  readonly stream: Stream
  readonly positions: Map<string, Position>
  readonly readers: Map<string, ShardReader>
  readonly caughtUp: Set<string>
}

/** A new start at the oldest record where the stream does not know where the shard was left. */
const answerOf = async (
  { opened, stream, positions, readers }: Reading,
  { id }: ListedShard,
  fromMs: number | null,
): Promise<{ readonly answer: Answer; readonly loss: string | null }> => {
  const position = positions.get(id) ?? UNREAD
  const reader = readers.get(id) ?? readShard(opened, id, { after: position.after, fromMs })
  readers.set(id, reader)
  try {
    return { answer: await reader.next(), loss: null }
  } catch (error) {
    if (!(error instanceof UnknownSequence)) throw error
    const anew = readShard(opened, id, { after: null, fromMs: null })
    readers.set(id, anew)
    positions.set(id, UNREAD)
    return { answer: await anew.next(), loss: forgottenSequence(stream, id, position) }
  }
}

async function* collect(context: Context): AsyncIterable<Page> {
  const { config: settings, range, nowMs, source, signal } = context
  if (range === null && settings.from !== null && settings.from > nowMs) return
  const opened = await openStream(context)
  const begunMs = performance.now()
  const gathered = gatherLines(source)
  try {
    const stream = await describeStream(opened)
    if (range !== null && range.endMs <= nowMs - stream.retentionMs)
      throw new SourceFailure(
        `${stream.name} keeps records for ${counted(stream.retentionMs / 3_600_000, 'hour')}, so nothing of this range is there any more.`,
        { retryable: false },
      )
    let listed = await listShards(opened)
    const { positions: before, losses } = resume(
      range === null ? context.checkpoint : null,
      stream,
      listed,
      nowMs,
    )
    const reading: Reading = {
      opened,
      stream,
      positions: new Map(before),
      readers: new Map(),
      caughtUp: new Set(),
    }
    const { positions, caughtUp } = reading
    const checkpoint = (): Json => (range === null ? checkpointOf(stream, positions) : context.checkpoint)
    const page = () =>
      gathered.take(`${counted(gathered.records(), 'record')} of ${stream.name}`, checkpoint())
    for (const loss of losses) gathered.notice(loss)

    const take = function* (shard: ListedShard, { records, behindMs, isEnd }: Answer): Iterable<Page> {
      for (const record of records) {
        const isWanted =
          range === null ||
          record.arrivedMs === null ||
          (record.arrivedMs >= range.startMs && record.arrivedMs < range.endMs)
        if (isWanted) gathered.add(linesOf(stream, shard.id, record, nowMs))
        const read = { after: record.sequence, untilMs: record.arrivedMs, ended: false }
        positions.set(shard.id, advanced(positions.get(shard.id) ?? UNREAD, read))
        if (gathered.isFull()) yield page()
      }
      const position = positions.get(shard.id) ?? UNREAD
      positions.set(shard.id, advanced(position, { after: null, untilMs: nowMs - behindMs, ended: isEnd }))
      const lastMs = records.at(-1)?.arrivedMs ?? null
      const isPast = range !== null && lastMs !== null && lastMs >= range.endMs + DISORDER_MS
      // A run ends where the stream was when it began, and a closed shard at its end.
      const isAtTip = behindMs <= performance.now() - begunMs && (!shard.isClosed || records.length === 0)
      if (isEnd || isPast || isAtTip) caughtUp.add(shard.id)
    }

    try {
      for (;;) {
        const next = due(listed, positions, caughtUp)
        if (next.length === 0) break
        let hasEnded = false
        for (const shard of next) {
          signal.throwIfAborted()
          const { answer, loss } = await answerOf(reading, shard, range?.startMs ?? settings.from)
          if (loss !== null) gathered.notice(loss)
          yield* take(shard, answer)
          hasEnded ||= answer.isEnd
        }
        // The children of a shard that came to its end are read in the same run.
        if (hasEnded) {
          listed = await listShards(opened)
          for (const { id } of listed) if (!positions.has(id)) positions.set(id, UNREAD)
        }
      }
    } catch (error) {
      // What was read before is kept.
      if (!signal.aborted && !gathered.isEmpty()) yield page()
      throw error
    }
    yield page()
  } finally {
    opened.client.destroy()
  }
}

const sampleOf = async (opened: OpenStream, { id }: ListedShard, fromMs: number | null) => {
  const reader = readShard(opened, id, { after: null, fromMs })
  for (let asked = 0; asked < CHECKED_ANSWERS; asked++) {
    const { records, isEnd, behindMs } = await reader.next()
    const [first] = records
    if (first !== undefined || isEnd || behindMs === 0) return first ?? null
  }
  return null
}

/** What a record holds, in words. */
const sampleFinding = (
  stream: Stream,
  shard: string,
  record: ShardRecord,
  context: Context,
): CheckFinding => {
  const lines = linesOf(stream, shard, record, context.nowMs)
  const place = `Record ${record.sequence} of ${shard}`
  const reason = lines.map((line) => lineFault(line, context.nowMs)).find((each) => each !== null) ?? null
  return reason === null
    ? { state: 'works', sentence: `${place} can be read: ${counted(lines.length, 'event')}.` }
    : {
        state: 'warning',
        sentence: `${place} cannot be read: ${reason}. Such records go to the quarantine with their shard and sequence number.`,
      }
}

const check = async (context: Context): Promise<readonly CheckFinding[]> => {
  const findings: CheckFinding[] = [
    { state: 'works', sentence: `The credentials are of account ${await callerAccount(context)}.` },
  ]
  const opened = await openStream(context)
  try {
    const stream = await describeStream(opened)
    const listed = await listShards(opened)
    findings.push({
      state: 'works',
      sentence: `${stream.name} has ${counted(stream.openShards, 'open shard')} and ${counted(listed.filter(({ isClosed }) => isClosed).length, 'closed one')}, and keeps records for ${counted(stream.retentionMs / 3_600_000, 'hour')}.${stream.isOnDemand ? ' It is an on-demand stream: AWS charges for what is read by the GB.' : ''}`,
    })
    for (const shard of listed.slice(-CHECKED_SHARDS)) {
      const record = await sampleOf(opened, shard, context.config.from)
      if (record === null) continue
      findings.push(sampleFinding(stream, shard.id, record, context))
      return findings
    }
    findings.push({
      state: 'warning',
      sentence: 'Its records can be read, but no record was found to look at. Nothing may have been put yet.',
    })
    return findings
  } finally {
    opened.client.destroy()
  }
}

const COLLECTOR: Collector<KinesisConfig> = {
  kind: 'aws_kinesis',
  title: 'AWS Kinesis',
  purpose: 'CloudEvents from a stream of Kinesis, all of its shards.',
  fields: [
    ...ACCOUNT_FIELDS,
    { key: 'stream', label: 'Stream', kind: 'text', required: true, placeholder: 'usage-events' },
    {
      key: 'from',
      label: 'Read from',
      kind: 'text',
      required: false,
      placeholder: '2026-11-01T00:00:00Z',
      help: 'What came before is left out. Leave empty for all that the stream still keeps.',
    },
  ],
  config,
  permissions: (given) =>
    awsPermissions('a Kinesis stream', kinesisStatements(given?.region ?? '*', given?.stream ?? 'STREAM')),
  cost: 'Nothing for a provisioned stream within seven days; an on-demand stream is charged by the GB read, as is what is older than seven days.',
  everyMinutes: 5,
  check,
  collect,
}

export const awsKinesis = collectorOf(COLLECTOR)
