import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { z } from 'zod'
import { api } from '../../api.ts'
import { Page } from '../../ui/page.tsx'
import { LinkButton } from '../../ui/screen-link.tsx'
import { useScreenSearch } from '../../ui/screen-search.ts'
import { Empty, Query } from '../../ui/states.tsx'
import { DealEditor } from './deal-editor.tsx'
import type { LoadedDeal } from './loaded-deal.ts'
import { PickCustomer } from './pick-customer.tsx'

/** An id of digits alone reads as a number in a typed address. */
const searchSchema = z.object({ customer: z.coerce.string().optional() })

const WithBaseline = (props: {
  customerId: string
  loaded: LoadedDeal | null
  takenIds: readonly string[]
}) => {
  const { customerId } = props
  const baseline = useQuery(api.deals.baseline.queryOptions({ input: { customerId } }))
  const [shown, setShown] = useState(0)
  return (
    <Query of={baseline} what="This customer’s past months">
      {(data) =>
        data.rateCards.length === 0 ? (
          <Page title="Deal">
            <Empty
              title="No rate cards yet"
              action={<LinkButton to="/rate-cards/new">New rate card</LinkButton>}
            >
              A deal is a discount on a rate card; make one first.
            </Empty>
          </Page>
        ) : (
          <DealEditor key={shown} {...props} baseline={data} onReset={() => setShown((count) => count + 1)} />
        )
      }
    </Query>
  )
}

const NewDeal = () => {
  const [{ customer }] = useScreenSearch(searchSchema)
  const deals = useQuery(api.deals.list.queryOptions())
  if (customer === undefined)
    return (
      <Page title="New deal" question="For which customer?">
        <PickCustomer />
      </Page>
    )
  return (
    <Query of={deals} what="Deals">
      {(rows) => (
        <WithBaseline
          key={customer}
          customerId={customer}
          loaded={null}
          takenIds={rows.map((row) => row.deal.id)}
        />
      )}
    </Query>
  )
}

const KeptDeal = (props: { dealId: string }) => {
  const { dealId } = props
  const deal = useQuery(api.deals.get.queryOptions({ input: { dealId } }))
  return (
    <Query of={deal} what="This deal">
      {(loaded) => <WithBaseline customerId={loaded.deal.customerId} loaded={loaded} takenIds={[]} />}
    </Query>
  )
}

/** One deal, or a new one for `?customer=`. */
export const Screen = () => {
  const { dealId } = useParams({ strict: false }) as { dealId: string }
  return dealId === 'new' ? <NewDeal /> : <KeptDeal key={dealId} dealId={dealId} />
}
