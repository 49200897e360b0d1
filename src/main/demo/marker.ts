/** The file that says a folder holds a demo book, and whether it is whole. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const MARKER_FILE = 'demo.json'

/** Bumped when the generator changes what the book holds. */
const GENERATION = 1

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
