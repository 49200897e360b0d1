/** Cost entries: posting them once per bill, finding what a newer delivery left out, and reversing it. */
import { costToUnits, type DecimalText, fitsCost, negateDecimal, parseDecimal } from '../../domain/decimal.ts'
import { canonicalText } from './canonical-line.ts'
import { openOrdinalKeys, type Seen } from './identity.ts'
import { insertSql, type OpenBatch } from './open-batch.ts'
import type { PostedRecord, RawBlocks } from './raw-block.ts'
import { LedgerRefusal } from './refusal.ts'
import { addCost } from './totals.ts'
import { latestRevision, type Outcome } from './usage.ts'

export interface CostFields {
  readonly sourceNo: number
  readonly billNo: number
  readonly startMs: number
  /** Exclusive. */
  readonly endMs: number | null
  /** Only where the bill's month is closed: when it counts instead. */
  readonly postedMs: number | null
  /** ISO 4217. */
  readonly currency: string
  readonly billedCost: DecimalText
  readonly effectiveCost: DecimalText | null
  readonly listCost: DecimalText | null
  readonly contractedCost: DecimalText | null
  readonly consumedQuantity: DecimalText | null
  readonly setNo: number
}

/** A live entry that the newer delivery of its bill no longer has. */
export interface VanishedCost {
  readonly seq: number
  readonly startMs: number
  readonly postedMs: number | null
  readonly currency: string
  readonly billedCost: DecimalText
}

export interface CostWriter {
  byContent(contentHash: Uint8Array, fields: CostFields, record: PostedRecord): Outcome
  /** Entries of the bill from earlier batches that this batch did not deliver again; they may be reversed meanwhile. */
  vanished(billNo: number): IterableIterator<VanishedCost>
  reverse(seq: number, postedMs: number | null): number
}

type Revision = readonly [seq: number, revision: number, reversed: 0 | 1]

const REVERSED = `EXISTS (SELECT 1 FROM cost_entry r WHERE r.corrects = c.seq AND r.correction = 'reversal')`

const FIND = `SELECT seq, revision, ${REVERSED}
  FROM cost_entry c WHERE cost_key = ? AND bill_no = ? AND correction IS NOT 'reversal'`

const VANISHED_PAGE = 1000
const VANISHED = `SELECT seq, start_ms AS startMs, posted_ms AS postedMs, currency, billed_cost AS billedCost
  FROM cost_entry c
  WHERE bill_no = ? AND seq > ? AND seq < ? AND correction IS NOT 'reversal' AND NOT ${REVERSED}
  ORDER BY seq LIMIT ${VANISHED_PAGE}`

const READ = `SELECT source_no AS sourceNo, bill_no AS billNo, cost_key AS costKey, revision, start_ms AS startMs,
    end_ms AS endMs, currency, billed_cost AS billedCost, effective_cost AS effectiveCost, list_cost AS listCost,
    contracted_cost AS contractedCost, consumed_quantity AS consumedQuantity, set_no AS setNo,
    block_no AS blockNo, block_row AS blockRow, correction IS 'reversal' AS isReversal, ${REVERSED} AS isReversed
  FROM cost_entry c WHERE seq = ?`

interface StoredCost extends Omit<CostFields, 'postedMs'> {
  readonly costKey: Buffer
  readonly revision: number
  readonly blockNo: number
  readonly blockRow: number
  readonly isReversal: 0 | 1
  readonly isReversed: 0 | 1
}

/** Whether the ledger refused an entry because its key is known (the trigger's words, see schema.ts). */
const isKnownKey = (error: unknown): boolean =>
  error instanceof Error && / has an entry with this cost_key,/.test(error.message)

const checkAmount = (amount: DecimalText | null): void => {
  if (amount === null) return
  if (parseDecimal(amount) !== amount) throw new RangeError(`not canonical decimal text: ${amount}`)
  if (!fitsCost(amount))
    throw new LedgerRefusal(
      'amount_does_not_fit',
      `The amount ${amount} has more than 18 decimals or 20 digits before the point, and is never rounded. Nothing of this batch was kept.`,
    )
}

const text = (value: string | null): string => (value === null ? 'null' : canonicalText(value))
const negated = (amount: DecimalText | null) => (amount === null ? null : negateDecimal(amount))

