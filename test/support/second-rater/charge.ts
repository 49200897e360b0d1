/**
 * The second rater of one charge, written from docs/pricing/README.md alone and from raw events: nothing of the program
 * runs here. R is computed for a span of days; a cut month is R(all so far) − R(all before).
 */
import type { Metric } from '../../../src/domain/metric.ts'
import type {
  Charge,
  PercentageCharge,
  QuantityPrice,
  RatingSettings,
} from '../../../src/domain/pricing/ratecard.ts'
import type { UsageEvent } from '../../../src/domain/pricing/usage.ts'
import { feeOnInvoice, shareOfDays } from './fees.ts'
import { evaluate } from './formula.ts'
import {
  aggregate,
  eventsOf,
  groups,
  type Happened,
  heldTime,
  highest,
  highestByDay,
  levelsThrough,
  type Span,
  within,
} from './measure.ts'
import { feeAtZero, percentOf, priceOf } from './prices.ts'
import {
  add,
  ceiling,
  compare,
  cut,
  decimal,
  greater,
  HUNDRED,
  lesser,
  minus,
  NOUGHT,
  negate,
  ONE,
  over,
  type Rational,
  readDecimal,
  sign,
  size,
  times,
  total,
  whole,
} from './rational.ts'
import { clockAt, DAY, daysIn, firstDayOf, readMonth, startOfDay, windowAt } from './zone.ts'

export interface Question {
  readonly charge: Charge
  /** All that ever happened; what the charge does not ask for is left out here. */
  readonly events: readonly UsageEvent[]
  readonly metrics: readonly Metric[]
  readonly month: string
  readonly timeZone: string
  /** Days of the month, from 0; the last is exclusive. */
  readonly firstDay: number
  readonly endDay: number
  /** The first of the days that were rated before these, where there are any. */
  readonly beforeFrom?: number
  /** Days between them that have no such charge, and count for nothing. */
  readonly gaps?: readonly (readonly [first: number, end: number])[]
  readonly settings: RatingSettings
  readonly includedLeft?: Rational
  /** Billed by the months before of the price's quarter, year or term; not there in its first month. */
  readonly soFar?: Rational
  /** Of the contract, its ramp and its uplift. */
  readonly multipliers?: readonly Rational[]
  /** Of the rated days. */
  readonly cost?: Rational | null
  readonly monthOfTerm?: number
  readonly term?: { readonly startDay: string; readonly endDay: string | null }
}

export interface Answer {
  readonly amount: Rational
  readonly includedUsed: Rational
  readonly billed: Rational
  /** Measured units that the days' own price is of: of a matrix those that its cells take. */
  readonly measured: Rational
  /** Billed and not included, of a price over a quarter, a year or the term; else zero. */
  readonly net: Rational
  readonly issues: ReadonlySet<string>
}

interface Part {
  readonly measured: Rational
  readonly billed: Rational
  readonly price: QuantityPrice
}

/** What a span comes to before multipliers; fees apart. */
interface Priced {
  readonly amount: Rational
  readonly measured: Rational
  readonly billed: Rational
  readonly used: Rational
  readonly net?: Rational
}

const NOTHING: Priced = { amount: NOUGHT, measured: NOUGHT, billed: NOUGHT, used: NOUGHT }

type Asked = Question & { readonly issues: Set<string> }

const up = (q: Rational, step: Rational, least: Rational): Rational => {
  if (sign(q) === 0) return q
  const counted = greater(size(q), least)
  const raised = times(whole(ceiling(over(counted, step))), step)
  return sign(q) < 0 ? negate(raised) : raised
}

type Measured = Extract<Charge, { readonly metric: string }>

/** Measured units to billed units, of a quantity or of an event. */
const converted = (charge: Measured, q: Rational): Rational =>
  charge.convert ? cut(over(q, decimal(charge.convert.size))) : q
const incremented = (charge: Measured, q: Rational): Rational =>
  charge.increment ? up(q, decimal(charge.increment.size), decimal(charge.increment.minimum ?? '0')) : q

const metricOf = (asked: Asked, name: string): Metric => {
  const metric = asked.metrics.find((one) => one.metric === name)
  if (!metric) throw new RangeError(`no metric ${name}`)
  return metric
}

const measuredOf = (asked: Asked, charge: Measured, events: readonly Happened[]): Rational =>
  aggregate(events, metricOf(asked, charge.metric))

