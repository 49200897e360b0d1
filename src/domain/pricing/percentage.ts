/**
 * Percent of the amounts that events carry. Every event costs on its own: its percent and its fixed part, at least and
 * at most so much. What is counted here are sums over events, so the cost of some days is the difference of two of them.
 */
import { type DecimalText, decimalsOf, integerToDecimal, ZERO } from '../decimal.ts'
import type { PriceStep } from '../invoice/invoice.ts'
import { dividerBy, mostDecimals, powerOfTen, toScaled } from './exact.ts'
import { countUnits, formatPrice, groupDigits } from './format.ts'
import type { PercentageCharge } from './ratecard.ts'
import type { UsageRow } from './usage.ts'

interface Sums {
  /** Amounts of all events, free ones too, and of what is charged; at the value scale. */
  readonly all: bigint
  readonly charged: bigint
  readonly free: bigint
  /** Net numbers of events. */
  readonly freeEvents: bigint
  readonly chargedEvents: bigint
  readonly raisedEvents: bigint
  readonly heldEvents: bigint
  /** What minimums add and maximums take; at the amount scale. */
  readonly raised: bigint
  readonly held: bigint
}

const NOTHING: Sums = {
  all: 0n,
  charged: 0n,
  free: 0n,
  freeEvents: 0n,
  chargedEvents: 0n,
  raisedEvents: 0n,
  heldEvents: 0n,
  raised: 0n,
  held: 0n,
}

interface Terms {
  readonly valueScale: number
  readonly amountScale: number
  readonly toValue: (text: DecimalText) => bigint
  readonly percent: bigint
  /** From a value times percent to the amount scale. */
  readonly finer: bigint
  readonly fixed: bigint
  readonly minimum: bigint | null
  readonly maximum: bigint | null
  /** Zero where nothing limits what is free in this way; so too the amount. */
  readonly freeEvents: bigint
  readonly freeAmount: bigint
}

const valueIn = (row: UsageRow): DecimalText => row.value ?? row.quantity

const termsOf = (charge: PercentageCharge, rows: readonly UsageRow[]): Terms => {
  const measuredScale = mostDecimals(rows.map(valueIn))
  const divider = charge.convert === undefined ? null : dividerBy(charge.convert.size, measuredScale)
  const ownScale = divider?.scale ?? measuredScale
  const freeAmount = charge.freeAmount ?? ZERO
  const valueScale = Math.max(ownScale, decimalsOf(freeAmount))
  const wider = powerOfTen(valueScale - ownScale)
  const percentScale = decimalsOf(charge.percent) + 2
  const { fixedPerEvent = ZERO, minimumPerEvent, maximumPerEvent } = charge
  const amountScale = Math.max(
    valueScale + percentScale,
    mostDecimals([fixedPerEvent, minimumPerEvent ?? ZERO, maximumPerEvent ?? ZERO]),
  )
  const toAmount = (text: DecimalText) => toScaled(text, amountScale)
  return {
    valueScale,
    amountScale,
    toValue: (text) => {
      const measured = toScaled(text, measuredScale)
      return (divider === null ? measured : divider.divide(measured)) * wider
    },
    percent: toScaled(charge.percent, percentScale - 2),
    finer: powerOfTen(amountScale - valueScale - percentScale),
    fixed: toAmount(fixedPerEvent),
    minimum: minimumPerEvent === undefined ? null : toAmount(minimumPerEvent),
    maximum: maximumPerEvent === undefined ? null : toAmount(maximumPerEvent),
    freeEvents: BigInt(charge.freeEvents ?? 0),
    freeAmount: toScaled(freeAmount, valueScale),
  }
}

/** Of one instant the larger amount comes first. */
const inOrder = (rows: readonly UsageRow[], terms: Terms): readonly (readonly [bigint, bigint, number])[] => {
  const read = rows.map((row): readonly [bigint, bigint, number] => [
    terms.toValue(valueIn(row)),
    row.value === undefined ? 1n : BigInt(row.events),
    row.startMs,
  ])
  return terms.freeEvents === 0n && terms.freeAmount === 0n
    ? read
    : read.toSorted((a, b) => a[2] - b[2] || (a[0] > b[0] ? -1 : a[0] < b[0] ? 1 : 0))
}

