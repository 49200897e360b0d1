/** The file of usage that a charge or a contract is rated on without a book: `rate --usage FILE`. */
import { z } from 'zod'
import { AGGREGATIONS } from '../domain/metric.ts'
import { currency, day, decimal, month } from './common.ts'
import { settings } from './rate-cards.ts'

export const ratingEvent = z.strictObject({
  metric: z.string().min(1).max(200).optional().describe('the charge’s own where it has one'),
  time: z
    .union([z.iso.datetime({ offset: true }), day])
    .describe('with its zone; a day alone is its start in the billing time zone'),
  quantity: decimal,
  tenant: z.string().min(1).max(500).optional(),
  dimensions: z
    .record(z.string().min(1).max(200), z.union([z.string().max(500), z.number(), z.boolean(), z.null()]))
    .optional()
    .describe('numbers and booleans are read as texts, null is left out'),
  id: z.string().min(1).max(500).optional().describe('of two events with one id the second is left out'),
})

export const ratingMetric = z.strictObject({
  metric: z.string().trim().min(1).max(200),
  name: z.string().trim().min(1).max(200).optional().describe('the metric without it'),
  unit: z.string().trim().min(1).max(60).optional().describe('unit without it'),
  aggregation: z.enum(AGGREGATIONS).optional().describe('sum without it'),
  scale: z.int().min(0).max(12).optional().describe('decimals kept: 12 without it'),
  uniqueBy: z.string().min(1).optional().describe('the dimension whose distinct values are counted'),
})

export const ratingUsage = z.strictObject({
  month: month
    .optional()
    .describe(
      'rated; for a contract the first one, with untilMonth the last. Those of the events without it',
    ),
  untilMonth: month.optional(),
  timeZone: z.string().optional().describe('IANA time zone of billing; UTC without it'),
  currency: currency.optional().describe('of a charge, or of a contract without a card; USD without it'),
  metrics: z.array(ratingMetric).max(1000).optional().describe('a metric that is not defined here is a sum'),
  settings: settings.optional().describe('of a charge that is rated alone; a contract’s are its own'),
  quantity: decimal.optional().describe('the whole month’s, in place of events'),
  cost: decimal.optional().describe('cost to serve a month, for cost-plus charges'),
  events: z.array(ratingEvent).max(1_000_000).optional(),
})
export type RatingUsage = z.output<typeof ratingUsage>
