import { Badge, Button, Group, Paper, Stack, Text } from '@mantine/core'
import type { InferContractRouterOutputs } from '@orpc/contract'
import type { Contract } from '../../../contract/contract.ts'
import { monthName } from '../../../domain/period.ts'
import { pluralUnit } from '../../../domain/pricing/format.ts'
import { Amount } from '../../ui/amount.tsx'
import { useBook } from '../../ui/book.tsx'
import { formatInstant } from '../../ui/format.ts'
import { ScreenLink } from '../../ui/screen-link.tsx'
import { STEP_WORDS } from './entry-words.ts'

export type RecordHistory = InferContractRouterOutputs<Contract>['ledger']['history']
type Step = RecordHistory['steps'][number]

const COLORS: Partial<Record<Step['kind'], string>> = {
  quarantined: 'red',
  conflict_met: 'yellow',
  reversed: 'red',
  restated: 'teal',
  returned: 'teal',
}

const StepCard = (props: {
  step: Step
  /** What can be opened from here, and how it is called. */
  open: { readonly label: string; readonly go: () => void } | null
}) => {
  const { step } = props
  const { timeZone } = useBook().settings
  return (
    <Paper component="li" withBorder p="xs" style={{ listStyle: 'none' }}>
      <Group justify="space-between" gap="xs" align="flex-start" wrap="nowrap">
        <Stack gap={2} style={{ minWidth: 0 }}>
          <Group gap="xs">
            <Badge variant="outline" color={COLORS[step.kind] ?? 'gray'} c="var(--mantine-color-text)">
              {STEP_WORDS[step.kind]}
            </Badge>
            {step.amount !== null && (
              <Text size="sm" fw={600} component="span">
                <Amount value={step.amount} /> {pluralUnit(step.unit, step.amount)}
              </Text>
            )}
            {step.entryId !== null && (
              <Text size="xs" component="span">
                {step.month === null ? 'counts in no month' : `counts in ${monthName(step.month)}`}
              </Text>
            )}
          </Group>
          <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
            {step.sentence}
          </Text>
          {step.reason !== null && (
            <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
              Reason: {step.reason}
            </Text>
          )}
          <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
            {step.author}, {formatInstant(step.recordedMs, timeZone)},{' '}
            <ScreenLink to="/ledger" search={{ tab: 'search', batch: String(step.batchId) }}>
              batch {step.batchId}
            </ScreenLink>{' '}
            {step.batchTitle}. Hash of the entry <code>{step.digest}</code>, of the batch{' '}
            <code title={step.batchHash}>{step.batchHash.slice(0, 12)}</code>
          </Text>
        </Stack>
        {props.open !== null && (
          <Button variant="default" size="compact-sm" style={{ flexShrink: 0 }} onClick={props.open.go}>
            {props.open.label}
          </Button>
        )}
      </Group>
    </Paper>
  )
}

/** What happened to a record, newest first. */
export const Steps = (props: {
  history: RecordHistory
  onOpenEntry: (seq: number) => void
  onOpenConflict: (seq: number) => void
  onOpenQuarantined: () => void
}) => {
  const { entry, steps } = props.history
  const openOf = (step: Step) => {
    const { seq } = step
    if (step.kind === 'conflict_met')
      return { label: 'Open the conflict', go: () => props.onOpenConflict(seq) }
    if (step.kind === 'quarantined') return { label: 'Open the rejected record', go: props.onOpenQuarantined }
    return step.entryId === null || seq === entry.seq
      ? null
      : { label: `Open ${step.entryId}`, go: () => props.onOpenEntry(seq) }
  }
  return (
    <Stack component="ol" gap="xs" p={0} m={0} aria-label="History, newest first">
      {steps.map((step) => (
        <StepCard key={`${step.kind} ${step.seq}`} step={step} open={openOf(step)} />
      ))}
    </Stack>
  )
}
