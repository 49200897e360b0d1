/** The usage events that a batch posts: gathered into pages, and found again by their keys. */
import { type KeyFilter, keyFilter } from './key-filter.ts'
import { fingerprintOf, type KeyRuns, keyRuns } from './key-runs.ts'
import { letGo } from './let-go.ts'
import { hasAllKeys, rebuildKeys } from './mend-keys.ts'
import { prepared, type WritingLedger } from './open.ts'
import type { OpenBatch } from './open-batch.ts'
import type { RawBlocks, RawKind } from './raw-block.ts'
import { forgetPagesRead, readPageAt } from './read-pages.ts'
import { isSameKey, recentKeys } from './recent-keys.ts'
import { asRefusal } from './refusal.ts'
import {
  addPage,
  decodePage,
  emptyColumns,
  encodePage,
  isSamePage,
  KEY_BYTES,
  letColumnsGo,
  PAGE_EVENTS_MAX,
  type UsageColumns,
} from './usage-page.ts'

/** Keys gathered before they are written as a run: with another page of them, as many as tables of a power of two hold. */
const RECENT_MAX = 262_144 - PAGE_EVENTS_MAX
/** Look-ups after which a filter pays for reading all keys once. */
const LOOKUPS_WITHOUT_FILTER = 4096
const FILTER_KEYS_MIN = 1_048_576
/** How many times the keys there are a filter has room for. With less, more keys that are new are looked for in every run. */
const FILTER_ROOM = 1.5

/** What of one event goes into a page, beside its key. */
export interface PageEvent {
  sourceNo: number
  tenantNo: number
  measureNo: number
  quantityHigh: number
  quantityLow: number
  startMs: number
  /** NaN for none. */
  endMs: number
  /** NaN for none. */
  postedMs: number
  /** 0 for none. */
  setNo: number
}

/** An event of a page that is found by its key. */
export interface Found {
  /** Null while its page is open. */
  readonly seq: number | null
  readonly columns: UsageColumns
  readonly index: number
}

export interface OpenPages {
  /** Whether the book has postings that are rows: those of a book of version 1. They are not found here. */
  readonly hasRowPostings: boolean
  /** The page's event with the key of the source; null where there is none. */
  find(sourceNo: number, keys: Uint8Array, index: number): Found | null
  /** Adds an event whose record is kept in the block already, at `blockRow`. */
  add(keys: Uint8Array, index: number, event: PageEvent, blockRow: number): void
  /**
   * Makes room for an event of the source whose record is of the kind; what has no room beside it is written. Returns
   * which page it is: a record kept for an event before is there for this one, too, if the page is the same.
   */
  prepare(sourceNo: number, kind: RawKind): number
  /** Writes the page that is open, and returns the seq of its first event; 0 where none is. */
  close(): number
  /** Writes the page and the keys. */
  finish(): void
}

interface KeyIndex {
  readonly runs: KeyRuns
  filter: KeyFilter | null
  lookups: number
  /** Whether it was compared with the pages; once a batch was committed with it, it stays so. */
  isChecked: boolean
  readonly hasRowPostings: boolean
}

/** One index for each writing connection; the filter is made once and outlives the batches. */
const indexes = new WeakMap<WritingLedger, KeyIndex>()

const indexOf = (ledger: WritingLedger): KeyIndex => {
  let index = indexes.get(ledger)
  if (index === undefined) {
    index = {
      runs: keyRuns(ledger.database),
      filter: null,
      lookups: 0,
      isChecked: false,
      // No posting becomes a row any more, so this stays as it is.
      hasRowPostings:
        prepared(ledger, 'SELECT 1 FROM usage_event WHERE correction IS NULL LIMIT 1').get() !== undefined,
    }
    indexes.set(ledger, index)
  }
  if (!index.isChecked && !hasAllKeys(ledger)) rebuildKeys(ledger, index.runs)
  index.isChecked = true
  return index
}

/**
 * Makes the index of keys anew, after the batches asked for so far: where `verify` found that it does not fit.
 * @throws LedgerRefusal
 */
export const mendKeys = (ledger: WritingLedger): Promise<void> => {
  const mended = ledger.tail.then(() => {
    const { database } = ledger
    try {
      database.exec('BEGIN IMMEDIATE')
      const index = indexOf(ledger)
      rebuildKeys(ledger, index.runs)
      // What was left out of the index was left out of the filter.
      index.filter = null
      database.exec('COMMIT')
    } catch (error) {
      if (database.inTransaction) database.exec('ROLLBACK')
      forgetPages(ledger)
      throw asRefusal(error, ledger.file)
    }
  })
  ledger.tail = mended.catch(() => undefined)
  return mended
}

/** After a batch was rolled back: what it wrote of the index is gone. The filter only knows too much, which is harmless. */
export const forgetPages = (ledger: WritingLedger): void => {
  const index = indexes.get(ledger)
  index?.runs.forget()
  if (index !== undefined) index.isChecked = false
  forgetPagesRead(ledger)
}

