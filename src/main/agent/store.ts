/**
 * What the agent knows, and the events that wait to be sent, on disk: `state.json` and `spool/NUMBER.jsonl`.
 *
 * One commit writes the spool's new files first and `state.json`, which names the next number, last. A file with that
 * number or a later one was written and not committed: it is removed at the start, and its usage is still in the
 * counters. A committed file never changes, so what is sent again is the same, byte for byte.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { Json } from '../../domain/canonical.ts'
import type { DecimalText } from '../../domain/decimal.ts'
import type { Cgroups } from './cgroup-usage.ts'
import { isPending, writeWhole } from './files.ts'

export interface State {
  /** Made with the folder: files of an agent whose state was lost never bear the names of another's. */
  readonly instance: string
  readonly nextFile: number
  readonly cgroups: Cgroups | null
  /** Checkpoints of Prometheus endpoints by name. */
  readonly endpoints: Readonly<Record<string, Json>>
}

const decimal = z.string().transform((text) => text as DecimalText)
const texts = z.record(z.string(), z.string())
const stateShape = z.object({
  format: z.literal(1),
  instance: z.string(),
  nextFile: z.int().min(1),
  cgroups: z
    .object({
      selection: z.string(),
      atMs: z.int(),
      units: z.record(
        z.string(),
        z.object({
          path: z.string(),
          groups: texts,
          fromMs: z.int(),
          atMs: z.int(),
          counters: z.record(z.string(), decimal),
          memory: decimal.nullable(),
          sums: z.record(z.string(), decimal),
          owner: z.object({ tenant: z.string().nullable(), dimensions: texts }).nullable(),
          isGone: z.boolean(),
        }),
      ),
    })
    .nullable(),
  endpoints: z.record(z.string(), z.json()),
})

/** Of one file: a push to a book takes 4 MB. */
const FILE_BYTES_MAX = 1024 * 1024
const NAME = /^(\d{12})\.jsonl$/

export interface Waiting {
  readonly number: number
  readonly bytes: number
}

export interface Store {
  readonly state: () => State
  /** Committed files, the oldest first. */
  readonly waiting: () => readonly Waiting[]
  /** Bytes that wait. */
  readonly bytes: () => number
  readonly read: (number: number) => string
  readonly remove: (number: number) => void
  /** Keeps the events and what is known with them, both or neither. @throws the system's error */
  readonly commit: (change: Partial<Omit<State, 'instance' | 'nextFile'>>, lines: readonly string[]) => void
  /** Keeps what the receiver refuses for good beside its answer, where nobody sends it again. */
  readonly setAside: (number: number, lines: readonly string[], answer: string) => void
}

const fileName = (number: number): string => `${String(number).padStart(12, '0')}.jsonl`

/** Lines as texts of files, each ending with a line's end. */
const cutIntoFiles = (lines: readonly string[]): readonly string[] => {
  const files: string[][] = []
  let bytes = Number.POSITIVE_INFINITY
  for (const line of lines) {
    bytes += Buffer.byteLength(line) + 1
    if (bytes > FILE_BYTES_MAX) {
      files.push([])
      bytes = Buffer.byteLength(line) + 1
    }
    files.at(-1)?.push(line)
  }
  return files.map((some) => `${some.join('\n')}\n`)
}

const readState = (path: string, newInstance: () => string): State => {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return { instance: newInstance(), nextFile: 1, cgroups: null, endpoints: {} }
  }
  try {
    const { format: _, ...state } = stateShape.parse(JSON.parse(text))
    return state
  } catch {
    throw new Error(
      `${path} is damaged or of a newer agent. Move it away to begin anew: what was used since its last sample is then not counted; what waits in spool/ is sent all the same.`,
    )
  }
}

/**
 * Opens the folder, which is made where it is missing.
 * @throws Error in words where the state is unreadable; the system's error
 */
export const openStore = (folder: string, newInstance: () => string): Store => {
  const spool = join(folder, 'spool')
  mkdirSync(spool, { recursive: true, mode: 0o750 })
  const statePath = join(folder, 'state.json')
  let state = readState(statePath, newInstance)
  let waiting: Waiting[] = []
  for (const name of readdirSync(spool).sort()) {
    const number = Number(NAME.exec(name)?.[1] ?? 0)
    const path = join(spool, name)
    if (isPending(name)) rmSync(path, { force: true })
    else if (number > 0) waiting.push({ number, bytes: statSync(path).size })
  }
  // Without its state.json a spool was committed by an agent that is no more; its files are sent, and counted on from.
  const isNew = state.cgroups === null && Object.keys(state.endpoints).length === 0 && state.nextFile === 1
  if (isNew) state = { ...state, nextFile: (waiting.at(-1)?.number ?? 0) + 1 }
  for (const { number } of waiting) if (number >= state.nextFile) rmSync(join(spool, fileName(number)))
  waiting = waiting.filter(({ number }) => number < state.nextFile)
  const write = (next: State) => writeWhole(statePath, JSON.stringify({ format: 1, ...next }))
  if (isNew) write(state)
  return {
    state: () => state,
    waiting: () => waiting,
    bytes: () => waiting.reduce((sum, { bytes }) => sum + bytes, 0),
    read: (number) => readFileSync(join(spool, fileName(number)), 'utf8'),
    remove: (number) => {
      rmSync(join(spool, fileName(number)), { force: true })
      waiting = waiting.filter((each) => each.number !== number)
    },
    commit: (change, lines) => {
      const files = cutIntoFiles(lines).map((text, index) => ({ number: state.nextFile + index, text }))
      for (const { number, text } of files) writeWhole(join(spool, fileName(number)), text)
      const next = { ...state, ...change, nextFile: state.nextFile + files.length }
      write(next)
      state = next
      waiting = [...waiting, ...files.map(({ number, text }) => ({ number, bytes: Buffer.byteLength(text) }))]
    },
    setAside: (number, lines, answer) => {
      const refused = join(folder, 'refused')
      mkdirSync(refused, { recursive: true, mode: 0o750 })
      writeWhole(join(refused, fileName(number).replace('.jsonl', '.txt')), `${answer}\n`)
      writeWhole(join(refused, fileName(number)), `${lines.join('\n')}\n`)
    },
  }
}
