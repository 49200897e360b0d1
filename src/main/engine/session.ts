/** An open book: its readers, its two threads, its documents, and what every report asks first. */
import { join } from 'node:path'
import type { BookSettings } from '../../contract/book.ts'
import type { Customer } from '../../contract/customers.ts'
import type { Metric } from '../../domain/metric.ts'
import type { Currency } from '../../domain/money.ts'
import { type Month, toMonth } from '../../domain/period.ts'
import type { ImportContext } from '../collect/import-file.ts'
import { boundAllocator } from '../cube/allocator.ts'
import type { CubeThreadData } from '../cube/cube-thread.ts'
import type { SourceSeen } from '../cube/queries/arrivals.ts'
import type { MonthSeen } from '../cube/queries/seen.ts'
import type { CubeRouter } from '../cube/router.ts'
import { clearUnfinishedBackups } from '../ledger/backup.ts'
import { closeLedger, type Ledger, openLedgerForReading } from '../ledger/open.ts'
import { type Head, readBatch, readHead } from '../ledger/read.ts'
import {
  type AsOf,
  type LedgerDocument,
  listDocuments,
  listDocumentVersions,
  readDocument,
} from '../ledger/read-documents.ts'
import { lastFactSeq } from '../ledger/read-sources.ts'
import { listMeasures, listSources, type Measure } from '../ledger/read-totals.ts'
import { asRefusal } from '../ledger/refusal.ts'
import { startThread, type Thread } from '../thread/start-thread.ts'
import { threadFile } from '../thread/thread-file.ts'
import type { Clock } from './clock.ts'
import type { DocumentKind, DocumentKinds, Put, Stored } from './documents.ts'
import { asLedgerRefusal, troubleOfCube } from './machine-failure.ts'
import { Uploads } from './uploads.ts'
import type { WriterRouter } from './writer-router.ts'
import type { WriterThreadData } from './writer-thread.ts'

export interface SourceTotals extends SourceSeen {
  readonly sourceKey: string
  readonly kind: string
}

/** Where a book is read that must not be written. */
export interface ReadingFolders {
  /** The folder whose ledger is read: the book's, or the temporary one with a copy of it. */
  readonly ledger: string
  /** For what has to be written anyway: the cube where the book's is not up to date, and what queries spill. */
  readonly temporary: string
}

/** A book's documents, as they are or as they were after a batch. */
export interface Documents {
  readonly one: <Kind extends DocumentKind>(kind: Kind, id: string) => Stored<DocumentKinds[Kind]> | null
  readonly all: <Kind extends DocumentKind>(kind: Kind) => readonly Stored<DocumentKinds[Kind]>[]
  readonly versions: <Kind extends DocumentKind>(
    kind: Kind,
    id: string,
  ) => readonly Stored<DocumentKinds[Kind] | null>[]
  readonly settings: () => BookSettings & { readonly version: number }
}

/** An open book as it is now; what `past.ts` makes of it is the same book as it was after a batch. */
export interface Session extends Documents {
  readonly directory: string
  readonly clock: Clock
  readonly ledger: Ledger
  readonly writer: Thread<WriterRouter>['client']
  readonly cube: Thread<CubeRouter>['client']
  readonly uploads: Uploads
  author: string
  /** For what is read from the ledger itself: empty where the book is asked as it is now. */
  readonly asOf: AsOf
  /** The last batch; batch 0 with an empty hash in a book without any. */
  readonly head: () => Head
  /** The batch that the cube is known to have reached; figures computed from the cube carry this one. */
  readonly followed: () => Head
  /** Months that have usage or cost, in order, as of the last follow. */
  readonly months: () => readonly MonthSeen[]
  /** What each source has delivered, as of the last follow. */
  readonly sources: () => readonly SourceTotals[]
  /** Metrics and scales that events came with. */
  readonly measures: () => readonly Measure[]
  readonly recordedMsOf: (batchId: number) => number
  /**
   * Follows the cube after something was appended, and waits for it. Where the machine keeps it from following, what
   * was appended is kept all the same, the figures stay those of {@link followed}, and {@link trouble} says why.
   */
  readonly follow: () => Promise<void>
  /** Why the figures are behind the ledger; null where they are not. */
  readonly trouble: () => string | null
  /** Appends document versions as one batch, then follows. Returns their versions in order. */
  readonly put: (title: string, puts: readonly Put[]) => Promise<number[]>
  readonly close: () => Promise<void>
}

