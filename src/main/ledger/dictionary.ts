/** Names that entries use by number. Each is created once, as an entry of the batch that first needs it. */
import { boundedMap } from './bounded-map.ts'
import { key16, type LedgerValue } from './canonical-line.ts'
import type { OpenBatch } from './open-batch.ts'
import { LedgerRefusal } from './refusal.ts'
import type { EntryTable } from './schema.ts'

export interface BillIdentity {
  readonly provider: string
  readonly billingAccount: string
  readonly periodStartMs: number
  /** Exclusive. */
  readonly periodEndMs: number | null
  /** `YYYY-MM`: the month of the start of the billing period, as UTC. */
  readonly month: string
}

export interface Dictionary {
  /** @throws LedgerRefusal `source_exists_with_another_kind`. */
  source(key: string, kind: string): number
  tenant(name: string): number
  /** A metric at a scale: quantities of one metric at two scales are two measures. */
  measure(metric: string, scale: number): number
  /** `content` is canonical JSON. @throws Error where two contents have one key (a bug). */
  attributeSet(kind: 'usage' | 'cost', content: string): number
  /** Known by provider, account and start of its period; the end and month first given stand. */
  bill(identity: BillIdentity): number
}

/** Names and contents remembered per batch; what falls out is looked up in the table again. */
const REMEMBERED_MAX = 16_384

export const openDictionary = (batch: OpenBatch): Dictionary => {
  const next = new Map<EntryTable, number>()

  const create = (table: EntryTable, column: string, values: readonly LedgerValue[]): number => {
    const no =
      next.get(table) ??
      (batch.statement(`SELECT coalesce(max(${column}), 0) + 1 FROM ${table}`).pluck().get() as number)
    batch.append(table, [no, ...values])
    next.set(table, no + 1)
    return no
  }

  const sources = boundedMap<string, number>(REMEMBERED_MAX)
  const findSource = batch.statement('SELECT source_no, kind FROM source WHERE source_key = ?').raw()
  const source = (key: string, kind: string): number => {
    const name = `${kind} ${key}`
    let no = sources.get(name)
    if (no !== undefined) return no
    const found = findSource.get(key) as [number, string] | undefined
    if (found !== undefined && found[1] !== kind)
      throw new LedgerRefusal(
        'source_exists_with_another_kind',
        `The source ${key} is of the kind ${found[1]}, not ${kind}. Nothing of this batch was kept; name the source otherwise.`,
      )
    no = found?.[0] ?? create('source', 'source_no', [key, kind])
    sources.set(name, no)
    return no
  }

  const tenants = boundedMap<string, number>(REMEMBERED_MAX)
  const findTenant = batch.statement('SELECT tenant_no FROM tenant WHERE tenant = ?').pluck()
  const tenant = (name: string): number => {
    let no = tenants.get(name)
    if (no !== undefined) return no
    no = (findTenant.get(name) as number | undefined) ?? create('tenant', 'tenant_no', [name])
    tenants.set(name, no)
    return no
  }

  const measures = boundedMap<string, number>(REMEMBERED_MAX)
  const findMeasure = batch.statement('SELECT measure_no FROM measure WHERE metric = ? AND scale = ?').pluck()
  const measure = (metric: string, scale: number): number => {
    const name = `${scale} ${metric}`
    let no = measures.get(name)
    if (no !== undefined) return no
    no =
      (findMeasure.get(metric, scale) as number | undefined) ??
      create('measure', 'measure_no', [metric, scale])
    measures.set(name, no)
    return no
  }

  const sets = {
    usage: boundedMap<string, number>(REMEMBERED_MAX),
    cost: boundedMap<string, number>(REMEMBERED_MAX),
  }
  const findSet = batch
    .statement('SELECT set_no, content FROM attribute_set WHERE kind = ? AND content_key = ?')
    .raw()
  const attributeSet = (kind: 'usage' | 'cost', content: string): number => {
    let no = sets[kind].get(content)
    if (no !== undefined) return no
    const contentKey = key16(content)
    const found = findSet.get(kind, contentKey) as [number, string] | undefined
    if (found !== undefined && found[1] !== content)
      throw new Error(
        `attribute set ${found[0]} has the key ${contentKey.toString('hex')} of another content`,
      )
    no = found?.[0] ?? create('attribute_set', 'set_no', [kind, contentKey, content])
    sets[kind].set(content, no)
    return no
  }

  const findBill = batch
    .statement('SELECT bill_no FROM bill WHERE provider = ? AND billing_account = ? AND period_start_ms = ?')
    .pluck()
  const bills = boundedMap<string, number>(REMEMBERED_MAX)
  const bill = ({ provider, billingAccount, periodStartMs, periodEndMs, month }: BillIdentity): number => {
    const name = JSON.stringify([provider, billingAccount, periodStartMs])
    let no = bills.get(name)
    if (no !== undefined) return no
    no =
      (findBill.get(provider, billingAccount, periodStartMs) as number | undefined) ??
      create('bill', 'bill_no', [provider, billingAccount, periodStartMs, periodEndMs, month])
    bills.set(name, no)
    return no
  }

  return { source, tenant, measure, attributeSet, bill }
}
