/** A book that is being backed up, killed: the book is as it was, and each backup is a whole book or none. */
import { hash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { backupBook } from '../../../src/main/ledger/backup.ts'
import { LEDGER_FILE } from '../../../src/main/ledger/open.ts'
import { run } from './kill.ts'
import { factsOf } from './look.ts'
import type { Subject } from './subject.ts'
import { BACKUPS } from './work.ts'
import { bookIn, type Workshop } from './workshop.ts'

const NUMBERS = Array.from({ length: BACKUPS }, (_, number) => number)
const backupIn = (folder: string, number: number) => join(folder, `backup-${number}`)
const holdsBook = (directory: string) => existsSync(join(directory, LEDGER_FILE))
const bytesOf = (directory: string) => hash('sha256', readFileSync(join(directory, LEDGER_FILE)))

export const backupSubject = async ({ files, place, base: baseOf }: Workshop): Promise<Subject> => {
  const base = await baseOf('cube')
  const facts = await factsOf(bookIn(base))
  /** Files that are known to be the whole ledger, by their bytes. */
  const whole = new Set([bytesOf(bookIn(base))])
  const checkWhole = async (directory: string) => {
    const bytes = bytesOf(directory)
    if (whole.has(bytes)) return
    expect(await factsOf(directory)).toEqual(facts)
    whole.add(bytes)
  }
  const source = bytesOf(bookIn(base))
  const unkilled = place('backup-clean')
  cpSync(base, unkilled, { recursive: true })
  const clean = await run({ kind: 'backup', folder: unkilled, files }, null)
  for (const number of NUMBERS) await checkWhole(backupIn(unkilled, number))

  return {
    kind: 'backup',
    clean,
    points: ['copying'],
    base,
    check: async (folder, marks) => {
      expect(bytesOf(bookIn(folder))).toBe(source)
      expect(await factsOf(bookIn(folder))).toEqual(facts)
      const copied = new Set(marks.filter(({ word }) => word === 'copied').map(({ rest }) => Number(rest[0])))
      for (const number of NUMBERS) {
        const backup = backupIn(folder, number)
        if (copied.has(number)) expect(holdsBook(backup)).toBe(true)
        if (holdsBook(backup)) await checkWhole(backup)
      }
      // A child would be refused where there is a backup already.
      return { mayGoOn: !NUMBERS.some((number) => holdsBook(backupIn(folder, number))) }
    },
    finish: async (folder) => {
      for (const number of NUMBERS) {
        const backup = backupIn(folder, number)
        if (holdsBook(backup)) {
          await expect(backupBook(bookIn(folder), backup)).rejects.toMatchObject({
            code: 'book_exists_already',
          })
          continue
        }
        mkdirSync(backup, { recursive: true })
        const isBegun = readdirSync(backup).length > 0
        await backupBook(bookIn(folder), backup)
        expect(readdirSync(backup)).toEqual([LEDGER_FILE])
        await checkWhole(backup)
        // Those that were never begun are all alike: one of them is enough.
        if (!isBegun) break
      }
    },
  }
}
