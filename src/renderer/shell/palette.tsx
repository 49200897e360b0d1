import { Spotlight, type SpotlightActionData } from '@mantine/spotlight'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { api } from '../api.ts'
import { SCREENS } from './screens.ts'

/** ⌘K: screens, customers, invoices, rate cards, deals. */
export const Palette = () => {
  const [wanted, setWanted] = useState(false)
  const navigate = useNavigate()
  const go = (to: string) => () => void navigate({ to } as never)
  const customers = useQuery({ ...api.customers.list.queryOptions({ input: {} }), enabled: wanted })
  const cards = useQuery({ ...api.rateCards.list.queryOptions(), enabled: wanted })
  const deals = useQuery({ ...api.deals.list.queryOptions(), enabled: wanted })
  const invoices = useQuery({ ...api.invoices.list.queryOptions({ input: {} }), enabled: wanted })
  const actions: SpotlightActionData[] = [
    ...SCREENS.map((screen) => ({
      id: `screen ${screen.path}`,
      label: screen.title,
      description: 'Screen',
      keywords: screen.words,
      leftSection: <screen.icon size={18} />,
      onClick: go(screen.path),
    })),
    ...(customers.data?.rows ?? []).map(({ customer }) => ({
      id: `customer ${customer.id}`,
      label: customer.name,
      description: 'Customer',
      keywords: customer.tenants.slice(0, 20).join(' '),
      onClick: go(`/customers/${encodeURIComponent(customer.id)}`),
    })),
    ...(cards.data ?? []).map(({ card }) => ({
      id: `card ${card.id}`,
      label: card.name,
      description: 'Rate card',
      onClick: go(`/rate-cards/${encodeURIComponent(card.id)}`),
    })),
    ...(deals.data ?? []).map(({ deal }) => ({
      id: `deal ${deal.id}`,
      label: deal.name,
      description: 'Deal',
      onClick: go(`/deals/${encodeURIComponent(deal.id)}`),
    })),
    ...(invoices.data?.rows ?? []).map((invoice) => ({
      id: `invoice ${invoice.id}`,
      label: `${invoice.number} · ${invoice.customerName}`,
      description: 'Invoice',
      onClick: go(`/invoices/${encodeURIComponent(invoice.id)}`),
    })),
  ]
  return (
    <Spotlight
      actions={actions}
      limit={12}
      nothingFound="Nothing of that name."
      shortcut={['mod + K', '/']}
      onSpotlightOpen={() => setWanted(true)}
      searchProps={{ placeholder: 'Go to a screen, customer, invoice, rate card or deal', 'aria-label': 'Search everything' }}
    />
  )
}
