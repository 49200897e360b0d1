/** A book that is backed up while files are imported into it, killed: both are whole, and a backup is one or is not there. */
import { cpSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { BACKUPS_FOLDER, clearUnfinishedBackups, listBackups } from '../../../src/main/ledger/backup.ts'
import { type Mark, run } from './kill.ts'
import { chainOf, checkChain, cubeOf, factsOf, runSteps } from './look.ts'
import { SCRIPTS, type Script } from './script.ts'
import type { Subject } from './subject.ts'
import { BUSY_BACKUPS, backupWhileBusy } from './work.ts'
import { bookIn, type Workshop } from './workshop.ts'

const NUMBERS = Array.from({ length: BUSY_BACKUPS }, (_, number) => number)
const script: Script = SCRIPTS.import

/** Batches by backup: what the children said with a word, the last of them. */
const said = (marks: readonly Mark[], asked: string): ReadonlyMap<number, number> =>
  new Map(
    marks.flatMap(({ word, rest: [number, batch] }) =>
      word === asked ? [[Number(number), Number(batch)] as const] : [],
    ),
  )

export const busyBackupSubject = async ({ files, place, base: baseOf }: Workshop): Promise<Subject> => {
  const base = await baseOf('import')
  const unkilled = place('busy-backup-clean')
  cpSync(base, unkilled, { recursive: true })
  const clean = await run({ kind: 'busy backup', folder: unkilled, files }, null)
  const chain = await chainOf(bookIn(unkilled))
  const facts = await factsOf(bookIn(unkilled))
  const contents = await cubeOf(bookIn(unkilled))
  expect(chain.size).toBe(script.steps.length)

  /** Every backup that is there verifies, and ends with a batch of the book's that it can have seen. */
  const checkBackups = async (folder: string, marks: readonly Mark[], batches: number): Promise<void> => {
    const [begun, copied] = [said(marks, 'copying'), said(marks, 'copied')]
    for (const number of NUMBERS) {
      const { directory, isMade } = backupWhileBusy(folder, number)
      if (copied.has(number)) expect(isMade).toBe(true)
      if (!isMade) continue
      const backup = await factsOf(directory)
      expect(backup.hash).toBe(chain.get(backup.batches))
      expect(backup.batches).toBeGreaterThanOrEqual(begun.get(number) ?? Number.POSITIVE_INFINITY)
      expect(backup.batches).toBeLessThanOrEqual(batches)
      if (copied.has(number)) expect(backup.batches).toBe(copied.get(number))
    }
  }
  await checkBackups(unkilled, clean, script.steps.length)
  // Else nothing would be copied while it changes.
  const isOvertaken = clean.some(({ word, rest: [number] }, from) => {
    const to = clean.findIndex(({ word, rest }) => word === 'copied' && rest[0] === number)
    return word === 'copying' && clean.slice(from, to).some((mark) => mark.word === 'committed')
  })
  expect(isOvertaken).toBe(true)

  return {
    kind: 'busy backup',
    clean,
    points: ['copying', 'committing'],
    base,
    check: async (folder, marks) => {
      const batches = await checkChain(bookIn(folder), chain, marks, script.base)
      await checkBackups(folder, marks, batches)
      return { mayGoOn: batches < script.steps.length, batches }
    },
    finish: async (folder) => {
      const book = bookIn(folder)
      const made = NUMBERS.filter((number) => backupWhileBusy(folder, number).isMade).map(String)
      clearUnfinishedBackups(book)
      expect(
        listBackups(book)
          .map(({ name }) => name)
          .sort(),
      ).toEqual(made)
      // What is no whole backup may be a folder that had just been made, and nothing else.
      for (const name of namesIn(join(book, BACKUPS_FOLDER)))
        if (!made.includes(name)) expect(readdirSync(join(book, BACKUPS_FOLDER, name))).toEqual([])
      await runSteps(book, files, script, script.steps.length)
      expect(await factsOf(book)).toEqual(facts)
      expect(await cubeOf(book)).toEqual(contents)
    },
  }
}

const namesIn = (folder: string): readonly string[] => {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
