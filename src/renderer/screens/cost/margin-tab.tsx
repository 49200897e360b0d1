import { Group, List, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { CostBasis } from '../../../contract/cost.ts'
import { type DecimalText, less, sumDecimals, ZERO } from '../../../domain/decimal.ts'
import { type Month, monthName } from '../../../domain/period.ts'
import { api } from '../../api.ts'
import { Amount } from '../../ui/amount.tsx'
import { AppLink } from '../../ui/app-link.tsx'
import { BASIS_NAMES } from '../../ui/basis-select.tsx'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { BillEquation } from '../../ui/equation.tsx'
import { useExplain } from '../../ui/explain-context.tsx'
import { directCostTarget, directTarget, marginTarget } from '../../ui/explain-margin.ts'
import { formatMoney, formatPercent } from '../../ui/format.ts'
import { MarginPercent } from '../../ui/margin-percent.tsx'
import { Figure, Section } from '../../ui/page.tsx'
import { LinkButton, recordPath, useGo } from '../../ui/screen-link.tsx'
import { Query } from '../../ui/states.tsx'
import { Trend } from './trend.tsx'
import type { Margin, MarginRow } from './types.ts'
import { Unattributed } from './unattributed.tsx'
import { worstFirst } from './worst-first.ts'

const REVENUE_FROM = {
  invoice: 'from invoice',
  rated: 'rated, no invoice yet',
  none: 'no price',
} satisfies Record<MarginRow['revenueFrom'], string>

const Customers = (props: { margin: Margin; chosenBasis: CostBasis | undefined }) => {
  const { margin } = props
  const { currency, month, basis } = margin
  const explain = useExplain()
  const go = useGo()
  const allocates = margin.total.allocatedCost !== null
  const margins = margin.rows.flatMap((row) => row.margin ?? [])
  const costs = margin.rows.flatMap(({ directCost }) => directCost ?? [])
  const allocated = margin.rows.flatMap(({ allocatedCost }) => allocatedCost ?? [])
  const columns: Column<MarginRow>[] = [
    { key: 'name', title: 'Customer', kind: 'text', value: (row) => row.name },
    {
      key: 'revenue',
      title: 'Revenue',
      kind: 'money',
      currency,
      value: (row) => row.revenue,
      total: margin.total.revenue,
      explain: (row) => () => explain({ kind: 'revenue', month, customerId: row.customerId }),
      explainTotal: () => explain({ kind: 'revenue', month }),
    },
    { key: 'from', title: 'Revenue is', kind: 'text', value: (row) => REVENUE_FROM[row.revenueFrom] },
    {
      key: 'cost',
      title: 'Direct cost',
      kind: 'money',
      currency,
      value: (row) => row.directCost,
      // Of the customers listed; tenants without one are listed below.
      total: costs.length === 0 ? null : sumDecimals(costs),
      explain: (row) => () => explain(directCostTarget(month, 'customer', row.customerId, basis)),
    },
    ...(allocates
      ? [
          {
            key: 'allocated',
            title: 'Allocated cost',
            kind: 'money' as const,
            currency,
            value: (row: MarginRow) => row.allocatedCost,
            total: allocated.length === 0 ? null : sumDecimals(allocated),
            explain: (row: MarginRow) => () =>
              explain({
                kind: 'allocation',
                month,
                basis,
                recipient: { customerId: row.customerId, tenant: null, name: row.name },
              }),
          },
        ]
      : []),
    {
      key: 'margin',
      title: 'Margin',
      kind: 'money',
      currency,
      value: (row) => row.margin,
      explain: (row) => {
        const target = marginTarget({
          month,
          currency,
          basis,
          revenue: row.revenue,
          cost: row.cost,
          allocatedCost: row.allocatedCost,
          customer: { id: row.customerId, name: row.name },
        })
        return target === null ? undefined : () => explain(target)
      },
      total: margins.length === 0 ? null : sumDecimals(margins),
    },
    {
      key: 'percent',
      title: 'Margin',
      unit: '% of revenue',
      kind: 'percent',
      value: (row) => row.marginPercent,
      render: (row) => (
        <MarginPercent value={row.marginPercent} floor={margin.floorPercent} isBelow={row.belowFloor} />
      ),
    },
    {
      key: 'floor',
      title: `Floor ${formatPercent(margin.floorPercent)}`,
      kind: 'text',
      value: (row) => (row.margin === null ? null : row.belowFloor ? 'below floor' : 'kept'),
    },
    {
      key: 'trend',
      title: 'Trend',
      unit: `%, ${margin.trendMonths.length} months`,
      kind: 'text',
      value: (row) => row.trend.map((value) => value ?? '–').join(' '),
      render: (row) => <Trend months={margin.trendMonths} values={row.trend} />,
    },
  ]
  return (
    <Section title="Customers, worst margin first">
      <DataTable
        title={`Margin by customer, ${monthName(month)}`}
        columns={columns}
        rows={worstFirst(margin.rows)}
        rowKey={(row) => row.customerId}
        onOpen={(row) =>
          go(recordPath('/cost', row.customerId), {
            month,
            ...(props.chosenBasis === undefined ? {} : { basis: props.chosenBasis }),
          })
        }
        empty="No customers yet. Make one of each tenant on Customers."
      />
    </Section>
  )
}

type LooseTenant = Margin['withoutCustomer'][number]

const LooseTenants = (props: { margin: Margin }) => {
  const { margin } = props
  const { currency, month, basis } = margin
  const explain = useExplain()
  if (margin.withoutCustomer.length === 0) return null
  const columns: Column<LooseTenant>[] = [
    { key: 'tenant', title: 'Tenant', kind: 'text', value: (row) => row.tenant },
    {
      key: 'cost',
      title: 'Direct cost',
      kind: 'money',
      currency,
      value: (row) => row.directCost,
      total: sumDecimals(margin.withoutCustomer.map(({ directCost }) => directCost)),
      explain: (row) => () => explain(directCostTarget(month, 'tenant', row.tenant, basis)),
    },
    ...(margin.total.allocatedCost === null
      ? []
      : [
          {
            key: 'allocated',
            title: 'Allocated cost',
            kind: 'money' as const,
            currency,
            value: (row: LooseTenant) => row.allocatedCost,
            total: sumDecimals(margin.withoutCustomer.map(({ allocatedCost }) => allocatedCost)),
            explain: (row: LooseTenant) => () =>
              explain({
                kind: 'allocation',
                month,
                basis,
                recipient: { customerId: null, tenant: row.tenant, name: `tenant ${row.tenant}` },
              }),
          },
        ]),
  ]
  return (
    <Section
      title="Tenants without a customer"
      actions={
        <LinkButton to="/customers" variant="default">
          Give them customers
        </LinkButton>
      }
    >
      <DataTable
        title={`Tenants without a customer, ${monthName(month)}`}
        columns={columns}
        rows={margin.withoutCustomer}
        rowKey={(row) => row.tenant}
        maxHeight={320}
      />
    </Section>
  )
}

/** How the customers' margins, this page's and the overview's hang together; nothing where they are one. */
const MarginChain = ({ margin }: { margin: Margin }) => {
  const { currency, total, equation } = margin
  const customers = sumDecimals(margin.rows.flatMap((row) => row.margin ?? []))
  const loose = sumDecimals(
    margin.withoutCustomer.flatMap(({ directCost, allocatedCost }) => [directCost, allocatedCost]),
  )
  const nobodys = sumDecimals([equation.unattributed, equation.idle])
  if (total.margin === null || (loose === ZERO && nobodys === ZERO)) return null
  // A customer with cost and no price has no margin of its own, but its cost is in the total.
  if (less(customers, loose) !== total.margin) return null
  const whole = less(total.margin, nobodys)
  const money = (amount: DecimalText) => formatMoney(amount, currency)
  return (
    <Text size="sm">
      Customers’ margins {money(customers)}
      {loose === ZERO ? '' : `, less ${money(loose)} of tenants without a customer = ${money(total.margin)};`}
      {loose === ZERO ? ', ' : ' '}
      less {money(equation.unattributed)} unattributed
      {equation.idle === ZERO ? '' : ` and ${money(equation.idle)} idle`} = {money(whole)}, the margin on
      Overview.
    </Text>
  )
}

/** The equation, what each customer leaves, and what nobody was charged with. */
export const MarginTab = (props: {
  month: Month
  basis: CostBasis | undefined
  by: string
  onBy: (field: string) => void
}) => {
  const { month, basis } = props
  const report = useQuery(
    api.cost.margin.queryOptions({ input: { month, ...(basis === undefined ? {} : { basis }) } }),
  )
  const explain = useExplain()
  const explainDirect = (margin: Margin) => () => explain(directTarget({ ...margin, month }))
  const explainMargin = (margin: Margin) => {
    const { total, currency, equation } = margin
    const target = marginTarget({
      month,
      currency,
      basis: margin.basis,
      revenue: total.revenue,
      cost: total.cost,
      allocatedCost: total.allocatedCost,
      equation,
    })
    return target === null ? undefined : () => explain(target)
  }
  return (
    <Query of={report} what="margins">
      {(margin) => (
        <Stack gap="lg">
          <BillEquation
            equation={margin.equation}
            currency={margin.currency}
            basis={margin.basis}
            month={month}
          />
          <Group gap="sm" align="stretch">
            <Figure
              label={`Revenue (${margin.currency})`}
              note={<AppLink to={`/invoices?month=${margin.month}`}>Invoices of the month</AppLink>}
            >
              <Amount
                value={margin.total.revenue}
                currency={margin.currency}
                onExplain={() => explain({ kind: 'revenue', month })}
              />
            </Figure>
            <Figure label={`Direct cost (${margin.currency})`} note={`${BASIS_NAMES[margin.basis]} cost`}>
              <Amount
                value={margin.total.directCost}
                currency={margin.currency}
                onExplain={explainDirect(margin)}
              />
            </Figure>
            {margin.total.allocatedCost !== null && (
              <Figure
                label={`Allocated cost (${margin.currency})`}
                note={<AppLink to="/cost?tab=allocation">Step by step</AppLink>}
              >
                <Amount
                  value={margin.total.allocatedCost}
                  currency={margin.currency}
                  onExplain={() => explain({ kind: 'allocation', month, basis: margin.basis })}
                />
              </Figure>
            )}
            <Figure
              label={`Margin (${margin.currency})`}
              note={`Revenue less ${margin.total.allocatedCost === null ? 'direct cost' : 'both'}, unattributed set aside`}
            >
              <Amount
                value={margin.total.margin}
                currency={margin.currency}
                onExplain={explainMargin(margin)}
              />
            </Figure>
            <Figure label="Margin, share of revenue" note={`Floor ${formatPercent(margin.floorPercent)}`}>
              <Amount value={margin.total.marginPercent} kind="percent" onExplain={explainMargin(margin)} />
            </Figure>
          </Group>
          {margin.gaps.length > 0 && (
            <List size="sm" aria-label="What these figures lack">
              {margin.gaps.map((gap) => (
                <List.Item key={gap}>{gap}</List.Item>
              ))}
            </List>
          )}
          <Customers margin={margin} chosenBasis={basis} />
          <MarginChain margin={margin} />
          <Unattributed month={month} basis={basis} by={props.by} onBy={props.onBy} />
          <LooseTenants margin={margin} />
        </Stack>
      )}
    </Query>
  )
}
