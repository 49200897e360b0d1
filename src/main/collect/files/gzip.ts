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
 * Node's stream drops what it holds when it fails, therefore each piece is drained before the next is given. It also
 * passes over whatever follows zeros after a member. Zeros alone are padding; a member or text behind them would be
 * rows nobody hears of, so it is a damage.
 */
export async function* inflate(packed: AsyncIterable<Buffer>): AsyncGenerator<Buffer, GzipDamage | null> {
  const gunzip = createGunzip({ chunkSize: 64 * 1024 })
  const unpacked: Buffer[] = []
  let failure: NodeJS.ErrnoException | null = null
  let closed = false
  let given = 0
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
        const piece = bytes.subarray(from, from + PIECE_BYTES)
        given += piece.length
        await settle((done) => gunzip.write(piece, () => done()))
        const passedOver = Math.min(given - gunzip.bytesWritten, piece.length)
        if (passedOver > 0 && piece.subarray(-passedOver).some((byte) => byte !== 0))
          failure ??= new Error('something follows its end')
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
