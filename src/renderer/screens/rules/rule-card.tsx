import { Autocomplete, Button, Group, Select, Text, TextInput } from '@mantine/core'
import type { z } from 'zod'
import type { rulesClaims } from '../../../contract/rules.ts'
import { describeField, describeRule } from '../../../domain/attribution/describe.ts'
import type { AttributionRule } from '../../../domain/attribution/rule.ts'
import { Amount } from '../../ui/amount.tsx'
import { ConditionEditor, type Suggestions } from '../../ui/condition-editor.tsx'
import { formatCount, formatMoney, formatPercent } from '../../ui/format.ts'
import { OrderedCard, type OrderedCardProps } from '../../ui/ordered-card.tsx'
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
export const RuleCard = (
  props: OrderedCardProps & {
    rule: AttributionRule
    usable: boolean
    claim: Claims['rules'][number] | undefined
    currency: string
    suggestions: Suggestions
    onChange: (rule: AttributionRule) => void
  },
) => {
  const { rule, index, issues } = props
  const issueAt = (member: string) =>
    issues.find((issue) => issue.column?.startsWith(`rules[${index}].${member}`))?.message ?? null
  return (
    <OrderedCard
      {...props}
      place={`rule ${index + 1}`}
      name={nameOf(rule, index)}
      typedName={rule.name}
      onName={(name) => props.onChange({ ...rule, name })}
      editor={
        <>
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
        </>
      }
      summary={
        <>
          <Text size="sm" c="dimmed">
            {describeRule(rule)}
          </Text>
          <RuleClaims claim={props.claim} currency={props.currency} usable={props.usable} />
        </>
      }
    />
  )
}
