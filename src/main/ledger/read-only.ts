/**
 * Reading a book without writing into its folder.
 *
 * A ledger in use has a write-ahead log, and SQLite must be able to write beside it even to read it; this program's
 * SQLite is built without the addresses ("immutable") by which that could be forgone, and refuses a log where a file
 * is handed over open. So where the folder cannot be written the ledger is copied into a temporary folder and read
 * there. A backup has no log and is read where it lies.
 */
import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  existsSync,
  openSync,
  readSync,
  rmSync,
  statSync,
} from 'node:fs'
import { copyFile, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { closeLedger, LEDGER_FILE, openLedgerForReading, openLedgerForWriting } from './open.ts'
import { asRefusal, isDiskFull, LedgerRefusal, machineCode } from './refusal.ts'

const LOG_ENDS = ['-wal', '-shm'] as const

/** Why the book cannot be written, as a part of a sentence; null where it can. */
export const whyNotWritable = (directory: string): string | null => {
  const file = join(directory, LEDGER_FILE)
  for (const path of [directory, file, ...LOG_ENDS.map((end) => `${file}${end}`)]) {
    if (!existsSync(path)) continue
    try {
      accessSync(path, constants.W_OK)
    } catch (error) {
      return machineCode(error) === 'EROFS'
        ? `${directory} is on a disk that can only be read`
        : `${path} may not be written by you`
    }
  }
  return null
}

export const canWriteFolder = (directory: string): boolean => {
  try {
    accessSync(directory, constants.W_OK)
    return true
  } catch {
    return false
  }
}

/** Byte 18 of a database's file: 1 where it is written with a rollback journal, 2 where it has a write-ahead log. */
const hasLog = (file: string): boolean => {
  const descriptor = openSync(file, 'r')
  try {
    const byte = Buffer.alloc(1)
    readSync(descriptor, byte, 0, 1, 18)
    return byte[0] !== 1
  } finally {
    closeSync(descriptor)
  }
}

/**
 * Notes that a ledger is about to be read in its folder; what is returned removes the empty log that a connection
 * that only reads leaves there. Called once the ledger is closed.
 */
export const readingTraces = (directory: string): (() => void) => {
  const made = LOG_ENDS.map((end) => join(directory, `${LEDGER_FILE}${end}`)).filter(
    (path) => !existsSync(path),
  )
  return () => {
    if (canWriteFolder(directory)) for (const path of made) rmSync(path, { force: true })
  }
}

export interface ReadingPlace {
  /** The folder whose ledger is to be opened for reading: the book's own, or the temporary one. */
  readonly directory: string
  /** Removes what reading left in the book's folder. Called once the ledger is closed. */
  readonly leave: () => void
}

/** Whether it can be opened where it lies, and is of this program's version. */
const canBeReadInPlace = (directory: string): boolean => {
  if (!canWriteFolder(directory) && hasLog(join(directory, LEDGER_FILE))) return false
  try {
    closeLedger(openLedgerForReading(directory))
    return true
  } catch (error) {
    if (
      error instanceof LedgerRefusal &&
      [
        'book_is_from_an_older_program',
        'book_cannot_be_opened',
        'book_cannot_be_written',
        'disk_is_full',
      ].includes(error.code)
    )
      return false
    throw error
  }
}

/**
 * Finds where the ledger can be read; copies it into the empty folder `temporary` if that is the only way, and brings
 * the copy to this program's version. No process may be writing the book.
 * @throws LedgerRefusal where there is no book, it is newer or damaged, or the temporary folder's disk is too small.
 */
export const placeForReading = async (
  directory: string,
  temporary: string,
  program: string,
): Promise<ReadingPlace> => {
  const file = join(directory, LEDGER_FILE)
  if (!existsSync(file))
    throw new LedgerRefusal(
      'book_does_not_exist',
      `There is no book in ${directory}. Name the folder of a book.`,
    )
  const leave = readingTraces(directory)
  try {
    if (canBeReadInPlace(directory)) return { directory, leave }
    leave()
    await copyFiles(directory, temporary)
    closeLedger(openLedgerForWriting(temporary, { program }))
    return { directory: temporary, leave: () => {} }
  } catch (error) {
    leave()
    // The copy's own troubles are told under the book's name, which is the one people know.
    throw error instanceof LedgerRefusal
      ? new LedgerRefusal(error.code, error.message.replaceAll(temporary, directory), { cause: error })
      : asRefusal(error, file)
  }
}

const copyFiles = async (directory: string, temporary: string): Promise<void> => {
  const parts = ['', '-wal', '-journal'].filter((end) => existsSync(join(directory, `${LEDGER_FILE}${end}`)))
  const sizes = () => parts.map((end) => statSync(join(directory, `${LEDGER_FILE}${end}`)))
  const before = sizes()
  const bytes = before.reduce((sum, { size }) => sum + size, 0)
  const tooSmall = () =>
    new LedgerRefusal(
      'disk_is_full',
      `The book in ${directory} can only be read from a copy, because its folder cannot be written, and there is no room for the ${bytes.toLocaleString('en')} bytes of one in ${temporary}. Free some space there, or name another temporary folder in TMPDIR.`,
    )
  const { bavail, bsize } = await statfs(temporary)
  if (bavail * bsize < bytes) throw tooSmall()
  try {
    for (const end of parts) {
      const copy = join(temporary, `${LEDGER_FILE}${end}`)
      await copyFile(join(directory, `${LEDGER_FILE}${end}`), copy, constants.COPYFILE_FICLONE)
      // It has the rights of the file it was copied from, and is ours to write.
      chmodSync(copy, 0o600)
    }
  } catch (error) {
    if (isDiskFull(error)) throw tooSmall()
    if (machineCode(error) === 'EACCES')
      throw new LedgerRefusal(
        'book_cannot_be_opened',
        `${join(directory, LEDGER_FILE)} may not be read by you. Ask whoever owns it, or for a backup of it.`,
        { cause: error },
      )
    throw error
  }
  const after = sizes()
  if (before.some(({ size, mtimeMs }, i) => after[i]?.size !== size || after[i]?.mtimeMs !== mtimeMs))
    throw new LedgerRefusal(
      'book_is_busy',
      `The book in ${directory} was written while it was copied for reading. Nothing was changed; try again.`,
    )
}
