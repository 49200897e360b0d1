/** Bytes of an object as what is in them: gzip unpacked, text as lines. */
import { pipeline, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { SourceFailure } from '../../collector.ts'

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
    try {
      yield first.value
      yield* { [Symbol.asyncIterator]: () => iterator }
    } finally {
      await iterator.return?.()
    }
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
