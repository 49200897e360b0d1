import { useInfiniteQuery } from '@tanstack/react-query'
import type { UsageScope } from '../../../contract/explain.ts'
import { pluralUnit } from '../../../domain/pricing/format.ts'
import { api } from '../../api.ts'
import { useBook } from '../../ui/book.tsx'
import type { ExplainTarget } from '../../ui/explain-context.tsx'
import { formatInstant } from '../../ui/format.ts'
import { pagesOf, Records } from './records.tsx'

export const UsageRecords = (props: {
  scope: UsageScope
  unit: string
  onOpen: (target: ExplainTarget) => void
}) => {
  const { timeZone } = useBook().settings
  const pages = useInfiniteQuery(api.explain.usageRecords.infiniteOptions(pagesOf(props.scope)))
  return (
    <Records
      title="Records behind the quantity"
      pages={pages}
      onOpen={props.onOpen}
      columns={[
        { key: 'record', title: 'Record', kind: 'text', value: (record) => `u${record.seq}` },
        {
          key: 'time',
          title: 'Time',
          kind: 'text',
          value: (record) => formatInstant(record.startMs, timeZone),
        },
        { key: 'tenant', title: 'Tenant', kind: 'text', value: (record) => record.tenant },
        {
          key: 'quantity',
          title: 'Quantity',
          kind: 'quantity',
          unit: pluralUnit(props.unit, '0'),
          value: (record) => record.quantity,
        },
        { key: 'batch', title: 'Batch', kind: 'text', value: (record) => String(record.batchId) },
        {
          key: 'note',
          title: 'Note',
          kind: 'text',
          value: (record) =>
            [record.late ? 'late' : null, record.correction].filter((word) => word !== null).join(', '),
        },
      ]}
    />
  )
}
