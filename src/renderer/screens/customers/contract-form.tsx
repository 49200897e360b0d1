import { Alert, Button, Collapse, Group, Select, SimpleGrid, Stack, Text, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { type DecimalText, parseDecimal } from '../../../domain/decimal.ts'
import { addMonths } from '../../../domain/period.ts'
import type { Contract } from '../../../domain/pricing/contract.ts'
import { versionInForce } from '../../../domain/pricing/segments.ts'
import { chargeInWords } from '../../../domain/pricing/words.ts'
import { api, client } from '../../api.ts'
import { useBook } from '../../ui/book.tsx'
import { LinkButton } from '../../ui/screen-link.tsx'
import { Empty, Failure, Loading } from '../../ui/states.tsx'
import { useSubmit } from '../../ui/submit.ts'

const asDecimal = (text: string): DecimalText => parseDecimal(text) ?? (text.trim() as DecimalText)

/** Text that is no number goes to the engine as typed, which says what is wrong with it. */
const toContract = (
  typed: {
    readonly rateCardId: string
    readonly startDay: string
    readonly endDay: string
    readonly discount: string
    readonly commitment: string
    readonly chargeDiscounts: Readonly<Record<string, string>>
  },
  fixed: { readonly id: string; readonly customerId: string; readonly dealId: string | undefined },
): Contract => ({
  id: fixed.id,
  customerId: fixed.customerId,
  rateCardId: typed.rateCardId,
  startDay: typed.startDay,
  endDay: typed.endDay === '' ? null : typed.endDay,
  discountPercent: asDecimal(typed.discount === '' ? '0' : typed.discount),
  chargeDiscounts: Object.fromEntries(
    Object.entries(typed.chargeDiscounts)
      .filter(([, percent]) => percent.trim() !== '')
      .map(([chargeId, percent]) => [chargeId, asDecimal(percent)]),
  ),
  monthlyCommitment: typed.commitment.trim() === '' ? null : asDecimal(typed.commitment),
  ...(fixed.dealId === undefined ? {} : { dealId: fixed.dealId }),
})

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
  // A first contract prices all that is known already; one more is for what comes.
  const newest = book.currentMonth
  const firstMonth =
    props.isFirst || newest === null
      ? (book.months.map((each) => each.month).sort()[0] ?? newest)
      : addMonths(newest, 1)
  const [rateCardId, setRateCardId] = useState(before?.rateCardId ?? null)
  const [startDay, setStartDay] = useState(
    before?.startDay ?? (firstMonth === null ? '' : `${firstMonth}-01`),
  )
  const [endDay, setEndDay] = useState(before?.endDay ?? '')
  const [discount, setDiscount] = useState<string>(before?.discountPercent ?? '0')
  const [commitment, setCommitment] = useState<string>(before?.monthlyCommitment ?? '')
  const [chargeDiscounts, setChargeDiscounts] = useState<Readonly<Record<string, string>>>(
    before?.chargeDiscounts ?? {},
  )
  const [showsCharges, setShowsCharges] = useState(Object.keys(chargeDiscounts).length > 0)
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

  const card = cards.data.find((row) => row.card.id === rateCardId)?.card
  const version = card && (versionInForce(card, startDay) ?? card.versions.at(-1))
  const definitions = (metrics.data ?? []).map((each) => each.definition)
  const save = async () => {
    if (rateCardId === null) return
    const contract = toContract(
      { rateCardId, startDay, endDay, discount, commitment, chargeDiscounts },
      { id: before?.id ?? props.newId, customerId: props.customerId, dealId: before?.dealId },
    )
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
          value={rateCardId}
          onChange={setRateCardId}
        />
        <SimpleGrid cols={2}>
          <TextInput
            label="First day"
            type="date"
            required
            withAsterisk={false}
            value={startDay}
            onChange={(event) => setStartDay(event.currentTarget.value)}
          />
          <TextInput
            label="Ends before"
            description="Empty while it runs on."
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            type="date"
            value={endDay}
            onChange={(event) => setEndDay(event.currentTarget.value)}
          />
          <TextInput
            label="Discount (%)"
            inputMode="decimal"
            value={discount}
            onChange={(event) => setDiscount(event.currentTarget.value)}
          />
          <TextInput
            label={`Monthly commitment (${card?.currency ?? book.settings.currency})`}
            description="The least a month costs after discounts; empty for none."
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            inputMode="decimal"
            value={commitment}
            onChange={(event) => setCommitment(event.currentTarget.value)}
          />
        </SimpleGrid>
        {version && card && (
          <>
            <Button
              variant="default"
              size="compact-xs"
              aria-expanded={showsCharges}
              onClick={() => setShowsCharges(!showsCharges)}
              style={{ alignSelf: 'flex-start' }}
            >
              {showsCharges ? 'Hide discounts by charge' : 'Discounts by charge'}
            </Button>
            <Collapse expanded={showsCharges}>
              <Stack gap="xs">
                <Text size="sm" c="dimmed">
                  In place of the overall discount; empty where that one holds.
                </Text>
                {version.charges.map((charge) => (
                  <TextInput
                    key={charge.id}
                    label={`Discount on ${charge.name} (%)`}
                    description={chargeInWords(charge, { metrics: definitions, currency: card.currency })}
                    inputMode="decimal"
                    placeholder={discount}
                    value={chargeDiscounts[charge.id] ?? ''}
                    onChange={(event) => {
                      const { value } = event.currentTarget
                      setChargeDiscounts((all) => ({ ...all, [charge.id]: value }))
                    }}
                  />
                ))}
              </Stack>
            </Collapse>
          </>
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
          <Button type="submit" loading={isBusy} disabled={rateCardId === null}>
            Save contract
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
