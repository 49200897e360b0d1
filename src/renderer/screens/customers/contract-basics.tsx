/** The parts of the contract's form that every contract has. */
import { Button, Collapse, List, NativeSelect, SimpleGrid, Stack, Text, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { Charge, RateCard } from '../../../domain/pricing/ratecard.ts'
import type { ContractDraft } from './contract-draft.ts'
import type { Problems } from './contract-faults.ts'

export type Change = (change: Partial<ContractDraft>) => void

/** Its days, discount and commitment. */
export const Basics = (props: {
  draft: ContractDraft
  onChange: Change
  currency: string
  problems: Problems
}) => {
  const { draft, onChange, problems } = props
  return (
    <SimpleGrid cols={2}>
      <TextInput
        label="First day"
        type="date"
        required
        withAsterisk={false}
        value={draft.startDay}
        error={problems.get('startDay')}
        onChange={(event) => onChange({ startDay: event.currentTarget.value })}
      />
      <TextInput
        label="Ends before"
        description="Empty while it runs on."
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        type="date"
        value={draft.endDay}
        error={problems.get('endDay')}
        onChange={(event) => onChange({ endDay: event.currentTarget.value })}
      />
      <TextInput
        label="Discount (%)"
        inputMode="decimal"
        value={draft.discount}
        error={problems.get('discount')}
        onChange={(event) => onChange({ discount: event.currentTarget.value })}
      />
      <TextInput
        label={`Monthly commitment (${props.currency})`}
        description="The least a month costs after discounts; empty for none."
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        inputMode="decimal"
        value={draft.commitment}
        error={problems.get('commitment')}
        onChange={(event) => onChange({ commitment: event.currentTarget.value })}
      />
    </SimpleGrid>
  )
}

/** Which version of the card holds, and in which of its currencies. */
export const CardChoices = (props: {
  draft: ContractDraft
  onChange: Change
  card: RateCard
  problems: Problems
}) => {
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
        error={props.problems.get('terms.rateCardVersion')}
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
          error={props.problems.get('terms.currency')}
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

/** Discounts by charge, shown where there are any. */
export const ChargeDiscounts = (props: {
  draft: ContractDraft
  onChange: Change
  charges: readonly Charge[]
  problems: Problems
  inWords: (charge: Charge) => string
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
          {props.charges.map((charge) => (
            <TextInput
              key={charge.id}
              label={`Discount on ${charge.name} (%)`}
              description={props.inWords(charge)}
              inputMode="decimal"
              placeholder={draft.discount}
              value={draft.chargeDiscounts[charge.id] ?? ''}
              error={props.problems.get(`chargeDiscounts.${charge.id}`)}
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
export const Amendment = (props: {
  draft: ContractDraft
  onChange: Change
  problems: Problems
  /** Null while the contract is not whole. */
  sentences: readonly string[] | null
}) => {
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
          error={props.problems.get('terms.effectiveDay')}
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
          {sentences === null
            ? 'What it changes is said here once every term is whole.'
            : sentences.length === 0
              ? 'Nothing differs from what holds now.'
              : 'What it changes:'}
        </Text>
        <List size="sm">
          {sentences?.map((sentence) => (
            <List.Item key={sentence}>{sentence}</List.Item>
          ))}
        </List>
      </div>
    </Stack>
  )
}
