/** Any byte of the file changed: the book is refused, the fault named, or not one entry reads otherwise. */
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { closeLedger, LEDGER_FILE, openLedgerForReading } from '../../../src/main/ledger/open.ts'
import { LedgerRefusal } from '../../../src/main/ledger/refusal.ts'
import { verifyLedger } from '../../../src/main/ledger/verify.ts'
import { deliverBill, deliverUsage, temporaryFolder } from './book.ts'
import { dump, fullBook } from './full-book.ts'

/** What became of the book in the folder. */
const examine = async (
  folder: string,
  whole: ReturnType<typeof dump>,
): Promise<'refused' | 'named' | 'unread'> => {
  let ledger: ReturnType<typeof openLedgerForReading>
  try {
    ledger = openLedgerForReading(folder)
  } catch (error) {
    if (!(error instanceof LedgerRefusal)) throw error
    expect(error.message).toMatch(/^\S.*\.$/)
    return 'refused'
  }
  try {
    const verification = await verifyLedger(ledger)
    if (verification.ok) {
      expect(dump(ledger.database)).toEqual(whole)
      return 'unread'
    }
    // The index of keys is made anew instead.
    expect(verification.fault.sentence).toMatch(
      verification.isOfKeys
        ? /The entries themselves are whole\.$/
        : /restore the latest backup that verifies\.$/,
    )
    return 'named'
  } finally {
    closeLedger(ledger)
  }
}

test('no changed byte of the file goes unseen where it changes an entry', async () => {
  const ledger = await fullBook()
  await deliverUsage(ledger, ['a', 'b', 'c'])
  await deliverBill(ledger, ['10', '20'])
  const whole = dump(ledger.database)
  ledger.database.pragma('wal_checkpoint(TRUNCATE)')
  const folder = temporaryFolder()
  const file = join(folder, LEDGER_FILE)
  copyFileSync(ledger.file, file)
  const bytes = readFileSync(file)
  // Free space is zeros mostly: places that hold something are tried more often.
  const filled = [...bytes.keys()].filter((i) => bytes[i] !== 0)
  const place = fc.oneof(
    { weight: 4, arbitrary: fc.nat(filled.length - 1).map((i) => filled[i] ?? 0) },
    { weight: 1, arbitrary: fc.nat(bytes.length - 1) },
  )
  const seen = { refused: 0, named: 0, unread: 0 }
  // The file's header, byte by byte, by which SQLite knows it ("Database File Format", 1.3).
  for (let at = 0; at < 100; at++) {
    const changed = Buffer.from(bytes)
    changed[at] = (changed[at] ?? 0) ^ 0x7f
    writeFileSync(file, changed)
    seen[await examine(folder, whole)]++
  }
  expect(seen.refused).toBeGreaterThan(20)
  await fc.assert(
    fc.asyncProperty(place, fc.integer({ min: 1, max: 255 }), async (at, flip) => {
      const changed = Buffer.from(bytes)
      changed[at] = (changed[at] ?? 0) ^ flip
      writeFileSync(file, changed)
      seen[await examine(folder, whole)]++
    }),
    { numRuns: 400 },
  )
  expect(seen.named).toBeGreaterThan(40)
})
