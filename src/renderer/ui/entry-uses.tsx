/** From one entry up: the figures and invoice lines it is part of, or why there are none. */
import { Button, Group, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { z } from 'zod'
import type { entryUses, lineUse } from '../../contract/explain.ts'
import { monthName } from '../../domain/period.ts'
import { api } from '../api.ts'
import { Amount } from './amount.tsx'
import { type Column, DataTable } from './data-table.tsx'
import type { ExplainTarget } from './explain-context.tsx'
import { Section } from './page.tsx'
import { recordPath, ScreenLink } from './screen-link.tsx'
import { Query } from './states.tsx'

type Uses = z.output<typeof entryUses>
type LineUse = z.output<typeof lineUse>

const columnsFor = (onFollow: () => void): readonly Column<LineUse>[] => [
  {
    key: 'invoice',
    title: 'Invoice',
    kind: 'text',
    value: (row) => row.number,
    render: (row) => (
      <ScreenLink to={recordPath('/invoices', row.invoiceId)} onFollow={onFollow}>
        {row.number}
      </ScreenLink>
    ),
  },
  { key: 'line', title: 'Line', kind: 'count', value: (row) => String(row.line) },
  { key: 'description', title: 'What', kind: 'text', value: (row) => row.description },
  { key: 'quantity', title: 'Quantity', kind: 'quantity', value: (row) => row.quantity },
  {
    key: 'amount',
    title: 'Amount',
    kind: 'money',
    value: (row) => row.amount,
    render: (row) => <Amount value={row.amount} currency={row.currency} />,
  },
  { key: 'currency', title: 'Currency', kind: 'text', value: (row) => row.currency },
  { key: 'state', title: 'State', kind: 'text', value: (row) => row.state },
  { key: 'asOf', title: 'As of batch', kind: 'count', value: (row) => String(row.asOfBatch) },
]

const Cells = (props: { uses: Uses; onOpen: (target: ExplainTarget) => void; onFollow: () => void }) => {
  const { usage, cost } = props.uses
  const customer = usage ?? cost
  return (
    <Group gap="xs">
      {usage?.counts && (
        <>
          <Button variant="default" onClick={() => props.onOpen({ kind: 'usage', scope: usage.scope })}>
            Explain {usage.metricName} of {usage.tenant}, {monthName(usage.month)}
          </Button>
          <Button
            variant="default"
            onClick={() => props.onOpen({ kind: 'usage', scope: { ...usage.scope, day: usage.day } })}
          >
            Explain its day, {usage.day}
          </Button>
        </>
      )}
      {cost !== null && (
        <Button variant="default" onClick={() => props.onOpen({ kind: 'cost', scope: cost.scope })}>
          Explain this cost in {monthName(cost.month)}
        </Button>
      )}
      {cost?.customerId != null && (
        <Text size="sm">
          <ScreenLink
            to={recordPath('/cost', cost.customerId)}
            search={{ month: cost.month }}
            onFollow={props.onFollow}
          >
            The margin of {cost.customerName}
          </ScreenLink>
          {cost.directCost !== null && (
            <>
              {' '}
              (direct cost <Amount value={cost.directCost} currency={cost.currency} /> {cost.currency})
            </>
          )}
        </Text>
      )}
      {usage !== null && customer?.customerId != null && (
        <Text size="sm">
          <ScreenLink
            to={recordPath('/customers', customer.customerId)}
            search={{ month: customer.month }}
            onFollow={props.onFollow}
          >
            {customer.customerName}
          </ScreenLink>
        </Text>
      )}
    </Group>
  )
}

/** `onFollow` is called when a link leads to another screen. */
export const EntryUses = (props: {
  seq: number
  onOpen: (target: ExplainTarget) => void
  onFollow: () => void
}) => {
  const uses = useQuery(api.explain.uses.queryOptions({ input: { seq: props.seq } }))
  return (
    <Section title="Where it counts">
      <Query of={uses} what="where it counts">
        {(data) => (
          <Stack gap="xs">
            {data.sentences.map((sentence) => (
              <Text key={sentence} size="sm" style={{ overflowWrap: 'anywhere' }}>
                {sentence}
              </Text>
            ))}
            <Cells uses={data} onOpen={props.onOpen} onFollow={props.onFollow} />
            {data.lines.length > 0 && (
              <DataTable
                title="Invoice lines it is in"
                columns={columnsFor(props.onFollow)}
                rows={data.lines}
                rowKey={(row) => `${row.invoiceId} ${row.line}`}
                onOpen={(row) => props.onOpen({ kind: 'line', invoiceId: row.invoiceId, line: row.line })}
                maxHeight={220}
              />
            )}
            {data.lines.map((line) => (
              <Text key={`${line.invoiceId} ${line.line}`} size="sm" style={{ overflowWrap: 'anywhere' }}>
                {line.number}, line {line.line}: {line.sentence}
              </Text>
            ))}
            {data.reasons.map((reason) => (
              <Text key={reason} size="sm" style={{ overflowWrap: 'anywhere' }}>
                {reason}
              </Text>
            ))}
          </Stack>
        )}
      </Query>
    </Section>
  )
}
