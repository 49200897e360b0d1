import { ActionIcon, Group, Paper, Radio, SimpleGrid, Stack, Table, Text, TextInput } from '@mantine/core'
import { IconCopy, IconTrash } from '@tabler/icons-react'
import { memo, type ReactNode, useCallback, useMemo } from 'react'
import { belowFloor, maxDiscountForFloor } from '../../../domain/deal/model.ts'
import { Decimal, type DecimalText, parseDecimal } from '../../../domain/decimal.ts'
import { Amount } from '../../ui/amount.tsx'
import { MarginPercent } from '../../ui/margin-percent.tsx'
import { PROBLEM_COLOR, Problems } from '../../ui/problem.tsx'
import type { DraftChange } from './deal-draft.ts'
import type { Baseline, Modelled } from './models.ts'
import { ScenarioTerms } from './scenario-terms.tsx'
import type { TermsDraft } from './terms.ts'

const Line = (props: { name: string; children: ReactNode }) => (
  <Table.Tr>
    <Table.Th scope="row" fw={500} style={{ whiteSpace: 'nowrap' }}>
      {props.name}
    </Table.Th>
    <Table.Td ta="right">{props.children}</Table.Td>
  </Table.Tr>
)

/** Said where the usage costs less than what was committed, so that a discount changes nothing. */
const commitmentInWords = ({ input, model }: Modelled): string | null => {
  const commitment = input?.terms.monthlyCommitment
  if (commitment == null || model === null) return null
  const bound = model.months.filter(
    (month) => month.netRevenue !== null && new Decimal(month.netRevenue).eq(commitment),
  )
  if (bound.length === 0) return null
  return bound.length === model.months.length
    ? 'The commitment is more than the usage costs in every month: it is what is billed, at any discount.'
    : `In ${bound.length} of ${model.months.length} months the commitment is more than the usage costs, and is what is billed.`
}

/** What the terms come to. */
const Outcome = (props: { modelled: Modelled; floor: DecimalText; goal: string; isReadOnly: boolean }) => {
  const { model, input, isBelowFloor, draft } = props.modelled
  const goal = parseDecimal(props.goal)
  const largest = useMemo(
    () => (input === null || goal === null ? null : maxDiscountForFloor(input, goal)),
    [input, goal],
  )
  const isOutOfReach = largest === null && goal !== null && model !== null && model.totals.margin !== null
  const committed = commitmentInWords(props.modelled)
  const totals = model?.totals
  const currency = model?.currency ?? 'USD'
  return (
    <>
      <Table
        withRowBorders={false}
        verticalSpacing={2}
        horizontalSpacing={0}
        aria-label={`Outcome of ${draft.name}`}
      >
        <Table.Tbody>
          <Line name={`Contract value (${currency})`}>
            <Amount value={totals?.netRevenue} currency={currency} />
          </Line>
          <Line name={`Cost (${currency})`}>
            <Amount value={totals?.cost} currency={currency} />
          </Line>
          <Line name={`Margin (${currency})`}>
            <Amount value={totals?.margin} currency={currency} />
          </Line>
          <Line name="Margin %">
            <MarginPercent value={totals?.marginPercent ?? null} floor={props.floor} />
          </Line>
          {model !== null &&
            model.years.length > 1 &&
            model.years.map((year) => (
              <Line key={year.year} name={`Year ${year.year}`}>
                <MarginPercent
                  value={year.marginPercent}
                  floor={props.floor}
                  isBelow={belowFloor({ ...model, years: [year] }, props.floor)}
                />
              </Line>
            ))}
          <Line name="Break-even discount">
            <Amount value={model?.breakEvenDiscountPercent} kind="percent" />
          </Line>
          <Line name={`Max discount for ${goal === null ? '–' : props.goal} %`}>
            {isOutOfReach ? 'none' : <Amount value={largest} kind="percent" />}
          </Line>
        </Table.Tbody>
      </Table>
      {isBelowFloor !== null && (
        <Text size="xs" {...(isBelowFloor ? { c: PROBLEM_COLOR } : {})}>
          {isBelowFloor
            ? `A year of the term is below the floor of ${props.floor} %${props.isReadOnly ? '.' : ': approving it needs a reason.'}`
            : `Every year keeps the floor of ${props.floor} %${props.isReadOnly ? '.' : ': it may be approved as it is.'}`}
        </Text>
      )}
      {isOutOfReach && (
        <Text size="xs">Not even without a discount is {props.goal} % kept in every year.</Text>
      )}
      {committed !== null && <Text size="xs">{committed}</Text>}
      <Problems issues={model?.issues ?? []} />
    </>
  )
}

/** One scenario: its terms and what they come to. `change` must stay the same: only the card that changed is drawn. */
export const ScenarioCard = memo(
  (props: {
    index: number
    modelled: Modelled
    baseline: Baseline
    goal: string
    isChosen: boolean
    /** The only scenario has the whole width. */
    isAlone: boolean
    isReadOnly: boolean
    mayDuplicate: boolean
    mayRemove: boolean
    change: (change: DraftChange) => void
  }) => {
    const { modelled, baseline, isReadOnly, index, change } = props
    const { draft } = modelled
    const changeTerms = useCallback(
      (changes: Partial<TermsDraft>) => change({ kind: 'terms', index, changes }),
      [change, index],
    )
    return (
      <Paper withBorder p="sm" component="section" aria-label={`Scenario ${draft.name}`}>
        <Stack gap="xs">
          <Group justify="space-between" align="flex-end" wrap="nowrap">
            <TextInput
              label="Scenario"
              value={draft.name}
              maxLength={60}
              readOnly={isReadOnly}
              error={draft.name.trim() === '' ? 'Give it a name.' : undefined}
              onChange={(event) => change({ kind: 'rename', index, name: event.currentTarget.value })}
            />
            <Group gap={4} wrap="nowrap" pb={4}>
              <Radio
                size="xs"
                name="chosen"
                label="Proposed"
                checked={props.isChosen}
                disabled={isReadOnly}
                onChange={() => change({ kind: 'choose', index })}
              />
              {props.mayDuplicate && (
                <ActionIcon
                  variant="subtle"
                  aria-label={`Duplicate ${draft.name}`}
                  onClick={() => change({ kind: 'duplicate', index })}
                >
                  <IconCopy size={16} />
                </ActionIcon>
              )}
              {props.mayRemove && (
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  aria-label={`Remove ${draft.name}`}
                  onClick={() => change({ kind: 'remove', index })}
                >
                  <IconTrash size={16} />
                </ActionIcon>
              )}
            </Group>
          </Group>
          <SimpleGrid cols={props.isAlone ? 2 : 1} spacing="xl" verticalSpacing="xs">
            <Stack gap="xs">
              <Outcome
                modelled={modelled}
                floor={baseline.floorPercent}
                goal={props.goal}
                isReadOnly={isReadOnly}
              />
            </Stack>
            <ScenarioTerms
              terms={draft.terms}
              faults={modelled.faults}
              baseline={baseline}
              isReadOnly={isReadOnly}
              onChange={changeTerms}
            />
          </SimpleGrid>
        </Stack>
      </Paper>
    )
  },
)
