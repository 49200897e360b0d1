/** The book against the auditor, cell by cell. */
import { expect } from 'vitest'
import {
  bookBills,
  bookCost,
  bookTenantCost,
  bookTotals,
  bookUsage,
  cubeCost,
  ledgerControl,
} from './book-figures.ts'
import type { Driver } from './driver.ts'
import type { Cells } from './figures.ts'
import {
  billCells,
  controlCells,
  costCells,
  customerCells,
  monthCells,
  tenantCostCells,
  usageCells,
} from './figures.ts'
import { addMonths, clockChangeIn } from './local-time.ts'
import type { SimulatedMetric } from './records.ts'

/** Differences and how many cells were compared. */
export interface Comparison {
  readonly differences: string[]
  cells: number
}
export const noComparison = (): Comparison => ({ differences: [], cells: 0 })

const bucketOf = (cell: string): string => cell.slice(cell.lastIndexOf(' · ') + 3)

/** Both ways: a cell that only one of them has is a difference too. */
export const compareCells = (into: Comparison, what: string, auditor: Cells, book: Cells): void => {
  for (const [cell, figure] of auditor) {
    into.cells++
    const own = book.get(cell)
    if (own !== figure)
      into.differences.push(`${what} · ${cell}: the auditor has ${figure}, the book ${own ?? 'nothing'}`)
  }
  for (const [cell, figure] of book)
    if (!auditor.has(cell))
      into.differences.push(`${what} · ${cell}: the auditor has nothing, the book ${figure}`)
}

/** Cells of the months from first to last. */
const within = (cells: Cells, from: string, to: string): Cells =>
  new Map(
    [...cells].filter(([cell]) => bucketOf(cell).slice(0, 7) >= from && bucketOf(cell).slice(0, 7) <= to),
  )

/** A metric that had no event at a batch is not asked for as of it. */
const metricsWithUsage = ({ auditor }: Driver, asOfBatch = Number.MAX_SAFE_INTEGER): SimulatedMetric[] => {
  const used = new Set(auditor.usage.filter(({ batch }) => batch <= asOfBatch).map(({ metric }) => metric))
  return [...auditor.metrics.values()].filter(({ metric }) => used.has(metric))
}

export const compareUsage = async (
  driver: Driver,
  into: Comparison,
  months: readonly string[],
  asOfBatch?: number,
): Promise<void> => {
  const { client } = driver.house()
  const [first = '', last = ''] = [months[0], months.at(-1)]
  const asOf = asOfBatch === undefined ? {} : { asOfBatch }
  for (const metric of metricsWithUsage(driver, asOfBatch)) {
    const name = `${metric.aggregation} of ${metric.metric}${asOfBatch === undefined ? '' : ` as of batch ${asOfBatch}`}`
    const days = usageCells(driver.auditor, metric, 'day', asOf)
    for (const month of months)
      compareCells(
        into,
        name,
        within(days, month, month),
        await bookUsage(client, metric.metric, 'day', { from: month, to: month, ...asOf }),
      )
    compareCells(
      into,
      name,
      within(usageCells(driver.auditor, metric, 'month', asOf), first, last),
      await bookUsage(client, metric.metric, 'month', { from: first, to: last, ...asOf }),
    )
  }
}

/** Over the whole time, by customer, by region, and by the hour in the months whose clocks change. */
export const compareSlices = async (driver: Driver, into: Comparison, months: readonly string[]) => {
  const { client } = driver.house()
  for (const metric of metricsWithUsage(driver)) {
    const name = `${metric.aggregation} of ${metric.metric}`
    const [from = '', to = ''] = [months[0], months.at(-1)]
    compareCells(
      into,
      `${name} by region`,
      within(usageCells(driver.auditor, metric, 'month', { byRegion: true }), from, to),
      await bookUsage(client, metric.metric, 'month', { from, to }, ['tenant', 'dimension:region']),
    )
    compareCells(
      into,
      `${name} by customer`,
      customerCells(driver.auditor, metric),
      await bookUsage(client, metric.metric, 'month', { from, to }, ['customer']),
    )
    compareCells(
      into,
      `${name} of the whole time`,
      usageCells(driver.auditor, metric, 'total'),
      await bookTotals(client, metric.metric, { from, to }),
    )
    const hours = usageCells(driver.auditor, metric, 'hour')
    for (const month of months.filter((each) => clockChangeIn(each) !== null)) {
      // An hour's cell is an instant: the month's first local hour may be of the UTC month before.
      const book = await bookUsage(client, metric.metric, 'hour', { from: month, to: month })
      const around = [addMonths(month, -1), addMonths(month, 1)]
      const surrounding = new Map<string, string>()
      for (const other of around)
        for (const [cell, figure] of await bookUsage(client, metric.metric, 'hour', {
          from: other,
          to: other,
        }))
          surrounding.set(cell, figure)
      compareCells(
        into,
        `${name} by the hour`,
        within(hours, month, month),
        within(new Map([...surrounding, ...book]), month, month),
      )
    }
  }
}

/** Through the contract, in the book's currency. */
export const compareCost = async (
  driver: Driver,
  into: Comparison,
  months: readonly string[],
  asOfBatch?: number,
): Promise<void> => {
  const { client } = driver.house()
  const known = asOfBatch === undefined ? {} : { asOfBatch }
  const expected = costCells(driver.auditor, 'month', known)
  const own = new Map([...expected].filter(([cell]) => cell.startsWith('EUR · ')))
  for (const month of months)
    compareCells(
      into,
      asOfBatch === undefined ? 'cost' : `cost as of batch ${asOfBatch}`,
      within(own, month, month),
      await bookCost(client, month, known),
    )
  if (asOfBatch !== undefined) return
  const tenants = new Map([...tenantCostCells(driver.auditor)].filter(([cell]) => cell.startsWith('EUR · ')))
  for (const month of months)
    compareCells(into, 'attributed', within(tenants, month, month), await bookTenantCost(client, month))
  const bills = billCells(driver.auditor)
  for (const month of months)
    compareCells(
      into,
      'bill',
      new Map([...bills].filter(([cell]) => cell.includes(` ${month} · `))),
      await bookBills(client, month),
    )
}

/** Every currency by the day, from the cube itself, and the ledger's control totals. Leaves the book open again. */
export const compareStores = async (
  driver: Driver,
  into: Comparison,
  months: readonly string[],
  presentMs: number,
): Promise<void> => {
  const { directory, engine } = driver.house()
  compareCells(into, 'control total', controlCells(driver.auditor), ledgerControl(directory))
  await engine.close()
  for (const grain of ['day', 'month'] as const)
    compareCells(
      into,
      `cost by ${grain}`,
      within(costCells(driver.auditor, grain), months[0] ?? '', months.at(-1) ?? ''),
      await cubeCost(directory, months, grain),
    )
  await driver.reopen(presentMs)
}

/** What was rejected and contradicted, by number, and what counts in which month. */
export const compareStatus = async (driver: Driver, into: Comparison): Promise<void> => {
  const { openQuarantine, openConflicts, months } = await driver.house().client.book.status()
  const book = months.map(({ month, usageEvents, costEntries, closed }): [string, string] => [
    month,
    `${usageEvents} events, ${costEntries} cost entries, ${closed ? 'closed' : 'open'}`,
  ])
  compareCells(into, 'month', monthCells(driver.auditor), new Map(book))
  expect({ openQuarantine, openConflicts }).toEqual({
    openQuarantine: driver.auditor.openQuarantine().length,
    openConflicts: driver.auditor.conflicts(),
  })
}
