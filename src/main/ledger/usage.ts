/** Usage events: posting them once each, into pages; reversing and restating them, as rows of their own. */
import { QUANTITY_MAX } from '../../domain/quantity.ts'
import { asBuffer } from './canonical-line.ts'
import type { Exceptions } from './exceptions.ts'
import { type OrdinalKeys, openOrdinalKeys, type Seen } from './identity.ts'
import type { OpenBatch } from './open-batch.ts'
import { type Found, openPages, type PageEvent } from './open-pages.ts'
import { type PostedRecord, postedRecord, type RawBlocks, type RecordOrigin } from './raw-block.ts'
import { isUsageReversed, readUsage } from './read-usage.ts'
import { LedgerRefusal } from './refusal.ts'
import { addUsage } from './totals.ts'
import type { UsageColumns } from './usage-page.ts'

export interface UsageFields {
  readonly sourceNo: number
  readonly tenantNo: number
  readonly measureNo: number
  /** An integer at the measure's scale. */
  readonly quantity: bigint
  readonly startMs: number
  /** Exclusive; null for an instant. */
  readonly endMs: number | null
  /** Only where the month of `startMs` is closed: when it counts instead. */
  readonly postedMs: number | null
  readonly setNo: number | null
}

/** When the reversal of an event counts, by the event's service time; null: in the month of that time. */
export type ReversalPosting = (startMs: number) => number | null

export type Outcome = 'new' | 'duplicate' | 'conflict'

export interface UsageWriter {
  byId(
    eventKey: Uint8Array,
    fields: UsageFields,
    origin: RecordOrigin,
    reversalPosting?: ReversalPosting,
  ): Outcome
  byContent(contentHash: Uint8Array, fields: UsageFields, origin: RecordOrigin): Outcome
  /** As {@link UsageWriter.byId}, without an object for each event: the key is the `index`th of `keys`. */
  eventById(
    keys: Uint8Array,
    index: number,
    event: PageEvent,
    record: PostedRecord,
    reversalPosting?: ReversalPosting,
  ): Outcome
  /**
   * Posts the event where its content is new or comes back. `complete` is called only then, and fills in the rest of
   * the event: names that nothing is posted with are given no number. Null where it cannot; nothing is counted then.
   */
  eventByContent(
    contentHash: Uint8Array,
    event: PageEvent,
    record: PostedRecord,
    complete: () => boolean,
  ): Outcome | null
  reverse(seq: number, postedMs: number | null): number
  /** Writes what is gathered. */
  finish(): void
}

/** An entry with the key: seq, revision, and whether it is reversed. */
type Revision = readonly [seq: number, revision: number, reversed: 0 | 1]

export const latestRevision = (revisions: readonly Revision[]): Revision | undefined => {
  let latest = revisions[0]
  for (const revision of revisions) if (latest !== undefined && revision[1] > latest[1]) latest = revision
  return latest
}

/** Rows with the key that are no reversals: restatements, and the postings of books of version 1. */
const FIND_ROWS = `SELECT seq, revision,
    EXISTS (SELECT 1 FROM usage_event r WHERE r.corrects = u.seq AND r.correction = 'reversal')
  FROM usage_event u WHERE event_key = ? AND source_no = ? AND correction IS NOT 'reversal'`

const sameNumber = (one: number | undefined, other: number): boolean =>
  one === other || (Number.isNaN(one) && Number.isNaN(other))

/** What differs between two events of the same id, as the words that a conflict names. */
const differences = (columns: UsageColumns, at: number, event: PageEvent): string[] => [
  ...(columns.tenantNo[at] === event.tenantNo ? [] : ['tenant']),
  ...(columns.measureNo[at] === event.measureNo ? [] : ['metric']),
  ...(columns.quantityHigh[at] === event.quantityHigh && columns.quantityLow[at] === event.quantityLow
    ? []
    : ['quantity']),
  ...(columns.startMs[at] === event.startMs && sameNumber(columns.endMs[at], event.endMs) ? [] : ['time']),
  ...(columns.setNo[at] === event.setNo ? [] : ['dimensions']),
]

const quantityOf = ({ quantityHigh, quantityLow }: PageEvent): bigint =>
  (BigInt(quantityHigh) << 32n) + BigInt(quantityLow)

const orNull = (value: number): number | null => (Number.isNaN(value) ? null : value)

const fieldsOf = (event: PageEvent): UsageFields => ({
  sourceNo: event.sourceNo,
  tenantNo: event.tenantNo,
  measureNo: event.measureNo,
  quantity: quantityOf(event),
  startMs: event.startMs,
  endMs: orNull(event.endMs),
  postedMs: orNull(event.postedMs),
  setNo: event.setNo === 0 ? null : event.setNo,
})

