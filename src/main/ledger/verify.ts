/** Verification: whether the book is what was appended, and which entry is the first that does not fit. */
import { setImmediate } from 'node:timers/promises'
import { FIRST_PREVIOUS_HASH, HEADER_LINE_SQL } from './canonical-line.ts'
import { type Fault, Found, fail, WHAT_NEXT } from './fault.ts'
import { type Ledger, prepared } from './open.ts'
import { type Head, readHead } from './read.ts'
import { type BatchRow, verifyBatch } from './verify-batch.ts'
import { checkEnd, checkIndexes, checkKeys, checkSchema, keySum } from './verify-structure.ts'

export type Verification =
  | { readonly ok: true; readonly entries: number; readonly batches: number; readonly head: Head | null }
  | {
      readonly ok: false
      readonly entries: number
      readonly batches: number
      readonly fault: Fault
      /** Whether nothing is wrong but the index of keys, which can be made anew. */
      readonly isOfKeys: boolean
    }

export interface VerifyOptions {
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void
  readonly signal?: AbortSignal
  /** Heads known from elsewhere (an invoice carries one): the only way to see that the end of a book was cut off. */
  readonly knownHeads?: readonly { readonly batchId: number; readonly hash: string }[]
}

/**
 * Codes of SQLite that only damage explains: the statements are always the same, so one that fails met a value that
 * cannot be there, such as bytes in place of a text.
 */
const DAMAGE = /^SQLITE_(?:CORRUPT|ERROR|MISMATCH|TOOBIG|NOTADB)/

const checkOrder = (batch: BatchRow, batchId: number, previousHash: string, firstSeq: number): void => {
  if (batch.batchId !== batchId) fail(batchId, null, 'batch', `Batch ${batchId} is missing.`)
  if (batch.previousHash !== previousHash)
    fail(
      batchId,
      firstSeq,
      'batch',
      `Batch ${batchId} does not follow the batch before it: it was exchanged, or one of the two was rewritten.`,
    )
  if (batch.firstSeq !== firstSeq || batch.lastSeq < firstSeq - 1)
    fail(
      batchId,
      firstSeq,
      'batch',
      `Batch ${batchId} should begin with entry ${firstSeq}, but says ${batch.firstSeq} to ${batch.lastSeq}.`,
    )
}

const BATCH = `SELECT batch_id AS batchId, first_seq AS firstSeq, last_seq AS lastSeq, control,
    previous_hash AS previousHash, hash, ${HEADER_LINE_SQL} AS headerLine
  FROM batch WHERE batch_id > ? ORDER BY batch_id LIMIT 1`

/**
 * Walks the whole chain: the schema and its guards, numbers without gaps, each entry's digest, each batch's hash
 * and control totals, each raw block's bytes, and the indexes. Other work goes on meanwhile; batches appended while it runs are
 * checked too. Returns the first fault there is.
 * @throws the signal's reason when aborted.
 */
export const verifyLedger = async (
  ledger: Ledger,
  { onProgress, signal, knownHeads = [] }: VerifyOptions = {},
): Promise<Verification> => {
  let entries = 0
  let batches = 0
  const keys = keySum()
  try {
    checkSchema(ledger)
    const total = readHead(ledger)?.entries ?? 0
    const walk = {
      ledger,
      keys,
      signal,
      onWindow: (seq: number) => {
        entries = seq
        onProgress?.({ done: entries, total: Math.max(total, entries) })
      },
    }
    let previousHash = FIRST_PREVIOUS_HASH
    const next = (): BatchRow | undefined => {
      // In one transaction, so that no batch is committed between the last one and the look at the end.
      const read = ledger.database.transaction(() => {
        const batch = prepared(ledger, BATCH).get(batches) as BatchRow | undefined
        if (batch === undefined) {
          checkEnd(ledger, entries)
          checkKeys(ledger, keys)
        }
        return batch
      })
      return read()
    }
    for (let batch = next(); batch !== undefined; batch = next()) {
      signal?.throwIfAborted()
      checkOrder(batch, batches + 1, previousHash, entries + 1)
      await verifyBatch(walk, batch)
      const known = knownHeads.find((head) => head.batchId === batch.batchId)
      if (known !== undefined && known.hash !== batch.hash)
        fail(
          batch.batchId,
          null,
          'batch',
          `Batch ${batch.batchId} is not the one known from elsewhere: the book was rewritten.`,
        )
      entries = batch.lastSeq
      previousHash = batch.hash
      batches++
      if (batches % 256 === 0) await setImmediate()
    }
    for (const head of knownHeads)
      if (head.batchId > batches)
        fail(
          head.batchId,
          null,
          'batch',
          `Batch ${head.batchId} is known from elsewhere but missing: the end of the book was cut off.`,
        )
    await checkIndexes(ledger, signal)
    return { ok: true, entries, batches, head: readHead(ledger) }
  } catch (error) {
    if (error instanceof Found)
      return { ok: false, entries, batches, fault: error.fault, isOfKeys: error.isOfKeys }
    if (error instanceof Error && 'code' in error && DAMAGE.test(String(error.code))) {
      const sentence = `The file of the ledger is damaged near entry ${entries + 1} (${error.message}). ${WHAT_NEXT}`
      return {
        ok: false,
        entries,
        batches,
        fault: { batchId: batches + 1, seq: entries + 1, table: null, sentence },
        isOfKeys: false,
      }
    }
    throw error
  }
}