const sumRows = (rows: readonly UsageRow[], terms: Terms): Sums => {
  const sums: { -readonly [Key in keyof Sums]: Sums[Key] } = { ...NOTHING }
  let running = 0n
  let freeSoFar = 0n
  let isFree = terms.freeEvents > 0n || terms.freeAmount > 0n
  for (const [value, events] of inOrder(rows, terms)) {
    sums.all += value * events
    if (value === 0n) continue
    let part = value < 0n ? -value : value
    if (value > 0n && isFree) {
      running += value
      freeSoFar += 1n
      const above = terms.freeAmount > 0n && running > terms.freeAmount ? running - terms.freeAmount : 0n
      isFree = above === 0n && freeSoFar !== terms.freeEvents
      sums.free += value - above
      if (above === 0n) {
        sums.freeEvents += 1n
        continue
      }
      part = above
    }
    const net = value < 0n ? -events : events
    const priced = part * terms.percent * terms.finer + terms.fixed
    const lifted = terms.minimum !== null && priced < terms.minimum ? terms.minimum : priced
    const cost = terms.maximum !== null && lifted > terms.maximum ? terms.maximum : lifted
    sums.charged += part * net
    sums.chargedEvents += net
    sums.raised += (lifted - priced) * net
    sums.raisedEvents += lifted > priced ? net : 0n
    sums.held += (cost - lifted) * net
    sums.heldEvents += cost < lifted ? net : 0n
  }
  return sums
}

const less = (a: Sums, b: Sums): Sums => ({
  all: a.all - b.all,
  charged: a.charged - b.charged,
  free: a.free - b.free,
  freeEvents: a.freeEvents - b.freeEvents,
  chargedEvents: a.chargedEvents - b.chargedEvents,
  raisedEvents: a.raisedEvents - b.raisedEvents,
  heldEvents: a.heldEvents - b.heldEvents,
  raised: a.raised - b.raised,
  held: a.held - b.held,
})

export interface PricedEvents {
  readonly amount: DecimalText
  readonly steps: readonly PriceStep[]
  /** After conversion. */
  readonly billed: DecimalText
}

const events = (count: bigint): string => countUnits(count.toString() as DecimalText, 'event')

/**
 * What events cost, those of `rows` that are not among `before` (null where nothing was rated before).
 * @param rows all events of the month so far.
 */
export const ratePercentage = (
  charge: PercentageCharge,
  rows: readonly UsageRow[],
  before: readonly UsageRow[] | null,
  words: { readonly unit: string; readonly currency: string },
): PricedEvents => {
  const terms = termsOf(charge, rows)
  const all = sumRows(rows, terms)
  const sums = before === null ? all : less(all, sumRows(before, terms))
  const value = (integer: bigint) => integerToDecimal(integer, terms.valueScale)
  const amount = (integer: bigint) => integerToDecimal(integer, terms.amountScale)
  const price = (text: DecimalText | undefined) => formatPrice(text ?? ZERO, words.currency)
  const percentAmount = sums.charged * terms.percent * terms.finer
  const steps: PriceStep[] = []
  if (sums.free !== 0n)
    steps.push({
      kind: 'included',
      text: `${countUnits(value(sums.free), words.unit)} free${sums.freeEvents === 0n ? '' : `, ${events(sums.freeEvents)} wholly`}`,
      amount: ZERO,
    })
  if (sums.charged !== 0n || steps.length === 0)
    steps.push({
      kind: 'percentage',
      text: `${groupDigits(charge.percent)} % of ${countUnits(value(sums.charged), words.unit)}`,
      quantity: value(sums.charged),
      unitAmount: charge.percent,
      per: '100' as DecimalText,
      amount: amount(percentAmount),
    })
  if (charge.fixedPerEvent !== undefined && sums.chargedEvents !== 0n)
    steps.push({
      kind: 'event_fee',
      text: `${events(sums.chargedEvents)} at ${price(charge.fixedPerEvent)} each`,
      quantity: sums.chargedEvents.toString() as DecimalText,
      unitAmount: charge.fixedPerEvent,
      per: '1' as DecimalText,
      amount: amount(sums.chargedEvents * terms.fixed),
    })
  if (sums.raised !== 0n || sums.raisedEvents !== 0n)
    steps.push({
      kind: 'event_fee',
      text: `${events(sums.raisedEvents)} raised to the least of ${price(charge.minimumPerEvent)} each`,
      amount: amount(sums.raised),
    })
  if (sums.held !== 0n || sums.heldEvents !== 0n)
    steps.push({
      kind: 'event_fee',
      text: `${events(sums.heldEvents)} lowered to the most of ${price(charge.maximumPerEvent)} each`,
      amount: amount(sums.held),
    })
  const total = percentAmount + sums.chargedEvents * terms.fixed + sums.raised + sums.held
  return { amount: amount(total), steps, billed: value(sums.all) }
}
