/** Price lists on the wire; members that no kind has are refused. What they mean: src/domain/pricing/ratecard.ts. */
import { z } from 'zod'
import { type DecimalText, ZERO } from '../domain/decimal.ts'
import type {
  Charge,
  QuantityPrice,
  RateCard,
  RateCardVersion,
  RatingSettings,
} from '../domain/pricing/ratecard.ts'
import { currency, day, decimal, id } from './common.ts'

const TIERS_MAX = 100
const name = z.string().trim().min(1).max(120)
/** Of a dimension or a value of one. */
const word = z.string().min(1).max(500)
/** Percent of an amount, which may be more than the amount. */
const anyPercent = decimal

const ONE = '1' as DecimalText
/** The unit that most prices are for. */
const per = decimal.default(ONE)
/** The last tier is open: it may leave its edge out. */
const upTo = decimal.nullable().default(null)

const perUnit = { kind: z.literal('per_unit'), unitAmount: decimal, per }
/** A tier of a flat amount only has no price a unit; one of neither would be free by accident. */
const tier = z
  .strictObject({ upTo, unitAmount: decimal.optional(), flatAmount: decimal.optional() })
  .refine(({ unitAmount, flatAmount }) => unitAmount !== undefined || flatAmount !== undefined, {
    error: 'a tier with a unitAmount, a flatAmount or both; a free one has "unitAmount": "0"',
  })
  .overwrite((given) => ({ ...given, unitAmount: given.unitAmount ?? ZERO }))
const tiers = z.array(tier).min(1).max(TIERS_MAX)
const graduated = { kind: z.literal('graduated'), per, tiers }
const volume = { kind: z.literal('volume'), per, tiers }
const stairStep = {
  kind: z.literal('stair_step'),
  steps: z
    .array(z.strictObject({ upTo, amount: decimal }))
    .min(1)
    .max(TIERS_MAX),
}
const blocks = {
  kind: z.literal('package'),
  amount: decimal,
  size: decimal,
  lastBlock: z.enum(['whole', 'prorated']).default('whole'),
}

const quantityPrice: z.ZodType<QuantityPrice> = z.discriminatedUnion('kind', [
  z.strictObject(perUnit),
  z.strictObject(graduated),
  z.strictObject(volume),
  z.strictObject(stairStep),
  z.strictObject(blocks),
]) as unknown as z.ZodType<QuantityPrice>

