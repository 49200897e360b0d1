/**
 * How far each shard of a stream was read: kept in the ledger as the checkpoint. A shard is forgotten only when it was
 * read to its end and the stream no longer lists it; whatever is gone before it was read is said.
 */
import { z } from 'zod'
import type { Json } from '../../../../domain/canonical.ts'
import { counted } from '../records.ts'

const HOUR = 3_600_000

/** A shard as `ListShards` gives it. */
export interface ListedShard {
  readonly id: string
  readonly parents: readonly string[]
  /** Takes no more records: it was split, or merged with another. */
  readonly isClosed: boolean
}

const position = z.object({
  /** Sequence number of the last record taken; null before the first. */
  after: z.string().nullable(),
  /** Everything that came before this was read. */
  untilMs: z.number().nullable(),
  /** A closed shard that has no more. */
  ended: z.boolean(),
})
export type Position = z.output<typeof position>
export const UNREAD: Position = { after: null, untilMs: null, ended: false }

const kept = z.object({
  stream: z.string(),
  /** The stream's own: another one may get the same name. */
  createdMs: z.number(),
  shards: z.record(z.string(), position),
})

export interface Stream {
  readonly name: string
  readonly createdMs: number
  readonly retentionMs: number
}

export type Positions = ReadonlyMap<string, Position>

export const checkpointOf = ({ name, createdMs }: Stream, positions: Positions): Json => ({
  stream: name,
  createdMs,
  shards: Object.fromEntries(positions),
})

const iso = (ms: number) => `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`

const named = (ids: readonly string[]) =>
  ids.length <= 3 ? ids.join(', ') : `${ids.slice(0, 3).join(', ')} and ${ids.length - 3} more`

/** A window that was read an hour ago is told anew, so that an idle stream does not write to the ledger at each run. */
const UNTIL_STEP_MS = HOUR

/** The position after a read; the same object where nothing is worth keeping. */
export const advanced = (
  before: Position,
  read: { readonly after: string | null; readonly untilMs: number | null; readonly ended: boolean },
): Position => {
  const after = read.after ?? before.after
  const isLater =
    read.untilMs !== null && (before.untilMs === null || read.untilMs - before.untilMs >= UNTIL_STEP_MS)
  if (after === before.after && read.ended === before.ended && !isLater) return before
  return {
    after,
    untilMs: read.untilMs === null ? before.untilMs : Math.max(read.untilMs, before.untilMs ?? 0),
    ended: read.ended,
  }
}

export interface Resumed {
  readonly positions: Positions
  /** What is gone unread, a sentence each. */
  readonly losses: readonly string[]
}

/**
 * Where each listed shard is read on. A shard whose last reading is longer ago than the stream keeps records begins at
 * the oldest record there is, as does one that nothing is known of.
 */
export const resume = (
  checkpoint: Json,
  stream: Stream,
  listed: readonly ListedShard[],
  nowMs: number,
): Resumed => {
  const read = kept.safeParse(checkpoint)
  // Of another stream, whose name was changed by hand, nothing is known and nothing is missed.
  if (!read.success || read.data.stream !== stream.name)
    return { positions: new Map(listed.map(({ id }) => [id, UNREAD])), losses: [] }
  const before = new Map(Object.entries(read.data.shards))
  if (read.data.createdMs !== stream.createdMs) {
    const last = Math.max(0, ...[...before.values()].map(({ untilMs }) => untilMs ?? 0))
    return {
      positions: new Map(listed.map(({ id }) => [id, UNREAD])),
      losses: [
        `The stream ${stream.name} was deleted and made anew at ${iso(stream.createdMs)}. What came to the old one${last === 0 ? '' : ` after ${iso(last)}`} was not read and is gone; reading begins at the oldest record of the new one.`,
      ],
    }
  }
  const losses: string[] = []
  const horizonMs = nowMs - stream.retentionMs
  const hours = counted(Math.round(stream.retentionMs / HOUR), 'hour')
  const late = listed.filter(({ id }) => {
    const { ended, untilMs } = before.get(id) ?? UNREAD
    return !ended && untilMs !== null && untilMs < horizonMs
  })
  if (late.length > 0) {
    const sinceMs = Math.min(...late.map(({ id }) => before.get(id)?.untilMs ?? horizonMs))
    losses.push(
      `What came to ${named(late.map(({ id }) => id))} of ${stream.name} from ${iso(sinceMs)} to ${iso(horizonMs)} is gone: the stream keeps records for ${hours}, and was not read for longer. Reading goes on at the oldest record there is.`,
    )
  }
  const ids = new Set(listed.map(({ id }) => id))
  const gone = [...before].filter(([id, { ended }]) => !ended && !ids.has(id))
  if (gone.length > 0) {
    const sinceMs = Math.min(...gone.map(([, { untilMs }]) => untilMs ?? stream.createdMs))
    losses.push(
      `${named(gone.map(([id]) => id))} of ${stream.name}, closed by resharding, expired before being read to the end: what came there after ${iso(sinceMs)} is gone, because the stream keeps records for ${hours}.`,
    )
  }
  const lost = new Set(late.map(({ id }) => id))
  return {
    positions: new Map(listed.map(({ id }) => [id, lost.has(id) ? UNREAD : (before.get(id) ?? UNREAD)])),
    losses,
  }
}

/** Said where the stream does not know the sequence number that a shard was read to. */
export const forgottenSequence = (stream: Stream, id: string, { after, untilMs }: Position): string =>
  `${stream.name} no longer knows the record ${after} to which ${id} was read${untilMs === null ? '' : `, at about ${iso(untilMs)}`}: what came after it and has expired is gone. Reading goes on at the oldest record there is.`

/**
 * Shards to be read now: not those at their end, and no child before its parents are read as far as they go.
 * @param caughtUp shards that have no more for now
 */
export const due = (
  listed: readonly ListedShard[],
  positions: Positions,
  caughtUp: ReadonlySet<string>,
): readonly ListedShard[] => {
  const ids = new Set(listed.map(({ id }) => id))
  const isDone = (id: string) => caughtUp.has(id) || positions.get(id)?.ended === true
  return listed.filter(
    ({ id, parents }) => !isDone(id) && parents.every((parent) => !ids.has(parent) || isDone(parent)),
  )
}
