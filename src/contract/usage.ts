import { z } from 'zod'
import { asOf, base, decimal, known, month } from './common.ts'
import { metric } from './sources.ts'

/** `tenant`, `customer`, or `dimension:<key>`. */
export const usageField = z
  .string()
  .regex(/^(tenant|customer|dimension:.{1,200})$/, 'tenant, customer or dimension:<name>')

export const usageQuery = asOf.extend({
  metric: z.string(),
  /** Months from first to last, both included. */
  from: month,
  to: month,
  grain: z.enum(['hour', 'day', 'month']),
  groupBy: z.array(usageField).max(2),
  filters: z.array(z.object({ field: usageField, values: z.array(z.string().nullable()).min(1).max(1000) })),
  compare: z.enum(['none', 'previous', 'last_year']),
})
export type UsageQuery = z.infer<typeof usageQuery>

export const usageReport = z.object({
  metric,
  /** Buckets in order: `2026-10`, `2026-10-31`, or an ISO instant for hours. */
  buckets: z.array(z.string()),
  rows: z.array(
    z.object({
      keys: z.array(z.string().nullable()),
      /** Shown in place of a key where it differs: a customer's name. */
      labels: z.array(z.string()),
      /** Quantity by bucket; null where there was none. */
      values: z.array(decimal.nullable()),
      total: decimal,
      compared: decimal.nullable(),
    }),
  ),
  /** Over all rows, by bucket; the sum of the rows. */
  totals: z.array(decimal.nullable()),
  total: decimal,
  compared: decimal.nullable(),
  comparedWith: z.string().nullable().describe('the period compared with, in words'),
  asOf: known,
})
export type UsageReport = z.infer<typeof usageReport>

/** A saved view of the Usage or Cost screen: its URL search. */
export const savedView = z.object({
  name: z.string().trim().min(1).max(80),
  screen: z.enum(['usage', 'cost']),
  search: z.string(),
})

export const usage = {
  query: base
    .route({ method: 'POST', path: '/usage/query', summary: 'Usage of one metric, sliced' })
    .input(usageQuery)
    .output(usageReport),
  dimensions: base
    .route({
      method: 'GET',
      path: '/usage/dimensions',
      summary: 'Dimensions of a metric and their commonest values',
    })
    .input(asOf.extend({ metric: z.string() }))
    .output(z.array(z.object({ key: z.string(), distinct: z.int(), topValues: z.array(z.string()) }))),
  views: base.route({ method: 'GET', path: '/views', summary: 'Saved views' }).output(z.array(savedView)),
  saveView: base.route({ method: 'PUT', path: '/views/{name}', summary: 'Save a view' }).input(savedView),
  deleteView: base
    .route({ method: 'DELETE', path: '/views/{name}', summary: 'Remove a view' })
    .input(z.object({ name: z.string() })),
}
