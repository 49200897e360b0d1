import { Alert, Button, Group, Modal, Text } from '@mantine/core'
import { useState } from 'react'
import type { Contract } from '../../../domain/pricing/contract.ts'
import { useBook } from '../../ui/book.tsx'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { formatMoney, formatPercent } from '../../ui/format.ts'
import { Section } from '../../ui/page.tsx'
import { proposeId } from '../../ui/propose-id.ts'
import { recordPath, ScreenLink } from '../../ui/screen-link.tsx'
import { ContractForm } from './contract-form.tsx'
import { ContractHistory } from './contract-history.tsx'

export interface ContractRow {
  readonly contract: Contract
  readonly version: number
  readonly rateCardName: string
}

/** The contract that holds on the day; of several the one that began last. */
const contractOn = (rows: readonly ContractRow[], day: string): ContractRow | undefined =>
  rows
    .filter(({ contract }) => contract.startDay <= day && (contract.endDay === null || day < contract.endDay))
    .sort((a, b) => (a.contract.startDay < b.contract.startDay ? 1 : -1))[0]

const termInWords = ({ startDay, endDay }: Contract): string =>
  endDay === null ? `from ${startDay}, runs on` : `from ${startDay} until before ${endDay}`

const discountsInWords = (contract: Contract): string => {
  const own = Object.entries(contract.chargeDiscounts).map(
    ([chargeId, percent]) => `${formatPercent(percent)} on ${chargeId}`,
  )
  return [formatPercent(contract.discountPercent), ...own].join('; ')
}

const columnsOf = (
  currency: string,
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
  { key: 'discount', title: 'Discount', kind: 'text', value: (row) => discountsInWords(row.contract) },
  {
    key: 'commitment',
    title: 'Commitment a month',
    kind: 'money',
    currency,
    value: (row) => row.contract.monthlyCommitment,
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
  currency: string
  /** The day asked about: the last of the month that is shown. */
  day: string
}) => {
  const { settings } = useBook()
  const [edited, setEdited] = useState<ContractRow | 'new' | null>(null)
  const [picked, setPicked] = useState<string | null>(null)
  const current = contractOn(props.rows, props.day)
  const close = () => setEdited(null)
  const shownId = picked ?? current?.contract.id ?? props.rows[0]?.contract.id
  return (
    <Section title="Contract" actions={<Button onClick={() => setEdited('new')}>Assign rate card</Button>}>
      {current === undefined ? (
        <Alert color="gray" title={`No contract holds on ${props.day}`}>
          Usage of these days has no price, so no invoice is made. Assign a rate card.
        </Alert>
      ) : (
        <Group gap={6}>
          <Text size="sm">
            <b>{current.rateCardName}</b>, {termInWords(current.contract)}; discount{' '}
            {discountsInWords(current.contract)};{' '}
            {current.contract.monthlyCommitment === null
              ? 'no commitment'
              : `at least ${formatMoney(current.contract.monthlyCommitment, settings.currency)} ${settings.currency} a month`}
            .
          </Text>
        </Group>
      )}
      {props.rows.length > 0 && (
        <DataTable
          title="Contracts"
          columns={columnsOf(props.currency, setEdited, setPicked)}
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
