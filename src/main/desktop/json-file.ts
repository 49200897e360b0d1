/** Small settings of the desktop, each a JSON file in the user's data folder. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** What the file holds; undefined when it is missing or is no JSON, as after a crash while it was written. */
export function readJsonFile(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

/** Writes beside the file and renames, so that a crash leaves the old file or the new one. @throws as node:fs does */
export function writeJsonFile(file: string, value: unknown): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(`${file}.new`, JSON.stringify(value), { mode: 0o600 })
  renameSync(`${file}.new`, file)
}

/** As `writeJsonFile`, for what is only a convenience: a full disk is told to the log and no reason to stop. */
export function trySaveJsonFile(file: string, value: unknown): void {
  try {
    writeJsonFile(file, value)
  } catch (error) {
    console.error(`${file} could not be saved: ${error instanceof Error ? error.message : error}`)
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
