import { useInfiniteQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { z } from 'zod'
import type { batchRow } from '../../../contract/ledger.ts'
import { api } from '../../api.ts'
import { useBook } from '../../ui/book.tsx'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { instantColumn } from '../../ui/instant-column.ts'
import { Query } from '../../ui/states.tsx'
import { ShowMore } from './answer-tools.tsx'

export type BatchRow = z.output<typeof batchRow>

const KIND_WORDS: Readonly<Record<string, string>> = {
  import: 'Import',
  document: 'Decision or setting',
  correction: 'Correction',
}

const count = (row: BatchRow, name: string) => {
  const value = row.counts[name]
  // A decision reads no rows: its counts of records say nothing.
  return value === undefined || row.kind === 'document' ? null : String(value)
}

const columnsFor = (timeZone: string): readonly Column<BatchRow>[] => [
  { key: 'batchId', title: 'Batch', kind: 'count', value: (row) => String(row.batchId) },
  instantColumn('recorded', 'Recorded', (row) => row.recordedMs, timeZone),
  { key: 'kind', title: 'Kind', kind: 'text', value: (row) => KIND_WORDS[row.kind] ?? row.kind },
  { key: 'title', title: 'What', kind: 'text', value: (row) => row.title },
  { key: 'author', title: 'By', kind: 'text', value: (row) => row.author },
  { key: 'entries', title: 'Entries', kind: 'count', value: (row) => String(row.entries) },
  { key: 'rows', title: 'Records', kind: 'count', value: (row) => count(row, 'rows') },
  { key: 'added', title: 'Added', kind: 'count', value: (row) => count(row, 'new') },
  { key: 'duplicate', title: 'Duplicate', kind: 'count', value: (row) => count(row, 'duplicate') },
  { key: 'conflict', title: 'In conflict', kind: 'count', value: (row) => count(row, 'conflict') },
  { key: 'quarantined', title: 'Quarantined', kind: 'count', value: (row) => count(row, 'quarantined') },
  {
    key: 'hash',
    title: 'Hash',
    kind: 'text',
    value: (row) => row.hash,
    render: (row) => <code title={row.hash}>{row.hash.slice(0, 12)}</code>,
  },
]

/** Batches, newest first, with more on demand. */
export const BatchesTable = (props: { onOpen: (row: BatchRow) => void; maxHeight?: number }) => {
  const { timeZone } = useBook().settings
  const columns = useMemo(() => columnsFor(timeZone), [timeZone])
  const pages = useInfiniteQuery(
    api.ledger.batches.infiniteOptions({
      input: (beforeBatch: number | undefined) => ({
        limit: 200,
        ...(beforeBatch === undefined ? {} : { beforeBatch }),
      }),
      initialPageParam: undefined as number | undefined,
      getNextPageParam: (last) => (last.more ? last.rows.at(-1)?.batchId : undefined),
    }),
  )
  return (
    <Query of={pages} what="the batches">
      {(data) => (
        <DataTable
          title="Batches, newest first"
          columns={columns}
          rows={data.pages.flatMap((page) => page.rows)}
          rowKey={(row) => String(row.batchId)}
          onOpen={props.onOpen}
          maxHeight={props.maxHeight ?? 560}
          empty="Nothing was imported or decided yet."
          toolbar={<ShowMore pages={pages} words="Show older ones" />}
        />
      )}
    </Query>
  )
}
