import { Group, Select } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { CostBasis } from '../../../contract/cost.ts'
import { type Month, monthName } from '../../../domain/period.ts'
import { api } from '../../api.ts'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { useExplain } from '../../ui/explain-context.tsx'
import { Section } from '../../ui/page.tsx'
import { LinkButton } from '../../ui/screen-link.tsx'
import { Query } from '../../ui/states.tsx'

interface Contributor {
  readonly key: string | null
  readonly amount: string
  readonly entries: number
  readonly share: string
  readonly pool: { readonly stepId: string; readonly name: string } | null
}

/** Fields whose value no unattributed cost can have. */
const ATTRIBUTED_ONLY = ['tenant', 'customer', 'rule', 'pool']

/** What no rule claims and no pool takes or can give to anybody, and who contributes most to it. */
export const Unattributed = (props: {
  month: Month
  basis: CostBasis | undefined
  by: string
  onBy: (field: string) => void
}) => {
  const { month, basis, by } = props
  const fields = useQuery(api.cost.fields.queryOptions())
  const report = useQuery(
    api.cost.unattributed.queryOptions({
      input: { month, by, ...(basis === undefined ? {} : { basis }) },
    }),
  )
  const explain = useExplain()
  const choices = (fields.data ?? [])
    .filter(({ field }) => !ATTRIBUTED_ONLY.includes(field))
    .map(({ field, title }) => ({ value: field, label: title }))
  const title = choices.find(({ value }) => value === by)?.label ?? by
  return (
    <Section
      title="Unattributed cost: its largest contributors"
      actions={
        <Group gap="xs">
          <Select
            aria-label="Unattributed cost by"
            w={190}
            data={choices}
            value={by}
            allowDeselect={false}
            searchable
            onChange={(value) => value !== null && props.onBy(value)}
          />
          <LinkButton to="/rules" variant="default">
            Write a rule
          </LinkButton>
          <LinkButton to="/allocation" variant="default">
            Allocate it
          </LinkButton>
        </Group>
      }
    >
      <Query of={report} what="unattributed cost">
        {({ contributors, currency, equation }) => {
          const columns: Column<Contributor>[] = [
            { key: 'key', title, kind: 'text', value: (row) => row.key ?? `no ${title.toLowerCase()}` },
            {
              key: 'amount',
              title: 'Unattributed',
              kind: 'money',
              currency,
              value: (row) => row.amount,
              explain: (row) => () =>
                explain({
                  kind: 'cost',
                  ...(basis === undefined ? {} : { basis }),
                  scope: {
                    month,
                    filters: [
                      ...(row.pool === null ? [{ field: 'tenant', values: [null] }] : []),
                      { field: 'pool', values: [row.pool?.stepId ?? null] },
                      { field: by, values: [row.key] },
                    ],
                  },
                }),
            },
            {
              key: 'share',
              title: 'Share of the bill',
              unit: '%',
              kind: 'percent',
              value: (row) => row.share,
            },
            ...(contributors.some(({ pool }) => pool !== null)
              ? [
                  {
                    key: 'why',
                    title: 'Why',
                    kind: 'text',
                    value: (row: Contributor) =>
                      row.pool === null
                        ? 'no rule claims it, no pool takes it'
                        : `in the pool “${row.pool.name}”, which could go to nobody`,
                  } as const,
                ]
              : []),
            { key: 'entries', title: 'Entries', kind: 'count', value: (row) => String(row.entries) },
          ]
          return (
            <DataTable
              title={`Unattributed cost by ${title.toLowerCase()}, ${monthName(month)}`}
              columns={columns}
              rows={contributors as readonly Contributor[]}
              rowKey={(row) => JSON.stringify([row.key, row.pool?.stepId])}
              maxHeight={320}
              empty={
                equation.bill === '0'
                  ? 'No cost in this month yet. Drop the month’s cost file on Sources.'
                  : 'Every cost of the month belongs to a tenant or is allocated.'
              }
            />
          )
        }}
      </Query>
    </Section>
  )
}
