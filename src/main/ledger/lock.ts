/**
 * One process holds a book. `book.lock` names it, and the loopback address and token by which others reach it,
 * so it is readable by its owner only.
 */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { asRefusal, isDiskFull, LedgerRefusal } from './refusal.ts'

const LOCK_FILE = 'book.lock'

export interface LockDescription {
  readonly pid: number
  /** When the process started, as the system counts it; tells a later process with the same pid. Null where unknown. */
  readonly started: string | null
  /** Where the holder can be reached, once it listens. */
  readonly address: string | null
  readonly token: string | null
}

export interface Lock {
  updateLock(address: string, token: string): void
  release(): void
}

/** Locks held by this very process, by path: its own pid in a file does not tell them from a dead one's. */
const held = new Set<string>()

const startOf = (pid: number): string | null => {
  try {
    // The 22nd field; the second may hold spaces and ends with the last parenthesis (proc_pid_stat(5)).
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null
  } catch {
    return null
  }
}

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // A process of another user may not be signalled, but it is there.
    return codeOf(error) === 'EPERM'
  }
}

/** A process, told from a later one with the same pid. */
export type ProcessName = Pick<LockDescription, 'pid' | 'started'>

export const thisProcess = (): ProcessName => ({ pid: process.pid, started: startOf(process.pid) })

/** Whether the process is still there; where the system does not say when it started, whether one with its pid is. */
export const isStillRunning = ({ pid, started }: ProcessName): boolean => {
  if (!isRunning(pid)) return false
  const now = startOf(pid)
  return now === null || started === null || now === started
}

const isAlive = (lock: LockDescription, path: string): boolean =>
  lock.pid === process.pid ? held.has(path) : isStillRunning(lock)

const read = (path: string): LockDescription | null => {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null
    if (codeOf(error) === 'EACCES')
      throw new LedgerRefusal(
        'book_is_held_by_another_process',
        `Another user may have the book open: ${path} is there and may not be read by you. Ask whoever owns it to close the book, or for a backup of it.`,
      )
    throw error
  }
  try {
    const { pid, started, address, token } = JSON.parse(text) as LockDescription
    return { pid, started, address, token }
  } catch {
    // Cut off by a crash: nobody's.
    return { pid: 0, started: null, address: null, token: null }
  }
}

/** Who holds the book; null where nobody does, or whoever did is gone. */
export const describeLock = (directory: string): LockDescription | null => {
  const path = resolve(directory, LOCK_FILE)
  const lock = read(path)
  return lock !== null && lock.pid > 0 && isAlive(lock, path) ? lock : null
}

/**
 * Takes the book for the process; a lock left by a dead process is taken over.
 * @throws LedgerRefusal `book_is_held_by_another_process`, naming it.
 */
export const acquireLock = (directory: string, { pid }: { readonly pid: number }): Lock => {
  const path = resolve(directory, LOCK_FILE)
  const own = { pid, started: startOf(pid), address: null, token: null } satisfies LockDescription
  const content = (lock: LockDescription) => `${JSON.stringify(lock)}\n`

  const holder = describeLock(directory)
  if (holder !== null)
    throw new LedgerRefusal(
      'book_is_held_by_another_process',
      `The book in ${directory} is open in process ${holder.pid}${holder.address === null ? '' : ` at ${holder.address}`}. ` +
        'Close it there, or go through that process.',
    )
  const taken = (by: number): LedgerRefusal =>
    new LedgerRefusal(
      'book_is_held_by_another_process',
      `The book in ${directory} was opened by process ${by} this very moment. Close it there, or go through that process.`,
    )
  if (read(path) !== null) {
    // Renamed before it is removed: of two processes that found it dead, the later one may have hold of the
    // earlier one's new lock, and gives it back.
    const dead = `${path}.${pid}`
    try {
      renameSync(path, dead)
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error
    }
    const found = read(dead)
    if (found !== null && found.pid > 0 && isAlive(found, path)) {
      renameSync(dead, path)
      throw taken(found.pid)
    }
    rmSync(dead, { force: true })
  }
  try {
    writeFileSync(path, content(own), { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw taken(read(path)?.pid ?? 0)
    // Made, and then without room for a word in it.
    if (isDiskFull(error)) rmSync(path, { force: true })
    throw isDiskFull(error)
      ? new LedgerRefusal(
          'disk_is_full',
          `The disk of ${directory} is full, so the book cannot be opened for writing. Free some space and open it again.`,
          { cause: error },
        )
      : asRefusal(error, path)
  }
  held.add(path)

  return {
    updateLock: (address, token) => {
      const next = `${path}.${pid}`
      writeFileSync(next, content({ ...own, address, token }), { mode: 0o600 })
      renameSync(next, path)
    },
    release: () => {
      if (held.delete(path)) rmSync(path, { force: true })
    },
  }
}
