import { Alert, Button, List, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import type { Issue } from '../../../domain/issue.ts'
import type { Metric } from '../../../domain/metric.ts'
import { addMonths } from '../../../domain/period.ts'
import { diffVersions } from '../../../domain/pricing/diff-words.ts'
import type { RateCard, RateCardVersion } from '../../../domain/pricing/ratecard.ts'
import { settingsOfVersion } from '../../../domain/pricing/settings.ts'
import { validateRateCardVersion } from '../../../domain/pricing/validate.ts'
import { api, client } from '../../api.ts'
import { type OpenBook, useBook } from '../../ui/book.tsx'
import { LeaveGuard } from '../../ui/leave-guard.tsx'
import { Page, Section } from '../../ui/page.tsx'
import { Problems } from '../../ui/problem.tsx'
import { proposeId } from '../../ui/propose-id.ts'
import { LinkButton, recordPath, ScreenLink, useGo } from '../../ui/screen-link.tsx'
import { Query } from '../../ui/states.tsx'
import { useSubmit } from '../../ui/submit.ts'
import {
  type CardDraft,
  type CardTerms,
  emptyCard,
  fromCard,
  fromTerms,
  issuesOfCurrency,
  versionOf,
} from './card-draft.ts'
import { Head } from './card-head.tsx'
import { issuesOfCharge } from './charge-draft.ts'
import { ChargesByCurrency } from './charges-by-currency.tsx'
import { FileActions } from './file-actions.tsx'
import { Simulate } from './simulate.tsx'
import { TryCharge } from './try-charge.tsx'
import { TryOut } from './try-out.tsx'
import { useTrial } from './use-trial.ts'
import { CompareVersions, Versions } from './versions.tsx'

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
  const [draft, setDraft] = useState<CardDraft>(() => {
    const day = proposeDay(book, last)
    return loaded === null ? emptyCard(book.settings.currency, day, metrics) : fromCard(loaded.card, day)
  })
  const id = loaded?.card.id ?? draft.typedId ?? proposeId(draft.name, [...takenIds, 'new'])
  const version = useMemo(() => versionOf(draft, (last?.version ?? 0) + 1), [draft, last])
  const issues = useMemo(
    () => validateRateCardVersion(version, metrics, last ?? null),
    [version, metrics, last],
  )
  const typed = JSON.stringify(draft)
  const [begun] = useState(typed)
  const change = (changes: Partial<CardDraft>) => setDraft((before) => ({ ...before, ...changes }))
  return { draft, change, id, version, issues, last, isTouched: typed !== begun }
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

/** Issues that no field and no charge shows. */
const aboutTheWhole = (issues: readonly Issue[]): readonly Issue[] =>
  issues.filter(
    ({ column }) =>
      column !== 'effectiveFrom' &&
      column?.startsWith('charges[') !== true &&
      column?.startsWith('otherCurrencies.') !== true,
  )

/** The charges of the currency shown that can be tried, and the one whose form is open. */
const triable = (
  version: RateCardVersion,
  issues: readonly Issue[],
  currency: string | null,
  selected: number,
) => {
  const own = issuesOfCurrency(issues, currency)
  const charges = (currency === null ? version.charges : version.otherCurrencies?.[currency]) ?? []
  const faultless = charges.filter((_, index) => !issuesOfCharge(own, index).some(isError))
  const open = charges[selected]
  return { faultless, open: open !== undefined && faultless.includes(open) ? open : undefined }
}

const Customers = (props: { customers: Loaded['customers'] }) => (
  <Section title="Customers">
    <Text size="sm">
      {props.customers.length === 0
        ? 'Nobody is charged by this card yet. Assign it on a customer.'
        : props.customers.map(({ customerId, name }, index) => (
            <span key={customerId}>
              {index > 0 && ', '}
              <ScreenLink to={recordPath('/customers', customerId)}>{name}</ScreenLink>
            </span>
          ))}
    </Text>
  </Section>
)

const Editor = (props: {
  loaded: Loaded | null
  takenIds: readonly string[]
  metrics: readonly Metric[]
}) => {
  const { loaded, metrics } = props
  const { draft, change, id, version, issues, last, isTouched } = useDraft(loaded, props.takenIds, metrics)
  const [own] = draft.prices
  // The curve of a flat fee says nothing.
  const [selected, setSelected] = useState(() =>
    Math.max(
      0,
      own.charges.findIndex(({ kind }) => kind !== 'flat_fee'),
    ),
  )
  const [shown, setShown] = useState(0)
  const [isKept, setKept] = useState(false)
  const { isBusy, refusal, submit } = useSubmit()
  const go = useGo()
  const currency = draft.prices[shown]?.currency ?? own.currency
  const tried = useMemo(
    () => triable(version, issues, shown === 0 ? null : currency, selected),
    [version, issues, shown, currency, selected],
  )
  const trial = useTrial({ charges: tried.faultless, metrics, currency, settings: draft.settings })
  const isNameless = draft.name.trim() === '' || version.charges.some((charge) => charge.name === '')
  const isWhole = !issues.some(isError) && version.charges.length > 0 && !isNameless && id !== ''
  const { version: number, ...terms } = version
  const whole: CardTerms = {
    id,
    name: draft.name.trim(),
    currency: own.currency,
    ...(draft.privateTo.length === 0 ? {} : { privateTo: draft.privateTo }),
    ...terms,
  }
  const use = (taken: CardTerms) => {
    const settings = settingsOfVersion(taken.settings, loaded?.card.versions.at(-1) ?? null)
    const { keptIds, ...rest } = fromTerms({ ...taken, settings })
    const kept = { keptIds: [...new Set([...draft.keptIds, ...keptIds])] }
    change(loaded === null ? { ...rest, ...kept } : { ...rest, ...kept, effectiveFrom: draft.effectiveFrom })
    setShown(0)
    setSelected(-1)
  }
  const save = async () => {
    const saved = await submit(
      async () => {
        const kept = await client.rateCards.save({
          ...whole,
          id,
          charges: [...version.charges],
          otherCurrencies: terms.otherCurrencies as never,
          privateTo: draft.privateTo.length === 0 ? null : [...draft.privateTo],
          expectedVersion: loaded?.version ?? 0,
        })
        setKept(true)
        return kept
      },
      () => `Version ${number} of ${whole.name} is saved, from ${version.effectiveFrom}.`,
    )
    if (saved !== null && loaded === null) go(recordPath('/rate-cards', id))
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
          <FileActions
            savedId={loaded?.card.id ?? null}
            terms={isWhole ? whole : null}
            current={last === undefined ? null : { ...last, name: draft.name, currency: own.currency }}
            metrics={metrics}
            onUse={use}
          />
          <Button
            loading={isBusy}
            disabled={!isWhole || (loaded !== null && !isTouched)}
            onClick={() => void save()}
          >
            Save version
          </Button>
        </>
      }
    >
      <LeaveGuard isDirty={isTouched && !isKept} what="The rate card" />
      <Head draft={draft} id={id} isNew={loaded === null} issues={issues} onChange={change} />
      {refusal !== null && (
        <Alert color="red" title="Not saved">
          {refusal}
        </Alert>
      )}
      <Section title={`Charges of version ${number}`}>
        <ChargesByCurrency
          prices={draft.prices}
          onChange={(prices) => change({ prices })}
          issues={issues}
          metrics={metrics}
          shown={shown}
          onShow={setShown}
          selected={selected}
          onSelect={setSelected}
          below={tried.open === undefined ? undefined : <TryCharge charge={tried.open} trial={trial} />}
        />
        <Problems issues={aboutTheWhole(issues)} />
        {last !== undefined && issues.some(isError) && (
          <Text size="sm">Mend what is marked in red to see what version {number} would change.</Text>
        )}
        {last !== undefined && !issues.some(isError) && (
          <Changes last={last} version={version} metrics={metrics} currency={own.currency} />
        )}
      </Section>
      <TryOut trial={trial} />
      <Simulate draft={isWhole ? { ...whole, id } : null} isNew={loaded === null} />
      {loaded !== null && (
        <>
          <CompareVersions
            versions={loaded.card.versions}
            draft={isTouched && !issues.some(isError) ? version : null}
            metrics={metrics}
            currency={own.currency}
          />
          <Versions versions={loaded.card.versions} metrics={metrics} currency={own.currency} />
          <Customers customers={loaded.customers} />
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
