import { Alert, Button, Group, SimpleGrid, Text, Textarea, TextInput } from '@mantine/core'
import { useDeferredValue, useEffect, useMemo, useReducer, useState } from 'react'
import { canonicalJson, type Json } from '../../../domain/canonical.ts'
import { dayOf } from '../../../domain/period.ts'
import { useBook } from '../../ui/book.tsx'
import { LeaveGuard } from '../../ui/leave-guard.tsx'
import { Page, Section } from '../../ui/page.tsx'
import { DealActions } from './deal-actions.tsx'
import { DealChart } from './deal-chart.tsx'
import { changeDraft, type DealDraft, fromDeal, proposeDraft, SCENARIOS_MAX } from './deal-draft.ts'
import { History, Standing } from './deal-standing.tsx'
import { BaselineTable, MonthTable, SensitivityTable } from './deal-tables.tsx'
import type { LoadedDeal } from './loaded-deal.ts'
import { type Baseline, compareWithFirst, useModels } from './models.ts'
import { ScenarioCard } from './scenario-card.tsx'

const fingerprintOf = (draft: DealDraft): string => canonicalJson(draft as unknown as Json)

const useDealDraft = (props: EditorProps) => {
  const book = useBook()
  const [draft, change] = useReducer(changeDraft, props, ({ loaded, baseline, takenIds }) =>
    loaded === null
      ? proposeDraft(baseline, takenIds, dayOf(Date.now(), book.settings.timeZone), book.currentMonth)
      : fromDeal(loaded.deal),
  )
  const [saved, setSaved] = useState(() =>
    props.loaded === null ? null : { version: props.loaded.version, fingerprint: fingerprintOf(draft) },
  )
  const [proposed] = useState(() => fingerprintOf(draft))
  const fingerprint = fingerprintOf(draft)
  return {
    draft,
    change,
    savedVersion: saved?.version ?? 0,
    isDirty: saved?.fingerprint !== fingerprint,
    /** Whether leaving would lose work; a proposal that nobody touched is no work. */
    isTouched: fingerprint !== (saved?.fingerprint ?? proposed),
    markSaved: (version: number) => setSaved({ version, fingerprint }),
  }
}

interface EditorProps {
  readonly loaded: LoadedDeal | null
  readonly baseline: Baseline
  readonly takenIds: readonly string[]
  /** Shows the deal anew, as it is kept. */
  readonly onReset: () => void
}

/** Up to three scenarios side by side; every figure follows what is typed and slid. */
export const DealEditor = (props: EditorProps) => {
  const { loaded, baseline } = props
  const state = useDealDraft(props)
  const { draft, change } = state
  const [goal, setGoal] = useState<string>(baseline.floorPercent)
  const modelsOf = useModels(baseline)
  const all = modelsOf(draft.scenarios)
  // The figures follow at once; chart and tables as soon as there is time.
  const laterScenarios = useDeferredValue(draft.scenarios)
  const later = useMemo(() => modelsOf(laterScenarios), [modelsOf, laterScenarios])
  const chosen = all[draft.chosen] ?? all[0]
  const chosenLater = later[draft.chosen] ?? later[0]
  if (chosen === undefined || chosenLater === undefined) throw new Error('a deal has at least one scenario')
  const isReadOnly = loaded?.deal.state === 'won' || loaded?.deal.state === 'lost'
  const mayAdd = draft.scenarios.length < SCENARIOS_MAX && !isReadOnly
  const isBehind = loaded !== null && loaded.version > state.savedVersion
  const { onReset } = props
  const mayFollow = isBehind && !state.isDirty
  // Nothing typed here would be lost, so the newer version is shown without asking.
  useEffect(() => {
    if (mayFollow) onReset()
  }, [mayFollow, onReset])
  return (
    <Page
      title={draft.name.trim() === '' ? 'Deal' : draft.name}
      question="What can we give, and what does it cost us?"
      actions={<DealActions {...props} state={state} chosen={chosen} isReadOnly={isReadOnly} />}
    >
      <LeaveGuard isDirty={state.isTouched} what="The deal" />
      <Standing deal={loaded?.deal} baseline={baseline} />
      {isBehind && (
        <Alert color="gray" title={`Version ${loaded.version} was saved meanwhile`}>
          <Group>
            <Text size="sm">What you see is not it.</Text>
            <Button variant="default" onClick={props.onReset}>
              Show the new version
            </Button>
          </Group>
        </Alert>
      )}
      <Group align="flex-start" gap="sm">
        <TextInput
          label="Name"
          w={220}
          maxLength={120}
          readOnly={isReadOnly}
          value={draft.name}
          onChange={(event) => change({ kind: 'head', changes: { name: event.currentTarget.value } })}
        />
        {loaded === null && (
          <TextInput
            label="Deal ID"
            w={190}
            maxLength={128}
            value={draft.id}
            onChange={(event) => change({ kind: 'head', changes: { id: event.currentTarget.value } })}
          />
        )}
        <Textarea
          label="Note"
          w={290}
          autosize
          minRows={1}
          maxLength={2000}
          readOnly={isReadOnly}
          value={draft.note}
          onChange={(event) => change({ kind: 'head', changes: { note: event.currentTarget.value } })}
        />
        <TextInput
          label="Goal: margin of every year at least (%)"
          w={240}
          inputMode="decimal"
          value={goal}
          onChange={(event) => setGoal(event.currentTarget.value)}
        />
      </Group>
      <Section
        title="Scenarios"
        actions={
          mayAdd && (
            <Button variant="default" onClick={() => change({ kind: 'duplicate', index: draft.chosen })}>
              Add scenario
            </Button>
          )
        }
      >
        <SimpleGrid cols={all.length}>
          {all.map((modelled, index) => (
            <ScenarioCard
              // biome-ignore lint/suspicious/noArrayIndexKey: a scenario is known by its place; its name is typed
              key={index}
              modelled={modelled}
              baseline={baseline}
              goal={goal}
              index={index}
              isAlone={all.length === 1}
              isChosen={index === draft.chosen}
              isReadOnly={isReadOnly}
              mayDuplicate={mayAdd}
              mayRemove={!isReadOnly && all.length > 1}
              change={change}
            />
          ))}
        </SimpleGrid>
        <div role="status">
          {compareWithFirst(all).map((sentence) => (
            <Text key={sentence} size="sm">
              {sentence}
            </Text>
          ))}
        </div>
      </Section>
      <Section title="Revenue and cost by month">
        <Text size="xs" c="dimmed">
          Solid lines are revenue, dashed ones cost.
        </Text>
        <DealChart baseline={baseline} all={later} />
        <MonthTable modelled={chosenLater} baseline={baseline} />
      </Section>
      <Section title={`Margin of ${chosen.draft.name} by discount and growth`}>
        <SensitivityTable modelled={chosenLater} floor={baseline.floorPercent} />
      </Section>
      <Section title="Past months">
        <BaselineTable baseline={baseline} />
      </Section>
      {loaded !== null && <History loaded={loaded} />}
    </Page>
  )
}
