import { Alert, Badge, Button, Group, SimpleGrid, Text, Textarea, TextInput } from '@mantine/core'
import { useDeferredValue, useState } from 'react'
import { canonicalJson, type Json } from '../../../domain/canonical.ts'
import type { Deal } from '../../../domain/deal/deal.ts'
import { addMonths, dayOf } from '../../../domain/period.ts'
import type { client } from '../../api.ts'
import { useBook } from '../../ui/book.tsx'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { formatInstant } from '../../ui/format.ts'
import { Page, Section } from '../../ui/page.tsx'
import { proposeId } from '../../ui/propose-id.ts'
import { recordPath, ScreenLink } from '../../ui/screen-link.tsx'
import { DealActions } from './deal-actions.tsx'
import { DealChart } from './deal-chart.tsx'
import { BaselineTable, MonthTable, SensitivityTable } from './deal-tables.tsx'
import { type Baseline, compareWithFirst, useModels } from './models.ts'
import { ScenarioCard } from './scenario-card.tsx'
import { fromTerms, nextName, type ScenarioDraft } from './terms.ts'

export type LoadedDeal = Awaited<ReturnType<typeof client.deals.get>>

export interface DealDraft {
  readonly id: string
  readonly name: string
  readonly note: string
  readonly scenarios: readonly ScenarioDraft[]
  readonly chosen: number
}

const fromDeal = (deal: Deal): DealDraft => ({
  id: deal.id,
  name: deal.name,
  note: deal.note,
  scenarios: deal.scenarios.map(({ name, terms }) => ({ name, terms: fromTerms(terms) })),
  chosen: deal.chosen,
})

/** As the customer buys now, from the month after the newest data: what any proposal is compared with. */
const proposeDraft = (
  baseline: Baseline,
  takenIds: readonly string[],
  today: string,
  newestMonth: Parameters<typeof addMonths>[0] | null,
): DealDraft => ({
  id: proposeId(`${baseline.customerId}-${today}`, takenIds),
  name: `${baseline.customerName} ${today}`.slice(0, 120),
  note: '',
  chosen: 0,
  scenarios: [
    {
      name: 'A',
      terms: {
        rateCardId: baseline.currentRateCardId ?? baseline.rateCards[0]?.id ?? '',
        discount: baseline.currentDiscountPercent ?? '0',
        commitment: baseline.currentMonthlyCommitment ?? '',
        growth: '0',
        termMonths: '12',
        startMonth: newestMonth === null ? today.slice(0, 7) : addMonths(newestMonth, 1),
        chargeDiscounts: {},
      },
    },
  ],
})

const fingerprintOf = (draft: DealDraft): string => canonicalJson(draft as unknown as Json)

const History = (props: { loaded: LoadedDeal }) => {
  const { timeZone } = useBook().settings
  const columns: readonly Column<LoadedDeal['history'][number]>[] = [
    { key: 'version', title: 'Version', kind: 'count', value: (row) => String(row.version) },
    { key: 'state', title: 'State', kind: 'text', value: (row) => row.state },
    { key: 'author', title: 'By', kind: 'text', value: (row) => row.author },
    {
      key: 'when',
      title: 'When',
      kind: 'date',
      value: (row) => new Date(row.recordedMs).toISOString(),
      render: (row) => formatInstant(row.recordedMs, timeZone),
    },
  ]
  return (
    <Section title="History">
      <DataTable
        title="Versions of this deal"
        columns={columns}
        rows={[...props.loaded.history].sort((a, b) => b.version - a.version)}
        rowKey={(row) => String(row.version)}
      />
    </Section>
  )
}

const Standing = (props: { deal: Deal | undefined; baseline: Baseline }) => {
  const { timeZone } = useBook().settings
  const { deal, baseline } = props
  return (
    <Group gap="sm" role="status">
      <Badge variant="default" tt="none">
        {deal?.state ?? 'not saved yet'}
      </Badge>
      <Text size="sm">
        for{' '}
        <ScreenLink to={recordPath('/customers', baseline.customerId)}>{baseline.customerName}</ScreenLink>{' '}
        (margin floor {baseline.floorPercent} %)
      </Text>
      {deal?.approvedBy !== undefined && deal.approvedAtMs !== undefined && (
        <Text size="sm">
          approved by {deal.approvedBy}, {formatInstant(deal.approvedAtMs, timeZone)}
        </Text>
      )}
      {deal?.contractId !== undefined && (
        <Text size="sm">
          became contract{' '}
          <ScreenLink to={recordPath('/customers', baseline.customerId)}>{deal.contractId}</ScreenLink>
        </Text>
      )}
    </Group>
  )
}

