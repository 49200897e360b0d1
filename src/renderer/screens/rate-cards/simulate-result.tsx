import { BarChart } from '@mantine/charts'
import { Group, Text } from '@mantine/core'
import { type Month, monthName } from '../../../domain/period.ts'
import type { api } from '../../api.ts'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { formatCount, formatMoney, formatPercent } from '../../ui/format.ts'
import { Figure } from '../../ui/page.tsx'
import { recordPath, ScreenLink } from '../../ui/screen-link.tsx'

export type Simulated = Awaited<ReturnType<typeof api.rateCards.simulate.call>>
type CustomerRow = Simulated['customers'][number]
type Total = Simulated['totals'][number]

/** One currency's column has it in its head; of several, each row says its own. */
const columnsOf = (totals: Simulated['totals']): readonly Column<CustomerRow>[] => {
  const [only] = totals.length === 1 ? totals : []
  const money = (key: 'before' | 'after' | 'change', title: string): Column<CustomerRow> => ({
    key,
    title,
    kind: 'money',
    ...(only === undefined ? {} : { currency: only.currency, total: only[key] }),
    value: (row) => row[key],
  })
  return [
    {
      key: 'customer',
      title: 'Customer',
      kind: 'text',
      value: (row) => row.name,
      render: (row) => <ScreenLink to={recordPath('/customers', row.customerId)}>{row.name}</ScreenLink>,
    },
    ...(only === undefined
      ? [
          {
            key: 'currency',
            title: 'Currency',
            kind: 'text',
            value: (row: CustomerRow) => row.currency,
          } satisfies Column<CustomerRow>,
        ]
      : []),
    money('before', 'Today'),
    money('after', 'With the draft'),
    money('change', 'Change'),
    {
      key: 'percent',
      title: 'Change %',
      kind: 'percent',
      value: (row) => row.percent,
      ...(only === undefined ? {} : { total: only.percent }),
    },
    { key: 'months', title: 'Months', kind: 'count', value: (row) => String(row.months) },
    {
      key: 'missing',
      title: 'Not compared',
      kind: 'text',
      value: (row) =>
        row.notCompared
          .map(
            ({ months, reason }) =>
              `${months.map((month) => monthName(month as Month)).join(', ')}: ${reason}`,
          )
          .join(' ') || null,
      render: (row) =>
        row.notCompared.length === 0 ? (
          '–'
        ) : (
          <div style={{ whiteSpace: 'normal', minWidth: 260 }}>
            {row.notCompared.map(({ months, reason }) => (
              <div key={reason}>
                {months.map((month) => monthName(month as Month)).join(', ')}: {reason}
              </div>
            ))}
          </div>
        ),
    },
  ]
}

const directionOf = (key: string): 'less' | 'same' | 'more' =>
  key.startsWith('less') ? 'less' : key === 'unchanged' ? 'same' : 'more'

/** "25–50 % more" in two lines: the bars of a page 1,280 pixels wide have no room for one. */
const TwoLines = (props: { x?: number | string; y?: number | string; payload?: { value?: string } }) => {
  const words = props.payload?.value ?? ''
  const at = words.lastIndexOf(' ')
  const x = Number(props.x ?? 0)
  const y = Number(props.y ?? 0)
  return (
    <text x={x} y={y} textAnchor="middle" fontSize={12} fill="currentColor">
      <tspan x={x} dy="1em">
        {words.slice(0, at)}
      </tspan>
      <tspan x={x} dy="1.2em">
        {words.slice(at + 1)}
      </tspan>
    </text>
  )
}

/** How many customers would pay how much more or less. */
const Distribution = (props: { buckets: Simulated['buckets'] }) => {
  const described = props.buckets
    .filter(({ customers }) => customers > 0)
    .map(({ words, customers }) => `${words}: ${customers}`)
    .join('; ')
  return (
    <div>
      <Text size="sm" fw={600} mb={4}>
        Customers by change of what they pay
      </Text>
      <BarChart
        h={220}
        role="img"
        aria-label={`Customers by change of what they pay. ${described === '' ? 'None.' : described}`}
        data={props.buckets.map(({ key, words, customers }) => ({ words, [directionOf(key)]: customers }))}
        dataKey="words"
        type="stacked"
        series={[
          { name: 'less', label: 'pay less', color: 'orange.6' },
          { name: 'same', label: 'the same', color: 'gray.6' },
          { name: 'more', label: 'pay more', color: 'teal.6' },
        ]}
        withLegend
        xAxisProps={{ interval: 0, height: 44, tick: TwoLines }}
        yAxisProps={{ allowDecimals: false, width: 48 }}
        valueFormatter={formatCount}
      />
    </div>
  )
}

const Totals = ({ currency, before, after, change, percent, more, less, same }: Total) => (
  <Group gap="sm" align="stretch">
    <Figure label={`Today (${currency})`}>{formatMoney(before, currency)}</Figure>
    <Figure label={`With the draft (${currency})`}>{formatMoney(after, currency)}</Figure>
    <Figure label="Change" note={formatPercent(percent)}>
      {formatMoney(change, currency)}
    </Figure>
    <Figure label="Pay more">{formatCount(more)}</Figure>
    <Figure label="Pay less">{formatCount(less)}</Figure>
    <Figure label="The same">{formatCount(same)}</Figure>
  </Group>
)

/** Who would pay more or less: totals, distribution, and each customer. */
export const SimulatedResult = (props: { found: Simulated }) => {
  const { customers, totals, buckets, sentence, pinned } = props.found
  return (
    <>
      <Text size="sm" role="status">
        {sentence}
      </Text>
      {pinned.length > 0 && (
        <Text size="sm" c="dimmed">
          {pinned.length === 1
            ? 'One customer’s contract names'
            : `${pinned.length} customers’ contracts name`}{' '}
          a version of the card, which stays: {pinned.join(', ')}.
        </Text>
      )}
      {totals.map((total) => (
        <Totals key={total.currency} {...total} />
      ))}
      {totals.length > 0 && <Distribution buckets={buckets} />}
      <DataTable
        title="Simulated customers"
        columns={columnsOf(totals)}
        rows={customers}
        rowKey={(row) => `${row.customerId} ${row.currency}`}
        empty="No customer has a contract for this card in these months. Simulate it for all customers instead."
      />
    </>
  )
}
