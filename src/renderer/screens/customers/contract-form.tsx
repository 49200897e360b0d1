import { Alert, Button, Group, Select, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { addMonths } from '../../../domain/period.ts'
import type { Contract } from '../../../domain/pricing/contract.ts'
import { diffContracts } from '../../../domain/pricing/contract-words.ts'
import { versionInForce } from '../../../domain/pricing/segments.ts'
import { chargeInWords } from '../../../domain/pricing/words.ts'
import { api, client } from '../../api.ts'
import { useBook } from '../../ui/book.tsx'
import { LinkButton } from '../../ui/screen-link.tsx'
import { Empty, Failure, Loading } from '../../ui/states.tsx'
import { useSubmit } from '../../ui/submit.ts'
import { chargesOffered } from './charges-offered.ts'
import { Amendment, Basics, CardChoices, type Change, ChargeDiscounts } from './contract-basics.tsx'
import { type ContractDraft, emptyContract, fromContract } from './contract-draft.ts'
import { faultsOf, type Problems } from './contract-faults.ts'
import { issuesOfOwn, MoreTerms } from './contract-more.tsx'
import { toContract } from './draft-to-contract.ts'

const NO_PROBLEMS: Problems = new Map()

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
  const [isTried, setTried] = useState(false)
  const form = useRef<HTMLFormElement>(null)
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
  const listed =
    card === undefined || version === undefined
      ? []
      : chargesOffered(pinned === undefined ? [version, ...card.versions.toReversed()] : [pinned], {
          own: card.currency,
          chosen: currency,
        })
  const charges = [...listed, ...(contract?.charges ?? [])]
  const words = { metrics: definitions, currency, charges }
  // Words can be made of charges without a fault only.
  const faults = contract === null || card === undefined ? null : faultsOf(contract, card, draft)
  const problems = isTried && faults !== null ? faults.problems : NO_PROBLEMS
  const isWhole = faults !== null && faults.problems.size + faults.others.length === 0
  const ownIsFaulty = issuesOfOwn(contract, definitions).some(({ severity }) => severity === 'error')
  const save = async () => {
    if (contract === null) return
    setTried(true)
    if (!isWhole) {
      // The fields are marked once this has been drawn.
      setTimeout(() => form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus())
      return
    }
    const done = await submit(
      () => client.customers.saveContract({ ...contract, expectedVersion: props.existing?.version ?? 0 }),
      () => `Contract ${contract.id} is saved; the next invoice run uses it.`,
    )
    if (done !== null) props.onDone()
  }
  return (
    <form
      ref={form}
      noValidate
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
          error={problems.get('rateCardId')}
          onChange={(rateCardId) =>
            change({ rateCardId, terms: { ...draft.terms, rateCardVersion: '', currency: '' } })
          }
        />
        {card && <CardChoices draft={draft} onChange={change} card={card} problems={problems} />}
        <Basics draft={draft} onChange={change} currency={currency} problems={problems} />
        {version && (
          <>
            <ChargeDiscounts
              draft={draft}
              onChange={change}
              charges={listed}
              problems={problems}
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
              problems={problems}
              cardSettings={version.settings ?? {}}
            />
          </>
        )}
        {before !== undefined && contract !== null && (
          <Amendment
            draft={draft}
            onChange={change}
            problems={problems}
            sentences={isWhole && !ownIsFaulty ? diffContracts(before, contract, words) : null}
          />
        )}
        {isTried && !isWhole && faults !== null && (
          <Alert color="red" title="Not saved">
            {faults.problems.size > 0 &&
              `${faults.problems.size === 1 ? 'One term needs' : `${faults.problems.size} terms need`} a look: what is wrong is said beside the field. `}
            {faults.others.join(' ')}
          </Alert>
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
