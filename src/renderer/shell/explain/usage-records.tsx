import { useInfiniteQuery } from '@tanstack/react-query'
import type { UsageScope } from '../../../contract/explain.ts'
import { pluralUnit } from '../../../domain/pricing/format.ts'
import { api } from '../../api.ts'
import { useBook } from '../../ui/book.tsx'
import { DataTable } from '../../ui/data-table.tsx'
import type { ExplainTarget } from '../../ui/explain-context.tsx'
import { formatInstant } from '../../ui/format.ts'
import { Section } from '../../ui/page.tsx'
import { Query } from '../../ui/states.tsx'
import { More } from './more.tsx'

const PAGE = 100

/** The entries behind a quantity, a page at a time; each opens its raw record. */
export const UsageRecords = (props: {
  scope: UsageScope
  unit: string
  onOpen: (target: ExplainTarget) => void
}) => {
  const { timeZone } = useBook().settings
  const pages = useInfiniteQuery(
    api.explain.usageRecords.infiniteOptions({
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
                title="Records behind the quantity"
                maxHeight={320}
                rows={records}
                rowKey={(record) => String(record.seq)}
                onOpen={(record) => props.onOpen({ kind: 'record', seq: record.seq })}
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
                      [record.late ? 'late' : null, record.correction]
                        .filter((word) => word !== null)
                        .join(', '),
                  },
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
