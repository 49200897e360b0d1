import {
  ActionIcon,
  Alert,
  Autocomplete,
  Badge,
  Button,
  Group,
  Paper,
  Select,
  Stack,
  Text,
  TextInput,
  VisuallyHidden,
} from '@mantine/core'
import { IconArrowDown, IconArrowUp, IconTrash } from '@tabler/icons-react'
import type { z } from 'zod'
import type { rulesClaims } from '../../../contract/rules.ts'
import { describeField, describeRule } from '../../../domain/attribution/describe.ts'
import type { AttributionRule } from '../../../domain/attribution/rule.ts'
import type { Issue } from '../../../domain/issue.ts'
import { Amount } from '../../ui/amount.tsx'
import { ConditionEditor, type Suggestions } from '../../ui/condition-editor.tsx'
import { formatCount, formatMoney, formatPercent } from '../../ui/format.ts'
import { nameOf, withCondition } from './edit-rules.ts'

export type Claims = z.output<typeof rulesClaims>

const TENANTS_SHOWN = 6

const RuleClaims = (props: {
  claim: Claims['rules'][number] | undefined
  currency: string
  usable: boolean
}) => {
  const { claim, currency } = props
  if (!props.usable)
    return (
      <Text size="sm" c="dimmed">
        Not counted until it is whole.
      </Text>
    )
  if (claim === undefined)
    return (
      <Text size="sm" c="dimmed">
        Counting …
      </Text>
    )
  const more = claim.tenantCount - TENANTS_SHOWN
  return (
    <Text size="sm" component="div">
      {claim.entries === 0 ? (
        'Claims nothing here.'
      ) : (
        <>
          Claims <Amount value={claim.amount} currency={currency} /> {currency}, {formatPercent(claim.share)},
          in {formatCount(claim.entries)} {claim.entries === 1 ? 'entry' : 'entries'} for{' '}
          {formatCount(claim.tenantCount)} {claim.tenantCount === 1 ? 'tenant' : 'tenants'}:{' '}
          {claim.tenants
            .slice(0, TENANTS_SHOWN)
            .map(({ tenant, amount }) => `${tenant} ${formatMoney(amount, currency)}`)
            .join(', ')}
          {more > 0 && ` and ${more} more`}
        </>
      )}
    </Text>
  )
}

const TargetEditor = (props: {
  place: string
  rule: AttributionRule
  tenants: readonly string[]
  error: string | null
  onChange: (rule: AttributionRule) => void
}) => {
  const { rule } = props
  const first = rule.conditions[0]
  return (
    <Group gap={6} align="flex-start" wrap="nowrap">
      <Text size="sm" w={110} pt={5}>
        belongs to
      </Text>
      <Select
        aria-label={`Belongs to, ${props.place}`}
        w={270}
        allowDeselect={false}
        data={[
          {
            value: 'value',
            label:
              first === undefined
                ? 'the tenant it names'
                : `the tenant named by its ${describeField(first.field)}`,
          },
          { value: 'tenant', label: 'one tenant' },
        ]}
        value={rule.target.kind}
        onChange={(kind) =>
          props.onChange({
            ...rule,
            target: kind === 'value' ? { kind: 'value' } : { kind: 'tenant', tenant: '' },
          })
        }
      />
      {rule.target.kind === 'tenant' && (
        <Autocomplete
          aria-label={`Tenant, ${props.place}`}
          size="xs"
          flex={1}
          limit={20}
          maxLength={200}
          placeholder="Which tenant"
          data={[...props.tenants]}
          value={rule.target.tenant}
          error={props.error}
          onChange={(tenant) => props.onChange({ ...rule, target: { kind: 'tenant', tenant } })}
        />
      )}
    </Group>
  )
}

const DayField = (props: {
  label: string
  title: string
  value: string | undefined
  error?: string | null
  onChange: (day: string | undefined) => void
}) => (
  <TextInput
    aria-label={props.label}
    title={props.title}
    type="date"
    w={150}
    size="xs"
    value={props.value ?? ''}
    error={props.error}
    onChange={(event) => props.onChange(event.currentTarget.value || undefined)}
  />
)

