import { useBook } from '../../ui/book.tsx'
import { DataTable } from '../../ui/data-table.tsx'
import { formatInstant } from '../../ui/format.ts'
import { Section } from '../../ui/page.tsx'
import type { InvoiceDetail } from './selection.ts'

/** Every version, who made it and when; a click shows it as it was. */
export const History = (props: { detail: InvoiceDetail; onOpen: (version: number) => void }) => {
  const { timeZone } = useBook().settings
  const { history, invoice, version } = props.detail
  return (
    <Section title="History">
      <DataTable
        title="Versions"
        maxHeight={240}
        rows={history.toSorted((a, b) => b.version - a.version)}
        rowKey={(entry) => String(entry.version)}
        onOpen={(entry) => props.onOpen(entry.version)}
        columns={[
          { key: 'version', title: 'Version', kind: 'count', value: (entry) => String(entry.version) },
          { key: 'state', title: 'State', kind: 'text', value: (entry) => entry.state },
          { key: 'author', title: 'Who', kind: 'text', value: (entry) => entry.author },
          {
            key: 'when',
            title: 'When',
            kind: 'text',
            value: (entry) => formatInstant(entry.recordedMs, timeZone),
          },
          {
            key: 'total',
            title: 'Total',
            kind: 'money',
            currency: invoice.currency,
            value: (entry) => entry.total,
          },
          {
            key: 'shown',
            title: 'Shown',
            kind: 'text',
            value: (entry) => (entry.version === version ? 'shown above' : ''),
          },
        ]}
      />
    </Section>
  )
}
