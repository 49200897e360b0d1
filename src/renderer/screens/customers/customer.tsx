import { Button, Group, Modal, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { daysOfMonth, type Month } from '../../../domain/period.ts'
import { api } from '../../api.ts'
import { useBook, useMonth } from '../../ui/book.tsx'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { useExplain } from '../../ui/explain-context.tsx'
import { MarginPercent } from '../../ui/margin-percent.tsx'
import { Page, Section } from '../../ui/page.tsx'
import { LinkButton, recordPath, ScreenLink } from '../../ui/screen-link.tsx'
import { Query } from '../../ui/states.tsx'
import { Contracts } from './contracts.tsx'
import type { CustomerDetail } from './customer-detail.ts'
import { CustomerForm } from './customer-form.tsx'
import { CustomerUsage } from './customer-usage.tsx'
import { Preview } from './preview.tsx'

type MonthRow = CustomerDetail['months'][number]

const Months = (props: { detail: CustomerDetail }) => {
  const { settings } = useBook()
  const explain = useExplain()
  const { currency, customer } = props.detail
  const columns: readonly Column<MonthRow>[] = [
    { key: 'month', title: 'Month', kind: 'month', value: (row) => row.month },
    {
      key: 'revenue',
      title: 'Revenue',
      kind: 'money',
      currency,
      value: (row) => row.revenue,
      explain: (row) => () => explain({ kind: 'revenue', month: row.month, customerId: customer.id }),
    },
    {
      key: 'cost',
      title: 'Direct cost',
      kind: 'money',
      currency,
      value: (row) => row.directCost,
      explain: (row) => () =>
        explain({
          kind: 'cost',
          scope: { month: row.month, filters: [{ field: 'customer', values: [customer.id] }] },
        }),
    },
    {
      key: 'margin',
      title: 'Margin',
      kind: 'percent',
      value: (row) => row.marginPercent,
      render: (row) => <MarginPercent value={row.marginPercent} floor={settings.marginFloorPercent} />,
    },
    {
      key: 'invoice',
      title: 'Invoice',
      kind: 'text',
      value: (row) => row.invoiceState,
      render: (row) =>
        row.invoiceId === null ? (
          '–'
        ) : (
          <ScreenLink to={recordPath('/invoices', row.invoiceId)}>{row.invoiceState ?? 'invoice'}</ScreenLink>
        ),
    },
    {
      key: 'waterfall',
      title: 'From list price to margin',
      kind: 'text',
      value: () => null,
      render: (row) => (
        <ScreenLink to={recordPath('/cost', customer.id)} search={{ month: row.month }}>
          waterfall
        </ScreenLink>
      ),
    },
  ]
  return (
    <DataTable
      title={`Months of ${customer.name}`}
      columns={columns}
      rows={[...props.detail.months].sort((a, b) => (a.month < b.month ? 1 : -1))}
      rowKey={(row) => row.month}
      empty="No month has usage or cost of this customer's tenants yet."
    />
  )
}

const lastDayOf = (month: Month | null): string => {
  const day = month === null ? undefined : daysOfMonth(month).at(-1)
  return day ?? new Date().toISOString().slice(0, 10)
}

const Detail = (props: { detail: CustomerDetail }) => {
  const { customer, version, contracts } = props.detail
  const month = useMonth()
  const [isEditing, setEditing] = useState(false)
  return (
    <Page
      title={customer.name}
      question="What does this customer use, pay and cost?"
      actions={
        <>
          <LinkButton variant="default" to="/customers">
            All customers
          </LinkButton>
          <LinkButton variant="default" to={recordPath('/cost', customer.id)}>
            Margin waterfall
          </LinkButton>
          <Button variant="default" onClick={() => setEditing(true)}>
            Edit customer
          </Button>
          <LinkButton to="/deals/new" search={{ customer: customer.id }}>
            New deal
          </LinkButton>
        </>
      }
    >
      <Group gap="lg">
        <Text size="sm">
          ID <b>{customer.id}</b>
        </Text>
        <Text size="sm">
          Email <b>{customer.email ?? 'none'}</b>
        </Text>
        <Text size="sm">
          Tenants <b>{customer.tenants.length === 0 ? 'none yet' : customer.tenants.join(', ')}</b>
        </Text>
        {customer.stripeCustomerId !== null && (
          <Text size="sm">
            Stripe <b>{customer.stripeCustomerId}</b>
          </Text>
        )}
      </Group>
      <Contracts customerId={customer.id} rows={contracts} day={lastDayOf(month)} />
      <Preview customerId={customer.id} />
      <Section title="Months">
        <Months detail={props.detail} />
      </Section>
      <Section title="Usage by month">
        <CustomerUsage detail={props.detail} />
      </Section>
      <Modal
        opened={isEditing}
        onClose={() => setEditing(false)}
        title={`Edit ${customer.name}`}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <CustomerForm
          existing={{ customer, version }}
          takenIds={[]}
          onCancel={() => setEditing(false)}
          onSaved={() => setEditing(false)}
        />
      </Modal>
    </Page>
  )
}

export const Screen = () => {
  const { customerId } = useParams({ strict: false }) as { customerId: string }
  const customer = useQuery(api.customers.get.queryOptions({ input: { customerId } }))
  return (
    <Query of={customer} what="This customer">
      {(detail) => <Detail detail={detail} />}
    </Query>
  )
}
