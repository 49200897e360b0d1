/** A charge tried on quantities that somebody typed: events of a made-up month, rated as an invoice rates them. */
import { Decimal, type DecimalText, sumDecimals, toDecimalText, ZERO } from '../../../domain/decimal.ts'
import type { PriceStep } from '../../../domain/invoice/invoice.ts'
import type { Metric } from '../../../domain/metric.ts'
import { type Month, monthPeriod } from '../../../domain/period.ts'
import { clockOf } from '../../../domain/pricing/clock.ts'
import { usageFromEvents } from '../../../domain/pricing/events.ts'
import { compareDecimals, difference } from '../../../domain/pricing/exact.ts'
import { formatPrice } from '../../../domain/pricing/format.ts'
import { metricsOfFormula } from '../../../domain/pricing/formula.ts'
import { usageNeeds } from '../../../domain/pricing/needs.ts'
import { holdsAt } from '../../../domain/pricing/portions.ts'
import { type RatedCharge, rateCharge } from '../../../domain/pricing/rate.ts'
import type { Charge, RatingSettings } from '../../../domain/pricing/ratecard.ts'
import type { UsageEvent } from '../../../domain/pricing/usage.ts'
import { cutWindowOf } from '../../../domain/pricing/window.ts'

export interface TrialContext {
  readonly metrics: readonly Metric[]
  readonly currency: string
  readonly month: Month
  readonly timeZone: string
  readonly settings: RatingSettings
}

/** What is asked for before a charge can be tried; inputs of several charges with one key are one. */
export interface TrialInput {
  readonly key: string
  readonly label: string
}

export type Typed = ReadonlyMap<string, DecimalText>

/** Events in which the amounts tried for a percentage are split at most. */
export const EVENTS_MAX = 1000

const COST = 'cost'

const metricInput = (metric: string, metrics: readonly Metric[], more = ''): TrialInput => {
  const known = metrics.find((each) => each.metric === metric)
  return { key: metric, label: `${known?.name ?? metric} (${known?.unit ?? 'unit'}${more})` }
}

export const cellKey = (chargeId: string, index: number): string => `${chargeId} part ${index}`
const eventsKey = (chargeId: string): string => `${chargeId} events`
const carriedKey = (chargeId: string): string => `${chargeId} carried`

/** The values that a cell is for, `any` for those that fit all. */
export const cellName = (values: readonly (string | null)[]): string =>
  values.map((value) => value ?? 'any').join(', ')

export const inputsOf = (charge: Charge, metrics: readonly Metric[]): readonly TrialInput[] => {
  switch (charge.kind) {
    case 'flat_fee':
      return []
    case 'cost_plus':
      return [{ key: COST, label: 'Cost to serve' }]
    case 'formula':
      return metricsOfFormula(charge.formula).map((metric) => metricInput(metric, metrics))
    case 'matrix':
      return charge.cells.map(({ values }, index) => ({
        key: cellKey(charge.id, index),
        label: `${charge.name}: ${cellName(values)}`,
      }))
    case 'time_of_day':
      return [...charge.bands.map(({ name }) => name), 'other hours'].map((name, index) => ({
        key: cellKey(charge.id, index),
        label: `${charge.name}: ${name}`,
      }))
    case 'percentage':
      return [
        metricInput(charge.metric, metrics),
        { key: eventsKey(charge.id), label: `${charge.name}: in events` },
      ]
    case 'dynamic':
      return [
        metricInput(charge.metric, metrics),
        {
          key: carriedKey(charge.id),
          label: `${charge.name}: ${charge.carries === 'amount' ? 'amount' : 'price'} carried`,
        },
      ]
    case 'seat':
    case 'time_weighted':
      return [metricInput(charge.metric, metrics, ', held all month')]
    default: {
      const window = cutWindowOf(charge)
      return [metricInput(charge.metric, metrics, window === undefined ? '' : `, in one ${window}`)]
    }
  }
}

