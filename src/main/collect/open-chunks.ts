/** A file as chunks: read here, or in a thread of its own where it is large enough to be worth one. */
import { stat } from 'node:fs/promises'
import type { Currency } from '../../domain/money.ts'
import { startThread } from '../thread/start-thread.ts'
import { threadFile } from '../thread/thread-file.ts'
import type { Chunk, ChunkReading, ReadingEnd } from './chunk.ts'
import { chunkReading } from './chunk-reading.ts'
import { openFile } from './files/open-file.ts'
import type { ReaderRouter, ReaderThreadData } from './reader-thread.ts'
import type { ReaderChoice } from './readers.ts'

/** Smaller files are read before a thread would have started. */
const THREAD_BYTES_MIN = 4 * 1_048_576
/** Chunks asked for before the first of them is taken, so that neither side waits for the other. */
const CHUNKS_AHEAD = 3

export interface OpenedChunks extends ChunkReading {
  /** Size on disk, 0 where the file cannot be read. */
  readonly bytesTotal: number
  readonly close: () => Promise<void>
}

interface FileRequest {
  readonly path: string
  readonly name: string
  readonly choice: ReaderChoice
}

interface FileContext {
  readonly nowMs: number
  readonly currency: Currency
}

export const openChunks = async (
  request: FileRequest,
  context: FileContext,
  signal: AbortSignal | undefined,
  threadBytesMin = THREAD_BYTES_MIN,
): Promise<OpenedChunks> => {
  const size = await stat(request.path).then(
    (found) => found.size,
    () => 0,
  )
  return size < threadBytesMin ? readHere(request, context, signal) : readInThread(request, context, size)
}

const readHere = async (
  { path, name, choice }: FileRequest,
  context: FileContext,
  signal: AbortSignal | undefined,
): Promise<OpenedChunks> => {
  const file = await openFile(path, { name, ...(signal === undefined ? {} : { signal }) })
  const reading = chunkReading(file, choice, context)
  return { ...reading, bytesTotal: file.bytesTotal, close: file.close }
}

const readInThread = (
  { path, name, choice }: FileRequest,
  { nowMs, currency }: FileContext,
  bytesTotal: number,
): OpenedChunks => {
  // A row of cost becomes many short-lived objects, a usage event hardly any.
  const thread = startThread<ReaderRouter>(
    threadFile(import.meta.url, './reader-thread.ts', 'reader-thread'),
    { path, name, choice, nowMs, currency } satisfies ReaderThreadData,
    { name: 'reader', youngMegabytesMax: choice.kind === 'focus' ? 48 : 24 },
  )
  let ended: ReadingEnd | null = null
  async function* chunks(): AsyncGenerator<Chunk, void> {
    const asked: ReturnType<typeof thread.client.next>[] = []
    for (;;) {
      while (asked.length < CHUNKS_AHEAD) {
        const next = thread.client.next()
        // Kept until it is awaited, where its error is thrown.
        next.catch(() => undefined)
        asked.push(next)
      }
      const answer = await asked.shift()
      if (answer === undefined) return
      if (answer.chunk !== null) yield answer.chunk
      if (answer.end !== null) {
        ended = answer.end
        return
      }
    }
  }
  return {
    chunks: chunks(),
    end: () => ended ?? { issues: [], header: null, refused: false, sha256: null },
    bytesTotal,
    close: thread.close,
  }
}
