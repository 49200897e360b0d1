/** The members of a metric's definition, for editing. */
import { NumberInput, Select, TextInput } from '@mantine/core'
import { AGGREGATIONS, type Aggregation, type Metric } from '../../../domain/metric.ts'

export const AGGREGATION_WORDS: Readonly<Record<Aggregation, string>> = {
  sum: 'Sum',
  max: 'Largest',
  last: 'Last',
  unique_count: 'Count of distinct values',
}

/** What keeps the definition from being saved, by member. */
export const metricFaults = (metric: Metric): Partial<Record<keyof Metric, string>> => ({
  ...(metric.metric.trim() === '' ? { metric: 'Write the name that events carry, like api.calls.' } : {}),
  ...(metric.name.trim() === '' ? { name: 'Write a name for people.' } : {}),
  ...(metric.unit.trim() === '' ? { unit: 'Write what one is, like call.' } : {}),
  ...(metric.aggregation === 'unique_count' && (metric.uniqueBy ?? '').trim() === ''
    ? { uniqueBy: 'Name the dimension whose values are counted.' }
    : {}),
})

/**
 * The five members besides the metric's own key. `scaleLeast`: a scale is only ever raised, because quantities
 * already kept have its decimals.
 */
export const MetricFields = (props: {
  metric: Metric
  onChange: (metric: Metric) => void
  scaleLeast?: number
  /** Labels said to screen readers only, where a table's head says them to the eye. */
  bare?: boolean
}) => {
  const { metric, onChange } = props
  const faults = metricFaults(metric)
  const label = (text: string) =>
    props.bare ? { 'aria-label': `${text} of ${metric.metric}` } : { label: text }
  const { uniqueBy, ...without } = metric
  return (
    <>
      <TextInput
        {...label('Name')}
        value={metric.name}
        error={faults.name}
        onChange={(event) => onChange({ ...metric, name: event.currentTarget.value })}
      />
      <TextInput
        {...label('Unit')}
        value={metric.unit}
        error={faults.unit}
        onChange={(event) => onChange({ ...metric, unit: event.currentTarget.value })}
      />
      <Select
        {...label('A period’s quantity is')}
        allowDeselect={false}
        data={AGGREGATIONS.map((value) => ({ value, label: AGGREGATION_WORDS[value] }))}
        value={metric.aggregation}
        onChange={(value) => {
          if (value === null) return
          const aggregation = value as Aggregation
          onChange(
            aggregation === 'unique_count'
              ? { ...without, aggregation, uniqueBy: uniqueBy ?? '' }
              : { ...without, aggregation },
          )
        }}
      />
      <NumberInput
        {...label('Decimals kept')}
        min={props.scaleLeast ?? 0}
        max={12}
        allowDecimal={false}
        clampBehavior="strict"
        value={metric.scale}
        onChange={(scale) => typeof scale === 'number' && onChange({ ...metric, scale })}
      />
      {metric.aggregation === 'unique_count' ? (
        <TextInput
          {...label('Counted dimension')}
          value={metric.uniqueBy ?? ''}
          error={faults.uniqueBy}
          onChange={(event) => onChange({ ...metric, uniqueBy: event.currentTarget.value })}
        />
      ) : (
        props.bare && <span />
      )}
    </>
  )
}
