import { Group, Input, SegmentedControl, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { addMonths, type Month, toMonth } from '../../../domain/period.ts'
import { api } from '../../api.ts'
import { useBook } from '../../ui/book.tsx'
import { GroupBy, MonthRange } from '../../ui/slice/controls.tsx'
import { type FieldValues, FilterBar } from '../../ui/slice/filter-bar.tsx'
import type { Filter } from '../../ui/slice/filters.ts'
import { spanOf } from '../../ui/slice/period.ts'
import { Query } from '../../ui/states.tsx'
import type { CostSearch } from './cost-search.ts'
import { CostSlice } from './slice-report.tsx'

/** Cost by any two fields, over any months. */
export const SliceTab = (props: {
  month: Month
  search: CostSearch
  onChange: (change: { [Key in keyof CostSearch]?: CostSearch[Key] | undefined }) => void
}) => {
  const { search, onChange } = props
  const book = useBook()
  const fields = useQuery(api.cost.fields.queryOptions())
  const rules = useQuery(api.rules.get.queryOptions())
  const tenants = useQuery(api.customers.tenants.queryOptions())
  const customers = useQuery(api.customers.list.queryOptions({ input: {} }))
  const withCost = book.months.filter((each) => each.costEntries > 0).map((each) => toMonth(each.month))
  const earliest = withCost[0] ?? props.month
  const span = spanOf(search.grain, search, props.month, earliest)
  const names = new Map(
    (customers.data?.rows ?? []).map(({ customer }) => [customer.id as string, customer.name]),
  )
  const ruleNames = new Map((rules.data?.rules ?? []).map(({ id, name }) => [id as string, name as string]))
  const setFilters = (filters: Filter[]) =>
    onChange({ filters: filters.length === 0 ? undefined : (filters as CostSearch['filters']) })
  const choicesOf = (map: ReadonlyMap<string, string>) => [...map].map(([value, label]) => ({ value, label }))
  const valuesOf = (field: string): FieldValues => {
    if (field === 'customer') return { open: false, choices: choicesOf(names) }
    if (field === 'rule') return { open: false, choices: choicesOf(ruleNames) }
    if (field === 'tenant')
      return {
        open: true,
        choices: (tenants.data ?? []).map(({ tenant }) => ({ value: tenant, label: tenant })),
      }
    return {
      open: true,
      choices: (rules.data?.values[field] ?? []).map((value) => ({ value, label: value })),
    }
  }
  const labelOf = (field: string, value: string | null) => {
    if (value === null)
      return field === 'tenant' || field === 'rule'
        ? 'unattributed'
        : field === 'customer'
          ? 'no customer'
          : 'none'
    return (
      (field === 'customer' ? names.get(value) : field === 'rule' ? ruleNames.get(value) : undefined) ?? value
    )
  }
  return (
    <Query of={fields} what="the fields of cost">
      {(list) => {
        const choices = list.map(({ field, title }) => ({ value: field, label: title }))
        return (
          <Stack gap="md">
            <Group gap="sm" align="flex-end">
              <GroupBy fields={choices} value={search.group} onChange={(group) => onChange({ group })} />
              <Input.Wrapper label="By" labelElement="div">
                <SegmentedControl
                  display="flex"
                  aria-label="Grain"
                  data={[
                    { value: 'day', label: 'Day' },
                    { value: 'month', label: 'Month' },
                  ]}
                  value={search.grain}
                  onChange={(grain) =>
                    onChange({ grain: grain as CostSearch['grain'], from: undefined, to: undefined })
                  }
                />
              </Input.Wrapper>
              <MonthRange
                from={span.from}
                to={span.to}
                earliest={earliest < addMonths(props.month, -11) ? earliest : addMonths(props.month, -11)}
                latest={book.months.at(-1)?.month ?? props.month}
                onChange={(from, to) => onChange({ from, to })}
              />
            </Group>
            <FilterBar
              filters={search.filters}
              fields={choices}
              valuesOf={valuesOf}
              labelOf={labelOf}
              onChange={setFilters}
            />
            <CostSlice search={search} span={span} fields={choices} onFilters={setFilters} />
          </Stack>
        )
      }}
    </Query>
  )
}