export const openPages = (batch: OpenBatch, blocks: RawBlocks): OpenPages => {
  const index = indexOf(batch.ledger)
  const { runs } = index
  const recent = recentKeys()
  /** Seqs of the keys in `recent`, by ordinal; those of the open page have none yet. */
  let recentSeqs = new Float64Array(PAGE_EVENTS_MAX)
  let written = 0
  const page = emptyColumns(PAGE_EVENTS_MAX)
  let pageSource = 0
  let serial = 0

  const buildFilter = (capacity: number) => {
    // The one before is let go first: of a large book each takes tens of megabytes.
    index.filter = null
    const filter = keyFilter(Math.ceil(capacity))
    runs.each(filter.add)
    for (let ordinal = 0; ordinal < recent.size; ordinal++) filter.add(recent.fingerprintAt(ordinal))
    index.filter = filter
  }

  const spill = () => {
    if (written === 0) return
    const fingerprints = Uint32Array.from({ length: written }, (_, ordinal) => recent.fingerprintAt(ordinal))
    runs.write(recentSeqs.subarray(0, written), fingerprints)
    recent.clear()
    written = 0
  }

  /** Null where they would not read back as they were taken in: what the ledger holds can never be mended. */
  const pageBytes = (): Buffer | null => {
    const bytes = encodePage(page)
    const read = decodePage(bytes)
    const isSame = isSamePage(read, page)
    letColumnsGo(read)
    return isSame ? bytes : null
  }

  const close = (): number => {
    const { events } = page
    if (events === 0) return 0
    const blockNo = blocks.close()
    if (blockNo === null) throw new Error('a page of usage has no records')
    const bytes = pageBytes() ?? pageBytes()
    if (bytes === null)
      throw new Error(
        `${events} usage events do not read back as they were written. Nothing of this batch was kept; restart Countinghouse and import it again.`,
      )
    const firstSeq = batch.appendPage(pageSource, blockNo, events, bytes)
    letGo(bytes)
    addPage(batch.control, page)
    page.events = 0
    serial++
    if (recentSeqs.length < recent.size) {
      const larger = new Float64Array(Math.max(recent.size, recentSeqs.length * 2))
      larger.set(recentSeqs)
      recentSeqs = larger
    }
    for (let i = 0; i < events; i++) recentSeqs[written + i] = firstSeq + i
    written += events
    if (written >= RECENT_MAX) spill()
    return firstSeq
  }

  const foundAt = (seq: number): Found | null => {
    const at = readPageAt(batch.ledger, seq)
    return at === null ? null : { seq, columns: at.columns, index: seq - at.firstSeq }
  }
  const hasKey = (found: Found | null, sourceNo: number, keys: Uint8Array, at: number): boolean => {
    if (found === null || found.seq === null) return false
    if (readPageAt(batch.ledger, found.seq)?.sourceNo !== sourceNo) return false
    return isSameKey(found.columns.keys, found.index * KEY_BYTES, keys, at * KEY_BYTES)
  }
  /** The seq found last: what is delivered again mostly comes in the order it came in before. */
  let lastSeq = 0

  const findInRuns = (fingerprint: number, sourceNo: number, keys: Uint8Array, at: number): Found | null => {
    const next = lastSeq > 0 ? foundAt(lastSeq + 1) : null
    if (hasKey(next, sourceNo, keys, at)) {
      lastSeq++
      return next
    }
    for (const seq of runs.candidates(fingerprint)) {
      const found = foundAt(seq)
      if (!hasKey(found, sourceNo, keys, at)) continue
      lastSeq = seq
      return found
    }
    return null
  }

  return {
    hasRowPostings: index.hasRowPostings,
    find: (sourceNo, keys, at) => {
      const fingerprint = fingerprintOf(sourceNo, keys, at)
      if (index.filter === null) {
        index.lookups++
        if (index.lookups > LOOKUPS_WITHOUT_FILTER)
          buildFilter(Math.max(FILTER_KEYS_MIN, runs.keys * FILTER_ROOM))
      }
      if (index.filter !== null && !index.filter.mayHave(fingerprint)) return null
      const ordinal = recent.find(fingerprint, sourceNo, keys, at)
      if (ordinal >= written) return { seq: null, columns: page, index: ordinal - written }
      if (ordinal >= 0) return foundAt(recentSeqs[ordinal] as number)
      return runs.keys === 0 ? null : findInRuns(fingerprint, sourceNo, keys, at)
    },
    prepare: (sourceNo, kind) => {
      if (
        page.events > 0 &&
        (page.events === PAGE_EVENTS_MAX || sourceNo !== pageSource || !blocks.fits(kind))
      )
        close()
      pageSource = sourceNo
      return serial
    },
    add: (keys, at, event, blockRow) => {
      const i = page.events
      const from = at * KEY_BYTES
      const to = i * KEY_BYTES
      for (let byte = 0; byte < KEY_BYTES; byte++) page.keys[to + byte] = keys[from + byte] as number
      page.tenantNo[i] = event.tenantNo
      page.measureNo[i] = event.measureNo
      page.quantityHigh[i] = event.quantityHigh
      page.quantityLow[i] = event.quantityLow
      page.startMs[i] = event.startMs
      page.endMs[i] = event.endMs
      page.postedMs[i] = event.postedMs
      page.setNo[i] = event.setNo
      page.blockRow[i] = blockRow
      page.events = i + 1
      const fingerprint = fingerprintOf(event.sourceNo, keys, at)
      recent.add(fingerprint, event.sourceNo, keys, at)
      if (index.filter === null) return
      index.filter.add(fingerprint)
      const { capacity } = index.filter
      if (runs.keys + recent.size > capacity) buildFilter(capacity * FILTER_ROOM)
    },
    close,
    finish: () => {
      close()
      spill()
    },
  }
}
