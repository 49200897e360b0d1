import { Alert, Radio, Stack, Text } from '@mantine/core'
import type { FilePreview } from '../../../contract/sources.ts'
import { monthName } from '../../../domain/period.ts'
import { Amount } from '../../ui/amount.tsx'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { plural } from './words.ts'

type Bill = FilePreview['bills'][number]

const BILL_COLUMNS: readonly Column<Bill>[] = [
  { key: 'provider', title: 'Provider', kind: 'text', value: (row) => row.provider },
  { key: 'account', title: 'Billing account', kind: 'text', value: (row) => row.billingAccount },
  {
    key: 'month',
    title: 'Month',
    kind: 'month',
    value: (row) => row.month,
    render: (row) => monthName(row.month),
  },
  { key: 'currency', title: 'Currency', kind: 'text', value: (row) => row.currency },
  { key: 'rows', title: 'Rows in the file', kind: 'count', value: (row) => String(row.rows) },
  {
    key: 'billed',
    title: 'Billed in the file',
    kind: 'money',
    value: (row) => row.billed,
    render: (row) => <Amount value={row.billed} currency={row.currency} />,
  },
  { key: 'inLedger', title: 'Entries in the ledger', kind: 'count', value: (row) => String(row.inLedger) },
]

/** The bills a cost file speaks of, and what the ledger has of each. */
export const Bills = (props: { preview: FilePreview }) => (
  <Stack gap={4}>
    <DataTable
      title="Bills in this file"
      columns={BILL_COLUMNS}
      rows={props.preview.bills}
      rowKey={(row) => [row.provider, row.billingAccount, row.month, row.currency].join(' · ')}
      maxHeight={220}
      empty="No bill could be read."
    />
    {!props.preview.wholeFile && (
      <Text size="xs" c="dimmed">
        Of the first {plural(props.preview.rowsRead, 'row')}; the import reads them all.
      </Text>
    )}
  </Stack>
)

/** Whether a cost file replaces what the ledger has of its bills, or adds to it. */
export const DeliveryEditor = (props: {
  preview: FilePreview
  delivery: 'restate' | 'add'
  onChange: (delivery: 'restate' | 'add') => void
}) => {
  const known = props.preview.bills.filter((bill) => bill.inLedger > 0)
  return (
    <Stack gap="sm">
      <Radio.Group
        label="If the ledger has these bills already"
        value={props.delivery}
        onChange={(value) => props.onChange(value as 'restate' | 'add')}
      >
        <Stack gap="xs" mt={6}>
          <Radio
            value="restate"
            label="This is a newer delivery of the whole bill"
            description="What stayed stays, what is new is added, what vanished is reversed. Nothing is deleted: the older delivery can still be asked for."
          />
          <Radio
            value="add"
            label="This is a further part of the bill"
            description="Its rows are added to what is there. Rows the ledger has already are counted as duplicates."
          />
        </Stack>
      </Radio.Group>
      {known.length === 0 ? (
        <Text size="sm">The ledger has none of these bills yet, so that both mean the same.</Text>
      ) : (
        <Alert
          color="blue"
          title={
            known.length < props.preview.bills.length
              ? `The ledger has ${known.length} of these ${props.preview.bills.length} bills already`
              : `The ledger has ${known.length === 1 ? 'this bill' : 'these bills'} already`
          }
        >
          {props.delivery === 'restate'
            ? 'Rows the ledger has and this file does not have will be reversed.'
            : 'Rows the ledger has stay, whether this file has them or not.'}
        </Alert>
      )}
      <Bills preview={props.preview} />
    </Stack>
  )
}
