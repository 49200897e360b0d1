/** What charts and pivot tables make of a sliced report. Exact until the last step, which plots. Pure. */
import { Decimal, type DecimalText, sumDecimals, toDecimalText } from '../../../domain/decimal.ts'
import { toPlot } from '../format.ts'

export interface SlicedRow {
  readonly labels: readonly string[]
  readonly values: readonly (DecimalText | null)[]
}

export interface PlotSeries {
  /** Key in the data; labels may repeat and hold dots, keys may not. */
  readonly name: string
  readonly label: string
}

export type PlotPoint = Record<string, string | number | null>

export const TOP = 10

/** A row's name where it has one or two keys, or none. */
const labelOfRow = (labels: readonly string[]): string => (labels.length === 0 ? 'All' : labels.join(' · '))

/**
 * The first ten rows as a series each and the sum of the others as "the rest", for a stacked chart.
 * Rows come largest first. Each point holds `bucket`, as `titleOf` names it, and the series' values.
 */
export const topAndRest = (
  rows: readonly SlicedRow[],
  buckets: readonly string[],
  titleOf: (bucket: string) => string,
): { readonly series: readonly PlotSeries[]; readonly points: readonly PlotPoint[] } => {
  const top = rows.slice(0, TOP)
  const rest = rows.slice(TOP)
  const series = top.map((row, index) => ({ name: `s${index}`, label: labelOfRow(row.labels) }))
  if (rest.length > 0) series.push({ name: 'rest', label: `the rest (${rest.length})` })
  const points = buckets.map((bucket, index) => {
    const point: PlotPoint = { bucket: titleOf(bucket) }
    for (const [place, row] of top.entries()) point[`s${place}`] = toPlot(row.values[index])
    if (rest.length > 0) point.rest = toPlot(sumDecimals(rest.flatMap((row) => row.values[index] ?? [])))
    return point
  })
  return { series, points }
}

/** Share in percent with one decimal; null of a whole that is zero. */
export const shareOf = (part: DecimalText, whole: DecimalText): DecimalText | null =>
  new Decimal(whole).isZero()
    ? null
    : toDecimalText(new Decimal(part).times(100).div(whole).toDecimalPlaces(1))

/** Change in percent with one decimal; null where there was nothing before. */
export const changeOf = (now: DecimalText, before: DecimalText | null): DecimalText | null =>
  before === null || new Decimal(before).isZero()
    ? null
    : toDecimalText(
        new Decimal(now).minus(before).times(100).div(new Decimal(before).abs()).toDecimalPlaces(1),
      )
