import {
  Alert,
  Button,
  Collapse,
  Group,
  List,
  NativeSelect,
  Select,
  SimpleGrid,
  Stack,
  Text,
  TextInput,
} from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { addMonths } from '../../../domain/period.ts'
import type { Contract } from '../../../domain/pricing/contract.ts'
import { diffContracts } from '../../../domain/pricing/contract-words.ts'
import type { RateCard, RateCardVersion } from '../../../domain/pricing/ratecard.ts'
import { versionInForce } from '../../../domain/pricing/segments.ts'
import { chargeInWords } from '../../../domain/pricing/words.ts'
import { api, client } from '../../api.ts'
import { useBook } from '../../ui/book.tsx'
import { LinkButton } from '../../ui/screen-link.tsx'
import { Empty, Failure, Loading } from '../../ui/states.tsx'
import { useSubmit } from '../../ui/submit.ts'
import { type ContractDraft, emptyContract, fromContract } from './contract-draft.ts'
import { issuesOfOwn, MoreTerms } from './contract-more.tsx'
import { toContract } from './draft-to-contract.ts'

type Change = (change: Partial<ContractDraft>) => void

/** The day a new contract begins on: a first one prices all that is known already; one more is for what comes. */
const useFirstDay = (isFirst: boolean): string => {
  const book = useBook()
  const newest = book.currentMonth
  const month =
    isFirst || newest === null
      ? (book.months.map((each) => each.month).sort()[0] ?? newest)
      : addMonths(newest, 1)
  return month === null ? '' : `${month}-01`
}

const Basics = (props: { draft: ContractDraft; onChange: Change; currency: string }) => {
  const { draft, onChange } = props
  return (
    <SimpleGrid cols={2}>
      <TextInput
        label="First day"
        type="date"
        required
        withAsterisk={false}
        value={draft.startDay}
        onChange={(event) => onChange({ startDay: event.currentTarget.value })}
      />
      <TextInput
        label="Ends before"
        description="Empty while it runs on."
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        type="date"
        value={draft.endDay}
        onChange={(event) => onChange({ endDay: event.currentTarget.value })}
      />
      <TextInput
        label="Discount (%)"
        inputMode="decimal"
        value={draft.discount}
        onChange={(event) => onChange({ discount: event.currentTarget.value })}
      />
      <TextInput
        label={`Monthly commitment (${props.currency})`}
        description="The least a month costs after discounts; empty for none."
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        inputMode="decimal"
        value={draft.commitment}
        onChange={(event) => onChange({ commitment: event.currentTarget.value })}
      />
    </SimpleGrid>
  )
}

/** Which version of the card holds, and in which of its currencies. */
const CardChoices = (props: { draft: ContractDraft; onChange: Change; card: RateCard }) => {
  const { draft, onChange, card } = props
  const currencies = [
    ...new Set([card.currency, ...card.versions.flatMap((each) => Object.keys(each.otherCurrencies ?? {}))]),
  ]
  const set = (key: string, value: string) => onChange({ terms: { ...draft.terms, [key]: value } })
  if (card.versions.length < 2 && currencies.length < 2 && (draft.terms.rateCardVersion ?? '') === '')
    return null
  return (
    <SimpleGrid cols={2}>
      <NativeSelect
        size="xs"
        label="Version of the card"
        value={draft.terms.rateCardVersion ?? ''}
        data={[
          { value: '', label: 'Follows the card’s versions' },
          ...card.versions.map(({ version, effectiveFrom }) => ({
            value: String(version),
            label: `Keeps version ${version}, of ${effectiveFrom}`,
          })),
        ]}
        onChange={(event) => set('rateCardVersion', event.currentTarget.value)}
      />
      {currencies.length > 1 && (
        <NativeSelect
          size="xs"
          label="Currency"
          value={draft.terms.currency ?? ''}
          data={currencies.map((currency, index) => ({
            value: index === 0 ? '' : currency,
            label: currency,
          }))}
          onChange={(event) => set('currency', event.currentTarget.value)}
        />
      )}
    </SimpleGrid>
  )
}

const ChargeDiscounts = (props: {
  draft: ContractDraft
  onChange: Change
  version: RateCardVersion
  inWords: (charge: RateCardVersion['charges'][number]) => string
}) => {
  const { draft, onChange } = props
  const [isShown, setShown] = useState(Object.keys(draft.chargeDiscounts).length > 0)
  return (
    <>
      <Button
        variant="default"
        size="compact-xs"
        aria-expanded={isShown}
        onClick={() => setShown(!isShown)}
        style={{ alignSelf: 'flex-start' }}
      >
        {isShown ? 'Hide discounts by charge' : 'Discounts by charge'}
      </Button>
      <Collapse expanded={isShown}>
        <Stack gap="xs">
          <Text size="sm" c="dimmed">
            In place of the overall discount; empty where that one holds.
          </Text>
          {props.version.charges.map((charge) => (
            <TextInput
              key={charge.id}
              label={`Discount on ${charge.name} (%)`}
              description={props.inWords(charge)}
              inputMode="decimal"
              placeholder={draft.discount}
              value={draft.chargeDiscounts[charge.id] ?? ''}
              onChange={(event) =>
                onChange({
                  chargeDiscounts: { ...draft.chargeDiscounts, [charge.id]: event.currentTarget.value },
                })
              }
            />
          ))}
        </Stack>
      </Collapse>
    </>
  )
}

