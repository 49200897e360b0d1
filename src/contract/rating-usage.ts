/** The file of usage that a charge or a contract is rated on without a book: `rate --usage FILE`. */
import { z } from 'zod'
import { decimal, month } from './common.ts'
import { metric } from './sources.ts'

export const ratingEvent = z.strictObject({
  /** The charge's own where it has one. */
  metric: z.string().min(1).max(200).optional(),
  time: z.iso.datetime({ offset: true }),
  quantity: decimal,
  tenant: z.string().min(1).max(500).optional(),
  dimensions: z.record(z.string().min(1).max(200), z.string().max(500)).optional(),
})

export const ratingUsage = z.strictObject({
  /** The month rated; for a contract the first one, with `untilMonth` the last. That of the first event without it. */
  month: month.optional(),
  untilMonth: month.optional(),
  timeZone: z.string().optional().describe('IANA time zone of billing; UTC without it'),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/)
    .optional()
    .describe('of a charge; USD without it'),
  metrics: z.array(metric).max(1000).optional().describe('a metric that is not defined here is a sum'),
  quantity: decimal.optional().describe('the whole month’s, in place of events'),
  cost: decimal.optional().describe('cost to serve a month, for cost-plus charges'),
  events: z.array(ratingEvent).max(1_000_000).optional(),
})
export type RatingUsage = z.output<typeof ratingUsage>
