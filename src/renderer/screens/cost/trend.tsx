import { Sparkline } from '@mantine/charts'
import { DASH, formatPercent, toPlot } from '../../ui/format.ts'

/** Margin percent of the last months as a line, and as words to a screen reader. */
export const Trend = (props: { months: readonly string[]; values: readonly (string | null)[] }) => {
  if (props.values.every((value) => value === null)) return <span className="amount">{DASH}</span>
  const words = props.months
    .map((month, index) => `${month} ${formatPercent(props.values[index] ?? null)}`)
    .join(', ')
  return (
    <span
      role="img"
      aria-label={`Margin: ${words}`}
      title={words}
      style={{ display: 'inline-block', verticalAlign: 'middle' }}
    >
      <span inert style={{ display: 'block' }}>
        <Sparkline
          w={90}
          h={20}
          data={props.values.map((value) => toPlot(value))}
          color="teal.6"
          strokeWidth={1.5}
          fillOpacity={0.15}
          curveType="linear"
          connectNulls={false}
        />
      </span>
    </span>
  )
}