/** Times lie within 2^52 milliseconds of 1970, so that the difference of any two of a page is exact. */
const TIME_MS_MAX = 2 ** 52
const isTime = (ms: number | null): boolean =>
  ms === null || (Number.isInteger(ms) && Math.abs(ms) < TIME_MS_MAX)

/** @throws LedgerRefusal `quantity_does_not_fit`; RangeError where a time is no whole number. */
const eventOf = (fields: UsageFields): PageEvent => {
  const { quantity, startMs, endMs, postedMs } = fields
  if (quantity > QUANTITY_MAX || quantity < -QUANTITY_MAX)
    throw new LedgerRefusal(
      'quantity_does_not_fit',
      `The quantity ${quantity} is larger than the ledger holds (${QUANTITY_MAX}). Nothing of this batch was kept; choose a metric with fewer decimals.`,
    )
  if (!isTime(startMs) || !isTime(endMs) || !isTime(postedMs))
    throw new RangeError(`times are whole milliseconds, not ${startMs}, ${endMs} and ${postedMs}`)
  return {
    sourceNo: fields.sourceNo,
    tenantNo: fields.tenantNo,
    measureNo: fields.measureNo,
    quantityHigh: Number(quantity >> 32n),
    quantityLow: Number(quantity & 0xffff_ffffn),
    startMs,
    endMs: endMs ?? Number.NaN,
    postedMs: postedMs ?? Number.NaN,
    setNo: fields.setNo ?? 0,
  }
}

