/** Usage events: posting them once each, and reversing them. */
import { QUANTITY_MAX } from '../../domain/quantity.ts'
import { asBuffer } from './canonical-line.ts'
import type { Exceptions } from './exceptions.ts'
import { type OrdinalKeys, openOrdinalKeys, type Seen } from './identity.ts'
import { insertSql, type OpenBatch } from './open-batch.ts'
import type { RawBlocks, RecordOrigin } from './raw-block.ts'
import { LedgerRefusal } from './refusal.ts'
import { addUsage } from './totals.ts'

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
  reverse(seq: number, postedMs: number | null): number
}

/** An entry with the key: seq, revision, and whether it is reversed. */
type Revision = readonly [seq: number, revision: number, reversed: 0 | 1]

export const latestRevision = (revisions: readonly Revision[]): Revision | undefined => {
  let latest = revisions[0]
  for (const revision of revisions) if (latest !== undefined && revision[1] > latest[1]) latest = revision
  return latest
}

/** Whether the ledger refused an entry because its key is known (the trigger's words, see schema.ts). */
export const isKnownKey = (error: unknown): boolean =>
  error instanceof Error && / has an entry with this (event|cost)_key,/.test(error.message)

const FIND = `SELECT seq, revision,
    EXISTS (SELECT 1 FROM usage_event r WHERE r.corrects = u.seq AND r.correction = 'reversal')
  FROM usage_event u WHERE event_key = ? AND source_no = ? AND correction IS NOT 'reversal'`

const DIFFERENCES = `SELECT tenant_no IS NOT ? AS tenant, measure_no IS NOT ? AS metric, quantity IS NOT ? AS quantity,
    start_ms IS NOT ? OR end_ms IS NOT ? AS "time", set_no IS NOT ? AS dimensions
  FROM usage_event WHERE seq = ?`

const READ = `SELECT source_no AS sourceNo, event_key AS eventKey, revision, tenant_no AS tenantNo, measure_no AS measureNo,
    quantity, start_ms AS startMs, end_ms AS endMs, set_no AS setNo, block_no AS blockNo, block_row AS blockRow,
    correction IS 'reversal' AS isReversal,
    EXISTS (SELECT 1 FROM usage_event r WHERE r.corrects = u.seq AND r.correction = 'reversal') AS isReversed
  FROM usage_event u WHERE seq = ?`

interface StoredUsage {
  readonly sourceNo: bigint
  readonly eventKey: Buffer
  readonly revision: bigint
  readonly tenantNo: bigint
  readonly measureNo: bigint
  readonly quantity: bigint
  readonly startMs: bigint
  readonly endMs: bigint | null
  readonly setNo: bigint | null
  readonly blockNo: bigint
  readonly blockRow: bigint
  readonly isReversal: bigint
  readonly isReversed: bigint
}

