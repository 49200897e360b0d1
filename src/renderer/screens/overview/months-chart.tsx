import { CompositeChart } from '@mantine/charts'
import { Paper, Text } from '@mantine/core'
import { monthName, toMonth } from '../../../domain/period.ts'
import { formatMoney, formatPercent, toPlot } from '../../ui/format.ts'
import { bucketTitle } from '../../ui/slice/period.ts'
import type { Overview } from './types.ts'

const short = (month: string) => bucketTitle(month, 'UTC')

/** Revenue and cost as bars, margin % as a line, the picked month marked; a click on a month picks it. */
export const MonthsChart = (props: {
  overview: Overview
  onPick: (month: string) => void
  format: (value: number) => string
}) => {
  const { trend, month, currency } = props.overview
  const points = trend.map((point) => ({
    month: point.month as string,
    revenue: toPlot(point.revenue),
    cost: toPlot(point.cost),
    margin: toPlot(point.marginPercent),
  }))
  return (
    <CompositeChart
      h={280}
      data={points}
      dataKey="month"
      series={[
        { name: 'revenue', label: `Revenue (${currency})`, color: 'teal.6', type: 'bar' },
        { name: 'cost', label: `Cost (${currency})`, color: 'orange.6', type: 'bar' },
        { name: 'margin', label: 'Margin (% of revenue)', color: 'indigo.5', type: 'line', yAxisId: 'right' },
      ]}
      curveType="linear"
      connectNulls={false}
      maxBarWidth={28}
      withLegend
      legendProps={{ verticalAlign: 'bottom', itemSorter: null }}
      withRightYAxis
      valueFormatter={props.format}
      yAxisProps={{ width: 84 }}
      rightYAxisProps={{ width: 52, tickFormatter: (value: number) => `${value} %` }}
      xAxisProps={{ tickFormatter: short }}
      referenceAreas={[{ x1: month, x2: month, color: 'gray.5', fillOpacity: 0.18 }]}
      tooltipProps={{
        content: ({ label }) => {
          const point = trend.find((each) => each.month === label)
          if (point === undefined) return null
          return (
            <Paper withBorder shadow="sm" p="xs">
              <Text size="sm" fw={600}>
                {monthName(toMonth(point.month))}
              </Text>
              <Text size="sm">
                Revenue {formatMoney(point.revenue, currency)} {currency}
              </Text>
              <Text size="sm">
                Cost {formatMoney(point.cost, currency)} {currency}
              </Text>
              <Text size="sm">
                Margin {formatMoney(point.margin, currency)} {currency}, {formatPercent(point.marginPercent)}
              </Text>
            </Paper>
          )
        },
      }}
      composedChartProps={{
        onClick: ({ activeLabel }) => {
          if (activeLabel !== undefined) props.onPick(String(activeLabel))
        },
        style: { cursor: 'pointer' },
      }}
      // One image to a screen reader; months are picked by keyboard in the table below.
      accessibilityLayer={false}
      role="img"
      aria-label={`Revenue, cost and margin percent of ${trend.length} months, ${monthName(month)} marked. The table of months holds the same figures.`}
    />
  )
}
