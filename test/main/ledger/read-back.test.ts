import { afterEach, expect, test, vi } from 'vitest'
import * as pages from '../../../src/main/ledger/usage-page.ts'
import { verifyLedger } from '../../../src/main/ledger/verify.ts'
import { batch, contentKey, newBook, plainConnection, usageFields } from './book.ts'

vi.mock(import('../../../src/main/ledger/usage-page.ts'), async (original) => {
  const actual = await original()
  return { ...actual, encodePage: vi.fn(actual.encodePage) }
})
const { encodePage: whole } = await vi.importActual<typeof pages>('../../../src/main/ledger/usage-page.ts')

afterEach(() => {
  vi.mocked(pages.encodePage).mockImplementation(whole)
})

/** Writes the time of every event as zero. */
const astray = (columns: pages.UsageColumns): Buffer =>
  whole({ ...columns, startMs: new Float64Array(columns.startMs.length) })

const post = (ledger: ReturnType<typeof newBook>) =>
  batch(ledger, (appender) => {
    const fields = usageFields(appender)
    const origin = { record: 'x', csvHeader: null, file: 'x', row: 1 }
    appender.usageById(contentKey('one'), fields, origin)
    appender.usageById(contentKey('two'), fields, origin)
  })
const pagesOf = (ledger: ReturnType<typeof newBook>) =>
  plainConnection(ledger).prepare('SELECT events FROM usage_page').pluck().all()

test('a page that does not read back is written anew', async () => {
  const ledger = newBook()
  vi.mocked(pages.encodePage).mockImplementationOnce(astray)
  await post(ledger)
  const [bytes] = plainConnection(ledger).prepare('SELECT bytes FROM usage_page').pluck().all() as Buffer[]
  expect(pages.decodePage(bytes as Buffer).startMs).not.toContain(0)
  expect(await verifyLedger(ledger)).toMatchObject({ ok: true })
})

test('and nothing is kept of a batch with one that never does', async () => {
  const ledger = newBook()
  vi.mocked(pages.encodePage).mockImplementation(astray)
  await expect(post(ledger)).rejects.toThrow('do not read back as they were written')
  expect(pagesOf(ledger)).toEqual([])
  vi.mocked(pages.encodePage).mockImplementation(whole)
  await post(ledger)
  expect(pagesOf(ledger)).toEqual([2])
})
