import { Button, Group, Select } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../../api.ts'
import { LinkButton, useGo } from '../../ui/screen-link.tsx'
import { Empty, Query } from '../../ui/states.tsx'

/** Whom the new deal is for. */
export const PickCustomer = () => {
  const customers = useQuery(api.customers.list.queryOptions({ input: {} }))
  const [customerId, setCustomerId] = useState<string | null>(null)
  const go = useGo()
  return (
    <Query of={customers} what="customers">
      {({ rows }) =>
        rows.length === 0 ? (
          <Empty title="No customers yet" action={<LinkButton to="/customers">Add a customer</LinkButton>}>
            A deal is made with a customer; add one first.
          </Empty>
        ) : (
          <form
            onSubmit={(event) => {
              event.preventDefault()
              if (customerId !== null) go('/deals/new', { customer: customerId })
            }}
          >
            <Group align="flex-end">
              <Select
                label="Customer"
                placeholder="Choose one"
                searchable
                w={280}
                data={rows.map(({ customer }) => ({ value: customer.id, label: customer.name }))}
                value={customerId}
                onChange={setCustomerId}
              />
              <Button type="submit" disabled={customerId === null}>
                Model a deal
              </Button>
            </Group>
          </form>
        )
      }
    </Query>
  )
}
