import { AreaChart, BarChart } from '@mantine/charts'
import { useMemo } from 'react'
import { type SlicedRow, topAndRest } from './series.ts'

const COLORS = [
  'teal.7',
  'blue.6',
  'orange.6',
  'grape.6',
  'lime.7',
  'pink.6',
  'cyan.7',
  'yellow.7',
  'indigo.5',
  'red.6',
] as const
const BARS_MAX = 62
const COMPACT = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })

/** The ten largest rows stacked, and the rest of them; the table below it says the same. */
export const StackedChart = (props: {
  title: string
  rows: readonly SlicedRow[]
  buckets: readonly string[]
  titleOf: (bucket: string) => string
  format: (value: number) => string
}) => {
  const { series, points } = useMemo(
    () => topAndRest(props.rows, props.buckets, props.titleOf),
    [props.rows, props.buckets, props.titleOf],
  )
  const chart = {
    // A legend of many names takes several lines from the height.
    h: series.length > 4 ? 330 : 260,
    data: [...points],
    dataKey: 'bucket',
    series: series.map(({ name, label }, index) => ({
      name,
      label,
      color: name === 'rest' ? 'gray.5' : (COLORS[index] ?? 'gray.6'),
    })),
    withLegend: true,
    // Without a sorter the legend keeps the order of the stack.
    legendProps: { verticalAlign: 'bottom' as const, itemSorter: null },
    valueFormatter: props.format,
    yAxisProps: { width: 64, tickFormatter: (value: number) => COMPACT.format(value) },
    // The chart is one image to a screen reader, and the table its text; so nothing inside it takes the focus.
    accessibilityLayer: false,
    role: 'img',
    'aria-label': `${props.title}. The table below holds the same figures.`,
  }
  return props.buckets.length <= BARS_MAX ? (
    <BarChart {...chart} type="stacked" maxBarWidth={48} />
  ) : (
    <AreaChart
      {...chart}
      type="stacked"
      curveType="linear"
      withDots={false}
      strokeWidth={1}
      fillOpacity={0.6}
    />
  )
}
