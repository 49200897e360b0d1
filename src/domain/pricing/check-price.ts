/** What can be wrong with numbers, tiers and prices of a draft: issues with what to do, at JSON paths. */
import { Decimal, type DecimalText, parseDecimal, ZERO } from '../decimal.ts'
import type { Issue } from '../issue.ts'
import { groupDigits } from './format.ts'
import { UNIT_PRICE_DECIMALS_MAX, unitPriceDecimals } from './quantity-price.ts'
import type { QuantityPrice } from './ratecard.ts'

export const error = (code: string, message: string, column: string): Issue => ({
  severity: 'error',
  code,
  message,
  column,
})

/** A price: a decimal, zero allowed, never negative (a negative price is a discount, which contracts hold). */
export const checkPrice = (price: string, column: string, name: string): readonly Issue[] => {
  if (price.trim() === '')
    return [
      error('price_is_missing', `${name}: the price is missing. Write it as 0.40, or 0 for free.`, column),
    ]
  const value = parseDecimal(price)
  if (value === null)
    return [error('price_is_not_a_number', `${name}: "${price}" is not a price. Write it as 0.40.`, column)]
  if (new Decimal(value).isNegative())
    return [
      error(
        'price_is_negative',
        `${name}: ${price} is negative. A price is zero or more; give discounts in the contract.`,
        column,
      ),
    ]
  return []
}

/** A number that is no price; `what` names it in the sentence. Nothing is said of one that is left out. */
export const checkNumber = (
  text: string | undefined,
  column: string,
  name: string,
  what: string,
  least: 'zero' | 'above_zero' = 'zero',
): readonly Issue[] => {
  if (text === undefined) return []
  if (text.trim() === '')
    return [error('value_is_missing', `${name}: ${what} is missing. Write it as 12.5.`, column)]
  const value = parseDecimal(text)
  if (value === null)
    return [
      error(
        'value_is_not_a_number',
        `${name}: "${text}" is no number for ${what}. Write it as 12.5.`,
        column,
      ),
    ]
  if (least === 'above_zero' && !new Decimal(value).gt(0))
    return [error('value_is_not_above_zero', `${name}: ${what} must be above zero, not ${text}.`, column)]
  if (new Decimal(value).isNegative())
    return [error('value_is_negative', `${name}: ${what} must be zero or more, not ${text}.`, column)]
  return []
}

export const checkNotEmpty = (text: string, column: string, name: string, what: string): readonly Issue[] =>
  text.trim() === '' ? [error('value_is_missing', `${name}: ${what} is missing. Name it.`, column)] : []

interface EdgeWords {
  /** "tiers", as the JSON path names them. */
  readonly field: string
  /** "tier". */
  readonly one: string
}

const TIERS: EdgeWords = { field: 'tiers', one: 'tier' }

/** Edges ascend from above zero, and the last one, and no other, is open. */
const checkEdges = (
  edges: readonly (string | null)[],
  column: string,
  name: string,
  words: EdgeWords,
): readonly Issue[] => {
  const { field, one } = words
  if (edges.length === 0)
    return [error('tiers_are_missing', `${name}: add at least one ${one}.`, `${column}.${field}`)]
  const issues: Issue[] = []
  let previous = ZERO
  for (const [index, upTo] of edges.entries()) {
    const path = `${column}.${field}[${index}].upTo`
    const isLast = index === edges.length - 1
    if (upTo === null) {
      if (isLast) continue
      const message = `${name}, ${one} ${index + 1}: only the last ${one} may be open. Give it an upper edge.`
      issues.push(error('tier_is_open_before_the_last', message, path))
      continue
    }
    if (isLast) {
      const message = `${name}: the last ${one} must be open, or units above ${upTo} have no price.`
      issues.push(error('last_tier_is_not_open', message, path))
    }
    const edge = parseDecimal(upTo)
    if (edge === null) {
      const message = `${name}, ${one} ${index + 1}: "${upTo}" is not a quantity.`
      issues.push(error('tier_edge_is_not_a_number', message, path))
    } else if (!new Decimal(edge).gt(previous)) {
      const message = `${name}, ${one} ${index + 1}: its edge ${groupDigits(edge)} must be above ${groupDigits(previous)}.`
      issues.push(error('tiers_do_not_ascend', message, path))
    } else previous = edge
  }
  return issues
}

