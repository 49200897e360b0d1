/** Charges and versions in words, for the price list's screen, the quote and the difference of two versions. */
import { canonicalJson } from '../canonical.ts'
import type { DecimalText } from '../decimal.ts'
import type { Metric } from '../metric.ts'
import { countUnits, formatPrice, groupDigits, pluralUnit, pricePhrase } from './format.ts'
import type { Charge, GraduatedCharge, RateCardVersion } from './ratecard.ts'

export interface WordsContext {
  readonly metrics: readonly Metric[]
  readonly currency: string
}

/** The unit of the metric; "unit" where the metric is not known. */
const unitOf = (metric: string, context: WordsContext): string =>
  context.metrics.find((candidate) => candidate.metric === metric)?.unit ?? 'unit'

const graduatedInWords = (charge: GraduatedCharge, unit: string, currency: string): string =>
  charge.tiers
    .map((tier, index) => {
      const price = pricePhrase({ unitAmount: tier.unitAmount, per: charge.per }, unit, currency)
      if (index > 0) return `then ${price}${tier.upTo === null ? '' : ` up to ${groupDigits(tier.upTo)}`}`
      if (tier.upTo === null)
        return price === 'free' || charge.per === '1' ? price : `${price} ${pluralUnit(unit, charge.per)}`
      return `first ${countUnits(tier.upTo, unit)} ${price === 'free' ? price : `at ${price}`}`
    })
    .join(', ')

/**
 * "first 1,000,000 calls free, then 0.40 per 1,000 up to 10,000,000, then 0.32 per 1,000";
 * "0.40 per 1,000 calls"; "500.00 a month".
 */
export const chargeInWords = (charge: Charge, context: WordsContext): string => {
  if (charge.kind === 'flat_fee') return `${formatPrice(charge.amount, context.currency)} a month`
  const unit = unitOf(charge.metric, context)
  if (charge.kind === 'per_unit')
    return graduatedInWords(
      { ...charge, kind: 'graduated', tiers: [{ upTo: null, unitAmount: charge.unitAmount }] },
      unit,
      context.currency,
    )
  return graduatedInWords(charge, unit, context.currency)
}

/** One sentence per charge, in the version's order. */
export const versionInWords = (version: RateCardVersion, context: WordsContext): readonly string[] =>
  version.charges.map((charge) => `${charge.name}: ${chargeInWords(charge, context)}`)

/** What a customer notices of a charge: all of it but its name. */
const substance = (charge: Charge): string => {
  if (charge.kind === 'flat_fee') return canonicalJson([charge.kind, charge.amount])
  const price: readonly (DecimalText | null)[] =
    charge.kind === 'per_unit'
      ? [charge.unitAmount]
      : charge.tiers.flatMap((tier) => [tier.upTo, tier.unitAmount])
  return canonicalJson([charge.kind, charge.metric, charge.per, price])
}

/** What changes from one version to the next, one sentence per charge; empty where no price changes. */
export const diffVersions = (
  before: RateCardVersion,
  after: RateCardVersion,
  context: WordsContext,
): readonly string[] => {
  const earlier = new Map(before.charges.map((charge) => [charge.id, charge]))
  const kept = new Set(after.charges.map((charge) => charge.id))
  const changed = after.charges.flatMap((charge) => {
    const old = earlier.get(charge.id)
    const now = chargeInWords(charge, context)
    if (old === undefined) return [`${charge.name}: new, ${now}`]
    const renamed = old.name === charge.name ? [] : [`${old.name}: now called ${charge.name}`]
    if (substance(old) === substance(charge)) return renamed
    const metric =
      'metric' in old && 'metric' in charge && old.metric !== charge.metric
        ? ` (counted by ${charge.metric} instead of ${old.metric})`
        : ''
    return [...renamed, `${charge.name}: was ${chargeInWords(old, context)}; now ${now}${metric}`]
  })
  const removed = before.charges.filter((charge) => !kept.has(charge.id))
  return [
    ...changed,
    ...removed.map((charge) => `${charge.name}: removed, was ${chargeInWords(charge, context)}`),
  ]
}
