/** Which usage a contract's month needs, and how it is read from what was given. */
import { type DecimalText, sumDecimals, ZERO } from '../decimal.ts'
import type { Metric } from '../metric.ts'
import type { Period } from '../period.ts'
import { type MetricUsage, type UsageCut, type UsageNeed, WHOLE_CUT } from '../pricing/usage.ts'
import { type ChargeInMonth, chargesInMonth, needsOfPart, type ReadUsage, ratedPeriods } from './line.ts'
import { type ContractMonth, type PricingTerms, planContractMonth } from './plan.ts'

/** What tells one need from another. */
export const needKey = ({ metric, startMs, endMs, cut }: UsageNeed): string =>
  `${startMs} ${endMs} ${keyOfCut(cut)} ${metric}`

/** A charge's cut is one object as long as its need is asked for, read and rated. */
const cutKeys = new WeakMap<UsageCut, string>()
const keyOfCut = (cut: UsageCut): string => {
  let key = cutKeys.get(cut)
  if (key === undefined) {
    key = JSON.stringify(cut)
    cutKeys.set(cut, key)
  }
  return key
}

/** Whether a charge prices the metric in a rated period, whatever its filters. */
export const isPricedIn = (charges: readonly ChargeInMonth[], metric: Metric, { startMs }: Period): boolean =>
  charges.some(
    (charge) =>
      charge.prices.includes(metric.metric) &&
      (!charge.isCut || charge.parts.some((part) => part.segment.startMs === startMs)),
  )

/**
 * The usage that rating a month needs: what its charges ask for, and for what no charge prices, or lies outside the
 * contract, the whole of every metric, so that it can be said.
 */
export const usageToAskFor = (
  terms: PricingTerms,
  plan: ContractMonth = planContractMonth(terms),
): readonly UsageNeed[] => {
  const { metrics } = terms
  const charges = chargesInMonth(plan, metrics)
  const rated = [
    ...charges.flatMap(({ parts }) => parts.flatMap((part) => needsOfPart(part, terms))),
    ...metrics.flatMap((metric) =>
      ratedPeriods(plan, metric)
        .filter((period) => !isPricedIn(charges, metric, period))
        .map(({ startMs, endMs }) => ({ metric: metric.metric, startMs, endMs, cut: WHOLE_CUT })),
    ),
  ]
  const outside = metrics.flatMap(({ metric }) =>
    plan.outsideContract.map(({ startMs, endMs }) => ({ metric, startMs, endMs, cut: WHOLE_CUT })),
  )
  const order = new Map(metrics.map(({ metric }, index) => [metric, index]))
  const found = new Map(
    [...rated.sort((a, b) => a.startMs - b.startMs), ...outside].map((need) => [needKey(need), need]),
  )
  return [...found.values()].sort((a, b) => (order.get(a.metric) ?? 0) - (order.get(b.metric) ?? 0))
}

export interface GivenUsage {
  readonly read: ReadUsage
  /** The quantity of a whole period. */
  readonly quantityOf: (metric: Metric, period: Period) => DecimalText
}

/** @returns a reader that throws RangeError where a need was not given: a bug, never taken for zero. */
export const readerOf = (given: readonly MetricUsage[]): GivenUsage => {
  const byKey = new Map<string, MetricUsage[]>()
  for (const usage of given) {
    const key = needKey(usage)
    const known = byKey.get(key)
    if (known === undefined) byKey.set(key, [usage])
    else known.push(usage)
  }
  const read: ReadUsage = (need) => {
    const usages = byKey.get(needKey(need))
    if (usages !== undefined) return usages
    // Levels are answered by tenant, and a customer may have none.
    if (need.cut.opening !== undefined) return [{ ...need, rows: [], opening: ZERO }]
    throw new RangeError(
      `no quantity of ${need.metric} was given for ${new Date(need.startMs).toISOString()} to ` +
        `${new Date(need.endMs).toISOString()}: ask for what usageToAskFor lists, zero included`,
    )
  }
  return {
    read,
    quantityOf: ({ metric }, { startMs, endMs }) =>
      sumDecimals(
        read({ metric, startMs, endMs, cut: WHOLE_CUT }).flatMap(({ rows }) =>
          rows.map(({ quantity }) => quantity),
        ),
      ),
  }
}
