import { Alert, Button, Group, Select, Stack, Text, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { z } from 'zod'
import type { customerRow, tenantRow } from '../../../contract/customers.ts'
import { api, client } from '../../api.ts'
import { useBook } from '../../ui/book.tsx'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { instantColumn } from '../../ui/instant-column.ts'
import { LinkButton } from '../../ui/screen-link.tsx'
import { Empty, Query } from '../../ui/states.tsx'
import { useSubmit } from '../../ui/submit.ts'

type Tenant = z.output<typeof tenantRow>
type CustomerRow = z.output<typeof customerRow>

const columnsOf = (timeZone: string): readonly Column<Tenant>[] => {
  return [
    { key: 'tenant', title: 'Tenant', kind: 'text', value: (row) => row.tenant },
    { key: 'events', title: 'Usage events', kind: 'count', value: (row) => String(row.events) },
    { key: 'cost', title: 'Cost entries', kind: 'count', value: (row) => String(row.costEntries) },
    instantColumn('first', 'First seen', (row) => row.firstMs, timeZone),
    instantColumn('last', 'Last seen', (row) => row.lastMs, timeZone),
  ]
}

const MakeCustomers = (props: { tenants: readonly string[]; onDone: () => void }) => {
  const book = useBook()
  const cards = useQuery(api.rateCards.list.queryOptions())
  const firstMonth = book.months.map((each) => each.month).sort()[0] ?? book.currentMonth
  const [rateCardId, setRateCardId] = useState<string | null>(null)
  const [startDay, setStartDay] = useState(firstMonth === null ? '' : `${firstMonth}-01`)
  const { isBusy, refusal, submit } = useSubmit()
  const make = async () => {
    const done = await submit(
      () =>
        client.customers.fromTenants({
          tenants: [...props.tenants],
          rateCardId,
          startDay: rateCardId === null ? null : startDay,
        }),
      ({ made }) => `${made} ${made === 1 ? 'customer' : 'customers'} made.`,
    )
    if (done !== null) props.onDone()
  }
  return (
    <Stack gap="xs">
      <Group align="flex-end" gap="xs">
        <Select
          label="Rate card"
          placeholder="None for now"
          clearable
          searchable
          w={220}
          data={(cards.data ?? []).map(({ card }) => ({ value: card.id, label: card.name }))}
          value={rateCardId}
          onChange={setRateCardId}
        />
        <TextInput
          label="From day"
          type="date"
          w={150}
          value={startDay}
          disabled={rateCardId === null}
          onChange={(event) => setStartDay(event.currentTarget.value)}
        />
        <Button
          loading={isBusy}
          disabled={props.tenants.length === 0 || (rateCardId !== null && startDay === '')}
          onClick={() => void make()}
        >
          Make customers
        </Button>
      </Group>
      {refusal !== null && (
        <Alert color="red" title="No customer was made">
          {refusal}
        </Alert>
      )}
    </Stack>
  )
}

const AssignTo = (props: {
  tenants: readonly string[]
  customers: readonly CustomerRow[]
  onDone: () => void
}) => {
  const [customerId, setCustomerId] = useState<string | null>(null)
  const { isBusy, refusal, submit } = useSubmit()
  const row = props.customers.find(({ customer }) => customer.id === customerId)
  const assign = async () => {
    if (row === undefined) return
    const done = await submit(
      () =>
        client.customers.save({
          ...row.customer,
          tenants: [...row.customer.tenants, ...props.tenants],
          expectedVersion: row.version,
        }),
      () =>
        `${props.tenants.length} ${props.tenants.length === 1 ? 'tenant belongs' : 'tenants belong'} to ${row.customer.name} now.`,
    )
    if (done !== null) props.onDone()
  }
  return (
    <Stack gap="xs">
      <Group align="flex-end" gap="xs">
        <Select
          label="Existing customer"
          placeholder="Choose one"
          searchable
          clearable
          w={220}
          data={props.customers.map(({ customer }) => ({ value: customer.id, label: customer.name }))}
          value={customerId}
          onChange={setCustomerId}
        />
        <Button
          variant="default"
          loading={isBusy}
          disabled={row === undefined || props.tenants.length === 0}
          onClick={() => void assign()}
        >
          Assign to customer
        </Button>
      </Group>
      {refusal !== null && (
        <Alert color="red" title="Not assigned">
          {refusal}
        </Alert>
      )}
    </Stack>
  )
}

/** Tenants seen in usage or cost that no customer owns: made into customers, or given to one. */
export const TenantsWithoutCustomer = (props: { customers: readonly CustomerRow[] }) => {
  const { timeZone } = useBook().settings
  const tenants = useQuery(api.customers.tenants.queryOptions())
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  return (
    <Query of={tenants} what="tenants">
      {(all) => {
        const rows = all.filter((row) => row.customerId === null)
        const chosen = rows.filter((row) => selected.has(row.tenant)).map((row) => row.tenant)
        const onDone = () => setSelected(new Set())
        if (rows.length === 0)
          return all.length === 0 ? (
            <Empty
              title="No tenants yet"
              action={<LinkButton to="/sources">Import usage or cost</LinkButton>}
            >
              Tenants appear here once usage or attributed cost names them.
            </Empty>
          ) : (
            <Empty title="Every tenant has a customer">
              New ones appear here as soon as data names them.
            </Empty>
          )
        return (
          <Stack gap="sm">
            <Text size="sm">
              These names occur in usage or cost, and nobody pays for them yet. Select some, then make a
              customer of each, or give them all to a customer that exists.
            </Text>
            <Group align="flex-start" gap="xl">
              <MakeCustomers tenants={chosen} onDone={onDone} />
              <AssignTo tenants={chosen} customers={props.customers} onDone={onDone} />
            </Group>
            <Text size="sm" role="status">
              {chosen.length} of {rows.length} selected.
            </Text>
            <DataTable
              title="Tenants without customer"
              columns={columnsOf(timeZone)}
              rows={rows}
              rowKey={(row) => row.tenant}
              selection={{ selected, onChange: setSelected }}
            />
          </Stack>
        )
      }}
    </Query>
  )
}
