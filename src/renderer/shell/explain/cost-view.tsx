import { Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { api } from '../../api.ts'
import { Amount } from '../../ui/amount.tsx'
import { useBook } from '../../ui/book.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { DataTable } from '../../ui/data-table.tsx'
import type { ExplainTarget } from '../../ui/explain-context.tsx'
import { Section } from '../../ui/page.tsx'
import { Query } from '../../ui/states.tsx'
import { CostRecords } from './cost-records.tsx'
import { ChainHead, Total } from './parts.tsx'
import { narrow } from './trail.ts'
import { costText, counted } from './words.ts'

/** A cost: the services it is made of, the rules that put it where it is, and its records. */
export const CostView = (props: {
  target: ExplainTarget & { kind: 'cost' }
  onOpen: (target: ExplainTarget) => void
}) => {
  const { scope } = props.target
  const { costBasis } = useBook().settings
  const cost = useQuery(api.explain.cost.queryOptions({ input: scope }))
  const openPart = (field: string, value: string | null) =>
    props.onOpen({ kind: 'cost', scope: narrow(scope, field, value) })
  return (
    <Query of={cost} what="This cost’s explanation">
      {(data) => {
        const { currency } = data
        const isBilled = costBasis === 'billed'
        return (
          <Stack>
            <Total
              unit={`${currency} ${costBasis}`}
              note={
                <>
                  {data.title}: {counted(data.entries, 'record')}; {isBilled ? 'effective' : 'billed'}{' '}
                  <Amount value={isBilled ? data.effective : data.billed} currency={currency} />
                  {data.contracted !== null && (
                    <>
                      ; contracted <Amount value={data.contracted} currency={currency} />
                    </>
                  )}
                  {data.list !== null && (
                    <>
                      ; list <Amount value={data.list} currency={currency} />
                    </>
                  )}
                  .
                </>
              }
            >
              <Amount value={isBilled ? data.billed : data.effective} currency={currency} />
            </Total>
            <Section title="Services">
              <DataTable
                title="Cost by service"
                maxHeight={260}
                rows={data.services}
                rowKey={(service) => JSON.stringify(service.service)}
                onOpen={(service) => openPart('service', service.service)}
                columns={[
                  {
                    key: 'service',
                    title: 'Service',
                    kind: 'text',
                    value: (service) => service.service ?? 'no service',
                  },
                  {
                    key: 'billed',
                    title: 'Billed',
                    kind: 'money',
                    currency,
                    value: (service) => service.billed,
                    total: data.billed,
                  },
                  {
                    key: 'effective',
                    title: 'Effective',
                    kind: 'money',
                    currency,
                    value: (service) => service.effective,
                    total: data.effective,
                  },
                  {
                    key: 'records',
                    title: 'Records',
                    kind: 'count',
                    value: (service) => String(service.entries),
                    total: String(data.entries),
                  },
                ]}
              />
            </Section>
            <Section title="Rules that claimed it">
              <DataTable
                title="Cost by rule"
                maxHeight={220}
                rows={data.rules}
                rowKey={(rule) => JSON.stringify(rule.ruleId)}
                onOpen={(rule) => openPart('rule', rule.ruleId)}
                empty="No rule claims any of it: it is unattributed."
                columns={[
                  { key: 'rule', title: 'Rule', kind: 'text', value: (rule) => rule.words },
                  { key: 'billed', title: 'Billed', kind: 'money', currency, value: (rule) => rule.billed },
                  { key: 'records', title: 'Records', kind: 'count', value: (rule) => String(rule.entries) },
                ]}
              />
            </Section>
            <CostRecords scope={scope} currency={currency} onOpen={props.onOpen} />
            <ChainHead hash={data.chainHead}>
              <CopyButton label="Copy as text" text={costText(data)} />
            </ChainHead>
          </Stack>
        )
      }}
    </Query>
  )
}
