/** Charges and versions in words, for the price list's screen, the quote and the difference of two versions. */
import { canonicalJson, type Json } from '../canonical.ts'
import { type DecimalText, ZERO } from '../decimal.ts'
import type { Metric } from '../metric.ts'
import { countUnits, formatPrice, groupDigits } from './format.ts'
import { priceInWords, tiersInWords, usageInWords } from './price-words.ts'
import { billedUnitOf } from './rate.ts'
import type {
  Band,
  Charge,
  FlatFeeCharge,
  PercentageCharge,
  RateCardVersion,
  RatingSettings,
  SeatCharge,
  UsageCharge,
} from './ratecard.ts'

export interface WordsContext {
  readonly metrics: readonly Metric[]
  readonly currency: string
}

const metricOf = (metric: string, context: WordsContext): Metric | undefined =>
  context.metrics.find((candidate) => candidate.metric === metric)

const feeInWords = (charge: FlatFeeCharge, currency: string): string => {
  const { every = 1, timing, proration } = charge
  const amount = formatPrice(charge.amount, currency)
  if (every === 'once') return `${amount} once`
  return [
    `${amount} ${every === 1 ? 'a month' : every === 12 ? 'a year' : `every ${every} months`}`,
    ...(timing === 'advance' ? ['in advance'] : []),
    ...(proration === 'second' ? ['by the second'] : proration === 'none' ? ['never prorated'] : []),
  ].join(', ')
}

/** "first 10 events free", "first 10 events or 500 USD free, whichever ends first"; nothing where nothing is free. */
const freeInWords = ({ freeEvents = 0, freeAmount = ZERO }: PercentageCharge, unit: string): string[] => {
  const limits = [
    ...(freeEvents === 0 ? [] : [countUnits(String(freeEvents) as DecimalText, 'event')]),
    ...(freeAmount === ZERO ? [] : [countUnits(freeAmount, unit)]),
  ]
  if (limits.length === 0) return []
  return [`first ${limits.join(' or ')} free`, ...(limits.length === 1 ? [] : ['whichever ends first'])]
}

/** "2.9 % + 0.30 an event, first 10 events free, at most 5.00 each". */
const percentageInWords = (charge: PercentageCharge, unit: string, currency: string): string => {
  const { percent, fixedPerEvent, minimumPerEvent, maximumPerEvent } = charge
  const price = (amount: DecimalText) => formatPrice(amount, currency)
  return [
    `${groupDigits(percent)} %${fixedPerEvent === undefined ? '' : ` + ${price(fixedPerEvent)} an event`}`,
    ...freeInWords(charge, unit),
    ...(minimumPerEvent === undefined ? [] : [`at least ${price(minimumPerEvent)} each`]),
    ...(maximumPerEvent === undefined ? [] : [`at most ${price(maximumPerEvent)} each`]),
  ].join(', ')
}

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']

const clock = (hour: number): string => `${String(hour).padStart(2, '0')}:00`

const bandInWords = (band: Band, price: string): string => {
  const days = band.weekdays?.map((day) => WEEKDAYS[day - 1] ?? String(day)).join(', ')
  return `${band.name} (${clock(band.from)}–${clock(band.to)}${days === undefined ? '' : `, ${days}`}): ${price}`
}

const SEATS_COUNTED: Readonly<Record<SeatCharge['proration'], string>> = {
  none: 'the most of the month',
  day: 'by the day',
  second: 'by the second',
}

const percentPhrase = (percent: DecimalText): string =>
  percent === '0' ? 'free' : `${groupDigits(percent)} %`

