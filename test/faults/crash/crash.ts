/**
 * The crash suite: a child process does one kind of work on a book and gets `kill -9` at a random moment, again and
 * again; then the work is brought to its end and the book must equal one that was never killed.
 *
 * The seed makes the moments the same again; where they land still depends on how fast the machine is that day.
 * What is tested is the death of the program, not of the machine: what the system has in its buffers is not lost.
 */
import { cpSync, rmSync } from 'node:fs'
import { type Random, randomFor } from '../../../src/main/demo/random.ts'
import { backupSubject } from './backup-subject.ts'
import { busyBackupSubject } from './busy-backup-subject.ts'
import { engineSubject } from './engine-subject.ts'
import { type Mark, type Moment, run } from './kill.ts'
import { migrationSubject } from './migration-subject.ts'
import { correctionSubject, cubeSubject, importSubject } from './script-subject.ts'
import type { Subject } from './subject.ts'
import type { Kind } from './work.ts'
import type { Workshop } from './workshop.ts'

const SUBJECTS: Readonly<Record<Kind, (workshop: Workshop) => Promise<Subject>>> = {
  import: importSubject,
  engine: engineSubject,
  correction: correctionSubject,
  cube: cubeSubject,
  migration: migrationSubject,
  backup: backupSubject,
  'busy backup': busyBackupSubject,
}

/** `COUNTINGHOUSE_CRASH_SEED` repeats a run; otherwise each run has moments of its own. */
export const crashSeed = process.env.COUNTINGHOUSE_CRASH_SEED ?? String(process.pid)

/** Where a kill landed, by the last word the child had said. */
const LANDED: Readonly<Record<string, string>> = {
  committing: 'in a commit',
  storing: 'in a commit of the cube',
  following: 'before the import was acknowledged',
  rebuilding: 'in a rebuild',
  migrating: 'in a migration',
  copying: 'in a copy',
  closing: 'while closing',
  closed: 'after the end',
}
const BEFORE = 'before the start'
const AT_WORK = 'at work'

export interface CrashReport {
  readonly kind: Kind
  readonly rounds: number
  /** Kills by where they landed. */
  readonly landed: ReadonlyMap<string, number>
  /** Kills after the child had begun and before it had closed the book. */
  readonly inside: number
  /** Books that were brought to their end and compared. */
  readonly finished: number
}

const fraction = (random: Random): number => random.below(1_000_001) / 1_000_000

/**
 * A tenth before the child has begun, three tenths at a point, the others at any moment of the work that is left,
 * counted from what the child says last before it: so a machine that is slower or faster than it was shifts little.
 */
const momentOf = ({ clean, points }: Subject, committed: number, random: Random): Moment => {
  const paceMs = clean.find(({ word }) => word === 'begun')?.atMs ?? 0
  const endMs = clean.at(-1)?.atMs ?? 0
  const commits = clean.filter(({ word }) => word === 'committed')
  const reachedMs = committed === 0 ? paceMs : (commits[committed - 1]?.atMs ?? endMs)
  const left = clean.filter(({ atMs }) => atMs > reachedMs)
  /** So long after one of the marks that are left. */
  const after = (index: number, delayMs: number): Moment => {
    const word = left[index]?.word ?? 'begun'
    const nth = left.slice(0, Math.max(0, index)).filter((earlier) => earlier.word === word).length
    return { after: { word, nth }, delayMs, paceMs }
  }
  const aims = left.flatMap(({ word }, index) => (points.includes(word) ? [index] : []))
  const chance = random.below(100)
  if (chance < 10) return { after: 'start', delayMs: paceMs * fraction(random), paceMs }
  if (chance < 40 && aims.length > 0) {
    const index = aims[random.below(aims.length)] ?? 0
    const widthMs = (left[index + 1]?.atMs ?? 0) - (left[index]?.atMs ?? 0)
    return after(index, Math.max(0, widthMs) * 1.2 * fraction(random))
  }
  const atMs = reachedMs + (endMs - reachedMs) * fraction(random)
  const index = left.findLastIndex((mark) => mark.atMs <= atMs)
  return after(index, atMs - (left[index]?.atMs ?? reachedMs))
}

/** Kills children of a kind so many times; each book goes on until it is done or, by chance, is finished before. */
export const crash = async (workshop: Workshop, kind: Kind, rounds: number): Promise<CrashReport> => {
  const subject = await SUBJECTS[kind](workshop)
  const random = randomFor(`${crashSeed}/${kind}`)
  const landed = new Map<string, number>()
  let inside = 0
  let finished = 0
  let folder: string | null = null
  let marks: readonly Mark[] = []
  for (let round = 1; round <= rounds; round++) {
    if (folder === null) {
      folder = workshop.place(`${kind}-${round}`)
      cpSync(subject.base, folder, { recursive: true })
      marks = []
    }
    const moment = momentOf(subject, marks.filter(({ word }) => word === 'committed').length, random)
    const said = await run({ kind, folder, files: workshop.files }, moment)
    const last = said.at(-1)
    const where = last === undefined ? BEFORE : (LANDED[last.word] ?? AT_WORK)
    const count = (place: string) => landed.set(place, (landed.get(place) ?? 0) + 1)
    if (last !== undefined && last.word !== 'closed') inside++
    marks = [...marks, ...said]
    try {
      const { mayGoOn, batches } = await subject.check(folder, marks)
      if (last?.word === 'committing')
        count(`${where} that was ${Number(last.rest[0]) === batches ? 'kept' : 'undone'}`)
      else count(where)
      if (mayGoOn && round < rounds && random.below(3) > 0) continue
      await subject.finish(folder, random)
    } catch (error) {
      const words = marks.map(({ word, rest }) => [word, ...rest].join(' ')).join(', ')
      throw new Error(
        `${kind}, round ${round}, COUNTINGHOUSE_CRASH_SEED=${crashSeed}, killed at ${JSON.stringify(moment)}; the children said: ${words}`,
        { cause: error },
      )
    }
    finished++
    rmSync(folder, { recursive: true, force: true })
    folder = null
  }
  return { kind, rounds, landed, inside, finished }
}

/** One line for a person. */
export const reportText = ({ kind, rounds, landed, finished }: CrashReport): string => {
  const places = [...landed].sort().map(([where, count]) => `${count} ${where}`)
  return `${kind}: ${rounds} kills (${places.join(', ')}); ${finished} times brought to the end and compared`
}