const givenDimensions = (charge: Charge): Record<string, string> =>
  Object.fromEntries(
    ('filters' in charge ? (charge.filters ?? []) : []).map(({ dimension, values }) => [
      dimension,
      values[0] ?? '',
    ]),
  )

const HOUR_MS = 3_600_000

/** An instant of the month at which a band, or none (the last place), takes usage; null where there is none. */
const instantOf = (
  charge: Charge & { kind: 'time_of_day' },
  place: number,
  context: TrialContext,
): number | null => {
  const period = monthPeriod(context.month, context.timeZone)
  const clock = clockOf(period, context.timeZone)
  for (let ms = period.startMs; ms < period.endMs; ms += HOUR_MS) {
    const band = charge.bands.findIndex((each) => holdsAt(each, clock, ms))
    if ((band < 0 ? charge.bands.length : band) === place) return ms
  }
  return null
}

/** The amount in so many events: all alike to the minor unit, and the last with what is left. */
const split = (amount: DecimalText, count: number): readonly DecimalText[] => {
  const each = toDecimalText(new Decimal(amount).div(count).toDecimalPlaces(2, Decimal.ROUND_DOWN))
  const last = toDecimalText(new Decimal(amount).minus(new Decimal(each).times(count - 1)))
  return [...Array.from({ length: count - 1 }, () => each), last]
}

const countOf = (typed: DecimalText | undefined): number => {
  const count = new Decimal(typed ?? '1')
  return Math.min(EVENTS_MAX, Math.max(1, count.floor().toNumber()))
}

/** The events of the month that what was typed stands for. */
const eventsOf = (charge: Charge, typed: Typed, context: TrialContext): readonly UsageEvent[] => {
  const { startMs } = monthPeriod(context.month, context.timeZone)
  const dimensions = givenDimensions(charge)
  const of = (key: string) => typed.get(key) ?? ZERO
  switch (charge.kind) {
    case 'flat_fee':
    case 'cost_plus':
      return []
    case 'formula':
      return metricsOfFormula(charge.formula).map((metric) => ({
        metric,
        timeMs: startMs,
        quantity: of(metric),
      }))
    case 'matrix':
      return charge.cells.map(({ values }, index) => ({
        metric: charge.metric,
        timeMs: startMs,
        quantity: of(cellKey(charge.id, index)),
        dimensions: {
          ...dimensions,
          ...Object.fromEntries(
            charge.dimensions.flatMap((dimension, place) => {
              const value = values[place] ?? null
              return value === null ? [] : [[dimension, value]]
            }),
          ),
        },
      }))
    case 'time_of_day':
      return [...charge.bands, null].flatMap((_, index) => {
        const timeMs = instantOf(charge, index, context)
        const quantity = of(cellKey(charge.id, index))
        return timeMs === null ? [] : [{ metric: charge.metric, timeMs, quantity, dimensions }]
      })
    case 'percentage':
      return split(of(charge.metric), countOf(typed.get(eventsKey(charge.id)))).map((quantity, index) => ({
        metric: charge.metric,
        timeMs: startMs + index,
        quantity,
        dimensions,
      }))
    case 'dynamic':
      return [
        {
          metric: charge.metric,
          timeMs: startMs,
          quantity: of(charge.metric),
          dimensions: { ...dimensions, [charge.dimension]: of(carriedKey(charge.id)) },
        },
      ]
    default:
      return [{ metric: charge.metric, timeMs: startMs, quantity: of(charge.metric), dimensions }]
  }
}

/** What the line's minimum and maximum add or take, as a step; none where they change nothing. */
const boundsSteps = (charge: Charge, rated: RatedCharge, context: TrialContext): readonly PriceStep[] => {
  const { amount } = rated
  const { currency, settings } = context
  const isOwed = settings.minimumAtZero !== false || rated.billed !== ZERO
  const step = (word: string, bound: DecimalText): PriceStep => ({
    kind: 'commitment',
    text: `${word} of ${formatPrice(bound, currency)} a month`,
    amount: difference(bound, amount),
  })
  if (isOwed && charge.minimum !== undefined && compareDecimals(amount, charge.minimum) < 0)
    return [step('up to the minimum', charge.minimum)]
  if (charge.maximum !== undefined && compareDecimals(amount, charge.maximum) > 0)
    return [step('down to the maximum', charge.maximum)]
  return []
}

