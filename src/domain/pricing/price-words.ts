/** Prices of quantities, and what stands around them, in words. */
import { type DecimalText, ZERO } from '../decimal.ts'
import { countUnits, formatPrice, groupDigits, pluralUnit, pricePhrase } from './format.ts'
import type { Allowance, Increment, QuantityPrice, UsageCharge } from './ratecard.ts'
import { cutWindowOf, longWindowOf } from './window.ts'

interface Tier {
  readonly upTo: DecimalText | null
  readonly unitAmount: DecimalText
  readonly flatAmount?: DecimalText
}

/** A phrase of a charge under the key of what it says, so that two versions of it can be told apart. */
export interface WordsPart {
  readonly key: string
  readonly words: string
}

type Phrase = (unitAmount: DecimalText) => string

export const withFlat = (phrase: string, flat: DecimalText | undefined, currency: string): string => {
  if (flat === undefined || flat === ZERO) return phrase
  return phrase === 'free' ? formatPrice(flat, currency) : `${phrase} + ${formatPrice(flat, currency)}`
}

/** "first 1,000,000 calls free, then 0.40 per 1,000 up to 10,000,000, then 0.32 per 1,000". */
export const tiersInWords = (
  tiers: readonly Tier[],
  phraseOf: Phrase,
  alone: Phrase,
  unit: string,
  currency: string,
): string =>
  tiers
    .map((tier, index) => {
      const price = withFlat(phraseOf(tier.unitAmount), tier.flatAmount, currency)
      if (index > 0) return `then ${price}${tier.upTo === null ? '' : ` up to ${groupDigits(tier.upTo)}`}`
      if (tier.upTo === null) return withFlat(alone(tier.unitAmount), tier.flatAmount, currency)
      return `first ${countUnits(tier.upTo, unit)} ${price === 'free' ? price : `at ${price}`}`
    })
    .join(', ')

/** "all calls at 2.00 per call where they are up to 100, at 1.00 up to 200, else at 0.50". */
const volumeInWords = (tiers: readonly Tier[], phraseOf: Phrase, unit: string, currency: string): string => {
  const words = tiers.map(({ upTo, unitAmount, flatAmount }, index) => {
    const price = withFlat(phraseOf(unitAmount), flatAmount, currency)
    const priced = price === 'free' ? price : `at ${price}`
    if (upTo === null) return index === 0 ? priced : `else ${priced}`
    return `${priced} ${index === 0 ? 'where they are ' : ''}up to ${groupDigits(upTo)}`
  })
  return `all ${pluralUnit(unit, ZERO)} ${words.join(', ')}`
}

export const priceInWords = (price: QuantityPrice, unit: string, currency: string): string => {
  switch (price.kind) {
    case 'per_unit':
    case 'graduated':
    case 'volume': {
      const { per } = price
      const phraseOf = (unitAmount: DecimalText) => pricePhrase({ unitAmount, per }, unit, currency)
      const alone = (unitAmount: DecimalText) => {
        const phrase = phraseOf(unitAmount)
        return phrase === 'free' || per === '1' ? phrase : `${phrase} ${pluralUnit(unit, per)}`
      }
      if (price.kind === 'per_unit') return alone(price.unitAmount)
      if (price.kind === 'graduated') return tiersInWords(price.tiers, phraseOf, alone, unit, currency)
      return volumeInWords(price.tiers, phraseOf, unit, currency)
    }
    case 'stair_step':
      return price.steps
        .map(({ upTo, amount }, index) => {
          const words = formatPrice(amount, currency)
          if (upTo === null)
            return index === 0 ? `${words} for any number of ${pluralUnit(unit, ZERO)}` : `then ${words}`
          return `${words} up to ${index === 0 ? countUnits(upTo, unit) : groupDigits(upTo)}`
        })
        .join(', ')
    case 'package': {
      const block = `${formatPrice(price.amount, currency)} per block of ${countUnits(price.size, unit)}`
      return `${block}, ${price.lastBlock === 'whole' ? 'a block begun is whole' : 'the last block by its share'}`
    }
  }
}

/** "eu", "eu or us", "eu, us or apac". */
export const listInWords = (values: readonly string[], last: 'and' | 'or'): string =>
  values.length < 2 ? values.join('') : `${values.slice(0, -1).join(', ')} ${last} ${values.at(-1)}`

export const includedInWords = (included: Allowance | undefined, unit: string): readonly WordsPart[] => {
  if (included === undefined) return []
  const { quantity, per, rollOver, pool } = included
  const most = rollOver?.maximum == null ? '' : `, at most ${groupDigits(rollOver.maximum)}`
  const rolls =
    rollOver === undefined
      ? ''
      : ` (what is left rolls over for ${rollOver.months === 1 ? 'a month' : `${rollOver.months} months`}${most})`
  const words = `${countUnits(quantity, unit)} ${per === 'month' ? 'a month' : 'in the term'} included${rolls}${pool === undefined ? '' : `, shared by the pool “${pool}”`}`
  return [{ key: 'included', words }]
}

const incrementInWords = (increment: Increment, unit: string): string => {
  const least = increment.minimum === undefined ? '' : `, at least ${countUnits(increment.minimum, unit)}`
  return `${increment.of === 'event' ? 'each event ' : ''}rounded up in steps of ${countUnits(increment.size, unit)}${least}`
}

/** What stands around the price of a charge on usage, each a phrase. */
export const usageInWords = (
  charge: UsageCharge,
  words: { readonly unit: string; readonly measuredUnit: string },
): readonly WordsPart[] => {
  const { filters = [], convert, increment, included } = charge
  const cutWindow = cutWindowOf(charge)
  const longWindow = longWindowOf(charge)
  return [
    ...filters.map(({ dimension, values }) => ({
      key: `filter ${dimension}`,
      words: `where ${dimension} is ${listInWords(values, 'or')}`,
    })),
    ...(convert === undefined
      ? []
      : [
          {
            key: 'convert',
            words: `1 ${convert.unit} is ${countUnits(convert.size, words.measuredUnit)}`,
          },
        ]),
    ...(increment === undefined
      ? []
      : [{ key: 'increment', words: incrementInWords(increment, words.unit) }]),
    ...includedInWords(included, words.unit),
    ...(cutWindow === undefined ? [] : [{ key: 'window', words: `each ${cutWindow} priced on its own` }]),
    ...(longWindow === undefined
      ? []
      : [{ key: 'window', words: `over the contract’s ${longWindow}, billed as it grows` }]),
  ]
}
