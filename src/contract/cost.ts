import { z } from 'zod'
import { asOf, asOfAlone, base, currency, decimal, known, month } from './common.ts'

/** Any FOCUS attribute in snake case, `tag:<key>`, `tenant`, `customer`, `rule`, `pool` (the allocation step). */
export const costField = z.string().regex(/^([a-z_]{1,60}|tag:.{1,200})$/)

export const COST_BASES = ['billed', 'effective', 'contracted', 'list'] as const

/** What cost is counted by: FOCUS BilledCost, EffectiveCost (amortised), ContractedCost or ListCost. */
export const costBasis = z.enum(COST_BASES)
export type CostBasis = z.output<typeof costBasis>

/** A report by another basis than the book's own. */
const byBasis = z.object({
  basis: costBasis.optional().describe('what cost is counted by; as the book says without it'),
})

export const costQuery = asOf.extend({
  ...byBasis.shape,
  from: month,
  to: month,
  grain: z.enum(['day', 'month']),
  groupBy: z.array(costField).max(2),
  filters: z.array(z.object({ field: costField, values: z.array(z.string().nullable()).min(1).max(1000) })),
})

export const costReport = z.object({
  currency,
  basis: costBasis,
  buckets: z.array(z.string()),
  rows: z.array(
    z.object({
      keys: z.array(z.string().nullable()),
      labels: z.array(z.string()),
      values: z.array(decimal.nullable()),
      billed: decimal,
      effective: decimal,
      /** By the basis; null where no entry has such a cost. */
      amount: decimal.nullable(),
      entries: z.int(),
    }),
  ),
  totals: z.array(decimal.nullable()),
  billed: decimal,
  effective: decimal,
  amount: decimal.nullable(),
  /** Entries without a cost of this basis: they are in no figure by it. */
  unknownEntries: z.int(),
  /** Cost in other currencies, never added: shown aside. */
  otherCurrencies: z.array(z.object({ currency, billed: decimal, effective: decimal })),
  asOf: known,
})

export const contributor = z.object({
  key: z.string().nullable(),
  amount: decimal,
  entries: z.int(),
  share: decimal,
})

/** bill = direct + allocated + idle + unattributed; the equation that must hold. */
export const equation = z.object({
  bill: decimal,
  direct: decimal,
  allocated: decimal,
  /** Capacity that nobody used, where a step keeps it apart. */
  idle: decimal,
  unattributed: decimal,
  /** Of unattributed: what pools hold and nobody could be given. */
  left: decimal,
  holds: z.boolean(),
  /** Entries without a cost of the basis, which no term counts; where that is all of them nothing is known. */
  unknownEntries: z.int(),
  isKnown: z.boolean(),
})
export type CostEquation = z.output<typeof equation>

export const marginRow = z.object({
  customerId: z.string(),
  name: z.string(),
  revenue: decimal.nullable(),
  /** Where revenue comes from: an invoice of the month, or the month rated as it stands now. */
  revenueFrom: z.enum(['invoice', 'rated', 'none']),
  directCost: decimal.nullable(),
  allocatedCost: decimal.nullable(),
  /** Direct and allocated. */
  cost: decimal.nullable(),
  /** Revenue less both. */
  margin: decimal.nullable(),
  marginPercent: decimal.nullable(),
  belowFloor: z.boolean(),
  /** Margin % of the last months, oldest first, for the spark line. */
  trend: z.array(decimal.nullable()),
})

export const marginReport = z.object({
  month,
  currency,
  basis: costBasis,
  floorPercent: decimal,
  trendMonths: z.array(month),
  rows: z.array(marginRow),
  /** Cost of tenants that belong to no customer yet: direct, but nobody's. */
  withoutCustomer: z.array(z.object({ tenant: z.string(), directCost: decimal, allocatedCost: decimal })),
  total: z.object({
    revenue: decimal.nullable(),
    directCost: decimal.nullable(),
    allocatedCost: decimal.nullable(),
    cost: decimal.nullable(),
    margin: decimal.nullable(),
    marginPercent: decimal.nullable(),
  }),
  equation,
  gaps: z.array(z.string()).describe('what the totals lack, in words'),
  asOf: known,
})
export type MarginReport = z.infer<typeof marginReport>

