import { Alert, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { CostScope } from '../../../contract/explain.ts'
import { ZERO } from '../../../domain/decimal.ts'
import { monthName, toMonth } from '../../../domain/period.ts'
import { api } from '../../api.ts'
import { useBook } from '../../ui/book.tsx'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { type ExplainTarget, useExplain } from '../../ui/explain-context.tsx'
import { formatCount, formatMoney } from '../../ui/format.ts'
import { Section } from '../../ui/page.tsx'
import type { FieldChoice } from '../../ui/slice/filter-bar.tsx'
import { type Filter, filtersOfRow, onlyValue } from '../../ui/slice/filters.ts'
import { KeyCell } from '../../ui/slice/key-cell.tsx'
import { bucketTitle, type MonthSpan } from '../../ui/slice/period.ts'
import { shareOf } from '../../ui/slice/series.ts'
import { StackedChart } from '../../ui/slice/stacked-chart.tsx'
import { Query } from '../../ui/states.tsx'
import type { CostSearch } from './cost-search.ts'
import type { CostReport } from './types.ts'

type Row = CostReport['rows'][number]

/** A month or a day, as Explain takes it. */
const scopeOfBucket = (bucket: string): Partial<CostScope> =>
  bucket.length === 7 ? { month: toMonth(bucket) } : { day: bucket }

const columnsOf = (input: {
  report: CostReport
  search: CostSearch
  span: MonthSpan
  titleOfField: (field: string) => string
  titleOfBucket: (bucket: string) => string
  explain: (target: ExplainTarget) => void
  onFilters: (filters: Filter[]) => void
}): Column<Row>[] => {
  const { report, search, span } = input
  const { currency, basis } = report
  const scope = (row: Row | null, when: Partial<CostScope>) => () =>
    input.explain({
      kind: 'cost',
      basis,
      scope: {
        ...when,
        filters: filtersOfRow(search.filters, row === null ? [] : search.group, row?.keys ?? []),
      },
    })
  const keys: Column<Row>[] =
    search.group.length === 0
      ? [{ key: 'all', title: 'Cost', kind: 'text', value: () => 'All' }]
      : search.group.map((field, index) => ({
          key: `key ${field}`,
          title: input.titleOfField(field),
          kind: 'text',
          value: (row) => row.labels[index] ?? null,
          render: (row) => (
            <KeyCell
              label={row.labels[index] ?? ''}
              onFilter={() => input.onFilters(onlyValue(search.filters, field, row.keys[index] ?? null))}
            />
          ),
        }))
  const total = (key: 'billed' | 'effective', title: string): Column<Row> => ({
    key,
    title,
    kind: 'money',
    currency,
    value: (row) => row[key],
    total: report[key],
    explain: (row) => scope(row, { from: span.from, to: span.to }),
    explainTotal: scope(null, { from: span.from, to: span.to }),
  })
  return [
    ...keys,
    total('billed', 'Billed'),
    total('effective', 'Effective'),
    ...(basis === 'contracted' || basis === 'list'
      ? [
          {
            key: 'amount',
            title: basis === 'list' ? 'List' : 'Contracted',
            kind: 'money' as const,
            currency,
            value: (row: Row) => row.amount,
            total: report.amount,
          },
        ]
      : []),
    {
      key: 'share',
      title: `Share of ${basis}`,
      unit: '%',
      kind: 'percent',
      value: (row) => shareOf(row.amount ?? ZERO, report.amount ?? ZERO),
    },
    { key: 'entries', title: 'Entries', kind: 'count', value: (row) => String(row.entries) },
    ...report.buckets.map(
      (bucket, index): Column<Row> => ({
        key: bucket,
        title: input.titleOfBucket(bucket),
        kind: 'money',
        currency,
        value: (row) => row.values[index] ?? null,
        total: report.totals[index] ?? null,
        explain: (row) => scope(row, scopeOfBucket(bucket)),
        explainTotal: scope(null, scopeOfBucket(bucket)),
      }),
    ),
  ]
}

/** The chart and the table of what the controls ask for. */
export const CostSlice = (props: {
  search: CostSearch
  span: MonthSpan
  fields: readonly FieldChoice[]
  onFilters: (filters: Filter[]) => void
}) => {
  const { search, span } = props
  const { timeZone } = useBook().settings
  const explain = useExplain()
  const titleOfField = (field: string) => props.fields.find(({ value }) => value === field)?.label ?? field
  const titleOfBucket = (bucket: string) => bucketTitle(bucket, timeZone)
  const report = useQuery(
    api.cost.query.queryOptions({
      input: {
        from: span.from,
        to: span.to,
        grain: search.grain,
        groupBy: search.group,
        filters: search.filters,
        ...(search.basis === undefined ? {} : { basis: search.basis }),
      },
    }),
  )
  const words =
    span.from === span.to ? monthName(span.from) : `${monthName(span.from)} to ${monthName(span.to)}`
  const by =
    search.group.length === 0
      ? 'All cost'
      : `By ${search.group.map(titleOfField).join(' and ').toLowerCase()}`
  return (
    <Query of={report} what="cost">
      {(data) => (
        <>
          <Text size="sm">
            {words}: <b>{formatMoney(data.amount, data.currency)}</b> {data.currency}, {data.basis} cost.{' '}
            {data.unknownEntries > 0 &&
              `${formatCount(data.unknownEntries)} of its entries have no ${data.basis} cost and are in none of these figures.`}
          </Text>
          {data.otherCurrencies.length > 0 && (
            <Alert color="gray" title="Cost in other currencies, set aside and never added">
              {data.otherCurrencies
                .map((other) => `${formatMoney(other.billed, other.currency)} ${other.currency}`)
                .join(', ')}{' '}
              billed in these months, before any filter.
            </Alert>
          )}
          {data.rows.length > 0 && (
            <StackedChart
              title={`Cost by ${search.grain}, ${words}, the ten largest and the rest, in ${data.currency}`}
              rows={data.rows}
              buckets={data.buckets}
              titleOf={titleOfBucket}
              format={(value) => formatMoney(String(value), data.currency)}
            />
          )}
          <Section title={by}>
            <DataTable
              title={`Cost, ${words}`}
              columns={columnsOf({
                report: data,
                search,
                span,
                titleOfField,
                titleOfBucket,
                explain,
                onFilters: props.onFilters,
              })}
              rows={data.rows}
              rowKey={(row) => JSON.stringify(row.keys)}
              empty={`No cost in ${words}${search.filters.length > 0 ? ' that these filters let through' : ''}. Choose other months${search.filters.length > 0 ? ' or remove a filter' : ''}.`}
            />
            <Text size="xs" c="dimmed">
              Columns by {search.grain} hold {data.basis} cost. A click on a name filters by it, a click on a
              figure explains it.
            </Text>
          </Section>
        </>
      )}
    </Query>
  )
}