const included = z.strictObject({
  quantity: decimal,
  per: z.enum(['month', 'term']).default('month'),
  rollOver: z
    .strictObject({ months: z.int().min(1).max(1200), maximum: decimal.nullable().default(null) })
    .optional(),
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
    .array(z.strictObject({ dimension: word, values: z.array(word).min(1).max(1000) }))
    .max(10)
    .optional(),
  convert: z.strictObject({ unit: z.string().trim().min(1).max(60), size: decimal }).optional(),
  increment: z
    .strictObject({
      size: decimal,
      minimum: decimal.optional(),
      of: z.enum(['period', 'event']).default('period'),
    })
    .optional(),
  included: included.optional(),
}

const window = {
  window: z
    .enum(['hour', 'day', 'quarter', 'year', 'term'])
    .optional()
    .describe('each hour or day on its own, or a longer period as it grows'),
}
const levels = { values: z.enum(['level', 'change']).default('level') }
const proration = z.enum(['day', 'second', 'none'])

export const charge: z.ZodType<Charge> = z.discriminatedUnion('kind', [
  z.strictObject({
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
  z.strictObject({ ...perUnit, ...usageBase, ...window }),
  z.strictObject({ ...graduated, ...usageBase, ...window }),
  z.strictObject({ ...volume, ...usageBase, ...window }),
  z.strictObject({ ...stairStep, ...usageBase, ...window }),
  z.strictObject({ ...blocks, ...usageBase, ...window }),
  z.strictObject({
    kind: z.literal('matrix'),
    ...usageBase,
    dimensions: z.array(word).min(1).max(3),
    cells: z
      .array(z.strictObject({ values: z.array(word.nullable()).min(1).max(3), price: quantityPrice }))
      .min(1)
      .max(1000),
  }),
  z.strictObject({
    kind: z.literal('time_of_day'),
    ...usageBase,
    bands: z
      .array(
        z.strictObject({
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
  z.strictObject({
    kind: z.literal('percentage'),
    ...usageBase,
    percent: anyPercent,
    fixedPerEvent: decimal.optional(),
    freeEvents: z.int().min(0).optional(),
    freeAmount: decimal.optional(),
    minimumPerEvent: decimal.optional(),
    maximumPerEvent: decimal.optional(),
  }),
  z.strictObject({
    kind: z.literal('graduated_percentage'),
    ...usageBase,
    tiers: z
      .array(z.strictObject({ upTo, percent: anyPercent, flatAmount: decimal.optional() }))
      .min(1)
      .max(TIERS_MAX),
  }),
  z.strictObject({
    kind: z.literal('revenue_share'),
    ...usageBase,
    percent: anyPercent,
    platformFee: decimal.optional(),
  }),
  z.strictObject({
    kind: z.literal('seat'),
    ...usageBase,
    ...levels,
    unitAmount: decimal,
    proration: proration.default('day'),
  }),
  z.strictObject({
    kind: z.literal('time_weighted'),
    ...usageBase,
    ...levels,
    heldFor: z.enum(['second', 'hour', 'day', 'month']),
    price: quantityPrice,
  }),
  z.strictObject({
    kind: z.literal('dynamic'),
    ...usageBase,
    dimension: word,
    carries: z.enum(['unit_price', 'amount']),
  }),
  z.strictObject({
    kind: z.literal('formula'),
    ...chargeBase,
    formula: z.string().trim().min(1).max(500),
    unit: z.string().trim().min(1).max(60),
    price: quantityPrice,
    included: included.optional(),
  }),
  z.strictObject({
    kind: z.literal('cost_plus'),
    ...chargeBase,
    markupPercent: anyPercent,
    costs: z.enum(['direct', 'direct_and_allocated']).default('direct'),
  }),
]) as unknown as z.ZodType<Charge>

export const settings: z.ZodType<RatingSettings> = z.strictObject({
  rounding: z.enum(['half_even', 'half_up']).optional(),
  edgeUnit: z.enum(['lower', 'upper']).optional(),
  tierFeeAtZero: z.boolean().optional(),
  minimumAtZero: z.boolean().optional(),
  boundsApply: z.enum(['after_discounts', 'before_discounts']).optional(),
  creditsApply: z.enum(['after_tax', 'before_tax']).optional(),
}) as unknown as z.ZodType<RatingSettings>

/** The most charges of a version, in each currency. */
export const CHARGES_MAX = 200

/** What a version of a card says, however it comes. */
export const versionTerms = {
  effectiveFrom: day,
  charges: z.array(charge).max(CHARGES_MAX),
  otherCurrencies: z
    .record(currency, z.array(charge).max(CHARGES_MAX))
    .optional()
    .describe('the same charges, by id, with prices in other currencies'),
  settings: settings.optional(),
  note: z.string().max(500).optional(),
}

export const cardTerms = {
  id,
  name,
  currency,
  privateTo: z.array(id).min(1).max(10_000).optional().describe('ids of the only customers it is offered to'),
}

const rateCardVersion: z.ZodType<RateCardVersion> = z.strictObject({
  version: z.int().min(1),
  ...versionTerms,
}) as unknown as z.ZodType<RateCardVersion>

export const rateCard: z.ZodType<RateCard> = z.strictObject({
  ...cardTerms,
  versions: z.array(rateCardVersion).min(1),
}) as unknown as z.ZodType<RateCard>

/** A card, or its next version, as a file gives it (docs/formats/ratecard.md). */
export const rateCardFile = z.object({
  ...cardTerms,
  ...versionTerms,
  charges: z.array(charge).min(1).max(CHARGES_MAX),
})
