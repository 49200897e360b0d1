import { Alert, Button, Group, List, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconFileSpreadsheet } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { addMonths, type Month, monthName } from '../../../domain/period.ts'
import { api, client, host, sentenceOf } from '../../api.ts'
import { Amount } from '../../ui/amount.tsx'
import { AppLink } from '../../ui/app-link.tsx'
import { useBook, useMonth } from '../../ui/book.tsx'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { useExplain } from '../../ui/explain-context.tsx'
import { marginTarget } from '../../ui/explain-margin.ts'
import { formatMoney } from '../../ui/format.ts'
import { Figure, Page, Section } from '../../ui/page.tsx'
import { Query } from '../../ui/states.tsx'
import { FirstSteps } from './first-steps.tsx'
import { MonthsChart } from './months-chart.tsx'
import { Needs } from './needs.tsx'
import { pointsInWords } from './points.ts'
import type { Overview } from './types.ts'

const WorkbookButton = (props: { month: Month }) => {
  const [busy, setBusy] = useState(false)
  const save = async () => {
    setBusy(true)
    try {
      const file = await client.exports.month({ month: props.month })
      host.saveFile(file.name, file)
    } catch (error) {
      notifications.show({ color: 'red', title: 'No workbook was made', message: sentenceOf(error) })
    } finally {
      setBusy(false)
    }
  }
  return (
    <Button
      variant="default"
      loading={busy}
      leftSection={<IconFileSpreadsheet size={16} />}
      onClick={() => void save()}
    >
      Month workbook
    </Button>
  )
}

const Figures = (props: { overview: Overview }) => {
  const { overview } = props
  const { currency, month } = overview
  const explain = useExplain()
  const explainCost = (filters: { field: string; values: (string | null)[] }[]) => () =>
    explain({ kind: 'cost', scope: { month, filters } })
  const margin = marginTarget({
    month,
    currency,
    basis: overview.basis,
    revenue: overview.revenue,
    cost: overview.cost,
  })
  const explainMargin = margin === null ? undefined : () => explain(margin)
  return (
    <Group gap="sm" align="stretch">
      <Figure
        label={`Revenue (${currency})`}
        note={<AppLink to={`/invoices?month=${month}`}>Invoices of the month</AppLink>}
      >
        <Amount
          value={overview.revenue}
          currency={currency}
          onExplain={() => explain({ kind: 'revenue', month })}
        />
      </Figure>
      <Figure
        label={`Cost (${currency})`}
        note={overview.basis === 'billed' ? 'Billed cost' : 'Effective cost'}
      >
        <Amount value={overview.cost} currency={currency} onExplain={explainCost([])} />
      </Figure>
      <Figure
        label={`Margin (${currency})`}
        note={
          <>
            Revenue less the whole bill. <AppLink to={`/cost?month=${month}`}>By customer</AppLink>
          </>
        }
      >
        <Amount value={overview.margin} currency={currency} onExplain={explainMargin} />
      </Figure>
      <Figure label="Margin, share of revenue" note={pointsInWords(overview.marginPointsChange)}>
        <Amount value={overview.marginPercent} kind="percent" onExplain={explainMargin} />
      </Figure>
      <Figure
        label={`Unattributed (${currency})`}
        note={
          <>
            <Amount
              value={overview.unattributedPercent}
              kind="percent"
              onExplain={explainCost([
                { field: 'tenant', values: [null] },
                { field: 'pool', values: [null] },
              ])}
            />{' '}
            of the bill
          </>
        }
      >
        <Amount
          value={overview.cost === null ? null : overview.unattributed}
          currency={currency}
          onExplain={explainCost([
            { field: 'tenant', values: [null] },
            { field: 'pool', values: [null] },
          ])}
        />
      </Figure>
    </Group>
  )
}

const Movers = (props: { overview: Overview }) => {
  const { month, currency, movers } = props.overview
  const navigate = useNavigate()
  const explain = useExplain()
  const columns: Column<Overview['movers'][number]>[] = [
    { key: 'name', title: 'Customer', kind: 'text', value: (row) => row.name },
    {
      key: 'change',
      title: 'Revenue change',
      kind: 'money',
      currency,
      value: (row) => row.change,
      render: (row) => (
        <span className="amount">
          {row.change.startsWith('-') ? '▼ ' : '▲ +'}
          <Amount
            value={row.change}
            currency={currency}
            onExplain={() => explain({ kind: 'revenue', month, customerId: row.customerId })}
          />
        </span>
      ),
    },
    { key: 'reason', title: 'Reason', kind: 'text', value: (row) => row.reason },
  ]
  return (
    <Section title={`Movers since ${monthName(addMonths(month, -1))}`}>
      <DataTable
        title={`Movers of ${monthName(month)}`}
        columns={columns}
        rows={movers}
        rowKey={(row) => row.customerId}
        onOpen={(row) =>
          void navigate({ to: `/cost/${encodeURIComponent(row.customerId)}`, search: { month } } as never)
        }
        empty="No customer’s revenue moved against the month before."
        maxHeight={300}
      />
    </Section>
  )
}

