import { Button, Group, Select, Text, VisuallyHidden } from '@mantine/core'
import type { StepReport } from '../../../contract/allocation.ts'
import { describeStep } from '../../../domain/allocation/describe.ts'
import { type AllocationStep, POOL_TAKES } from '../../../domain/allocation/plan.ts'
import type { RuleCondition } from '../../../domain/attribution/rule.ts'
import { Amount } from '../../ui/amount.tsx'
import { ConditionEditor, type Suggestions } from '../../ui/condition-editor.tsx'
import { formatMoney } from '../../ui/format.ts'
import { OrderedCard, type OrderedCardProps } from '../../ui/ordered-card.tsx'
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
export const StepCard = (
  props: OrderedCardProps & {
    step: AllocationStep
    result: StepReport | undefined
    currency: string
    suggestions: Suggestions
    choices: KeyChoices
    onChange: (step: AllocationStep) => void
  },
) => {
  const { step, index, issues } = props
  const place = `step ${index + 1}`
  const isUnnamed = step.name.trim() === ''
  const isUsable = issues.every(({ severity }) => severity !== 'error')
  const metricName = (metric: string) =>
    props.choices.metrics.find(({ value }) => value === metric)?.label ?? metric
  const errorOf = (member: string) =>
    issues.find((issue) => issue.column?.startsWith(`steps[${index}].${member}`))?.message ?? null
  return (
    <OrderedCard
      {...props}
      place={place}
      name={isUnnamed ? `Step ${index + 1}` : step.name}
      typedName={step.name}
      nameError={isUnnamed ? 'Give the pool a name.' : null}
      onName={(name) => props.onChange({ ...step, name })}
      usable={isUsable}
      editor={
        <>
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
        </>
      }
      summary={
        <>
          <Text size="sm" c="dimmed">
            {describeStep(step, metricName)}
          </Text>
          <Result result={props.result} currency={props.currency} usable={isUsable} />
        </>
      }
    />
  )
}
