/** Appending to the ledger: one batch, one transaction, all or nothing. */
import { type CostFields, type CostWriter, openCost, type VanishedCost } from './cost.ts'
import { type BillIdentity, openDictionary } from './dictionary.ts'
import {
  type ConflictOutcome,
  openExceptions,
  type QuarantinedRecord,
  type QuarantineOutcome,
} from './exceptions.ts'
import { openSeen } from './identity.ts'
import type { WritingLedger } from './open.ts'
import { type BatchHeader, type BatchSummary, type OpenBatch, openBatch } from './open-batch.ts'
import { forgetPages, type PageEvent } from './open-pages.ts'
import {
  blockNumbers,
  openRawBlocks,
  type PostedRecord,
  postedRecord,
  type RawPointer,
  type RawRecord,
  type RecordOrigin,
  rawKind,
} from './raw-block.ts'
import { asRefusal, LedgerRefusal } from './refusal.ts'
import type { BatchCounts } from './totals.ts'
import { type Outcome, openUsage, type ReversalPosting, type UsageFields } from './usage.ts'

/** What a batch may do. Usable only until `write` returns; entries appear when the batch is committed. */
export interface Appender {
  readonly batchId: number
  readonly firstSeq: number
  /** So far; the caller may show progress from it but not change it. */
  readonly counts: Readonly<BatchCounts>

  /** The small number of a name, creating it if it is new. @throws LedgerRefusal `source_exists_with_another_kind`. */
  source(key: string, kind: string): number
  tenant(name: string): number
  measure(metric: string, scale: number): number
  /** `content` is canonical JSON. */
  attributeSet(kind: 'usage' | 'cost', content: string): number
  bill(identity: BillIdentity): number

  /** Keeps a record that belongs to no usage event or cost entry; those keep theirs themselves. */
  raw(record: RawRecord, csvHeader?: readonly string[] | null): RawPointer
  /** Counts a record that says nothing, so that the counts add up to the rows of the file. */
  ignored(): void

  /**
   * A usage event with an id of its own: `eventKey` is the first 16 bytes of a hash of it. The same again is a
   * duplicate; another meaning under the same id is kept as a conflict and not counted. With `reversalPosting` it
   * replaces what an earlier batch posted under the id instead: that is reversed, and this posted as its restatement.
   */
  usageById(
    eventKey: Uint8Array,
    fields: UsageFields,
    origin: RecordOrigin,
    reversalPosting?: ReversalPosting,
  ): Outcome
  /** A usage event without an id: `contentHash` is the first 16 bytes of a hash of its canonical record. */
  usageByContent(contentHash: Uint8Array, fields: UsageFields, origin: RecordOrigin): Outcome
  /** As the two above, for many events at once: without an object for each. */
  eventById(
    keys: Uint8Array,
    index: number,
    event: PageEvent,
    record: PostedRecord,
    reversalPosting?: ReversalPosting,
  ): Outcome
  /** As {@link Appender.usageByContent}; null where `complete`, called before anything is posted, cannot fill in the event. */
  eventByContent(
    contentHash: Uint8Array,
    event: PageEvent,
    record: PostedRecord,
    complete: () => boolean,
  ): Outcome | null
  /** As {@link usageByContent}, within the bill. */
  costByContent(contentHash: Uint8Array, fields: CostFields, origin: RecordOrigin): Outcome
  /** As {@link costByContent}, with a record that is read only where it is needed. */
  costEntry(contentHash: Uint8Array, fields: CostFields, record: PostedRecord): Outcome

  /** Live entries of the bill, from earlier batches, that this batch has not delivered again. */
  vanished(billNo: number): IterableIterator<VanishedCost>
  /** Appends the reversal of a cost entry; `postedMs` where its month is closed. Returns the reversal's seq. */
  reverseCost(seq: number, postedMs: number | null): number
  reverseUsage(seq: number, postedMs: number | null): number

  /** Counts one record as quarantined; one already known is not written again. Returns the seq it is kept under. */
  quarantine(record: QuarantinedRecord): number
  quarantineOutcome(seq: number, outcome: QuarantineOutcome, note: string): void
  conflictOutcome(seq: number, outcome: ConflictOutcome, note: string): void

