import { Badge } from '@mantine/core'
import type { Issue } from '../../../domain/issue.ts'
import { type Column, DataTable } from '../../ui/data-table.tsx'

const COLUMNS: readonly Column<Issue & { readonly index: number }>[] = [
  {
    key: 'severity',
    title: 'Kind',
    kind: 'text',
    value: (row) => row.severity,
    render: (row) => (
      <Badge size="sm" variant="outline" color={row.severity === 'error' ? 'red' : 'gray'}>
        {row.severity === 'error' ? 'not taken' : 'note'}
      </Badge>
    ),
  },
  {
    key: 'row',
    title: 'Row',
    kind: 'count',
    value: (row) => (row.row === undefined ? null : String(row.row)),
  },
  { key: 'column', title: 'Column', kind: 'text', value: (row) => row.column ?? null },
  {
    key: 'message',
    title: 'What is wrong and what to do',
    kind: 'text',
    value: (row) => row.message,
    render: (row) => <span style={{ whiteSpace: 'normal' }}>{row.message}</span>,
  },
]

/** What is wrong with a file, where, and the remedy. */
export const IssuesTable = (props: { issues: readonly Issue[]; title?: string }) => (
  <DataTable
    title={props.title ?? 'Issues of the file'}
    columns={COLUMNS}
    rows={props.issues.map((issue, index) => ({ ...issue, index }))}
    rowKey={(row) => String(row.index)}
    maxHeight={260}
    empty="Nothing is wrong."
  />
)
