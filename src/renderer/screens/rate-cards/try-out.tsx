import { Group, Stack, Text, TextInput } from '@mantine/core'
import { useDeferredValue, useMemo, useState } from 'react'
import { type DecimalText, parseDecimal, sumDecimals } from '../../../domain/decimal.ts'
import type { Metric } from '../../../domain/metric.ts'
import type { Month } from '../../../domain/period.ts'
import type { RatedCharge } from '../../../domain/pricing/rate.ts'
import type { Charge, RatingSettings } from '../../../domain/pricing/ratecard.ts'
import { useBook } from '../../ui/book.tsx'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { formatMoney } from '../../ui/format.ts'
import { Section } from '../../ui/page.tsx'
import { Problems } from '../../ui/problem.tsx'
import { Steps } from '../../ui/steps.tsx'
import { curvesOf } from './curve.ts'
import { FromCustomer, type Quantities } from './from-customer.tsx'
import { PriceChart } from './price-chart.tsx'
import { EVENTS_MAX, inputsOf, linesOf, type TrialContext, type TrialInput, tryCharge } from './trial.ts'

interface TriedRow {
  readonly charge: Charge
  readonly rated: RatedCharge
}

const columnsOf = (currency: string, total: DecimalText): readonly Column<TriedRow>[] => [
  { key: 'charge', title: 'Charge', kind: 'text', value: (row) => row.charge.name },
  { key: 'quantity', title: 'Quantity', kind: 'quantity', value: (row) => row.rated.quantity },
  {
    key: 'steps',
    title: 'How it adds up',
    kind: 'text',
    value: (row) =>
      row.rated.steps.map((step) => `${step.text}: ${formatMoney(step.amount, currency)}`).join('; '),
  },
  { key: 'amount', title: 'Amount', kind: 'money', currency, value: (row) => row.rated.amount, total },
]

const Inputs = (props: {
  inputs: readonly TrialInput[]
  typed: Quantities
  onType: (key: string, text: string) => void
}) =>
  props.inputs.map(({ key, label }) => {
    const text = props.typed[key] ?? ''
    const number = parseDecimal(text)
    const isTooMany = key.endsWith(' events') && number !== null && Number(number) > EVENTS_MAX
    return (
      <TextInput
        key={key}
        label={label}
        w={200}
        inputMode="decimal"
        placeholder={key.endsWith(' events') ? '1' : '0'}
        value={text}
        error={
          text !== '' && number === null
            ? 'Not a quantity.'
            : isTooMany
              ? `At most ${EVENTS_MAX} events can be tried.`
              : undefined
        }
        onChange={(event) => props.onType(key, event.currentTarget.value)}
      />
    )
  })

const typedMap = (typed: Quantities): ReadonlyMap<string, DecimalText> =>
  new Map(
    Object.entries(typed).flatMap(([key, text]) => {
      const number = parseDecimal(text)
      return number === null ? [] : [[key, number] as const]
    }),
  )

/** The charge's steps as Explain shows them, and its curves. */
const Selected = (props: { charge: Charge; typed: Quantities; context: TrialContext }) => {
  const { charge, context } = props
  // The curve may come a moment after the key; the steps never do.
  const drawn = useDeferredValue(props.typed)
  const lines = useMemo(() => curvesOf(charge, typedMap(drawn), context), [charge, drawn, context])
  const typed = typedMap(props.typed)
  const rated = tryCharge(charge, typed, context)
  const all = linesOf(charge, context.metrics)
  return (
    <Stack gap="sm">
      <Steps
        steps={rated.steps}
        amount={rated.amount}
        currency={context.currency}
        total={`${charge.name}, before discounts`}
      />
      <Problems issues={rated.issues} />
      <PriceChart
        name={charge.name}
        lines={lines}
        count={all.length}
        tried={all.length === 1 ? (typed.get(all[0]?.key ?? '') ?? null) : null}
        currency={context.currency}
      />
    </Stack>
  )
}

/** Any quantity, or a real month, rated by the charges as they stand in the grid. */
export const TryOut = (props: {
  /** Those without a fault. */
  charges: readonly Charge[]
  selected: Charge | undefined
  metrics: readonly Metric[]
  currency: string
  settings: RatingSettings
}) => {
  const { charges, selected, metrics, currency, settings } = props
  const book = useBook()
  const [typed, setTyped] = useState<Quantities>({})
  const context = useMemo(
    (): TrialContext => ({
      metrics,
      currency,
      settings,
      timeZone: book.settings.timeZone,
      month: book.currentMonth ?? (new Date().toISOString().slice(0, 7) as Month),
    }),
    [metrics, currency, settings, book.settings.timeZone, book.currentMonth],
  )
  const inputs = new Map(
    charges.flatMap((charge) => inputsOf(charge, metrics)).map((input) => [input.key, input]),
  )
  const quantities = typedMap(typed)
  const rows = charges.map((charge): TriedRow => ({ charge, rated: tryCharge(charge, quantities, context) }))
  return (
    <Section title="Try">
      <Stack gap="sm">
        <Group align="flex-end" gap="xs">
          <Inputs
            inputs={[...inputs.values()]}
            typed={typed}
            onType={(key, text) => setTyped((all) => ({ ...all, [key]: text }))}
          />
          <FromCustomer charges={charges} onUse={setTyped} />
        </Group>
        <DataTable
          title="Tried quantities"
          columns={columnsOf(currency, sumDecimals(rows.map((row) => row.rated.amount)))}
          rows={rows}
          rowKey={(row) => row.charge.id}
          empty="Add a charge without faults to try it."
        />
        {selected === undefined ? (
          <Text size="sm" c="dimmed">
            Open a charge without faults in the grid to see its steps and its price curve.
          </Text>
        ) : (
          <Selected charge={selected} typed={typed} context={context} />
        )}
      </Stack>
    </Section>
  )
}