const NO_BATCH: Head = { batchId: 0, hash: '', recordedMs: 0, entries: 0 }

const storedOf = (document: LedgerDocument): Stored<unknown> => ({
  id: document.documentId,
  version: document.version,
  content: JSON.parse(document.content),
  batchId: document.batchId,
  recordedMs: document.recordedMs,
  author: document.author,
})

/** Documents change only by a batch, so what was parsed stays true until the head moves. */
export const documentsOf = (ledger: Ledger, asOf: AsOf, head: () => Head): Documents => {
  let cached = { batchId: -1, documents: new Map<string, readonly Stored<unknown>[]>() }
  const one: Documents['one'] = (kind, id) => {
    const found = readDocument(ledger, kind, id, asOf)
    const stored = found === null ? null : storedOf(found)
    return (stored?.content === null ? null : stored) as Stored<DocumentKinds[typeof kind]> | null
  }
  return {
    one,
    all: <Kind extends DocumentKind>(kind: Kind) => {
      const { batchId } = head()
      if (cached.batchId !== batchId) cached = { batchId, documents: new Map() }
      let found = cached.documents.get(kind)
      if (found === undefined) {
        found = listDocuments(ledger, kind, asOf).flatMap((each) => {
          const stored = storedOf(each)
          return stored.content === null ? [] : [stored]
        })
        cached.documents.set(kind, found)
      }
      return found as readonly Stored<DocumentKinds[Kind]>[]
    },
    versions: (kind, id) =>
      listDocumentVersions(ledger, kind, id, asOf).map(storedOf) as readonly Stored<
        DocumentKinds[typeof kind] | null
      >[],
    settings: () => {
      const stored = one('book', 'book')
      if (stored === null) throw new Error('the ledger has no book document; it was not made by this program')
      return { ...stored.content, version: stored.version }
    },
  }
}

/** Names the sources that the cube has counted by number. */
export const namedSources = (ledger: Ledger, seen: readonly SourceSeen[]): readonly SourceTotals[] => {
  const named = new Map(listSources(ledger).map((source) => [source.sourceNo, source]))
  return seen.flatMap((each) => {
    const source = named.get(each.sourceNo)
    return source === undefined ? [] : [{ ...each, sourceKey: source.sourceKey, kind: source.kind }]
  })
}

/**
 * Opens the book in the folder, which holds a ledger already. The caller holds the book's lock.
 * @throws LedgerRefusal where the ledger can't be opened.
 */
