/** The auditor's figures: every cell of usage and cost, added up from its arrays. */

import { textOf } from './amounts.ts'
import type { Auditor } from './auditor.ts'
import { billKey, COST_DECIMALS, type CostEntry } from './cost-journal.ts'
import { startOfMonth } from './local-time.ts'
import type { SimulatedMetric } from './records.ts'
import { USAGE_DECIMALS, type UsageEntry } from './usage-journal.ts'

export type Cells = Map<string, string>
export type UsageGrain = 'hour' | 'day' | 'month' | 'total'
const EVER = Number.MAX_SAFE_INTEGER
const HOUR_MS = 3_600_000

/** Whether the entry is looked at: a sum takes all, the others only what stands and was on time. */
const counts = (
  aggregation: SimulatedMetric['aggregation'],
  entry: UsageEntry,
  asOfBatch: number,
): boolean => {
  if (entry.batch > asOfBatch) return false
  if (aggregation === 'sum') return true
  if (entry.late || entry.isReversal) return false
  // What is taken back after the close counts on in the closed month.
  return entry.reversed === null || entry.reversed.late || entry.reversed.batch > asOfBatch
}

/** At USAGE_DECIMALS. */
const quantityOf = ({ aggregation, uniqueBy }: SimulatedMetric, entries: readonly UsageEntry[]): bigint => {
  if (aggregation === 'unique_count') {
    const values = new Set(entries.flatMap(({ dimensions }) => dimensions[uniqueBy ?? ''] ?? []))
    return BigInt(values.size) * 10n ** BigInt(USAGE_DECIMALS)
  }
  let units = 0n
  let latestMs = -1
  for (const entry of entries) {
    if (aggregation === 'sum') units += entry.units
    if (aggregation === 'max' && entry.units > units) units = entry.units
    // Of events of the same instant the one the book took last.
    if (aggregation === 'last' && entry.startMs >= latestMs) [units, latestMs] = [entry.units, entry.startMs]
  }
  return units
}

/** Clocks of the simulation's zone are whole hours apart from UTC. */
const hourOf = ({ startMs, late, day }: UsageEntry): string => {
  const ms = late ? startOfMonth(day.slice(0, 7)) : startMs
  return new Date(ms - (ms % HOUR_MS)).toISOString().replace('.000Z', 'Z')
}

const BUCKET: Record<UsageGrain, (entry: UsageEntry) => string> = {
  hour: hourOf,
  day: ({ day }) => day,
  month: ({ day }) => day.slice(0, 7),
  total: () => 'total',
}

