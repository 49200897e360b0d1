/** Reports as tables. */
import type { z } from 'zod'
import type { CostEquation, costReport, MarginReport } from '../../contract/cost.ts'
import type { UsageReport } from '../../contract/usage.ts'
import { blocks, type Column, count, DASH, number, percent, plain, table } from './text.ts'

type CostReport = z.infer<typeof costReport>

const keyColumns = (groupBy: readonly string[]): Column[] => groupBy.map((title) => ({ title }))

const right = (title: string): Column => ({ title, right: true })

const labelOf = (label: string | undefined): string => (label === undefined || label === '' ? DASH : label)

/**
 * Which buckets get a column: those from the first that holds anything to the last, and none where one bucket is
 * all there is, because the total says it then.
 */
const shownBuckets = (buckets: readonly string[], totals: readonly (string | null)[]): readonly number[] => {
  const filled = buckets.map((_, at) => at).filter((at) => (totals[at] ?? null) !== null)
  const [first, last] = [filled.at(0), filled.at(-1)]
  if (buckets.length < 2 || first === undefined || last === undefined) return []
  return buckets.map((_, at) => at).filter((at) => at >= first && at <= last)
}

const pick = <T>(values: readonly T[], at: readonly number[]): readonly (T | undefined)[] =>
  at.map((each) => values[each])

const numbers = (values: readonly (string | null)[], at: readonly number[]): string[] =>
  pick(values, at).map((value) => number(value ?? null))

export const usageText = (report: UsageReport, groupBy: readonly string[]): string => {
  const buckets = shownBuckets(report.buckets, report.totals)
  const compares = report.comparedWith !== null
  const cells = (values: readonly (string | null)[], total: string, compared: string | null) => [
    ...numbers(values, buckets),
    number(total),
    ...(compares ? [number(compared)] : []),
  ]
  const total = cells(report.totals, report.total, report.compared)
  return blocks(
    plain(
      `${report.metric.name} (${report.metric.unit}), ${report.buckets.at(0) ?? ''}${report.buckets.length > 1 ? ` to ${report.buckets.at(-1)}` : ''}`,
    ),
    table(
      [
        ...(groupBy.length === 0 ? [{ title: '' }] : keyColumns(groupBy)),
        ...pick(report.buckets, buckets).map((bucket) => right(bucket ?? '')),
        right('Total'),
        ...(compares ? [right(report.comparedWith ?? '')] : []),
      ],
      groupBy.length === 0
        ? []
        : report.rows.map((row) => [
            ...groupBy.map((_, at) => labelOf(row.labels[at])),
            ...cells(row.values, row.total, row.compared),
          ]),
      ['Total', ...groupBy.slice(1).map(() => ''), ...total],
    ),
  )
}

export const costText = (report: CostReport, groupBy: readonly string[]): string => {
  const buckets = shownBuckets(report.buckets, report.totals)
  const cells = (values: readonly (string | null)[]) => numbers(values, buckets)
  const entries = report.rows.reduce((sum, row) => sum + row.entries, 0)
  return blocks(
    `Cost in ${report.currency}, ${report.buckets.at(0) ?? ''}${report.buckets.length > 1 ? ` to ${report.buckets.at(-1)}` : ''}${buckets.length === 0 ? '' : `; columns by time are ${report.basis} cost`}`,
    table(
      [
        ...(groupBy.length === 0 ? [{ title: '' }] : keyColumns(groupBy)),
        ...pick(report.buckets, buckets).map((bucket) => right(bucket ?? '')),
        right('Billed'),
        right('Effective'),
        right('Entries'),
      ],
      groupBy.length === 0
        ? []
        : report.rows.map((row) => [
            ...groupBy.map((_, at) => labelOf(row.labels[at])),
            ...cells(row.values),
            number(row.billed),
            number(row.effective),
            count(row.entries),
          ]),
      [
        'Total',
        ...groupBy.slice(1).map(() => ''),
        ...cells(report.totals),
        number(report.billed),
        number(report.effective),
        count(entries),
      ],
    ),
    report.otherCurrencies.length === 0
      ? null
      : `Not in these totals: ${report.otherCurrencies.map((each) => `${number(each.billed)} ${each.currency} billed`).join(', ')}.`,
  )
}

/** `Bill 100 = direct 80 + allocated 15 + unattributed 5`; terms that no step makes are left out. */
export const equationText = (equation: CostEquation): string => {
  const term = (name: string, amount: string) => (amount === '0' ? '' : ` + ${name} ${number(amount)}`)
  return `Bill ${number(equation.bill)} = direct ${number(equation.direct)}${term('allocated', equation.allocated)}${term('idle', equation.idle)} + unattributed ${number(equation.unattributed)}${equation.holds ? '' : ', which does NOT hold: run verify'}`
}

export const marginText = (report: MarginReport): string => {
  // A book that allocates nothing has no column for it.
  const allocated = <Cell>(cell: Cell): readonly Cell[] => (report.total.allocatedCost === null ? [] : [cell])
  return blocks(
    `Margin of ${report.month} in ${report.currency}, ${report.basis} cost, floor ${percent(report.floorPercent)}`,
    table(
      [
        { title: 'Customer' },
        right('Revenue'),
        { title: 'from' },
        right('Direct cost'),
        ...allocated(right('Allocated')),
        right('Margin'),
        right('Margin %'),
        { title: '' },
      ],
      report.rows.map((row) => [
        row.name,
        number(row.revenue),
        row.revenueFrom === 'none' ? DASH : row.revenueFrom,
        number(row.directCost),
        ...allocated(number(row.allocatedCost)),
        number(row.margin),
        percent(row.marginPercent),
        row.belowFloor ? 'below floor' : '',
      ]),
      [
        'Total',
        number(report.total.revenue),
        '',
        number(report.total.directCost),
        ...allocated(number(report.total.allocatedCost)),
        number(report.total.margin),
        percent(report.total.marginPercent),
        '',
      ],
    ),
    report.withoutCustomer.length === 0
      ? null
      : table(
          [{ title: 'Tenant without a customer' }, right('Direct cost')],
          report.withoutCustomer.map(({ tenant, directCost }) => [tenant, number(directCost)]),
        ),
    equationText(report.equation),
    report.gaps.map(plain).join('\n'),
  )
}