/** One rule: in words with what it claims, or opened for editing. */
export const RuleCard = (props: {
  rule: AttributionRule
  index: number
  count: number
  issues: readonly Issue[]
  usable: boolean
  claim: Claims['rules'][number] | undefined
  currency: string
  suggestions: Suggestions
  open: boolean
  onOpen: (open: boolean) => void
  onChange: (rule: AttributionRule) => void
  onMove: (by: -1 | 1) => void
  onRemove: () => void
}) => {
  const { rule, index, issues } = props
  const name = nameOf(rule, index)
  const issueAt = (member: string) =>
    issues.find((issue) => issue.column?.startsWith(`rules[${index}].${member}`))?.message ?? null
  return (
    <Paper withBorder p="sm" component="li" aria-label={name}>
      <Stack gap={6}>
        <Group justify="space-between" wrap="nowrap">
          <Group gap="xs" wrap="nowrap" flex={1} miw={0}>
            <Badge variant="default" circle aria-label={`Number ${index + 1}`}>
              {index + 1}
            </Badge>
            {props.open ? (
              <TextInput
                aria-label={`Name, rule ${index + 1}`}
                placeholder={`Rule ${index + 1}`}
                maxLength={120}
                flex={1}
                value={rule.name}
                onChange={(event) => props.onChange({ ...rule, name: event.currentTarget.value })}
              />
            ) : (
              <Text fw={600} truncate>
                {name}
              </Text>
            )}
          </Group>
          <Group gap={4} wrap="nowrap">
            <Button
              variant="default"
              size="compact-xs"
              aria-expanded={props.open}
              onClick={() => props.onOpen(!props.open)}
            >
              {props.open ? 'Fold' : 'Edit'}
              <VisuallyHidden> {name}</VisuallyHidden>
            </Button>
            <ActionIcon
              variant="subtle"
              aria-label={`Move ${name} up`}
              disabled={index === 0}
              onClick={() => props.onMove(-1)}
            >
              <IconArrowUp size={16} />
            </ActionIcon>
            <ActionIcon
              variant="subtle"
              aria-label={`Move ${name} down`}
              disabled={index === props.count - 1}
              onClick={() => props.onMove(1)}
            >
              <IconArrowDown size={16} />
            </ActionIcon>
            <ActionIcon variant="subtle" color="red" aria-label={`Delete ${name}`} onClick={props.onRemove}>
              <IconTrash size={16} />
            </ActionIcon>
          </Group>
        </Group>
        {props.open && (
          <Stack gap={6}>
            {rule.conditions.map((condition, place) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a condition is known by its place alone
              <Group key={place} gap={6} wrap="nowrap" align="flex-start">
                <Text size="sm" w={110} pt={5}>
                  {place === 0 ? 'Cost whose' : 'and'}
                </Text>
                <div style={{ flex: 1 }}>
                  <ConditionEditor
                    place={`condition ${place + 1} of rule ${index + 1}`}
                    condition={condition}
                    suggestions={props.suggestions}
                    error={issueAt(`conditions[${place}]`)}
                    onChange={(change) => props.onChange(withCondition(rule, place, change))}
                    onRemove={
                      rule.conditions.length === 1
                        ? null
                        : () =>
                            props.onChange({
                              ...rule,
                              conditions: rule.conditions.filter((_, i) => i !== place),
                            })
                    }
                  />
                </div>
              </Group>
            ))}
            <TargetEditor
              place={`rule ${index + 1}`}
              rule={rule}
              tenants={props.suggestions.tenants}
              error={issueAt('target')}
              onChange={props.onChange}
            />
            <Group gap={6} align="flex-start" wrap="nowrap">
              <Text size="sm" w={110} pt={5}>
                in force
              </Text>
              <DayField
                label={`First day, rule ${index + 1}`}
                title="From ever on where it is empty"
                value={rule.startDay}
                onChange={(startDay) => props.onChange({ ...rule, startDay })}
              />
              <Text size="sm" pt={5}>
                until before
              </Text>
              <DayField
                label={`End day, rule ${index + 1}`}
                title="For ever where it is empty"
                value={rule.endDay}
                error={issueAt('endDay')}
                onChange={(endDay) => props.onChange({ ...rule, endDay })}
              />
            </Group>
            {rule.conditions.length < 10 && (
              <div>
                <Button
                  variant="default"
                  size="compact-xs"
                  onClick={() =>
                    props.onChange({
                      ...rule,
                      conditions: [...rule.conditions, { field: 'service', operator: 'equals', value: '' }],
                    })
                  }
                >
                  Add condition
                </Button>
              </div>
            )}
          </Stack>
        )}
        <Text size="sm" c="dimmed">
          {describeRule(rule)}
        </Text>
        <RuleClaims claim={props.claim} currency={props.currency} usable={props.usable} />
        {issues.length > 0 && (
          <Alert color={props.usable ? 'blue' : 'red'} p="xs">
            {issues.map((issue) => (
              <Text key={`${issue.column} ${issue.code}`} size="sm">
                {issue.message}
              </Text>
            ))}
          </Alert>
        )}
      </Stack>
    </Paper>
  )
}