export const openSession = async (input: {
  readonly directory: string
  readonly program: string
  readonly clock: Clock
  readonly author: string
  /** Given where the book is open for reading only. */
  readonly reading?: ReadingFolders
}): Promise<Session> => {
  const { directory, clock, reading } = input
  const ledgerDirectory = reading?.ledger ?? directory
  const writerThread = startThread<WriterRouter>(
    threadFile(import.meta.url, './writer-thread.ts', 'writer-thread'),
    {
      directory: ledgerDirectory,
      program: input.program,
      readOnly: reading !== undefined,
    } satisfies WriterThreadData,
    { name: 'writer', youngMegabytesMax: 24 },
  )
  // The first call waits until the thread has opened the ledger, migrations included.
  await writerThread.client.ready().catch(async (error: unknown) => {
    await writerThread.close()
    throw asLedgerRefusal(error, directory)
  })
  const ledger = openLedgerForReading(ledgerDirectory)
  boundAllocator(process.env)
  const cubeThread = startThread<CubeRouter>(
    threadFile(import.meta.url, '../cube/cube-thread.ts', 'cube-thread'),
    {
      bookDirectory: ledgerDirectory,
      options: reading && { reading: { cubeDirectory: directory, temporary: reading.temporary } },
    } satisfies CubeThreadData,
    { name: 'cube' },
  )
  const uploads = new Uploads(join(reading?.temporary ?? directory, 'uploads'))
  if (reading === undefined) {
    await uploads.clear()
    clearUnfinishedBackups(directory)
  }

  const head = (): Head => readHead(ledger) ?? NO_BATCH
  let months: readonly MonthSeen[] = []
  let sources: readonly SourceTotals[] = []
  let lastFact = -1
  let followed = NO_BATCH
  let trouble: string | null = null
  const follow = async () => {
    const { lastBatchId, lastSeq } = await cubeThread.client.follow().then(
      (reached) => {
        trouble = null
        return reached
      },
      async (error: unknown) => {
        trouble = troubleOfCube(error, directory)
        if (trouble === null) throw error
        return cubeThread.client.status()
      },
    )
    // Most batches are documents, and what was counted over usage and cost stands.
    const factSeq = lastFactSeq(ledger, lastSeq)
    if (factSeq > lastFact) {
      const seen = await cubeThread.client.sourcesSeen({})
      months = await cubeThread.client.monthsSeen({})
      sources = namedSources(ledger, seen)
      lastFact = factSeq
    }
    if (lastBatchId > followed.batchId) {
      const batch = readBatch(ledger, lastBatchId)
      if (batch === null) throw new Error(`the cube follows a batch ${lastBatchId} that the ledger has not`)
      const { batchId, hash, recordedMs, lastSeq } = batch
      followed = { batchId, hash, recordedMs, entries: lastSeq }
    }
  }
  const session: Session = {
    ...documentsOf(ledger, {}, head),
    directory,
    clock,
    ledger,
    writer: writerThread.client,
    cube: cubeThread.client,
    uploads,
    author: input.author,
    asOf: {},
    head,
    followed: () => followed,
    months: () => months,
    sources: () => sources,
    measures: () => listMeasures(ledger),
    recordedMsOf: (batchId) => readBatch(ledger, batchId)?.recordedMs ?? 0,
    follow,
    trouble: () => trouble,
    put: async (title, puts) => {
      const versions = await writerThread.client.put({
        puts,
        title,
        author: session.author,
        recordedMs: clock.nowMs(),
      })
      await follow()
      return versions
    },
    close: async () => {
      // The writer goes last: a connection that only reads can't fold the write-ahead log into the ledger's file.
      await cubeThread.close()
      await uploads.clear()
      closeLedger(ledger)
      await writerThread.close()
    },
  }
  try {
    session.author = session.one('author', 'author')?.content.name ?? input.author
    await session.follow()
  } catch (error) {
    await session.close()
    throw asLedgerRefusal(asRefusal(error, ledger.file), directory)
  }
  return session
}

export const closedMonths = (session: Session): readonly Month[] =>
  session.all('month_close').map(({ content }) => content.month)

/** The latest month that has usage or cost; null in an empty book. */
export const latestMonth = (session: Session): Month | null => {
  const last = session.months().at(-1)
  return last === undefined ? null : toMonth(last.month)
}

/** Definitions of every metric: those the book has or had, and plain ones for metrics that only events know. */
export const metricsOf = (session: Pick<Session, 'all' | 'measures'>): readonly Metric[] => {
  const defined = session.all('metric').map(({ content }) => content)
  const known = new Set(defined.map(({ metric }) => metric))
  const scales = new Map<string, number>()
  for (const { metric, scale } of session.measures())
    scales.set(metric, Math.max(scale, scales.get(metric) ?? 0))
  return [
    ...defined,
    ...[...scales]
      .filter(([metric]) => !known.has(metric))
      .map(([metric, scale]): Metric => ({ metric, name: metric, unit: 'unit', aggregation: 'sum', scale })),
  ]
}

export const customersOf = (session: Pick<Session, 'all'>): readonly Customer[] =>
  session.all('customer').map(({ content }) => content)

/** What an import is told of the book; the rest it reads in its own transaction. */
export const importContext = (session: Session, proposedMetrics: readonly Metric[]): ImportContext => {
  const settings = session.settings()
  return {
    author: session.author,
    nowMs: session.clock.nowMs(),
    timeZone: settings.timeZone,
    currency: settings.currency as Currency,
    proposedMetrics,
  }
}
