import { Checkbox, Group, ScrollArea, Select, Stack, Table, Text, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { AllocationKey, CustomerWeight } from '../../../domain/allocation/plan.ts'
import { type DecimalText, parseDecimal, sumDecimals } from '../../../domain/decimal.ts'
import { formatExact } from '../../ui/format.ts'
import { KEY_LABELS, newKey, withWeight } from './edit-plan.ts'

export interface KeyChoices {
  readonly metrics: readonly { readonly value: string; readonly label: string; readonly unit: string }[]
  readonly customers: readonly { readonly id: string; readonly name: string }[]
}

/** A number that is kept once it is one; what is typed on the way there stays in the field. */
const NumberField = (props: {
  label: string
  visibleLabel?: string
  value: DecimalText | null
  width: number
  onChange: (value: DecimalText | null) => void
}) => {
  const [text, setText] = useState<string>(props.value ?? '')
  const parsed = text.trim() === '' ? null : parseDecimal(text.trim().replaceAll(',', ''))
  const isWrong = text.trim() !== '' && (parsed === null || parsed.startsWith('-'))
  return (
    <TextInput
      {...(props.visibleLabel === undefined ? { 'aria-label': props.label } : { label: props.visibleLabel })}
      size="xs"
      w={props.width}
      inputMode="decimal"
      maxLength={30}
      value={text}
      error={isWrong ? 'a number, zero or more' : null}
      onChange={(event) => {
        const next = event.currentTarget.value
        setText(next)
        const number = next.trim() === '' ? null : parseDecimal(next.trim().replaceAll(',', ''))
        if (next.trim() === '' || (number !== null && !number.startsWith('-'))) props.onChange(number)
      }}
    />
  )
}

const WeightTable = (props: {
  place: string
  title: string
  customers: KeyChoices['customers']
  table: readonly CustomerWeight[]
  onChange: (table: readonly CustomerWeight[]) => void
}) => {
  const weights = new Map(props.table.map(({ customerId, weight }) => [customerId, weight]))
  return (
    <ScrollArea.Autosize
      mah={260}
      type="auto"
      viewportProps={{ tabIndex: 0, 'aria-label': `${props.title}, ${props.place}` }}
    >
      <Table withRowBorders={false} verticalSpacing={2} w="auto">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Customer</Table.Th>
            <Table.Th>{props.title}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {props.customers.map(({ id, name }) => (
            <Table.Tr key={id}>
              <Table.Td>{name}</Table.Td>
              <Table.Td>
                <NumberField
                  label={`${props.title} of ${name}, ${props.place}`}
                  width={130}
                  value={weights.get(id) ?? null}
                  onChange={(weight) => props.onChange(withWeight(props.table, id, weight))}
                />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Text size="sm">Together {formatExact(sumDecimals(props.table.map(({ weight }) => weight)))}</Text>
    </ScrollArea.Autosize>
  )
}

type UsageKey = AllocationKey & { kind: 'usage' }

const CapacityEditor = (props: {
  place: string
  unit: string
  value: UsageKey
  onChange: (key: UsageKey) => void
}) => {
  const { value, place } = props
  const { capacity } = value
  return (
    <Group gap="sm" align="flex-end">
      <Checkbox
        label="The pool has a capacity"
        aria-label={`The pool has a capacity, ${place}`}
        checked={capacity !== undefined}
        onChange={(event) => {
          const { capacity: _left, ...rest } = value
          props.onChange(
            event.currentTarget.checked
              ? { ...rest, capacity: { quantity: '0' as DecimalText, idle: 'apart' } }
              : rest,
          )
        }}
        mb={4}
      />
      {capacity !== undefined && (
        <>
          <NumberField
            label={`Capacity, ${place}`}
            visibleLabel={`Capacity (${props.unit} a month)`}
            width={190}
            value={capacity.quantity === '0' ? null : capacity.quantity}
            onChange={(quantity) =>
              props.onChange({
                ...value,
                capacity: { ...capacity, quantity: quantity ?? ('0' as DecimalText) },
              })
            }
          />
          <Select
            label="What nobody used is"
            size="xs"
            w={240}
            allowDeselect={false}
            data={[
              { value: 'apart', label: 'kept apart, as idle capacity' },
              { value: 'shared', label: 'shared by those who used some' },
            ]}
            value={capacity.idle}
            onChange={(idle) =>
              props.onChange({
                ...value,
                capacity: { ...capacity, idle: idle === 'shared' ? 'shared' : 'apart' },
              })
            }
          />
        </>
      )}
    </Group>
  )
}

/** What a pool is split by, with the table or the capacity that it asks for. */
export const KeyEditor = (props: {
  /** Said to screen readers: which step. */
  place: string
  value: AllocationKey
  choices: KeyChoices
  onChange: (key: AllocationKey) => void
}) => {
  const { value, choices, place } = props
  const metric = choices.metrics.find((each) => value.kind === 'usage' && each.value === value.metric)
  return (
    <Stack gap={6}>
      <Group gap={6} align="flex-start" wrap="nowrap">
        <Text size="sm" w={110} pt={5}>
          and splits it
        </Text>
        <Select
          aria-label={`Split by, ${place}`}
          w={240}
          size="xs"
          allowDeselect={false}
          data={Object.entries(KEY_LABELS).map(([kind, label]) => ({ value: kind, label }))}
          value={value.kind}
          onChange={(kind) =>
            kind !== null &&
            props.onChange(newKey(kind as AllocationKey['kind'], choices.metrics[0]?.value ?? ''))
          }
        />
        {value.kind === 'usage' && (
          <Select
            aria-label={`Metric, ${place}`}
            w={240}
            size="xs"
            searchable
            allowDeselect={false}
            placeholder="Which metric"
            data={choices.metrics.map(({ value: id, label }) => ({ value: id, label }))}
            value={value.metric}
            onChange={(id) => id !== null && props.onChange({ ...value, metric: id })}
          />
        )}
        {value.kind === 'direct_cost' && (
          <Checkbox
            pt={5}
            label="with what earlier steps allocated"
            aria-label={`With what earlier steps allocated, ${place}`}
            checked={value.withAllocated}
            onChange={(event) => props.onChange({ ...value, withAllocated: event.currentTarget.checked })}
          />
        )}
      </Group>
      {value.kind === 'usage' && (
        <CapacityEditor
          place={place}
          unit={metric?.unit ?? 'units'}
          value={value}
          onChange={props.onChange}
        />
      )}
      {value.kind === 'weights' && (
        <WeightTable
          place={place}
          title="Weight"
          customers={choices.customers}
          table={value.weights}
          onChange={(weights) => props.onChange({ ...value, weights })}
        />
      )}
      {value.kind === 'fixed' && (
        <WeightTable
          place={place}
          title="Share (%)"
          customers={choices.customers}
          table={value.shares}
          onChange={(shares) => props.onChange({ ...value, shares })}
        />
      )}
    </Stack>
  )
}
