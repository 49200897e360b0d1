import { Button, Group, Text, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { Month } from '../../../domain/period.ts'
import { client } from '../../api.ts'
import { act } from '../../ui/action.ts'
import { Amount } from '../../ui/amount.tsx'
import { useBook } from '../../ui/book.tsx'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { useExplain } from '../../ui/explain-context.tsx'
import { DASH, formatMoney, signOf } from '../../ui/format.ts'
import { Section } from '../../ui/page.tsx'
import { type BillRow, identityGap, identityHolds, printedTotal, readTypedTotal } from './words.ts'

const nameOf = (bill: BillRow) => `${bill.provider} ${bill.billingAccount}`

/** The bill's total, typed from paper. Enter saves as well. */
const BillTotal = ({ bill, isLocked }: { bill: BillRow; isLocked: boolean }) => {
  const saved = bill.billTotal === null ? '' : printedTotal(bill.billTotal, bill.currency)
  const [typed, setTyped] = useState<string | null>(null)
  const [isBusy, setBusy] = useState(false)
  const text = typed ?? saved
  const read = readTypedTotal(text)
  const isChanged = typed !== null && (!read.ok || read.total !== bill.billTotal)
  const save = async () => {
    if (!read.ok || !isChanged) return
    setBusy(true)
    const { provider, billingAccount, month, currency } = bill
    const done = await act(
      'Bill total',
      () =>
        client.reconcile.setBillTotal({
          month,
          provider,
          billingAccount,
          currency,
          total: read.total,
          expectedVersion: bill.billTotalVersion,
        }),
      () =>
        read.total === null
          ? `The total of ${nameOf(bill)} is taken back.`
          : `${nameOf(bill)}: ${formatMoney(read.total, currency)} ${currency} recorded.`,
    )
    setBusy(false)
    if (done !== null) setTyped(null)
  }
  if (isLocked) return <Amount value={bill.billTotal} currency={bill.currency} />
  return (
    <Group gap={4} wrap="nowrap" justify="flex-end">
      <TextInput
        aria-label={`Total of the bill of ${nameOf(bill)} (${bill.currency})`}
        inputMode="decimal"
        placeholder="from the bill"
        w={130}
        value={text}
        onChange={(event) => setTyped(event.currentTarget.value)}
        onKeyDown={(event) => event.key === 'Enter' && void save()}
        error={!read.ok}
        title={read.ok ? undefined : read.sentence}
        styles={{ input: { textAlign: 'right', fontVariantNumeric: 'tabular-nums' } }}
      />
      <Button
        variant="default"
        loading={isBusy}
        disabled={!isChanged || !read.ok}
        aria-label={`Save the total of ${nameOf(bill)}`}
        onClick={() => void save()}
      >
        Save
      </Button>
    </Group>
  )
}

const Difference = ({ bill }: { bill: BillRow }) => {
  if (bill.difference === null) return <>{DASH}</>
  if (signOf(bill.difference) === 'zero')
    return (
      <Text span size="sm" c="light-dark(var(--mantine-color-teal-9), var(--mantine-color-teal-4))">
        ✓ equal
      </Text>
    )
  return (
    <Text
      span
      size="sm"
      fw={600}
      title={bill.difference}
      c="light-dark(var(--mantine-color-red-9), var(--mantine-color-red-4))"
    >
      {signOf(bill.difference) === 'positive' ? '+' : ''}
      {formatMoney(bill.difference, bill.currency)}
    </Text>
  )
}

/** The equation that must hold, bill by bill. */
const Identity = ({ bill }: { bill: BillRow }) => (
  <Text size="sm" title={`${bill.attributed} + ${bill.unattributed} = ${bill.ledgerBilled}`}>
    {nameOf(bill)}: {formatMoney(bill.attributed, bill.currency)} attributed +{' '}
    {formatMoney(bill.unattributed, bill.currency)} unattributed ={' '}
    {formatMoney(bill.ledgerBilled, bill.currency)} {bill.currency}{' '}
    {identityHolds(bill) ? (
      '✓'
    ) : (
      <Text span fw={600} c="light-dark(var(--mantine-color-red-9), var(--mantine-color-red-4))">
        ✕ lacks {formatMoney(identityGap(bill), bill.currency)}; rebuild the cube in Settings
      </Text>
    )}
  </Text>
)

/** Where the checks' evidence is shown on this very screen. */
export const BILLS_ANCHOR = 'bills'

/** Per provider and account: what the ledger has against what the bill says. */
export const Bills = (props: { month: Month; bills: readonly BillRow[]; isLocked: boolean }) => {
  const { bills } = props
  const explain = useExplain()
  const { currency: bookCurrency } = useBook().settings
  const explainBill = (bill: BillRow, filter?: { field: string; values: (string | null)[] }) => () =>
    explain({
      kind: 'cost',
      scope: {
        month: props.month,
        filters: [
          { field: 'provider', values: [bill.provider] },
          { field: 'billing_account', values: [bill.billingAccount === '' ? null : bill.billingAccount] },
          ...(filter === undefined ? [] : [filter]),
        ],
      },
    })
  const [first] = bills
  const isMixed = bills.some((bill) => bill.currency !== first?.currency)
  const money = (
    key: string,
    title: string,
    value: (bill: BillRow) => string | null,
    open?: (bill: BillRow) => () => void,
  ): Column<BillRow> => ({
    key,
    title,
    kind: 'money',
    ...(isMixed || first === undefined ? {} : { currency: first.currency }),
    value,
    render: (bill) => (
      <Amount
        value={value(bill)}
        currency={bill.currency}
        // The reports speak the book's currency only; a bill in another has its figures here, and no more.
        onExplain={bill.currency === bookCurrency ? open?.(bill) : undefined}
      />
    ),
  })
  return (
    <div id={BILLS_ANCHOR}>
      <Section title="Bills">
        <DataTable
          title="Bills"
          rows={bills}
          rowKey={(bill) => JSON.stringify([bill.provider, bill.billingAccount, bill.currency])}
          empty="The ledger has no cost of this month, so there is no bill to compare."
          columns={[
            { key: 'provider', title: 'Provider', kind: 'text', value: (bill) => bill.provider },
            { key: 'account', title: 'Account', kind: 'text', value: (bill) => bill.billingAccount },
            ...(isMixed
              ? [
                  {
                    key: 'currency',
                    title: 'Currency',
                    kind: 'text',
                    value: (bill: BillRow) => bill.currency,
                  } as const,
                ]
              : []),
            money(
              'ledger',
              'Ledger cost',
              (bill) => bill.ledgerBilled,
              (bill) => explainBill(bill),
            ),
            money('file', 'File total', (bill) => bill.fileTotal),
            {
              ...money('bill', 'Bill total', (bill) => bill.billTotal),
              render: (bill) => (
                <BillTotal key={`${bill.billTotalVersion}`} bill={bill} isLocked={props.isLocked} />
              ),
            },
            {
              ...money('difference', 'Difference', (bill) => bill.difference),
              render: (bill) => <Difference bill={bill} />,
            },
            money('attributed', 'Attributed', (bill) => bill.attributed),
            money(
              'unattributed',
              'Unattributed',
              (bill) => bill.unattributed,
              (bill) => explainBill(bill, { field: 'tenant', values: [null] }),
            ),
            {
              key: 'by',
              title: 'Typed by',
              kind: 'text',
              value: (bill) => bill.billTotalBy,
            },
          ]}
        />
        {bills.map((bill) => (
          <Identity key={JSON.stringify([bill.provider, bill.billingAccount, bill.currency])} bill={bill} />
        ))}
      </Section>
    </div>
  )
}
