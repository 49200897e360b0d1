/** Prices that events carry themselves, as decimal text in one of their dimensions. */
import { type DecimalText, parseDecimal, sumDecimals, ZERO } from '../decimal.ts'
import type { PriceStep } from '../invoice/invoice.ts'
import type { Issue } from '../issue.ts'
import { compareDecimals, difference, product, quotient } from './exact.ts'
import { countUnits, formatPrice } from './format.ts'
import type { PricedEvents } from './percentage.ts'
import type { DynamicCharge } from './ratecard.ts'
import type { UsageRow } from './usage.ts'

/** More distinct prices than this are read out as one step. */
const STEPS_MAX = 40

interface Carried {
  readonly price: DecimalText
  /** Billed units, or events where these carry amounts. */
  readonly count: DecimalText
}

interface Totals {
  /** By the dimension's text. */
  readonly carried: ReadonlyMap<string, Carried>
  readonly billed: DecimalText
  readonly withoutPrice: number
}

const totalsOf = (charge: DynamicCharge, rows: readonly UsageRow[]): Totals => {
  const convert = (quantity: DecimalText) =>
    charge.convert === undefined ? quantity : quotient(quantity, charge.convert.size)
  const grouped = new Map<string, { quantity: DecimalText; events: number }>()
  for (const row of rows) {
    const text = row.keys[0] ?? ''
    const sum = grouped.get(text) ?? { quantity: ZERO, events: 0 }
    grouped.set(text, {
      quantity: sumDecimals([sum.quantity, row.quantity]),
      events: sum.events + row.events,
    })
  }
  const carried = new Map<string, Carried>()
  const billed: DecimalText[] = []
  let withoutPrice = 0
  for (const [text, { quantity, events }] of grouped) {
    const price = parseDecimal(text)
    const units = convert(quantity)
    billed.push(units)
    if (price === null) withoutPrice += events
    else
      carried.set(text, {
        price,
        count: charge.carries === 'unit_price' ? units : (String(events) as DecimalText),
      })
  }
  return { carried, billed: sumDecimals(billed), withoutPrice }
}

/**
 * What events cost that carry their price, those of `rows` that are not among `before` (null where nothing was rated
 * before). Of one unit: quantity × price; of the event: once for each.
 */
export const rateEventPrices = (
  charge: DynamicCharge,
  rows: readonly UsageRow[],
  before: readonly UsageRow[] | null,
  words: { readonly unit: string; readonly currency: string },
): PricedEvents & { readonly issues: readonly Issue[] } => {
  const all = totalsOf(charge, rows)
  const earlier = totalsOf(charge, before ?? [])
  const unit = charge.carries === 'unit_price' ? words.unit : 'event'
  const parts = [...all.carried]
    .map(([text, { price, count }]) => {
      const left = difference(count, earlier.carried.get(text)?.count ?? ZERO)
      return { text, price, count: left, amount: product(left, price) }
    })
    .filter(({ count }) => count !== ZERO)
    // 1 and 1.00 are one price: their steps stand in one order, whichever event came first.
    .sort((a, b) => compareDecimals(a.price, b.price) || (a.text < b.text ? -1 : 1))
  const shown = parts.length > STEPS_MAX ? parts.slice(0, STEPS_MAX - 1) : parts
  const steps = shown.map(({ price, count, amount }): PriceStep => {
    const each = charge.carries === 'unit_price' ? `per ${words.unit}` : 'each'
    return {
      kind: 'event_price',
      text: `${countUnits(count, unit)} at ${formatPrice(price, words.currency)} ${each}, as the events say`,
      quantity: count,
      unitAmount: price,
      per: '1' as DecimalText,
      amount,
    }
  })
  const rest = parts.slice(shown.length)
  const restCount = sumDecimals(rest.map(({ count }) => count))
  if (rest.length > 0)
    steps.push({
      kind: 'event_price',
      text: `${countUnits(restCount, unit)} at ${rest.length} more prices, as the events say`,
      quantity: restCount,
      amount: sumDecimals(rest.map(({ amount }) => amount)),
    })
  if (steps.length === 0)
    steps.push({ kind: 'event_price', text: countUnits(ZERO, unit), quantity: ZERO, amount: ZERO })
  const withoutPrice = all.withoutPrice - earlier.withoutPrice
  const issue: Issue = {
    severity: 'error',
    code: 'event_without_price',
    message:
      `${charge.name}: ${countUnits(String(withoutPrice) as DecimalText, 'event')} of ${charge.metric} ` +
      `${withoutPrice === 1 ? 'has' : 'have'} no decimal in the dimension "${charge.dimension}" and ${withoutPrice === 1 ? 'is' : 'are'} not billed. ` +
      'Correct the events, or price them by another charge.',
  }
  return {
    amount: sumDecimals(parts.map(({ amount }) => amount)),
    steps,
    billed: difference(all.billed, earlier.billed),
    issues: withoutPrice > 0 ? [issue] : [],
  }
}
