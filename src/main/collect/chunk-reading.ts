/** A file's records as chunks. */
import type { Currency } from '../../domain/money.ts'
import type { Chunk, ChunkReading } from './chunk.ts'
import { costGatherer } from './cost-chunk.ts'
import type { TextSource } from './files/open-file.ts'
import type { Rejected } from './files/record.ts'
import { type ReaderChoice, startReading } from './readers.ts'
import { usageGatherer } from './usage-chunk.ts'

/** What of a source is known only where it is a file. */
interface FileState {
  readonly bytesRead: () => number
  readonly sha256: () => string | null
}

export const chunkReading = (
  source: TextSource & Partial<FileState>,
  choice: ReaderChoice,
  context: { readonly nowMs: number; readonly currency: Currency },
): ChunkReading => {
  const usage = usageGatherer()
  const cost = costGatherer()
  let rejected: Rejected[] = []
  const reading = startReading(source, choice, context, {
    usage,
    sink: { usage: usage.add, cost: cost.add, rejected: (record) => rejected.push(record) },
  })
  function* gathered(): Generator<Chunk> {
    const rest = { header: reading.header, bytesRead: source.bytesRead?.() ?? 0 }
    for (const chunk of usage.take()) yield { usage: chunk, cost: null, rejected: [], ...rest }
    for (const chunk of cost.take()) yield { usage: null, cost: chunk, rejected: [], ...rest }
    if (rejected.length > 0) yield { usage: null, cost: null, rejected, ...rest }
    rejected = []
  }
  async function* chunks(): AsyncGenerator<Chunk, void> {
    for await (const _ of reading.chunks) yield* gathered()
    usage.close()
    cost.close()
    yield* gathered()
  }
  return {
    chunks: chunks(),
    end: () => ({
      issues: reading.issues,
      header: reading.header,
      refused: reading.refused,
      sha256: source.sha256?.() ?? null,
    }),
  }
}
