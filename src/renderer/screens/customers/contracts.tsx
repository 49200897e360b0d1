import { Alert, Button, Group, Modal, Text } from '@mantine/core'
import { useState } from 'react'
import type { Contract } from '../../../domain/pricing/contract.ts'
import { type ContractWordsContext, commitmentsInWords } from '../../../domain/pricing/contract-words.ts'
import { endDayOf } from '../../../domain/pricing/term.ts'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { formatPercent } from '../../ui/format.ts'
import { Section } from '../../ui/page.tsx'
import { proposeId } from '../../ui/propose-id.ts'
import { recordPath, ScreenLink } from '../../ui/screen-link.tsx'
import { useContractContext } from './contract-context.ts'
import { ContractForm } from './contract-form.tsx'
import { ContractHistory } from './contract-history.tsx'

export interface ContractRow {
  readonly contract: Contract
  readonly version: number
  readonly rateCardName: string
}

/** The contracts that hold on the day, renewals counted; the one that began last first. */
const contractsOn = (rows: readonly ContractRow[], day: string): readonly ContractRow[] =>
  rows
    .filter(({ contract }) => {
      const endDay = endDayOf(contract)
      return contract.startDay <= day && (endDay === null || day < endDay)
    })
    .sort((a, b) => (a.contract.startDay < b.contract.startDay ? 1 : -1))

const termInWords = ({ startDay, endDay, renewal }: Contract): string =>
  endDay === null
    ? `from ${startDay}, runs on`
    : `from ${startDay} until before ${endDay}${renewal?.kind === 'renews' ? `, then renews for ${renewal.months} months` : ''}`

const discountsInWords = (contract: Contract, { charges }: ContractWordsContext): string => {
  const own = Object.entries(contract.chargeDiscounts).map(
    ([chargeId, percent]) =>
      `${formatPercent(percent)} on ${charges.find(({ id }) => id === chargeId)?.name ?? chargeId}`,
  )
  return [
    formatPercent(contract.discountPercent),
    ...own,
    ...(contract.discounts ?? []).map(({ name }) => name),
  ].join('; ')
}

const columnsOf = (
  contextOf: ReturnType<typeof useContractContext>,
  onAmend: (row: ContractRow) => void,
  onHistory: (contractId: string) => void,
): readonly Column<ContractRow>[] => [
  { key: 'id', title: 'Contract', kind: 'text', value: (row) => row.contract.id },
  {
    key: 'card',
    title: 'Rate card',
    kind: 'text',
    value: (row) => row.rateCardName,
    render: (row) => (
      <ScreenLink to={recordPath('/rate-cards', row.contract.rateCardId)}>{row.rateCardName}</ScreenLink>
    ),
  },
  { key: 'start', title: 'First day', kind: 'date', value: (row) => row.contract.startDay },
  {
    key: 'end',
    title: 'Ends before',
    kind: 'date',
    value: (row) => row.contract.endDay,
    render: (row) => row.contract.endDay ?? 'runs on',
  },
  {
    key: 'discount',
    title: 'Discount',
    kind: 'text',
    value: ({ contract }) => discountsInWords(contract, contextOf(contract)),
  },
  {
    key: 'commitment',
    title: 'Commitment',
    kind: 'text',
    value: ({ contract }) => commitmentsInWords(contract, contextOf(contract)).join('; ') || null,
  },
  {
    key: 'deal',
    title: 'Deal',
    kind: 'text',
    value: (row) => row.contract.dealId ?? null,
    render: (row) =>
      row.contract.dealId === undefined ? (
        '–'
      ) : (
        <ScreenLink to={recordPath('/deals', row.contract.dealId)}>{row.contract.dealId}</ScreenLink>
      ),
  },
  { key: 'version', title: 'Version', kind: 'count', value: (row) => String(row.version) },
  {
    key: 'amend',
    title: 'Change',
    kind: 'text',
    value: () => null,
    render: (row) => (
      <Group gap={4} wrap="nowrap">
        <Button
          size="compact-xs"
          variant="default"
          aria-label={`Amend ${row.contract.id}`}
          onClick={() => onAmend(row)}
        >
          Amend
        </Button>
        <Button
          size="compact-xs"
          variant="default"
          aria-label={`History of ${row.contract.id}`}
          onClick={() => onHistory(row.contract.id)}
        >
          History
        </Button>
      </Group>
    ),
  },
]

/** What the customer agreed: now, before and later. */
export const Contracts = (props: {
  customerId: string
  rows: readonly ContractRow[]
  /** The day asked about: the last of the month that is shown. */
  day: string
}) => {
  const contextOf = useContractContext()
  const [edited, setEdited] = useState<ContractRow | 'new' | null>(null)
  const [picked, setPicked] = useState<string | null>(null)
  const current = contractsOn(props.rows, props.day)
  const close = () => setEdited(null)
  const shownId = picked ?? current[0]?.contract.id ?? props.rows[0]?.contract.id
  return (
    <Section title="Contract" actions={<Button onClick={() => setEdited('new')}>Assign rate card</Button>}>
      {current.length === 0 ? (
        <Alert color="gray" title={`No contract holds on ${props.day}`}>
          Usage of these days has no price, so no invoice is made. Assign a rate card.
        </Alert>
      ) : (
        current.map(({ contract, rateCardName }) => (
          <Text size="sm" key={contract.id}>
            <b>{rateCardName}</b>, {termInWords(contract)}; discount{' '}
            {discountsInWords(contract, contextOf(contract))};{' '}
            {commitmentsInWords(contract, contextOf(contract)).join('; ') || 'no commitment'}.
            {contract.amendment !== undefined &&
              contract.amendment.effectiveDay > props.day &&
              ` So it holds from ${contract.amendment.effectiveDay} on; what holds before is in its history.`}
          </Text>
        ))
      )}
      {props.rows.length > 0 && (
        <DataTable
          title="Contracts"
          columns={columnsOf(contextOf, setEdited, setPicked)}
          rows={props.rows}
          rowKey={(row) => row.contract.id}
        />
      )}
      {shownId !== undefined && <ContractHistory contractId={shownId} />}
      <Modal
        opened={edited !== null}
        onClose={close}
        title={edited === 'new' ? 'Assign rate card' : `Amend ${edited?.contract.id ?? ''}`}
        size="min(1100px, 96vw)"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {edited !== null && (
          <ContractForm
            customerId={props.customerId}
            newId={proposeId(
              `${props.customerId}-${props.rows.length + 1}`,
              props.rows.map((row) => row.contract.id),
            )}
            isFirst={props.rows.length === 0}
            existing={edited === 'new' ? null : edited}
            onDone={close}
          />
        )}
      </Modal>
    </Section>
  )
}
