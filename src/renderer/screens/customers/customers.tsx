import { Button, Modal, Tabs, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { z } from 'zod'
import type { customerRow } from '../../../contract/customers.ts'
import { monthName } from '../../../domain/period.ts'
import { api } from '../../api.ts'
import { useBook, useMonth } from '../../ui/book.tsx'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { ExcelImport } from '../../ui/excel-import.tsx'
import { useExplain } from '../../ui/explain-context.tsx'
import { instantColumn } from '../../ui/instant-column.ts'
import { MarginPercent } from '../../ui/margin-percent.tsx'
import { Page } from '../../ui/page.tsx'
import { recordPath, useGo } from '../../ui/screen-link.tsx'
import { useScreenSearch } from '../../ui/screen-search.ts'
import { Empty, Query } from '../../ui/states.tsx'
import { CustomerForm } from './customer-form.tsx'
import { TenantsWithoutCustomer } from './tenants.tsx'

type Row = z.output<typeof customerRow>

const searchSchema = z.object({ tab: z.enum(['customers', 'tenants']).default('customers') })

/** "3: alpha, beta, …" */
const tenantsInWords = (tenants: readonly string[]): string =>
  tenants.length === 0
    ? 'none'
    : `${tenants.length}: ${tenants.slice(0, 3).join(', ')}${tenants.length > 3 ? ', …' : ''}`

const useColumns = (currency: string): readonly Column<Row>[] => {
  const book = useBook()
  const month = useMonth()
  const explain = useExplain()
  const { timeZone, marginFloorPercent } = book.settings
  return useMemo(
    () => [
      {
        key: 'name',
        title: 'Customer',
        kind: 'text',
        value: (row) => row.customer.name,
        render: (row) => (
          <Text fz="inherit" truncate maw={240} title={row.customer.name}>
            {row.customer.name}
          </Text>
        ),
      },
      {
        key: 'tenants',
        title: 'Tenants',
        kind: 'text',
        value: (row) => row.customer.tenants.join(', '),
        render: (row) => (
          <Text fz="inherit" truncate maw={230} title={row.customer.tenants.join(', ')}>
            {tenantsInWords(row.customer.tenants)}
          </Text>
        ),
      },
      { key: 'card', title: 'Rate card', kind: 'text', value: (row) => row.rateCardName },
      {
        key: 'revenue',
        title: 'Revenue',
        kind: 'money',
        currency,
        value: (row) => row.revenue,
        explain: (row) =>
          month === null ? undefined : () => explain({ kind: 'revenue', month, customerId: row.customer.id }),
      },
      {
        key: 'cost',
        title: 'Direct cost',
        kind: 'money',
        currency,
        value: (row) => row.directCost,
        explain: (row) =>
          month === null
            ? undefined
            : () =>
                explain({
                  kind: 'cost',
                  scope: { month, filters: [{ field: 'customer', values: [row.customer.id] }] },
                }),
      },
      {
        key: 'margin',
        title: 'Margin',
        kind: 'percent',
        value: (row) => row.marginPercent,
        render: (row) => <MarginPercent value={row.marginPercent} floor={marginFloorPercent} />,
      },
      instantColumn('last', 'Last usage', (row) => row.lastUsageMs, timeZone),
    ],
    [currency, month, explain, timeZone, marginFloorPercent],
  )
}

const List = (props: { rows: readonly Row[]; currency: string; onAdd: () => void }) => {
  const go = useGo()
  const columns = useColumns(props.currency)
  if (props.rows.length === 0)
    return (
      <Empty title="No customers yet" action={<Button onClick={props.onAdd}>Add the first customer</Button>}>
        Add one by hand, make customers of the tenants seen in your data, or import them from a workbook.
      </Empty>
    )
  return (
    <DataTable
      title="Customers"
      columns={columns}
      rows={props.rows}
      rowKey={(row) => row.customer.id}
      onOpen={(row) => go(recordPath('/customers', row.customer.id))}
      maxHeight={680}
    />
  )
}

/** Customers with their month; tenants nobody owns; both in and out by workbook. */
export const Screen = () => {
  const month = useMonth()
  const [search, setSearch] = useScreenSearch(searchSchema)
  const [isAdding, setAdding] = useState(false)
  const go = useGo()
  const list = useQuery(api.customers.list.queryOptions({ input: month === null ? {} : { month } }))
  return (
    <Page
      title="Customers"
      question={`Who buys, at what price, and what is kept${month === null ? '' : ` in ${monthName(month)}`}?`}
      actions={
        <>
          <ExcelImport kind="customers" />
          <Button onClick={() => setAdding(true)}>Add customer</Button>
        </>
      }
    >
      <Query of={list} what="customers">
        {(data) => (
          <>
            <Tabs
              value={search.tab}
              onChange={(tab) => setSearch({ tab: tab === 'tenants' ? 'tenants' : undefined })}
              keepMounted={false}
            >
              <Tabs.List mb="sm">
                <Tabs.Tab value="customers">Customers ({data.rows.length})</Tabs.Tab>
                <Tabs.Tab value="tenants">Tenants without customer ({data.tenantsWithoutCustomer})</Tabs.Tab>
              </Tabs.List>
              <Tabs.Panel value="customers">
                <List rows={data.rows} currency={data.currency} onAdd={() => setAdding(true)} />
              </Tabs.Panel>
              <Tabs.Panel value="tenants">
                <TenantsWithoutCustomer customers={data.rows} />
              </Tabs.Panel>
            </Tabs>
            <Modal
              opened={isAdding}
              onClose={() => setAdding(false)}
              title="Add customer"
              closeButtonProps={{ 'aria-label': 'Close' }}
            >
              <CustomerForm
                existing={null}
                takenIds={data.rows.map(({ customer }) => customer.id)}
                onCancel={() => setAdding(false)}
                onSaved={(customerId) => {
                  setAdding(false)
                  go(recordPath('/customers', customerId))
                }}
              />
            </Modal>
          </>
        )}
      </Query>
    </Page>
  )
}
