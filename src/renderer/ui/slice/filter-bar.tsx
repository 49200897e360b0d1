import { Button, Group, MultiSelect, Popover, Select, Stack, TagsInput } from '@mantine/core'
import { IconFilter, IconX } from '@tabler/icons-react'
import { useState } from 'react'
import { addValues, type Filter, removeValue } from './filters.ts'

export interface FieldChoice {
  readonly value: string
  readonly label: string
}

/** What may be filtered by a field: its known values, and whether any other text is let in too. */
export interface FieldValues {
  readonly choices: readonly FieldChoice[]
  readonly open: boolean
}

/** Beside the field, since below it would cover the button that adds the filter. */
const BESIDE = { withinPortal: false, position: 'right-start' } as const

const AddFilter = (props: {
  fields: readonly FieldChoice[]
  valuesOf: (field: string) => FieldValues
  onAdd: (field: string, values: readonly string[]) => void
}) => {
  const [opened, setOpened] = useState(false)
  const [field, setField] = useState<string | null>(null)
  const [values, setValues] = useState<string[]>([])
  const known = field === null ? { choices: [], open: true } : props.valuesOf(field)
  const add = () => {
    if (field === null || values.length === 0) return
    props.onAdd(field, values)
    setValues([])
    setOpened(false)
  }
  return (
    <Popover opened={opened} onChange={setOpened} width={320} position="bottom-start" trapFocus withinPortal>
      <Popover.Target>
        <Button variant="default" leftSection={<IconFilter size={14} />} onClick={() => setOpened(!opened)}>
          Filter
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <form
          onSubmit={(event) => {
            event.preventDefault()
            add()
          }}
        >
          <Stack gap="xs">
            <Select
              label="Where"
              placeholder="Choose a field"
              data={[...props.fields]}
              searchable
              value={field}
              comboboxProps={{ withinPortal: false }}
              onChange={(value) => {
                setField(value)
                setValues([])
              }}
            />
            {known.open ? (
              <TagsInput
                label="is one of"
                placeholder="Type or choose"
                data={known.choices.map(({ value }) => value)}
                value={values}
                disabled={field === null}
                comboboxProps={BESIDE}
                onChange={setValues}
              />
            ) : (
              <MultiSelect
                label="is one of"
                placeholder="Choose"
                data={[...known.choices]}
                searchable
                value={values}
                limit={200}
                comboboxProps={BESIDE}
                onChange={setValues}
              />
            )}
            <Button type="submit" disabled={field === null || values.length === 0}>
              Add the filter
            </Button>
          </Stack>
        </form>
      </Popover.Dropdown>
    </Popover>
  )
}

/** The filters that hold, each value a chip that a click removes, and a way to add more. */
export const FilterBar = (props: {
  filters: readonly Filter[]
  fields: readonly FieldChoice[]
  valuesOf: (field: string) => FieldValues
  labelOf: (field: string, value: string | null) => string
  onChange: (filters: Filter[]) => void
}) => {
  const titleOf = (field: string) => props.fields.find(({ value }) => value === field)?.label ?? field
  return (
    <Group gap={6}>
      <AddFilter
        fields={props.fields}
        valuesOf={props.valuesOf}
        onAdd={(field, values) => props.onChange(addValues(props.filters, field, values))}
      />
      {props.filters.flatMap(({ field, values }) =>
        values.map((value) => {
          const words = `${titleOf(field)}: ${props.labelOf(field, value)}`
          return (
            <Button
              key={`${field} ${value === null ? 'none' : `=${value}`}`}
              variant="default"
              radius="xl"
              fw={400}
              rightSection={<IconX size={12} />}
              aria-label={`Remove the filter ${words}`}
              onClick={() => props.onChange(removeValue(props.filters, field, value))}
            >
              {words}
            </Button>
          )
        }),
      )}
      {props.filters.length > 1 && (
        <Button variant="subtle" onClick={() => props.onChange([])}>
          Remove all
        </Button>
      )}
    </Group>
  )
}
