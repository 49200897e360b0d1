/** Files that appear whole and stay, or not at all. */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

const PENDING = '.pending'

/** Whether a file is what was left of a write that did not end. */
export const isPending = (name: string): boolean => name.endsWith(PENDING)

const syncFolder = (folder: string): void => {
  const handle = openSync(folder, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

/**
 * Writes under a hidden name, which no reader of the folder takes up, and renames once every byte is on the disk.
 * @throws the system's error; whether the file was replaced is then known by reading it alone
 */
export const writeWhole = (path: string, content: string | Uint8Array, mode = 0o640): void => {
  const folder = dirname(path)
  const pending = join(folder, `.${basename(path)}${PENDING}`)
  const bytes = typeof content === 'string' ? Buffer.from(content) : content
  try {
    const handle = openSync(pending, 'w', mode)
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(handle, bytes, at)
      fsyncSync(handle)
    } finally {
      closeSync(handle)
    }
  } catch (error) {
    rmSync(pending, { force: true })
    throw error
  }
  renameSync(pending, path)
  syncFolder(folder)
}

/** Whether nothing was written because there was no room. */
export const isFull = (error: unknown): boolean =>
  /^(ENOSPC|EDQUOT)$/.test((error as NodeJS.ErrnoException).code ?? '')
