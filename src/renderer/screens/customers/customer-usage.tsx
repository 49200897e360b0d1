import { BarChart } from '@mantine/charts'
import { SegmentedControl, Stack } from '@mantine/core'
import { useMemo } from 'react'
import { z } from 'zod'
import { monthsBetween, toMonth } from '../../../domain/period.ts'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { useExplain } from '../../ui/explain-context.tsx'
import { formatExact, toPlot } from '../../ui/format.ts'
import { LinkButton } from '../../ui/screen-link.tsx'
import { useScreenSearch } from '../../ui/screen-search.ts'
import { Empty } from '../../ui/states.tsx'
import type { CustomerDetail } from './customer-detail.ts'

interface UsageMonth {
  readonly month: string
  readonly quantities: ReadonlyMap<string, string>
}

/** Every month from the first with usage to the last, oldest first, those without usage included. */
const byMonth = (usage: CustomerDetail['usage']): readonly UsageMonth[] => {
  const months = usage.map((each) => each.month).sort()
  const [first, last] = [months[0], months.at(-1)]
  if (first === undefined || last === undefined) return []
  return monthsBetween(toMonth(first), toMonth(last)).map((month) => ({
    month,
    quantities: new Map(
      usage.filter((each) => each.month === month).map((each) => [each.metric, each.quantity]),
    ),
  }))
}

const searchSchema = z.object({ metric: z.string().optional() })

/** Quantities by metric and month: a chart of one metric, and a table of all. */
export const CustomerUsage = (props: { detail: CustomerDetail }) => {
  const { usage, customer } = props.detail
  const explain = useExplain()
  const [search, setSearch] = useScreenSearch(searchSchema)
  const metrics = useMemo(() => [...new Map(usage.map((each) => [each.metric, each])).values()], [usage])
  const months = useMemo(() => byMonth(usage), [usage])
  const shown = metrics.find((each) => each.metric === search.metric) ?? metrics[0]
  const columns: readonly Column<UsageMonth>[] = [
    { key: 'month', title: 'Month', kind: 'month', value: (row) => row.month },
    ...metrics.map(
      (each): Column<UsageMonth> => ({
        key: each.metric,
        title: each.name,
        kind: 'quantity',
        unit: each.unit,
        value: (row) => row.quantities.get(each.metric) ?? null,
        explain: (row) => () =>
          explain({
            kind: 'usage',
            scope: { metric: each.metric, month: toMonth(row.month), customerId: customer.id },
          }),
      }),
    ),
  ]
  if (shown === undefined)
    return (
      <Empty title="No usage yet" action={<LinkButton to="/sources">Import usage</LinkButton>}>
        Nothing the tenants of {customer.name} used has been imported.
      </Empty>
    )
  return (
    <Stack gap="sm">
      {metrics.length > 1 && (
        <SegmentedControl
          aria-label="Metric of the chart"
          style={{ alignSelf: 'flex-start' }}
          data={metrics.map((each) => ({ value: each.metric, label: each.name }))}
          value={shown.metric}
          onChange={(metric) => setSearch({ metric })}
        />
      )}
      <BarChart
        h={200}
        role="img"
        aria-label={`${shown.name} of ${customer.name} by month; the table below says the same.`}
        data={months.map((row) => ({ month: row.month, quantity: toPlot(row.quantities.get(shown.metric)) }))}
        dataKey="month"
        series={[{ name: 'quantity', label: `${shown.name} (${shown.unit})`, color: 'teal.6' }]}
        valueFormatter={(value) => formatExact(String(value))}
        yAxisProps={{ width: 90 }}
      />
      <DataTable
        title={`Usage of ${customer.name}`}
        columns={columns}
        rows={[...months].reverse()}
        rowKey={(row) => row.month}
      />
    </Stack>
  )
}