export const openUsage = (
  batch: OpenBatch,
  blocks: RawBlocks,
  seen: Seen,
  exceptions: Exceptions,
): UsageWriter => {
  const { counts, control } = batch
  const ordinals: OrdinalKeys = openOrdinalKeys()
  const find = batch.statement(FIND).raw()
  const differences = batch.statement(DIFFERENCES)
  const insert = batch.statement(insertSql('usage_event'))

  /** The line is written out because this is the hottest path; the chain's verification proves it right. */
  const post = (
    eventKey: Uint8Array,
    revision: number,
    fields: UsageFields,
    blockNo: number,
    blockRow: number,
    correction: 'reversal' | 'restatement' | null,
    corrects: number | null,
  ): number => {
    const { sourceNo, tenantNo, measureNo, quantity, startMs, endMs, postedMs, setNo } = fields
    if (quantity > QUANTITY_MAX || quantity < -QUANTITY_MAX)
      throw new LedgerRefusal(
        'quantity_does_not_fit',
        `The quantity ${quantity} is larger than the ledger holds (${QUANTITY_MAX}). Nothing of this batch was kept; choose a metric with fewer decimals.`,
      )
    if (!Number.isSafeInteger(startMs) || (endMs !== null && !Number.isSafeInteger(endMs)))
      throw new RangeError(`times are whole milliseconds, not ${startMs} and ${endMs}`)
    const seq = batch.nextSeq()
    const key = asBuffer(eventKey)
    const line = `[${seq},"usage_event",${batch.batchId},${sourceNo},"${key.toString('hex')}",${revision},${tenantNo},${measureNo},${quantity},${startMs},${endMs},${postedMs},${setNo},${blockNo},${blockRow},${correction === null ? 'null' : `"${correction}"`},${corrects}]`
    try {
      insert.run(
        seq,
        batch.batchId,
        sourceNo,
        key,
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
        batch.digest(line),
      )
    } catch (error) {
      if (!isKnownKey(error)) batch.end()
      throw error
    }
    batch.take(line)
    addUsage(control, measureNo, 1, quantity)
    return seq
  }

  const postNew = (
    eventKey: Uint8Array,
    fields: UsageFields,
    origin: RecordOrigin,
    returned: Revision | null,
  ): Outcome => {
    blocks.prepare(origin.csvHeader)
    const revision = returned === null ? 0 : returned[1] + 1
    const corrects = returned === null ? null : returned[0]
    post(
      eventKey,
      revision,
      fields,
      blocks.blockNo(),
      blocks.blockRow(),
      corrects === null ? null : 'restatement',
      corrects,
    )
    blocks.keep(origin.record)
    counts.new++
    if (returned !== null) counts.restated++
    return 'new'
  }

  /** Most records are new where the one before was: those are posted without looking for them first. */
  let expectsNew = true
  const postExpected = (eventKey: Uint8Array, fields: UsageFields, origin: RecordOrigin): boolean => {
    if (!expectsNew) return false
    try {
      postNew(eventKey, fields, origin, null)
      return true
    } catch (error) {
      if (!isKnownKey(error)) throw error
      expectsNew = false
      return false
    }
  }

  const byId = (
    eventKey: Uint8Array,
    fields: UsageFields,
    origin: RecordOrigin,
    reversalPosting?: ReversalPosting,
  ): Outcome => {
    counts.rows++
    if (postExpected(eventKey, fields, origin)) return 'new'
    const latest = latestRevision(find.all(eventKey, fields.sourceNo) as Revision[])
    if (latest === undefined) {
      expectsNew = true
      return postNew(eventKey, fields, origin, null)
    }
    if (latest[2] === 1) return postNew(eventKey, fields, origin, latest)
    const differs = differences.get(
      fields.tenantNo,
      fields.measureNo,
      fields.quantity,
      fields.startMs,
      fields.endMs,
      fields.setNo,
      latest[0],
    ) as Readonly<Record<string, 0 | 1>>
    const names = Object.keys(differs).filter((name) => differs[name] === 1)
    if (names.length === 0) {
      if (reversalPosting !== undefined) seen.add(latest[0])
      counts.duplicate++
      return 'duplicate'
    }
    // Only what an earlier batch posted is replaced: which of two records of one file is newer, nobody can say, and
    // the same file again must change nothing.
    if (reversalPosting !== undefined && latest[0] < batch.firstSeq && !seen.has(latest[0])) {
      reverse(latest[0], reversalPosting(startMsOf(latest[0])))
      return postNew(eventKey, fields, origin, latest)
    }
    exceptions.conflict(fields.sourceNo, latest[0], names, origin)
    return 'conflict'
  }

  const byContent = (contentHash: Uint8Array, fields: UsageFields, origin: RecordOrigin): Outcome => {
    counts.rows++
    let ordinal = ordinals.first(fields.sourceNo, contentHash)
    let outcome: Outcome = 'new'
    for (; ; ordinal++) {
      const key = ordinals.key(contentHash, ordinal)
      if (postExpected(key, fields, origin)) break
      const latest = latestRevision(find.all(key, fields.sourceNo) as Revision[])
      if (latest === undefined) {
        postNew(key, fields, origin, null)
        expectsNew = true
        break
      }
      if (latest[0] >= batch.firstSeq || seen.has(latest[0])) continue
      if (latest[2] === 1) postNew(key, fields, origin, latest)
      else {
        seen.add(latest[0])
        counts.duplicate++
        outcome = 'duplicate'
      }
      break
    }
    if (ordinal > 0) ordinals.remember(fields.sourceNo, contentHash, ordinal + 1)
    return outcome
  }

  const startMsOf = (seq: number): number =>
    batch.statement('SELECT start_ms FROM usage_event WHERE seq = ?').pluck().get(seq) as number

  const reverse = (seq: number, postedMs: number | null): number => {
    const stored = batch.statement(READ).safeIntegers().get(seq) as StoredUsage | undefined
    if (stored === undefined || stored.isReversal === 1n)
      throw new LedgerRefusal(
        'entry_does_not_exist',
        `There is no usage event ${seq} that could be reversed.`,
      )
    if (stored.isReversed === 1n)
      throw new LedgerRefusal(
        'entry_is_reversed_already',
        `The usage event ${seq} is reversed already; nothing was changed.`,
      )
    const number = post(
      stored.eventKey,
      Number(stored.revision),
      {
        sourceNo: Number(stored.sourceNo),
        tenantNo: Number(stored.tenantNo),
        measureNo: Number(stored.measureNo),
        quantity: -stored.quantity,
        startMs: Number(stored.startMs),
        endMs: stored.endMs === null ? null : Number(stored.endMs),
        postedMs,
        setNo: stored.setNo === null ? null : Number(stored.setNo),
      },
      Number(stored.blockNo),
      Number(stored.blockRow),
      'reversal',
      seq,
    )
    counts.reversed++
    return number
  }

  return { byId, byContent, reverse }
}
