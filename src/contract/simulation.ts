/** A draft rate card over past usage. What is compared, and how: src/domain/invoice/simulation.ts. */
import { z } from 'zod'
import type { SimulatedCustomer } from '../domain/invoice/simulation.ts'
import { asOf, currency, decimal, known, month } from './common.ts'
import { cardTerms, charge, versionTerms } from './rate-cards.ts'

export const SIMULATED_MONTHS_MAX = 36

/** The draft is the card with its charges as they are typed, in the body's own fields. */
export const simulationQuery = asOf.extend({
  ...cardTerms,
  ...versionTerms,
  charges: z.array(charge).min(1).max(200),
  customers: z
    .enum(['card', 'all'])
    .default('card')
    .describe('those whose contract is for this card; or all, as if every contract were'),
  months: z.int().min(1).max(SIMULATED_MONTHS_MAX).default(12).describe('last complete months'),
  from: month.optional().describe('first month, in place of a number of months'),
  to: month.optional().describe('last month; the last complete one without it'),
})

const notCompared = z.object({
  side: z.enum(['before', 'after', 'both']),
  months: z.array(month),
  reason: z.string(),
})

const simulatedCustomer: z.ZodType<SimulatedCustomer> = z.object({
  customerId: z.string(),
  name: z.string(),
  currency: currency.nullable(),
  months: z.int().describe('that count on both sides'),
  before: decimal.nullable().describe('net revenue at today’s prices'),
  after: decimal.nullable().describe('net revenue at the draft’s prices'),
  change: decimal.nullable(),
  percent: decimal.nullable(),
  notCompared: z.array(notCompared),
}) as unknown as z.ZodType<SimulatedCustomer>

export const simulation = z.object({
  months: z.array(month),
  customers: z.array(simulatedCustomer),
  totals: z.array(
    z.object({
      currency,
      before: decimal,
      after: decimal,
      change: decimal,
      percent: decimal.nullable(),
      more: z.int(),
      less: z.int(),
      same: z.int(),
    }),
  ),
  buckets: z.array(z.object({ key: z.string(), words: z.string(), customers: z.int() })),
  notCompared: z.int(),
  pinned: z.array(z.string()).describe('ids of customers whose contract stays at a version of its own'),
  sentence: z.string(),
  asOf: known,
})
