/** Metrics as an import needs them: which scale a quantity is kept at, and definitions for metrics seen first. */
import type { Metric } from '../../domain/metric.ts'
import { SCALE_MAX } from '../../domain/quantity.ts'

/** Scales that new metrics are given: none for whole numbers, else thousandths, millionths and so on. */
const SCALES = [0, 3, 6, 9, SCALE_MAX]

/** A definition for a metric that nobody has defined, from the decimals its quantities have. */
export const proposeMetric = (metric: string, decimalsMost: number): Metric => ({
  metric,
  name: metric,
  unit: /bytes?$/i.test(metric)
    ? 'byte'
    : /requests?$/i.test(metric)
      ? 'request'
      : /calls?$/i.test(metric)
        ? 'call'
        : 'unit',
  aggregation: 'sum',
  scale: SCALES.find((scale) => scale >= decimalsMost) ?? SCALE_MAX,
})

export interface ScaleBook {
  /**
   * The scale to keep a quantity of the metric at: the smallest that the ledger or the definition has and that
   * holds all its decimals, so that a record read again after a scale was raised still equals the first. Null
   * where the metric is defined too coarse for it; a metric without a definition is given a finer one instead.
   */
  readonly scaleFor: (metric: string, decimals: number) => number | null
  /** Metrics met that had no definition, now proposed. */
  readonly proposed: () => readonly Metric[]
  readonly definitionOf: (metric: string) => Metric | undefined
}

/**
 * @param defined definitions of the book and of the request
 * @param measured scales that the ledger holds entries at
 */
export const openScales = (
  defined: readonly Metric[],
  measured: readonly { readonly metric: string; readonly scale: number }[],
): ScaleBook => {
  const definitions = new Map(defined.map((metric) => [metric.metric, metric]))
  const proposed = new Map<string, Metric>()
  const scales = new Map<string, number[]>()
  const addScale = (metric: string, scale: number): readonly number[] => {
    const known = [...new Set([...(scales.get(metric) ?? []), scale])].sort((a, b) => a - b)
    scales.set(metric, known)
    return known
  }
  for (const { metric, scale } of [...measured, ...defined]) addScale(metric, scale)

  return {
    scaleFor: (metric, decimals) => {
      const found = scales.get(metric)?.find((scale) => scale >= decimals)
      const isDefined = definitions.has(metric)
      if ((found !== undefined && isDefined) || (isDefined && !proposed.has(metric))) return found ?? null
      const finest = Math.max(decimals, ...(scales.get(metric) ?? []))
      const proposal = proposeMetric(metric, finest)
      proposed.set(metric, proposal)
      definitions.set(metric, proposal)
      return addScale(metric, proposal.scale).find((scale) => scale >= decimals) ?? null
    },
    proposed: () => [...proposed.values()],
    definitionOf: (metric) => definitions.get(metric),
  }
}
