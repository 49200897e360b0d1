/** What a charge must know of usage before it can be rated: no more than its kind asks for. */
import { isAdditive, type Metric } from '../metric.ts'
import type { Period } from '../period.ts'
import { bucketOf, clockOf, windowsIn } from './clock.ts'
import { metricsOfFormula } from './formula.ts'
import type { Charge, PercentageCharge, UsageCharge } from './ratecard.ts'
import { type UsageCut, type UsageNeed, WHOLE_CUT } from './usage.ts'

const percentageCut = (charge: PercentageCharge): UsageCut => {
  if (charge.freeEvents !== undefined || charge.freeAmount !== undefined) return { events: true }
  const isLinear =
    charge.fixedPerEvent === undefined &&
    charge.minimumPerEvent === undefined &&
    charge.maximumPerEvent === undefined
  return isLinear && charge.convert === undefined ? {} : { byValue: true }
}

const byEvent = (charge: UsageCharge): UsageCut => (charge.increment?.of === 'event' ? { byValue: true } : {})

/** The charge's cut but for its filters; null where every window must be asked for on its own. */
const cutOf = (
  charge: UsageCharge,
  period: Period,
  timeZone: string,
  metric: Metric | undefined,
): UsageCut | null => {
  switch (charge.kind) {
    case 'percentage':
      return percentageCut(charge)
    case 'seat':
    case 'time_weighted':
      return { events: true, opening: charge.values }
    case 'dynamic':
      return { dimensions: [charge.dimension] }
    case 'matrix':
      return { dimensions: charge.dimensions, ...byEvent(charge) }
    case 'time_of_day':
      return { bucketMs: bucketOf(clockOf(period, timeZone)), ...byEvent(charge) }
    case 'graduated_percentage':
    case 'revenue_share':
      return byEvent(charge)
    default: {
      if (charge.window === undefined) return byEvent(charge)
      const bucketMs = bucketOf(clockOf(period, timeZone))
      // What is not a sum cannot be put together again from smaller buckets, nor days from hours.
      const isWindow = charge.window === 'hour' && bucketMs === 3_600_000
      if (metric !== undefined && !isAdditive(metric) && !isWindow) return null
      return { bucketMs, ...byEvent(charge) }
    }
  }
}

/** The metrics that a charge prices; none of a fee or a cost. */
export const metricsOfCharge = (charge: Charge): readonly string[] => {
  if (charge.kind === 'formula') return metricsOfFormula(charge.formula)
  return 'metric' in charge ? [charge.metric] : []
}

interface NeedOptions {
  readonly timeZone: string
  readonly metrics: readonly Metric[]
}

const needsOf = (charge: Charge, period: Period, options: NeedOptions): readonly UsageNeed[] => {
  const { startMs, endMs } = period
  if (charge.kind === 'flat_fee' || charge.kind === 'cost_plus') return []
  if (charge.kind === 'formula')
    return metricsOfFormula(charge.formula).map((metric) => ({ metric, startMs, endMs, cut: WHOLE_CUT }))
  const metric = options.metrics.find((each) => each.metric === charge.metric)
  const filters =
    charge.filters === undefined || charge.filters.length === 0 ? {} : { filters: charge.filters }
  const cut = cutOf(charge, period, options.timeZone, metric)
  if (cut !== null) return [{ metric: charge.metric, startMs, endMs, cut: { ...cut, ...filters } }]
  const window = 'window' in charge && charge.window !== undefined ? charge.window : 'day'
  return windowsIn(clockOf(period, options.timeZone), window, period).map((each) => ({
    metric: charge.metric,
    startMs: each.startMs,
    endMs: each.endMs,
    cut: filters,
  }))
}

interface KnownNeeds extends Period, NeedOptions {
  readonly needs: readonly UsageNeed[]
}
const latest = new WeakMap<Charge, KnownNeeds>()

/**
 * The usage to fetch for {@link import('./rate.ts').rateCharge}, aggregated over a half-open period: of days rated
 * and of days before them alike. Empty for fees and for costs. Customers who share a charge are asked about in turn and each
 * of them twice, so that the answer is kept until another is asked for.
 */
export const usageNeeds = (charge: Charge, period: Period, options: NeedOptions): readonly UsageNeed[] => {
  const { startMs, endMs } = period
  const { timeZone, metrics } = options
  const known = latest.get(charge)
  if (
    known?.startMs === startMs &&
    known.endMs === endMs &&
    known.timeZone === timeZone &&
    known.metrics === metrics
  )
    return known.needs
  const needs = needsOf(charge, period, options)
  latest.set(charge, { startMs, endMs, timeZone, metrics, needs })
  return needs
}
