import { LineChart } from '@mantine/charts'
import { memo } from 'react'
import { formatExact, toPlot } from '../../ui/format.ts'
import type { Baseline, Modelled } from './models.ts'

const COLORS = ['teal.6', 'blue.6', 'grape.6']

type Point = Record<string, string | number | null>

/** Past months and the scenarios' on one axis of months, in order. */
const pointsOf = (baseline: Baseline, all: readonly Modelled[]): readonly Point[] => {
  const points = new Map<string, Point>()
  const put = (month: string, values: Point) => points.set(month, { ...points.get(month), ...values, month })
  for (const { month, revenue, cost } of baseline.months)
    put(month, { revenue: toPlot(revenue), cost: toPlot(cost) })
  for (const [index, { model }] of all.entries())
    for (const { month, netRevenue, cost } of model?.months ?? [])
      put(month, { [`revenue${index}`]: toPlot(netRevenue), [`cost${index}`]: toPlot(cost) })
  return [...points.values()].sort((a, b) => (String(a.month) < String(b.month) ? -1 : 1))
}

/** Revenue and cost by month: history to the left of today, the scenarios to the right. */
export const DealChart = memo((props: { baseline: Baseline; all: readonly Modelled[] }) => {
  const { baseline, all } = props
  const last = baseline.months.at(-1)?.month
  return (
    <LineChart
      h={300}
      role="img"
      aria-label={`Revenue and cost by month in ${baseline.currency}: the past months, then ${all.map(({ draft }) => draft.name).join(', ')}. The tables below say the same.`}
      data={[...pointsOf(baseline, all)]}
      dataKey="month"
      series={[
        { name: 'revenue', label: 'Revenue so far', color: 'gray.6' },
        { name: 'cost', label: 'Cost so far', color: 'gray.6', strokeDasharray: '4 4' },
        ...all.flatMap(({ draft }, index) => [
          { name: `revenue${index}`, label: `${draft.name}: revenue`, color: COLORS[index] ?? 'teal.6' },
          {
            name: `cost${index}`,
            label: `${draft.name}: cost`,
            color: COLORS[index] ?? 'teal.6',
            strokeDasharray: '4 4',
          },
        ]),
      ]}
      curveType="linear"
      connectNulls={false}
      withDots={false}
      withLegend
      lineProps={{ isAnimationActive: false }}
      valueFormatter={(value) => formatExact(String(Math.round(value)))}
      yAxisProps={{ width: 80 }}
      {...(last === undefined
        ? {}
        : { referenceLines: [{ x: last, color: 'gray.6', label: 'last month known' }] })}
    />
  )
})
