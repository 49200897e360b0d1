import { LineChart } from '@mantine/charts'
import { Group, List, MultiSelect, Select, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { CostToServe } from '../../../contract/allocation.ts'
import { Decimal } from '../../../domain/decimal.ts'
import { addMonths, type Month, monthName, toMonth } from '../../../domain/period.ts'
import { api } from '../../api.ts'
import { Amount } from '../../ui/amount.tsx'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { DASH, formatExact, formatPercent, toPlot } from '../../ui/format.ts'
import { Figure, Section } from '../../ui/page.tsx'
import { recordPath, useGo } from '../../ui/screen-link.tsx'
import { Empty, Query } from '../../ui/states.tsx'
import type { CostSearch } from './cost-search.ts'

const MONTHS = 12

type MonthRow = CostToServe['months'][number]
type CustomerRow = CostToServe['customers'][number]

/** Digits of a unit cost that are shown; copies and exports have all of them. */
const SHOWN_DIGITS = 6

/** A unit cost may be a fraction of a cent: digits that count are shown, however small it is. */
const unitCost = (value: string | null) =>
  value === null ? DASH : formatExact(new Decimal(value).toSignificantDigits(SHOWN_DIGITS).toFixed())

/** From the first month that has anything on: a young book has no year behind it. */
const sinceFirst = (months: readonly MonthRow[]): readonly MonthRow[] => {
  const first = months.findIndex((each) => each.quantity !== null || each.coverage !== null)
  return first < 0 ? months.slice(-1) : months.slice(first)
}

const Trend = (props: { report: CostToServe }) => {
  const { currency, unit, metricName } = props.report
  const months = sinceFirst(props.report.months)
  if (months.every((each) => each.unitCost === null)) return null
  return (
    <LineChart
      h={220}
      data={months.map((each) => ({ month: each.month as string, unit: toPlot(each.unitCost) }))}
      dataKey="month"
      series={[{ name: 'unit', label: `${currency} per ${unit}`, color: 'teal.6' }]}
      curveType="linear"
      connectNulls={false}
      yAxisProps={{ width: 96 }}
      valueFormatter={(value) => formatExact(String(value))}
      accessibilityLayer={false}
      role="img"
      aria-label={`Cost to serve ${metricName} by month. The table below holds the same figures.`}
    />
  )
}

const Report = (props: { report: CostToServe }) => {
  const { report } = props
  const { currency, unit } = report
  const go = useGo()
  const last = report.months.at(-1)
  const month = last?.month ?? toMonth('2000-01')
  const months: Column<MonthRow>[] = [
    {
      key: 'month',
      title: 'Month',
      kind: 'month',
      value: (row) => row.month,
      render: (row) => monthName(toMonth(row.month)),
    },
    { key: 'quantity', title: 'Quantity', unit, kind: 'quantity', value: (row) => row.quantity },
    { key: 'direct', title: 'Direct cost', kind: 'money', currency, value: (row) => row.directCost },
    { key: 'allocated', title: 'Allocated cost', kind: 'money', currency, value: (row) => row.allocatedCost },
    { key: 'cost', title: 'Cost', kind: 'money', currency, value: (row) => row.cost },
    {
      key: 'unit',
      title: 'Cost to serve',
      unit: `${currency} per ${unit}`,
      kind: 'quantity',
      value: (row) => row.unitCost,
      render: (row) => <span className="amount">{unitCost(row.unitCost)}</span>,
    },
    {
      key: 'coverage',
      title: 'Confidence',
      unit: '% covered',
      kind: 'percent',
      value: (row) => row.coverage,
    },
  ]
  const customers: Column<CustomerRow>[] = [
    { key: 'name', title: 'Customer', kind: 'text', value: (row) => row.name },
    { key: 'quantity', title: 'Quantity', unit, kind: 'quantity', value: (row) => row.quantity },
    { key: 'cost', title: 'Cost', kind: 'money', currency, value: (row) => row.cost },
    {
      key: 'unit',
      title: 'Cost to serve',
      unit: `${currency} per ${unit}`,
      kind: 'quantity',
      value: (row) => row.unitCost,
      render: (row) => <span className="amount">{unitCost(row.unitCost)}</span>,
    },
  ]
  return (
    <Stack gap="lg">
      <Text size="sm">{report.definition}</Text>
      <Group gap="sm" align="stretch">
        <Figure label={`Cost to serve (${currency} per ${unit})`} note={monthName(month)}>
          {unitCost(last?.unitCost ?? null)}
        </Figure>
        <Figure label={`Quantity (${unit})`}>
          <Amount value={last?.quantity ?? null} />
        </Figure>
        <Figure label={`Cost (${currency})`} note={`${report.basis} cost`}>
          <Amount value={last?.cost ?? null} currency={currency} />
        </Figure>
        <Figure
          label="Confidence"
          note={
            report.ofServices
              ? 'Share of those services’ cost that is direct'
              : 'Share of the bill that is direct or allocated'
          }
        >
          {formatPercent(last?.coverage ?? null)}
        </Figure>
      </Group>
      {report.gaps.length > 0 && (
        <List size="sm" aria-label="What these figures lack">
          {report.gaps.map((gap) => (
            <List.Item key={gap}>{gap}</List.Item>
          ))}
        </List>
      )}
      <Section title="Month by month">
        <Trend report={report} />
        <DataTable
          title={`Cost to serve ${report.metricName}, month by month`}
          columns={months}
          rows={[...sinceFirst(report.months)].reverse()}
          rowKey={(row) => row.month}
          maxHeight={420}
        />
      </Section>
      <Section title={`By customer, ${monthName(month)}, dearest first`}>
        <DataTable
          title={`Cost to serve ${report.metricName} by customer, ${monthName(month)}`}
          columns={customers}
          rows={report.customers}
          rowKey={(row) => row.customerId}
          onOpen={(row) => go(recordPath('/cost', row.customerId), { month })}
          maxHeight={420}
          empty="No customer used it in this month."
        />
      </Section>
    </Stack>
  )
}

/** What a unit of a metric costs to serve, how it moves, and how far it can be trusted. */
export const ServeTab = (props: {
  month: Month
  search: CostSearch
  onChange: (change: Partial<Pick<CostSearch, 'metric' | 'services'>>) => void
}) => {
  const { month, search } = props
  const metrics = useQuery(api.metrics.list.queryOptions())
  const values = useQuery(api.rules.get.queryOptions())
  const known = metrics.data ?? []
  const metric = known.find((each) => each.definition.metric === search.metric) ?? known[0]
  const report = useQuery({
    ...api.allocation.costToServe.queryOptions({
      input: {
        metric: metric?.definition.metric ?? '',
        from: addMonths(month, 1 - MONTHS),
        to: month,
        ...(search.basis === undefined ? {} : { basis: search.basis }),
        ...(search.services === undefined || search.services.length === 0
          ? {}
          : { services: search.services }),
      },
    }),
    enabled: metric !== undefined,
  })
  return (
    <Query of={metrics} what="metrics">
      {() =>
        metric === undefined ? (
          <Empty title="No metric yet">
            A cost to serve divides the month’s cost by a metric’s quantity. Import usage first.
          </Empty>
        ) : (
          <Stack gap="md">
            <Group gap="sm" align="flex-end">
              <Select
                label="Per unit of"
                w={260}
                allowDeselect={false}
                searchable
                data={known.map((each) => ({ value: each.definition.metric, label: each.definition.name }))}
                value={metric.definition.metric}
                onChange={(value) => value !== null && props.onChange({ metric: value })}
              />
              <MultiSelect
                label="Cost that counts"
                placeholder={
                  search.services === undefined || search.services.length === 0
                    ? 'All direct and allocated cost'
                    : ''
                }
                w={420}
                searchable
                clearable
                data={[...new Set([...(values.data?.values.service ?? []), ...(search.services ?? [])])]}
                value={search.services ?? []}
                onChange={(services) => props.onChange({ services })}
              />
            </Group>
            <Query of={report} what="the cost to serve">
              {(data) => <Report report={data} />}
            </Query>
          </Stack>
        )
      }
    </Query>
  )
}
