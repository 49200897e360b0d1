import { Stack } from '@mantine/core'
import { Amount } from '../../ui/amount.tsx'
import { DataTable } from '../../ui/data-table.tsx'
import type { ExplainTarget } from '../../ui/explain-context.tsx'
import { Section } from '../../ui/page.tsx'
import { Total } from './parts.tsx'

/** A figure made of others. */
export const SumView = (props: {
  target: ExplainTarget & { kind: 'sum' }
  onOpen: (target: ExplainTarget) => void
}) => {
  const { title, currency, total, parts } = props.target
  return (
    <Stack>
      <Total unit={currency} note={`${title}.`}>
        <Amount value={total} currency={currency} />
      </Total>
      <Section title="What it is made of">
        <DataTable
          title={`Parts of ${title}`}
          rows={parts}
          rowKey={(part) => part.label}
          onOpen={({ target }) => target !== null && props.onOpen(target)}
          maxHeight={320}
          columns={[
            { key: 'label', title: 'Part', kind: 'text', value: (part) => part.label },
            {
              key: 'amount',
              title: 'Amount',
              kind: 'money',
              currency,
              value: (part) => part.amount,
              total,
            },
          ]}
        />
      </Section>
    </Stack>
  )
}
