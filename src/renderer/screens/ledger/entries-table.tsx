import type { ReactNode } from 'react'
import { useMemo } from 'react'
import type { z } from 'zod'
import type { entryRow } from '../../../contract/ledger.ts'
import { useBook } from '../../ui/book.tsx'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { instantColumn } from '../../ui/instant-column.ts'
import { correctionInWords, tableInWords } from './entry-words.ts'

export type EntryRow = z.output<typeof entryRow>

/** Quantities and amounts are decimals; a decision has words in their place. */
const isDecimal = (text: string) => /^-?\d+(\.\d+)?$/.test(text)

const columnsFor = (timeZone: string): readonly Column<EntryRow>[] => [
  {
    key: 'entryId',
    title: 'Entry',
    kind: 'text',
    value: (row) => row.entryId,
    render: (row) => <code>{row.entryId}</code>,
  },
  { key: 'table', title: 'Kind', kind: 'text', value: (row) => tableInWords(row.table) },
  instantColumn('service', 'Service time', (row) => row.serviceMs, timeZone),
  { key: 'tenant', title: 'Tenant', kind: 'text', value: (row) => row.tenant },
  { key: 'what', title: 'What', kind: 'text', value: (row) => row.what },
  {
    key: 'amount',
    title: 'Quantity or amount',
    kind: 'quantity',
    value: (row) => (isDecimal(row.amount) ? row.amount : null),
  },
  {
    key: 'unit',
    title: 'Unit or currency',
    kind: 'text',
    value: (row) => (row.unit === '' ? null : row.unit),
  },
  {
    key: 'correction',
    title: 'How',
    kind: 'text',
    value: (row) => correctionInWords(row.correction, row.corrects),
  },
  { key: 'batch', title: 'Batch', kind: 'count', value: (row) => String(row.batchId) },
  instantColumn('recorded', 'Recorded', (row) => row.recordedMs, timeZone),
]

export const EntriesTable = (props: {
  title: string
  rows: readonly EntryRow[]
  onOpen: (row: EntryRow) => void
  toolbar?: ReactNode
  empty?: ReactNode
  maxHeight?: number
}) => {
  const { timeZone } = useBook().settings
  const columns = useMemo(() => columnsFor(timeZone), [timeZone])
  return (
    <DataTable
      title={props.title}
      columns={columns}
      rows={props.rows}
      rowKey={(row) => String(row.seq)}
      onOpen={props.onOpen}
      toolbar={props.toolbar}
      empty={props.empty}
      {...(props.maxHeight === undefined ? {} : { maxHeight: props.maxHeight })}
    />
  )
}
