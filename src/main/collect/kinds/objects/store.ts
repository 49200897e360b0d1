/**
 * What a kind needs of a store to collect from it: which objects there are under a prefix, and the bytes of exactly one
 * version of one. A bucket of S3 and a container of Azure are filled in beside this folder; all else is shared.
 */
import { SourceFailure } from '../../collector.ts'

/** One version of an object. */
export interface StoredObject {
  readonly key: string
  readonly etag: string
  readonly size: number
  readonly modifiedMs: number
}

/** Of bytes, its end exclusive. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/** A bucket or container as it is read. */
export interface ObjectStore {
  readonly name: string
  readonly signal: AbortSignal
  /** Every object under a prefix that has bytes, in any order. @throws SourceFailure */
  readonly list: (prefix: string) => Promise<readonly StoredObject[]>
  /**
   * The bytes of exactly this version; all of them where no range is given.
   * @throws SourceFailure also in the midst of it
   */
  readonly bytes: (object: StoredObject, range?: ByteRange) => AsyncIterable<Uint8Array>
  readonly close: () => void
}

/** The oldest first; of the same time in the order of their keys. @throws SourceFailure */
export const listObjects = async (store: ObjectStore, prefix: string): Promise<readonly StoredObject[]> =>
  [...(await store.list(prefix))].sort((a, b) => a.modifiedMs - b.modifiedMs || (a.key < b.key ? -1 : 1))

export const wholeObject = async (
  store: ObjectStore,
  object: StoredObject,
  range?: ByteRange,
): Promise<Buffer> => {
  const pieces: Uint8Array[] = []
  for await (const piece of store.bytes(object, range)) pieces.push(piece)
  return Buffer.concat(pieces)
}

export const wasReplaced = (key: string): SourceFailure =>
  new SourceFailure(
    `${key} was replaced or removed while it was read. Nothing of it was kept; it is read again as it is now.`,
    { retryable: true },
  )
