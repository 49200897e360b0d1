/** The program run by somebody who may not write a folder: root may write everything, so it runs it as nobody. */
import { spawn } from 'node:child_process'
import { chmodSync, chownSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '../..')
const program = join(root, 'src/main/cli/main.ts')

const NOBODY = 65_534
const isRoot = process.getuid?.() === 0

/** Makes the folder one that can only be read; its files, too. Returns what makes it writable again. */
export const makeReadOnly = (directory: string): (() => void) => {
  const files = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isFile())
  for (const { name } of files) chmodSync(join(directory, name), 0o444)
  chmodSync(directory, 0o555)
  return () => {
    chmodSync(directory, 0o755)
    for (const { name } of files) chmodSync(join(directory, name), 0o644)
  }
}

export interface Ended {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs a command of the command line as somebody else, with a temporary folder of its own that must be left empty. */
export const runAsNobody = (...args: string[]): Promise<Ended & { readonly left: readonly string[] }> => {
  const temporary = mkdtempSync(join(tmpdir(), 'countinghouse-nobody-'))
  if (isRoot) chownSync(temporary, NOBODY, NOBODY)
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [program, ...args], {
      env: { ...process.env, COUNTINGHOUSE_BOOK: '', HOME: temporary, TMPDIR: temporary },
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: temporary,
      ...(isRoot ? { uid: NOBODY, gid: NOBODY } : {}),
    })
    const kept = { out: '', err: '' }
    child.stdout.on('data', (chunk) => {
      kept.out += chunk
    })
    child.stderr.on('data', (chunk) => {
      kept.err += chunk
    })
    child.on('error', fail)
    child.on('close', (code) => {
      const left = readdirSync(temporary)
      rmSync(temporary, { recursive: true, force: true })
      done({ code: code ?? -1, ...kept, left })
    })
  })
}
