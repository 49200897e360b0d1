import { Alert, Button, Group, MultiSelect, Select, SimpleGrid, Stack, Text, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api, client } from '../../api.ts'
import { act } from '../../ui/action.ts'
import {
  draftOf,
  fitsHeader,
  type MappingDraft,
  mappingOf,
  missingOf,
  type PartDraft,
} from './mapping-draft.ts'

const ZONES = ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')]
const FIXED = '\u0000fixed'

const FORMATS = [
  { value: 'iso', label: 'Date and time, like 2026-10-31T09:41:00Z' },
  { value: 'epoch_s', label: 'Seconds since 1970' },
  { value: 'epoch_ms', label: 'Milliseconds since 1970' },
]

const PartEditor = (props: {
  label: string
  help: string
  columns: readonly string[]
  part: PartDraft
  onChange: (part: PartDraft) => void
}) => {
  const { part } = props
  return (
    <div>
      <Select
        label={props.label}
        description={props.help}
        placeholder="Choose a column"
        searchable
        allowDeselect={false}
        data={[
          ...props.columns.map((column) => ({ value: column, label: column })),
          { value: FIXED, label: 'The same for every row …' },
        ]}
        value={part.from === 'fixed' ? FIXED : part.text === '' ? null : part.text}
        onChange={(value) =>
          value !== null &&
          props.onChange(value === FIXED ? { from: 'fixed', text: '' } : { from: 'column', text: value })
        }
      />
      {part.from === 'fixed' && (
        <TextInput
          mt={4}
          aria-label={`${props.label}, the same for every row`}
          placeholder="Write it here"
          value={part.text}
          onChange={(event) => props.onChange({ from: 'fixed', text: event.currentTarget.value })}
        />
      )}
    </div>
  )
}

/** Which columns of a CSV hold what. */
export const MappingEditor = (props: {
  header: readonly string[]
  draft: MappingDraft
  onChange: (draft: MappingDraft) => void
}) => {
  const { draft } = props
  const [name, setName] = useState('')
  const columns = [...new Set(props.header)].filter((title) => title !== '')
  const saved = useQuery(api.imports.mappings.queryOptions())
  const fitting = (saved.data ?? []).filter(({ mapping }) => fitsHeader(mapping, props.header))
  const change = (changes: Partial<MappingDraft>) => props.onChange({ ...draft, ...changes })
  const missing = missingOf(draft)
  const mapping = mappingOf(draft)
  const save = async () => {
    if (mapping === null) return
    const kept = await act(
      'Mapping',
      () => client.imports.saveMapping({ name: name.trim(), header: [...props.header], mapping }),
      () => `“${name.trim()}” is saved. Files with this header will be read by it.`,
    )
    if (kept !== null) setName('')
  }
  return (
    <Stack gap="sm">
      {fitting.length > 0 && (
        <Select
          label="Use a saved mapping"
          placeholder="Choose one"
          w={280}
          data={fitting.map((each) => each.name)}
          value={null}
          onChange={(value) => {
            const found = fitting.find((each) => each.name === value)
            if (found) props.onChange(draftOf(found.mapping, draft.time.timeZone))
          }}
        />
      )}
      {missing.length > 0 && (
        <Alert color="yellow" title="Not read yet">
          Choose which column holds the {missing.join(', the ')}. Every column of the file is kept either way.
        </Alert>
      )}
      <SimpleGrid cols={3} spacing="sm">
        <PartEditor
          label="Tenant"
          help="whose usage a row is"
          columns={columns}
          part={draft.tenant}
          onChange={(tenant) => change({ tenant })}
        />
        <PartEditor
          label="Metric"
          help="what was measured"
          columns={columns}
          part={draft.metric}
          onChange={(metric) => change({ metric })}
        />
        <PartEditor
          label="Quantity"
          help="how much of it"
          columns={columns}
          part={draft.quantity}
          onChange={(quantity) => change({ quantity })}
        />
        <Select
          label="Time"
          description="when it was used"
          placeholder="Choose a column"
          searchable
          allowDeselect={false}
          data={columns}
          value={draft.time.column === '' ? null : draft.time.column}
          onChange={(column) => column !== null && change({ time: { ...draft.time, column } })}
        />
        <Select
          label="Written as"
          description="how the time column is written"
          allowDeselect={false}
          data={FORMATS}
          value={draft.time.format}
          onChange={(format) =>
            format !== null &&
            change({ time: { ...draft.time, format: format as MappingDraft['time']['format'] } })
          }
        />
        <Select
          label="Time zone"
          description="for times that name none"
          searchable
          allowDeselect={false}
          data={ZONES.includes(draft.time.timeZone) ? ZONES : [draft.time.timeZone, ...ZONES]}
          value={draft.time.timeZone}
          onChange={(timeZone) => timeZone !== null && change({ time: { ...draft.time, timeZone } })}
        />
        <Select
          label="Id of the row"
          description="without one, a row is known by its content"
          placeholder="None"
          searchable
          clearable
          data={columns}
          value={draft.id === '' ? null : draft.id}
          onChange={(id) => change({ id: id ?? '' })}
        />
        <MultiSelect
          label="Dimensions"
          description="columns that usage can be sliced by"
          searchable
          clearable
          data={columns}
          value={[...draft.dimensions]}
          onChange={(dimensions) => change({ dimensions })}
          style={{ gridColumn: 'span 2' }}
        />
      </SimpleGrid>
      <Group align="flex-end" gap="xs">
        <TextInput
          label="Save mapping as"
          placeholder="Meter export"
          maxLength={80}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Button
          variant="default"
          disabled={mapping === null || name.trim() === ''}
          onClick={() => void save()}
        >
          Save mapping
        </Button>
        <Text size="xs" c="dimmed">
          The next file with this header proposes it.
        </Text>
      </Group>
    </Stack>
  )
}
