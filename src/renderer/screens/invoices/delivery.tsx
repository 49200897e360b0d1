import { Accordion, Alert, Button, Group, Stack, Table, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api, client } from '../../api.ts'
import { useBook } from '../../ui/book.tsx'
import { DataTable } from '../../ui/data-table.tsx'
import { formatInstant } from '../../ui/format.ts'
import { useJobs } from '../../ui/jobs.tsx'
import { Section } from '../../ui/page.tsx'
import { Query } from '../../ui/states.tsx'
import type { DeliveryPreview, InvoiceDetail } from './selection.ts'

const OUTCOMES = { running: 'under way', delivered: 'delivered', failed: 'failed' }

const Calls = (props: { preview: DeliveryPreview }) => (
  <Table withTableBorder aria-label="What is sent, call by call" verticalSpacing={6}>
    <Table.Thead>
      <Table.Tr>
        <Table.Th w={36}>#</Table.Th>
        <Table.Th w={300}>Call</Table.Th>
        <Table.Th w={260}>What for</Table.Th>
        <Table.Th>Parameters</Table.Th>
      </Table.Tr>
    </Table.Thead>
    <Table.Tbody>
      {props.preview.calls.map((call, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: calls are in order, may repeat, and have no id
        <Table.Tr key={index} style={{ verticalAlign: 'top' }}>
          <Table.Td>{index + 1}</Table.Td>
          <Table.Td style={{ overflowWrap: 'anywhere' }}>
            <b>{call.method}</b> {call.path}
          </Table.Td>
          <Table.Td>{call.note}</Table.Td>
          <Table.Td style={{ overflowWrap: 'anywhere' }}>
            {Object.entries(call.parameters).map(([name, value]) => (
              <div key={name}>
                {name} = {value}
              </div>
            ))}
          </Table.Td>
        </Table.Tr>
      ))}
    </Table.Tbody>
  </Table>
)

const Attempts = (props: { attempts: InvoiceDetail['attempts'] }) => {
  const { timeZone } = useBook().settings
  return (
    <DataTable
      title="Delivery attempts"
      maxHeight={240}
      rows={props.attempts}
      rowKey={(attempt) => `${attempt.atMs} ${attempt.outcome}`}
      empty="Nothing was sent yet."
      columns={[
        {
          key: 'when',
          title: 'When',
          kind: 'text',
          value: (attempt) => formatInstant(attempt.atMs, timeZone),
        },
        { key: 'outcome', title: 'Outcome', kind: 'text', value: (attempt) => OUTCOMES[attempt.outcome] },
        {
          key: 'message',
          title: 'What came back',
          kind: 'text',
          value: (attempt) => attempt.message,
          render: (attempt) => <span title={attempt.message}>{attempt.message}</span>,
        },
        {
          key: 'retry',
          title: 'Worth a retry',
          kind: 'text',
          value: (attempt) =>
            attempt.outcome !== 'failed' ? null : attempt.retryable ? 'yes' : 'no, mend it first',
        },
        {
          key: 'customer',
          title: 'Customer in Stripe',
          kind: 'text',
          value: (attempt) => attempt.stripeCustomerId,
        },
        {
          key: 'invoice',
          title: 'Invoice in Stripe',
          kind: 'text',
          value: (attempt) => attempt.stripeInvoiceId,
        },
      ]}
    />
  )
}

/** Exactly what is sent where, the sending, and what came back. */
export const Delivery = (props: { detail: InvoiceDetail }) => {
  const { invoice, attempts } = props.detail
  const jobs = useJobs()
  const [isSending, setSending] = useState(false)
  const isDelivered = invoice.state === 'delivered'
  const preview = useQuery({
    ...api.invoices.deliveryPreview.queryOptions({ input: { invoiceId: invoice.id } }),
    enabled: !isDelivered && invoice.state !== 'void',
  })
  const deliver = async () => {
    setSending(true)
    await jobs.run(() => client.invoices.deliver({ invoiceIds: [invoice.id] }))
    setSending(false)
  }
  const last = attempts.findLast((attempt) => attempt.outcome === 'failed')
  return (
    <Section title="Delivery">
      {isDelivered ? (
        <Text size="sm">
          Delivered to Stripe
          {invoice.stripeInvoiceId !== undefined && (
            <>
              {' '}
              as <b>{invoice.stripeInvoiceId}</b>
            </>
          )}
          .
        </Text>
      ) : invoice.state === 'void' ? (
        <Text size="sm">A void invoice is not delivered.</Text>
      ) : (
        <Query of={preview} what="The delivery">
          {(data) => (
            <Stack gap="xs">
              {last !== undefined && (
                <Alert variant="default" title="The last attempt failed">
                  {last.message}{' '}
                  {last.retryable
                    ? 'Deliver again: what Stripe has already is found there, never made twice.'
                    : 'Mend that first, then deliver again.'}
                </Alert>
              )}
              <Text size="sm">{data.sentence}</Text>
              <Group>
                <Button
                  loading={isSending}
                  disabled={invoice.state !== 'approved' || !data.ready}
                  onClick={() => void deliver()}
                >
                  Deliver to Stripe
                </Button>
                <Text size="sm">
                  {invoice.state === 'draft'
                    ? 'Approve the invoice first.'
                    : `Sent to ${data.destination}${last === undefined ? '' : ', once more'}.`}
                </Text>
              </Group>
              {data.calls.length > 0 && (
                <Accordion variant="contained" order={3}>
                  <Accordion.Item value="calls">
                    <Accordion.Control>
                      What is sent to {data.destination}: {data.calls.length} calls
                    </Accordion.Control>
                    <Accordion.Panel>
                      <Calls preview={data} />
                    </Accordion.Panel>
                  </Accordion.Item>
                </Accordion>
              )}
            </Stack>
          )}
        </Query>
      )}
      {attempts.length > 0 && <Attempts attempts={attempts} />}
    </Section>
  )
}
