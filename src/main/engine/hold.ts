/** Holding a book's folder: with its lock to write, or for reading only where it may not or shall not be written. */
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { BACKUPS_FOLDER } from '../ledger/backup.ts'
import { acquireLock, describeLock, type Lock } from '../ledger/lock.ts'
import { LEDGER_FILE } from '../ledger/open.ts'
import { canWriteFolder, placeForReading, type ReadingPlace, whyNotWritable } from '../ledger/read-only.ts'
import { asRefusal, isNotWritable, LedgerRefusal } from '../ledger/refusal.ts'
import { PROGRAM } from './program.ts'
import { ASKED, diskFull, notWritable, type ReadOnly } from './read-only.ts'
import { clearReadingFolders, makeReadingFolder } from './reading-folder.ts'
import type { ReadingFolders, Session } from './session.ts'

export interface Hold {
  /** Why the book is open for reading only; null where it can be written. */
  readonly readOnly: () => ReadOnly | null
  /** Opens the book; once more for reading only where its disk turns out to be full. */
  readonly open: (open: (reading: ReadingFolders | null) => Promise<Session>) => Promise<Session>
  readonly publish: (address: string, localToken: string) => void
  readonly release: () => Promise<void>
}

export const holdsLedger = (directory: string): boolean => existsSync(join(directory, LEDGER_FILE))

/** A ledger without a byte is that of a creation cut off at once, unless something shows that there was a book. */
const refuseEmptied = (directory: string): void => {
  const file = join(directory, LEDGER_FILE)
  if (!existsSync(file) || statSync(file).size > 0) return
  const backups = join(directory, BACKUPS_FOLDER)
  const hadBook =
    existsSync(join(directory, 'cube.duckdb')) || (existsSync(backups) && readdirSync(backups).length > 0)
  if (hadBook)
    throw new LedgerRefusal(
      'book_is_damaged',
      `${file} is empty, although there was a book in this folder. Nothing was changed; keep a copy of the folder, then restore the latest backup of the book ("restore" on the command line).`,
    )
}

const makeFolder = (directory: string): void => {
  try {
    mkdirSync(directory, { recursive: true })
  } catch (error) {
    if (!isNotWritable(error)) throw error
    throw new LedgerRefusal(
      'book_cannot_be_written',
      `There is no folder ${directory}, and you may not make it. Choose another folder for the book.`,
      { cause: error },
    )
  }
}

/** Why the folder is to be read only, before anything was tried. @throws LedgerRefusal where there is nothing to read. */
const reasonFor = (directory: string, asked: boolean): ReadOnly | null => {
  if (asked && !holdsLedger(directory))
    throw new LedgerRefusal(
      'book_does_not_exist',
      `There is no book in ${directory} to be opened for reading. Name the folder of a book.`,
    )
  if (asked) return ASKED
  const why = existsSync(directory) ? whyNotWritable(directory) : null
  if (why === null) return null
  if (!holdsLedger(directory))
    throw new LedgerRefusal(
      'book_cannot_be_written',
      `There is no book in ${directory}, and none can be made there: ${why}. Choose another folder.`,
    )
  return notWritable(why)
}

/**
 * Takes hold of the folder. Where it may be written the lock is taken, also for reading only: nobody else then writes
 * what is being read.
 * @throws LedgerRefusal where another process holds the book, or there is none and none can be made.
 */
export const holdFolder = (directory: string, asked: boolean): Hold => {
  let readOnly = reasonFor(directory, asked)
  if (readOnly === null) makeFolder(directory)
  refuseEmptied(directory)
  let lock: Lock | null = null
  if (canWriteFolder(directory))
    try {
      lock = acquireLock(directory, { pid: process.pid })
    } catch (error) {
      if (!isFull(error) || !holdsLedger(directory)) throw error
      readOnly ??= diskFull(directory)
    }
  else refuseHeld(directory)
  clearReadingFolders()
  let temporary: string | null = null
  let place: ReadingPlace | null = null
  const openForReading = async (open: (reading: ReadingFolders) => Promise<Session>) => {
    temporary = makeReadingFolder()
    place = await placeForReading(directory, temporary, `${PROGRAM.name} ${PROGRAM.version}`)
    return open({ ledger: place.directory, temporary })
  }
  return {
    readOnly: () => readOnly,
    open: async (open) => {
      if (readOnly !== null) return openForReading(open)
      try {
        return await open(null)
      } catch (error) {
        if (!isFull(error)) throw asRefusal(error, join(directory, LEDGER_FILE))
        readOnly = diskFull(directory)
        return openForReading(open)
      }
    },
    publish: (address, localToken) => lock?.updateLock(address, localToken),
    release: async () => {
      place?.leave()
      if (temporary !== null) rmSync(temporary, { recursive: true, force: true })
      lock?.release()
    },
  }
}

const isFull = (error: unknown): boolean => error instanceof LedgerRefusal && error.code === 'disk_is_full'

/** Where no lock can be taken, one that is there still says who writes. */
const refuseHeld = (directory: string): void => {
  const holder = describeLock(directory)
  if (holder === null) return
  throw new LedgerRefusal(
    'book_is_held_by_another_process',
    `The book in ${directory} is open in process ${holder.pid}${holder.address === null ? '' : ` at ${holder.address}`}. ` +
      'It cannot be read beside it; close it there, or go through that process.',
  )
}
