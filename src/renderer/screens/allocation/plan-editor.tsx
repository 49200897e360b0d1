import { Alert, Button, Group, Menu, Stack, Text } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import type { CostBasis } from '../../../contract/cost.ts'
import { type AllocationPlan, planOf } from '../../../domain/allocation/plan.ts'
import { validatePlan } from '../../../domain/allocation/validate.ts'
import { type Month, monthName } from '../../../domain/period.ts'
import { api, client } from '../../api.ts'
import { act } from '../../ui/action.ts'
import type { Suggestions } from '../../ui/condition-editor.tsx'
import { BillEquation } from '../../ui/equation.tsx'
import { LeaveGuard } from '../../ui/leave-guard.tsx'
import { Section } from '../../ui/page.tsx'
import { Query } from '../../ui/states.tsx'
import { changedStep, movedStep, placedStep, templatesFor, withoutStep, withStep } from './edit-plan.ts'
import type { KeyChoices } from './key-editor.tsx'
import { StepCard } from './step-card.tsx'

export interface StoredPlan {
  readonly plan: AllocationPlan
  /** 0 for a plan that was not saved yet. */
  readonly version: number
}

/** One plan: its steps in order, what they would come to in the month, and saving it. */
export const PlanEditor = (props: {
  stored: StoredPlan
  /** All plans that are saved, to tell which one the month is under. */
  plans: readonly AllocationPlan[]
  month: Month
  /** What the steps are tried on; as the book says without it. */
  basis: CostBasis | undefined
  suggestions: Suggestions
  choices: KeyChoices
  onSaved: () => void
}) => {
  const { stored, month, basis, choices } = props
  const [draft, setDraft] = useState<StoredPlan | null>(null)
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set())
  const [addedId, setAddedId] = useState<string | null>(null)
  const [isBusy, setBusy] = useState(false)
  const plan = draft?.plan ?? stored.plan
  const isDirty =
    stored.version === 0
      ? plan.steps.length > 0
      : draft !== null && JSON.stringify(plan) !== JSON.stringify(stored.plan)
  const change = (next: (plan: AllocationPlan) => AllocationPlan) =>
    setDraft((before) => ({
      plan: next(before?.plan ?? stored.plan),
      version: before?.version ?? stored.version,
    }))
  const issues = useMemo(
    () =>
      validatePlan(plan, {
        metrics: new Set(choices.metrics.map(({ value }) => value)),
        customers: new Set(choices.customers.map(({ id }) => id)),
      }),
    [plan, choices],
  )
  const errors = issues.filter(({ severity }) => severity === 'error').length
  const isNameless = plan.steps.some(({ name }) => name.trim() === '')
  const [asked] = useDebouncedValue(plan, 350)
  const preview = useQuery({
    ...api.allocation.preview.queryOptions({
      input: {
        plan: {
          ...asked,
          steps: asked.steps.map((step, index) => ({
            ...step,
            name: step.name.trim() || `Step ${index + 1}`,
          })),
        },
        month,
        ...(basis === undefined ? {} : { basis }),
      },
    }),
    placeholderData: keepPreviousData,
  })
  const templates = templatesFor(props.suggestions.tagKeys[0])
  const add = (index: number) => {
    const template = templates[index]
    if (template === undefined) return
    const next = withStep(plan, template, choices.metrics[0]?.value ?? '')
    const added = next.steps.at(-1)
    change(() => next)
    if (added === undefined) return
    setOpened((before) => new Set(before).add(added.id))
    setAddedId(added.id)
  }
  const save = async () => {
    setBusy(true)
    const saved = await act(
      'Allocation',
      () => client.allocation.save({ plan, expectedVersion: draft?.version ?? stored.version }),
      ({ version }) => `Saved as version ${version}. Margins from ${monthName(plan.from)} on follow it.`,
    )
    setBusy(false)
    if (saved === null) return
    setDraft(null)
    setOpened(new Set())
    props.onSaved()
  }
  const inForce = planOf(props.plans, month)
  return (
    <Stack gap="lg">
      <LeaveGuard isDirty={isDirty} what="The allocation plan" />
      <Query of={preview} what="what the steps would allocate">
        {(data) => (
          <BillEquation equation={data.equation} currency={data.currency} basis={data.basis} month={month} />
        )}
      </Query>
      {(plan.from > month || (stored.version > 0 && inForce !== null && inForce.from !== plan.from)) && (
        <Alert color="blue">
          The figures try these steps on {monthName(month)}, which this plan does not cover: it holds from{' '}
          {monthName(plan.from)} on
          {plan.from < month && inForce !== null ? `, until the plan from ${monthName(inForce.from)}` : ''}.
        </Alert>
      )}
      <Section
        title={`Steps from ${monthName(plan.from)} on, in order`}
        actions={
          <Group gap="xs">
            {isDirty && stored.version > 0 && (
              <Button variant="subtle" color="gray" onClick={() => setDraft(null)}>
                Drop changes
              </Button>
            )}
            <Menu position="bottom-end">
              <Menu.Target>
                <Button variant="default">Add step</Button>
              </Menu.Target>
              <Menu.Dropdown>
                {templates.map(({ name }, index) => (
                  <Menu.Item key={name} onClick={() => add(index)}>
                    {name}
                  </Menu.Item>
                ))}
              </Menu.Dropdown>
            </Menu>
            <Button
              disabled={!isDirty || errors > 0 || isNameless}
              loading={isBusy}
              onClick={() => void save()}
              title={errors > 0 ? 'A step lacks something; see the red notes.' : undefined}
            >
              Save plan
            </Button>
          </Group>
        }
      >
        {plan.steps.length === 0 && (
          <Text size="sm">
            No step yet. Add one: support and taxes by direct cost, a gateway or a cluster by usage, and at
            the end all that is left.
          </Text>
        )}
        <Stack gap="xs" component="ol" m={0} p={0} style={{ listStyle: 'none' }}>
          {plan.steps.map((step, index) => (
            <StepCard
              key={step.id}
              step={step}
              index={index}
              count={plan.steps.length}
              issues={issues.filter(({ column }) => column?.startsWith(`steps[${index}]`))}
              result={preview.data?.steps.find(({ stepId }) => stepId === step.id)}
              currency={preview.data?.currency ?? ''}
              suggestions={props.suggestions}
              choices={choices}
              open={opened.has(step.id)}
              isNew={addedId === step.id}
              onOpen={(open) =>
                setOpened((before) =>
                  open ? new Set(before).add(step.id) : new Set([...before].filter((id) => id !== step.id)),
                )
              }
              onChange={(changed) => change((before) => changedStep(before, changed))}
              onMove={(by) => change((before) => movedStep(before, index, by))}
              onPlace={(to) => change((before) => placedStep(before, index, to))}
              onRemove={() => change((before) => withoutStep(before, step.id))}
            />
          ))}
        </Stack>
      </Section>
    </Stack>
  )
}
