import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { backupBook } from '../../../src/main/ledger/backup.ts'
import { closeLedger, openLedgerForReading } from '../../../src/main/ledger/open.ts'
import { readHead } from '../../../src/main/ledger/read.ts'
import { verifyLedger } from '../../../src/main/ledger/verify.ts'
import { deliverUsage, newBook, temporaryFolder } from './book.ts'

test('a backup made while the book is open is the same book', async () => {
  const ledger = newBook()
  await deliverUsage(ledger, ['a', 'b'])
  const target = temporaryFolder()
  await backupBook(ledger.directory, target)
  await deliverUsage(ledger, ['c'])
  expect(readdirSync(target)).toEqual(['ledger.sqlite'])
  const copy = openLedgerForReading(target)
  expect(await verifyLedger(copy)).toMatchObject({ ok: true, batches: 1 })
  expect(readHead(copy)?.hash).toBe(
    ledger.database.prepare('SELECT hash FROM batch WHERE batch_id = 1').pluck().get(),
  )
  closeLedger(copy)
})

test('a backup never overwrites a book, and needs one', async () => {
  const ledger = newBook()
  await expect(backupBook(ledger.directory, ledger.directory)).rejects.toMatchObject({
    code: 'book_exists_already',
  })
  await expect(backupBook(temporaryFolder(), temporaryFolder())).rejects.toMatchObject({
    code: 'book_does_not_exist',
  })
})
