import { Alert, Button, Group, Select, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useCallback, useMemo } from 'react'
import type { UsageScope } from '../../../contract/explain.ts'
import type { UsageReport } from '../../../contract/usage.ts'
import { dayOf, type Month, monthName, toMonth } from '../../../domain/period.ts'
import { countUnits, pluralUnit } from '../../../domain/pricing/format.ts'
import { api } from '../../api.ts'
import { useBook } from '../../ui/book.tsx'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { type ExplainTarget, useExplain } from '../../ui/explain-context.tsx'
import { formatChange, formatExact } from '../../ui/format.ts'
import { Section } from '../../ui/page.tsx'
import { type Filter, filtersOfRow, onlyValue } from '../../ui/slice/filters.ts'
import { KeyCell } from '../../ui/slice/key-cell.tsx'
import { bucketTitle, comparedSpan } from '../../ui/slice/period.ts'
import { changeOf, shareOf } from '../../ui/slice/series.ts'
import { StackedChart } from '../../ui/slice/stacked-chart.tsx'
import { Query } from '../../ui/states.tsx'
import type { UsageState } from './controls.tsx'
import { hoursOfDay, scopeOfFilters, usageFieldTitle } from './state.ts'

type Row = UsageReport['rows'][number]

/** The scope of one bucket, as Explain takes it; an hour is explained by the day it lies in. */
const scopeOfBucket = (bucket: string, timeZone: string): Partial<UsageScope> =>
  bucket.length === 7
    ? { month: toMonth(bucket) }
    : { day: bucket.length === 10 ? bucket : dayOf(Date.parse(bucket), timeZone) }

const columnsOf = (
  report: UsageReport,
  state: UsageState,
  timeZone: string,
  explain: (target: ExplainTarget) => void,
  onFilters: (filters: Filter[]) => void,
): Column<Row>[] => {
  const { metric } = report
  const { from, to, group } = state
  const scope = (row: Row | null, when: Partial<UsageScope>) => () =>
    explain({
      kind: 'usage',
      scope: {
        metric: metric.metric,
        ...when,
        ...scopeOfFilters(filtersOfRow(state.filters, row === null ? [] : group, row?.keys ?? [])),
      },
    })
  const keys: Column<Row>[] =
    group.length === 0
      ? [{ key: 'all', title: 'Usage', kind: 'text', value: () => 'All' }]
      : group.map((field, index) => ({
          key: `key ${field}`,
          title: usageFieldTitle(field),
          kind: 'text',
          value: (row) => row.labels[index] ?? null,
          render: (row) => (
            <KeyCell
              label={row.labels[index] ?? ''}
              onFilter={() => onFilters(onlyValue(state.filters, field, row.keys[index] ?? null))}
            />
          ),
        }))
  const compared: Column<Row>[] =
    report.comparedWith === null
      ? []
      : [
          {
            key: 'compared',
            title: report.comparedWith,
            unit: pluralUnit(metric.unit, '0'),
            kind: 'quantity',
            value: (row) => row.compared,
            total: report.compared,
          },
          {
            key: 'change',
            title: 'Change',
            unit: '%',
            kind: 'percent',
            value: (row) => changeOf(row.total, row.compared),
          },
        ]
  return [
    ...keys,
    {
      key: 'total',
      title: 'Total',
      unit: pluralUnit(metric.unit, '0'),
      kind: 'quantity',
      value: (row) => row.total,
      total: report.total,
      explain: (row) => scope(row, { from, to }),
      explainTotal: scope(null, { from, to }),
    },
    {
      key: 'share',
      title: 'Share',
      unit: '%',
      kind: 'percent',
      value: (row) => shareOf(row.total, report.total),
    },
    ...compared,
    ...report.buckets.map(
      (bucket, index): Column<Row> => ({
        key: bucket,
        title: bucketTitle(bucket, timeZone),
        kind: 'quantity',
        value: (row) => row.values[index] ?? null,
        total: report.totals[index] ?? null,
        explain: (row) => scope(row, scopeOfBucket(bucket, timeZone)),
        explainTotal: scope(null, scopeOfBucket(bucket, timeZone)),
      }),
    ),
  ]
}

/** Which day's hours are shown. */
const DayPicker = (props: { day: string; days: readonly string[]; onDay: (day: string) => void }) => (
  <Select
    label="Hours of"
    w={190}
    data={props.days.map((day) => ({ value: day, label: bucketTitle(day, 'UTC') }))}
    value={props.day}
    allowDeselect={false}
    searchable
    onChange={(day) => day !== null && props.onDay(day)}
  />
)

