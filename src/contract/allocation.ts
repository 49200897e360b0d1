/** Allocation: which shared cost is split between whom, what came of it, and what a unit costs to serve. */
import { z } from 'zod'
import { type AllocationPlan, POOL_TAKES } from '../domain/allocation/plan.ts'
import { asOf, asOfAlone, base, currency, decimal, id, issue, known, month } from './common.ts'
import { costBasis, equation } from './cost.ts'
import { condition } from './rules.ts'

const customerWeights = z.array(z.object({ customerId: id, weight: decimal })).max(10_000)

const allocationKey = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('usage'),
    metric: z.string().max(200),
    capacity: z
      .object({
        quantity: decimal.describe('what the pool could serve in a month, in units of the metric'),
        idle: z.enum(['apart', 'shared']),
      })
      .optional(),
  }),
  z.object({ kind: z.literal('direct_cost'), withAllocated: z.boolean() }),
  z.object({ kind: z.literal('revenue') }),
  z.object({ kind: z.literal('weights'), weights: customerWeights }),
  z.object({ kind: z.literal('evenly') }),
  z.object({ kind: z.literal('fixed'), shares: customerWeights.describe('in percent, together 100') }),
])

export const allocationStep = z.object({
  id,
  name: z.string().trim().min(1).max(120),
  pool: z.object({ takes: z.enum(POOL_TAKES), conditions: z.array(condition).max(10) }),
  key: allocationKey,
})

export const allocationPlan: z.ZodType<AllocationPlan> = z.object({
  from: month.describe('the first month of the plan; it holds until a later one begins'),
  steps: z.array(allocationStep).max(100),
}) as unknown as z.ZodType<AllocationPlan>

export const stepReport = z.object({
  stepId: z.string(),
  name: z.string(),
  words: z.string(),
  /** pool = allocated + idle + left */
  pool: decimal,
  allocated: decimal,
  idle: decimal,
  left: decimal,
  /** Why something is left unattributed, in words. */
  leftWords: z.string().nullable().describe('why some is left, and whose weight is not known'),
  /** What the weights count: the metric's unit, the currency, a weight, a percent. */
  weightUnit: z.string(),
  weights: decimal,
  capacity: decimal.nullable(),
  idleQuantity: decimal.nullable(),
  shares: z.array(
    z.object({
      customerId: z.string().nullable(),
      tenant: z.string().nullable().describe('one that no customer has'),
      name: z.string(),
      weight: decimal,
      /** Of the weights, in percent. */
      share: decimal,
      amount: decimal,
    }),
  ),
  leftOut: z.array(z.object({ name: z.string(), weight: decimal })),
})
export type StepReport = z.output<typeof stepReport>

export const allocationReport = z.object({
  month,
  currency,
  basis: costBasis,
  /** The month from which the plan in force holds; null where there is none. */
  planFrom: month.nullable(),
  steps: z.array(stepReport),
  equation,
  issues: z.array(issue),
  asOf: known,
})
export type AllocationReport = z.output<typeof allocationReport>

export const costToServe = z.object({
  metric: z.string(),
  metricName: z.string(),
  unit: z.string(),
  currency,
  basis: costBasis,
  /** What was divided by what, in words. */
  definition: z.string(),
  ofServices: z.boolean().describe('whether only direct cost of some services counts'),
  months: z.array(
    z.object({
      month,
      quantity: decimal.nullable(),
      directCost: decimal.nullable(),
      allocatedCost: decimal.nullable(),
      cost: decimal.nullable(),
      /** Cost per unit, at most 12 decimals. */
      unitCost: decimal.nullable(),
      /**
       * Share of the bill that is direct or allocated, in percent (of those services' cost that is direct, where some
       * were named): how far the unit cost can be trusted.
       */
      coverage: decimal.nullable(),
    }),
  ),
  /** Of the last month, dearest unit first. */
  customers: z.array(
    z.object({
      customerId: z.string(),
      name: z.string(),
      quantity: decimal,
      cost: decimal.nullable(),
      unitCost: decimal.nullable(),
    }),
  ),
  gaps: z.array(z.string()),
  asOf: known,
})
export type CostToServe = z.output<typeof costToServe>

export const allocation = {
  get: base
    .route({ method: 'GET', path: '/allocation', summary: 'The allocation plans by the month they begin' })
    .input(asOfAlone)
    .output(
      z.object({
        plans: z.array(z.object({ plan: allocationPlan, version: z.int(), words: z.array(z.string()) })),
        asOf: known,
      }),
    ),
  preview: base
    .route({
      method: 'POST',
      path: '/allocation/preview',
      summary: 'What a plan would split in a month; changes nothing',
    })
    .input(asOf.extend({ plan: allocationPlan, month, basis: costBasis.optional() }))
    .output(allocationReport),
  save: base
    .route({
      method: 'PUT',
      path: '/allocation',
      summary: 'A plan, or a new version of the one that begins then',
    })
    .input(z.object({ plan: allocationPlan, expectedVersion: z.int() }))
    .output(z.object({ version: z.int(), issues: z.array(issue) })),
  remove: base
    .route({
      method: 'DELETE',
      path: '/allocation/{from}',
      summary: 'Take a plan back; the one before it holds on, and the ledger keeps its versions',
    })
    .input(z.object({ from: month, expectedVersion: z.coerce.number().int() }))
    .output(z.object({ version: z.int() })),
  report: base
    .route({
      method: 'GET',
      path: '/allocation/months/{month}',
      summary: 'What was allocated in a month: pools, keys, weights and shares, step by step',
    })
    .input(asOf.extend({ month, basis: costBasis.optional() }))
    .output(allocationReport),
  costToServe: base
    .route({
      method: 'POST',
      path: '/cost-to-serve',
      summary: 'Cost to serve a unit of a metric by month and customer, with its confidence',
    })
    .input(
      asOf.extend({
        metric: z.string(),
        from: month,
        to: month,
        basis: costBasis.optional(),
        services: z
          .array(z.string())
          .max(100)
          .optional()
          .describe('only direct cost of these services; all direct and allocated cost without it'),
      }),
    )
    .output(costToServe),
}
