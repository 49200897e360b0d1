/** Charges and versions in words, for the price list's screen, the quote and the command line. */
import { type DecimalText, ZERO } from '../decimal.ts'
import type { Metric } from '../metric.ts'
import { countUnits, formatPrice, groupDigits, pluralUnit } from './format.ts'
import {
  includedInWords,
  listInWords,
  priceInWords,
  tiersInWords,
  usageInWords,
  type WordsPart,
} from './price-words.ts'
import { billedUnitOf } from './rate.ts'
import type {
  Band,
  Charge,
  FlatFeeCharge,
  PercentageCharge,
  RateCardVersion,
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

/** "Nights (22:00–06:00)", "Weekend (Sat and Sun)". */
export const bandInWords = (band: Band): string => {
  const days = band.weekdays?.map((day) => WEEKDAYS[day - 1] ?? String(day)) ?? []
  const isWhole = band.from === 0 && band.to === 24
  const when = [
    ...(isWhole && days.length > 0 ? [] : [`${clock(band.from)}–${clock(band.to)}`]),
    ...(days.length === 0 ? [] : [listInWords(days, 'and')]),
  ]
  return `${band.name} (${when.join(', ')})`
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
      return `by ${listInWords(charge.dimensions, 'and')}: ${charge.cells
        .map(({ values, price }) => `${values.map((value) => value ?? 'any').join(', ')}: ${priced(price)}`)
        .join('; ')}`
    case 'time_of_day':
      return `${charge.bands.map((band) => `${bandInWords(band)}: ${priced(band.price)}`).join('; ')}; otherwise ${priced(charge.otherwise)}`
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

const boundsInWords = (charge: Charge, currency: string): readonly WordsPart[] => [
  ...(charge.multiplier === undefined || charge.multiplier === '1'
    ? []
    : [{ key: 'multiplier', words: `× ${groupDigits(charge.multiplier)}` }]),
  ...(charge.minimum === undefined
    ? []
    : [{ key: 'minimum', words: `at least ${formatPrice(charge.minimum, currency)} a month` }]),
  ...(charge.maximum === undefined
    ? []
    : [{ key: 'maximum', words: `at most ${formatPrice(charge.maximum, currency)} a month` }]),
]

/** What one unit of the charge's price is called. */
export const unitInWords = (charge: Charge, context: WordsContext): string =>
  billedUnitOf(charge, 'metric' in charge ? (metricOf(charge.metric, context)?.unit ?? 'unit') : 'unit')

const mainInWords = (charge: Charge, context: WordsContext): readonly WordsPart[] => {
  const { currency } = context
  switch (charge.kind) {
    case 'flat_fee':
      return [{ key: 'price', words: feeInWords(charge, currency) }]
    case 'cost_plus': {
      const cost = charge.costs === 'direct' ? 'direct cost' : 'cost, direct and allocated,'
      return [{ key: 'price', words: `${cost} + ${groupDigits(charge.markupPercent)} %` }]
    }
    case 'formula':
      return [
        { key: 'price', words: priceInWords(charge.price, charge.unit, currency) },
        { key: 'formula', words: `${pluralUnit(charge.unit, ZERO)} are ${charge.formula}` },
        ...includedInWords(charge.included, charge.unit),
      ]
    default: {
      const measuredUnit = metricOf(charge.metric, context)?.unit ?? 'unit'
      const unit = billedUnitOf(charge, measuredUnit)
      return [
        { key: 'price', words: listedInWords(charge, context, unit) },
        ...usageInWords(charge, { unit, measuredUnit }),
      ]
    }
  }
}

/** A charge in words by its parts: its price first, then what stands around it, each under a key. */
export const chargeParts = (charge: Charge, context: WordsContext): readonly WordsPart[] => [
  ...mainInWords(charge, context),
  ...boundsInWords(charge, context.currency),
]

/**
 * "first 1,000,000 calls free, then 0.40 per 1,000 up to 10,000,000, then 0.32 per 1,000";
 * "0.05 per GB-hour held"; "500.00 a month".
 */
export const chargeInWords = (charge: Charge, context: WordsContext): string =>
  chargeParts(charge, context)
    .map(({ words }) => words)
    .join('; ')

const chargesInWords = (charges: readonly Charge[], context: WordsContext): readonly string[] =>
  charges.map((charge) => `${charge.name}: ${chargeInWords(charge, context)}`)

export const inCurrency = (currency: string, charges: readonly Charge[], { metrics }: WordsContext) =>
  chargesInWords(charges, { metrics, currency }).map((words) => `In ${currency}: ${words}`)

/** One sentence per charge, in the version's order; then its prices in other currencies, each with its currency. */
export const versionInWords = (version: RateCardVersion, context: WordsContext): readonly string[] => [
  ...chargesInWords(version.charges, context),
  ...Object.entries(version.otherCurrencies ?? {}).flatMap(([currency, charges]) =>
    inCurrency(currency, charges, context),
  ),
]
