/** Objects of a bucket: which there are, which were taken, and their bytes. */

import { createHash } from 'node:crypto'
import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import type { S3Client } from '@aws-sdk/client-s3'
import { z } from 'zod'
import type { Json } from '../../../../domain/canonical.ts'
import { SourceFailure } from '../../collector.ts'
import { asking, failureOf } from './failures.ts'

export const loadS3 = () => import('@aws-sdk/client-s3')

/** One version of an object. */
export interface StoredObject {
  readonly key: string
  readonly etag: string
  readonly size: number
  readonly modifiedMs: number
}

/** A bucket as it is read. */
export interface Bucket {
  readonly client: S3Client
  readonly name: string
  readonly signal: AbortSignal
}

/** Every object under a prefix that has bytes, the oldest first. @throws SourceFailure */
export const listObjects = async (
  { client, name, signal }: Bucket,
  prefix: string,
): Promise<readonly StoredObject[]> => {
  const { ListObjectsV2Command } = await loadS3()
  const found: StoredObject[] = []
  let token: string | undefined
  do {
    const answer = await asking(signal, 's3:ListBucket', () =>
      client.send(
        new ListObjectsV2Command({
          Bucket: name,
          Prefix: prefix,
          ...(token === undefined ? {} : { ContinuationToken: token }),
        }),
        { abortSignal: signal },
      ),
    )
    for (const { Key = '', ETag = '', Size = 0, LastModified } of answer.Contents ?? [])
      if (Size > 0) found.push({ key: Key, etag: ETag, size: Size, modifiedMs: LastModified?.getTime() ?? 0 })
    token = answer.NextContinuationToken
  } while (token !== undefined)
  return found.sort((a, b) => a.modifiedMs - b.modifiedMs || (a.key < b.key ? -1 : 1))
}

/** An object sent in parts bears the time at which its sending began: one that appears may be so much older. */
const OVERLAP_MS = 24 * 3_600_000

/** Versions remembered at most: of one forgotten the records are known by themselves. */
const TAKEN_MAX = 20_000

const takenSchema = z.object({ untilMs: z.number(), taken: z.array(z.tuple([z.number(), z.string()])) })
/** The newest time of what was taken, and the versions taken of the day before it: all that is older is taken. */
export type Taken = z.output<typeof takenSchema>

export const readTaken = (checkpoint: Json): Taken => {
  const read = takenSchema.safeParse(checkpoint)
  return read.success ? read.data : { untilMs: 0, taken: [] }
}

const versionName = ({ key, etag }: StoredObject): string =>
  createHash('sha256').update(`${key}\0${etag}`).digest('base64url').slice(0, 16)

export const notTaken = (
  objects: readonly StoredObject[],
  { untilMs, taken }: Taken,
  overlapMs = OVERLAP_MS,
): StoredObject[] => {
  const known = new Set(taken.map(([, version]) => version))
  return objects.filter((each) => each.modifiedMs >= untilMs - overlapMs && !known.has(versionName(each)))
}

export const withTaken = ({ untilMs, taken }: Taken, object: StoredObject, overlapMs = OVERLAP_MS): Taken => {
  const newest = Math.max(untilMs, object.modifiedMs)
  return {
    untilMs: newest,
    taken: [...taken, [object.modifiedMs, versionName(object)] as [number, string]]
      .filter(([ms]) => ms >= newest - overlapMs)
      .slice(-TAKEN_MAX),
  }
}

const wasReplaced = (key: string) =>
  new SourceFailure(
    `${key} was replaced or removed while it was read. Nothing of it was kept; it is read again as it is now.`,
    { retryable: true },
  )

const REPLACED = /^(PreconditionFailed|NoSuchKey|NotFound)$/

/**
 * The bytes of exactly this version.
 * @param range of bytes, its end exclusive; all of them where left out
 * @throws SourceFailure also in the midst of it
 */
export async function* objectBytes(
  { client, name, signal }: Bucket,
  { key, etag }: StoredObject,
  range?: { readonly start: number; readonly end: number },
): AsyncIterable<Uint8Array> {
  const { GetObjectCommand } = await loadS3()
  try {
    const { Body } = await client.send(
      new GetObjectCommand({
        Bucket: name,
        Key: key,
        ...(etag === '' ? {} : { IfMatch: etag }),
        ...(range === undefined ? {} : { Range: `bytes=${range.start}-${range.end - 1}` }),
      }),
      { abortSignal: signal },
    )
    yield* Body as Readable
  } catch (error) {
    signal.throwIfAborted()
    throw REPLACED.test((error as Error).name) ? wasReplaced(key) : failureOf(error, 's3:GetObject')
  }
}

export const wholeObject = async (
  bucket: Bucket,
  object: StoredObject,
  range?: { readonly start: number; readonly end: number },
): Promise<Buffer> => {
  const pieces: Uint8Array[] = []
  for await (const piece of objectBytes(bucket, object, range)) pieces.push(piece)
  return Buffer.concat(pieces)
}

/** Reading it again gives the same. */
export class DamagedObject extends SourceFailure {
  constructor(message: string) {
    super(message, { retryable: false })
  }
}

/** Unpacks gzip, which is told from the first two bytes, and gives anything else as it is. */
export async function* unpacked(bytes: AsyncIterable<Uint8Array>, key: string): AsyncIterable<Uint8Array> {
  const iterator = bytes[Symbol.asyncIterator]()
  const first = await iterator.next()
  if (first.done === true) return
  const all = (async function* () {
    yield first.value
    yield* { [Symbol.asyncIterator]: () => iterator }
  })()
  if (first.value[0] !== 0x1f || first.value[1] !== 0x8b) {
    yield* all
    return
  }
  try {
    const unzip = createGunzip()
    // Whatever goes wrong is thrown to who reads; the callback keeps it from being thrown at nobody.
    yield* pipeline(Readable.from(all), unzip, () => undefined)
  } catch (error) {
    if (error instanceof SourceFailure) throw error
    throw new DamagedObject(
      `${key} is packed with gzip and damaged or not whole (${(error as Error).message}). What follows is missing; put it there again.`,
    )
  }
}

/** Lines without their ends. */
export async function* linesOf(bytes: AsyncIterable<Uint8Array>): AsyncIterable<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const piece of bytes) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) yield line.replace(/\r$/, '')
  }
  rest += decoder.decode()
  if (rest !== '') yield rest.replace(/\r$/, '')
}
