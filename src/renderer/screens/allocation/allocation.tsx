import { Button, Group, Select, Text, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { z } from 'zod'
import { month as monthText } from '../../../contract/common.ts'
import { type CostBasis, costBasis } from '../../../contract/cost.ts'
import { type AllocationPlan, planOf } from '../../../domain/allocation/plan.ts'
import { isMonth, type Month, monthName, toMonth } from '../../../domain/period.ts'
import { api, client } from '../../api.ts'
import { act } from '../../ui/action.ts'
import { BasisSelect } from '../../ui/basis-select.tsx'
import { useMonth } from '../../ui/book.tsx'
import { Confirm } from '../../ui/confirm.tsx'
import { Page } from '../../ui/page.tsx'
import { LinkButton } from '../../ui/screen-link.tsx'
import { useScreenSearch } from '../../ui/screen-search.ts'
import { Empty, Query } from '../../ui/states.tsx'
import { PlanEditor, type StoredPlan } from './plan-editor.tsx'

const search = z.object({
  plan: monthText.optional(),
  /** What the steps are tried on; as the book says without it. */
  basis: costBasis.optional(),
})

const QUESTION = 'Who pays for what nobody owns? Steps take shared cost, one after the other, and split it.'

/** Which plan is looked at, a new one from another month on, and taking one back. */
const PlanChoice = (props: {
  plans: readonly StoredPlan[]
  shown: StoredPlan
  onShow: (from: Month) => void
  onNew: (from: Month) => void
}) => {
  const { plans, shown } = props
  const [isAdding, setAdding] = useState(false)
  const [isRemoving, setRemoving] = useState(false)
  const [from, setFrom] = useState('')
  const before = plans.filter(({ plan }) => plan.from < shown.plan.from).at(-1)
  const remove = () =>
    act(
      'Allocation',
      () => client.allocation.remove({ from: shown.plan.from, expectedVersion: shown.version }),
      () => `The plan from ${monthName(shown.plan.from)} is taken back; the ledger keeps its versions.`,
    )
  return (
    <Group gap="sm" align="flex-end">
      {plans.length > 0 && (
        <Select
          label="Plan"
          w={220}
          allowDeselect={false}
          data={[
            ...plans.map(({ plan }) => ({ value: plan.from, label: `from ${monthName(plan.from)}` })),
            ...(shown.version === 0
              ? [{ value: shown.plan.from, label: `from ${monthName(shown.plan.from)}, new` }]
              : []),
          ]}
          value={shown.plan.from}
          onChange={(value) => value !== null && props.onShow(toMonth(value))}
        />
      )}
      {isAdding ? (
        <>
          <TextInput
            label="It holds from"
            type="month"
            placeholder="2026-10"
            w={180}
            value={from}
            onChange={(event) => setFrom(event.currentTarget.value)}
          />
          <Button
            disabled={!isMonth(from)}
            onClick={() => {
              if (isMonth(from)) props.onNew(from)
              setAdding(false)
            }}
          >
            Begin with these steps
          </Button>
        </>
      ) : (
        shown.version > 0 && (
          <Button variant="default" onClick={() => setAdding(true)}>
            New plan from another month
          </Button>
        )
      )}
      {shown.version > 0 && (
        <Button variant="subtle" color="red" onClick={() => setRemoving(true)}>
          Take this plan back
        </Button>
      )}
      <Confirm
        opened={isRemoving}
        onClose={() => setRemoving(false)}
        title={`Take back the plan from ${monthName(shown.plan.from)}?`}
        confirm="Take it back"
        onConfirm={remove}
      >
        <Text size="sm">
          {before === undefined
            ? 'No plan begins earlier: what its steps took stays where the rules put it, or unattributed.'
            : `The plan from ${monthName(before.plan.from)} holds on in its months.`}{' '}
          Margins, unit costs and drafts from {monthName(shown.plan.from)} on change with it; the ledger keeps
          its versions.
        </Text>
      </Confirm>
    </Group>
  )
}

const Loaded = (props: { plans: readonly StoredPlan[]; month: Month; basis: CostBasis | undefined }) => {
  const { plans, month } = props
  const [{ plan: asked }, setSearch] = useScreenSearch(search)
  const [begun, setBegun] = useState<AllocationPlan | null>(null)
  const rules = useQuery(api.rules.get.queryOptions())
  const metrics = useQuery(api.metrics.list.queryOptions())
  const customers = useQuery(api.customers.list.queryOptions({ input: {} }))
  const saved = plans.map(({ plan }) => plan)
  const from = asked ?? planOf(saved, month)?.from ?? saved.at(-1)?.from ?? month
  const shown: StoredPlan = plans.find(({ plan }) => plan.from === from) ?? {
    plan: begun?.from === from ? begun : { from, steps: [] },
    version: 0,
  }
  return (
    <>
      <PlanChoice
        plans={plans}
        shown={shown}
        onShow={(plan) => setSearch({ plan })}
        onNew={(plan) => {
          setBegun({ from: plan, steps: shown.plan.steps })
          setSearch({ plan })
        }}
      />
      <Query of={metrics} what="metrics">
        {(measured) => (
          <Query of={customers} what="customers">
            {({ rows }) => (
              <PlanEditor
                key={shown.plan.from}
                stored={shown}
                plans={saved}
                month={month}
                basis={props.basis}
                suggestions={{
                  tagKeys: rules.data?.tagKeys ?? [],
                  values: rules.data?.values ?? {},
                  tenants: [],
                }}
                choices={{
                  metrics: measured.map(({ definition }) => ({
                    value: definition.metric,
                    label: definition.name,
                    unit: definition.unit,
                  })),
                  customers: rows.map(({ customer }) => ({ id: customer.id, name: customer.name })),
                }}
                onSaved={() => setBegun(null)}
              />
            )}
          </Query>
        )}
      </Query>
    </>
  )
}

/** "Who pays for what nobody owns?" */
export const Screen = () => {
  const month = useMonth()
  const plans = useQuery(api.allocation.get.queryOptions())
  const [{ basis }, setSearch] = useScreenSearch(search)
  if (month === null)
    return (
      <Page title="Allocation" question={QUESTION}>
        <Empty title="No cost yet" action={<LinkButton to="/sources">Drop a cost file</LinkButton>}>
          Shared cost can be split once a provider’s bill is here.
        </Empty>
      </Page>
    )
  return (
    <Page
      title="Allocation"
      question={QUESTION}
      actions={
        <>
          <BasisSelect value={basis} onChange={(chosen) => setSearch({ basis: chosen })} />
          <LinkButton
            to={`/cost?tab=allocation${basis === undefined ? '' : `&basis=${basis}`}`}
            variant="default"
          >
            What was allocated
          </LinkButton>
        </>
      }
    >
      <Query of={plans} what="the allocation plans">
        {(data) => <Loaded plans={data.plans} month={month} basis={basis} />}
      </Query>
    </Page>
  )
}