const checkPer = (
  perText: string,
  prices: readonly string[],
  column: string,
  name: string,
): readonly Issue[] => {
  const per = parseDecimal(perText)
  if (per === null || !new Decimal(per).gt(0))
    return [
      error(
        'per_is_not_above_zero',
        `${name}: a price must be per more than zero units, not per "${perText}".`,
        `${column}.per`,
      ),
    ]
  const inexact = prices.find((text) => {
    const price = parseDecimal(text)
    return price !== null && unitPriceDecimals(price, per) === null
  })
  if (inexact === undefined) return []
  return [
    error(
      'price_per_unit_is_not_exact',
      `${name}: ${inexact} per ${groupDigits(per)} is no exact price for one unit ` +
        `(it needs more than ${UNIT_PRICE_DECIMALS_MAX} decimals). Use a price per 1, 10, 100 or 1,000.`,
      `${column}.per`,
    ),
  ]
}

/** @param column JSON path of the object that holds the price. */
export const checkQuantityPrice = (price: QuantityPrice, column: string, name: string): readonly Issue[] => {
  switch (price.kind) {
    case 'per_unit':
      return [
        ...checkPrice(price.unitAmount, `${column}.unitAmount`, name),
        ...checkPer(price.per, [price.unitAmount], column, name),
      ]
    case 'graduated':
    case 'volume': {
      const each = price.tiers.flatMap(({ unitAmount, flatAmount }, index) => {
        const path = `${column}.tiers[${index}]`
        const tier = `${name}, tier ${index + 1}`
        return [
          ...checkPrice(unitAmount, `${path}.unitAmount`, tier),
          ...(flatAmount === undefined ? [] : checkPrice(flatAmount, `${path}.flatAmount`, tier)),
        ]
      })
      const prices = price.tiers.map(({ unitAmount }) => unitAmount)
      const edges = price.tiers.map(({ upTo }) => upTo)
      return [
        ...each,
        ...checkEdges(edges, column, name, TIERS),
        ...checkPer(price.per, prices, column, name),
      ]
    }
    case 'stair_step':
      return [
        ...price.steps.flatMap(({ amount }, index) =>
          checkPrice(amount, `${column}.steps[${index}].amount`, `${name}, step ${index + 1}`),
        ),
        ...checkEdges(
          price.steps.map(({ upTo }) => upTo),
          column,
          name,
          { field: 'steps', one: 'step' },
        ),
      ]
    case 'package':
      return [
        ...checkPrice(price.amount, `${column}.amount`, name),
        ...checkNumber(price.size, `${column}.size`, name, 'the size of a block', 'above_zero'),
      ]
  }
}

export const checkPercentTiers = (
  tiers: readonly {
    readonly upTo: DecimalText | null
    readonly percent: DecimalText
    readonly flatAmount?: DecimalText
  }[],
  column: string,
  name: string,
): readonly Issue[] => [
  ...tiers.flatMap(({ percent, flatAmount }, index) => {
    const path = `${column}.tiers[${index}]`
    const tier = `${name}, tier ${index + 1}`
    return [
      ...checkNumber(percent, `${path}.percent`, tier, 'its percent'),
      ...(flatAmount === undefined ? [] : checkPrice(flatAmount, `${path}.flatAmount`, tier)),
    ]
  }),
  ...checkEdges(
    tiers.map(({ upTo }) => upTo),
    column,
    name,
    TIERS,
  ),
]

/** A least that is more than the most. */
export const checkBounds = (
  bounds: { readonly least: string | undefined; readonly most: string | undefined },
  column: string,
  name: string,
  what: string,
): readonly Issue[] => {
  const [least, most] = [parseDecimal(bounds.least ?? ''), parseDecimal(bounds.most ?? '')]
  if (least === null || most === null || !new Decimal(least).gt(most)) return []
  const message = `${name}: the minimum ${what} of ${least} is above the maximum of ${most}. Lower one or raise the other.`
  return [error('minimum_is_above_maximum', message, column)]
}
