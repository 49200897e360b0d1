/** Late usage on the invoice that bills it: among the usage of the month's first rated days, and in words. */
import { type DecimalText, sumDecimals } from '../../domain/decimal.ts'
import type { Invoice, LateUsage } from '../../domain/invoice/invoice.ts'
import type { Issue } from '../../domain/issue.ts'
import type { Metric } from '../../domain/metric.ts'
import { type Month, monthName, monthPeriod } from '../../domain/period.ts'
import { countUnits } from '../../domain/pricing/format.ts'
import type { MetricUsage, UsageNeed } from '../../domain/pricing/usage.ts'
import type { TenantElsewhere } from './late-usage.ts'
import type { AnsweredRow, AskedUsage } from './usage-asked.ts'

/** "55 calls"; "55 units of calls" where the metric names no unit of its own. */
export const unitsOf = ({ unit, name }: Metric, quantity: DecimalText): string =>
  unit === 'unit' ? `${countUnits(quantity, unit)} of ${name}` : countUnits(quantity, unit)

/** The sentence of each month and metric. */
export const lateIssues = (late: readonly LateUsage[], metrics: readonly Metric[]): Issue[] =>
  [...Map.groupBy(late, ({ month, metric }) => `${month} ${metric}`).values()].flatMap((items) => {
    const [first] = items
    const metric = metrics.find((each) => each.metric === first?.metric)
    if (first === undefined || metric === undefined) return []
    const units = unitsOf(metric, sumDecimals(items.map(({ quantity }) => quantity)))
    return [
      {
        severity: 'warning',
        code: 'late_usage_is_billed',
        message: `${units} of ${monthName(first.month)} came after that month’s invoice was made; they are billed here as an adjustment.`,
      },
    ]
  })

/**
 * Late usage by the place of the invoice that says it: of those to several addresses the first that bills the metric, so
 * that it is billed once whichever of them is approved, and when.
 */
export const lateByInvoice = (
  late: readonly LateUsage[],
  invoices: readonly Invoice[],
): ReadonlyMap<number, readonly LateUsage[]> =>
  Map.groupBy(late, ({ metric }) =>
    Math.max(
      0,
      invoices.findIndex(({ lines }) => lines.some((line) => line.metric === metric)),
    ),
  )

/** The sentence of each invoice that bills usage of a tenant which has moved here since. */
export const elsewhereIssues = (elsewhere: readonly TenantElsewhere[], month: Month): Issue[] =>
  [...Map.groupBy(elsewhere, ({ invoice }) => invoice.id).values()].flatMap((items) => {
    const [first] = items
    if (first === undefined) return []
    const { number, customerName, state } = first.invoice
    const names = items.map(({ tenant }) => `“${tenant}”`).join(', ')
    return [
      {
        severity: 'warning',
        code: 'tenant_is_billed_elsewhere',
        message: `The usage of ${names} in ${monthName(month)} is on invoice ${number} of ${customerName}, which ${state === 'draft' ? 'stands, because the month is closed' : `is ${state}`}, so it isn’t billed here again. What came after that invoice is billed by the next open month, as an adjustment.`,
      },
    ]
  })

/** The needs of a month that late usage is added to: those of a metric's first rated days, one a cut (0007). */
export const firstNeeds = (needs: readonly UsageNeed[], metric: string): readonly UsageNeed[] => {
  const own = needs.filter((need) => need.metric === metric)
  const first = own[0]
  return first === undefined ? [] : own.filter((need) => need.startMs === first.startMs)
}

const isWhole = ({ cut }: UsageNeed): boolean => Object.keys(cut).length === 0

/** What must be asked of late usage: the cut of its own month, as far as it came late. Nothing for a whole. */
export const lateNeed = (late: LateUsage, need: UsageNeed, timeZone: string): AskedUsage | null =>
  isWhole(need)
    ? null
    : {
        metric: need.metric,
        ...monthPeriod(late.month, timeZone),
        cut: need.cut,
        afterBatch: late.afterBatch,
      }

/** The usage with a late quantity, or its rows, added. */
export const withLate = (
  usage: MetricUsage,
  late: LateUsage,
  rows: readonly AnsweredRow[] | null,
): MetricUsage => {
  if (rows === null)
    return {
      ...usage,
      rows: [...usage.rows, { startMs: usage.startMs, keys: [], quantity: late.quantity, events: 1 }],
    }
  // A change of a level that came late is one from the first instant on.
  const at = (row: AnsweredRow) => (usage.cut.opening === undefined ? row.startMs : usage.startMs)
  const added = rows.map(({ index: _, tenant: __, ...row }, place) => ({
    ...row,
    startMs: at(rows[place] as AnsweredRow),
  }))
  return { ...usage, rows: [...added, ...usage.rows] }
}