const useDealDraft = (props: EditorProps) => {
  const book = useBook()
  const [draft, setDraft] = useState<DealDraft>(() =>
    props.loaded === null
      ? proposeDraft(
          props.baseline,
          props.takenIds,
          dayOf(Date.now(), book.settings.timeZone),
          book.currentMonth,
        )
      : fromDeal(props.loaded.deal),
  )
  const [saved, setSaved] = useState(() =>
    props.loaded === null ? null : { version: props.loaded.version, fingerprint: fingerprintOf(draft) },
  )
  const setScenarios = (scenarios: readonly ScenarioDraft[], chosen = draft.chosen) =>
    setDraft({ ...draft, scenarios, chosen: Math.min(chosen, scenarios.length - 1) })
  return {
    draft,
    change: (changes: Partial<DealDraft>) => setDraft((before) => ({ ...before, ...changes })),
    setScenarios,
    savedVersion: saved?.version ?? 0,
    isDirty: saved?.fingerprint !== fingerprintOf(draft),
    markSaved: (version: number) => setSaved({ version, fingerprint: fingerprintOf(draft) }),
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
  const { draft, change, setScenarios } = state
  const [goal, setGoal] = useState<string>(baseline.floorPercent)
  const modelsOf = useModels(baseline)
  const all = modelsOf(draft.scenarios)
  // The figures follow at once; chart and tables as soon as there is time.
  const later = useDeferredValue(all)
  const chosen = all[draft.chosen] ?? all[0]
  const chosenLater = later[draft.chosen] ?? later[0]
  if (chosen === undefined || chosenLater === undefined) throw new Error('a deal has at least one scenario')
  const isReadOnly = loaded?.deal.state === 'won' || loaded?.deal.state === 'lost'
  const mayAdd = draft.scenarios.length < 3 && !isReadOnly
  const add = (from: ScenarioDraft) =>
    setScenarios([...draft.scenarios, { ...from, name: nextName(draft.scenarios) }])
  const isBehind = loaded !== null && loaded.version > state.savedVersion
  return (
    <Page
      title={draft.name.trim() === '' ? 'Deal' : draft.name}
      question="What can we give, and what does it cost us?"
      actions={<DealActions {...props} state={state} chosen={chosen} isReadOnly={isReadOnly} />}
    >
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
          w={260}
          maxLength={120}
          disabled={isReadOnly}
          value={draft.name}
          onChange={(event) => change({ name: event.currentTarget.value })}
        />
        {loaded === null && (
          <TextInput
            label="Deal ID"
            w={220}
            maxLength={128}
            value={draft.id}
            onChange={(event) => change({ id: event.currentTarget.value })}
          />
        )}
        <Textarea
          label="Note"
          w={320}
          autosize
          minRows={1}
          maxLength={2000}
          disabled={isReadOnly}
          value={draft.note}
          onChange={(event) => change({ note: event.currentTarget.value })}
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
            <Button variant="default" onClick={() => add(chosen.draft)}>
              Add scenario
            </Button>
          )
        }
      >
        <SimpleGrid cols={Math.max(2, all.length)}>
          {all.map((modelled, index) => (
            <ScenarioCard
              // biome-ignore lint/suspicious/noArrayIndexKey: a scenario is known by its place; its name is typed
              key={index}
              modelled={modelled}
              baseline={baseline}
              goal={goal}
              isChosen={index === draft.chosen}
              isReadOnly={isReadOnly}
              onChoose={() => change({ chosen: index })}
              onChange={(next) =>
                setScenarios(draft.scenarios.map((each, place) => (place === index ? next : each)))
              }
              onDuplicate={mayAdd ? () => add(modelled.draft) : undefined}
              onRemove={
                isReadOnly || all.length === 1
                  ? undefined
                  : () =>
                      setScenarios(
                        draft.scenarios.filter((_, place) => place !== index),
                        draft.chosen > index ? draft.chosen - 1 : draft.chosen,
                      )
              }
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
