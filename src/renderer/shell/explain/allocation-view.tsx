import { Button, List, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { AllocationReport, StepReport } from '../../../contract/allocation.ts'
import { sumDecimals } from '../../../domain/decimal.ts'
import { monthName } from '../../../domain/period.ts'
import { api } from '../../api.ts'
import { SharesTable, StepsReport } from '../../ui/allocation-report.tsx'
import { Amount } from '../../ui/amount.tsx'
import { DataTable } from '../../ui/data-table.tsx'
import type { ExplainTarget } from '../../ui/explain-context.tsx'
import { formatExact, formatMoney } from '../../ui/format.ts'
import { Section } from '../../ui/page.tsx'
import { Empty, Query } from '../../ui/states.tsx'
import { Total } from './parts.tsx'

type Target = ExplainTarget & { kind: 'allocation' }
interface ViewProps {
  readonly target: Target
  readonly onOpen: (target: ExplainTarget) => void
}

/** One step: its pool, how much of it was used, and who was given how much. */
const OneStep = (props: ViewProps & { report: AllocationReport; step: StepReport }) => {
  const { step, report, target } = props
  const { currency } = report
  const scope = { month: target.month, filters: [{ field: 'pool', values: [step.stepId] }] }
  return (
    <>
      <Total unit={currency} note={`${step.name}, ${monthName(target.month)}. ${step.words}`}>
        <Amount value={step.allocated} currency={currency} />
      </Total>
      <List size="sm">
        <List.Item>
          The pool held {formatMoney(step.pool, currency)} {currency} ({report.basis} cost).{' '}
          <Button variant="subtle" size="compact-xs" onClick={() => props.onOpen({ kind: 'cost', scope })}>
            What it is made of
          </Button>
        </List.Item>
        {step.capacity !== null && (
          <List.Item>
            Of a capacity of {formatExact(step.capacity)} {step.weightUnit} {formatExact(step.weights)} were
            used and {formatExact(step.idleQuantity)} were idle; for those {formatMoney(step.idle, currency)}{' '}
            {currency} is kept apart.
          </List.Item>
        )}
        {step.leftWords !== null && (
          <List.Item>
            {step.left !== '0' && `${formatMoney(step.left, currency)} ${currency} is left. `}
            {step.leftWords}
          </List.Item>
        )}
        <List.Item>
          Each part is the pool times its share, cut at 18 decimals; the units of the 18th decimal that are
          left over go to the largest remainders, so that the parts add up to the whole.
        </List.Item>
      </List>
      <Section title="Shares">
        <SharesTable step={step} currency={currency} />
      </Section>
    </>
  )
}

/** What one customer or tenant was given, step by step. */
const OneRecipient = (
  props: ViewProps & { report: AllocationReport; recipient: NonNullable<Target['recipient']> },
) => {
  const { report, recipient, target } = props
  const { currency } = report
  const rows = report.steps.flatMap((step) => {
    const share = step.shares.find(
      (each) => each.customerId === recipient.customerId && each.tenant === recipient.tenant,
    )
    return share === undefined ? [] : [{ step, share }]
  })
  const total = sumDecimals(rows.map(({ share }) => share.amount))
  return (
    <>
      <Total unit={currency} note={`Allocated to ${recipient.name}, ${monthName(target.month)}.`}>
        <Amount value={total} currency={currency} />
      </Total>
      <Section title="Steps, in order">
        <DataTable
          title={`Allocated to ${recipient.name}`}
          rows={rows}
          rowKey={({ step }) => step.stepId}
          onOpen={({ step }) =>
            props.onOpen({
              kind: 'allocation',
              month: target.month,
              basis: target.basis,
              stepId: step.stepId,
            })
          }
          maxHeight={320}
          empty="No step gave it anything."
          columns={[
            { key: 'step', title: 'Pool', kind: 'text', value: ({ step }) => step.name },
            { key: 'pool', title: 'In the pool', kind: 'money', currency, value: ({ step }) => step.pool },
            {
              key: 'weight',
              title: 'Weight',
              kind: 'text',
              value: ({ step, share }) =>
                `${formatExact(share.weight)} of ${formatExact(step.weights)} ${step.weightUnit}`,
            },
            {
              key: 'share',
              title: 'Share',
              unit: '%',
              kind: 'percent',
              value: ({ share }) => share.share,
            },
            {
              key: 'amount',
              title: 'Allocated',
              kind: 'money',
              currency,
              value: ({ share }) => share.amount,
              total,
            },
          ]}
        />
      </Section>
      <Text size="sm">A row opens the step: what its pool is made of, and everybody else’s share.</Text>
    </>
  )
}

/** What was allocated, of one customer, of one step, or of the month. */
export const AllocationView = (props: ViewProps) => {
  const { target } = props
  const { month, basis, stepId, recipient } = target
  const report = useQuery(api.allocation.report.queryOptions({ input: { month, basis } }))
  return (
    <Query of={report} what="The allocation’s explanation">
      {(data) => {
        const step = data.steps.find((each) => each.stepId === stepId)
        return (
          <Stack>
            {recipient !== undefined ? (
              <OneRecipient {...props} report={data} recipient={recipient} />
            ) : step !== undefined ? (
              <OneStep {...props} report={data} step={step} />
            ) : stepId !== undefined ? (
              <Empty title="The plan has no such step any more">
                Close this and look at the figure anew.
              </Empty>
            ) : (
              <>
                <Total unit={data.currency} note={`Allocated by steps, ${monthName(month)}.`}>
                  <Amount value={data.equation.allocated} currency={data.currency} />
                </Total>
                <Section title="Steps, in order">
                  <StepsReport
                    report={data}
                    onOpen={(each) => props.onOpen({ kind: 'allocation', month, basis, stepId: each })}
                  />
                </Section>
              </>
            )}
          </Stack>
        )
      }}
    </Query>
  )
}
