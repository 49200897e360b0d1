import { Button, Collapse, Group, MultiSelect, Stack, Textarea, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Issue } from '../../../domain/issue.ts'
import { api } from '../../api.ts'
import { useBook } from '../../ui/book.tsx'
import type { CardDraft } from './card-draft.ts'
import { SettingsForm, settingsInWords } from './settings-form.tsx'

interface HeadProps {
  readonly draft: CardDraft
  readonly id: string
  readonly isNew: boolean
  readonly issues: readonly Issue[]
  readonly onChange: (change: Partial<CardDraft>) => void
}

const More = ({ draft, onChange }: HeadProps) => {
  const customers = useQuery(api.customers.list.queryOptions({ input: {} }))
  return (
    <Stack gap="sm">
      <MultiSelect
        label="Offered to"
        description="Everybody where nobody is named; a private offer is for the customers named only."
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        placeholder={draft.privateTo.length === 0 ? 'Everybody' : ''}
        searchable
        maw={520}
        data={(customers.data?.rows ?? []).map(({ customer }) => ({
          value: customer.id,
          label: customer.name,
        }))}
        value={[...draft.privateTo]}
        onChange={(privateTo) => onChange({ privateTo })}
      />
      <SettingsForm settings={draft.settings} onChange={(settings) => onChange({ settings })} />
    </Stack>
  )
}

/** What the version is called, from when it holds, and, one click away, whom it is for and how it rounds. */
export const Head = (props: HeadProps) => {
  const { draft, onChange, isNew } = props
  const [showsMore, setShowsMore] = useState(false)
  const dayIssue = props.issues.find((issue) => issue.column === 'effectiveFrom')
  const [own, ...others] = draft.prices
  const bookCurrency = useBook().settings.currency
  return (
    <Stack gap="xs">
      <Group align="flex-start" gap="sm">
        <TextInput
          label="Name"
          required
          withAsterisk={false}
          w={220}
          maxLength={120}
          value={draft.name}
          onChange={(event) => onChange({ name: event.currentTarget.value })}
        />
        {isNew && (
          <>
            <TextInput
              label="Rate card ID"
              required
              withAsterisk={false}
              w={180}
              maxLength={128}
              value={props.id}
              onChange={(event) => onChange({ typedId: event.currentTarget.value })}
            />
            <TextInput
              label="Currency"
              required
              withAsterisk={false}
              w={90}
              maxLength={3}
              value={own.currency}
              error={
                own.currency === bookCurrency
                  ? undefined
                  : `The book bills in ${bookCurrency}: add others below the charges.`
              }
              onChange={(event) =>
                onChange({
                  prices: [{ ...own, currency: event.currentTarget.value.toUpperCase() }, ...others],
                })
              }
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
          onChange={(event) => onChange({ effectiveFrom: event.currentTarget.value })}
        />
        <Textarea
          label="Note"
          placeholder="Why this version"
          autosize
          minRows={1}
          maxLength={500}
          w={300}
          value={draft.note}
          onChange={(event) => onChange({ note: event.currentTarget.value })}
        />
      </Group>
      <Button
        variant="default"
        size="compact-xs"
        style={{ alignSelf: 'flex-start' }}
        aria-expanded={showsMore}
        onClick={() => setShowsMore(!showsMore)}
      >
        Offer and settings
        {draft.privateTo.length > 0 ? ' (private)' : ''}
        {settingsInWords(draft.settings).length > 0 ? ' (not by default)' : ''}
      </Button>
      <Collapse expanded={showsMore}>{showsMore && <More {...props} />}</Collapse>
    </Stack>
  )
}
