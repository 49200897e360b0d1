/** The prices of a charge one by one, each tier, step, cell and band, so that two versions can be compared in them. */
import { Decimal, type DecimalText } from '../decimal.ts'
import { formatPrice, groupDigits, pluralUnit, pricePhrase } from './format.ts'
import { priceInWords, withFlat } from './price-words.ts'
import type { Charge, QuantityPrice } from './ratecard.ts'
import { bandInWords, chargeParts, unitInWords, type WordsContext } from './words.ts'

export interface PricedPart {
  /** What it is the price of: "above 10,000,000 calls"; empty for the price of all. */
  readonly label: string
  readonly words: string
  /** What it says of one unit, one month or a hundred, to compare with another of the same basis; null where it is more. */
  readonly rate: Decimal | null
  readonly basis: string
}

const part = (
  label: string,
  words: string,
  amount: DecimalText | null = null,
  basis = '',
  per = '1',
): PricedPart => ({ label, words, rate: amount === null ? null : new Decimal(amount).div(per), basis })

type Edge = { readonly upTo: DecimalText | null }

/** "first 100 calls" or "up to 100 calls", "above 100 up to 200 calls", "above 200 calls". */
const edgeLabel = (edges: readonly Edge[], place: number, unit: string, first: string): string => {
  const previous = edges[place - 1]?.upTo ?? null
  const upTo = edges[place]?.upTo ?? null
  const units = pluralUnit(unit, '0')
  if (previous === null) return upTo === null ? '' : `${first} ${groupDigits(upTo)} ${units}`
  if (upTo === null) return `above ${groupDigits(previous)} ${units}`
  return `above ${groupDigits(previous)} up to ${groupDigits(upTo)} ${units}`
}

const ofPrice = (price: QuantityPrice, unit: string, currency: string): readonly PricedPart[] => {
  switch (price.kind) {
    case 'graduated':
    case 'volume':
      return price.tiers.map(({ unitAmount, flatAmount }, place) =>
        part(
          edgeLabel(price.tiers, place, unit, price.kind === 'volume' ? 'up to' : 'first'),
          withFlat(pricePhrase({ unitAmount, per: price.per }, unit, currency), flatAmount, currency),
          unitAmount,
          `+ ${flatAmount ?? '0'}`,
          price.per,
        ),
      )
    case 'stair_step':
      return price.steps.map(({ amount }, place) =>
        part(edgeLabel(price.steps, place, unit, 'up to'), formatPrice(amount, currency), amount),
      )
    case 'per_unit':
      return [part('', priceInWords(price, unit, currency), price.unitAmount, '', price.per)]
    case 'package':
      return [part('', priceInWords(price, unit, currency), price.amount, `${price.size} ${price.lastBlock}`)]
  }
}

/** A price that is one of several: with its tiers in one phrase. */
const ofPlace = (label: string, price: QuantityPrice, unit: string, currency: string): PricedPart => {
  const [only, ...others] = ofPrice(price, unit, currency)
  const words = priceInWords(price, unit, currency)
  return only === undefined || others.length > 0 ? part(label, words) : { ...only, label, words }
}

/** In their order; one part for a charge that has one price. Never empty. */
export const pricedParts = (charge: Charge, context: WordsContext): readonly PricedPart[] => {
  const { currency } = context
  const unit = unitInWords(charge, context)
  const whole = chargeParts(charge, context).find(({ key }) => key === 'price')?.words ?? ''
  switch (charge.kind) {
    case 'per_unit':
    case 'graduated':
    case 'volume':
    case 'stair_step':
    case 'package':
      return ofPrice(charge, unit, currency)
    case 'formula':
      return ofPrice(charge.price, unit, currency)
    case 'matrix':
      return charge.cells.map(({ values, price }) =>
        ofPlace(values.map((value) => value ?? 'any').join(', '), price, unit, currency),
      )
    case 'time_of_day':
      return [
        ...charge.bands.map((band) => ofPlace(bandInWords(band), band.price, unit, currency)),
        ofPlace('otherwise', charge.otherwise, unit, currency),
      ]
    case 'graduated_percentage':
      return charge.tiers.map(({ percent, flatAmount }, place) =>
        part(
          edgeLabel(charge.tiers, place, unit, 'first'),
          withFlat(percent === '0' ? 'free' : `${groupDigits(percent)} %`, flatAmount, currency),
          percent,
          `+ ${flatAmount ?? '0'}`,
        ),
      )
    case 'flat_fee':
      return [part('', whole, charge.amount, JSON.stringify([charge.every, charge.timing, charge.proration]))]
    case 'seat':
      return [part('', whole, charge.unitAmount, charge.proration)]
    default:
      return [part('', whole)]
  }
}
