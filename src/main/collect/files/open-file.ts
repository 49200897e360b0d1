/**
 * A file as a stream of decoded text, in bounded memory. What it is (gzip, encoding, binary) is read from its
 * bytes, never from its name.
 */
import { createHash } from 'node:crypto'
import { readSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Issue } from '../../../domain/issue.ts'
import { createDecoder, HEAD_BYTES, recogniseBinary } from './encoding.ts'
import { type GzipDamage, inflate, isGzip } from './gzip.ts'
import { fileIssue } from './rejections.ts'

/** Text in pieces, and what the row readers must know of it. */
export interface TextSource {
  /** The name that messages use. */
  readonly name: string
  /** Pieces cut anywhere; may be taken once. */
  readonly text: AsyncIterable<string>
  readonly condition: {
    /** Whether any byte so far was replaced with U+FFFD. */
    replaced: boolean
    encoding: string
    /** Set when the text stopped before its end: what follows the last line end is not a whole row. */
    damage: GzipDamage | null
    /** Set when there is no text to be had. */
    refusal: Issue | null
  }
}

export interface OpenedFile extends TextSource {
  /** Size on disk, 0 where the file cannot be read. */
  readonly bytesTotal: number
  /** Bytes of the file taken so far, before decompression. */
  readonly bytesRead: () => number
  /** SHA-256 of the file's bytes, hex; null until all of them were read. */
  readonly sha256: () => string | null
  /** For a file whose text nobody may have begun to take; what was read to its end is closed already. */
  readonly close: () => Promise<void>
}

export interface OpenFileOptions {
  /** The name that messages use; by default the path's last part. */
  readonly name?: string
  readonly signal?: AbortSignal
}

const READ_BYTES = 128 * 1024

const newCondition = (): TextSource['condition'] => ({
  replaced: false,
  encoding: 'UTF-8',
  damage: null,
  refusal: null,
})

/** Text already in memory as a source: for a quarantined record that is read again. What is no character is U+FFFD. */
export const textSource = (name: string, text: string): TextSource => ({
  name,
  condition: newCondition(),
  text: (async function* () {
    if (text !== '') yield text.toWellFormed()
  })(),
})

/** Opens a file. Never throws: what cannot be opened is a source with a refusal. */
export const openFile = async (path: string, options: OpenFileOptions = {}): Promise<OpenedFile> => {
  const name = options.name ?? basename(path)
  const condition = newCondition()
  const hash = createHash('sha256')
  let bytesRead = 0
  let sha256: string | null = null
  let handle: FileHandle | null = null
  let bytesTotal = 0
  try {
    handle = await open(path, 'r')
    const stat = await handle.stat()
    if (stat.isDirectory()) throw new Error('it is a folder')
    bytesTotal = stat.size
  } catch (cause) {
    await handle?.close()
    handle = null
    condition.refusal = fileIssue(name, 'file_cannot_be_read', { detail: reasonOf(cause) })
  }

  async function* bytes(file: FileHandle): AsyncGenerator<Buffer> {
    // One buffer for the whole file, so that memory does not grow with its size: who takes a piece is done with it,
    // or has copied it, before asking for the next. Read at once: what reads large files is a thread of its own, and
    // a round through the pool of threads for each piece takes longer than the reading.
    const buffer = Buffer.allocUnsafe(READ_BYTES)
    for (;;) {
      options.signal?.throwIfAborted()
      const count = readSync(file.fd, buffer, 0, READ_BYTES, null)
      if (count === 0) break
      bytesRead += count
      const piece = buffer.subarray(0, count)
      hash.update(piece)
      yield piece
    }
    if (bytesRead < bytesTotal)
      condition.refusal = fileIssue(name, 'file_cannot_be_read', {
        detail: 'it became shorter while it was read; import it again once it is whole',
      })
    sha256 = hash.digest('hex')
  }

  async function* text(): AsyncGenerator<string> {
    if (handle === null) return
    try {
      yield* decode(unpacked(bytes(handle), condition), name, condition)
    } catch (cause) {
      options.signal?.throwIfAborted()
      if (!isSystemError(cause)) throw cause
      condition.refusal = fileIssue(name, 'file_cannot_be_read', { detail: reasonOf(cause) })
    } finally {
      await handle.close()
    }
  }

  return {
    name,
    condition,
    bytesTotal,
    text: text(),
    bytesRead: () => bytesRead,
    sha256: () => sha256,
    close: async () => handle?.close(),
  }
}

/** The first characters of a file, at most `HEAD_BYTES` bytes decoded, without reading on. */
export const readHead = async (path: string): Promise<{ text: string; refusal: Issue | null }> => {
  const file = await openFile(path)
  let text = ''
  for await (const piece of file.text) {
    text += piece
    if (text.length >= HEAD_BYTES) break
  }
  return { text: text.slice(0, HEAD_BYTES), refusal: file.condition.refusal }
}

const isSystemError = (cause: unknown): cause is NodeJS.ErrnoException =>
  cause instanceof Error && 'syscall' in cause

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'it is a folder',
}

const reasonOf = (cause: unknown): string => {
  if (!(cause instanceof Error)) return String(cause)
  return REASONS['code' in cause ? String(cause.code) : ''] ?? cause.message
}

async function* unpacked(
  bytes: AsyncGenerator<Buffer>,
  condition: TextSource['condition'],
): AsyncGenerator<Buffer> {
  const first = await bytes.next()
  if (first.done) return
  const whole = (async function* () {
    yield first.value
    yield* bytes
  })()
  if (!isGzip(first.value)) yield* whole
  else condition.damage = yield* inflate(whole)
}

async function* decode(
  bytes: AsyncGenerator<Buffer>,
  name: string,
  condition: TextSource['condition'],
): AsyncGenerator<string> {
  // The head is gathered first: a gzip file may yield its first bytes one by one.
  let head: Buffer = Buffer.alloc(0)
  let ended = false
  while (head.length < HEAD_BYTES && !ended) {
    const next = await bytes.next()
    if (next.done) ended = true
    else head = Buffer.concat([head, next.value])
  }
  const binary = recogniseBinary(head)
  if (binary !== null) {
    condition.refusal = fileIssue(name, 'file_is_binary', { detail: binary })
    await bytes.return(undefined)
    return
  }
  const decoder = createDecoder(head)
  condition.encoding = decoder.encoding
  const take = (text: string) => {
    condition.replaced ||= decoder.replaced()
    return text
  }
  const opening = take(decoder.decode(head))
  if (opening !== '') yield opening
  if (!ended) {
    for await (const piece of bytes) {
      const text = take(decoder.decode(piece))
      if (text !== '') yield text
    }
  }
  const rest = take(decoder.end())
  if (rest !== '') yield rest
}