export const openUsage = (
  batch: OpenBatch,
  blocks: RawBlocks,
  seen: Seen,
  exceptions: Exceptions,
): UsageWriter => {
  const { counts, control, ledger } = batch
  const ordinals: OrdinalKeys = openOrdinalKeys()
  const pages = openPages(batch, blocks)
  const findRows = batch.statement(FIND_ROWS).raw()
  let hasRows = batch.statement('SELECT 1 FROM usage_event LIMIT 1').get() !== undefined

  /** A correction, as a row of its own. */
  const postRow = (
    eventKey: Uint8Array,
    revision: number,
    fields: UsageFields,
    blockNo: number,
    blockRow: number,
    correction: 'reversal' | 'restatement',
    corrects: number,
  ): number => {
    const { sourceNo, tenantNo, measureNo, quantity, startMs, endMs, postedMs, setNo } = fields
    const seq = batch.append('usage_event', [
      sourceNo,
      asBuffer(eventKey),
      revision,
      tenantNo,
      measureNo,
      quantity,
      startMs,
      endMs,
      postedMs,
      setNo,
      blockNo,
      blockRow,
      correction,
      corrects,
    ])
    addUsage(control, measureNo, 1, quantity)
    hasRows = true
    return seq
  }

  /** The record kept last, and where: further events of the same record point at it. */
  const kept = { page: -1, row: Number.NaN, blockRow: 0 }
  const postNew = (keys: Uint8Array, index: number, event: PageEvent, record: PostedRecord): void => {
    const page = pages.prepare(event.sourceNo, record.kind)
    if (kept.page !== page || kept.row !== record.row) {
      kept.blockRow = record.keep(blocks)
      kept.page = page
      kept.row = record.row
    }
    pages.add(keys, index, event, kept.blockRow)
    counts.new++
  }

  const postReturned = (
    key: Uint8Array,
    event: PageEvent,
    record: PostedRecord,
    returned: Revision,
  ): void => {
    // The record gets a block of its own: those of the open page are the page's.
    pages.close()
    const blockRow = record.keep(blocks)
    const blockNo = blocks.close()
    if (blockNo === null) throw new Error('the record of a restatement was not kept')
    postRow(key, returned[1] + 1, fieldsOf(event), blockNo, blockRow, 'restatement', returned[0])
    counts.new++
    counts.restated++
  }

  const keyAt = (keys: Uint8Array, index: number): Buffer =>
    asBuffer(keys.subarray(index * 16, index * 16 + 16))

  /** The newest entry with the key. An entry of the open page has no seq yet. */
  const latestOf = (found: Found | null, key: Uint8Array, sourceNo: number): Revision | undefined => {
    const revisions = hasRows ? (findRows.all(key, sourceNo) as Revision[]) : []
    if (found?.seq != null)
      revisions.push([found.seq, 0, hasRows && isUsageReversed(ledger, found.seq) ? 1 : 0])
    return latestRevision(revisions)
  }

  const rowDifferences = (seq: number, event: PageEvent): string[] => {
    const stored = readUsage(ledger, seq)
    if (stored === null) throw new Error(`the usage event ${seq} is found by its key but not there`)
    const { tenantNo, measureNo, quantity, startMs, endMs, setNo } = fieldsOf(event)
    return [
      ...(stored.tenantNo === tenantNo ? [] : ['tenant']),
      ...(stored.measureNo === measureNo ? [] : ['metric']),
      ...(stored.quantity === quantity ? [] : ['quantity']),
      ...(stored.startMs === startMs && stored.endMs === endMs ? [] : ['time']),
      ...(stored.setNo === setNo ? [] : ['dimensions']),
    ]
  }

  const eventById = (
    keys: Uint8Array,
    index: number,
    event: PageEvent,
    record: PostedRecord,
    reversalPosting?: ReversalPosting,
  ): Outcome => {
    batch.nextSeq()
    counts.rows++
    const found = pages.find(event.sourceNo, keys, index)
    if (found === null && !pages.hasRowPostings) {
      postNew(keys, index, event, record)
      return 'new'
    }
    const inOpenPage = found !== null && found.seq === null
    const latest = inOpenPage ? undefined : latestOf(found, keyAt(keys, index), event.sourceNo)
    if (latest === undefined && !inOpenPage) {
      postNew(keys, index, event, record)
      return 'new'
    }
    if (latest?.[2] === 1) {
      postReturned(keyAt(keys, index), event, record, latest)
      return 'new'
    }
    const names =
      found !== null && (inOpenPage || latest?.[0] === found.seq)
        ? differences(found.columns, found.index, event)
        : rowDifferences(latest?.[0] ?? 0, event)
    if (names.length === 0) {
      if (reversalPosting !== undefined && latest !== undefined) seen.add(latest[0])
      counts.duplicate++
      return 'duplicate'
    }
    // Only what an earlier batch posted is replaced: which of two records of one file is newer, nobody can say, and
    // the same file again must change nothing.
    if (
      reversalPosting !== undefined &&
      latest !== undefined &&
      latest[0] < batch.firstSeq &&
      !seen.has(latest[0])
    ) {
      const key = keyAt(keys, index)
      reverse(latest[0], reversalPosting(startMsOf(latest[0])))
      postReturned(key, event, record, latest)
      return 'new'
    }
    // What is named in a conflict must have its seq.
    const existing = latest?.[0] ?? pages.close() + (found?.index ?? 0)
    exceptions.conflict(event.sourceNo, existing, names, record.origin())
    return 'conflict'
  }

  const eventByContent = (
    contentHash: Uint8Array,
    event: PageEvent,
    record: PostedRecord,
    complete: () => boolean,
  ): Outcome | null => {
    batch.nextSeq()
    const { sourceNo } = event
    let ordinal = ordinals.first(sourceNo, contentHash)
    let outcome: Outcome = 'new'
    for (; ; ordinal++) {
      const key = ordinals.key(contentHash, ordinal)
      const found = pages.find(sourceNo, key, 0)
      if (found !== null && (found.seq === null || found.seq >= batch.firstSeq)) continue
      const latest = found === null && !pages.hasRowPostings ? undefined : latestOf(found, key, sourceNo)
      if (latest !== undefined && (latest[0] >= batch.firstSeq || seen.has(latest[0]))) continue
      if (latest !== undefined && latest[2] === 0) {
        seen.add(latest[0])
        counts.duplicate++
        outcome = 'duplicate'
        break
      }
      if (!complete()) return null
      if (latest === undefined) postNew(key, 0, event, record)
      else postReturned(key, event, record, latest)
      break
    }
    counts.rows++
    if (ordinal > 0) ordinals.remember(sourceNo, contentHash, ordinal + 1)
    return outcome
  }

  const startMsOf = (seq: number): number => {
    const stored = readUsage(ledger, seq)
    if (stored === null) throw new Error(`the usage event ${seq} is found by its key but not there`)
    return stored.startMs
  }

  const reverse = (seq: number, postedMs: number | null): number => {
    // What is posted in this batch has a number once its page is written.
    pages.close()
    const stored = readUsage(ledger, seq)
    if (stored === null || stored.correction === 'reversal')
      throw new LedgerRefusal(
        'entry_does_not_exist',
        `There is no usage event ${seq} that could be reversed.`,
      )
    if (isUsageReversed(ledger, seq))
      throw new LedgerRefusal(
        'entry_is_reversed_already',
        `The usage event ${seq} is reversed already; nothing was changed.`,
      )
    const number = postRow(
      stored.eventKey,
      stored.revision,
      { ...stored, quantity: -stored.quantity, postedMs },
      stored.blockNo,
      stored.blockRow,
      'reversal',
      seq,
    )
    counts.reversed++
    return number
  }

  return {
    byId: (eventKey, fields, origin, reversalPosting) =>
      eventById(eventKey, 0, eventOf(fields), postedRecord(origin), reversalPosting),
    byContent: (contentHash, fields, origin) =>
      eventByContent(contentHash, eventOf(fields), postedRecord(origin), () => true) as Outcome,
    eventById,
    eventByContent,
    reverse,
    finish: pages.finish,
  }
}
