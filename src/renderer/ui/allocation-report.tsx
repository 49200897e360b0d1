/** The steps of a month's allocation, and the shares of one, as tables. */
import { Text } from '@mantine/core'
import type { AllocationReport, StepReport } from '../../contract/allocation.ts'
import { sumDecimals } from '../../domain/decimal.ts'
import { monthName } from '../../domain/period.ts'
import { type Column, DataTable } from './data-table.tsx'
import { formatExact } from './format.ts'

/** One row a step: pool = allocated + idle + left. */
export const StepsReport = (props: { report: AllocationReport; onOpen?: (stepId: string) => void }) => {
  const { steps, currency, month, equation } = props.report
  const sumOf = (key: 'pool' | 'allocated' | 'idle' | 'left') => sumDecimals(steps.map((step) => step[key]))
  const money = (key: 'pool' | 'allocated' | 'idle' | 'left', title: string): Column<StepReport> => ({
    key,
    title,
    kind: 'money',
    currency,
    value: (step) => step[key],
    total: sumOf(key),
  })
  const columns: Column<StepReport>[] = [
    {
      key: 'number',
      title: 'Step',
      kind: 'count',
      value: (step) => String(steps.indexOf(step) + 1),
    },
    { key: 'name', title: 'Pool', kind: 'text', value: (step) => step.name },
    money('pool', 'In the pool'),
    money('allocated', 'Allocated'),
    ...(equation.idle === '0' ? [] : [money('idle', 'Idle, kept apart')]),
    ...(sumOf('left') === '0' ? [] : [money('left', 'Left unattributed')]),
    { key: 'shares', title: 'Shared by', kind: 'count', value: (step) => String(step.shares.length) },
    {
      key: 'words',
      title: 'What it does',
      kind: 'text',
      value: (step) => [step.words, step.leftWords].filter((words) => words !== null).join(' '),
      render: (step) => (
        <div style={{ whiteSpace: 'normal', minWidth: 220 }}>
          {step.words} {step.leftWords}
        </div>
      ),
    },
  ]
  const { onOpen } = props
  return (
    <DataTable
      title={`Allocation steps, ${monthName(month)}`}
      columns={columns}
      rows={steps}
      rowKey={(step) => step.stepId}
      {...(onOpen === undefined ? {} : { onOpen: (step: StepReport) => onOpen(step.stepId) })}
      empty="The plan has no step yet."
    />
  )
}

/** Who was given how much of one pool, by which weight. */
export const SharesTable = (props: { step: StepReport; currency: string }) => {
  const { step, currency } = props
  const columns: Column<StepReport['shares'][number]>[] = [
    { key: 'name', title: 'Goes to', kind: 'text', value: (share) => share.name },
    {
      key: 'weight',
      title: 'Weight',
      unit: step.weightUnit,
      kind: 'quantity',
      value: (share) => share.weight,
      total: step.weights,
    },
    {
      key: 'share',
      title: 'Share of weights',
      unit: '%',
      kind: 'percent',
      value: (share) => share.share,
    },
    {
      key: 'amount',
      title: 'Allocated',
      kind: 'money',
      currency,
      value: (share) => share.amount,
      total: step.allocated,
    },
  ]
  return (
    <>
      <DataTable
        title={`Shares of ${step.name}`}
        columns={columns}
        rows={step.shares}
        rowKey={(share) => `${share.customerId} ${share.tenant}`}
        maxHeight={320}
        empty={step.leftWords ?? 'Nobody takes part.'}
      />
      {step.leftOut.length > 0 && (
        <Text size="sm">
          Below zero, and so without a part:{' '}
          {step.leftOut.map(({ name, weight }) => `${name} (${formatExact(weight)})`).join(', ')}.
        </Text>
      )}
    </>
  )
}
