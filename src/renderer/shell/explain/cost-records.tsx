import { useInfiniteQuery } from '@tanstack/react-query'
import type { CostScope } from '../../../contract/explain.ts'
import { api } from '../../api.ts'
import { useBook } from '../../ui/book.tsx'
import type { ExplainTarget } from '../../ui/explain-context.tsx'
import { formatInstant } from '../../ui/format.ts'
import { pagesOf, Records } from './records.tsx'

export const CostRecords = (props: {
  scope: CostScope
  currency: string
  onOpen: (target: ExplainTarget) => void
}) => {
  const { currency } = props
  const { timeZone } = useBook().settings
  const pages = useInfiniteQuery(api.explain.costRecords.infiniteOptions(pagesOf(props.scope)))
  return (
    <Records
      title="Records behind the cost"
      pages={pages}
      onOpen={props.onOpen}
      columns={[
        { key: 'record', title: 'Record', kind: 'text', value: (record) => `c${record.seq}` },
        {
          key: 'time',
          title: 'Charged from',
          kind: 'text',
          value: (record) => formatInstant(record.startMs, timeZone),
        },
        { key: 'service', title: 'Service', kind: 'text', value: (record) => record.service },
        { key: 'billed', title: 'Billed', kind: 'money', currency, value: (record) => record.billed },
        {
          key: 'effective',
          title: 'Effective',
          kind: 'money',
          currency,
          value: (record) => record.effective,
        },
        { key: 'tenant', title: 'Tenant', kind: 'text', value: (record) => record.tenant ?? 'unattributed' },
        { key: 'resource', title: 'Resource', kind: 'text', value: (record) => record.resource },
        { key: 'batch', title: 'Batch', kind: 'text', value: (record) => String(record.batchId) },
        { key: 'note', title: 'Note', kind: 'text', value: (record) => record.correction ?? '' },
      ]}
    />
  )
}
