/** The names entries use, the months there is something in, what arrived when, and the control totals. */
import { addDays, dayOf, type Month, monthOf, type Period, startOfDay } from '../../domain/period.ts'
import { type Ledger, prepared } from './open.ts'
import type { AsOf } from './read-documents.ts'
import { addControl, type Control, noControl, parseControl } from './totals.ts'

export interface Source {
  readonly sourceNo: number
  readonly sourceKey: string
  readonly kind: string
}
export const listSources = (ledger: Ledger): readonly Source[] =>
  prepared(
    ledger,
    'SELECT source_no AS sourceNo, source_key AS sourceKey, kind FROM source ORDER BY source_no',
  ).all() as Source[]

export interface Tenant {
  readonly tenantNo: number
  readonly tenant: string
}
export const listTenants = (ledger: Ledger): readonly Tenant[] =>
  prepared(ledger, 'SELECT tenant_no AS tenantNo, tenant FROM tenant ORDER BY tenant_no').all() as Tenant[]

export interface Measure {
  readonly measureNo: number
  readonly metric: string
  readonly scale: number
}
export const listMeasures = (ledger: Ledger): readonly Measure[] =>
  prepared(
    ledger,
    'SELECT measure_no AS measureNo, metric, scale FROM measure ORDER BY measure_no',
  ).all() as Measure[]

export interface AttributeSet {
  readonly setNo: number
  readonly kind: 'usage' | 'cost'
  /** Canonical JSON. */
  readonly content: string
}
/** By number, from the one after `after`. */
export const listAttributeSets = (
  ledger: Ledger,
  { after = 0, limit = 1_000_000 }: { readonly after?: number; readonly limit?: number } = {},
): readonly AttributeSet[] =>
  prepared(
    ledger,
    'SELECT set_no AS setNo, kind, content FROM attribute_set WHERE set_no > ? ORDER BY set_no LIMIT ?',
  ).all(after, limit) as AttributeSet[]

export interface Bill {
  readonly billNo: number
  readonly provider: string
  readonly billingAccount: string
  readonly periodStartMs: number
  /** Exclusive. */
  readonly periodEndMs: number | null
  readonly month: Month
}
export const listBills = (ledger: Ledger): readonly Bill[] =>
  prepared(
    ledger,
    `SELECT bill_no AS billNo, provider, billing_account AS billingAccount, period_start_ms AS periodStartMs,
       period_end_ms AS periodEndMs, month FROM bill ORDER BY bill_no`,
  ).all() as Bill[]

/** The exact sums over all entries, from what each batch says it added. */
export const controlTotals = (
  ledger: Ledger,
  { asOfBatch = Number.MAX_SAFE_INTEGER }: AsOf = {},
): Control => {
  const total = noControl()
  const texts = prepared(ledger, 'SELECT control FROM batch WHERE batch_id <= ?')
    .pluck()
    .all(asOfBatch) as string[]
  for (const text of texts) addControl(total, parseControl(text))
  return total
}

/** Months in which usage counts (closed months' late events in the month they are posted to), in order. */
export const monthsWithUsage = (ledger: Ledger, timeZone: string): readonly Month[] => {
  // A UTC day touches two months at most, and then its first and its last event are in them.
  const days = prepared(
    ledger,
    `SELECT min(coalesce(posted_ms, start_ms)), max(coalesce(posted_ms, start_ms))
     FROM usage_event GROUP BY coalesce(posted_ms, start_ms) / 86400000`,
  )
    .raw()
    .all() as [number, number][]
  return [...new Set(days.flat().map((ms) => monthOf(ms, timeZone)))].sort()
}

/** Months in which cost counts: the bill's, or that of the posting where the bill's was closed. In order. */
export const monthsWithCost = (ledger: Ledger): readonly Month[] => {
  const billed = prepared(
    ledger,
    `SELECT month FROM bill b
     WHERE EXISTS (SELECT 1 FROM cost_entry c WHERE c.bill_no = b.bill_no AND c.posted_ms IS NULL)`,
  )
    .pluck()
    .all() as Month[]
  const posted = prepared(ledger, 'SELECT DISTINCT posted_ms FROM cost_entry WHERE posted_ms IS NOT NULL')
    .pluck()
    .all() as number[]
  return [...new Set([...billed, ...posted.map((ms) => monthOf(ms, 'UTC'))])].sort()
}

/** What came from a source for one service day. */
export interface Arrival {
  readonly sourceNo: number
  /** `YYYY-MM-DD` in the time zone asked for. */
  readonly day: string
  readonly kind: 'usage' | 'cost'
  /** Entries posted, less those reversed since. */
  readonly entries: number
  readonly firstRecordedMs: number
  readonly lastRecordedMs: number
  /** The newest batch that brought or corrected an entry of the day. */
  readonly lastBatchId: number
}

/** Offsets of today's time zones are whole quarters of an hour, so no quarter lies in two days. */
const QUARTER_MS = 900_000

/** Counts by source and service day, for days that begin in the period, ordered by day, source and kind. */
export const arrivals = (ledger: Ledger, period: Period, timeZone: string): readonly Arrival[] => {
  const counted = (table: 'usage_event' | 'cost_entry', kind: Arrival['kind']) =>
    (
      prepared(
        ledger,
        `SELECT source_no AS sourceNo, start_ms / ${QUARTER_MS} AS quarter,
           sum(CASE WHEN correction IS 'reversal' THEN -1 ELSE 1 END) AS entries,
           min(recorded_ms) AS firstRecordedMs, max(recorded_ms) AS lastRecordedMs,
           max(batch_id) AS lastBatchId
         FROM ${table} JOIN batch USING (batch_id) WHERE start_ms >= ? AND start_ms < ?
         GROUP BY source_no, quarter ORDER BY source_no, quarter`,
      ).all(period.startMs, period.endMs) as (Omit<Arrival, 'day' | 'kind'> & { readonly quarter: number })[]
    ).map((row) => ({ ...row, kind }))

  const days = new Map<string, Arrival>()
  let day = ''
  let dayStartMs = 0
  let dayEndMs = 0
  for (const { quarter, ...row } of [...counted('usage_event', 'usage'), ...counted('cost_entry', 'cost')]) {
    const ms = quarter * QUARTER_MS
    if (ms < dayStartMs || ms >= dayEndMs) {
      day = dayOf(ms, timeZone)
      dayStartMs = startOfDay(day, timeZone)
      dayEndMs = startOfDay(addDays(day, 1), timeZone)
    }
    const name = `${day} ${String(row.sourceNo).padStart(10, '0')} ${row.kind}`
    const known = days.get(name)
    days.set(name, {
      ...row,
      day,
      entries: row.entries + (known?.entries ?? 0),
      firstRecordedMs: Math.min(row.firstRecordedMs, known?.firstRecordedMs ?? row.firstRecordedMs),
      lastRecordedMs: Math.max(row.lastRecordedMs, known?.lastRecordedMs ?? row.lastRecordedMs),
      lastBatchId: Math.max(row.lastBatchId, known?.lastBatchId ?? row.lastBatchId),
    })
  }
  return [...days.keys()].sort().flatMap((name) => days.get(name) ?? [])
}
