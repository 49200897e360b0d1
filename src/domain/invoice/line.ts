/** One charge of one month: which segments rate it, and the line that comes of it. */
import { type DecimalText, negateDecimal, sumDecimals, ZERO } from '../decimal.ts'
import { isAdditive, type Metric } from '../metric.ts'
import { roundToMinor } from '../money.ts'
import type { Contract } from '../pricing/contract.ts'
import { formatDays } from '../pricing/format.ts'
import { discountOf, rateCharge } from '../pricing/rate.ts'
import type { Charge } from '../pricing/ratecard.ts'
import { daysBetween, type MonthPlan, type VersionSegment } from '../pricing/segments.ts'
import type { PriceStep } from './invoice.ts'

export interface ChargePart {
  readonly segment: VersionSegment
  readonly charge: Charge
}

/** A charge as the month sees it. One whose metric changes between versions is two of these. */
export interface ChargeInMonth {
  readonly id: string
  /** By the latest version of the month. */
  readonly name: string
  /** Null for a flat fee. */
  readonly metric: Metric | null
  /** In order of time; never empty. */
  readonly parts: readonly ChargePart[]
}

export interface RatedLine {
  readonly quantity: DecimalText | null
  readonly listAmount: DecimalText
  readonly discountAmount: DecimalText
  readonly amount: DecimalText
  readonly steps: readonly PriceStep[]
}

/** The days of the month for which the metric's quantity is one: a segment's, or all rated days where it is not additive. */
export const ratedPeriods = (plan: MonthPlan, metric: Metric) => {
  const first = plan.rated[0]
  const last = plan.rated.at(-1)
  if (first === undefined || last === undefined) return []
  if (isAdditive(metric)) return plan.rated
  return [
    { ...first, endMs: last.endMs, endDay: last.endDay, days: daysBetween(first.startDay, last.endDay) },
  ]
}

/**
 * The month's charges in the order of the versions that bring them. A metric that is not additive is rated
 * whole by the version in force at the start of the rated days, so a charge on it that comes later in the
 * month starts with the next. Charges whose metric is unknown are left out (see `unknownMetrics`).
 */
export const chargesInMonth = (plan: MonthPlan, metrics: readonly Metric[]): readonly ChargeInMonth[] => {
  const known = new Map(metrics.map((metric) => [metric.metric, metric]))
  const found = new Map<string, ChargeInMonth>()
  for (const [index, segment] of plan.rated.entries()) {
    for (const charge of segment.version.charges) {
      const metric = charge.kind === 'flat_fee' ? null : known.get(charge.metric)
      if (metric === undefined) continue
      if (metric !== null && !isAdditive(metric) && index > 0) continue
      const key = JSON.stringify([charge.id, metric?.metric ?? null])
      const parts = [...(found.get(key)?.parts ?? []), { segment, charge }]
      found.set(key, { id: charge.id, name: charge.name, metric, parts })
    }
  }
  return [...found.values()]
}

/** Percent off a charge: its own discount where the contract has one, in place of the overall one. */
export const discountPercentOf = (contract: Contract | null, chargeId: string): DecimalText =>
  contract === null ? ZERO : (contract.chargeDiscounts[chargeId] ?? contract.discountPercent)

/** The step that rounds once; null where there is nothing to round. */
export const roundingStep = (exact: DecimalText, currency: string): PriceStep | null => {
  const amount = sumDecimals([roundToMinor(exact, currency), negateDecimal(exact)])
  return amount === ZERO ? null : { kind: 'rounding', text: 'rounded half-even, once', amount }
}

const discountStep = (amount: DecimalText, percent: DecimalText, contract: Contract | null): PriceStep[] =>
  amount === ZERO || contract === null
    ? []
    : [{ kind: 'discount', text: `discount ${percent} % (contract ${contract.id})`, amount }]

/**
 * Rates a charge over its parts: list price → discount → rounding, half-even, once. Tiers go on from part
 * to part, counted in the units this charge has rated this month. The steps add up to the rounded amount.
 * @param quantityOf the quantity of a part; not asked for a flat fee.
 */
export const rateLine = (
  charge: ChargeInMonth,
  quantityOf: (part: ChargePart) => DecimalText,
  terms: { readonly plan: MonthPlan; readonly contract: Contract | null; readonly currency: string },
): RatedLine => {
  const { plan, contract, currency } = terms
  const isWhole = charge.metric !== null && !isAdditive(charge.metric)
  let position = ZERO
  const listSteps: PriceStep[] = []
  const amounts: DecimalText[] = []
  for (const part of charge.parts) {
    const { segment } = part
    const quantity = charge.metric === null ? ZERO : quantityOf(part)
    const rated = rateCharge({
      charge: part.charge,
      quantity,
      position,
      days: {
        first: Number(segment.startDay.slice(8)) - 1,
        count: segment.days,
        ofMonth: plan.daysInMonth,
      },
      unit: charge.metric?.unit ?? '',
      currency,
    })
    const prefix =
      isWhole || segment.days === plan.daysInMonth
        ? ''
        : `${formatDays(segment)}, version ${segment.version.version}: `
    listSteps.push(...rated.steps.map((step) => ({ ...step, text: `${prefix}${step.text}` })))
    amounts.push(rated.amount)
    position = sumDecimals([position, quantity])
  }
  const listAmount = sumDecimals(amounts)
  const percent = discountPercentOf(contract, charge.id)
  const discountAmount = discountOf(listAmount, percent)
  const exact = sumDecimals([listAmount, discountAmount])
  const rounding = roundingStep(exact, currency)
  return {
    quantity: charge.metric === null ? null : position,
    listAmount,
    discountAmount,
    amount: roundToMinor(exact, currency),
    steps: [
      ...listSteps,
      ...discountStep(discountAmount, percent, contract),
      ...(rounding ? [rounding] : []),
    ],
  }
}
