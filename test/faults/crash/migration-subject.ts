/**
 * Books of ledger version 1, killed while the program of today opens them. Whatever the version of today is, each is
 * opened again, says what it always said, and takes what comes next.
 */
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { closeLedger, openLedgerForReading, openLedgerForWriting } from '../../../src/main/ledger/open.ts'
import { LedgerRefusal } from '../../../src/main/ledger/refusal.ts'
import { SCHEMA_VERSION } from '../../../src/main/ledger/schema.ts'
import { verifyLedger } from '../../../src/main/ledger/verify.ts'
import { ledgerFacts } from '../../support/ledger-facts.ts'
import { readLedgerV1, unpackLedgerV1 } from '../../support/ledger-v1.ts'
import { run } from './kill.ts'
import { PROGRAM, takeUsage } from './script.ts'
import type { Subject } from './subject.ts'
import { BOOKS } from './work.ts'
import type { Workshop } from './workshop.ts'

const NUMBERS = Array.from({ length: BOOKS }, (_, number) => number)
const bookOf = (base: string, number: number) => join(base, `book-${number}`)

export const migrationSubject = async ({ files, place }: Workshop): Promise<Subject> => {
  const v1 = readLedgerV1()
  const base = place('base-migration')
  for (const number of NUMBERS) unpackLedgerV1(bookOf(base, number))
  const unkilled = place('migration-clean')
  cpSync(base, unkilled, { recursive: true })
  const clean = await run({ kind: 'migration', folder: unkilled, files }, null)
  // Else the kills would be aimed at nothing.
  expect(clean.filter(({ word }) => word === 'migrating')).toHaveLength(
    (SCHEMA_VERSION - v1.ledgerVersion) * BOOKS,
  )

  /** Opens a book, looks at it and, where files are to be taken, has it take one. Returns its head. */
  const goOn = async (directory: string, take: boolean): Promise<string> => {
    const ledger = openLedgerForWriting(directory, { program: PROGRAM })
    try {
      expect(ledger.database.pragma('user_version', { simple: true })).toBe(SCHEMA_VERSION)
      expect(await verifyLedger(ledger)).toMatchObject({ ok: true })
      expect(ledgerFacts(ledger)).toEqual(v1.ledger)
      if (take) {
        await takeUsage('usage-2.jsonl')(ledger, files)
        expect(await verifyLedger(ledger)).toMatchObject({ ok: true })
      }
      return ledgerFacts(ledger).hash
    } finally {
      closeLedger(ledger)
    }
  }
  const grown = await goOn(bookOf(unkilled, 0), true)

  /** Whether the book is at this program's version, without bringing it there: whoever only reads refuses it else. */
  const isMigrated = (directory: string): boolean => {
    try {
      const ledger = openLedgerForReading(directory)
      try {
        expect(ledgerFacts(ledger)).toEqual(v1.ledger)
      } finally {
        closeLedger(ledger)
      }
      return true
    } catch (error) {
      if (error instanceof LedgerRefusal && error.code === 'book_is_from_an_older_program') return false
      throw error
    }
  }

  return {
    kind: 'migration',
    clean,
    points: ['migrating'],
    base,
    check: async (folder, marks) => {
      const opened = new Set(
        marks.filter(({ word }) => word === 'opened').map(({ rest: [number] }) => Number(number)),
      )
      for (const number of NUMBERS) {
        const migrated = isMigrated(bookOf(folder, number))
        if (opened.has(number)) expect(migrated).toBe(true)
      }
      return { mayGoOn: opened.size < BOOKS }
    },
    finish: async (folder, random) => {
      const taking = random.below(BOOKS)
      for (const number of NUMBERS)
        expect(await goOn(bookOf(folder, number), number === taking)).toBe(
          number === taking ? grown : v1.ledger.hash,
        )
    },
  }
}
