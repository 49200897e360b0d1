/** Metrics as an import needs them: which scale a quantity is kept at, and definitions for metrics seen first. */
import { type DecimalText, decimalsOf } from '../../domain/decimal.ts'
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
   * where the metric is defined too coarse for it.
   */
  readonly scaleFor: (metric: string, quantity: DecimalText) => number | null
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
  const proposed: Metric[] = []
  const scales = new Map<string, number[]>()
  for (const { metric, scale } of measured) scales.set(metric, [...(scales.get(metric) ?? []), scale])

  const scalesOf = (metric: string, decimals: number): readonly number[] => {
    const definition = definitions.get(metric)
    const known = scales.get(metric)
    if (definition !== undefined && known?.includes(definition.scale)) return known
    const added = definition ?? proposeMetric(metric, decimals)
    if (definition === undefined) {
      proposed.push(added)
      definitions.set(metric, added)
    }
    const all = [...new Set([...(known ?? []), added.scale])].sort((a, b) => a - b)
    scales.set(metric, all)
    return all
  }
  return {
    scaleFor: (metric, quantity) => {
      const decimals = decimalsOf(quantity)
      return scalesOf(metric, decimals).find((scale) => scale >= decimals) ?? null
    },
    proposed: () => proposed,
    definitionOf: (metric) => definitions.get(metric),
  }
}
