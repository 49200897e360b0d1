import { useQuery } from '@tanstack/react-query'
import type { Invoice } from '../../../domain/invoice/invoice.ts'
import { pluralUnit } from '../../../domain/pricing/format.ts'
import { api } from '../../api.ts'
import { DataTable } from '../../ui/data-table.tsx'
import { useExplain } from '../../ui/explain-context.tsx'

/** The lines of an invoice. Only the newest version explains itself: of an older one the snapshot is all there is. */
export const LinesTable = (props: { invoice: Invoice; isNewest: boolean }) => {
  const { invoice, isNewest } = props
  const explain = useExplain()
  const metrics = useQuery(api.metrics.list.queryOptions())
  const unitOf = (metric: string | undefined): string | null => {
    if (metric === undefined) return null
    const unit = metrics.data?.find((each) => each.definition.metric === metric)?.definition.unit
    return unit === undefined ? metric : pluralUnit(unit, '0')
  }
  const explainLine = isNewest
    ? (line: Invoice['lines'][number]) => () =>
        explain({ kind: 'line', invoiceId: invoice.id, line: line.line })
    : undefined
  const explained = explainLine === undefined ? {} : { explain: explainLine }
  const { currency } = invoice
  return (
    <DataTable
      title={`Lines of ${invoice.number}`}
      rows={invoice.lines}
      rowKey={(line) => String(line.line)}
      empty="This invoice has no line."
      columns={[
        { key: 'line', title: 'Line', kind: 'count', value: (line) => String(line.line) },
        {
          key: 'description',
          title: 'Charge',
          kind: 'text',
          value: (line) => line.description,
          render: (line) => <span title={line.description}>{line.description}</span>,
        },
        {
          key: 'quantity',
          title: 'Quantity',
          kind: 'quantity',
          value: (line) => line.quantity ?? null,
          ...explained,
        },
        { key: 'unit', title: 'Unit', kind: 'text', value: (line) => unitOf(line.metric) },
        {
          key: 'list',
          title: 'At list price',
          kind: 'money',
          currency,
          value: (line) => line.listAmount,
          ...explained,
        },
        {
          key: 'discount',
          title: 'Discount',
          kind: 'money',
          currency,
          value: (line) => line.discountAmount,
          ...explained,
        },
        {
          key: 'amount',
          title: 'Amount',
          kind: 'money',
          currency,
          value: (line) => line.amount,
          total: invoice.total,
          ...explained,
        },
      ]}
    />
  )
}
