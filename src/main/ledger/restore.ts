/** A backup made a book again: verified first, and never over another book. */
import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type CopyOptions, copyLedger } from './copy.ts'
import { closeLedger, LEDGER_FILE, type Ledger, openLedgerForWriting, openLedgerOfAnyAge } from './open.ts'
import { type Batch, type Head, listBatches, readBatch, readHead } from './read.ts'
import { asRefusal, isDiskFull, isNotWritable, LedgerRefusal } from './refusal.ts'
import { verifyLedger } from './verify.ts'

/** Where a copy becomes a book, inside the new folder; what a cut off restore left there is thrown away. */
const WORKSHOP = 'restoring'

export interface Restored {
  readonly directory: string
  readonly head: Head
  readonly bytes: number
  /** With the book of today; null where there is none to compare with, or it cannot be read. */
  readonly comparison: Comparison | null
}

const NO_BATCH: Head = { batchId: 0, hash: '', recordedMs: 0, entries: 0 }

/** Copies what lies in `from` into `file`, however it can be read: its folder may be one that cannot be written. */
const fetchLedger = async (from: string, file: string, options: CopyOptions): Promise<void> => {
  try {
    const ledger = openLedgerOfAnyAge(from)
    try {
      await copyLedger(ledger, file, options)
    } finally {
      closeLedger(ledger)
    }
  } catch (error) {
    if (
      !(error instanceof LedgerRefusal) ||
      !['book_cannot_be_opened', 'book_cannot_be_written'].includes(error.code)
    )
      throw error
    rmSync(file, { force: true })
    for (const end of ['', '-wal']) {
      const part = join(from, `${LEDGER_FILE}${end}`)
      if (existsSync(part)) copyFileSync(part, `${file}${end}`)
    }
  }
}

/**
 * Makes the backup in `from` a book in the folder `to`: copies it, brings it to this program's version, verifies
 * the whole chain, and only then gives it a ledger's name. `from` is left as it is.
 * @throws LedgerRefusal where `to` holds a book, `from` holds none or does not verify, or the disk fails.
 */
export const restoreBook = async (
  from: string,
  to: string,
  {
    program,
    current = null,
    onProgress,
    signal,
  }: CopyOptions & {
    readonly program: string
    /** The book of today, to say what the restored one has not. */
    readonly current?: Ledger | null
  },
): Promise<Restored> => {
  if (!existsSync(join(from, LEDGER_FILE)))
    throw new LedgerRefusal(
      'book_does_not_exist',
      `There is no backup in ${from}. Nothing was restored; name the folder that holds its ${LEDGER_FILE}.`,
    )
  const file = join(to, LEDGER_FILE)
  if (existsSync(file))
    throw new LedgerRefusal(
      'book_exists_already',
      `There is a book in ${to} already, and restoring never overwrites one. Nothing was restored; name an empty folder.`,
    )
  const workshop = join(to, WORKSHOP)
  let made: string | undefined
  try {
    made = mkdirSync(to, { recursive: true })
    rmSync(workshop, { recursive: true, force: true })
    mkdirSync(workshop)
    const copy = join(workshop, LEDGER_FILE)
    await fetchLedger(from, copy, signal === undefined ? {} : { signal })
    const ledger = openLedgerForWriting(workshop, { program })
    let head: Head
    let comparison: Comparison | null
    try {
      await proveWhole(ledger, from, { ...(onProgress && { onProgress }), ...(signal && { signal }) })
      head = readHead(ledger) ?? NO_BATCH
      comparison = current === null ? null : compareWithBackup(current, ledger)
    } finally {
      closeLedger(ledger)
    }
    const { size } = statSync(copy)
    renameSync(copy, file)
    rmSync(workshop, { recursive: true, force: true })
    return { directory: to, head, bytes: size, comparison }
  } catch (error) {
    rmSync(made ?? workshop, { recursive: true, force: true })
    throw signal?.aborted === true ? error : reasonOf(error, from, to)
  }
}

const proveWhole = async (ledger: Ledger, from: string, options: CopyOptions): Promise<void> => {
  const [found] = ledger.database.prepare('PRAGMA quick_check(1)').pluck().all() as string[]
  if (found !== 'ok') throw damaged(from, `its file is damaged (${String(found).replace(/\s+/g, ' ')}).`)
  const verification = await verifyLedger(ledger, options)
  if (!verification.ok) throw damaged(from, verification.fault.sentence)
}

const damaged = (from: string, why: string): LedgerRefusal =>
  new LedgerRefusal(
    'backup_is_damaged',
    `The backup in ${from} does not verify: ${why} Nothing was restored; choose another backup.`,
  )

const reasonOf = (error: unknown, from: string, to: string): unknown => {
  if (isDiskFull(error))
    return new LedgerRefusal(
      'disk_is_full',
      `The disk of ${to} is full. Nothing was restored, and the backup is as it was; free some space or name a folder on another disk.`,
      { cause: error },
    )
  const refusal = asRefusal(error, join(from, LEDGER_FILE))
  if (refusal instanceof LedgerRefusal && refusal.code === 'book_is_damaged')
    return damaged(from, refusal.message)
  if (isNotWritable(error))
    return new LedgerRefusal(
      'book_cannot_be_written',
      `The folder ${to} cannot be written. Nothing was restored; name a folder that may be written.`,
      { cause: error },
    )
  return refusal
}

/** What a backup and the book of today have to do with each other. */
export type Comparison =
  | { readonly kind: 'same' }
  /** The book went on: these batches, newest first and at most 20, are not in the backup. */
  | {
      readonly kind: 'older'
      readonly batches: number
      readonly entries: number
      readonly newest: readonly Batch[]
    }
  /** The backup has batches that the book has not any more. */
  | { readonly kind: 'newer'; readonly batches: number }
  | { readonly kind: 'another_book' }

const NEWEST = 20

/** Compares the heads: what would be missing if the backup took the book's place. Null where the book is damaged. */
const compareWithBackup = (current: Ledger, backup: Ledger): Comparison | null => {
  try {
    return compareHeads(current, backup)
  } catch (error) {
    if (asRefusal(error, current.file) instanceof LedgerRefusal) return null
    throw error
  }
}

const compareHeads = (current: Ledger, backup: Ledger): Comparison => {
  const now = readHead(current) ?? NO_BATCH
  const then = readHead(backup) ?? NO_BATCH
  if (then.hash === now.hash) return { kind: 'same' }
  const hashIn = (ledger: Ledger, batchId: number) => (batchId === 0 ? '' : readBatch(ledger, batchId)?.hash)
  if (then.batchId < now.batchId && hashIn(current, then.batchId) === then.hash)
    return {
      kind: 'older',
      batches: now.batchId - then.batchId,
      entries: now.entries - then.entries,
      newest: listBatches(current, { limit: NEWEST }).filter(({ batchId }) => batchId > then.batchId),
    }
  if (now.batchId < then.batchId && hashIn(backup, now.batchId) === now.hash)
    return { kind: 'newer', batches: then.batchId - now.batchId }
  return { kind: 'another_book' }
}
