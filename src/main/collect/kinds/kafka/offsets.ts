/**
 * How far each partition was read: kept in the ledger as the checkpoint, so that no consumer group is needed. Offsets
 * that a topic deleted before they were read are said.
 */
import { z } from 'zod'
import type { Json } from '../../../../domain/canonical.ts'
import { counted } from '../records.ts'

const kept = z.object({
  topics: z.record(
    z.string(),
    z.object({
      /** The topic's own: another one may get the same name. */
      id: z.string(),
      /** Next offset to read, by partition. */
      next: z.record(z.string(), z.string().regex(/^\d+$/)),
    }),
  ),
})

export interface KafkaTopic {
  readonly name: string
  readonly id: string
  /** Broker that leads a partition, by partition. */
  readonly leaders: readonly number[]
}

/** Offsets of a topic by partition. */
export type Offsets = ReadonlyMap<number, bigint>

export interface Bounds {
  /** First there is. */
  readonly earliest: Offsets
  /** Behind the last one. */
  readonly end: Offsets
}

/** Next offset to read, by topic and partition. */
export type Positions = Map<string, { readonly id: string; readonly next: Map<number, bigint> }>

export const readPositions = (checkpoint: Json): Positions => {
  const read = kept.safeParse(checkpoint)
  if (!read.success) return new Map()
  return new Map(
    Object.entries(read.data.topics).map(([name, { id, next }]) => [
      name,
      {
        id,
        next: new Map(Object.entries(next).map(([partition, offset]) => [Number(partition), BigInt(offset)])),
      },
    ]),
  )
}

export const checkpointOf = (positions: Positions): Json => ({
  topics: Object.fromEntries(
    [...positions].map(([name, { id, next }]) => [
      name,
      { id, next: Object.fromEntries([...next].map(([partition, offset]) => [partition, String(offset)])) },
    ]),
  ),
})

const SHOWN_MAX = 3

/** `partition 3: 120 to 449`, of the first few. */
const rangesOf = (gone: readonly (readonly [partition: number, from: bigint, to: bigint])[]): string => {
  const shown = gone
    .slice(0, SHOWN_MAX)
    .map(([partition, from, to]) => `partition ${partition}: ${from} to ${to}`)
  const more = gone.length - shown.length
  return `${shown.join(', ')}${more > 0 ? ` and ${counted(more, 'partition')} more` : ''}`
}

/** Said where a topic deleted records before they were read. */
export const deletedUnread = (
  topic: string,
  gone: readonly (readonly [partition: number, from: bigint, to: bigint])[],
): string => {
  const count = gone.reduce((sum, [, from, to]) => sum + (to - from + 1n), 0n)
  return `Up to ${counted(Number(count), 'record')} of ${topic} were deleted by its retention before they were read (offsets of ${rangesOf(gone)}). Reading goes on at the oldest there are.`
}

export interface Resumed {
  readonly next: Map<number, bigint>
  readonly losses: readonly string[]
  /** Whether a partition ends before what was read of it. */
  readonly endsBefore: boolean
}

/**
 * Where a topic is read on, and what is gone unread. A partition that nothing is known of begins where `start` says,
 * and at its oldest record where it was added to a topic that is read already.
 */
export const resume = (
  known: { readonly id: string; readonly next: ReadonlyMap<number, bigint> } | undefined,
  topic: KafkaTopic,
  bounds: Bounds,
  start: Offsets,
): Resumed => {
  const { name } = topic
  const { earliest, end } = bounds
  if (known === undefined) return { next: new Map(start), losses: [], endsBefore: false }
  if (known.id !== topic.id)
    return {
      next: new Map(earliest),
      endsBefore: false,
      losses: [
        `The topic ${name} was deleted and made anew. What came to the old one and was not read is gone; reading begins at the oldest record of the new one.`,
      ],
    }
  const gone: [number, bigint, bigint][] = []
  const cut: [number, bigint, bigint][] = []
  const next = new Map(known.next)
  for (const [partition, first] of earliest) {
    const at = known.next.get(partition)
    const last = end.get(partition)
    next.set(partition, at ?? first)
    if (at === undefined || last === undefined) continue
    if (at < first) gone.push([partition, at, first - 1n])
    else if (at > last) cut.push([partition, last, at - 1n])
    else continue
    next.set(partition, first)
  }
  const losses = gone.length === 0 ? [] : [deletedUnread(name, gone)]
  if (cut.length > 0)
    losses.push(
      `The topic ${name} ends before what was read of it (offsets of ${rangesOf(cut)} are gone): a broker came back without its newest records. It is read again from its oldest record; events that are known count once.`,
    )
  return { next, losses, endsBefore: cut.length > 0 }
}
