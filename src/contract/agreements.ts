/** What one customer agreed, on the wire. What the members mean: src/domain/pricing/contract.ts. */
import { z } from 'zod'
import { ZERO } from '../domain/decimal.ts'
import type { Contract } from '../domain/pricing/contract.ts'
import { currency, day, decimal, id, percent } from './common.ts'
import { charge, settings } from './rate-cards.ts'

const TIERS_MAX = 100
const name = z.string().trim().min(1).max(120)
const chargeIds = z.array(id).max(200)
/** By the id of a charge, or of a commitment. */
const byId = <Value extends z.ZodType>(value: Value) => z.record(id, value)

const scope = chargeIds.nullable().default(null).describe('ids of charges; null for all')

const discountBase = {
  id,
  name,
  on: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('charges'), chargeIds: scope }),
      z.strictObject({ kind: z.literal('invoice') }),
    ])
    .default({ kind: 'charges', chargeIds: null }),
  fromDay: day.optional(),
  untilDay: day.optional(),
  maximumPerMonth: decimal.optional(),
  maximumInAll: decimal.optional(),
  coupon: z.string().trim().min(1).max(120).optional(),
}

const discount = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('percent'), ...discountBase, percent }),
  z.strictObject({ kind: z.literal('amount'), ...discountBase, amount: decimal }),
  z.strictObject({
    kind: z.literal('spend'),
    ...discountBase,
    mode: z.enum(['volume', 'graduated']),
    tiers: z
      .array(z.strictObject({ upTo: decimal.nullable().default(null), percent }))
      .min(1)
      .max(TIERS_MAX),
  }),
])

const commitment = z.strictObject({
  id,
  name,
  amount: decimal,
  period: z.enum(['month', 'quarter', 'year', 'term']),
  counts: scope,
  overageMultiplier: decimal.optional(),
})

const credit = z.strictObject({
  id,
  name,
  amount: decimal,
  priority: z.int().min(0).max(1000).default(0),
  fromDay: day,
  expiresDay: day.nullable().default(null),
  scope,
  costBasis: decimal,
})

const monthOfTerm = z.int().min(1).max(1200)

const rampStep = z.strictObject({
  fromMonth: monthOfTerm,
  multiplier: decimal.optional(),
  discountPercent: percent.optional(),
  commitments: byId(decimal).optional(),
  fees: byId(decimal).optional(),
})

const trialDays = z.int().min(1).max(3650)
const trial = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('days'), days: trialDays }),
  z.strictObject({ kind: z.literal('credit'), amount: decimal, days: trialDays }),
  z.strictObject({ kind: z.literal('usage'), quantities: byId(decimal), days: trialDays }),
])

const tax = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({ kind: z.literal('stripe') }),
  z.strictObject({ kind: z.literal('external'), name, percent }),
])

const billTo = z.strictObject({
  id: z.string().regex(/^[A-Za-z0-9-]{1,40}$/, 'letters, digits and dashes, at most 40'),
  name,
  purchaseOrder: z.string().trim().min(1).max(120).optional(),
  entity: z.string().trim().min(1).max(200).optional(),
  chargeIds,
})

export const contract: z.ZodType<Contract> = z.object({
  id,
  customerId: id,
  rateCardId: id,
  startDay: day,
  endDay: day.nullable().default(null),
  discountPercent: percent.default(ZERO),
  chargeDiscounts: z.record(z.string(), percent).default({}),
  monthlyCommitment: decimal.nullable().default(null),
  dealId: z.string().optional(),
  rateCardVersion: z.int().min(1).optional(),
  currency: currency.optional(),
  charges: z.array(charge).max(200).optional(),
  multipliers: z.record(z.string(), decimal).optional(),
  discounts: z.array(discount).max(100).optional(),
  commitments: z.array(commitment).max(50).optional(),
  credits: z.array(credit).max(200).optional(),
  topUp: z
    .object({
      threshold: decimal,
      amount: decimal.optional().describe('what is bought; or upTo'),
      upTo: decimal.optional().describe('what is missing to this balance is bought; or amount'),
      expiresMonths: z.int().min(1).max(1200).nullable().default(null),
    })
    .optional(),
  ramp: z.array(rampStep).max(120).optional(),
  uplift: z.strictObject({ percent, everyMonths: monthOfTerm }).optional(),
  freeMonths: z.array(monthOfTerm).max(120).optional(),
  trial: trial.optional(),
  invoiceMinimum: decimal.optional(),
  invoiceMaximum: decimal.optional(),
  tax: tax.optional(),
  settings: settings.optional(),
  billTo: z.array(billTo).max(20).optional(),
  invoiceGroup: z.string().trim().min(1).max(120).optional(),
  purchaseOrder: z.string().trim().min(1).max(120).optional(),
  renewal: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('ends') }),
      z.strictObject({ kind: z.literal('renews'), months: monthOfTerm }),
    ])
    .optional(),
  amendment: z.strictObject({ effectiveDay: day, note: z.string().max(500).default('') }).optional(),
}) as unknown as z.ZodType<Contract>
