/** Finding entries by what they say. */
import { parseDecimal } from '../../domain/decimal.ts'
import { parseQuantity, SCALE_MAX } from '../../domain/quantity.ts'
import { type Entry, type EntryRow, entryOf, entrySql, ROW_TABLES, usageEntry } from './entry.ts'
import { type Ledger, prepared } from './open.ts'
import { pagesBackwards, type UsagePage } from './read-pages.ts'
import { listMeasures } from './read-totals.ts'
import { readUsage } from './read-usage.ts'
import type { EntryTable } from './schema.ts'
import { quantityAt } from './usage-page.ts'

export interface EntrySearch {
  readonly seq?: number
  readonly batchId?: number
  /** A tenant's name: usage only, because costs are attributed by rule and not in the ledger. */
  readonly tenant?: string
  readonly metric?: string
  /** A cost entry's service. */
  readonly service?: string
  /** Decimal text: the quantity, or the billed or effective cost. */
  readonly amount?: string
  /** Service time, `[fromMs, toMs)`. */
  readonly fromMs?: number
  readonly toMs?: number
  readonly tables?: readonly EntryTable[]
  /** Entries with a lower seq only: the last seq of the page before. */
  readonly before?: number
  readonly limit?: number
}

type Condition = readonly [sql: string, ...parameters: readonly (string | number | bigint)[]]

const amountCondition = (table: EntryTable, amount: string): Condition => {
  const canonical = parseDecimal(amount)
  if (canonical === null) return ['FALSE']
  if (table === 'cost_entry') return ['(billed_cost = ? OR effective_cost = ?)', canonical, canonical]
  const scaled: (number | bigint)[] = []
  for (let scale = 0; scale <= SCALE_MAX; scale++) {
    const quantity = parseQuantity(canonical, scale)
    if (typeof quantity === 'bigint') scaled.push(scale, quantity)
  }
  if (scaled.length === 0) return ['FALSE']
  const either = scaled.filter((_, i) => i % 2 === 0).map(() => '(m.scale = ? AND e.quantity = ?)')
  return [
    `EXISTS (SELECT 1 FROM measure m WHERE m.measure_no = e.measure_no AND (${either.join(' OR ')}))`,
    ...scaled,
  ]
}

/** Null where the table cannot hold what is asked for. */
const conditionsOf = (table: EntryTable, search: EntrySearch): readonly Condition[] | null => {
  const conditions: Condition[] = []
  const isUsage = table === 'usage_event'
  const isDated = isUsage || table === 'cost_entry'
  if (search.seq !== undefined) conditions.push(['seq = ?', search.seq])
  if (search.batchId !== undefined) conditions.push(['batch_id = ?', search.batchId])
  if (search.before !== undefined) conditions.push(['seq < ?', search.before])
  if (search.tenant !== undefined) {
    if (!isUsage) return null
    conditions.push(['tenant_no = (SELECT tenant_no FROM tenant WHERE tenant = ?)', search.tenant])
  }
  if (search.metric !== undefined) {
    if (!isUsage) return null
    conditions.push(['measure_no IN (SELECT measure_no FROM measure WHERE metric = ?)', search.metric])
  }
  if (search.service !== undefined) {
    if (table !== 'cost_entry') return null
    conditions.push([
      "set_no IN (SELECT set_no FROM attribute_set WHERE kind = 'cost' AND json_extract(content, '$.service') = ?)",
      search.service,
    ])
  }
  if (search.amount !== undefined) {
    if (!isDated) return null
    conditions.push(amountCondition(table, search.amount))
  }
  if (search.fromMs !== undefined || search.toMs !== undefined) {
    if (!isDated) return null
    if (search.fromMs !== undefined) conditions.push(['start_ms >= ?', search.fromMs])
    if (search.toMs !== undefined) conditions.push(['start_ms < ?', search.toMs])
  }
  return conditions
}

/** Null where the events of pages cannot fit. */
const pageCondition = (
  ledger: Ledger,
  search: EntrySearch,
): ((page: UsagePage, index: number) => boolean) | null => {
  if (search.service !== undefined) return null
  const measures = listMeasures(ledger)
  const tests: ((page: UsagePage, index: number) => boolean)[] = []
  if (search.seq !== undefined) tests.push((page, index) => page.firstSeq + index === search.seq)
  if (search.tenant !== undefined) {
    const tenantNo = prepared(ledger, 'SELECT tenant_no FROM tenant WHERE tenant = ?')
      .pluck()
      .get(search.tenant)
    if (tenantNo === undefined) return null
    tests.push(({ columns }, index) => columns.tenantNo[index] === tenantNo)
  }
  if (search.metric !== undefined) {
    const numbers = new Set(
      measures.filter(({ metric }) => metric === search.metric).map(({ measureNo }) => measureNo),
    )
    tests.push(({ columns }, index) => numbers.has(columns.measureNo[index] ?? 0))
  }
  if (search.amount !== undefined) {
    const canonical = parseDecimal(search.amount)
    const quantities = new Map(
      measures.map(({ measureNo, scale }) => [
        measureNo,
        canonical === null ? '' : parseQuantity(canonical, scale),
      ]),
    )
    tests.push(
      ({ columns }, index) => quantityAt(columns, index) === quantities.get(columns.measureNo[index] ?? 0),
    )
  }
  const { fromMs, toMs } = search
  if (fromMs !== undefined) tests.push(({ columns }, index) => (columns.startMs[index] ?? 0) >= fromMs)
  if (toMs !== undefined) tests.push(({ columns }, index) => (columns.startMs[index] ?? 0) < toMs)
  return (page, index) => tests.every((fits) => fits(page, index))
}

const searchPages = (ledger: Ledger, search: EntrySearch, limit: number): Entry[] => {
  const fits = pageCondition(ledger, search)
  if (fits === null) return []
  const found: Entry[] = []
  const before = Math.min(
    search.before ?? Number.MAX_SAFE_INTEGER,
    (search.seq ?? Number.MAX_SAFE_INTEGER - 1) + 1,
  )
  for (const page of pagesBackwards(ledger, before, search.batchId)) {
    if (search.seq !== undefined && page.lastSeq < search.seq) break
    for (let index = Math.min(page.lastSeq, before - 1) - page.firstSeq; index >= 0; index--) {
      if (!fits(page, index)) continue
      const usage = readUsage(ledger, page.firstSeq + index)
      if (usage !== null) found.push(usageEntry(usage))
      if (found.length === limit) return found
    }
  }
  return found
}

/** Entries that fit all that is asked, newest first. */
export const searchEntries = (ledger: Ledger, search: EntrySearch): readonly Entry[] => {
  const limit = search.limit ?? 100
  const found = (search.tables ?? ROW_TABLES).flatMap((table) => {
    const conditions = conditionsOf(table, search)
    if (conditions === null) return []
    const where = conditions.length === 0 ? '' : ` WHERE ${conditions.map(([sql]) => sql).join(' AND ')}`
    const rows = prepared(ledger, `${entrySql(table)}${where} ORDER BY seq DESC LIMIT ?`).all(
      ...conditions.flatMap(([, ...parameters]) => parameters),
      limit,
    ) as EntryRow[]
    const ofPages = table === 'usage_event' ? searchPages(ledger, search, limit) : []
    return [...rows.map(entryOf(table)), ...ofPages]
  })
  return found.sort((one, other) => other.seq - one.seq).slice(0, limit)
}
