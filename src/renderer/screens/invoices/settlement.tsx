import { Text } from '@mantine/core'
import { dueOf, type Invoice, type SettlementLine } from '../../../domain/invoice/invoice.ts'
import { DataTable } from '../../ui/data-table.tsx'
import { useExplain } from '../../ui/explain-context.tsx'
import { Section } from '../../ui/page.tsx'

const WORDS = { tax: 'Tax', credit: 'Credit', top_up: 'Top-up' } as const

interface Row {
  readonly key: string
  readonly what: string
  readonly description: string
  readonly amount: string
  readonly line: SettlementLine | null
}

/** From the net of the lines to what the customer is to pay; nothing where the two are one. */
export const Settlement = ({ invoice }: { invoice: Invoice }) => {
  const explain = useExplain()
  const { currency, settlement = [] } = invoice
  if (settlement.length === 0 && invoice.taxBy === undefined) return null
  const rows: readonly Row[] = [
    { key: 'net', what: 'Net', description: 'The lines above', amount: invoice.total, line: null },
    ...settlement.map((line, index) => ({
      key: String(index),
      what: WORDS[line.kind],
      description: line.description,
      amount: line.amount,
      line,
    })),
  ]
  return (
    <Section title="What is due">
      <DataTable
        title={`What is due of ${invoice.number}`}
        rows={rows}
        rowKey={(row) => row.key}
        columns={[
          { key: 'what', title: 'Step', kind: 'text', value: (row) => row.what },
          { key: 'description', title: 'What it is', kind: 'text', value: (row) => row.description },
          {
            key: 'amount',
            title: 'Amount',
            kind: 'money',
            currency,
            value: (row) => row.amount,
            total: dueOf(invoice),
            explain: ({ line }) =>
              line === null
                ? undefined
                : () => explain({ kind: 'settlement', title: `Invoice ${invoice.number}`, currency, line }),
          },
        ]}
      />
      {invoice.taxBy === 'stripe' && (
        <Text size="sm">Stripe adds the tax when the invoice is delivered; it is not known here.</Text>
      )}
    </Section>
  )
}
