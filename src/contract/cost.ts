import { z } from 'zod'
import {
  type AttributionRule,
  RULE_FIELDS,
  RULE_OPERATORS,
  type RuleCondition,
} from '../domain/attribution/rule.ts'
import { asOf, asOfAlone, base, currency, day, decimal, id, issue, known, month } from './common.ts'

/** Any FOCUS attribute in snake case, `tag:<key>`, `tenant`, `customer`, `rule`. */
export const costField = z.string().regex(/^([a-z_]{1,60}|tag:.{1,200})$/)

export const costQuery = asOf.extend({
  from: month,
  to: month,
  grain: z.enum(['day', 'month']),
  groupBy: z.array(costField).max(2),
  filters: z.array(z.object({ field: costField, values: z.array(z.string().nullable()).min(1).max(1000) })),
})

export const costReport = z.object({
  currency,
  basis: z.enum(['billed', 'effective']),
  buckets: z.array(z.string()),
  rows: z.array(
    z.object({
      keys: z.array(z.string().nullable()),
      labels: z.array(z.string()),
      values: z.array(decimal.nullable()),
      billed: decimal,
      effective: decimal,
      entries: z.int(),
    }),
  ),
  totals: z.array(decimal.nullable()),
  billed: decimal,
  effective: decimal,
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

/** bill = direct + unattributed; the equation that must hold. */
export const equation = z.object({
  bill: decimal,
  direct: decimal,
  unattributed: decimal,
  holds: z.boolean(),
})

export const marginRow = z.object({
  customerId: z.string(),
  name: z.string(),
  revenue: decimal.nullable(),
  /** Where revenue comes from: an invoice of the month, or the month rated as it stands now. */
  revenueFrom: z.enum(['invoice', 'rated', 'none']),
  directCost: decimal.nullable(),
  margin: decimal.nullable(),
  marginPercent: decimal.nullable(),
  belowFloor: z.boolean(),
  /** Margin % of the last months, oldest first, for the spark line. */
  trend: z.array(decimal.nullable()),
})

export const marginReport = z.object({
  month,
  currency,
  basis: z.enum(['billed', 'effective']),
  floorPercent: decimal,
  trendMonths: z.array(month),
  rows: z.array(marginRow),
  /** Cost of tenants that belong to no customer yet: direct, but nobody's. */
  withoutCustomer: z.array(z.object({ tenant: z.string(), directCost: decimal })),
  total: z.object({
    revenue: decimal.nullable(),
    directCost: decimal,
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
  /** In order: list, discounts, commitment, net, then one step a service, then margin. */
  steps: z.array(
    z.object({
      key: z.string(),
      label: z.string(),
      kind: z.enum(['list', 'discount', 'true_up', 'rounding', 'net', 'cost', 'margin']),
      amount: decimal,
      /** Which rules put this cost here. */
      rules: z.array(z.string()),
    }),
  ),
  asOf: known,
})

export const monthPoint = z.object({
  month,
  revenue: decimal.nullable(),
  directCost: decimal,
  unattributed: decimal,
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
      summary: 'What no rule claims, and its largest contributors',
    })
    .input(asOf.extend({ month, by: costField.default('service') }))
    .output(z.object({ equation, currency, contributors: z.array(contributor), asOf: known })),
  margin: base
    .route({ method: 'GET', path: '/margin', summary: 'Margin per customer of a month' })
    .input(asOf.extend({ month }))
    .output(marginReport),
  waterfall: base
    .route({
      method: 'GET',
      path: '/margin/{customerId}',
      summary: 'From list revenue to margin for one customer',
    })
    .input(asOf.extend({ customerId: z.string(), month }))
    .output(waterfall),
  overview: base
    .route({ method: 'GET', path: '/overview', summary: 'How the month went, and what needs doing' })
    .input(asOf.extend({ month }))
    .output(overview),
}

export const condition: z.ZodType<RuleCondition> = z.object({
  field: z.union([z.enum(RULE_FIELDS), z.templateLiteral(['tag:', z.string().min(1).max(200)])]),
  operator: z.enum(RULE_OPERATORS),
  value: z.string().max(500),
}) as unknown as z.ZodType<RuleCondition>

export const rule: z.ZodType<AttributionRule> = z.object({
  id,
  name: z.string().trim().min(1).max(120),
  conditions: z.array(condition).min(1).max(10),
  target: z.union([
    z.object({ kind: z.literal('tenant'), tenant: z.string().trim().min(1).max(200) }),
    z.object({ kind: z.literal('value') }),
  ]),
  startDay: day.optional().describe('first day of service on which the rule holds'),
  endDay: day.optional().describe('exclusive last day'),
}) as unknown as z.ZodType<AttributionRule>

export const rulesClaims = z.object({
  currency,
  basis: z.enum(['billed', 'effective']),
  rules: z.array(
    z.object({
      ruleId: z.string(),
      words: z.string(),
      entries: z.int(),
      amount: decimal,
      share: decimal,
      tenantCount: z.int(),
      /** The largest of them. */
      tenants: z.array(z.object({ tenant: z.string(), amount: decimal })),
    }),
  ),
  total: decimal,
  attributed: decimal,
  unattributed: decimal,
  unattributedShare: decimal,
  unattributedByService: z.array(contributor),
  unattributedByResource: z.array(contributor),
  issues: z.array(issue),
  asOf: known,
})

export const rules = {
  get: base
    .route({ method: 'GET', path: '/rules', summary: 'The attribution rules in order; first match wins' })
    .input(asOfAlone)
    .output(
      z.object({
        rules: z.array(rule),
        version: z.int(),
        tagKeys: z.array(z.string()),
        values: z.record(z.string(), z.array(z.string())),
        asOf: known,
      }),
    ),
  preview: base
    .route({ method: 'POST', path: '/rules/preview', summary: 'What each rule would claim; changes nothing' })
    .input(asOf.extend({ rules: z.array(rule).max(1000), month: month.optional() }))
    .output(rulesClaims),
  save: base
    .route({ method: 'PUT', path: '/rules', summary: 'A new version of the rules' })
    .input(z.object({ rules: z.array(rule).max(1000), expectedVersion: z.int() }))
    .output(z.object({ version: z.int() })),
}