const billedOf = (asked: Asked, charge: Measured, events: readonly Happened[]): Rational =>
  charge.increment?.of === 'event'
    ? total(events.map(({ quantity }) => incremented(charge, converted(charge, quantity))))
    : incremented(charge, converted(charge, measuredOf(asked, charge, events)))

const isBandOf = (
  band: { readonly from: number; readonly to: number; readonly weekdays?: readonly number[] },
  hour: number,
  weekday: number,
): boolean => {
  const onDay = (day: number) => !band.weekdays || band.weekdays.includes(day)
  if (band.from < band.to) return hour >= band.from && hour < band.to && onDay(weekday)
  if (hour >= band.from && onDay(weekday)) return true
  return hour < band.to && onDay(weekday === 1 ? 7 : weekday - 1)
}

const partsOf = (asked: Asked, charge: Measured, events: readonly Happened[]): readonly Part[] => {
  const part = (some: readonly Happened[], price: QuantityPrice): Part => ({
    measured: measuredOf(asked, charge, some),
    billed: billedOf(asked, charge, some),
    price,
  })
  if (charge.kind === 'matrix') {
    const cells = charge.cells.map((): Happened[] => [])
    for (const event of events) {
      const values = charge.dimensions.map((dimension) => event.dimensions[dimension] ?? null)
      const cell = charge.cells.findIndex((one) => one.values.every((v, i) => v === null || v === values[i]))
      if (cell < 0) asked.issues.add('usage_without_cell')
      else cells[cell]?.push(event)
    }
    return charge.cells.map((cell, i) => part(cells[i] as Happened[], cell.price))
  }
  if (charge.kind === 'time_of_day') {
    const taken = [...charge.bands, null].map((): Happened[] => [])
    for (const event of events) {
      const { hour, weekday } = clockAt(event.timeMs, asked.timeZone)
      const band = charge.bands.findIndex((one) => isBandOf(one, hour, weekday))
      taken[band < 0 ? charge.bands.length : band]?.push(event)
    }
    const prices = [...charge.bands.map(({ price }) => price), charge.otherwise]
    return prices.map((price, i) => part(taken[i] as Happened[], price))
  }
  const price = charge as Extract<Charge, { readonly window?: unknown }> & QuantityPrice
  const { window } = price
  if (window !== 'hour' && window !== 'day') return [part(events, price)]
  // Events come in order of time, and so do the windows that they open.
  const windows = groups(events, ({ timeMs }) => windowAt(timeMs, window, asked.timeZone))
  return [...windows.values()].map((some) => part(some, price))
}

/** Parts priced in their order, each taking included units by its size. */
const pricedParts = (asked: Asked, parts: readonly Part[], included: Rational, single: boolean): Priced => {
  let left = included
  let used = NOUGHT
  const amounts = parts.map(({ billed, price }) => {
    const free = lesser(left, size(billed))
    left = minus(left, free)
    if (sign(billed) > 0) used = add(used, free)
    const rest = minus(size(billed), free)
    if (sign(rest) === 0) return single && asked.settings.tierFeeAtZero === true ? feeAtZero(price) : NOUGHT
    return priceOf(price, sign(billed) < 0 ? negate(rest) : rest, asked.settings.edgeUnit ?? 'lower')
  })
  return {
    amount: total(amounts),
    measured: total(parts.map(({ measured }) => measured)),
    billed: total(parts.map(({ billed }) => billed)),
    used,
  }
}

const isLong = (charge: Charge): boolean =>
  'window' in charge && ['quarter', 'year', 'term'].includes(charge.window ?? '')

/** What all of the longer period comes to, with `net` of this month. */
const accrued = (asked: Asked, net: Rational): Rational => {
  const q = add(asked.soFar ?? NOUGHT, net)
  const price = asked.charge as unknown as QuantityPrice
  if (sign(q) === 0) return asked.settings.tierFeeAtZero === true ? feeAtZero(price) : NOUGHT
  return priceOf(price, q, asked.settings.edgeUnit ?? 'lower')
}

const accruedOver = (asked: Asked, measured: Rational, billed: Rational, included: Rational): Priced => {
  const free = lesser(included, size(billed))
  const rest = minus(size(billed), free)
  const net = sign(billed) < 0 ? negate(rest) : rest
  return { amount: accrued(asked, net), measured, billed, used: sign(billed) > 0 ? free : NOUGHT, net }
}

