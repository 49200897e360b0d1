import { Button, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../../api.ts'
import { useBook } from '../../ui/book.tsx'
import { DataTable } from '../../ui/data-table.tsx'
import { formatInstant } from '../../ui/format.ts'
import { Section } from '../../ui/page.tsx'
import { Query } from '../../ui/states.tsx'
import type { InvoiceDetail } from './selection.ts'

/** The invoice rated again from the ledger, beside what it says: as of its issue it must be the same cent. */
export const Recompute = (props: { detail: InvoiceDetail }) => {
  const { invoice } = props.detail
  const { timeZone } = useBook().settings
  const [asOf, setAsOf] = useState<string | null>(null)
  const found = useQuery({
    ...api.invoices.recompute.queryOptions({ input: { invoiceId: invoice.id, asOf: asOf ?? '' } }),
    enabled: asOf !== null,
  })
  const { currency } = invoice
  return (
    <Section
      title="Recompute"
      actions={
        <>
          <Button variant="default" onClick={() => setAsOf(String(invoice.asOfBatch))}>
            Recompute as of its issue
          </Button>
          <Button variant="default" onClick={() => setAsOf('now')}>
            Recompute as of now
          </Button>
        </>
      }
    >
      {asOf === null ? (
        <Text size="sm">
          Rates the invoice again from the ledger and compares every line. As of its issue, batch{' '}
          {invoice.asOfBatch}, it comes to the same cent, whatever arrived or changed since.
        </Text>
      ) : (
        <Query of={found} what="The recomputed invoice">
          {(again) => (
            <>
              <Text size="sm" role="status" fw={again.equal ? 400 : 600}>
                {again.sentence}
              </Text>
              <Text size="xs" c="dimmed" title={`Chain head ${again.asOf.hash}`}>
                With what was known on {formatInstant(again.asOf.recordedMs, timeZone)} (batch{' '}
                {again.asOf.batchId}, chain head {again.asOf.hash.slice(0, 8)}).
              </Text>
              <DataTable
                title={`Recomputed ${invoice.number}`}
                rows={again.lines}
                rowKey={(line) => `${line.line} ${line.description}`}
                columns={[
                  {
                    key: 'line',
                    title: 'Line',
                    kind: 'count',
                    value: (line) => (line.line === null ? null : String(line.line)),
                  },
                  { key: 'description', title: 'Charge', kind: 'text', value: (line) => line.description },
                  {
                    key: 'invoiced',
                    title: 'Invoiced',
                    kind: 'money',
                    currency,
                    value: (line) => line.invoiced,
                    total: again.invoiced,
                  },
                  {
                    key: 'recomputed',
                    title: 'Recomputed',
                    kind: 'money',
                    currency,
                    value: (line) => line.recomputed,
                    total: again.recomputed,
                  },
                  {
                    key: 'difference',
                    title: 'Difference',
                    kind: 'money',
                    currency,
                    value: (line) => line.difference,
                    total: again.difference,
                  },
                  { key: 'words', title: 'In words', kind: 'text', value: (line) => line.sentence },
                ]}
              />
            </>
          )}
        </Query>
      )}
    </Section>
  )
}
