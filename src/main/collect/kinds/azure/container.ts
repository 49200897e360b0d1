/** A container of Azure Blob Storage as a store of objects. */
import type { ContainerClient } from '@azure/storage-blob'
import { type CollectContext, SourceFailure } from '../../collector.ts'
import { type ByteRange, type ObjectStore, type StoredObject, wasReplaced } from '../objects/store.ts'
import { type AccessConfig, accessOf } from './access.ts'
import { type Asked, failureOf, isCut } from './failures.ts'

/** Most that is waited for an answer, or for the next bytes of a blob. */
const ANSWER_MS = 60_000

/** Times that a blob whose bytes broke off is gone on with, before it is left to the next run. */
const RESUMES_MAX = 3

const REPLACED = /^(ConditionNotMet|BlobNotFound|TargetConditionNotMet)$/

interface Container {
  readonly client: ContainerClient
  readonly signal: AbortSignal
  /** In words, and what went wrong with it: never the address, which holds the signature. */
  readonly asked: (what: string) => Asked
}

const didNotAnswer = () =>
  new SourceFailure(`Azure did not answer within ${ANSWER_MS / 1000} seconds. It is tried again.`, {
    retryable: true,
  })

/**
 * Waits for one answer, for so long. Takes no time while nobody waits: who imports what was read may be slow.
 * @param late ended with the request
 */
const answered = async <Answer>(late: AbortController, ask: () => Promise<Answer>): Promise<Answer> => {
  const timer = setTimeout(() => late.abort(), ANSWER_MS)
  try {
    return await ask()
  } finally {
    clearTimeout(timer)
  }
}

const asFailure = ({ signal, asked }: Container, late: AbortController, what: string, error: unknown) => {
  signal.throwIfAborted()
  return late.signal.aborted ? didNotAnswer() : failureOf(error, asked(what))
}

const listed = async (container: Container, prefix: string): Promise<readonly StoredObject[]> => {
  const late = new AbortController()
  const abortSignal = AbortSignal.any([container.signal, late.signal])
  const found: StoredObject[] = []
  try {
    const pages = container.client.listBlobsFlat({ prefix, abortSignal }).byPage()
    for (;;) {
      const page = await answered(late, () => pages.next())
      if (page.done === true) return found
      for (const { name, properties } of page.value.segment.blobItems) {
        const size = properties.contentLength ?? 0
        if (size > 0)
          found.push({
            key: name,
            etag: properties.etag,
            size,
            modifiedMs: properties.lastModified.getTime(),
          })
      }
    }
  } catch (error) {
    throw asFailure(container, late, 'list the blobs', error)
  }
}

/** A listing has the tag bare, a condition in quotes. */
const quoted = (etag: string): string => (etag.startsWith('"') ? etag : `"${etag}"`)

/** One answer's bytes, from `start` on. */
async function* piecesOf(
  { client, signal }: Container,
  late: AbortController,
  { key, etag }: StoredObject,
  { start, end }: ByteRange,
): AsyncIterable<Uint8Array> {
  const { readableStreamBody } = await answered(late, () =>
    client.getBlobClient(key).download(start, end - start, {
      conditions: { ifMatch: quoted(etag) },
      abortSignal: AbortSignal.any([signal, late.signal]),
      maxRetryRequests: 0,
    }),
  )
  if (readableStreamBody === undefined) return
  const pieces = readableStreamBody[Symbol.asyncIterator]()
  try {
    for (;;) {
      const piece = await answered(late, () => pieces.next())
      if (piece.done === true) return
      yield piece.value as Buffer
    }
  } finally {
    await pieces.return?.()
  }
}

/** Goes on where the bytes broke off, of the same version or not at all. */
async function* bytesOf(
  container: Container,
  object: StoredObject,
  { start, end }: ByteRange = { start: 0, end: object.size },
): AsyncIterable<Uint8Array> {
  let at = start
  for (let resumes = 0; at < end; resumes++) {
    const late = new AbortController()
    try {
      for await (const piece of piecesOf(container, late, object, { start: at, end })) {
        at += piece.length
        yield piece
      }
      if (at < end) throw Object.assign(new Error('less data than required'), { code: 'ECONNRESET' })
    } catch (error) {
      if (!container.signal.aborted && isCut(error) && !late.signal.aborted && resumes < RESUMES_MAX) continue
      throw REPLACED.test((error as { code?: string }).code ?? '')
        ? wasReplaced(object.key)
        : asFailure(container, late, `read ${object.key}`, error)
    }
  }
}

/** @throws SourceFailure where there is no secret that could open it */
export const openContainer = async (context: CollectContext<AccessConfig>): Promise<ObjectStore> => {
  const { accountUrl, container: name } = context.config
  const access = await accessOf(context)
  const { AnonymousCredential, ContainerClient, StorageSharedKeyCredential } = await import(
    '@azure/storage-blob'
  )
  // Retries are the engine's: it waits as long as Azure asks for.
  const options = { retryOptions: { maxTries: 1 }, userAgentOptions: { userAgentPrefix: 'countinghouse' } }
  const url = `${accountUrl}/${name}`
  const account = new ContainerClient(url).accountName || new URL(accountUrl).hostname
  const client =
    access.kind === 'sas'
      ? new ContainerClient(`${url}?${access.token}`, new AnonymousCredential(), options)
      : new ContainerClient(url, new StorageSharedKeyCredential(account, access.key), options)
  const container: Container = {
    client,
    signal: context.signal,
    asked: (what) => ({ what, account, container: name, access }),
  }
  return {
    name,
    signal: context.signal,
    list: (prefix) => listed(container, prefix),
    bytes: (object, range) => bytesOf(container, object, range),
    close: () => undefined,
  }
}
