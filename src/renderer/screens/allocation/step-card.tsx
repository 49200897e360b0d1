import {
  ActionIcon,
  Alert,
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
import type { StepReport } from '../../../contract/allocation.ts'
import { describeStep } from '../../../domain/allocation/describe.ts'
import { type AllocationStep, POOL_TAKES } from '../../../domain/allocation/plan.ts'
import type { RuleCondition } from '../../../domain/attribution/rule.ts'
import type { Issue } from '../../../domain/issue.ts'
import { Amount } from '../../ui/amount.tsx'
import { ConditionEditor, type Suggestions } from '../../ui/condition-editor.tsx'
import { formatMoney } from '../../ui/format.ts'
import { TAKES_LABELS } from './edit-plan.ts'
import { type KeyChoices, KeyEditor } from './key-editor.tsx'

const SHARES_SHOWN = 6
const CONDITIONS_MAX = 10

const Result = (props: { result: StepReport | undefined; currency: string; usable: boolean }) => {
  const { result, currency } = props
  if (!props.usable || result === undefined)
    return (
      <Text size="sm" c="dimmed">
        {props.usable ? 'Counting …' : 'Not counted until it is whole.'}
      </Text>
    )
  const more = result.shares.length - SHARES_SHOWN
  const list = result.shares
    .slice(0, SHARES_SHOWN)
    .map(({ name, amount }) => `${name} ${formatMoney(amount, currency)}`)
    .join(', ')
  return (
    <Text size="sm" component="div">
      {result.pool === '0' ? (
        'Takes nothing in this month.'
      ) : (
        <>
          Takes <Amount value={result.pool} currency={currency} /> {currency}; allocated{' '}
          <Amount value={result.allocated} currency={currency} />
          {result.idle !== '0' && (
            <>
              , idle and kept apart <Amount value={result.idle} currency={currency} />
            </>
          )}
          {list !== '' && `: ${list}${more > 0 ? ` and ${more} more` : ''}`}. {result.leftWords}
        </>
      )}
    </Text>
  )
}

const PoolEditor = (props: {
  place: string
  step: AllocationStep
  suggestions: Suggestions
  errorOf: (member: string) => string | null
  onChange: (step: AllocationStep) => void
}) => {
  const { step, place } = props
  const { pool } = step
  const setConditions = (conditions: readonly RuleCondition[]) =>
    props.onChange({ ...step, pool: { ...pool, conditions } })
  return (
    <>
      <Group gap={6} align="flex-start" wrap="nowrap">
        <Text size="sm" w={110} pt={5}>
          Takes
        </Text>
        <Select
          aria-label={`Takes, ${place}`}
          w={260}
          size="xs"
          allowDeselect={false}
          data={POOL_TAKES.map((value) => ({ value, label: TAKES_LABELS[value] }))}
          value={pool.takes}
          onChange={(value) => {
            const takes = POOL_TAKES.find((each) => each === value)
            if (takes !== undefined) props.onChange({ ...step, pool: { ...pool, takes } })
          }}
        />
        {pool.conditions.length === 0 && (
          <Text size="sm" pt={5}>
            all that is left of it
          </Text>
        )}
      </Group>
      {pool.conditions.map((condition, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a condition is known by its place alone
        <Group key={index} gap={6} wrap="nowrap" align="flex-start">
          <Text size="sm" w={110} pt={5}>
            {index === 0 ? 'whose' : 'and'}
          </Text>
          <div style={{ flex: 1 }}>
            <ConditionEditor
              place={`condition ${index + 1} of ${place}`}
              condition={condition}
              suggestions={props.suggestions}
              error={props.errorOf(`pool.conditions[${index}]`)}
              onChange={(change) =>
                setConditions(
                  pool.conditions.map((each, at) => (at === index ? { ...each, ...change } : each)),
                )
              }
              onRemove={() => setConditions(pool.conditions.filter((_, at) => at !== index))}
            />
          </div>
        </Group>
      ))}
      {pool.conditions.length < CONDITIONS_MAX && (
        <div>
          <Button
            variant="default"
            size="compact-xs"
            onClick={() =>
              setConditions([...pool.conditions, { field: 'service', operator: 'equals', value: '' }])
            }
          >
            Add condition<VisuallyHidden> to {step.name}</VisuallyHidden>
          </Button>
        </div>
      )}
    </>
  )
}

/** One step: in words with what it takes and gives in the month, or opened for editing. */
export const StepCard = (props: {
  step: AllocationStep
  index: number
  count: number
  issues: readonly Issue[]
  result: StepReport | undefined
  currency: string
  suggestions: Suggestions
  choices: KeyChoices
  open: boolean
  onOpen: (open: boolean) => void
  onChange: (step: AllocationStep) => void
  onMove: (by: -1 | 1) => void
  onRemove: () => void
}) => {
  const { step, index, issues } = props
  const place = `step ${index + 1}`
  const name = step.name.trim() === '' ? `Step ${index + 1}` : step.name
  const isUsable = issues.every(({ severity }) => severity !== 'error')
  const metricName = (metric: string) =>
    props.choices.metrics.find(({ value }) => value === metric)?.label ?? metric
  const errorOf = (member: string) =>
    issues.find((issue) => issue.column?.startsWith(`steps[${index}].${member}`))?.message ?? null
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
                aria-label={`Name, ${place}`}
                maxLength={120}
                flex={1}
                value={step.name}
                error={step.name.trim() === '' ? 'Give the pool a name.' : null}
                onChange={(event) => props.onChange({ ...step, name: event.currentTarget.value })}
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
            <PoolEditor
              place={place}
              step={step}
              suggestions={props.suggestions}
              errorOf={errorOf}
              onChange={props.onChange}
            />
            <KeyEditor
              place={place}
              value={step.key}
              choices={props.choices}
              onChange={(key) => props.onChange({ ...step, key })}
            />
          </Stack>
        )}
        <Text size="sm" c="dimmed">
          {describeStep(step, metricName)}
        </Text>
        <Result result={props.result} currency={props.currency} usable={isUsable} />
        {issues.length > 0 && (
          <Alert color={isUsable ? 'blue' : 'red'} p="xs">
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