const percentage = (charge: PercentageCharge, events: readonly Happened[]): Priced => {
  const amounts = events.map(({ timeMs, quantity }) => ({ timeMs, a: converted(charge, quantity) }))
  amounts.sort((x, y) => x.timeMs - y.timeMs || -compare(x.a, y.a))
  const cost = (part: Rational): Rational => {
    const plain = add(
      over(times(part, decimal(charge.percent)), HUNDRED),
      decimal(charge.fixedPerEvent ?? '0'),
    )
    const least = greater(plain, decimal(charge.minimumPerEvent ?? '0'))
    return charge.maximumPerEvent === undefined ? least : lesser(least, decimal(charge.maximumPerEvent))
  }
  const limits: Rational[] = []
  if (charge.freeEvents) {
    const first = amounts.filter(({ a }) => sign(a) > 0).slice(0, charge.freeEvents)
    limits.push(total(first.map(({ a }) => a)))
  }
  const freeAmount = decimal(charge.freeAmount ?? '0')
  if (sign(freeAmount) > 0) limits.push(freeAmount)
  const free = limits.reduce(lesser, limits[0] ?? NOUGHT)
  let running = NOUGHT
  const costs = amounts.map(({ a }) => {
    if (sign(a) === 0) return NOUGHT
    if (sign(a) < 0) return negate(cost(negate(a)))
    running = add(running, a)
    const part = lesser(a, minus(running, free))
    return sign(part) > 0 ? cost(part) : NOUGHT
  })
  return {
    amount: total(costs),
    measured: total(events.map(({ quantity }) => quantity)),
    billed: total(amounts.map(({ a }) => a)),
    used: NOUGHT,
  }
}

const dynamic = (
  asked: Asked,
  charge: Extract<Charge, { readonly kind: 'dynamic' }>,
  events: readonly Happened[],
): Priced => {
  const amounts: Rational[] = []
  let billed = NOUGHT
  for (const [text, some] of groups(events, ({ dimensions }) => dimensions[charge.dimension] ?? '')) {
    const said = readDecimal(text)
    const units = billedOf(asked, charge, some)
    billed = add(billed, units)
    if (said === null) asked.issues.add('event_without_price')
    else amounts.push(times(said, charge.carries === 'amount' ? whole(some.length) : units))
  }
  const measured = total(events.map(({ quantity }) => quantity))
  return { amount: total(amounts), measured, billed, used: NOUGHT }
}

const seatPrice = (unitAmount: string) => ({ kind: 'per_unit', unitAmount, per: '1' }) as QuantityPrice

const LENGTHS = { second: 1_000, hour: 3_600_000, day: DAY } as const

const weighted = (
  asked: Asked,
  charge: Extract<Charge, { readonly kind: 'seat' | 'time_weighted' }>,
  spans: readonly Span[],
): Rational => {
  const events = eventsOf(asked.events, charge.metric, charge.filters)
  const held = spans.flatMap((span) => levelsThrough(events, charge.values, span))
  const { startMs, endMs } = spanOf(asked, 0, daysIn(readMonth(asked.month)))
  const monthMs = whole(endMs - startMs)
  if (charge.kind === 'time_weighted')
    return cut(over(heldTime(held), charge.heldFor === 'month' ? monthMs : whole(LENGTHS[charge.heldFor])))
  if (charge.proration === 'none') return highest(held)
  return charge.proration === 'day'
    ? cut(over(highestByDay(held, asked.timeZone), whole(daysIn(readMonth(asked.month)))))
    : cut(over(heldTime(held), monthMs))
}

export const spanOf = ({ month, timeZone }: Question, first: number, end: number): Span => {
  const day = firstDayOf(readMonth(month))
  return { startMs: startOfDay(day + first, timeZone), endMs: startOfDay(day + end, timeZone) }
}

/** Included units at the start of the month, where nobody says what is left. */
const includedOf = (asked: Asked): Rational => {
  if (asked.includedLeft) return asked.includedLeft
  const { charge } = asked
  if (!('included' in charge) || !charge.included) return NOUGHT
  const quantity = decimal(charge.included.quantity)
  if (charge.included.per === 'term') return quantity
  const from = asked.beforeFrom ?? asked.firstDay
  return shareOfDays(quantity, from, asked.endDay - from, daysIn(readMonth(asked.month)))
}

/** Days of the month without the gaps in them. */
const spansOf = (asked: Asked, first: number, end: number): readonly Span[] => {
  const spans: Span[] = []
  let from = first
  for (const [gapFirst, gapEnd] of asked.gaps ?? []) {
    if (gapFirst >= end) break
    if (gapFirst > from) spans.push(spanOf(asked, from, gapFirst))
    from = Math.max(from, gapEnd)
  }
  return from < end ? [...spans, spanOf(asked, from, end)] : spans
}

