/** Starts the child process of a kind of work and, at a moment, kills it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Kind } from './work.ts'

const CHILD = fileURLToPath(new URL('./child.ts', import.meta.url))

/** A line the child has said, and when: milliseconds since it was started. */
export interface Mark {
  readonly word: string
  readonly rest: readonly string[]
  readonly atMs: number
}

/**
 * So long after the child was started, or after it said `word` for the nth time (counted from 0); on a machine where
 * children need `paceMs` to begin. A busy one takes longer, for that and for the work, so the delay is stretched.
 */
export interface Moment {
  readonly after: { readonly word: string; readonly nth: number } | 'start'
  readonly delayMs: number
  readonly paceMs: number
}

export interface Child {
  readonly kind: Kind
  readonly folder: string
  readonly files: string
}

/** Runs the child and returns what it said; with a moment it is killed then, or at the latest when it is done. */
export const run = async (
  { kind, folder, files }: Child,
  moment: Moment | null,
): Promise<readonly Mark[]> => {
  const child = spawn(process.execPath, [CHILD, kind, folder, files], { stdio: 'pipe' })
  const startedMs = performance.now()
  const exited = once(child, 'exit')
  let complaint = ''
  child.stderr.on('data', (text) => {
    complaint += text
  })
  const kill = (delayMs: number) =>
    delayMs < 1 ? child.kill('SIGKILL') : setTimeout(() => child.kill('SIGKILL'), delayMs)
  if (moment === null) child.stdin.end()
  else if (moment.after === 'start') kill(moment.delayMs)

  const marks: Mark[] = []
  let pace = 1
  const said = new Map<string, number>()
  for await (const line of createInterface({ input: child.stdout })) {
    const [word = '', ...rest] = line.split(' ')
    const atMs = performance.now() - startedMs
    marks.push({ word, rest, atMs })
    const nth = said.get(word) ?? 0
    said.set(word, nth + 1)
    if (moment === null) continue
    if (word === 'begun') pace = atMs / moment.paceMs
    if (moment.after !== 'start' && moment.after.word === word && moment.after.nth === nth)
      kill(moment.delayMs * pace)
    // It stays until it is killed, so that every round is a kill.
    if (word === 'closed') kill(2)
  }
  const [code, signal] = await exited
  if (moment === null ? code !== 0 : signal !== 'SIGKILL')
    throw new Error(`The child (${kind}) ended by itself: ${signal ?? code}\n${complaint}`)
  return marks
}
