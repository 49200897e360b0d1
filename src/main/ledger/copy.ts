/** A ledger copied into another file while it may be written, and looked over before it is called whole. */
import { rmSync, statSync } from 'node:fs'
import Database from 'better-sqlite3'
import type { Ledger } from './open.ts'
import { type Head, readBatch } from './read.ts'
import { LedgerRefusal, machineCode } from './refusal.ts'

export interface CopyOptions {
  /** Hears pages copied and pages in all. */
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void
  readonly signal?: AbortSignal
}

export interface Copied {
  readonly bytes: number
  readonly head: Head
  /** What is damaged in the book's own file, where it was nothing that holds entries: the copy was written anew without it. */
  readonly leftOut: string | null
}

/** Pages copied between two turns of other work. */
const PAGES_PER_TURN = 1024

const NO_BATCH: Head = { batchId: 0, hash: '', recordedMs: 0, entries: 0 }

/**
 * Copies the ledger into `file`, which must not exist. Batches committed meanwhile may or may not be in the copy,
 * never half of one.
 * @throws the signal's reason when aborted; what is left of `file` is the caller's to remove.
 */
export const copyLedger = async (
  ledger: Ledger,
  file: string,
  { onProgress, signal }: CopyOptions = {},
): Promise<void> => {
  await ledger.database.backup(file, {
    progress: ({ totalPages, remainingPages }) => {
      signal?.throwIfAborted()
      onProgress?.({ done: totalPages - remainingPages, total: totalPages })
      return PAGES_PER_TURN
    },
  })
}

const headOf = (database: Database.Database): Head =>
  (database
    .prepare(
      `SELECT batch_id AS batchId, hash, recorded_ms AS recordedMs, last_seq AS entries
       FROM batch ORDER BY batch_id DESC LIMIT 1`,
    )
    .get() as Head | undefined) ?? NO_BATCH

/**
 * Opens the copy and compares it with the ledger it was made from: its structure, its last batch, that batch's hash
 * and the number of entries. The copy is left as one file without a write-ahead log, so that it can be read where
 * nothing can be written.
 * @throws LedgerRefusal `book_is_damaged` where it is no whole copy.
 */
export const checkCopy = (ledger: Ledger, file: string, before: Head | null): Copied => {
  const fault = structureFault(file)
  if (fault !== null) writeAnew(ledger, file, fault)
  const database = new Database(file, { fileMustExist: true })
  try {
    database.pragma('journal_mode = DELETE')
    const head = headOf(database)
    const known = head.batchId === 0 ? NO_BATCH : readBatch(ledger, head.batchId)
    const fits =
      head.batchId >= (before?.batchId ?? 0) &&
      known?.hash === head.hash &&
      ('lastSeq' in known ? known.lastSeq : 0) === head.entries
    if (!fits)
      throw damaged(
        ledger,
        `the copy ends with batch ${head.batchId} and ${head.entries} entries, the book does not`,
      )
    return { bytes: statSync(file).size, head, leftOut: fault }
  } finally {
    database.close()
  }
}

const structureFault = (file: string): string | null => {
  const database = new Database(file, { fileMustExist: true })
  try {
    const [found] = database.prepare('PRAGMA quick_check(1)').pluck().all() as string[]
    return found === 'ok' ? null : (found ?? 'no answer').replace('*** in database main ***', '').trim()
  } finally {
    database.close()
  }
}

/**
 * What is damaged may be a free page or an index: nothing that holds an entry. Then the tables alone make a whole
 * copy; else they cannot be read to their end.
 */
const writeAnew = (ledger: Ledger, file: string, fault: string): void => {
  rmSync(file)
  try {
    ledger.database.prepare('VACUUM INTO ?').run(file)
  } catch (error) {
    if (machineCode(error).startsWith('SQLITE_CORRUPT')) throw damaged(ledger, fault)
    throw error
  }
  const still = structureFault(file)
  if (still !== null) throw damaged(ledger, still)
}

const damaged = (ledger: Ledger, why: string): LedgerRefusal =>
  new LedgerRefusal(
    'book_is_damaged',
    `${ledger.file} is damaged (${why.replace(/\s+/g, ' ')}), so no backup was made of it. ` +
      'Earlier backups are untouched. Keep a copy of the whole folder, run "verify" to see which entry is the first that does not fit, and restore the latest backup that verifies.',
  )