/** `tenant · bucket`, or `tenant · region · bucket`, to quantity. */
export const usageCells = (
  auditor: Pick<Auditor, 'usage'>,
  metric: SimulatedMetric,
  grain: UsageGrain,
  { asOfBatch = EVER, byRegion = false }: { readonly asOfBatch?: number; readonly byRegion?: boolean } = {},
): Cells => {
  const groups = new Map<string, UsageEntry[]>()
  for (const entry of auditor.usage) {
    if (entry.metric !== metric.metric || !counts(metric.aggregation, entry, asOfBatch)) continue
    const region = byRegion ? ` · ${entry.dimensions.region ?? 'none'}` : ''
    const key = `${entry.tenant}${region} · ${BUCKET[grain](entry)}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [entry])
    else group.push(entry)
  }
  return new Map(
    [...groups].map(([key, entries]) => [key, textOf(quantityOf(metric, entries), USAGE_DECIMALS)]),
  )
}

/** `customer · month`: every aggregation is taken by tenant, and a customer's is the sum of its tenants'. */
export const customerCells = (
  auditor: Pick<Auditor, 'usage' | 'customers'>,
  metric: SimulatedMetric,
): Cells => {
  const tenants = new Map<string, UsageEntry[]>()
  for (const entry of auditor.usage) {
    if (entry.metric !== metric.metric || !counts(metric.aggregation, entry, EVER)) continue
    const key = `${entry.tenant} · ${entry.day.slice(0, 7)}`
    tenants.set(key, [...(tenants.get(key) ?? []), entry])
  }
  const customers = new Map<string, bigint>()
  for (const [key, entries] of tenants) {
    const [tenant = '', month = ''] = key.split(' · ')
    const cell = `${auditor.customers.get(tenant) ?? 'none'} · ${month}`
    customers.set(cell, (customers.get(cell) ?? 0n) + quantityOf(metric, entries))
  }
  return new Map([...customers].map(([cell, units]) => [cell, textOf(units, USAGE_DECIMALS)]))
}

const costSums = (entries: readonly CostEntry[]): string => {
  let [billed, effective] = [0n, 0n]
  for (const entry of entries) {
    billed += entry.billed
    effective += entry.effective ?? entry.billed
  }
  return `${textOf(billed, COST_DECIMALS)} billed, ${textOf(effective, COST_DECIMALS)} effective, ${entries.length} entries`
}

const grouped = (
  entries: readonly CostEntry[],
  keyOf: (entry: CostEntry) => string,
  sumOf: (entries: readonly CostEntry[]) => string,
): Cells => {
  const groups = new Map<string, CostEntry[]>()
  for (const entry of entries) {
    const group = groups.get(keyOf(entry))
    if (group === undefined) groups.set(keyOf(entry), [entry])
    else group.push(entry)
  }
  return new Map([...groups].map(([key, own]) => [key, sumOf(own)]))
}

const known = (auditor: Pick<Auditor, 'cost'>, asOfBatch: number): readonly CostEntry[] =>
  auditor.cost.filter(({ batch }) => batch <= asOfBatch)

/** `currency · provider account · service · team · bucket` to billed, effective and entries. */
export const costCells = (
  auditor: Pick<Auditor, 'cost'>,
  grain: 'day' | 'month',
  { asOfBatch = EVER }: { readonly asOfBatch?: number } = {},
): Cells =>
  grouped(
    known(auditor, asOfBatch),
    ({ currency, bill, service, team, month, day }) =>
      `${currency} · ${bill.provider} ${bill.account} · ${service} · ${team ?? 'none'} · ${grain === 'day' ? day : month}`,
    costSums,
  )

/** `currency · tenant · month`, where a charge's tenant is its team. */
export const tenantCostCells = (auditor: Pick<Auditor, 'cost'>): Cells =>
  grouped(auditor.cost, ({ currency, team, month }) => `${currency} · ${team ?? 'none'} · ${month}`, costSums)

/** What counts in each month: events and cost entries, reversals included. */
export const monthCells = (auditor: Pick<Auditor, 'usage' | 'cost' | 'calendar'>): Cells => {
  const months = new Map<string, { events: number; entries: number }>()
  const of = (month: string) => {
    const found = months.get(month) ?? { events: 0, entries: 0 }
    months.set(month, found)
    return found
  }
  for (const { day } of auditor.usage) of(day.slice(0, 7)).events++
  for (const { month } of auditor.cost) of(month).entries++
  return new Map(
    [...months].map(([month, { events, entries }]) => [
      month,
      `${events} events, ${entries} cost entries, ${auditor.calendar.isClosed(month) ? 'closed' : 'open'}`,
    ]),
  )
}

/** What stands on each bill, whenever it counts: `provider account month · currency`. */
export const billCells = (auditor: Pick<Auditor, 'cost'>): Cells =>
  grouped(
    auditor.cost,
    ({ bill, currency }) => `${billKey(bill)} · ${currency}`,
    (entries) =>
      `${textOf(
        entries.reduce((sum, { billed }) => sum + billed, 0n),
        COST_DECIMALS,
      )} billed, ${entries.length} entries`,
  )

/** The ledger's control totals: all entries of a metric or currency, reversals included. */
export const controlCells = (auditor: Pick<Auditor, 'usage' | 'cost'>): Cells => {
  const metrics = new Map<string, { events: number; units: bigint }>()
  for (const { metric, units } of auditor.usage) {
    const sum = metrics.get(metric) ?? { events: 0, units: 0n }
    metrics.set(metric, { events: sum.events + 1, units: sum.units + units })
  }
  const cells: Cells = new Map()
  for (const [metric, { events, units }] of metrics)
    cells.set(metric, `${events} events, ${textOf(units, USAGE_DECIMALS)}`)
  const costs = grouped(
    auditor.cost,
    ({ currency }) => currency,
    (entries) => {
      const billed = entries.reduce((sum, entry) => sum + entry.billed, 0n)
      const effective = entries.reduce((sum, entry) => sum + (entry.effective ?? 0n), 0n)
      return `${entries.length} entries, ${textOf(billed, COST_DECIMALS)} billed, ${textOf(effective, COST_DECIMALS)} effective`
    },
  )
  for (const [currency, text] of costs) cells.set(currency, text)
  return cells
}
