import { Alert, Button, Text } from '@mantine/core'
import { useState } from 'react'
import { type Month, monthName } from '../../../domain/period.ts'
import { client } from '../../api.ts'
import { act } from '../../ui/action.ts'
import { useBook } from '../../ui/book.tsx'
import { Confirm } from '../../ui/confirm.tsx'
import { type InvoiceDetail, totalWords } from './selection.ts'

/** What it means to approve before a month's end. */
export const NotOver = ({ month }: { month: Month }) => (
  <Alert variant="default" title={`${monthName(month)} is not over`}>
    What is approved stays as it is. Usage of the days that are left is billed by the next month’s invoice, at
    that month’s prices, and fees and commitments are those of the whole month.
  </Alert>
)

/** Approves one draft, after naming who and how much. */
export const ApproveButton = (props: { detail: InvoiceDetail }) => {
  const { invoice, version } = props.detail
  const { author } = useBook()
  const [isOpen, setOpen] = useState(false)
  const approve = () =>
    act(
      'Approve',
      async () => {
        const result = await client.invoices.approve({
          invoices: [{ invoiceId: invoice.id, expectedVersion: version }],
        })
        const [refused] = result.refused
        if (refused !== undefined) throw new Error(refused.message)
        return result
      },
      () => `${invoice.number} is approved by ${author}.`,
    )
  return (
    <>
      <Button onClick={() => setOpen(true)}>Approve</Button>
      <Confirm
        opened={isOpen}
        title={`Approve ${invoice.number}?`}
        confirm={`Approve ${totalWords([invoice])}`}
        onConfirm={approve}
        onClose={() => setOpen(false)}
      >
        <Text>
          {author} approves <b>{totalWords([invoice])}</b> to {invoice.customerName}. It is recorded with name
          and time, and can’t be taken back.
        </Text>
        {props.detail.isRunning && <NotOver month={invoice.month} />}
        {invoice.issues.length > 0 && (
          <Text size="sm">
            {invoice.issues.length === 1 ? 'One check' : `${invoice.issues.length} checks`} found something;
            see Checks on this page.
          </Text>
        )}
      </Confirm>
    </>
  )
}
