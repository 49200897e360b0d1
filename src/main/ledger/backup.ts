/** Copies of a book, made while it is in use, looked over, and listed. */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Copied, type CopyOptions, checkCopy, copyLedger } from './copy.ts'
import { closeLedger, LEDGER_FILE, openLedgerForReading, openLedgerOfAnyAge } from './open.ts'
import { type Head, readHead } from './read.ts'
import { readingTraces } from './read-only.ts'
import { asRefusal, isDiskFull, isNotWritable, LedgerRefusal } from './refusal.ts'

export const BACKUPS_FOLDER = 'backups'
/** Only a whole copy gets a ledger's name. */
const UNFINISHED = `${LEDGER_FILE}.unfinished`

export interface BackupSummary extends Copied {
  readonly directory: string
}

/** The folder of a backup made at this instant; {@link listBackups} reads the instant from it again. */
export const backupName = (nowMs: number): string => new Date(nowMs).toISOString().replace(/[:.]/g, '-')

const instantOf = (name: string): number | null => {
  const parts = /^(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d)-(\d{3})Z$/.exec(name)
  if (parts === null) return null
  const [, day, hours, minutes, seconds, thousandths] = parts
  const ms = Date.parse(`${day}T${hours}:${minutes}:${seconds}.${thousandths}Z`)
  return Number.isNaN(ms) ? null : ms
}

const reasonOf = (error: unknown, target: string): unknown => {
  if (error instanceof LedgerRefusal) return error
  const sentence = (why: string, next: string) =>
    `The backup was not made: ${why}. Nothing of it was kept, and the book is as it was. ${next}`
  if (isDiskFull(error))
    return new LedgerRefusal(
      'disk_is_full',
      sentence(`the disk of ${target} is full`, 'Free some space or name a folder on another disk.'),
      { cause: error },
    )
  if (isNotWritable(error))
    return new LedgerRefusal(
      'backup_cannot_be_written',
      sentence(`the folder ${target} cannot be written`, 'Name a folder that may be written.'),
      { cause: error },
    )
  return asRefusal(error, join(target, LEDGER_FILE))
}

/**
 * Copies the ledger of the book into the folder `target`, which becomes a book of its own; what is derived is
 * built again when it is opened. The copy is opened and compared with the book before it counts. Batches committed
 * while it runs may or may not be in the copy, never half. What fails leaves nothing behind.
 * @throws LedgerRefusal where `target` holds a book already, cannot be written or is full, or the book is damaged.
 */
export const backupBook = async (
  directory: string,
  target: string,
  options: CopyOptions = {},
): Promise<BackupSummary> => {
  const file = join(target, LEDGER_FILE)
  if (existsSync(file))
    throw new LedgerRefusal(
      'book_exists_already',
      `There is a book in ${target} already. Choose an empty folder.`,
    )
  const ledger = openLedgerForReading(directory)
  const unfinished = join(target, UNFINISHED)
  let made: string | undefined
  try {
    made = mkdirSync(target, { recursive: true })
    rmSync(unfinished, { force: true })
    const before = readHead(ledger)
    await copyLedger(ledger, unfinished, options)
    const copied = checkCopy(ledger, unfinished, before)
    renameSync(unfinished, file)
    return { directory: target, ...copied }
  } catch (error) {
    removeTraces(target, made)
    throw options.signal?.aborted === true ? error : reasonOf(error, target)
  } finally {
    closeLedger(ledger)
  }
}

/** What a failed copy left, and the folders that were made for it. */
const removeTraces = (target: string, made: string | undefined): void => {
  try {
    for (const end of ['', '-journal', '-wal', '-shm'])
      rmSync(join(target, `${UNFINISHED}${end}`), { force: true })
    if (made !== undefined) rmSync(made, { recursive: true, force: true })
  } catch {
    // The folder cannot be written, so nothing of ours is in it.
  }
}

export interface ListedBackup {
  /** Its folder within the book's backups. */
  readonly name: string
  readonly directory: string
  readonly madeMs: number
  readonly bytes: number
  /** Null where it holds no batch, or cannot be read. */
  readonly head: Head | null
  /** Why it cannot be restored; null where nothing speaks against it. */
  readonly problem: string | null
}

/** Backups in the book's own folder, newest first. They are only looked at: restoring verifies. */
export const listBackups = (directory: string): readonly ListedBackup[] => {
  const folder = join(directory, BACKUPS_FOLDER)
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, LEDGER_FILE)))
    .map((name) => look(name, join(folder, name)))
    .sort((a, b) => b.madeMs - a.madeMs || (a.name < b.name ? 1 : -1))
}

const look = (name: string, directory: string): ListedBackup => {
  const { size, mtimeMs } = statSync(join(directory, LEDGER_FILE))
  const base = { name, directory, madeMs: instantOf(name) ?? Math.trunc(mtimeMs), bytes: size }
  const leave = readingTraces(directory)
  try {
    const ledger = openLedgerOfAnyAge(directory)
    try {
      return { ...base, head: readHead(ledger), problem: null }
    } finally {
      closeLedger(ledger)
      // A copy made by an earlier version of the program has a log.
      leave()
    }
  } catch (error) {
    const refusal = asRefusal(error, join(directory, LEDGER_FILE))
    if (refusal instanceof LedgerRefusal) return { ...base, head: null, problem: refusal.message }
    throw error
  }
}

/** Removes copies that were cut off, in the book's own folder. The caller holds the book. */
export const clearUnfinishedBackups = (directory: string): void => {
  const folder = join(directory, BACKUPS_FOLDER)
  if (!existsSync(folder)) return
  for (const name of readdirSync(folder)) {
    const inside = join(folder, name)
    if (!existsSync(join(inside, UNFINISHED))) continue
    removeTraces(inside, undefined)
    if (readdirSync(inside).length === 0) rmSync(inside, { recursive: true, force: true })
  }
}
