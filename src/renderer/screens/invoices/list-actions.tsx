import { Alert, Button, List, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Month } from '../../../domain/period.ts'
import { api, client } from '../../api.ts'
import { act } from '../../ui/action.ts'
import { useBook } from '../../ui/book.tsx'
import { Confirm } from '../../ui/confirm.tsx'
import { useJobs } from '../../ui/jobs.tsx'
import { NotOver } from './approve-button.tsx'
import { countInvoices, type InvoiceRow, totalWords } from './selection.ts'

const Named = (props: { rows: readonly InvoiceRow[] }) => {
  const shown = props.rows.slice(0, 12)
  return (
    <List size="sm">
      {shown.map((row) => (
        <List.Item key={row.id}>
          {row.number} · {row.customerName} · {totalWords([row])}
        </List.Item>
      ))}
      {props.rows.length > shown.length && <List.Item>and {props.rows.length - shown.length} more</List.Item>}
    </List>
  )
}

/** Approves the ticked drafts, after naming who, how many and how much. */
export const ApproveSelected = (props: {
  drafts: readonly InvoiceRow[]
  /** The month, where it is not over. */
  running: Month | null
  onDone: () => void
}) => {
  const { drafts } = props
  const { author } = useBook()
  const [isOpen, setOpen] = useState(false)
  const [refused, setRefused] = useState<readonly { invoiceId: string; message: string }[]>([])
  const approve = async () => {
    const result = await act(
      'Approve',
      () =>
        client.invoices.approve({
          invoices: drafts.map((row) => ({ invoiceId: row.id, expectedVersion: row.version })),
        }),
      ({ approved }) => `${countInvoices(approved)} approved by ${author}.`,
    )
    if (result === null) return
    setRefused(result.refused)
    props.onDone()
  }
  const nameOf = (id: string) => drafts.find((row) => row.id === id)?.number ?? id
  return (
    <>
      <Button disabled={drafts.length === 0} onClick={() => setOpen(true)}>
        Approve selected
      </Button>
      <Confirm
        opened={isOpen}
        title={`Approve ${countInvoices(drafts.length)}?`}
        confirm={`Approve ${countInvoices(drafts.length)}`}
        onConfirm={approve}
        onClose={() => setOpen(false)}
      >
        <Text>
          {author} approves {countInvoices(drafts.length)}, <b>{totalWords(drafts)}</b> in all. It is recorded
          with name and time, and can’t be taken back.
        </Text>
        {props.running !== null && <NotOver month={props.running} />}
        {drafts.some((row) => row.needsReview) && (
          <Text size="sm">
            <b>{countInvoices(drafts.filter((row) => row.needsReview).length)}</b> of them ask for a second
            look: above the review limit, or with an error found by a check.
          </Text>
        )}
        <Named rows={drafts} />
      </Confirm>
      <Confirm
        opened={refused.length > 0}
        title={`${countInvoices(refused.length)} not approved`}
        confirm="Understood"
        onConfirm={() => Promise.resolve()}
        onClose={() => setRefused([])}
      >
        <Alert variant="default">
          <List size="sm">
            {refused.map(({ invoiceId, message }) => (
              <List.Item key={invoiceId}>
                {nameOf(invoiceId)}: {message}
              </List.Item>
            ))}
          </List>
        </Alert>
      </Confirm>
    </>
  )
}

/** Delivers the ticked approved invoices, after saying where they go. */
export const DeliverSelected = (props: { approved: readonly InvoiceRow[]; onDone: () => void }) => {
  const { approved } = props
  const jobs = useJobs()
  const [isOpen, setOpen] = useState(false)
  const first = approved[0]
  const preview = useQuery({
    ...api.invoices.deliveryPreview.queryOptions({ input: { invoiceId: first?.id ?? '' } }),
    enabled: isOpen && first !== undefined,
  })
  const deliver = async () => {
    setOpen(false)
    await jobs.run(() => client.invoices.deliver({ invoiceIds: approved.map((row) => row.id) }))
    props.onDone()
  }
  return (
    <>
      <Button variant="default" disabled={approved.length === 0} onClick={() => setOpen(true)}>
        Deliver selected
      </Button>
      <Confirm
        opened={isOpen}
        title={`Deliver ${countInvoices(approved.length)}?`}
        confirm={`Deliver ${countInvoices(approved.length)}`}
        isReady={preview.data !== undefined}
        onConfirm={deliver}
        onClose={() => setOpen(false)}
      >
        <Text>
          {countInvoices(approved.length)}, <b>{totalWords(approved)}</b> in all, go to Stripe at{' '}
          <b>{preview.data?.destination ?? '…'}</b>. Each invoice’s own page shows exactly what is sent.
        </Text>
        {preview.data?.ready === false && (
          <Alert variant="default" title="Not ready">
            {preview.data.sentence}
          </Alert>
        )}
        {preview.error !== null && (
          <Alert variant="default" title="Not ready">
            {preview.error.message}
          </Alert>
        )}
        <Named rows={approved} />
      </Confirm>
    </>
  )
}
