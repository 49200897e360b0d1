import { Alert, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useParams } from '@tanstack/react-router'
import { type Month, monthName } from '../../../domain/period.ts'
import { api } from '../../api.ts'
import { Amount } from '../../ui/amount.tsx'
import { AppLink } from '../../ui/app-link.tsx'
import { BasisSelect } from '../../ui/basis-select.tsx'
import { useBook, useMonth } from '../../ui/book.tsx'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { useExplain } from '../../ui/explain-context.tsx'
import { directCostTarget } from '../../ui/explain-margin.ts'
import { MarginPercent } from '../../ui/margin-percent.tsx'
import { Page, Section } from '../../ui/page.tsx'
import { LinkButton, recordPath, ScreenLink } from '../../ui/screen-link.tsx'
import { useScreenSearch } from '../../ui/screen-search.ts'
import { Empty, Query } from '../../ui/states.tsx'
import { costSearch } from './cost-search.ts'
import { usageAddress } from './usage-address.ts'
import { WaterfallSection } from './waterfall.tsx'

const basisSearch = costSearch.pick({ basis: true })

interface CustomerMonth {
  readonly month: Month
  readonly revenue: string | null
  readonly directCost: string | null
  readonly marginPercent: string | null
  readonly invoiceId: string | null
  readonly invoiceState: string | null
}

const Months = (props: { customerId: string; months: readonly CustomerMonth[]; currency: string }) => {
  const { customerId, currency } = props
  const explain = useExplain()
  const navigate = useNavigate()
  // The months are by the book’s own basis, whichever the waterfall is by.
  const { marginFloorPercent: floor, costBasis } = useBook().settings
  const columns: Column<CustomerMonth>[] = [
    {
      key: 'month',
      title: 'Month',
      kind: 'month',
      value: (row) => row.month,
      render: (row) => monthName(row.month),
    },
    {
      key: 'revenue',
      title: 'Revenue',
      kind: 'money',
      currency,
      value: (row) => row.revenue,
      render: (row) =>
        row.invoiceId === null ? (
          <Amount value={row.revenue} currency={currency} />
        ) : (
          <ScreenLink to={recordPath('/invoices', row.invoiceId)} search={{ month: row.month }}>
            <Amount value={row.revenue} currency={currency} />
          </ScreenLink>
        ),
    },
    {
      key: 'cost',
      title: 'Direct cost',
      kind: 'money',
      currency,
      value: (row) => row.directCost,
      explain: (row) => () => explain(directCostTarget(row.month, 'customer', customerId, costBasis)),
    },
    {
      key: 'percent',
      title: 'Margin',
      unit: '% of revenue',
      kind: 'percent',
      value: (row) => row.marginPercent,
      render: (row) => <MarginPercent value={row.marginPercent} floor={floor} />,
    },
    {
      key: 'invoice',
      title: 'Invoice',
      kind: 'text',
      value: (row) => row.invoiceState,
      render: (row) =>
        row.invoiceId === null ? (
          'none yet'
        ) : (
          <ScreenLink to={recordPath('/invoices', row.invoiceId)}>{row.invoiceState ?? 'open'}</ScreenLink>
        ),
    },
  ]
  return (
    <Section title="Month by month">
      <DataTable
        title="Month by month"
        columns={columns}
        rows={[...props.months].sort((a, b) => (a.month < b.month ? 1 : -1))}
        rowKey={(row) => row.month}
        onOpen={(row) =>
          void navigate({
            to: '.',
            search: (previous: object) => ({ ...previous, month: row.month }),
          } as never)
        }
        empty="Nothing is known of this customer yet: neither usage nor cost."
      />
    </Section>
  )
}

const CustomerMargin = (props: { customerId: string; month: Month }) => {
  const { customerId, month } = props
  const [{ basis }, change] = useScreenSearch(basisSearch)
  const waterfall = useQuery(
    api.cost.waterfall.queryOptions({
      input: { customerId, month, ...(basis === undefined ? {} : { basis }) },
    }),
  )
  const customer = useQuery(api.customers.get.queryOptions({ input: { customerId } }))
  const invoiceId = customer.data?.months.find((each) => each.month === month)?.invoiceId ?? null
  const name = waterfall.data?.name ?? customer.data?.customer.name ?? customerId
  return (
    <Page
      title={`${name}: margin of ${monthName(month)}`}
      question="Where does the money go, and which rules put each cost here?"
      actions={
        <>
          <BasisSelect value={basis} onChange={(next) => change({ basis: next })} />
          <LinkButton to={recordPath('/customers', customerId)} variant="default">
            The customer
          </LinkButton>
          <LinkButton to="/cost" variant="default">
            All customers
          </LinkButton>
        </>
      }
    >
      <Query of={waterfall} what="the margin">
        {(data) => {
          const priced = data.steps.some(({ kind }) => kind === 'net')
          const costed = data.steps.some(({ kind }) => kind === 'cost')
          return (
            <>
              {!priced && (
                <Alert color="gray" title={`No revenue is known for ${monthName(month)}`}>
                  There is no invoice, and no price to rate the month by.{' '}
                  <AppLink to={recordPath('/customers', customerId)}>
                    Give the customer a contract with a rate card
                  </AppLink>
                  .
                </Alert>
              )}
              {!costed && (
                <Alert color="gray" title={`No cost is attributed in ${monthName(month)}`}>
                  No rule puts a cost of this month on one of the customer’s tenants.{' '}
                  <AppLink to="/rules">Look at the attribution rules</AppLink>.
                </Alert>
              )}
              {priced && customer.data !== undefined && (
                <Text size="sm">
                  Revenue comes{' '}
                  {invoiceId === null ? (
                    'from the month as it rates now; no invoice was made yet'
                  ) : (
                    <>
                      from <AppLink to={recordPath('/invoices', invoiceId)}>its invoice</AppLink>
                    </>
                  )}
                  . <AppLink to={usageAddress(customerId)}>The usage behind it</AppLink>
                </Text>
              )}
              {data.steps.length > 0 && <WaterfallSection waterfall={data} invoiceId={invoiceId} />}
            </>
          )
        }}
      </Query>
      <Query of={customer} what="the customer’s months">
        {(data) => <Months customerId={customerId} months={data.months} currency={data.currency} />}
      </Query>
    </Page>
  )
}

/** From list revenue to margin for one customer. */
export const Screen = () => {
  const month = useMonth()
  const { customerId } = useParams({ strict: false }) as { customerId: string }
  if (month === null)
    return (
      <Page title="Margin of a customer">
        <Empty title="No data yet" action={<LinkButton to="/sources">Drop a file</LinkButton>}>
          The book holds neither usage nor cost, so there is no margin to show.
        </Empty>
      </Page>
    )
  return <CustomerMargin customerId={customerId} month={month} />
}
