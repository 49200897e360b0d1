/**
 * Temporary folders, for what has to be written while a book is open for reading only. Each is named after its process,
 * so that what one that was killed could not remove is removed by the next.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isStillRunning, thisProcess } from '../ledger/lock.ts'

const PREFIX = 'countinghouse-reading-'
/** The pid, and when the process started where the system says so. */
const NAME = new RegExp(`^${PREFIX}([1-9]\\d*)-(\\d*)-`)

export const makeReadingFolder = (): string => {
  const { pid, started } = thisProcess()
  return mkdtempSync(join(tmpdir(), `${PREFIX}${pid}-${started ?? ''}-`))
}

const isLeftBehind = (name: string): boolean => {
  const [, pid, started] = NAME.exec(name) ?? []
  return pid !== undefined && !isStillRunning({ pid: Number(pid), started: started || null })
}

/** Removes the folders of processes that are gone. What may not be removed, such as another user's, stays. */
export const clearReadingFolders = (): void => {
  try {
    for (const name of readdirSync(tmpdir()).filter(isLeftBehind))
      rmSync(join(tmpdir(), name), { recursive: true, force: true })
  } catch {
    // Opening a book does not depend on it.
  }
}
