/** What came late for a period: after it was closed, or after its invoices were computed. */
import { costFromUnits, costToUnits, type DecimalText } from '../../domain/decimal.ts'
import type { Period } from '../../domain/period.ts'
import { type Ledger, prepared } from './open.ts'

export interface LateEntries {
  readonly usageEvents: number
  readonly costEntries: number
  /** Billed cost of those cost entries, of all currencies that are one in practice: the book's. */
  readonly billed: DecimalText
  readonly batches: number
}

/**
 * Entries whose service lies in the period and that came after a batch, or, where `afterBatch` is null, those
 * posted into a later month because theirs was closed. Cost is taken by its charge period.
 */
export const lateEntries = (ledger: Ledger, period: Period, afterBatch: number | null): LateEntries => {
  const condition = afterBatch === null ? 'posted_ms IS NOT NULL AND ? IS NULL' : 'batch_id > ?'
  const rows = (table: string, column: string) =>
    prepared(
      ledger,
      `SELECT batch_id, ${column} FROM ${table} WHERE start_ms >= ? AND start_ms < ? AND ${condition}`,
    )
      .raw()
      .all(period.startMs, period.endMs, afterBatch) as [number, string][]
  const usage = rows('usage_event', "''")
  const cost = rows('cost_entry', 'billed_cost')
  let billed = 0n
  for (const [, amount] of cost) billed += costToUnits(amount as DecimalText)
  return {
    usageEvents: usage.length,
    costEntries: cost.length,
    billed: costFromUnits(billed),
    batches: new Set([...usage, ...cost].map(([batchId]) => batchId)).size,
  }
}
