import { LineChart } from '@mantine/charts'
import { SimpleGrid, Text } from '@mantine/core'
import type { DecimalText } from '../../../domain/decimal.ts'
import { formatExact, formatMoney, toPlot } from '../../ui/format.ts'
import { type CurveLine, type CurvePoint, LINES_MAX } from './curve.ts'

const COLORS = ['teal.6', 'indigo.5', 'orange.6', 'grape.5', 'lime.7', 'pink.6']

const COMPACT = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })
const forAxis = (value: number): string => (Math.abs(value) < 10_000 ? forEye(value) : COMPACT.format(value))

/** Prices of one unit are small: four significant digits say where they are. */
const forEye = (value: number): string => formatExact(String(Number(value.toPrecision(4))))

const Chart = (props: {
  title: string
  lines: readonly CurveLine[]
  member: 'amount' | 'average'
  tried: DecimalText | null
  currency: string
}) => {
  const { lines, member, currency } = props
  const points = lines[0]?.points ?? []
  const last = (line: CurveLine): CurvePoint | undefined => line.points.at(-1)
  const described = lines
    .map((line) => `${line.label} to ${formatMoney(last(line)?.[member], currency)} ${currency}`)
    .join('; ')
  return (
    <div>
      <Text size="sm" fw={600} mb={4}>
        {props.title}
      </Text>
      <LineChart
        h={210}
        role="img"
        aria-label={`${props.title}: ${points.length} points up to ${formatExact(points.at(-1)?.quantity)}; ${described}.`}
        data={points.map((point, index) => ({
          quantity: toPlot(point.quantity),
          ...Object.fromEntries(lines.map((line) => [line.key, toPlot(line.points[index]?.[member])])),
        }))}
        dataKey="quantity"
        series={lines.map((line, index) => ({
          name: line.key,
          label: line.label,
          color: COLORS[index % COLORS.length] ?? 'teal.6',
        }))}
        curveType="linear"
        withDots={false}
        withLegend={lines.length > 1}
        connectNulls={false}
        xAxisProps={{ type: 'number', domain: ['auto', 'auto'], tickFormatter: forAxis }}
        yAxisProps={{ width: 72, tickFormatter: forAxis }}
        valueFormatter={forEye}
        {...(props.tried === null
          ? {}
          : { referenceLines: [{ x: toPlot(props.tried) ?? 0, color: 'gray.6', label: 'tried' }] })}
      />
    </div>
  )
}

/** Price against volume and the average price of one unit, side by side; they follow what is typed. */
export const PriceChart = (props: {
  name: string
  lines: readonly CurveLine[]
  /** What the average is the price of: "1,000 calls". */
  averageOf: string
  /** All there are; those beyond the first few are not drawn. */
  count: number
  tried: DecimalText | null
  currency: string
}) => {
  const { name, lines, tried, currency } = props
  const [only] = lines
  if (only === undefined)
    return (
      <Text size="sm" c="dimmed">
        {name} does not follow a quantity, so it has no curve.
      </Text>
    )
  const of = lines.length === 1 ? only.label : name
  return (
    <div>
      <SimpleGrid cols={{ base: 1, lg: 2 }}>
        <Chart
          title={`Price curve of ${name} (${currency}) by ${lines.length === 1 ? of : 'quantity'}`}
          lines={lines}
          member="amount"
          tried={tried}
          currency={currency}
        />
        <Chart
          title={`Average price of ${props.averageOf} (${currency})`}
          lines={lines}
          member="average"
          tried={tried}
          currency={currency}
        />
      </SimpleGrid>
      {props.count > LINES_MAX && (
        <Text size="xs" c="dimmed">
          The first {LINES_MAX} of {props.count} are drawn.
        </Text>
      )}
    </div>
  )
}
