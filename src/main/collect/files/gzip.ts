/** Gzip, unpacked so that nothing before a damage is lost. */
import { createGunzip } from 'node:zlib'

export interface GzipDamage {
  readonly code: 'gzip_truncated' | 'gzip_damaged'
  readonly detail: string
}

/** Deflate expands at most about a thousandfold, so a piece of 16 KiB is at most 16 MiB unpacked. */
const PIECE_BYTES = 16 * 1024

export const isGzip = (head: Buffer): boolean => head[0] === 0x1f && head[1] === 0x8b && head[2] === 8

/**
 * Yields the unpacked bytes, members in sequence included, and returns the damage that ended them, or null.
 * The packed bytes are read to their end even so, because their hash names the file.
 *
 * Node's stream drops what it holds when it fails, therefore each piece is drained before the next is given.
 */
export async function* inflate(packed: AsyncIterable<Buffer>): AsyncGenerator<Buffer, GzipDamage | null> {
  const gunzip = createGunzip({ chunkSize: 64 * 1024 })
  const unpacked: Buffer[] = []
  let failure: NodeJS.ErrnoException | null = null
  let closed = false
  let wake = () => {}
  gunzip.on('data', (bytes: Buffer) => unpacked.push(bytes))
  gunzip.on('error', (cause) => {
    failure ??= cause
    wake()
  })
  gunzip.on('close', () => {
    closed = true
    wake()
  })

  const settle = (start: (done: () => void) => void) =>
    new Promise<void>((resolve) => {
      wake = resolve
      if (failure !== null || closed) resolve()
      else start(resolve)
    })
  const take = (): Buffer[] => {
    while (failure === null && gunzip.read() !== null) {}
    return unpacked.splice(0)
  }

  try {
    for await (const bytes of packed) {
      for (let from = 0; from < bytes.length && failure === null; from += PIECE_BYTES) {
        await settle((done) => gunzip.write(bytes.subarray(from, from + PIECE_BYTES), () => done()))
        yield* take()
      }
    }
    if (failure === null) {
      await settle((done) => {
        gunzip.once('end', done)
        gunzip.end()
      })
    }
    yield* take()
  } finally {
    gunzip.destroy()
  }
  return damageOf(failure)
}

const damageOf = (failure: NodeJS.ErrnoException | null): GzipDamage | null => {
  if (failure === null) return null
  return failure.code === 'Z_BUF_ERROR'
    ? { code: 'gzip_truncated', detail: failure.message }
    : { code: 'gzip_damaged', detail: failure.message }
}
