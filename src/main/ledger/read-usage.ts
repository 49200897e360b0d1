/** One usage event, from wherever it is kept: a page, or a row of its own (corrections, and books of version 1). */
import { type Ledger, prepared } from './open.ts'
import { readPageAt } from './read-pages.ts'
import { KEY_BYTES, quantityAt } from './usage-page.ts'

export interface StoredUsage {
  readonly seq: number
  readonly batchId: number
  readonly sourceNo: number
  readonly eventKey: Uint8Array
  readonly revision: number
  readonly tenantNo: number
  readonly measureNo: number
  readonly quantity: bigint
  readonly startMs: number
  readonly endMs: number | null
  readonly postedMs: number | null
  readonly setNo: number | null
  readonly blockNo: number
  readonly blockRow: number
  readonly correction: 'reversal' | 'restatement' | null
  readonly corrects: number | null
}

const ROW = `SELECT seq, batch_id AS batchId, source_no AS sourceNo, event_key AS eventKey, revision, tenant_no AS tenantNo,
    measure_no AS measureNo, CAST(quantity AS TEXT) AS quantity, start_ms AS startMs, end_ms AS endMs,
    posted_ms AS postedMs, set_no AS setNo, block_no AS blockNo, block_row AS blockRow, correction, corrects
  FROM usage_event WHERE seq = ?`

const numberOrNull = (value: number): number | null => (Number.isNaN(value) ? null : value)

/** Null where the seq is no usage event's. */
export const readUsage = (ledger: Ledger, seq: number): StoredUsage | null => {
  const row = prepared(ledger, ROW).get(seq) as
    | (Omit<StoredUsage, 'quantity'> & { readonly quantity: string })
    | undefined
  if (row !== undefined) return { ...row, quantity: BigInt(row.quantity) }
  const page = readPageAt(ledger, seq)
  if (page === null) return null
  const { columns } = page
  const at = seq - page.firstSeq
  return {
    seq,
    batchId: page.batchId,
    sourceNo: page.sourceNo,
    eventKey: columns.keys.slice(at * KEY_BYTES, (at + 1) * KEY_BYTES),
    revision: 0,
    tenantNo: columns.tenantNo[at] as number,
    measureNo: columns.measureNo[at] as number,
    quantity: quantityAt(columns, at),
    startMs: columns.startMs[at] as number,
    endMs: numberOrNull(columns.endMs[at] as number),
    postedMs: numberOrNull(columns.postedMs[at] as number),
    setNo: columns.setNo[at] === 0 ? null : (columns.setNo[at] as number),
    blockNo: page.blockNo,
    blockRow: columns.blockRow[at] as number,
    correction: null,
    corrects: null,
  }
}

/** Whether a usage event, wherever it is kept, was reversed. */
export const isUsageReversed = (ledger: Ledger, seq: number): boolean =>
  prepared(ledger, "SELECT 1 FROM usage_event WHERE corrects = ? AND correction = 'reversal'").get(seq) !==
  undefined