export const waterfall = z.object({
  customerId: z.string(),
  name: z.string(),
  month,
  currency,
  basis: costBasis,
  /** In order: list, discounts, commitment, net, then one step a service, one an allocation step, then margin. */
  steps: z.array(
    z.object({
      key: z.string(),
      label: z.string(),
      kind: z.enum(['list', 'discount', 'true_up', 'rounding', 'net', 'cost', 'allocated', 'margin']),
      amount: decimal,
      /** Which rules, or which allocation step, put this cost here. */
      rules: z.array(z.string()),
    }),
  ),
  asOf: known,
})

export const monthPoint = z.object({
  month,
  revenue: decimal.nullable(),
  directCost: decimal,
  allocatedCost: decimal,
  unattributed: decimal,
  /** The whole bill: idle capacity kept apart is in it, too. */
  cost: decimal,
  margin: decimal.nullable(),
  marginPercent: decimal.nullable(),
  closed: z.boolean(),
})

export const overview = z.object({
  month,
  currency,
  basis: z.enum(['billed', 'effective']),
  revenue: decimal.nullable(),
  cost: decimal.nullable(),
  margin: decimal.nullable(),
  marginPercent: decimal.nullable(),
  /** Percentage points against the month before. */
  marginPointsChange: decimal.nullable(),
  unattributed: decimal,
  unattributedPercent: decimal.nullable(),
  trend: z.array(monthPoint),
  needs: z.array(
    z.object({
      kind: z.enum([
        'close',
        'invoices',
        'below_floor',
        'unattributed',
        'quarantine',
        'conflict',
        'late_source',
        'setup',
        'price',
      ]),
      sentence: z.string(),
      /** Path and search of the screen that answers it. */
      link: z.string(),
    }),
  ),
  movers: z.array(
    z.object({ customerId: z.string(), name: z.string(), change: decimal, reason: z.string() }),
  ),
  gaps: z.array(z.string()),
  asOf: known,
})

export const cost = {
  query: base
    .route({ method: 'POST', path: '/cost/query', summary: 'Cost, sliced' })
    .input(costQuery)
    .output(costReport),
  fields: base
    .route({ method: 'GET', path: '/cost/fields', summary: 'What cost can be grouped by' })
    .input(asOfAlone)
    .output(z.array(z.object({ field: z.string(), title: z.string() }))),
  unattributed: base
    .route({
      method: 'GET',
      path: '/cost/unattributed',
      summary: 'What is unattributed, and its largest contributors',
    })
    .input(asOf.extend({ month, by: costField.default('service'), ...byBasis.shape }))
    .output(
      z.object({
        equation,
        currency,
        contributors: z.array(
          contributor.extend({
            pool: z
              .object({ stepId: z.string(), name: z.string() })
              .nullable()
              .describe('the allocation step that holds it and could give it to nobody'),
          }),
        ),
        asOf: known,
      }),
    ),
  margin: base
    .route({ method: 'GET', path: '/margin', summary: 'Margin per customer of a month' })
    .input(asOf.extend({ month, ...byBasis.shape }))
    .output(marginReport),
  waterfall: base
    .route({
      method: 'GET',
      path: '/margin/{customerId}',
      summary: 'From list revenue to margin for one customer',
    })
    .input(asOf.extend({ customerId: z.string(), month, ...byBasis.shape }))
    .output(waterfall),
  overview: base
    .route({ method: 'GET', path: '/overview', summary: 'How the month went, and what needs doing' })
    .input(asOf.extend({ month }))
    .output(overview),
}
