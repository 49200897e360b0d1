import { Button, Group, Stack, Text } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import type { Issue } from '../../../domain/issue.ts'
import type { Metric } from '../../../domain/metric.ts'
import type { Contract } from '../../../domain/pricing/contract.ts'
import type { RatingSettings } from '../../../domain/pricing/ratecard.ts'
import { validateRateCardVersion } from '../../../domain/pricing/validate.ts'
import { ChargeGrid } from '../rate-cards/charge-grid.tsx'
import { toCharge } from '../rate-cards/draft-to-charge.ts'
import { OwnSettingsForm } from '../rate-cards/settings-form.tsx'
import { type ContractDraft, LISTS } from './contract-draft.ts'
import type { Problems } from './contract-faults.ts'
import { LIST_TERMS, TERM_GROUPS } from './contract-members.ts'
import { type ChargeChoice, ListForm, TermFields } from './list-form.tsx'

interface MoreProps {
  readonly draft: ContractDraft
  readonly onChange: (change: Partial<ContractDraft>) => void
  readonly charges: readonly ChargeChoice[]
  readonly metrics: readonly Metric[]
  readonly currency: string
  readonly problems: Problems
  /** What holds where the contract says nothing. */
  readonly cardSettings: RatingSettings
}

/** What is wrong with the contract's own charges. */
export const issuesOfOwn = (
  contract: Pick<Contract, 'charges' | 'startDay'> | null,
  metrics: readonly Metric[],
): readonly Issue[] =>
  contract?.charges === undefined
    ? []
    : validateRateCardVersion(
        { version: 1, effectiveFrom: contract.startDay, charges: contract.charges },
        metrics,
      )

const OwnCharges = ({ draft, onChange, metrics, currency }: MoreProps) => {
  const [selected, setSelected] = useState(-1)
  const own = { startDay: draft.startDay, charges: draft.charges.map(toCharge) }
  return (
    <Stack gap="xs">
      <Text size="xs" c="dimmed">
        A charge with the ID of one of the card’s takes its place; others are added to it.
      </Text>
      <ChargeGrid
        charges={draft.charges}
        onChange={(charges) => onChange({ charges })}
        issues={issuesOfOwn(own, metrics)}
        metrics={metrics}
        currency={currency}
        selected={selected}
        onSelect={setSelected}
      />
    </Stack>
  )
}

interface Part {
  readonly key: string
  readonly title: string
  readonly isUsed: boolean
  readonly body: ReactNode
}

const LIST_TITLES = {
  multipliers: 'Multipliers on list rates',
  discounts: 'Discounts, in their order',
  commitments: 'Commitments',
  credits: 'Prepaid credits',
  ramp: 'Ramp',
  billTo: 'Several invoices',
} as const

const GROUP_TITLES = {
  topUp: 'Top-up',
  uplift: 'Uplift',
  trial: 'Free months and trial',
  invoice: 'Invoice',
  tax: 'Tax',
  renewal: 'Renewal',
} as const

const partsOf = (props: MoreProps): readonly Part[] => {
  const { draft, onChange, charges, problems } = props
  const groups = Object.keys(GROUP_TITLES) as (keyof typeof GROUP_TITLES)[]
  return [
    {
      key: 'charges',
      title: 'Own charges',
      isUsed: draft.charges.length > 0,
      body: <OwnCharges {...props} />,
    },
    ...LISTS.map((list) => ({
      key: list,
      title: LIST_TITLES[list],
      isUsed: draft[list].length > 0,
      body: (
        <ListForm
          {...LIST_TERMS[list]}
          rows={draft[list]}
          list={list}
          charges={charges}
          problems={problems}
          onChange={(rows) => onChange({ [list]: rows })}
        />
      ),
    })),
    ...groups.map((group) => {
      const { members } = TERM_GROUPS[group]
      return {
        key: group,
        title: GROUP_TITLES[group],
        isUsed: members.some(({ key }) => (draft.terms[key] ?? '') !== ''),
        body: (
          <TermFields
            members={members}
            row={draft.terms}
            charges={charges}
            problems={problems}
            onChange={(change) => onChange({ terms: { ...draft.terms, ...change } })}
          />
        ),
      }
    }),
    {
      key: 'settings',
      title: 'How it is rated',
      isUsed: Object.keys(draft.settings).length > 0,
      body: (
        <OwnSettingsForm
          settings={draft.settings}
          card={props.cardSettings}
          onChange={(settings) => onChange({ settings })}
        />
      ),
    },
  ]
}

/** What a contract may say beyond card, term, discount and commitment: shown where it does, added by a button. */
export const MoreTerms = (props: MoreProps) => {
  const [opened, setOpened] = useState<readonly string[]>([])
  const parts = partsOf(props)
  const shown = parts.filter(({ key, isUsed }) => isUsed || opened.includes(key))
  const rest = parts.filter((part) => !shown.includes(part))
  return (
    <Stack gap="sm">
      {shown.map(({ key, title, body }) => (
        <Stack key={key} gap={4} role="group" aria-label={title}>
          <Text size="sm" fw={600}>
            {title}
          </Text>
          {body}
        </Stack>
      ))}
      <Group gap={6}>
        <Text size="xs" c="dimmed">
          Also agreed
        </Text>
        {rest.map(({ key, title }) => (
          <Button key={key} size="compact-xs" variant="default" onClick={() => setOpened([...opened, key])}>
            {title}
          </Button>
        ))}
      </Group>
    </Stack>
  )
}
