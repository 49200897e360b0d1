/** What each source has delivered, added up from the entries after a given one, so that a caller can go on from there. */
import { type Ledger, prepared } from './open.ts'

export interface SourceTotals {
  readonly sourceNo: number
  readonly sourceKey: string
  readonly kind: string
  /** Entries posted, less those reversed. */
  readonly records: number
  /** The latest start of service. */
  readonly lastServiceMs: number
  readonly lastBatchId: number
}

/** Totals of the entries in `(afterSeq, toSeq]`, by source. */
export const sourceTotals = (ledger: Ledger, afterSeq: number, toSeq: number): readonly SourceTotals[] =>
  prepared(
    ledger,
    `SELECT source_no AS sourceNo, source_key AS sourceKey, source.kind AS kind, sum(records) AS records,
       max(last_service_ms) AS lastServiceMs, max(last_batch_id) AS lastBatchId
     FROM (
       SELECT source_no, sum(CASE WHEN correction IS 'reversal' THEN -1 ELSE 1 END) AS records,
         max(start_ms) AS last_service_ms, max(batch_id) AS last_batch_id
       FROM usage_event WHERE seq > @afterSeq AND seq <= @toSeq GROUP BY source_no
       UNION ALL
       SELECT source_no, sum(CASE WHEN correction IS 'reversal' THEN -1 ELSE 1 END), max(start_ms), max(batch_id)
       FROM cost_entry WHERE seq > @afterSeq AND seq <= @toSeq GROUP BY source_no
     ) JOIN source USING (source_no) GROUP BY source_no`,
  ).all({ afterSeq, toSeq }) as SourceTotals[]

/** Open quarantined records by source number. */
export const openQuarantineBySource = (ledger: Ledger): ReadonlyMap<number, number> =>
  new Map(
    prepared(
      ledger,
      `SELECT source_no, count(*) FROM quarantine q
       WHERE NOT EXISTS (SELECT 1 FROM quarantine_outcome o WHERE o.quarantine_seq = q.seq) GROUP BY source_no`,
    )
      .raw()
      .all() as [number, number][],
  )

/** Live entries of a bill; 0 where the ledger doesn't know it. */
export const liveEntriesOfBill = (
  ledger: Ledger,
  bill: { readonly provider: string; readonly billingAccount: string; readonly periodStartMs: number },
): number =>
  prepared(
    ledger,
    `SELECT coalesce(sum(CASE WHEN correction IS 'reversal' THEN -1 ELSE 1 END), 0) FROM cost_entry
     WHERE bill_no = (SELECT bill_no FROM bill WHERE provider = ? AND billing_account = ? AND period_start_ms = ?)`,
  )
    .pluck()
    .get(bill.provider, bill.billingAccount, bill.periodStartMs) as number
