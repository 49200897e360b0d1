/**
 * The list price of a charge by month of a deal's term. A projection knows one quantity a month of each metric, so a
 * charge that needs usage cut up (by hour, by dimension, event by event) has no price here: it is named, never zero.
 */
import { type DecimalText, decimalsOf, integerToDecimal, ZERO } from '../decimal.ts'
import type { Metric } from '../metric.ts'
import { mostDecimals, toScaled } from '../pricing/exact.ts'
import { rateFee } from '../pricing/fee.ts'
import { metricsOfCharge } from '../pricing/needs.ts'
import { compileOneQuantity } from '../pricing/one-quantity.ts'
import { rateCharge } from '../pricing/rate.ts'
import type { Allowance, Charge, FlatFeeCharge, FormulaCharge, RatingSettings } from '../pricing/ratecard.ts'
import { cutWindowOf, longWindowOf } from '../pricing/window.ts'
import type { Projection } from './project.ts'

export interface ListPrice {
  readonly scale: number
  /** Exact, at the scale, by the index of the month. */
  readonly priceOf: (month: number) => bigint
  /** Whether the month has usage of it; a fee always has. */
  readonly isUsed: (month: number) => boolean
}

export interface PriceContext {
  readonly projection: Projection
  readonly metrics: ReadonlyMap<string, Metric>
  readonly currency: string
  readonly settings: RatingSettings
}

const ONE = '1' as DecimalText

/** Amounts as text, one a month. */
const listed = (amounts: readonly DecimalText[], isUsed: (month: number) => boolean): ListPrice => {
  const scale = mostDecimals(amounts)
  const scaled = amounts.map((amount) => toScaled(amount, scale))
  return { scale, priceOf: (month) => scaled[month] ?? 0n, isUsed }
}

const feePrice = (charge: FlatFeeCharge, { projection }: PriceContext): ListPrice => {
  const multiplier = charge.multiplier ?? ONE
  const multiplierScale = decimalsOf(multiplier)
  const times = toScaled(multiplier, multiplierScale)
  const first = projection.months[0]
  const last = projection.months.at(-1)
  const isMonthly = (charge.every ?? 1) === 1 && charge.timing !== 'advance'
  const amounts =
    isMonthly || first === undefined || last === undefined
      ? projection.months.map(() => charge.amount)
      : projection.months.map((month, monthOfTerm) => {
          const [year = 0, ofYear = 0] = last.split('-').map(Number)
          const endDay = new Date(Date.UTC(year, ofYear, 1)).toISOString().slice(0, 10)
          return rateFee(charge, {
            month,
            timeZone: 'UTC',
            monthOfTerm,
            term: { startDay: `${first}-01`, endDay },
          }).amount
        })
  const { scale, priceOf, isUsed } = listed(amounts, () => true)
  return { scale: scale + multiplierScale, priceOf: (month) => priceOf(month) * times, isUsed }
}

const quantityText = (context: PriceContext, metric: string, month: number): DecimalText =>
  integerToDecimal(
    context.projection.quantities.get(metric)?.[month] ?? 0n,
    context.metrics.get(metric)?.scale ?? 0,
  )

const formulaPrice = (charge: FormulaCharge, context: PriceContext): ListPrice => {
  const names = metricsOfCharge(charge)
  const amounts = context.projection.months.map((month, index) => {
    const usage = names.map((metric) => ({
      metric,
      startMs: 0,
      endMs: 0,
      cut: {},
      rows: [{ startMs: 0, keys: [], quantity: quantityText(context, metric, index), events: 1 }],
    }))
    return rateCharge({
      charge,
      usage,
      month,
      timeZone: 'UTC',
      metrics: [...context.metrics.values()],
      currency: context.currency,
      settings: context.settings,
    }).amount
  })
  return listed(amounts, (month) => names.some((metric) => quantityText(context, metric, month) !== ZERO))
}

const carriesOver = (included: Allowance | undefined): boolean =>
  included !== undefined &&
  (included.per === 'term' || included.rollOver !== undefined || included.pool !== undefined)

/** Why a month's quantity does not say what the charge costs; null where it does. */
export const whyNotModelled = (charge: Charge): string | null => {
  switch (charge.kind) {
    case 'flat_fee':
      return null
    case 'cost_plus':
      return 'it is priced by what the customer costs, which the term is to show'
    case 'matrix':
      return 'it is priced by dimension'
    case 'time_of_day':
      return 'it is priced by the hour of the day'
    case 'dynamic':
      return 'its events carry their prices'
    case 'time_weighted':
      return 'it is priced by how long units are held'
    default:
      break
  }
  if ('filters' in charge && (charge.filters ?? []).length > 0)
    return 'only part of the metric is billed by it'
  if (carriesOver(charge.included)) return 'its included units go on from month to month, or are shared'
  if (charge.kind === 'formula') return null
  if (charge.kind === 'seat')
    return charge.values === 'level' ? null : 'it is priced by seats that come and go'
  const cutWindow = cutWindowOf(charge)
  if (cutWindow !== undefined) return `every ${cutWindow} is priced on its own`
  const longWindow = longWindowOf(charge)
  if (longWindow !== undefined)
    return `it is priced over a ${longWindow}, and a month alone does not say what it costs`
  if (charge.increment?.of === 'event') return 'its events are rounded up one by one'
  return compileOneQuantity(charge, 0) === null ? 'it is priced event by event' : null
}

/**
 * The charge's price of every month, before discounts and bounds; null where it cannot be known (see
 * {@link whyNotModelled}), and for a metric that the book does not have.
 */
export const listPriceOf = (charge: Charge, context: PriceContext): ListPrice | null => {
  if (whyNotModelled(charge) !== null) return null
  if (charge.kind === 'flat_fee') return feePrice(charge, context)
  if (charge.kind === 'formula') return formulaPrice(charge, context)
  const [name = ''] = metricsOfCharge(charge)
  const metric = context.metrics.get(name)
  const compiled = metric === undefined ? null : compileOneQuantity(charge, metric.scale, context.settings)
  if (compiled === null) return null
  const quantities = context.projection.quantities.get(name) ?? []
  return {
    scale: compiled.amountScale,
    priceOf: (month) => compiled.amountOf(quantities[month] ?? 0n),
    isUsed: (month) => (quantities[month] ?? 0n) !== 0n,
  }
}
