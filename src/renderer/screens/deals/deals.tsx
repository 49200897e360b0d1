import { Button, Modal } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api, type client } from '../../api.ts'
import { useBook } from '../../ui/book.tsx'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { instantColumn } from '../../ui/instant-column.ts'
import { MarginPercent } from '../../ui/margin-percent.tsx'
import { Page } from '../../ui/page.tsx'
import { recordPath, useGo } from '../../ui/screen-link.tsx'
import { Empty, Query } from '../../ui/states.tsx'
import { PickCustomer } from './pick-customer.tsx'

type Row = Awaited<ReturnType<typeof client.deals.list>>[number]

const useColumns = (): readonly Column<Row>[] => {
  const { settings } = useBook()
  const { currency, marginFloorPercent, timeZone } = settings
  return [
    { key: 'name', title: 'Deal', kind: 'text', value: (row) => row.deal.name },
    { key: 'customer', title: 'Customer', kind: 'text', value: (row) => row.customerName },
    { key: 'state', title: 'State', kind: 'text', value: (row) => row.deal.state },
    { key: 'scenario', title: 'Proposed', kind: 'text', value: (row) => row.summary?.name ?? null },
    {
      key: 'value',
      title: 'Contract value',
      kind: 'money',
      currency,
      value: (row) => row.summary?.totalContractValue ?? null,
    },
    {
      key: 'margin',
      title: 'Margin %',
      kind: 'percent',
      value: (row) => row.summary?.marginPercent ?? null,
      render: (row) => (
        <MarginPercent
          value={row.summary?.marginPercent ?? null}
          floor={marginFloorPercent}
          isBelow={row.summary?.belowFloor ?? null}
        />
      ),
    },
    {
      key: 'breakEven',
      title: 'Break-even discount',
      kind: 'percent',
      value: (row) => row.summary?.breakEvenDiscountPercent ?? null,
    },
    instantColumn('when', 'Last change', (row) => row.recordedMs, timeZone),
  ]
}

/** Proposals: what each would bring and keep, as the customers' past stands now. */
export const Screen = () => {
  const deals = useQuery(api.deals.list.queryOptions())
  const [isPicking, setPicking] = useState(false)
  const go = useGo()
  const columns = useColumns()
  return (
    <Page
      title="Deals"
      question="What is on the table, and does it pay?"
      actions={<Button onClick={() => setPicking(true)}>New deal</Button>}
    >
      <Query of={deals} what="Deals">
        {(rows) =>
          rows.length === 0 ? (
            <Empty title="No deals yet">
              A deal models a discount, a commitment and a term on a customer’s own past months. Begin with
              New deal.
            </Empty>
          ) : (
            <DataTable
              title="Deals"
              columns={columns}
              rows={rows}
              rowKey={(row) => row.deal.id}
              onOpen={(row) => go(recordPath('/deals', row.deal.id))}
            />
          )
        }
      </Query>
      <Modal
        opened={isPicking}
        onClose={() => setPicking(false)}
        title="A deal with whom?"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <PickCustomer />
      </Modal>
    </Page>
  )
}
