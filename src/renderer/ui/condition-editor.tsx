import { ActionIcon, Autocomplete, Group, Select } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { useState } from 'react'
import {
  RULE_FIELDS,
  type RuleCondition,
  type RuleField,
  type RuleOperator,
} from '../../domain/attribution/rule.ts'
import { FIELD_LABELS, OPERATORS } from './condition-words.ts'

export interface Suggestions {
  readonly tagKeys: readonly string[]
  /** Values by field. */
  readonly values: Readonly<Record<string, readonly string[]>>
  readonly tenants: readonly string[]
}

const FieldSelect = (props: {
  label: string
  field: RuleField
  tagKeys: readonly string[]
  onChange: (field: RuleField) => void
}) => {
  const [search, setSearch] = useState('')
  const own = props.field.startsWith('tag:') ? [props.field.slice(4)] : []
  const keys = [...new Set([...props.tagKeys, ...own])]
  const typed = search.trim()
  // A tag that no cost carries yet may be written too: its data may come tomorrow.
  const fresh =
    typed !== '' && !keys.includes(typed) && !typed.startsWith('Tag ') && !isFieldLabel(typed) ? [typed] : []
  return (
    <Select
      aria-label={props.label}
      w={190}
      searchable
      allowDeselect={false}
      searchValue={search}
      onSearchChange={setSearch}
      data={[
        { group: 'Columns', items: RULE_FIELDS.map((value) => ({ value, label: FIELD_LABELS[value] })) },
        {
          group: 'Tags',
          items: [...keys, ...fresh].map((key) => ({ value: `tag:${key}`, label: `Tag ${key}` })),
        },
      ]}
      value={props.field}
      onChange={(value) => value !== null && props.onChange(value as RuleField)}
    />
  )
}

const isFieldLabel = (text: string) => (Object.values(FIELD_LABELS) as readonly string[]).includes(text)

/** One condition: field, operator, value. */
export const ConditionEditor = (props: {
  /** Said to screen readers: which condition of which rule. */
  place: string
  condition: RuleCondition
  suggestions: Suggestions
  error: string | null
  onChange: (change: Partial<RuleCondition>) => void
  onRemove: (() => void) | null
}) => {
  const { condition, suggestions, place } = props
  return (
    <Group gap={6} wrap="nowrap" align="flex-start">
      <FieldSelect
        label={`Field, ${place}`}
        field={condition.field}
        tagKeys={suggestions.tagKeys}
        onChange={(field) => props.onChange({ field })}
      />
      <Select
        aria-label={`Operator, ${place}`}
        w={150}
        allowDeselect={false}
        data={OPERATORS.map(({ value, label }) => ({ value, label }))}
        value={condition.operator}
        onChange={(value) => value !== null && props.onChange({ operator: value as RuleOperator })}
      />
      {condition.operator !== 'present' && condition.operator !== 'absent' && (
        <Autocomplete
          aria-label={`Value, ${place}`}
          size="xs"
          flex={1}
          limit={20}
          maxLength={500}
          placeholder={condition.operator === 'regex' ? '^app-([a-z]+)-' : 'Choose or write a value'}
          data={condition.operator === 'regex' ? [] : [...new Set(suggestions.values[condition.field] ?? [])]}
          value={condition.value}
          error={props.error}
          onChange={(value) => props.onChange({ value })}
        />
      )}
      {props.onRemove !== null && (
        <ActionIcon variant="subtle" color="gray" aria-label={`Remove ${place}`} onClick={props.onRemove}>
          <IconX size={14} />
        </ActionIcon>
      )}
    </Group>
  )
}
