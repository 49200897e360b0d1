import { Select, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { sumDecimals } from '../../../domain/decimal.ts'
import type { Month } from '../../../domain/period.ts'
import { listInWords } from '../../../domain/pricing/price-words.ts'
import type { Charge, MatrixCharge } from '../../../domain/pricing/ratecard.ts'
import { api, client } from '../../api.ts'
import { Failure } from '../../ui/states.tsx'
import { cellKey } from './trial.ts'

export type Quantities = Readonly<Record<string, string>>

/** Usage is cut by at most so many dimensions at once. */
const DIMENSIONS_MAX = 2

/** The customer's usage of the month, by the cells that take it. */
const cellsOf = async (charge: MatrixCharge, customerId: string, month: Month): Promise<Quantities> => {
  const { rows } = await client.usage.query({
    metric: charge.metric,
    from: month,
    to: month,
    grain: 'month',
    groupBy: charge.dimensions.map((dimension) => `dimension:${dimension}`),
    filters: [
      { field: 'customer', values: [customerId] },
      ...(charge.filters ?? []).map(({ dimension, values }) => ({
        field: `dimension:${dimension}`,
        values: [...values],
      })),
    ],
    compare: 'none',
  })
  const place = (keys: readonly (string | null)[]) =>
    charge.cells.findIndex(({ values }) =>
      values.every((value, index) => value === null || value === keys[index]),
    )
  return Object.fromEntries(
    charge.cells.map((_, index) => [
      cellKey(charge.id, index),
      sumDecimals(rows.filter(({ keys }) => place(keys) === index).map(({ total }) => total)),
    ]),
  )
}

/** Charges that a month's totals do not say enough for: what they ask for stays to be typed, or is of all usage. */
const askMore = (charges: readonly Charge[]): readonly string[] =>
  charges
    .filter((charge) => {
      if (charge.kind === 'flat_fee' || charge.kind === 'formula') return false
      if (charge.kind === 'cost_plus' || charge.kind === 'time_of_day' || charge.kind === 'dynamic')
        return true
      if (charge.kind === 'matrix') return charge.dimensions.length > DIMENSIONS_MAX
      const isCut = 'window' in charge && charge.window !== undefined
      const isLevel = charge.kind === 'seat' || charge.kind === 'time_weighted'
      return isCut || isLevel || charge.kind === 'percentage' || (charge.filters ?? []).length > 0
    })
    .map(({ name }) => name)

/** Fills the quantities with what a real customer used in a month. */
export const FromCustomer = (props: {
  charges: readonly Charge[]
  onUse: (quantities: Quantities) => void
}) => {
  const [customerId, setCustomerId] = useState<string | null>(null)
  const [month, setMonth] = useState<string | null>(null)
  const [failure, setFailure] = useState<unknown>(null)
  const customers = useQuery(api.customers.list.queryOptions({ input: {} }))
  const customer = useQuery({
    ...api.customers.get.queryOptions({ input: { customerId: customerId ?? '' } }),
    enabled: customerId !== null,
  })
  const usage = customer.data?.usage ?? []
  const more = askMore(props.charges)
  const months = [...new Set(usage.map((each) => each.month))].sort().reverse()
  const use = async (value: string) => {
    const whole = Object.fromEntries(
      usage.filter((each) => each.month === value).map((each) => [each.metric, each.quantity]),
    )
    props.onUse(whole)
    const cut = props.charges.filter(
      (charge): charge is MatrixCharge =>
        charge.kind === 'matrix' && charge.dimensions.length <= DIMENSIONS_MAX,
    )
    try {
      const cells = await Promise.all(cut.map((charge) => cellsOf(charge, customerId ?? '', value as Month)))
      setFailure(null)
      if (cells.length > 0) props.onUse(Object.assign({}, whole, ...cells))
    } catch (error) {
      setFailure(error)
    }
  }
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
          if (value !== null) void use(value)
        }}
      />
      {month !== null && more.length > 0 && (
        <Text size="xs" c="dimmed" w="100%" role="status">
          Totals of a month do not say enough for {listInWords(more, 'and')}: Simulate rates them on the
          events themselves.
        </Text>
      )}
      {(customer.error ?? failure) !== null && (
        <Failure what="This customer" error={customer.error ?? failure} />
      )}
    </>
  )
}
