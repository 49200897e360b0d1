/** Attribution rules: read, tried, proposed, saved. */
import { z } from 'zod'
import {
  type AttributionRule,
  RULE_FIELDS,
  RULE_OPERATORS,
  type RuleCondition,
} from '../domain/attribution/rule.ts'
import { asOf, asOfAlone, base, currency, day, decimal, id, issue, known, month } from './common.ts'
import { contributor, costBasis } from './cost.ts'

export const condition: z.ZodType<RuleCondition> = z.object({
  field: z.union([z.enum(RULE_FIELDS), z.templateLiteral(['tag:', z.string().min(1).max(200)])]),
  operator: z.enum(RULE_OPERATORS),
  value: z.string().max(500),
}) as unknown as z.ZodType<RuleCondition>

/** The most rules that a book has. */
export const RULES_MAX = 1000

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
  basis: costBasis,
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
  /** Every service with what rules claim of it, largest cost first. */
  byService: z.array(
    z.object({
      key: z.string(),
      amount: decimal,
      attributed: decimal,
      attributedShare: decimal,
      entries: z.int(),
    }),
  ),
  unattributedByService: z.array(contributor),
  unattributedByResource: z.array(contributor),
  issues: z.array(issue),
  asOf: known,
})

export const ruleTrial = z.object({
  /** What the row says of itself, by our names; tags as `tag:<key>`. */
  attributes: z.record(z.string(), z.string()),
  /** Columns of the row that no rule can look at. */
  notRead: z.array(z.string()),
  day,
  ruleId: z.string().nullable(),
  tenant: z.string().nullable(),
  customer: z.string().nullable(),
  sentence: z.string(),
  rules: z.array(
    z.object({
      ruleId: z.string(),
      name: z.string(),
      outcome: z.enum(['takes', 'comes_after', 'not_in_force', 'does_not_match', 'names_no_tenant']),
      words: z.string(),
    }),
  ),
})
export type RuleTrialReport = z.output<typeof ruleTrial>

export const ruleProposal = z.object({
  kind: z.enum(['tag', 'namespace', 'account']),
  rule,
  words: z.string(),
  entries: z.int(),
  amount: decimal,
  share: decimal,
  tenantCount: z.int(),
  tenants: z.array(z.object({ tenant: z.string(), amount: decimal })),
})
export type RuleProposal = z.output<typeof ruleProposal>

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
    .input(asOf.extend({ rules: z.array(rule).max(RULES_MAX), month: month.optional() }))
    .output(rulesClaims),
  try: base
    .route({
      method: 'POST',
      path: '/rules/try',
      summary: 'The rule that takes a pasted row, and why the others do not; changes nothing',
    })
    .input(
      asOf.extend({
        rules: z.array(rule).max(RULES_MAX).optional().describe('tried in place of the book’s own'),
        row: z
          .string()
          .min(1)
          .max(200_000)
          .describe('a CSV header and a row below it, or a JSON object, by FOCUS columns or our names'),
        day: day.optional().describe('the day of service; that of the row without it'),
      }),
    )
    .output(ruleTrial),
  propose: base
    .route({
      method: 'POST',
      path: '/rules/propose',
      summary: 'Rules that tags, namespaces and accounts suggest for what none claims; changes nothing',
    })
    .input(asOf.extend({ rules: z.array(rule).max(RULES_MAX).optional(), month: month.optional() }))
    .output(z.object({ currency, basis: costBasis, proposals: z.array(ruleProposal), asOf: known })),
  save: base
    .route({ method: 'PUT', path: '/rules', summary: 'A new version of the rules' })
    .input(z.object({ rules: z.array(rule).max(RULES_MAX), expectedVersion: z.int() }))
    .output(z.object({ version: z.int() })),
}