  /**
   * Appends a new version of a document and returns its number, counted from 1. `expectedVersion` is the version
   * the writer saw (0: none), null where it does not matter.
   * @throws LedgerRefusal `document_was_changed_meanwhile`.
   */
  document(kind: string, documentId: string, content: string, expectedVersion: number | null): number
}

const openDocuments = (batch: OpenBatch) => {
  const latest = batch
    .statement('SELECT coalesce(max(version), 0) FROM document WHERE kind = ? AND document_id = ?')
    .pluck()
  return (kind: string, documentId: string, content: string, expectedVersion: number | null): number => {
    const version = latest.get(kind, documentId) as number
    if (expectedVersion !== null && expectedVersion !== version)
      throw new LedgerRefusal(
        'document_was_changed_meanwhile',
        `The ${kind} ${documentId} was changed meanwhile: it is at version ${version}, and the change was made to version ${expectedVersion}. ` +
          'Nothing was saved; look at the newer version and make the change again.',
      )
    batch.append('document', [kind, documentId, version + 1, content])
    batch.counts.documents++
    return version + 1
  }
}

const openAppender = (batch: OpenBatch): { readonly appender: Appender; readonly close: () => void } => {
  const seen = openSeen()
  const numberBlock = blockNumbers(batch)
  const blocks = openRawBlocks(batch, numberBlock)
  const exceptions = openExceptions(batch)
  // A page's records have blocks of their own.
  const usage = openUsage(batch, openRawBlocks(batch, numberBlock), seen, exceptions)
  const cost: CostWriter = openCost(batch, blocks, seen)
  const appender: Appender = {
    batchId: batch.batchId,
    firstSeq: batch.firstSeq,
    counts: batch.counts,
    ...openDictionary(batch),
    raw: (record, csvHeader = null) => {
      const kind = rawKind(csvHeader, record)
      return { blockNo: blocks.blockNo(kind), blockRow: blocks.keep(kind, record) }
    },
    ignored: () => {
      batch.counts.rows++
      batch.counts.ignored++
    },
    usageById: usage.byId,
    usageByContent: usage.byContent,
    eventById: usage.eventById,
    eventByContent: usage.eventByContent,
    costByContent: (contentHash, fields, origin) => cost.byContent(contentHash, fields, postedRecord(origin)),
    costEntry: cost.byContent,
    vanished: cost.vanished,
    reverseCost: cost.reverse,
    reverseUsage: usage.reverse,
    quarantine: exceptions.quarantine,
    quarantineOutcome: exceptions.quarantineOutcome,
    conflictOutcome: exceptions.conflictOutcome,
    document: openDocuments(batch),
  }
  return {
    appender,
    close: () => {
      usage.finish()
      blocks.close()
    },
  }
}

const writeBatch = async (
  ledger: WritingLedger,
  header: BatchHeader,
  write: (appender: Appender) => void | Promise<void>,
  signal: AbortSignal | undefined,
): Promise<BatchSummary> => {
  const { database } = ledger
  signal?.throwIfAborted()
  let batch: OpenBatch | null = null
  try {
    database.exec('BEGIN IMMEDIATE')
    batch = openBatch(ledger)
    const { appender, close } = openAppender(batch)
    await write(appender)
    signal?.throwIfAborted()
    close()
    const summary = batch.finish(header)
    database.exec('COMMIT')
    return summary
  } catch (error) {
    batch?.end()
    if (database.inTransaction) database.exec('ROLLBACK')
    forgetPages(ledger)
    throw asRefusal(error, ledger.file)
  }
}

/**
 * Appends one batch. What `write` appends is committed with the batch's hash and checkpoint in one transaction;
 * if it throws, or `signal` is aborted before the commit, nothing remains. Batches asked for at the same time
 * follow one another, so `write` must not wait for another batch of the same ledger, nor for foreign work.
 * @throws LedgerRefusal, or whatever `write` throws, or the signal's reason.
 */
export const appendBatch = (
  ledger: WritingLedger,
  header: BatchHeader,
  write: (appender: Appender) => void | Promise<void>,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<BatchSummary> => {
  const result = ledger.tail.then(() => writeBatch(ledger, header, write, signal))
  ledger.tail = result.catch(() => undefined)
  return result
}
