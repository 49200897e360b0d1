/** A bucket of S3, or of a store of the same protocol, as a store of objects. */
import type { Readable } from 'node:stream'
import type { S3Client } from '@aws-sdk/client-s3'
import type { CollectContext } from '../../collector.ts'
import { type ByteRange, type ObjectStore, type StoredObject, wasReplaced } from '../objects/store.ts'
import { type AccountConfig, clientSettings } from './account.ts'
import { asking, failureOf } from './failures.ts'

const loadS3 = () => import('@aws-sdk/client-s3')

interface Bucket {
  readonly client: S3Client
  readonly name: string
  readonly signal: AbortSignal
}

const listed = async ({ client, name, signal }: Bucket, prefix: string): Promise<readonly StoredObject[]> => {
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
  return found
}

const REPLACED = /^(PreconditionFailed|NoSuchKey|NotFound)$/

async function* bytesOf(
  { client, name, signal }: Bucket,
  { key, etag }: StoredObject,
  range?: ByteRange,
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

export const openBucket = async (
  context: CollectContext<AccountConfig & { readonly bucket: string }>,
): Promise<ObjectStore> => {
  const settings = await clientSettings(context)
  const { S3Client } = await loadS3()
  // Other stores are seldom reached by a host name for each bucket.
  const client = new S3Client({ ...settings, forcePathStyle: context.config.endpoint !== null })
  const bucket = { client, name: context.config.bucket, signal: context.signal }
  return {
    name: bucket.name,
    signal: bucket.signal,
    list: (prefix) => listed(bucket, prefix),
    bytes: (object, range) => bytesOf(bucket, object, range),
    close: () => client.destroy(),
  }
}
