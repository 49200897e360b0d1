import { expect, test } from 'vitest'
import { closeLedger, openLedgerForWriting } from '../../../src/main/ledger/open.ts'
import { mendKeys } from '../../../src/main/ledger/open-pages.ts'
import { verifyLedger } from '../../../src/main/ledger/verify.ts'
import { batch, deliverUsage, tamper, temporaryFolder } from './book.ts'

const ROWS = Array.from({ length: 9000 }, (_, i) => `row ${i}`)

/** A book whose index lacks keys, closed and opened again as the next process does. */
const spoilt = async (statement: string) => {
  const folder = temporaryFolder()
  const first = openLedgerForWriting(folder, { program: 'test 1', create: true })
  await deliverUsage(first, ROWS.slice(0, 5000))
  await deliverUsage(first, ROWS.slice(5000))
  tamper(first, statement)
  closeLedger(first)
  return openLedgerForWriting(folder, { program: 'test 1' })
}

test.each([
  'DELETE FROM usage_key_run',
  'DELETE FROM usage_key_part',
  'DELETE FROM usage_key_run; DELETE FROM usage_key_part',
  'DELETE FROM usage_key_run WHERE run_no = 1',
  'UPDATE usage_key_run SET keys = keys - 1',
  'UPDATE usage_key_part SET bytes = substr(bytes, 1, 80)',
])('an index made too small (%s) is made anew by the next batch', async (statement) => {
  const ledger = await spoilt(statement)
  // A batch that fails takes what it mended with it, and the next one mends again.
  const failing = batch(ledger, () => {
    throw new Error('not today')
  })
  await expect(failing).rejects.toThrow('not today')
  expect(await verifyLedger(ledger)).toMatchObject({ ok: false, fault: { table: 'usage_key_run' } })
  const { counts } = await deliverUsage(ledger, [...ROWS, 'another'])
  expect(counts).toMatchObject({ new: 1, duplicate: ROWS.length })
  expect(await verifyLedger(ledger)).toMatchObject({ ok: true })
  closeLedger(ledger)
})

test('an index whose keys are others is made anew when it is asked for, also after it was used', async () => {
  const ledger = await spoilt('UPDATE usage_key_part SET bytes = zeroblob(length(bytes))')
  // Enough of them that the filter is made of the wrong keys.
  await deliverUsage(
    ledger,
    Array.from({ length: 6000 }, (_, i) => `other ${i}`),
  )
  expect(await verifyLedger(ledger)).toMatchObject({ ok: false, fault: { table: 'usage_key_run' } })
  await mendKeys(ledger)
  expect(await verifyLedger(ledger)).toMatchObject({ ok: true })
  expect((await deliverUsage(ledger, ROWS)).counts).toMatchObject({ new: 0, duplicate: ROWS.length })
  closeLedger(ledger)
})

test('where a page is damaged the index is left alone, in a sentence', async () => {
  const ledger = await spoilt('UPDATE usage_page SET bytes = zeroblob(9); DELETE FROM usage_key_run')
  await expect(deliverUsage(ledger, ['x'])).rejects.toThrow(
    /^The usage events \d+ to \d+ cannot be read: their page is damaged\. Verify the book and restore/,
  )
  await expect(mendKeys(ledger)).rejects.toMatchObject({ code: 'book_is_damaged' })
  closeLedger(ledger)
})