const Months = (props: { overview: Overview; onPick: (month: string) => void }) => {
  const { currency, trend } = props.overview
  type Point = Overview['trend'][number]
  const costed = new Set(useBook().months.flatMap((each) => (each.costEntries > 0 ? [each.month] : [])))
  const explain = useExplain()
  const money = (
    key: keyof Point & ('revenue' | 'cost' | 'unattributed' | 'margin'),
    title: string,
  ): Column<Point> => ({
    key,
    title,
    kind: 'money',
    currency,
    // A month without a cost entry has no cost known, which is not a cost of nothing.
    value: (row) => ((key === 'cost' || key === 'unattributed') && !costed.has(row.month) ? null : row[key]),
  })
  const explained = (column: Column<Point>, filters: { field: string; values: null[] }[]): Column<Point> => ({
    ...column,
    explain: (row) => () => explain({ kind: 'cost', scope: { month: row.month, filters } }),
  })
  const explainMargin = (row: Point) => {
    const target = marginTarget({
      month: row.month,
      currency,
      basis: props.overview.basis,
      revenue: row.revenue,
      cost: row.cost,
    })
    return target === null ? undefined : () => explain(target)
  }
  const columns: Column<Point>[] = [
    {
      key: 'month',
      title: 'Month',
      kind: 'month',
      value: (row) => row.month,
      render: (row) => monthName(row.month),
    },
    {
      ...money('revenue', 'Revenue'),
      explain: (row) => () => explain({ kind: 'revenue', month: row.month }),
    },
    explained(money('cost', 'Cost'), []),
    explained(money('unattributed', 'Unattributed'), [
      { field: 'tenant', values: [null] },
      { field: 'pool', values: [null] },
    ]),
    { ...money('margin', 'Margin'), explain: explainMargin },
    {
      key: 'marginPercent',
      title: 'Margin',
      unit: '%',
      kind: 'percent',
      value: (row) => row.marginPercent,
      explain: explainMargin,
    },
    { key: 'state', title: 'State', kind: 'text', value: (row) => (row.closed ? 'closed' : 'open') },
  ]
  return (
    <Section title="Months">
      <DataTable
        title="Months"
        columns={columns}
        rows={[...trend].reverse()}
        rowKey={(row) => row.month}
        onOpen={(row) => props.onPick(row.month)}
        maxHeight={520}
      />
    </Section>
  )
}

const MonthOverview = (props: { month: Month }) => {
  const { month } = props
  const book = useBook()
  const navigate = useNavigate()
  const overview = useQuery(api.cost.overview.queryOptions({ input: { month } }))
  // A month's own trend ends with it; the latest month's shows what came after, too, and lets one go forth again.
  const latest = useQuery(api.cost.overview.queryOptions({ input: { month: book.currentMonth ?? month } }))
  const trendOf = (own: Overview): Overview =>
    latest.data?.trend.some((point) => point.month === month) ? { ...own, trend: latest.data.trend } : own
  const closed = book.months.some((each) => each.month === month && each.closed)
  const pick = (picked: string) =>
    void navigate({ to: '.', search: (previous: object) => ({ ...previous, month: picked }) } as never)
  return (
    <Page
      title={`Overview: ${monthName(month)} (${closed ? 'closed' : 'open'})`}
      question="How did the month go, and what needs me?"
      actions={<WorkbookButton month={month} />}
    >
      <Query of={overview} what="the month">
        {(data) => (
          <>
            <Figures overview={data} />
            {data.gaps.length > 0 && (
              <List size="sm" aria-label="What these figures lack">
                {data.gaps.map((gap) => (
                  <List.Item key={gap}>{gap}</List.Item>
                ))}
              </List>
            )}
            {data.cost === null && data.revenue === null && (
              <Alert color="gray" title="Neither revenue nor cost is known for this month">
                Usage alone has no price yet. <AppLink to="/rate-cards">Make a rate card</AppLink>, or{' '}
                <AppLink to="/sources">drop the month’s cost file</AppLink>.
              </Alert>
            )}
            {trendOf(data).trend.length > 0 && (
              <Section title={`Revenue and cost by month (${data.currency})`}>
                <MonthsChart
                  overview={trendOf(data)}
                  onPick={pick}
                  format={(value) => formatMoney(String(value), data.currency)}
                />
                <Text size="xs" c="dimmed">
                  A click on a month picks it. The table below says the same.
                </Text>
              </Section>
            )}
            <Group align="flex-start" grow gap="lg" preventGrowOverflow={false} wrap="wrap">
              <Needs needs={data.needs} />
              <Movers overview={data} />
            </Group>
            {trendOf(data).trend.length > 0 && <Months overview={trendOf(data)} onPick={pick} />}
          </>
        )}
      </Query>
    </Page>
  )
}

/** "How did the month go, and what needs me?" */
export const Screen = () => {
  const month = useMonth()
  return month === null ? <FirstSteps /> : <MonthOverview month={month} />
}
