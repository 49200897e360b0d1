import { BarChart } from '@mantine/charts'
import { List, Paper, Text } from '@mantine/core'
import { negateDecimal, sumDecimals } from '../../../domain/decimal.ts'
import { monthName } from '../../../domain/period.ts'
import { Amount } from '../../ui/amount.tsx'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { useExplain } from '../../ui/explain-context.tsx'
import { marginTarget } from '../../ui/explain-margin.ts'
import { formatMoney, toPlot } from '../../ui/format.ts'
import { Section } from '../../ui/page.tsx'
import { recordPath, ScreenLink } from '../../ui/screen-link.tsx'
import { type FloatingBar, floatingBars } from './floating.ts'
import type { Waterfall, WaterfallStep } from './types.ts'

const COLORS = {
  list: 'teal.4',
  discount: 'orange.5',
  rounding: 'gray.5',
  true_up: 'teal.3',
  net: 'teal.7',
  cost: 'red.5',
  allocated: 'grape.5',
  margin: 'teal.7',
} satisfies Record<WaterfallStep['kind'], string>

const colorOf = ({ kind, amount }: FloatingBar) =>
  kind === 'margin' && amount.startsWith('-') ? 'red.8' : COLORS[kind]

const Chart = (props: { bars: readonly FloatingBar[]; waterfall: Waterfall }) => {
  const { currency, name, month } = props.waterfall
  // Characters a bar's name has room for; the table below names each in full.
  const room = Math.max(6, Math.floor(130 / props.bars.length))
  return (
    <BarChart
      h={300}
      dataKey="label"
      data={props.bars.map((bar) => ({
        label: bar.label,
        range: [toPlot(bar.from), toPlot(bar.to)],
        color: colorOf(bar),
        amount: bar.amount,
      }))}
      series={[{ name: 'range', label: 'Amount', color: 'teal.6' }]}
      maxBarWidth={64}
      valueFormatter={(value) => formatMoney(String(value), currency)}
      yAxisProps={{ width: 84 }}
      xAxisProps={{
        interval: 0,
        tickFormatter: (label: string) => (label.length > room ? `${label.slice(0, room - 1)}…` : label),
      }}
      referenceLines={[{ y: 0, color: 'gray.6' }]}
      tooltipProps={{
        content: ({ label }) => {
          const bar = props.bars.find((each) => each.label === label)
          if (bar === undefined) return null
          return (
            <Paper withBorder shadow="sm" p="xs">
              <Text size="sm" fw={600}>
                {bar.label}
              </Text>
              <Text size="sm">
                {formatMoney(bar.amount, currency)} {currency}
              </Text>
            </Paper>
          )
        },
      }}
      accessibilityLayer={false}
      role="img"
      aria-label={`From list revenue to margin for ${name}, ${monthName(month)}. The table below holds the same figures.`}
    />
  )
}

/** The service of a cost step: its key says it, where the engine found one named. */
const serviceOf = (step: { readonly key: string; readonly label: string }) =>
  step.label === 'no service named' ? null : step.key.replace(/^cost:/, '')

/** The steps as floating bars, as a table that explains each, and the rules in words. */
export const WaterfallSection = (props: { waterfall: Waterfall; invoiceId: string | null }) => {
  const { waterfall, invoiceId } = props
  const { currency, month, customerId } = waterfall
  const explain = useExplain()
  const bars = floatingBars(waterfall.steps)
  const byKey = new Map(waterfall.steps.map((step) => [step.key, step]))
  const explainCost = (bar: FloatingBar) => () =>
    explain({
      kind: 'cost',
      basis: waterfall.basis,
      scope: {
        month,
        filters: [
          { field: 'customer', values: [customerId] },
          { field: 'service', values: [serviceOf(bar)] },
          { field: 'pool', values: [null] },
        ],
      },
    })
  const recipient = { customerId, tenant: null, name: waterfall.name }
  const explainAllocated = () => explain({ kind: 'allocation', month, basis: waterfall.basis, recipient })
  const explainRevenue = () => explain({ kind: 'revenue', month, customerId })
  const amountsOf = (kind: FloatingBar['kind']) =>
    waterfall.steps.filter((step) => step.kind === kind).map(({ amount }) => amount)
  const margin = marginTarget({
    month,
    currency,
    basis: waterfall.basis,
    revenue: amountsOf('net')[0] ?? null,
    cost: negateDecimal(sumDecimals([...amountsOf('cost'), ...amountsOf('allocated')])),
    allocatedCost: negateDecimal(sumDecimals(amountsOf('allocated'))),
    customer: { id: customerId, name: waterfall.name },
  })
  const explainMargin = margin === null ? undefined : () => explain(margin)
  const columns: Column<FloatingBar>[] = [
    {
      key: 'label',
      title: 'Step',
      kind: 'text',
      value: (row) => row.label,
      render: (row) =>
        (row.kind === 'net' || row.kind === 'list') && invoiceId !== null ? (
          <ScreenLink to={recordPath('/invoices', invoiceId)}>{row.label}</ScreenLink>
        ) : (
          row.label
        ),
    },
    {
      key: 'amount',
      title: 'Amount',
      kind: 'money',
      currency,
      value: (row) => row.amount,
      render: (row) => (
        <Amount
          value={row.amount}
          currency={currency}
          onExplain={
            row.kind === 'cost'
              ? explainCost(row)
              : row.kind === 'allocated'
                ? explainAllocated
                : row.kind === 'margin'
                  ? explainMargin
                  : explainRevenue
          }
        />
      ),
    },
    { key: 'to', title: 'Left after it', kind: 'money', currency, value: (row) => row.to },
    {
      key: 'rules',
      title: 'Put here by',
      kind: 'text',
      value: (row) => byKey.get(row.key)?.rules.join('; ') || null,
      render: (row) => {
        const words = byKey.get(row.key)?.rules.join('; ') ?? ''
        return <span title={words}>{words}</span>
      },
    },
  ]
  const ruled = waterfall.steps.filter(({ rules }) => rules.length > 0)
  return (
    <>
      <Section title={`From list revenue to margin (${currency})`}>
        <Chart bars={bars} waterfall={waterfall} />
        <DataTable
          title={`${waterfall.name}, from list revenue to margin, ${monthName(month)}`}
          columns={columns}
          rows={bars}
          rowKey={(row) => row.key}
        />
      </Section>
      {ruled.length > 0 && (
        <Section title="Which rules and steps put each cost here">
          <List size="sm">
            {ruled.map((step) => (
              <List.Item key={step.key}>
                <b>{step.label}</b>: {step.rules.join('; ')}
              </List.Item>
            ))}
          </List>
        </Section>
      )}
    </>
  )
}
