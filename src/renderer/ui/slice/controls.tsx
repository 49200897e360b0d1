import { Group, Select } from '@mantine/core'
import { type Month, monthName, monthsBetween } from '../../../domain/period.ts'
import type { FieldChoice } from './filter-bar.tsx'

/** From and to month, both included; choosing one beyond the other moves both. */
export const MonthRange = (props: {
  from: Month
  to: Month
  earliest: Month
  latest: Month
  onChange: (from: Month, to: Month) => void
}) => {
  const first = props.from < props.earliest ? props.from : props.earliest
  const last = props.to > props.latest ? props.to : props.latest
  const data = [...monthsBetween(first, last)]
    .reverse()
    .map((month) => ({ value: month as string, label: monthName(month) }))
  return (
    <Group gap="xs" wrap="nowrap">
      <Select
        label="From"
        w={150}
        data={data}
        value={props.from}
        allowDeselect={false}
        searchable
        onChange={(value) => {
          if (value === null) return
          const from = value as Month
          props.onChange(from, from > props.to ? from : props.to)
        }}
      />
      <Select
        label="To"
        w={150}
        data={data}
        value={props.to}
        allowDeselect={false}
        searchable
        onChange={(value) => {
          if (value === null) return
          const to = value as Month
          props.onChange(to < props.from ? to : props.from, to)
        }}
      />
    </Group>
  )
}

/** None, one or two fields to group by. */
export const GroupBy = (props: {
  fields: readonly FieldChoice[]
  value: readonly string[]
  onChange: (fields: string[]) => void
}) => {
  const [first = null, second = null] = props.value
  const labelled = (fields: readonly FieldChoice[], chosen: string | null) =>
    chosen === null || fields.some(({ value }) => value === chosen)
      ? [...fields]
      : [...fields, { value: chosen, label: chosen }]
  const change = (one: string | null, two: string | null) =>
    props.onChange(
      [one, two].filter(
        (field, index, all): field is string => field !== null && all.indexOf(field) === index,
      ),
    )
  return (
    <Group gap="xs" wrap="nowrap">
      <Select
        label="Group by"
        placeholder="Nothing"
        w={160}
        data={labelled(props.fields, first)}
        value={first}
        clearable
        searchable
        onChange={(value) => change(value, second)}
      />
      <Select
        label="Then by"
        placeholder="Nothing"
        w={160}
        data={labelled(props.fields, second).filter(({ value }) => value !== first)}
        value={second}
        clearable
        searchable
        disabled={first === null}
        onChange={(value) => change(first, value)}
      />
    </Group>
  )
}