/** Month of a contract's term in which a fee for several months, or once, is on the invoice; none for the others. */
const monthOfFee = (charge: Charge): { readonly monthOfTerm?: number } => {
  if (charge.kind !== 'flat_fee' || (charge.every ?? 1) === 1) return {}
  return {
    monthOfTerm: charge.every === 'once' || charge.timing === 'advance' ? 0 : Number(charge.every) - 1,
  }
}

/**
 * The charge on what was typed, its minimum and maximum included; discounts and the rest are a contract's. What was not
 * typed is zero. A typed quantity stands for the month's, whatever the metric's aggregation, and a fee is tried in a
 * month in which it is due.
 * @param includedLeft of a pool, what the charges before leave of it; the charge's own included units without it
 */
export const tryCharge = (
  charge: Charge,
  typed: Typed,
  context: TrialContext,
  includedLeft?: DecimalText,
): RatedCharge => {
  const metrics = context.metrics.map((metric): Metric => ({ ...metric, aggregation: 'sum' }))
  const period = monthPeriod(context.month, context.timeZone)
  const needs = usageNeeds(charge, period, { timeZone: context.timeZone, metrics })
  const rated = rateCharge({
    charge,
    usage: usageFromEvents(needs, eventsOf(charge, typed, context), metrics, context.timeZone),
    month: context.month,
    timeZone: context.timeZone,
    metrics,
    currency: context.currency,
    settings: context.settings,
    cost: typed.get(COST) ?? ZERO,
    ...monthOfFee(charge),
    ...(includedLeft === undefined ? {} : { includedLeft }),
  })
  const bounds = boundsSteps(charge, rated, context)
  return {
    ...rated,
    amount: sumDecimals([rated.amount, ...bounds.map(({ amount }) => amount)]),
    steps: [...rated.steps, ...bounds],
  }
}

const includedOf = (charge: Charge) => ('included' in charge ? charge.included : undefined)

/** What the charges before it leave a charge of the pool that they share; undefined for one without a pool. */
export const leftOfPool = (
  charges: readonly Charge[],
  charge: Charge,
  typed: Typed,
  context: TrialContext,
): DecimalText | undefined => {
  const pool = includedOf(charge)?.pool
  if (pool === undefined) return undefined
  const sharing = charges.filter((each) => includedOf(each)?.pool === pool)
  const place = sharing.findIndex(({ id }) => id === charge.id)
  const stated = includedOf(sharing[0] ?? charge)?.quantity ?? ZERO
  return sharing.slice(0, place).reduce((left, each) => {
    const used = tryCharge(each, typed, context, left).includedUsed
    return used.startsWith('-') ? left : difference(left, used)
  }, stated)
}

/** The charges of a card in their order, on what was typed. */
export const tryCharges = (
  charges: readonly Charge[],
  typed: Typed,
  context: TrialContext,
): readonly RatedCharge[] =>
  charges.map((charge) => tryCharge(charge, typed, context, leftOfPool(charges, charge, typed, context)))

/** The inputs whose quantity goes along the chart, each a line of its own; none for what does not follow volume. */
export const linesOf = (charge: Charge, metrics: readonly Metric[]): readonly TrialInput[] => {
  if (charge.kind === 'formula') return inputsOf(charge, metrics).slice(0, 1)
  if (charge.kind === 'percentage' || charge.kind === 'dynamic') return inputsOf(charge, metrics).slice(0, 1)
  return inputsOf(charge, metrics)
}

/** As typed, but for one input: on the chart of a matrix each line is its cell alone. */
export const typedAt = (charge: Charge, typed: Typed, key: string, quantity: DecimalText): Typed =>
  charge.kind === 'matrix' || charge.kind === 'time_of_day'
    ? new Map([[key, quantity]])
    : new Map([...typed, [key, quantity]])
