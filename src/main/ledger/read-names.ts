/** Names behind the small numbers of entries, one at a time. */
import { type Ledger, prepared } from './open.ts'
import { readPageAt } from './read-pages.ts'
import type { Bill, Measure } from './read-totals.ts'
import type { EntryTable } from './schema.ts'

const one = <Value>(ledger: Ledger, sql: string, key: number): Value | null =>
  (prepared(ledger, sql).pluck().get(key) as Value | undefined) ?? null

export const readTenantName = (ledger: Ledger, tenantNo: number): string | null =>
  one(ledger, 'SELECT tenant FROM tenant WHERE tenant_no = ?', tenantNo)

export const readSource = (ledger: Ledger, sourceNo: number): string | null =>
  one(ledger, 'SELECT source_key FROM source WHERE source_no = ?', sourceNo)

/** Canonical JSON. */
export const readAttributeSet = (ledger: Ledger, setNo: number): string | null =>
  one(ledger, 'SELECT content FROM attribute_set WHERE set_no = ?', setNo)

export const readMeasure = (ledger: Ledger, measureNo: number): Measure | null =>
  (prepared(ledger, 'SELECT measure_no AS measureNo, metric, scale FROM measure WHERE measure_no = ?').get(
    measureNo,
  ) as Measure | undefined) ?? null

export const readBill = (ledger: Ledger, billNo: number): Bill | null =>
  (prepared(
    ledger,
    `SELECT bill_no AS billNo, provider, billing_account AS billingAccount, period_start_ms AS periodStartMs,
       period_end_ms AS periodEndMs, month FROM bill WHERE bill_no = ?`,
  ).get(billNo) as Bill | undefined) ?? null

/** The entry's digest, hex; that of its page where it is kept in one. */
export const entryDigest = (ledger: Ledger, table: EntryTable, seq: number): string | null =>
  one<string>(ledger, `SELECT lower(hex(digest)) FROM ${table} WHERE seq = ?`, seq) ??
  (table === 'usage_event' ? (readPageAt(ledger, seq)?.digest ?? null) : null)
