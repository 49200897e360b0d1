/** The entry of a reader's thread: it parses one file, chunk by chunk, as fast as it is asked. */
import { os } from '@orpc/server'
import type { Currency } from '../../domain/money.ts'
import { serveThread, threadStart } from '../thread/serve-thread.ts'
import { handingOver } from '../thread/structured.ts'
import { buffersOf, type Chunk, type ReadingEnd } from './chunk.ts'
import { chunkReading } from './chunk-reading.ts'
import { openFile } from './files/open-file.ts'
import type { ReaderChoice } from './readers.ts'

/** What an import starts this thread with. */
export interface ReaderThreadData {
  readonly path: string
  readonly name: string
  readonly choice: ReaderChoice
  readonly nowMs: number
  readonly currency: Currency
}

/** The next chunk, or none and how the reading ended. */
interface Answer {
  readonly chunk: Chunk | null
  readonly end: ReadingEnd | null
}

const { port, data } = threadStart<ReaderThreadData>()
const file = await openFile(data.path, { name: data.name })
const reading = chunkReading(file, data.choice, data)
const chunks = reading.chunks[Symbol.asyncIterator]()

const router = {
  next: os.handler(async (): Promise<Answer> => {
    const { done, value } = await chunks.next()
    if (done === true) return { chunk: null, end: reading.end() }
    return handingOver({ chunk: value, end: null }, buffersOf(value))
  }),
}
export type ReaderRouter = typeof router

serveThread(router, port, { context: {}, onClose: () => file.close() })