const Report = (props: {
  report: UsageReport
  state: UsageState
  onFilters: (filters: Filter[]) => void
  onGroup: (fields: string[]) => void
  onDay: (day: string) => void
  /** The first month with usage. */
  earliest: Month
}) => {
  const { state, onFilters } = props
  const { timeZone } = useBook().settings
  const explain = useExplain()
  const hours = useMemo(
    () => (state.grain === 'hour' ? hoursOfDay(props.report, state.day, timeZone) : null),
    [props.report, state.grain, state.day, timeZone],
  )
  const report = hours?.report ?? props.report
  const titleOf = useCallback((bucket: string) => bucketTitle(bucket, timeZone), [timeZone])
  const columns = useMemo(
    () => columnsOf(report, state, timeZone, explain, onFilters),
    [report, state, timeZone, explain, onFilters],
  )
  const { metric } = report
  const span =
    state.from === state.to ? monthName(state.from) : `${monthName(state.from)} to ${monthName(state.to)}`
  const partly = state.compare !== 'none' && comparedSpan(state, state.compare).from < props.earliest
  const customerless =
    state.group.length === 1 &&
    state.group[0] === 'customer' &&
    report.rows.length > 0 &&
    report.rows.every(({ keys }) => keys[0] === null)
  return (
    <>
      <Text size="sm">
        {span}: <b>{countUnits(report.total, metric.unit)}</b>
        {report.comparedWith !== null && (
          <>
            , {formatChange(report.total, report.compared)} against {formatExact(report.compared)} in{' '}
            {report.comparedWith}
          </>
        )}
        .
        {partly &&
          ` The book’s usage begins in ${monthName(props.earliest)}, so there is less to compare with than the name says.`}
      </Text>
      {customerless && (
        <Alert color="gray" title="No tenant of this usage belongs to a customer yet">
          <Group gap="xs">
            <Button variant="default" onClick={() => props.onGroup(['tenant'])}>
              Group by tenant
            </Button>
          </Group>
        </Alert>
      )}
      {hours?.day && <DayPicker day={hours.day} days={hours.days} onDay={props.onDay} />}
      {report.rows.length > 0 && (
        <StackedChart
          title={`${metric.name} by ${state.grain}, ${hours?.day ? bucketTitle(hours.day, 'UTC') : span}, the ten largest and the rest`}
          rows={report.rows}
          buckets={report.buckets}
          titleOf={titleOf}
          format={(value) => value.toLocaleString('en', { maximumFractionDigits: 6 })}
        />
      )}
      <Section
        title={
          state.group.length === 0
            ? 'All usage'
            : `By ${state.group.map(usageFieldTitle).join(' and ').toLowerCase()}`
        }
      >
        <DataTable
          title={`${metric.name}, ${span}`}
          columns={columns}
          rows={report.rows}
          rowKey={(row) => JSON.stringify(row.keys)}
          empty={`No ${metric.name} in ${span}${state.filters.length > 0 ? ' that these filters let through' : ''}. Choose other months${state.filters.length > 0 ? ' or remove a filter' : ''}.`}
        />
        <Text size="xs" c="dimmed">
          Figures in {pluralUnit(metric.unit, '0')}. A click on a name filters by it, a click on a figure
          explains it
          {state.grain === 'hour'
            ? '; an hour is explained by its whole day. Total and share are of the whole span'
            : ''}
          .
        </Text>
      </Section>
    </>
  )
}

/** The chart and the pivot table of what the controls ask for. */
export const UsageSlice = (props: {
  state: UsageState
  onFilters: (filters: Filter[]) => void
  onGroup: (fields: string[]) => void
  onDay: (day: string) => void
  /** The first month with usage. */
  earliest: Month
}) => {
  const { metric, from, to, grain, group, filters, compare } = props.state
  const report = useQuery(
    api.usage.query.queryOptions({ input: { metric, from, to, grain, groupBy: group, filters, compare } }),
  )
  return (
    <Query of={report} what="usage">
      {(data) => (
        <Report
          report={data}
          state={props.state}
          onFilters={props.onFilters}
          onGroup={props.onGroup}
          onDay={props.onDay}
          earliest={props.earliest}
        />
      )}
    </Query>
  )
}