/** From which day the change holds, why, and what it says in words. */
const Amendment = (props: { draft: ContractDraft; onChange: Change; sentences: readonly string[] }) => {
  const { draft, onChange, sentences } = props
  const set = (key: string, value: string) => onChange({ terms: { ...draft.terms, [key]: value } })
  return (
    <Stack gap="xs" role="group" aria-label="The amendment">
      <SimpleGrid cols={2}>
        <TextInput
          label="Change takes effect on"
          description="Empty for a correction from the contract’s first day."
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          type="date"
          value={draft.terms.effectiveDay ?? ''}
          onChange={(event) => set('effectiveDay', event.currentTarget.value)}
        />
        <TextInput
          label="Why"
          description="Kept with an amendment that has a day."
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          maxLength={500}
          value={draft.terms.note ?? ''}
          onChange={(event) => set('note', event.currentTarget.value)}
        />
      </SimpleGrid>
      <div role="status">
        <Text size="sm" fw={600}>
          {sentences.length === 0 ? 'Nothing differs from what holds now.' : 'What it changes:'}
        </Text>
        <List size="sm">
          {sentences.map((sentence) => (
            <List.Item key={sentence}>{sentence}</List.Item>
          ))}
        </List>
      </div>
    </Stack>
  )
}

/** Assigns a rate card, or amends a contract; `existing` null for a new one. */
export const ContractForm = (props: {
  customerId: string
  newId: string
  /** Whether the customer has no contract yet. */
  isFirst: boolean
  existing: { readonly contract: Contract; readonly version: number } | null
  onDone: () => void
}) => {
  const before = props.existing?.contract
  const book = useBook()
  const cards = useQuery(api.rateCards.list.queryOptions())
  const metrics = useQuery(api.metrics.list.queryOptions())
  const firstDay = useFirstDay(props.isFirst)
  const [draft, setDraft] = useState<ContractDraft>(() =>
    before === undefined ? emptyContract(firstDay) : fromContract(before),
  )
  const { isBusy, refusal, submit } = useSubmit()
  if (cards.error)
    return <Failure what="The rate cards" error={cards.error} retry={() => void cards.refetch()} />
  if (cards.data === undefined) return <Loading what="rate cards" />
  if (cards.data.length === 0)
    return (
      <Empty title="No rate cards yet" action={<LinkButton to="/rate-cards/new">New rate card</LinkButton>}>
        A contract needs a rate card: what is charged, and at what price.
      </Empty>
    )

  const change: Change = (changes) => setDraft((now) => ({ ...now, ...changes }))
  const card = cards.data.find((row) => row.card.id === draft.rateCardId)?.card
  const pinned = card?.versions.find(({ version }) => String(version) === draft.terms.rateCardVersion)
  const version = pinned ?? (card && (versionInForce(card, draft.startDay) ?? card.versions.at(-1)))
  const currency = draft.terms.currency || card?.currency || book.settings.currency
  const definitions = (metrics.data ?? []).map((each) => each.definition)
  const contract =
    draft.rateCardId === null
      ? null
      : toContract(
          { ...draft, rateCardId: draft.rateCardId },
          { id: before?.id ?? props.newId, customerId: props.customerId, dealId: before?.dealId },
        )
  const charges = [...(version?.charges ?? []), ...(contract?.charges ?? [])]
  const words = { metrics: definitions, currency, charges }
  // Words can be made of charges without a fault only.
  const ownIsFaulty = issuesOfOwn(contract, definitions).some(({ severity }) => severity === 'error')
  const save = async () => {
    if (contract === null) return
    const done = await submit(
      () => client.customers.saveContract({ ...contract, expectedVersion: props.existing?.version ?? 0 }),
      () => `Contract ${contract.id} is saved; the next invoice run uses it.`,
    )
    if (done !== null) props.onDone()
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void save()
      }}
    >
      <Stack gap="sm">
        <Select
          label="Rate card"
          placeholder="Choose one"
          required
          withAsterisk={false}
          searchable
          data={cards.data.map((row) => ({
            value: row.card.id,
            label: `${row.card.name} (${row.card.currency})`,
          }))}
          value={draft.rateCardId}
          onChange={(rateCardId) =>
            change({ rateCardId, terms: { ...draft.terms, rateCardVersion: '', currency: '' } })
          }
        />
        {card && <CardChoices draft={draft} onChange={change} card={card} />}
        <Basics draft={draft} onChange={change} currency={currency} />
        {version && (
          <>
            <ChargeDiscounts
              draft={draft}
              onChange={change}
              version={version}
              inWords={(charge) => chargeInWords(charge, words)}
            />
            <MoreTerms
              draft={draft}
              onChange={change}
              charges={charges
                .map(({ id, name }) => ({ value: id, label: name || id }))
                .filter(({ value }, index, all) => all.findIndex((each) => each.value === value) === index)}
              metrics={definitions}
              currency={currency}
            />
          </>
        )}
        {before !== undefined && contract !== null && !ownIsFaulty && (
          <Amendment draft={draft} onChange={change} sentences={diffContracts(before, contract, words)} />
        )}
        {refusal !== null && (
          <Alert color="red" title="Not saved">
            {refusal}
          </Alert>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={props.onDone}>
            Cancel
          </Button>
          <Button type="submit" loading={isBusy} disabled={contract === null || ownIsFaulty}>
            Save contract
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
