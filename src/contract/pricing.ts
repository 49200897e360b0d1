/** Price lists and contracts on the wire. What the members mean: src/domain/pricing. */
import { z } from 'zod'
import type { Contract } from '../domain/pricing/contract.ts'
import type {
  Charge,
  QuantityPrice,
  RateCard,
  RateCardVersion,
  RatingSettings,
} from '../domain/pricing/ratecard.ts'
import { currency, day, decimal, id, percent } from './common.ts'

const TIERS_MAX = 100
const name = z.string().trim().min(1).max(120)
/** Of a dimension or a value of one. */
const word = z.string().min(1).max(500)
/** Percent of an amount, which may be more than the amount. */
const anyPercent = decimal
const chargeIds = z.array(id).max(200)
/** By the id of a charge, or of a commitment. */
const byId = <Value extends z.ZodType>(value: Value) => z.record(id, value)

const perUnit = { kind: z.literal('per_unit'), unitAmount: decimal, per: decimal }
const tiers = z
  .array(z.object({ upTo: decimal.nullable(), unitAmount: decimal, flatAmount: decimal.optional() }))
  .min(1)
  .max(TIERS_MAX)
const graduated = { kind: z.literal('graduated'), per: decimal, tiers }
const volume = { kind: z.literal('volume'), per: decimal, tiers }
const stairStep = {
  kind: z.literal('stair_step'),
  steps: z
    .array(z.object({ upTo: decimal.nullable(), amount: decimal }))
    .min(1)
    .max(TIERS_MAX),
}
const blocks = {
  kind: z.literal('package'),
  amount: decimal,
  size: decimal,
  lastBlock: z.enum(['whole', 'prorated']),
}

const quantityPrice: z.ZodType<QuantityPrice> = z.discriminatedUnion('kind', [
  z.object(perUnit),
  z.object(graduated),
  z.object(volume),
  z.object(stairStep),
  z.object(blocks),
]) as unknown as z.ZodType<QuantityPrice>

const included = z.object({
  quantity: decimal,
  per: z.enum(['month', 'term']),
  rollOver: z.object({ months: z.int().min(1).max(1200), maximum: decimal.nullable() }).optional(),
  pool: z.string().trim().min(1).max(120).optional(),
})

const chargeBase = {
  id,
  name,
  multiplier: decimal.optional(),
  minimum: decimal.optional(),
  maximum: decimal.optional(),
}

const usageBase = {
  ...chargeBase,
  metric: z.string(),
  filters: z
    .array(z.object({ dimension: word, values: z.array(word).min(1).max(1000) }))
    .max(10)
    .optional(),
  convert: z.object({ unit: z.string().trim().min(1).max(60), size: decimal }).optional(),
  increment: z
    .object({ size: decimal, minimum: decimal.optional(), of: z.enum(['period', 'event']) })
    .optional(),
  included: included.optional(),
}

const window = { window: z.enum(['hour', 'day']).optional() }
const levels = { values: z.enum(['level', 'change']) }
const proration = z.enum(['day', 'second', 'none'])

export const charge: z.ZodType<Charge> = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('flat_fee'),
    ...chargeBase,
    amount: decimal,
    every: z
      .union([z.literal(1), z.literal(3), z.literal(6), z.literal(12), z.literal('once')])
      .optional()
      .describe('months that one fee is for'),
    timing: z.enum(['advance', 'arrears']).optional(),
    proration: proration.optional(),
  }),
  z.object({ ...perUnit, ...usageBase, ...window }),
  z.object({ ...graduated, ...usageBase, ...window }),
  z.object({ ...volume, ...usageBase, ...window }),
  z.object({ ...stairStep, ...usageBase, ...window }),
  z.object({ ...blocks, ...usageBase, ...window }),
  z.object({
    kind: z.literal('matrix'),
    ...usageBase,
    dimensions: z.array(word).min(1).max(3),
    cells: z
      .array(z.object({ values: z.array(word.nullable()).min(1).max(3), price: quantityPrice }))
      .min(1)
      .max(1000),
  }),
  z.object({
    kind: z.literal('time_of_day'),
    ...usageBase,
    bands: z
      .array(
        z.object({
          name,
          from: z.int().min(0).max(23),
          to: z.int().min(1).max(24),
          weekdays: z.array(z.int().min(1).max(7)).min(1).max(7).optional(),
          price: quantityPrice,
        }),
      )
      .min(1)
      .max(50),
    otherwise: quantityPrice,
  }),
  z.object({
    kind: z.literal('percentage'),
    ...usageBase,
    percent: anyPercent,
    fixedPerEvent: decimal.optional(),
    freeEvents: z.int().min(0).optional(),
    freeAmount: decimal.optional(),
    minimumPerEvent: decimal.optional(),
    maximumPerEvent: decimal.optional(),
  }),
  z.object({
    kind: z.literal('graduated_percentage'),
    ...usageBase,
    tiers: z
      .array(z.object({ upTo: decimal.nullable(), percent: anyPercent, flatAmount: decimal.optional() }))
      .min(1)
      .max(TIERS_MAX),
  }),
  z.object({
    kind: z.literal('revenue_share'),
    ...usageBase,
    percent: anyPercent,
    platformFee: decimal.optional(),
  }),
  z.object({ kind: z.literal('seat'), ...usageBase, ...levels, unitAmount: decimal, proration }),
  z.object({
    kind: z.literal('time_weighted'),
    ...usageBase,
    ...levels,
    heldFor: z.enum(['second', 'hour', 'day', 'month']),
    price: quantityPrice,
  }),
  z.object({
    kind: z.literal('dynamic'),
    ...usageBase,
    dimension: word,
    carries: z.enum(['unit_price', 'amount']),
  }),
  z.object({
    kind: z.literal('formula'),
    ...chargeBase,
    formula: z.string().trim().min(1).max(500),
    unit: z.string().trim().min(1).max(60),
    price: quantityPrice,
    included: included.optional(),
  }),
  z.object({
    kind: z.literal('cost_plus'),
    ...chargeBase,
    markupPercent: anyPercent,
    costs: z.enum(['direct', 'direct_and_allocated']),
  }),
]) as unknown as z.ZodType<Charge>

