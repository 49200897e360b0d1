/** Which folder a command means. */
import { existsSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Io } from './io.ts'

type Surroundings = Pick<Io, 'environment' | 'homeDirectory' | 'workingDirectory' | 'platform'>

/** `--book`, else COUNTINGHOUSE_BOOK, else the folder the desktop begins with. Absolute. */
export const bookFolder = (given: string | undefined, io: Surroundings): string => {
  const named = given ?? io.environment.COUNTINGHOUSE_BOOK
  return named === undefined || named === ''
    ? join(io.homeDirectory, 'Documents', 'Countinghouse')
    : resolve(io.workingDirectory, named)
}

/** Where programs keep data of their own on this system, as Electron has it for the desktop's demo. */
const applicationData = ({ environment, homeDirectory, platform }: Surroundings): string => {
  if (platform === 'darwin') return join(homeDirectory, 'Library', 'Application Support')
  if (platform === 'win32') return environment.APPDATA ?? join(homeDirectory, 'AppData', 'Roaming')
  return environment.XDG_CONFIG_HOME || join(homeDirectory, '.config')
}

/**
 * `--book`, else the demo's own folder, which the desktop's demo uses too. COUNTINGHOUSE_BOOK names a real book
 * and does not count.
 */
export const demoFolder = (given: string | undefined, io: Surroundings): string =>
  given === undefined || given === ''
    ? join(applicationData(io), 'Countinghouse-demo', 'book')
    : resolve(io.workingDirectory, given)

export const holdsBook = (directory: string): boolean => existsSync(join(directory, 'ledger.sqlite'))

/** Whether the folder is not there or holds nothing. */
export const isEmptyFolder = (directory: string): boolean =>
  !existsSync(directory) || readdirSync(directory).length === 0
