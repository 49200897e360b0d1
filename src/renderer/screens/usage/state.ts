/** What the Usage screen keeps in the URL, and what its words and choices are. Pure. */
import { z } from 'zod'
import { day, month } from '../../../contract/common.ts'
import type { UsageScope } from '../../../contract/explain.ts'
import { type UsageReport, usageField } from '../../../contract/usage.ts'
import type { Metric } from '../../../domain/metric.ts'
import { dayOf } from '../../../domain/period.ts'
import { pluralUnit } from '../../../domain/pricing/format.ts'

export const usageSearch = z.object({
  metric: z.string().optional(),
  group: z.array(usageField).max(2).optional(),
  grain: z.enum(['hour', 'day', 'month']).default('day'),
  from: month.optional(),
  to: month.optional(),
  /** The day whose hours are shown. */
  day: day.optional(),
  compare: z.enum(['none', 'previous', 'last_year']).default('none'),
  filters: z
    .array(z.object({ field: usageField, values: z.array(z.string().nullable()).min(1).max(1000) }))
    .max(20)
    .default([]),
})
export type UsageSearch = z.output<typeof usageSearch>

/**
 * A report by the hour narrowed to one day's buckets: a month has 744 of them, more than a table can show. Totals
 * by row stay those of the whole span. The day asked for where it has usage, else the first that has.
 */
export const hoursOfDay = (
  report: UsageReport,
  asked: string | undefined,
  timeZone: string,
): { readonly day: string | null; readonly days: readonly string[]; readonly report: UsageReport } => {
  const dayOfBucket = report.buckets.map((bucket) => dayOf(Date.parse(bucket), timeZone))
  const days = [...new Set(dayOfBucket)]
  const shown = asked !== undefined && days.includes(asked) ? asked : (days[0] ?? null)
  const inDay = <Value>(values: readonly Value[]) => values.filter((_, index) => dayOfBucket[index] === shown)
  return {
    day: shown,
    days,
    report: {
      ...report,
      buckets: inDay(report.buckets),
      totals: inDay(report.totals),
      rows: report.rows.map((row) => ({ ...row, values: inDay(row.values) })),
    },
  }
}

const DIMENSION = 'dimension:'

/** "Tenant", "Customer", or the dimension's own name. */
export const usageFieldTitle = (field: string): string =>
  field === 'tenant'
    ? 'Tenant'
    : field === 'customer'
      ? 'Customer'
      : field.startsWith(DIMENSION)
        ? field.slice(DIMENSION.length)
        : field

export const dimensionField = (key: string): string => `${DIMENSION}${key}`
export const dimensionOf = (field: string): string | null =>
  field.startsWith(DIMENSION) ? field.slice(DIMENSION.length) : null

/** How the metric's events become a figure. */
export const aggregationInWords = (metric: Metric): string => {
  const unit = pluralUnit(metric.unit, '0')
  switch (metric.aggregation) {
    case 'sum':
      return `the sum of its events, in ${unit}`
    case 'max':
      return `the largest value of each tenant in a period, in ${unit}; tenants are added, periods are not`
    case 'last':
      return `the last value of each tenant in a period, in ${unit}; tenants are added, periods are not`
    case 'unique_count':
      return `how many different values of ${metric.uniqueBy ?? 'its dimension'} each tenant had in a period, in ${unit}; tenants are added, periods are not`
  }
}

/**
 * What filters of one value each say, as Explain names it: the customer and the tenant by themselves, so that its
 * title can say whose usage it is; everything else as filters.
 */
export const scopeOfFilters = (
  filters: readonly { field: string; values: (string | null)[] }[],
): Pick<UsageScope, 'customerId' | 'tenant' | 'filters'> => {
  const single = (field: string) => {
    const values = filters.find((filter) => filter.field === field)?.values
    return values?.length === 1 && typeof values[0] === 'string' ? values[0] : undefined
  }
  const [customerId, tenant] = [single('customer'), single('tenant')]
  const others = filters.filter(
    ({ field }) =>
      !(field === 'customer' && customerId !== undefined) && !(field === 'tenant' && tenant !== undefined),
  )
  return {
    ...(customerId === undefined ? {} : { customerId }),
    ...(tenant === undefined ? {} : { tenant }),
    ...(others.length === 0 ? {} : { filters: others }),
  }
}
