import { LineChart } from '@mantine/charts'
import { Group, Select, SimpleGrid, Stack, Text, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { type DecimalText, parseDecimal, sumDecimals } from '../../../domain/decimal.ts'
import type { Metric } from '../../../domain/metric.ts'
import { priceCurve, rateCharge } from '../../../domain/pricing/rate.ts'
import type { Charge } from '../../../domain/pricing/ratecard.ts'
import { api } from '../../api.ts'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { formatExact, formatMoney, toPlot } from '../../ui/format.ts'
import { Section } from '../../ui/page.tsx'
import { Failure } from '../../ui/states.tsx'
import { curveQuantities } from './curve.ts'

type Quantities = Readonly<Record<string, string>>

/** Fills the quantities with what a real customer used in a month. */
const FromCustomer = (props: { onUse: (quantities: Quantities) => void }) => {
  const [customerId, setCustomerId] = useState<string | null>(null)
  const [month, setMonth] = useState<string | null>(null)
  const customers = useQuery(api.customers.list.queryOptions({ input: {} }))
  const customer = useQuery({
    ...api.customers.get.queryOptions({ input: { customerId: customerId ?? '' } }),
    enabled: customerId !== null,
  })
  const usage = customer.data?.usage ?? []
  const months = [...new Set(usage.map((each) => each.month))].sort().reverse()
  return (
    <>
      <Select
        label="A customer’s month"
        placeholder="Customer"
        searchable
        clearable
        w={220}
        data={(customers.data?.rows ?? []).map((row) => ({
          value: row.customer.id,
          label: row.customer.name,
        }))}
        value={customerId}
        onChange={(value) => {
          setCustomerId(value)
          setMonth(null)
        }}
      />
      <Select
        label="Month"
        placeholder={customerId !== null && months.length === 0 ? 'No usage' : 'Month'}
        disabled={months.length === 0}
        w={120}
        data={months}
        value={month}
        onChange={(value) => {
          setMonth(value)
          if (value !== null)
            props.onUse(
              Object.fromEntries(
                usage.filter((each) => each.month === value).map((each) => [each.metric, each.quantity]),
              ),
            )
        }}
      />
      {customer.error && <Failure what="This customer" error={customer.error} />}
    </>
  )
}

interface TriedRow {
  readonly charge: Charge
  readonly quantity: DecimalText | null
  readonly amount: DecimalText
  readonly steps: string
}

const columnsOf = (currency: string, total: DecimalText): readonly Column<TriedRow>[] => [
  { key: 'charge', title: 'Charge', kind: 'text', value: (row) => row.charge.name },
  { key: 'quantity', title: 'Quantity', kind: 'quantity', value: (row) => row.quantity },
  { key: 'steps', title: 'How it adds up', kind: 'text', value: (row) => row.steps },
  { key: 'amount', title: 'Amount', kind: 'money', currency, value: (row) => row.amount, total },
]

const PriceCurve = (props: { charge: Charge; unit: string; tried: DecimalText | null; currency: string }) => {
  const { charge, currency, unit } = props
  const points = priceCurve(charge, curveQuantities(charge, props.tried))
  return (
    <LineChart
      h={240}
      role="img"
      aria-label={`Amount of ${charge.name} by quantity: ${points.length} points from ${formatMoney(points[0]?.amount, currency)} to ${formatMoney(points.at(-1)?.amount, currency)} ${currency}.`}
      data={points.map((point) => ({ quantity: toPlot(point.quantity), amount: toPlot(point.amount) }))}
      dataKey="quantity"
      series={[{ name: 'amount', label: `Amount (${currency})`, color: 'teal.6' }]}
      curveType="linear"
      withDots={false}
      xAxisLabel={charge.kind === 'flat_fee' ? 'Quantity' : unit}
      xAxisProps={{ type: 'number', tickFormatter: (value: number) => formatExact(String(value)) }}
      yAxisProps={{ width: 90 }}
      valueFormatter={(value) => formatExact(String(value))}
      {...(props.tried === null
        ? {}
        : { referenceLines: [{ x: toPlot(props.tried) ?? 0, color: 'gray.6', label: 'tried' }] })}
    />
  )
}

/** Any quantity, or a real month, rated by the charges as they stand in the grid. */
export const TryOut = (props: {
  /** Those without a fault. */
  charges: readonly Charge[]
  selected: Charge | undefined
  metrics: readonly Metric[]
  currency: string
}) => {
  const { charges, selected, metrics, currency } = props
  const [typed, setTyped] = useState<Quantities>({})
  const quantityOf = (charge: Charge): DecimalText | null =>
    charge.kind === 'flat_fee' ? null : parseDecimal(typed[charge.metric] ?? '')
  const unitOf = (metric: string) => metrics.find((each) => each.metric === metric)?.unit ?? 'unit'
  const priced = [
    ...new Set(charges.flatMap((charge) => (charge.kind === 'flat_fee' ? [] : [charge.metric]))),
  ]
  const rows = charges.map((charge): TriedRow => {
    const quantity = charge.kind === 'flat_fee' ? null : (quantityOf(charge) ?? ('0' as DecimalText))
    const unit = charge.kind === 'flat_fee' ? 'unit' : unitOf(charge.metric)
    const rated = rateCharge({ charge, quantity: quantity ?? ('0' as DecimalText), unit, currency })
    const steps = rated.steps.map((step) => `${step.text}: ${formatMoney(step.amount, currency)}`).join('; ')
    return { charge, quantity, amount: rated.amount, steps }
  })
  return (
    <Section title="Try">
      <Stack gap="sm">
        <Group align="flex-end" gap="xs">
          {priced.map((metric) => (
            <TextInput
              key={metric}
              label={`${metrics.find((each) => each.metric === metric)?.name ?? metric} (${unitOf(metric)})`}
              w={170}
              inputMode="decimal"
              placeholder="0"
              value={typed[metric] ?? ''}
              error={
                (typed[metric] ?? '') !== '' && parseDecimal(typed[metric] ?? '') === null
                  ? 'Not a quantity.'
                  : undefined
              }
              onChange={(event) => {
                const { value } = event.currentTarget
                setTyped((all) => ({ ...all, [metric]: value }))
              }}
            />
          ))}
          <FromCustomer onUse={setTyped} />
        </Group>
        <SimpleGrid cols={{ base: 1, lg: 2 }}>
          <DataTable
            title="Tried quantities"
            columns={columnsOf(currency, sumDecimals(rows.map((row) => row.amount)))}
            rows={rows}
            rowKey={(row) => row.charge.id}
            empty="Add a charge without faults to try it."
          />
          {selected === undefined ? (
            <Text size="sm" c="dimmed">
              Choose a charge without faults in the grid to see its price curve.
            </Text>
          ) : (
            <div>
              <Text size="sm" fw={600} mb={4}>
                Price curve of {selected.name}
              </Text>
              <PriceCurve
                charge={selected}
                unit={selected.kind === 'flat_fee' ? '' : unitOf(selected.metric)}
                tried={quantityOf(selected)}
                currency={currency}
              />
            </div>
          )}
        </SimpleGrid>
      </Stack>
    </Section>
  )
}
