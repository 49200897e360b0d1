import { Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Fragment } from 'react'
import { api } from '../../api.ts'
import { Amount } from '../../ui/amount.tsx'
import { DataTable } from '../../ui/data-table.tsx'
import type { ExplainTarget } from '../../ui/explain-context.tsx'
import { Section } from '../../ui/page.tsx'
import { recordPath, ScreenLink } from '../../ui/screen-link.tsx'
import { Query } from '../../ui/states.tsx'
import { ChainHead, Total } from './parts.tsx'
import type { RevenueExplanation } from './words.ts'

type RevenueLine = RevenueExplanation['lines'][number]

interface ViewProps {
  readonly target: ExplainTarget & { kind: 'revenue' }
  readonly onOpen: (target: ExplainTarget) => void
  readonly onClose: () => void
}

const Customers = ({ data, target, onOpen }: ViewProps & { data: RevenueExplanation }) => (
  <Section title="By customer">
    <DataTable
      title="Revenue by customer"
      rows={data.customers}
      rowKey={(row) => row.invoiceId ?? row.customerId}
      onOpen={(row) => onOpen({ ...target, customerId: row.customerId })}
      maxHeight={420}
      empty="No customer has an invoice or a rate card for this month."
      columns={[
        { key: 'name', title: 'Customer', kind: 'text', value: (row) => row.name },
        {
          key: 'total',
          title: 'Revenue',
          kind: 'money',
          currency: data.currency,
          value: (row) => row.total,
          total: data.total,
        },
        { key: 'state', title: 'Invoice', kind: 'text', value: (row) => row.state },
      ]}
    />
  </Section>
)

const Lines = ({ data, target, onOpen, onClose }: ViewProps & { data: RevenueExplanation }) => {
  const [customer] = data.customers
  const { month, customerId } = target
  if (customer === undefined || customerId === undefined)
    return <Text size="sm">There is no invoice of this month, and no price to rate it by.</Text>
  const { invoiceId } = customer
  const isOfSeveral = data.customers.length > 1
  return (
    <Section title="By line">
      <Text size="sm">
        {isOfSeveral ? (
          <>
            From{' '}
            {data.customers.map((each, index) => (
              <Fragment key={each.invoiceId ?? index}>
                {index > 0 && ', '}
                {each.invoiceId === null ? (
                  'a month rated now'
                ) : (
                  <ScreenLink to={recordPath('/invoices', each.invoiceId)} onFollow={onClose}>
                    {each.invoiceId}
                  </ScreenLink>
                )}
              </Fragment>
            ))}
            . A line opens how its amount was made.
          </>
        ) : invoiceId === null ? (
          'Rated now: the month has no invoice yet, and a line opens the usage it would bill.'
        ) : (
          <>
            From{' '}
            <ScreenLink to={recordPath('/invoices', invoiceId)} onFollow={onClose}>
              its invoice
            </ScreenLink>
            , {customer.state}. A line opens how its amount was made.
          </>
        )}
      </Text>
      <DataTable
        title="Revenue by line"
        rows={data.lines}
        rowKey={(row) => `${row.number} ${row.line.line}`}
        onOpen={({ line, ...row }) => {
          if (row.invoiceId !== null) onOpen({ kind: 'line', invoiceId: row.invoiceId, line: line.line })
          else if (line.metric !== undefined)
            onOpen({ kind: 'usage', scope: { metric: line.metric, month, customerId } })
        }}
        maxHeight={420}
        columns={[
          ...(isOfSeveral
            ? [
                {
                  key: 'invoice',
                  title: 'Invoice',
                  kind: 'text',
                  value: (row: RevenueLine) => row.number,
                } as const,
              ]
            : []),
          { key: 'line', title: 'Line', kind: 'count', value: ({ line }) => String(line.line) },
          { key: 'description', title: 'Charge', kind: 'text', value: ({ line }) => line.description },
          {
            key: 'quantity',
            title: 'Quantity',
            kind: 'quantity',
            value: ({ line }) => line.quantity ?? null,
          },
          {
            key: 'amount',
            title: 'Amount',
            kind: 'money',
            currency: data.currency,
            value: ({ line }) => line.amount,
            total: data.total,
          },
        ]}
      />
    </Section>
  )
}

/** Revenue: of a month its customers, of a customer its lines; each opens what it is made of. */
export const RevenueView = (props: ViewProps) => {
  const { month, customerId } = props.target
  const revenue = useQuery(
    api.explain.revenue.queryOptions({
      input: { month, ...(customerId === undefined ? {} : { customerId }) },
    }),
  )
  return (
    <Query of={revenue} what="This revenue’s explanation">
      {(data) => (
        <Stack>
          <Total unit={data.currency} note={[`${data.title}.`, ...data.notes].join(' ')}>
            <Amount value={data.total} currency={data.currency} />
          </Total>
          {customerId === undefined ? <Customers {...props} data={data} /> : <Lines {...props} data={data} />}
          <ChainHead
            hash={data.chainHead}
            {...(data.asOfBatch === null ? {} : { asOf: `counted up to batch ${data.asOfBatch}` })}
          />
        </Stack>
      )}
    </Query>
  )
}
