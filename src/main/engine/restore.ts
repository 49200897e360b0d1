/** Restoring a backup, and saying what the restored book has not that the book of today has. */
import { existsSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { BACKUPS_FOLDER } from '../ledger/backup.ts'
import type { CopyOptions } from '../ledger/copy.ts'
import { acquireLock } from '../ledger/lock.ts'
import { closeLedger, LEDGER_FILE, type Ledger, openLedgerOfAnyAge } from '../ledger/open.ts'
import { readingTraces } from '../ledger/read-only.ts'
import { LedgerRefusal } from '../ledger/refusal.ts'
import { type Comparison, type Restored, restoreBook } from '../ledger/restore.ts'
import type { JobResult } from './jobs.ts'
import { PROGRAM } from './program.ts'

export type RestoreResult = Extract<JobResult, { kind: 'restore' }>

const PROGRAM_TEXT = `${PROGRAM.name} ${PROGRAM.version}`

const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`

const comparisonText = (comparison: Comparison | null): string => {
  switch (comparison?.kind) {
    case undefined:
      return ''
    case 'same':
      return ' Nothing is missing: the book has the same last batch.'
    case 'newer':
      return ` It has ${counted(comparison.batches, 'batch', 'batches')} that the book has not any more.`
    case 'another_book':
      return ' It is not a backup of the book it was compared with: their chains differ.'
    case 'older': {
      const { batches, entries, newest } = comparison
      const named = newest.slice(0, 3).map(({ batchId, title }) => `${batchId} (${title})`)
      const rest = batches - named.length
      return ` Missing is what the book learnt since: ${counted(batches, 'batch', 'batches')} with ${counted(entries, 'entry', 'entries')}, ${named.join(', ')}${rest > 0 ? ` and ${rest.toLocaleString('en')} before` : ''}. Keep the book's folder until you have that again.`
    }
  }
}

const resultOf = ({ comparison, ...restored }: Restored, from: string): RestoreResult => ({
  kind: 'restore',
  directory: restored.directory,
  batchId: restored.head.batchId,
  entries: restored.head.entries,
  head: restored.head.hash,
  missingBatches: comparison?.kind === 'older' ? comparison.batches : comparison?.kind === 'same' ? 0 : null,
  sentence: `The backup in ${from} was verified and restored to ${restored.directory}: ${counted(restored.head.entries, 'entry', 'entries')} up to batch ${restored.head.batchId}, head ${restored.head.hash.slice(0, 12)}.${comparisonText(comparison)}`,
})

/**
 * Restores `from` into `to` and compares it with the open book, if there is one.
 * @throws LedgerRefusal as `restoreBook` does
 */
export const restoreBackup = async (
  { from, to, current }: { readonly from: string; readonly to: string; readonly current: Ledger | null },
  options: CopyOptions,
): Promise<RestoreResult> => {
  return resultOf(await restoreBook(from, to, { ...options, current, program: PROGRAM_TEXT }), from)
}

/** The book that a backup lies in, by its place in it: `BOOK/backups/NAME`. */
export const bookOfBackup = (from: string): string | null => {
  const folder = dirname(resolve(from))
  const book = dirname(folder)
  return basename(folder) === BACKUPS_FOLDER && existsSync(join(book, LEDGER_FILE)) ? book : null
}

/** {@link restoreBackup} without an engine, for a book that nobody holds; it may be one that cannot be opened any more. */
export const restoreWithoutEngine = async (
  { from, to, book }: { readonly from: string; readonly to: string; readonly book: string | null },
  options: CopyOptions,
): Promise<RestoreResult> => {
  if (existsSync(join(to, LEDGER_FILE))) return restoreBackup({ from, to, current: null }, options)
  const lock = existsSync(to) ? acquireLock(to, { pid: process.pid }) : null
  try {
    const leave = book === null ? null : readingTraces(book)
    const current = openCurrent(book)
    try {
      return await restoreBackup({ from, to, current }, options)
    } finally {
      if (current !== null) closeLedger(current)
      leave?.()
    }
  } finally {
    lock?.release()
  }
}

const openCurrent = (book: string | null): Ledger | null => {
  if (book === null) return null
  try {
    return openLedgerOfAnyAge(book)
  } catch (error) {
    if (error instanceof LedgerRefusal) return null
    throw error
  }
}