const settings: z.ZodType<RatingSettings> = z.object({
  rounding: z.enum(['half_even', 'half_up']).optional(),
  edgeUnit: z.enum(['lower', 'upper']).optional(),
  tierFeeAtZero: z.boolean().optional(),
  minimumAtZero: z.boolean().optional(),
  boundsApply: z.enum(['after_discounts', 'before_discounts']).optional(),
  creditsApply: z.enum(['after_tax', 'before_tax']).optional(),
}) as unknown as z.ZodType<RatingSettings>

/** What a version of a card says, however it comes. */
export const versionTerms = {
  effectiveFrom: day,
  charges: z.array(charge).max(200),
  otherCurrencies: z
    .record(currency, z.array(charge).max(200))
    .optional()
    .describe('the same charges, by id, with prices in other currencies'),
  settings: settings.optional(),
  note: z.string().max(500).optional(),
}

export const cardTerms = {
  id,
  name,
  currency,
  privateTo: z
    .array(id)
    .min(1)
    .max(10_000)
    .nullable()
    .optional()
    .describe('ids of the only customers it is offered to'),
}

const rateCardVersion: z.ZodType<RateCardVersion> = z.object({
  version: z.int().min(1),
  ...versionTerms,
}) as unknown as z.ZodType<RateCardVersion>

export const rateCard: z.ZodType<RateCard> = z.object({
  ...cardTerms,
  versions: z.array(rateCardVersion).min(1),
}) as unknown as z.ZodType<RateCard>

const scope = chargeIds.nullable().describe('ids of charges; null for all')

const discountBase = {
  id,
  name,
  on: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('charges'), chargeIds: scope }),
    z.object({ kind: z.literal('invoice') }),
  ]),
  fromDay: day.optional(),
  untilDay: day.optional(),
  maximumPerMonth: decimal.optional(),
  maximumInAll: decimal.optional(),
  coupon: z.string().trim().min(1).max(120).optional(),
}

const discount = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('percent'), ...discountBase, percent }),
  z.object({ kind: z.literal('amount'), ...discountBase, amount: decimal }),
  z.object({
    kind: z.literal('spend'),
    ...discountBase,
    mode: z.enum(['volume', 'graduated']),
    tiers: z
      .array(z.object({ upTo: decimal.nullable(), percent }))
      .min(1)
      .max(TIERS_MAX),
  }),
])

const commitment = z.object({
  id,
  name,
  amount: decimal,
  period: z.enum(['month', 'quarter', 'year', 'term']),
  counts: scope,
  overageMultiplier: decimal.optional(),
})

const credit = z.object({
  id,
  name,
  amount: decimal,
  priority: z.int().min(0).max(1000),
  fromDay: day,
  expiresDay: day.nullable(),
  scope,
  costBasis: decimal,
})

const monthOfTerm = z.int().min(1).max(1200)

const rampStep = z.object({
  fromMonth: monthOfTerm,
  multiplier: decimal.optional(),
  discountPercent: percent.optional(),
  commitments: byId(decimal).optional(),
  fees: byId(decimal).optional(),
})

const trialDays = z.int().min(1).max(3650)
const trial = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('days'), days: trialDays }),
  z.object({ kind: z.literal('credit'), amount: decimal, days: trialDays }),
  z.object({ kind: z.literal('usage'), quantities: byId(decimal), days: trialDays }),
])

const tax = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('none') }),
  z.object({ kind: z.literal('stripe') }),
  z.object({ kind: z.literal('external'), name, percent }),
])

const billTo = z.object({
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
  endDay: day.nullable(),
  discountPercent: percent,
  chargeDiscounts: z.record(z.string(), percent),
  monthlyCommitment: decimal.nullable(),
  dealId: z.string().optional(),
  rateCardVersion: z.int().min(1).optional(),
  currency: currency.optional(),
  charges: z.array(charge).max(200).optional(),
  multipliers: z.record(z.string(), decimal).optional(),
  discounts: z.array(discount).max(100).optional(),
  commitments: z.array(commitment).max(50).optional(),
  credits: z.array(credit).max(200).optional(),
  topUp: z
    .object({ threshold: decimal, amount: decimal, expiresMonths: z.int().min(1).max(1200).nullable() })
    .optional(),
  ramp: z.array(rampStep).max(120).optional(),
  uplift: z.object({ percent, everyMonths: monthOfTerm }).optional(),
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
      z.object({ kind: z.literal('ends') }),
      z.object({ kind: z.literal('renews'), months: monthOfTerm }),
    ])
    .optional(),
  amendment: z.object({ effectiveDay: day, note: z.string().max(500) }).optional(),
}) as unknown as z.ZodType<Contract>