export const openCost = (batch: OpenBatch, blocks: RawBlocks, seen: Seen): CostWriter => {
  const { counts, control } = batch
  const ordinals = openOrdinalKeys()
  const find = batch.statement(FIND).raw()
  const insert = batch.statement(insertSql('cost_entry'))

  const post = (
    costKey: Buffer,
    revision: number,
    fields: CostFields,
    blockNo: number,
    blockRow: number,
    correction: 'reversal' | 'restatement' | null,
    corrects: number | null,
  ): number => {
    const { sourceNo, billNo, startMs, endMs, postedMs, currency, setNo } = fields
    const { billedCost, effectiveCost, listCost, contractedCost, consumedQuantity } = fields
    checkAmount(billedCost)
    // Most rows bill what is effective; the second check of the same text would find the same.
    if (effectiveCost !== billedCost) checkAmount(effectiveCost)
    if (listCost !== billedCost) checkAmount(listCost)
    if (contractedCost !== billedCost) checkAmount(contractedCost)
    checkAmount(consumedQuantity)
    if (!Number.isSafeInteger(startMs) || (endMs !== null && !Number.isSafeInteger(endMs)))
      throw new RangeError(`times are whole milliseconds, not ${startMs} and ${endMs}`)
    const seq = batch.nextSeq()
    const line = `[${seq},"cost_entry",${batch.batchId},${sourceNo},${billNo},"${costKey.toString('hex')}",${revision},${startMs},${endMs},${postedMs},${text(currency)},"${billedCost}",${text(effectiveCost)},${text(listCost)},${text(contractedCost)},${text(consumedQuantity)},${setNo},${blockNo},${blockRow},${text(correction)},${corrects}]`
    try {
      insert.run(
        seq,
        batch.batchId,
        sourceNo,
        billNo,
        costKey,
        revision,
        startMs,
        endMs,
        postedMs,
        currency,
        billedCost,
        effectiveCost,
        listCost,
        contractedCost,
        consumedQuantity,
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
    addCost(
      control,
      currency,
      1,
      costToUnits(billedCost),
      effectiveCost === null ? 0n : costToUnits(effectiveCost),
    )
    return seq
  }

  const postNew = (
    costKey: Buffer,
    fields: CostFields,
    record: PostedRecord,
    returned: Revision | null,
  ): void => {
    const revision = returned === null ? 0 : returned[1] + 1
    const corrects = returned === null ? null : returned[0]
    post(
      costKey,
      revision,
      fields,
      blocks.blockNo(record.kind),
      blocks.nextRow(),
      corrects === null ? null : 'restatement',
      corrects,
    )
    record.keep(blocks)
    counts.new++
    if (returned !== null) counts.restated++
  }

  /** Most records are new where the one before was: those are posted without looking for them first. */
  let expectsNew = false
  const postExpected = (costKey: Buffer, fields: CostFields, record: PostedRecord): boolean => {
    if (!expectsNew) return false
    try {
      postNew(costKey, fields, record, null)
      return true
    } catch (error) {
      if (!isKnownKey(error)) throw error
      expectsNew = false
      return false
    }
  }

  const byContent = (contentHash: Uint8Array, fields: CostFields, record: PostedRecord): Outcome => {
    counts.rows++
    let ordinal = ordinals.first(fields.billNo, contentHash)
    let outcome: Outcome = 'new'
    for (; ; ordinal++) {
      const key = ordinals.key(contentHash, ordinal)
      if (postExpected(key, fields, record)) break
      const latest = latestRevision(find.all(key, fields.billNo) as Revision[])
      if (latest === undefined) {
        postNew(key, fields, record, null)
        expectsNew = true
        break
      }
      if (latest[0] >= batch.firstSeq || seen.has(latest[0])) continue
      if (latest[2] === 1) postNew(key, fields, record, latest)
      else {
        seen.add(latest[0])
        counts.duplicate++
        outcome = 'duplicate'
      }
      break
    }
    if (ordinal > 0) ordinals.remember(fields.billNo, contentHash, ordinal + 1)
    return outcome
  }

  function* vanished(billNo: number): IterableIterator<VanishedCost> {
    // By pages, because no other statement may write while one is being read.
    const page = batch.statement(VANISHED)
    for (let after = 0; ; ) {
      const rows = page.all(billNo, after, batch.firstSeq) as VanishedCost[]
      for (const row of rows) if (!seen.has(row.seq)) yield row
      const last = rows.at(-1)
      if (last === undefined || rows.length < VANISHED_PAGE) return
      after = last.seq
    }
  }

  const reverse = (seq: number, postedMs: number | null): number => {
    const stored = batch.statement(READ).get(seq) as StoredCost | undefined
    if (stored === undefined || stored.isReversal === 1)
      throw new LedgerRefusal('entry_does_not_exist', `There is no cost entry ${seq} that could be reversed.`)
    if (stored.isReversed === 1)
      throw new LedgerRefusal(
        'entry_is_reversed_already',
        `The cost entry ${seq} is reversed already; nothing was changed.`,
      )
    const fields: CostFields = {
      ...stored,
      postedMs,
      billedCost: negateDecimal(stored.billedCost),
      effectiveCost: negated(stored.effectiveCost),
      listCost: negated(stored.listCost),
      contractedCost: negated(stored.contractedCost),
      consumedQuantity: negated(stored.consumedQuantity),
    }
    const number = post(
      stored.costKey,
      stored.revision,
      fields,
      stored.blockNo,
      stored.blockRow,
      'reversal',
      seq,
    )
    counts.reversed++
    return number
  }

  return { byContent, vanished, reverse }
}
