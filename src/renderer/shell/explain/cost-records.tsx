import { useInfiniteQuery } from '@tanstack/react-query'
import type { CostScope } from '../../../contract/explain.ts'
import { api } from '../../api.ts'
import { useBook } from '../../ui/book.tsx'
import { DataTable } from '../../ui/data-table.tsx'
import type { ExplainTarget } from '../../ui/explain-context.tsx'
import { formatInstant } from '../../ui/format.ts'
import { Section } from '../../ui/page.tsx'
import { Query } from '../../ui/states.tsx'
import { More } from './more.tsx'

const PAGE = 100

/** The entries behind a cost, a page at a time; each opens its raw record. */
export const CostRecords = (props: {
  scope: CostScope
  currency: string
  onOpen: (target: ExplainTarget) => void
}) => {
  const { currency } = props
  const { timeZone } = useBook().settings
  const pages = useInfiniteQuery(
    api.explain.costRecords.infiniteOptions({
      input: (afterSeq: number | undefined) => ({
        scope: props.scope,
        limit: PAGE,
        ...(afterSeq === undefined ? {} : { afterSeq }),
      }),
      initialPageParam: undefined,
      getNextPageParam: (last) => (last.more ? last.records.at(-1)?.seq : undefined),
    }),
  )
  return (
    <Section title="Records">
      <Query of={pages} what="The records">
        {(data) => {
          const records = data.pages.flatMap((page) => page.records)
          return (
            <>
              <DataTable
                title="Records behind the cost"
                maxHeight={320}
                rows={records}
                rowKey={(record) => String(record.seq)}
                onOpen={(record) => props.onOpen({ kind: 'record', seq: record.seq })}
                columns={[
                  { key: 'record', title: 'Record', kind: 'text', value: (record) => `c${record.seq}` },
                  {
                    key: 'time',
                    title: 'Charged from',
                    kind: 'text',
                    value: (record) => formatInstant(record.startMs, timeZone),
                  },
                  { key: 'service', title: 'Service', kind: 'text', value: (record) => record.service },
                  {
                    key: 'billed',
                    title: 'Billed',
                    kind: 'money',
                    currency,
                    value: (record) => record.billed,
                  },
                  {
                    key: 'effective',
                    title: 'Effective',
                    kind: 'money',
                    currency,
                    value: (record) => record.effective,
                  },
                  {
                    key: 'tenant',
                    title: 'Tenant',
                    kind: 'text',
                    value: (record) => record.tenant ?? 'unattributed',
                  },
                  { key: 'resource', title: 'Resource', kind: 'text', value: (record) => record.resource },
                  { key: 'batch', title: 'Batch', kind: 'text', value: (record) => String(record.batchId) },
                  { key: 'note', title: 'Note', kind: 'text', value: (record) => record.correction ?? '' },
                ]}
              />
              <More
                shown={records.length}
                more={pages.hasNextPage}
                loading={pages.isFetchingNextPage}
                onMore={() => void pages.fetchNextPage()}
              />
            </>
          )
        }}
      </Query>
    </Section>
  )
}
