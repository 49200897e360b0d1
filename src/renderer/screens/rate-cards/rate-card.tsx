import { Alert, Button, Group, List, Text, Textarea, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import type { Issue } from '../../../domain/issue.ts'
import type { Metric } from '../../../domain/metric.ts'
import { addMonths } from '../../../domain/period.ts'
import type { RateCard, RateCardVersion } from '../../../domain/pricing/ratecard.ts'
import { validateRateCardVersion } from '../../../domain/pricing/validate.ts'
import { diffVersions } from '../../../domain/pricing/words.ts'
import { api, client } from '../../api.ts'
import { type OpenBook, useBook } from '../../ui/book.tsx'
import { LeaveGuard } from '../../ui/leave-guard.tsx'
import { Page, Section } from '../../ui/page.tsx'
import { proposeId } from '../../ui/propose-id.ts'
import { LinkButton, recordPath, ScreenLink, useGo } from '../../ui/screen-link.tsx'
import { Query } from '../../ui/states.tsx'
import { useSubmit } from '../../ui/submit.ts'
import {
  type ChargeDraft,
  fromCharge,
  issuesOfCharge,
  newCharge,
  settleIds,
  toCharge,
} from './charge-draft.ts'
import { ChargeGrid } from './charge-grid.tsx'
import { TryOut } from './try-out.tsx'
import { Versions } from './versions.tsx'

interface Loaded {
  readonly card: RateCard
  readonly version: number
  readonly customers: readonly { readonly customerId: string; readonly name: string }[]
}

/** A first version holds from the book's first month; a later one from the month after the newest data. */
const proposeDay = (book: OpenBook, last: RateCardVersion | undefined): string => {
  const first = book.months.map((each) => each.month).sort()[0]
  if (last === undefined)
    return first === undefined ? `${new Date().toISOString().slice(0, 7)}-01` : `${first}-01`
  const next = book.currentMonth === null ? last.effectiveFrom : `${addMonths(book.currentMonth, 1)}-01`
  return next < last.effectiveFrom ? last.effectiveFrom : next
}

const useDraft = (loaded: Loaded | null, takenIds: readonly string[], metrics: readonly Metric[]) => {
  const book = useBook()
  const last = loaded?.card.versions.at(-1)
  const [name, setName] = useState(loaded?.card.name ?? '')
  const [typedId, setTypedId] = useState<string | null>(null)
  const [currency, setCurrency] = useState<string>(loaded?.card.currency ?? book.settings.currency)
  const [effectiveFrom, setEffectiveFrom] = useState(proposeDay(book, last))
  const [note, setNote] = useState('')
  const [drafts, setDrafts] = useState<readonly ChargeDraft[]>(
    () => last?.charges.map(fromCharge) ?? [newCharge([], metrics)],
  )
  const id = loaded?.card.id ?? typedId ?? proposeId(name, [...takenIds, 'new'])
  const version = useMemo((): RateCardVersion => {
    const savedIds = new Set(
      loaded?.card.versions.flatMap((each) => each.charges.map((charge) => charge.id)) ?? [],
    )
    return {
      version: (last?.version ?? 0) + 1,
      effectiveFrom,
      charges: settleIds(drafts, savedIds).map(toCharge),
      ...(note.trim() === '' ? {} : { note: note.trim() }),
    }
  }, [drafts, effectiveFrom, note, last, loaded])
  const issues = useMemo(
    () => validateRateCardVersion(version, metrics, last ?? null),
    [version, metrics, last],
  )
  const typed = JSON.stringify([name, typedId, currency, effectiveFrom, note, drafts])
  const [begun] = useState(typed)
  return {
    isTouched: typed !== begun,
    ...{ name, setName, id, setTypedId, currency, setCurrency, effectiveFrom, setEffectiveFrom },
    ...{ note, setNote, drafts, setDrafts, version, issues, last },
  }
}

const Head = (props: { draft: ReturnType<typeof useDraft>; isNew: boolean }) => {
  const { draft, isNew } = props
  const dayIssue = draft.issues.find((issue) => issue.column === 'effectiveFrom')
  return (
    <Group align="flex-start" gap="sm">
      <TextInput
        label="Name"
        required
        withAsterisk={false}
        w={220}
        maxLength={120}
        value={draft.name}
        onChange={(event) => draft.setName(event.currentTarget.value)}
      />
      {isNew && (
        <>
          <TextInput
            label="Rate card ID"
            required
            withAsterisk={false}
            w={180}
            maxLength={128}
            value={draft.id}
            onChange={(event) => draft.setTypedId(event.currentTarget.value)}
          />
          <TextInput
            label="Currency"
            required
            withAsterisk={false}
            w={90}
            maxLength={3}
            value={draft.currency}
            onChange={(event) => draft.setCurrency(event.currentTarget.value.toUpperCase())}
          />
        </>
      )}
      <TextInput
        label="Effective from"
        type="date"
        required
        withAsterisk={false}
        w={160}
        value={draft.effectiveFrom}
        error={dayIssue?.message}
        onChange={(event) => draft.setEffectiveFrom(event.currentTarget.value)}
      />
      <Textarea
        label="Note"
        placeholder="Why this version"
        autosize
        minRows={1}
        maxLength={500}
        w={300}
        value={draft.note}
        onChange={(event) => draft.setNote(event.currentTarget.value)}
      />
    </Group>
  )
}

/** What saving would change, in words. */
const Changes = (props: {
  last: RateCardVersion
  version: RateCardVersion
  metrics: readonly Metric[]
  currency: string
}) => {
  const sentences = diffVersions(props.last, props.version, props)
  return (
    <div role="status">
      <Text size="sm" fw={600}>
        {sentences.length === 0
          ? `No price differs from version ${props.last.version}.`
          : `Version ${props.version.version} would change:`}
      </Text>
      <List size="sm">
        {sentences.map((sentence) => (
          <List.Item key={sentence}>{sentence}</List.Item>
        ))}
      </List>
    </div>
  )
}

const isError = (issue: Issue) => issue.severity === 'error'

const Editor = (props: {
  loaded: Loaded | null
  takenIds: readonly string[]
  metrics: readonly Metric[]
}) => {
  const { loaded, metrics } = props
  const draft = useDraft(loaded, props.takenIds, metrics)
  // The curve of a flat fee says nothing.
  const [selected, setSelected] = useState(() =>
    Math.max(
      0,
      draft.drafts.findIndex(({ kind }) => kind !== 'flat_fee'),
    ),
  )
  const [isKept, setKept] = useState(false)
  const { isBusy, refusal, submit } = useSubmit()
  const go = useGo()
  const { version, issues, last } = draft
  const faultless = version.charges.filter((_, index) => !issuesOfCharge(issues, index).some(isError))
  const selectedCharge = version.charges[selected]
  const isNameless = draft.name.trim() === '' || version.charges.some((charge) => charge.name === '')
  const save = async () => {
    const saved = await submit(
      async () => {
        const kept = await client.rateCards.save({
          id: draft.id,
          name: draft.name.trim(),
          currency: draft.currency,
          effectiveFrom: version.effectiveFrom,
          charges: [...version.charges],
          ...(version.note === undefined ? {} : { note: version.note }),
          expectedVersion: loaded?.version ?? 0,
        })
        setKept(true)
        return kept
      },
      () => `Version ${version.version} of ${draft.name.trim()} is saved, from ${version.effectiveFrom}.`,
    )
    if (saved !== null && loaded === null) go(recordPath('/rate-cards', draft.id))
  }
  return (
    <Page
      title={loaded === null ? 'New rate card' : loaded.card.name}
      question="What do we charge?"
      actions={
        <>
          <LinkButton variant="default" to="/rate-cards">
            All rate cards
          </LinkButton>
          <Button
            loading={isBusy}
            disabled={issues.some(isError) || version.charges.length === 0 || isNameless || draft.id === ''}
            onClick={() => void save()}
          >
            Save version
          </Button>
        </>
      }
    >
      <LeaveGuard isDirty={draft.isTouched && !isKept} what="The rate card" />
      <Head draft={draft} isNew={loaded === null} />
      {refusal !== null && (
        <Alert color="red" title="Not saved">
          {refusal}
        </Alert>
      )}
      <Section title={`Charges of version ${version.version}`}>
        <ChargeGrid
          charges={draft.drafts}
          onChange={draft.setDrafts}
          issues={issues}
          metrics={metrics}
          currency={draft.currency}
          selected={selected}
          onSelect={setSelected}
        />
        {last !== undefined && issues.some(isError) && (
          <Text size="sm">
            Mend what is marked in red to see what version {version.version} would change.
          </Text>
        )}
        {last !== undefined && !issues.some(isError) && (
          <Changes last={last} version={version} metrics={metrics} currency={draft.currency} />
        )}
      </Section>
      <TryOut
        charges={faultless}
        selected={
          selectedCharge !== undefined && faultless.includes(selectedCharge) ? selectedCharge : undefined
        }
        metrics={metrics}
        currency={draft.currency}
      />
      {loaded !== null && (
        <>
          <Versions card={loaded.card} metrics={metrics} />
          <Section title="Customers">
            <Text size="sm">
              {loaded.customers.length === 0
                ? 'Nobody is charged by this card yet. Assign it on a customer.'
                : loaded.customers.map(({ customerId, name }, index) => (
                    <span key={customerId}>
                      {index > 0 && ', '}
                      <ScreenLink to={recordPath('/customers', customerId)}>{name}</ScreenLink>
                    </span>
                  ))}
            </Text>
          </Section>
        </>
      )}
    </Page>
  )
}

/** One rate card: its charges as a sheet, tried out as they are typed, saved as the next version. */
export const Screen = () => {
  const { rateCardId } = useParams({ strict: false }) as { rateCardId: string }
  const isNew = rateCardId === 'new'
  const metrics = useQuery(api.metrics.list.queryOptions())
  const cards = useQuery(api.rateCards.list.queryOptions())
  const card = useQuery({ ...api.rateCards.get.queryOptions({ input: { rateCardId } }), enabled: !isNew })
  const definitions = useMemo(() => (metrics.data ?? []).map((each) => each.definition), [metrics.data])
  return (
    <Query of={metrics} what="Metrics">
      {() =>
        isNew ? (
          <Query of={cards} what="Rate cards">
            {(rows) => (
              <Editor
                key="new"
                loaded={null}
                takenIds={rows.map((row) => row.card.id)}
                metrics={definitions}
              />
            )}
          </Query>
        ) : (
          <Query of={card} what="This rate card">
            {(loaded) => (
              // A saved version begins a new draft from it.
              <Editor
                key={`${loaded.card.id} ${loaded.version}`}
                loaded={loaded}
                takenIds={[]}
                metrics={definitions}
              />
            )}
          </Query>
        )
      }
    </Query>
  )
}
