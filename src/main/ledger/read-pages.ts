/** Reading pages of usage events, decoded and remembered for a while. */

import { boundedMap } from './bounded-map.ts'
import { type Ledger, prepared } from './open.ts'
import { LedgerRefusal } from './refusal.ts'
import { decodePage, type UsageColumns } from './usage-page.ts'

export interface UsagePage {
  readonly firstSeq: number
  readonly lastSeq: number
  readonly batchId: number
  readonly sourceNo: number
  readonly blockNo: number
  /** Hex. */
  readonly digest: string
  readonly columns: UsageColumns
}

type PageRow = Omit<UsagePage, 'columns'> & { readonly bytes: Buffer }

const PAGE = `SELECT seq AS firstSeq, last_seq AS lastSeq, batch_id AS batchId, source_no AS sourceNo, block_no AS blockNo,
    lower(hex(digest)) AS digest, bytes
  FROM usage_page`

/** Pages of a ledger remembered decoded, about 300 kB each. */
const PAGES_REMEMBERED = 16

interface PageCache {
  readonly byFirstSeq: ReturnType<typeof boundedMap<number, UsagePage>>
  /** Most look-ups are for the page of the one before. */
  last: UsagePage | null
}

const caches = new WeakMap<Ledger, PageCache>()

const cacheOf = (ledger: Ledger): PageCache => {
  let cache = caches.get(ledger)
  if (cache === undefined) {
    cache = { byFirstSeq: boundedMap<number, UsagePage>(PAGES_REMEMBERED), last: null }
    caches.set(ledger, cache)
  }
  return cache
}

/** Forgets the pages of a batch that was rolled back. */
export const forgetPagesRead = (ledger: Ledger): void => {
  caches.delete(ledger)
}

const pageOf = ({ bytes, ...row }: PageRow): UsagePage => {
  const { firstSeq, lastSeq } = row
  const decode = () => {
    try {
      return decodePage(bytes)
    } catch {
      // Once more: what is damaged fails again.
      return decodePage(bytes)
    }
  }
  try {
    const columns = decode()
    if (columns.events !== lastSeq - firstSeq + 1) throw new Error(`the page holds ${columns.events} events`)
    return { ...row, columns }
  } catch (error) {
    throw new LedgerRefusal(
      'book_is_damaged',
      `The usage events ${firstSeq} to ${lastSeq} cannot be read: their page is damaged. Verify the book and restore the latest backup that verifies.`,
      { cause: error },
    )
  }
}

/** The page that holds the event; null where none does. @throws LedgerRefusal `book_is_damaged`. */
export const readPageAt = (ledger: Ledger, seq: number): UsagePage | null => {
  const cache = cacheOf(ledger)
  const { last } = cache
  if (last !== null && seq >= last.firstSeq && seq <= last.lastSeq) return last
  const [firstSeq, lastSeq] = (prepared(
    ledger,
    'SELECT seq, last_seq FROM usage_page WHERE seq <= ? ORDER BY seq DESC LIMIT 1',
  )
    .raw()
    .get(seq) ?? [0, -1]) as [number, number]
  if (seq > lastSeq) return null
  let page = cache.byFirstSeq.get(firstSeq)
  if (page === undefined) {
    page = pageOf(prepared(ledger, `${PAGE} WHERE seq = ?`).get(firstSeq) as PageRow)
    cache.byFirstSeq.set(firstSeq, page)
  }
  cache.last = page
  return page
}

/** Pages with events before `beforeSeq`, of one batch where it is given, the newest first; not remembered. */
export function* pagesBackwards(ledger: Ledger, beforeSeq: number, batchId?: number): Generator<UsagePage> {
  const [first, last] =
    batchId === undefined
      ? [0, Number.MAX_SAFE_INTEGER]
      : ((prepared(ledger, 'SELECT first_seq, last_seq FROM batch WHERE batch_id = ?').raw().get(batchId) ?? [
          1, 0,
        ]) as [number, number])
  for (let before = Math.min(beforeSeq, last + 1); ; ) {
    const row = prepared(ledger, `${PAGE} WHERE seq < ? AND seq >= ? ORDER BY seq DESC LIMIT 1`).get(
      before,
      first,
    ) as PageRow | undefined
    if (row === undefined) return
    yield pageOf(row)
    before = row.firstSeq
  }
}

/** Pages of the range `(afterSeq, toSeq]`, the oldest first; not remembered. */
export function* pagesForwards(ledger: Ledger, afterSeq: number, toSeq: number): Generator<UsagePage> {
  for (let after = afterSeq; ; ) {
    const row = prepared(ledger, `${PAGE} WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT 1`).get(
      after,
      toSeq,
    ) as PageRow | undefined
    if (row === undefined) return
    yield pageOf(row)
    after = row.lastSeq
  }
}
