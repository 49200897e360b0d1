/** A folder for the whole suite: the files to import, the books that rounds begin with, and room to kill in. */
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeFiles } from './files.ts'
import { runSteps } from './look.ts'
import { SCRIPTS, type Script } from './script.ts'

/** The book in a folder that a child works in. */
export const bookIn = (folder: string): string => join(folder, 'book')

export interface Workshop {
  readonly files: string
  /** A path for a folder that is not there yet. */
  readonly place: (name: string) => string
  /** A folder whose book has a script's base; made once, never to be written to. */
  readonly base: (kind: keyof typeof SCRIPTS) => Promise<string>
  readonly close: () => void
}

export const openWorkshop = (): Workshop => {
  const root = mkdtempSync(join(tmpdir(), 'countinghouse-crash-'))
  const files = join(root, 'files')
  mkdirSync(files)
  writeFiles(files)
  const bases = new Map<string, Promise<string>>()
  const place = (name: string) => join(root, name)
  const make = async (kind: keyof typeof SCRIPTS): Promise<string> => {
    const folder = place(`base-${kind}`)
    // The cube's script goes on where the corrections end.
    if (kind === 'cube') cpSync(await base('correction'), folder, { recursive: true })
    const script: Script = SCRIPTS[kind]
    await runSteps(bookIn(folder), files, script, script.base)
    return folder
  }
  const base = (kind: keyof typeof SCRIPTS): Promise<string> => {
    const made = bases.get(kind) ?? make(kind)
    bases.set(kind, made)
    return made
  }
  return { files, place, base, close: () => rmSync(root, { recursive: true, force: true }) }
}
