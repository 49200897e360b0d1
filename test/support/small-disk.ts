/** A disk that can be filled: a few megabytes of memory, mounted where this process may mount. */
import { spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface SmallDisk {
  readonly directory: string
  /** Fills it until so many bytes are free. */
  readonly fill: (freeBytes?: number) => void
  /** Gives the room back. */
  readonly empty: () => void
  readonly remove: () => void
}

const BLOCK = Buffer.alloc(4096, 1)

const freeBytes = (directory: string): number => {
  const { bavail, bsize } = statfsSync(directory)
  return bavail * bsize
}

/** Null where this process may not mount one. */
export const smallDisk = (megabytes: number): SmallDisk | null => {
  const directory = mkdtempSync(join(tmpdir(), 'countinghouse-disk-'))
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', directory])
  if (mounted.status !== 0) {
    rmSync(directory, { recursive: true })
    return null
  }
  const filler = join(directory, 'filler')
  return {
    directory,
    fill: (wanted = 0) => {
      const file = openSync(filler, 'a')
      try {
        while (freeBytes(directory) > wanted) writeSync(file, BLOCK)
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
      } finally {
        closeSync(file)
      }
    },
    empty: () => rmSync(filler, { force: true }),
    remove: () => {
      spawnSync('umount', ['-l', directory])
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** Said once where tests of a full disk cannot run: they are not skipped silently. */
export const canMount = ((): boolean => {
  const disk = smallDisk(1)
  disk?.remove()
  if (disk === null)
    console.warn(
      'Tests that fill a disk are left out: this process may not mount one. Run them as root on Linux.',
    )
  return disk !== null
})()
