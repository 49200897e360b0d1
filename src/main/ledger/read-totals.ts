/** The names entries use, the months there is something in, what arrived when, and the control totals. */
import type { Month } from '../../domain/period.ts'
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