const pricedOver = (asked: Asked, spans: readonly Span[]): Priced => {
  const { charge } = asked
  const inSpans = (events: readonly Happened[]) => spans.flatMap((span) => within(events, span))
  switch (charge.kind) {
    case 'flat_fee':
    case 'cost_plus':
      return NOTHING
    case 'formula': {
      const value = evaluate(charge.formula, (name) =>
        aggregate(inSpans(eventsOf(asked.events, name)), metricOf(asked, name)),
      )
      if (value === null) {
        asked.issues.add('formula_has_no_value')
        return NOTHING
      }
      return pricedParts(
        asked,
        [{ measured: value, billed: value, price: charge.price }],
        includedOf(asked),
        true,
      )
    }
    case 'seat':
    case 'time_weighted': {
      const measured = weighted(asked, charge, spans)
      const billed = incremented(charge, converted(charge, measured))
      const price = charge.kind === 'seat' ? seatPrice(charge.unitAmount) : charge.price
      return pricedParts(asked, [{ measured, billed, price }], includedOf(asked), true)
    }
    default: {
      const events = inSpans(eventsOf(asked.events, charge.metric, charge.filters))
      if (charge.kind === 'percentage') return percentage(charge, events)
      if (charge.kind === 'dynamic') return dynamic(asked, charge, events)
      if (isLong(charge))
        return accruedOver(
          asked,
          measuredOf(asked, charge, events),
          billedOf(asked, charge, events),
          includedOf(asked),
        )
      if (charge.kind !== 'graduated_percentage' && charge.kind !== 'revenue_share') {
        const single = charge.kind !== 'matrix' && charge.kind !== 'time_of_day' && !charge.window
        return pricedParts(asked, partsOf(asked, charge, events), includedOf(asked), single)
      }
      const measured = measuredOf(asked, charge, events)
      const billed = billedOf(asked, charge, events)
      const free = lesser(includedOf(asked), size(billed))
      const rest = minus(size(billed), free)
      const used = sign(billed) > 0 ? free : NOUGHT
      const q = sign(billed) < 0 ? negate(rest) : rest
      if (charge.kind === 'revenue_share')
        return { amount: over(times(q, decimal(charge.percent)), HUNDRED), measured, billed, used }
      const isFeeDue = sign(q) === 0 && asked.settings.tierFeeAtZero === true
      const amount = isFeeDue ? decimal(charge.tiers[0]?.flatAmount ?? '0') : percentOf(charge.tiers, q)
      return { amount, measured, billed, used }
    }
  }
}

const feeOf = (asked: Asked): Rational => {
  const { charge, firstDay, endDay } = asked
  const days = daysIn(readMonth(asked.month))
  if (charge.kind === 'revenue_share')
    return shareOfDays(decimal(charge.platformFee ?? '0'), firstDay, endDay - firstDay, days)
  if (charge.kind === 'cost_plus') {
    if (!asked.cost) {
      asked.issues.add('cost_is_unknown')
      return NOUGHT
    }
    return times(asked.cost, add(ONE, over(decimal(charge.markupPercent), HUNDRED)))
  }
  return charge.kind === 'flat_fee' ? feeOnInvoice(charge, asked) : NOUGHT
}

/** What the days come to, before discounts, minimum and maximum. */
export const answer = (question: Question): Answer => {
  const asked: Asked = { ...question, issues: new Set() }
  const { charge, firstDay, endDay, beforeFrom } = asked
  const factor = [decimal(charge.multiplier ?? '1'), ...(asked.multipliers ?? [])].reduce(times, ONE)
  const all = pricedOver(asked, spansOf(asked, beforeFrom ?? firstDay, endDay))
  const before =
    beforeFrom === undefined
      ? asked.soFar === undefined
        ? NOTHING
        : { ...NOTHING, amount: accrued(asked, NOUGHT) }
      : pricedOver({ ...asked, issues: new Set() }, spansOf(asked, beforeFrom, firstDay))
  // What has no price on the days before was said of them.
  if (beforeFrom !== undefined && charge.kind !== 'formula') {
    asked.issues.clear()
    pricedOver(asked, spansOf(asked, firstDay, endDay))
  }
  return {
    amount: times(factor, add(minus(all.amount, before.amount), feeOf(asked))),
    billed: minus(all.billed, before.billed),
    measured: minus(all.measured, before.measured),
    includedUsed: minus(all.used, before.used),
    net: minus(all.net ?? NOUGHT, before.net ?? NOUGHT),
    issues: asked.issues,
  }
}
