/** Sources, as far as the ledger's own tables answer at once; what each has delivered is counted in the cube. */
import { type Ledger, prepared } from './open.ts'
import type { AsOf } from './read-documents.ts'
import { machineCode } from './refusal.ts'

/**
 * The newest usage event or cost entry up to `toSeq`; 0 where there is none. Where the page that says so is damaged it is
 * `toSeq`, the latest that it can be.
 */
export const lastFactSeq = (ledger: Ledger, toSeq: number): number => {
  const newest = prepared(
    ledger,
    `SELECT max(coalesce((SELECT max(seq) FROM usage_event WHERE seq <= @toSeq), 0),
       coalesce((SELECT last_seq FROM usage_page WHERE seq <= @toSeq ORDER BY seq DESC LIMIT 1), 0),
       coalesce((SELECT max(seq) FROM cost_entry WHERE seq <= @toSeq), 0))`,
  ).pluck()
  try {
    return newest.get({ toSeq }) as number
  } catch (error) {
    if (machineCode(error).startsWith('SQLITE_CORRUPT')) return toSeq
    throw error
  }
}

/** Open quarantined records by source number. */
export const openQuarantineBySource = (
  ledger: Ledger,
  { asOfBatch = Number.MAX_SAFE_INTEGER }: AsOf = {},
): ReadonlyMap<number, number> =>
  new Map(
    prepared(
      ledger,
      `SELECT source_no, count(*) FROM quarantine q
       WHERE q.batch_id <= @asOfBatch AND NOT EXISTS (SELECT 1 FROM quarantine_outcome o
         WHERE o.quarantine_seq = q.seq AND o.batch_id <= @asOfBatch) GROUP BY source_no`,
    )
      .raw()
      .all({ asOfBatch }) as [number, number][],
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
