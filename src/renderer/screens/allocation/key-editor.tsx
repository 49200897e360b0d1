import { Checkbox, Group, Select, Stack, Text } from '@mantine/core'
import type { AllocationKey } from '../../../domain/allocation/plan.ts'
import type { DecimalText } from '../../../domain/decimal.ts'
import { KEY_LABELS, newKey } from './edit-plan.ts'
import { NumberField, WeightTable } from './weight-table.tsx'

export interface KeyChoices {
  readonly metrics: readonly { readonly value: string; readonly label: string; readonly unit: string }[]
  readonly customers: readonly { readonly id: string; readonly name: string }[]
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
