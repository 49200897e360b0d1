import { Group, Input, SegmentedControl, Select, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { Metric } from '../../../domain/metric.ts'
import type { Month } from '../../../domain/period.ts'
import { api } from '../../api.ts'
import { GroupBy, MonthRange } from '../../ui/slice/controls.tsx'
import { type FieldValues, FilterBar } from '../../ui/slice/filter-bar.tsx'
import { dimensionField, dimensionOf, type UsageSearch, usageFieldTitle } from './state.ts'

export type UsageState = Omit<UsageSearch, 'metric' | 'group' | 'from' | 'to'> & {
  readonly metric: string
  readonly group: string[]
  readonly from: Month
  readonly to: Month
}

/** What is measured, how it is sliced, over which months, and what it is compared with. */
export const UsageControls = (props: {
  state: UsageState
  metrics: readonly Metric[]
  tenants: readonly { tenant: string; customerId: string | null }[]
  earliest: Month
  latest: Month
  onChange: (change: { [Key in keyof UsageSearch]?: UsageSearch[Key] | undefined }) => void
}) => {
  const { state, onChange } = props
  const dimensions = useQuery(api.usage.dimensions.queryOptions({ input: { metric: state.metric } }))
  const customers = useQuery(api.customers.list.queryOptions({ input: {} }))
  const names = new Map(
    (customers.data?.rows ?? []).map(({ customer }) => [customer.id as string, customer.name]),
  )
  const fields = ['customer', 'tenant', ...(dimensions.data ?? []).map(({ key }) => dimensionField(key))].map(
    (field) => ({
      value: field,
      label: usageFieldTitle(field),
    }),
  )
  const valuesOf = (field: string): FieldValues => {
    if (field === 'customer')
      return { open: false, choices: [...names].map(([value, label]) => ({ value, label })) }
    if (field === 'tenant')
      return { open: false, choices: props.tenants.map(({ tenant }) => ({ value: tenant, label: tenant })) }
    const dimension = dimensions.data?.find(({ key }) => key === dimensionOf(field))
    return { open: true, choices: (dimension?.topValues ?? []).map((value) => ({ value, label: value })) }
  }
  return (
    <Stack gap="xs">
      <Group gap="sm" align="flex-end">
        <Select
          label="Metric"
          w={210}
          data={props.metrics.map(({ metric, name }) => ({ value: metric, label: name }))}
          value={state.metric}
          allowDeselect={false}
          searchable
          // Another metric has other dimensions, so what is sliced by them goes.
          onChange={(value) =>
            value !== null &&
            onChange({
              metric: value,
              group: state.group.some((field) => dimensionOf(field) !== null) ? undefined : state.group,
              filters: state.filters.some(({ field }) => dimensionOf(field) !== null)
                ? state.filters.filter(({ field }) => dimensionOf(field) === null)
                : state.filters,
            })
          }
        />
        <GroupBy fields={fields} value={state.group} onChange={(group) => onChange({ group })} />
        <Input.Wrapper label="By" labelElement="div">
          <SegmentedControl
            display="flex"
            aria-label="Grain"
            data={[
              { value: 'hour', label: 'Hour' },
              { value: 'day', label: 'Day' },
              { value: 'month', label: 'Month' },
            ]}
            value={state.grain}
            // Each grain has a span that suits it; one chosen for another seldom does.
            onChange={(grain) =>
              onChange({
                grain: grain as UsageSearch['grain'],
                from: undefined,
                to: undefined,
                day: undefined,
              })
            }
          />
        </Input.Wrapper>
        <MonthRange
          from={state.from}
          to={state.to}
          earliest={props.earliest}
          latest={props.latest}
          onChange={(from, to) => onChange({ from, to })}
        />
        <Select
          label="Compare with"
          w={190}
          data={[
            { value: 'none', label: 'Nothing' },
            { value: 'previous', label: 'The months before' },
            { value: 'last_year', label: 'Same months last year' },
          ]}
          value={state.compare}
          allowDeselect={false}
          onChange={(value) => value !== null && onChange({ compare: value as UsageSearch['compare'] })}
        />
      </Group>
      <FilterBar
        filters={state.filters}
        fields={fields}
        valuesOf={valuesOf}
        labelOf={(field, value) =>
          value === null ? 'none' : field === 'customer' ? (names.get(value) ?? value) : value
        }
        onChange={(filters) =>
          onChange({ filters: filters.length === 0 ? undefined : (filters as UsageSearch['filters']) })
        }
      />
    </Stack>
  )
}