const listedInWords = (charge: UsageCharge, context: WordsContext, unit: string): string => {
  const { currency } = context
  const priced = (price: Parameters<typeof priceInWords>[0]) => priceInWords(price, unit, currency)
  const metric = metricOf(charge.metric, context)
  switch (charge.kind) {
    case 'matrix':
      return `by ${charge.dimensions.join(' and ')}: ${charge.cells
        .map(({ values, price }) => `${values.map((value) => value ?? 'any').join(', ')}: ${priced(price)}`)
        .join('; ')}`
    case 'time_of_day':
      return `${charge.bands.map((band) => bandInWords(band, priced(band.price))).join('; ')}; otherwise ${priced(charge.otherwise)}`
    case 'percentage':
      return percentageInWords(charge, unit, currency)
    case 'graduated_percentage': {
      const tiers = charge.tiers.map(({ percent, ...tier }) => ({ ...tier, unitAmount: percent }))
      return tiersInWords(tiers, percentPhrase, percentPhrase, unit, currency)
    }
    case 'revenue_share': {
      const fee =
        charge.platformFee === undefined ? '' : ` + ${formatPrice(charge.platformFee, currency)} a month`
      return `${groupDigits(charge.percent)} % of ${metric?.name ?? charge.metric}${fee}`
    }
    case 'seat':
      return `${formatPrice(charge.unitAmount, currency)} per ${unit} a month, ${SEATS_COUNTED[charge.proration]}`
    case 'time_weighted':
      return `${priced(charge.price)} held${charge.heldFor === 'month' ? ' through the month' : ''}`
    case 'dynamic':
      return charge.carries === 'unit_price'
        ? `the price per ${unit} that each event carries as "${charge.dimension}"`
        : `the amount that each event carries as "${charge.dimension}"`
    default:
      return priced(charge)
  }
}

const boundsInWords = (charge: Charge, currency: string): readonly string[] => [
  ...(charge.multiplier === undefined || charge.multiplier === '1'
    ? []
    : [`× ${groupDigits(charge.multiplier)}`]),
  ...(charge.minimum === undefined ? [] : [`at least ${formatPrice(charge.minimum, currency)} a month`]),
  ...(charge.maximum === undefined ? [] : [`at most ${formatPrice(charge.maximum, currency)} a month`]),
]

const mainInWords = (charge: Charge, context: WordsContext): readonly string[] => {
  const { currency } = context
  switch (charge.kind) {
    case 'flat_fee':
      return [feeInWords(charge, currency)]
    case 'cost_plus': {
      const cost = charge.costs === 'direct' ? 'direct cost' : 'cost, direct and allocated,'
      return [`${cost} + ${groupDigits(charge.markupPercent)} %`]
    }
    case 'formula': {
      const included =
        charge.included === undefined ? [] : [`${countUnits(charge.included.quantity, charge.unit)} included`]
      return [`${priceInWords(charge.price, charge.unit, currency)} of ${charge.formula}`, ...included]
    }
    default: {
      const measuredUnit = metricOf(charge.metric, context)?.unit ?? 'unit'
      const unit = billedUnitOf(charge, measuredUnit)
      return [listedInWords(charge, context, unit), ...usageInWords(charge, { unit, measuredUnit })]
    }
  }
}

/**
 * "first 1,000,000 calls free, then 0.40 per 1,000 up to 10,000,000, then 0.32 per 1,000";
 * "0.05 per GB-hour held"; "500.00 a month".
 */
export const chargeInWords = (charge: Charge, context: WordsContext): string =>
  [...mainInWords(charge, context), ...boundsInWords(charge, context.currency)].join('; ')

const chargesInWords = (charges: readonly Charge[], context: WordsContext): readonly string[] =>
  charges.map((charge) => `${charge.name}: ${chargeInWords(charge, context)}`)

const inCurrency = (currency: string, charges: readonly Charge[], { metrics }: WordsContext) =>
  chargesInWords(charges, { metrics, currency }).map((words) => `In ${currency}: ${words}`)

/** One sentence per charge, in the version's order; then its prices in other currencies, each with its currency. */
export const versionInWords = (version: RateCardVersion, context: WordsContext): readonly string[] => [
  ...chargesInWords(version.charges, context),
  ...Object.entries(version.otherCurrencies ?? {}).flatMap(([currency, charges]) =>
    inCurrency(currency, charges, context),
  ),
]

