/** The file that says a folder holds a demo book, and whether it is whole. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const MARKER_FILE = 'demo.json'

/** Bumped when the generator changes what the book holds. */
const GENERATION = 2

/** Written before anything else is, so that half a demo book is never taken for somebody's real one. */
export const markDemoBook = (directory: string, made: boolean): void =>
  writeFileSync(
    join(directory, MARKER_FILE),
    `${JSON.stringify({ demo: 'Countinghouse', generation: GENERATION, made })}\n`,
  )

/** `none`: no demo book; `begun`: one that was cut off while it was made, and is to be made again; `made`: whole. */
export const demoBookState = (directory: string): 'none' | 'begun' | 'made' => {
  let marker: unknown
  try {
    marker = JSON.parse(readFileSync(join(directory, MARKER_FILE), 'utf8'))
  } catch {
    return 'none'
  }
  if (typeof marker !== 'object' || marker === null || !('demo' in marker) || marker.demo !== 'Countinghouse')
    return 'none'
  return 'made' in marker && marker.made === true ? 'made' : 'begun'
}

/**
 * Empties a folder whose demo book was cut off while it was made, the marker last: cut off again, the folder still
 * says what it is. Any other folder is left alone. The caller has seen that no process holds the book.
 */
export const clearHalfMadeDemoBook = (directory: string): void => {
  if (demoBookState(directory) !== 'begun') return
  const others = readdirSync(directory).filter((name) => name !== MARKER_FILE)
  for (const name of [...others, MARKER_FILE]) rmSync(join(directory, name), { recursive: true, force: true })
}
