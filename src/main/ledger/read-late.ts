/** What came late for a month: after it was closed, or after its invoices were computed. */
import { costFromUnits, costToUnits, type DecimalText } from '../../domain/decimal.ts'
import type { Period } from '../../domain/period.ts'
import { type Ledger, prepared } from './open.ts'

export interface LateEntries {
  readonly usageEvents: number
  readonly costEntries: number
  /** Billed cost of those cost entries that are in the currency asked for; others are counted, never added. */
  readonly billed: DecimalText
  /** The latest instant that any of them counts from; null where there are none. */
  readonly postedMs: number | null
}

/**
 * Entries that were posted into a later month because theirs was closed: usage by its service time in the period,
 * cost by the month of its bill.
 */
export const lateEntries = (
  ledger: Ledger,
  of: { readonly month: string; readonly period: Period; readonly currency: string },
): LateEntries => {
  const usage = prepared(
    ledger,
    `SELECT count(*) AS events, max(posted_ms) AS postedMs FROM usage_event
     WHERE start_ms >= ? AND start_ms < ? AND posted_ms IS NOT NULL`,
  ).get(of.period.startMs, of.period.endMs) as { events: number; postedMs: number | null }
  const cost = prepared(
    ledger,
    `SELECT billed_cost AS billed, currency, posted_ms AS postedMs FROM cost_entry
     WHERE bill_no IN (SELECT bill_no FROM bill WHERE month = ?) AND posted_ms IS NOT NULL`,
  ).all(of.month) as { billed: DecimalText; currency: string; postedMs: number }[]
  let billed = 0n
  let postedMs = usage.postedMs
  for (const entry of cost) {
    if (entry.currency === of.currency) billed += costToUnits(entry.billed)
    postedMs = Math.max(postedMs ?? entry.postedMs, entry.postedMs)
  }
  return { usageEvents: usage.events, costEntries: cost.length, billed: costFromUnits(billed), postedMs }
}

/** Batches after the given one that brought usage counting in the period. */
export const usageBatchesAfter = (ledger: Ledger, period: Period, afterBatch: number): number =>
  prepared(
    ledger,
    `SELECT count(DISTINCT batch_id) FROM usage_event
     WHERE coalesce(posted_ms, start_ms) >= ? AND coalesce(posted_ms, start_ms) < ? AND batch_id > ?`,
  )
    .pluck()
    .get(period.startMs, period.endMs, afterBatch) as number
