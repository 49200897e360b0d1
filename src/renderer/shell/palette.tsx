import { Spotlight, type SpotlightActionData } from '@mantine/spotlight'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { api } from '../api.ts'
import { recordPath, useGo } from '../ui/screen-link.tsx'
import { SCREENS } from './screens.ts'

/** The dialog has a name for those who don't see it. */
const VISUALLY_HIDDEN = {
  position: 'absolute',
  width: 1,
  height: 1,
  minHeight: 0,
  padding: 0,
  overflow: 'hidden',
  clipPath: 'inset(50%)',
} as const

/** ⌘K: screens, customers, invoices, rate cards, deals. */
export const Palette = () => {
  const [wanted, setWanted] = useState(false)
  const goTo = useGo()
  const go = (to: string) => () => goTo(to)
  const customers = useQuery({ ...api.customers.list.queryOptions({ input: {} }), enabled: wanted })
  const cards = useQuery({ ...api.rateCards.list.queryOptions(), enabled: wanted })
  const deals = useQuery({ ...api.deals.list.queryOptions(), enabled: wanted })
  const invoices = useQuery({ ...api.invoices.list.queryOptions({ input: {} }), enabled: wanted })
  const isReading = wanted && [customers, cards, deals, invoices].some((query) => query.isPending)
  const search = useRef<HTMLInputElement>(null)
  // Nothing is selected where nothing was there when the words were typed: Enter takes the first of what arrived.
  useEffect(() => {
    const input = search.current
    if (isReading || input === null || input.value === '') return
    if (document.querySelector('[data-action][data-selected]') === null)
      input.dispatchEvent(new KeyboardEvent('keydown', { code: 'ArrowDown', bubbles: true }))
  }, [isReading])
  const screens: SpotlightActionData[] = SCREENS.map((screen) => ({
    id: `screen ${screen.path}`,
    label: screen.title,
    description: 'Screen',
    keywords: screen.words,
    leftSection: <screen.icon size={18} />,
    onClick: go(screen.path),
  }))
  const records: SpotlightActionData[] = [
    ...(customers.data?.rows ?? []).map(({ customer }) => ({
      id: `customer ${customer.id}`,
      label: customer.name,
      description: 'Customer',
      keywords: customer.tenants.slice(0, 20).join(' '),
      onClick: go(recordPath('/customers', customer.id)),
    })),
    ...(cards.data ?? []).map(({ card }) => ({
      id: `card ${card.id}`,
      label: card.name,
      description: 'Rate card',
      onClick: go(recordPath('/rate-cards', card.id)),
    })),
    ...(deals.data ?? []).map(({ deal }) => ({
      id: `deal ${deal.id}`,
      label: deal.name,
      description: 'Deal',
      onClick: go(recordPath('/deals', deal.id)),
    })),
    ...(invoices.data?.rows ?? []).map((invoice) => ({
      id: `invoice ${invoice.id}`,
      label: `${invoice.number} · ${invoice.customerName}`,
      description: 'Invoice',
      onClick: go(recordPath('/invoices', invoice.id)),
    })),
  ]
  return (
    <Spotlight
      title="Search everything"
      styles={{ header: VISUALLY_HIDDEN }}
      actions={isReading ? screens : [...screens, ...records]}
      limit={12}
      nothingFound={isReading ? 'Reading the names …' : 'Nothing of that name.'}
      shortcut={['mod + K', '/']}
      onSpotlightOpen={() => setWanted(true)}
      searchProps={{
        ref: search,
        placeholder: 'Go to a screen, customer, invoice, rate card or deal',
        'aria-label': 'Search everything',
      }}
    />
  )
}