/** What a customer notices of a charge: all of it but its id and its name. */
const substance = (charge: Charge): string => {
  const { id: _id, name: _name, ...rest } = charge
  return canonicalJson(rest as unknown as Json)
}

const changeInWords = (old: Charge, charge: Charge, context: WordsContext): readonly string[] => {
  const renamed = old.name === charge.name ? [] : [`${old.name}: now called ${charge.name}`]
  if (substance(old) === substance(charge)) return renamed
  const metric =
    'metric' in old && 'metric' in charge && old.metric !== charge.metric
      ? ` (counted by ${charge.metric} instead of ${old.metric})`
      : ''
  const [was, now] = [chargeInWords(old, context), chargeInWords(charge, context)]
  return [...renamed, `${charge.name}: was ${was}; now ${now}${metric}`]
}

const changedCharges = (
  before: readonly Charge[],
  after: readonly Charge[],
  context: WordsContext,
): readonly string[] => {
  const earlier = new Map(before.map((charge) => [charge.id, charge]))
  const kept = new Set(after.map((charge) => charge.id))
  const changed = after.flatMap((charge) => {
    const old = earlier.get(charge.id)
    return old === undefined
      ? [`${charge.name}: new, ${chargeInWords(charge, context)}`]
      : changeInWords(old, charge, context)
  })
  const removed = before.filter((charge) => !kept.has(charge.id))
  return [
    ...changed,
    ...removed.map((charge) => `${charge.name}: removed, was ${chargeInWords(charge, context)}`),
  ]
}

const changedCurrencies = (
  before: RateCardVersion,
  after: RateCardVersion,
  context: WordsContext,
): readonly string[] => {
  const [old, now] = [before.otherCurrencies ?? {}, after.otherCurrencies ?? {}]
  return [...new Set([...Object.keys(old), ...Object.keys(now)])].flatMap((currency) => {
    const [was, is] = [old[currency], now[currency]]
    if (is === undefined) return [`No longer priced in ${currency}`]
    if (was === undefined) return [`Priced in ${currency} too`, ...inCurrency(currency, is, context)]
    return changedCharges(was, is, { ...context, currency }).map((words) => `In ${currency}: ${words}`)
  })
}

const settingsInWords = (settings: RatingSettings | undefined): readonly string[] => {
  const { rounding, edgeUnit, tierFeeAtZero, minimumAtZero, boundsApply, creditsApply } = settings ?? {}
  return [
    `lines are rounded ${rounding === 'half_up' ? 'half up' : 'half to even'}`,
    `a quantity at an edge is in the ${edgeUnit === 'upper' ? 'next' : 'lower'} tier`,
    `without usage the first tier’s flat amount is ${tierFeeAtZero === true ? 'due' : 'not due'}`,
    `without usage a minimum is ${minimumAtZero === false ? 'not due' : 'due'}`,
    `minimum and maximum look at amounts ${boundsApply === 'before_discounts' ? 'before' : 'after'} discounts`,
    `credits pay amounts ${creditsApply === 'before_tax' ? 'without' : 'with'} tax`,
  ]
}

const changedSettings = (before: RateCardVersion, after: RateCardVersion): readonly string[] => {
  const old = settingsInWords(before.settings)
  return settingsInWords(after.settings)
    .filter((words, index) => words !== old[index])
    .map((words) => `From now on ${words}`)
}

/**
 * What changes from one version to the next, one sentence per charge, currency and setting; empty where nothing does
 * that a customer is billed by.
 */
export const diffVersions = (
  before: RateCardVersion,
  after: RateCardVersion,
  context: WordsContext,
): readonly string[] => [
  ...changedCharges(before.charges, after.charges, context),
  ...changedCurrencies(before, after, context),
  ...changedSettings(before, after),
]
