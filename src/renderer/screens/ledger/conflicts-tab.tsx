import { Button, Code, Drawer, Stack, Text } from '@mantine/core'
import type { InferContractRouterOutputs } from '@orpc/contract'
import { useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import type { Contract } from '../../../contract/contract.ts'
import { api } from '../../api.ts'
import { useBook } from '../../ui/book.tsx'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { formatInstant } from '../../ui/format.ts'
import { Query } from '../../ui/states.tsx'

type Conflict = InferContractRouterOutputs<Contract>['ledger']['conflicts'][number]

const columnsFor = (timeZone: string): readonly Column<Conflict>[] => [
  { key: 'file', title: 'File', kind: 'text', value: (row) => row.file },
  { key: 'row', title: 'Row', kind: 'count', value: (row) => String(row.row) },
  { key: 'source', title: 'Source', kind: 'text', value: (row) => row.source },
  {
    key: 'message',
    title: 'What happened',
    kind: 'text',
    value: (row) => row.message,
    render: (row) => <span title={row.message}>{row.message}</span>,
  },
  { key: 'existing', title: 'Entry kept', kind: 'count', value: (row) => String(row.existingSeq) },
  {
    key: 'recorded',
    title: 'Recorded',
    kind: 'date',
    value: (row) => new Date(row.recordedMs).toISOString(),
    render: (row) => formatInstant(row.recordedMs, timeZone),
  },
]

/** Records whose id came again with another payload: the first is counted, the second kept here. */
export const ConflictsTab = (props: { onOpenEntry: (seq: number) => void }) => {
  const { timeZone } = useBook().settings
  const columns = useMemo(() => columnsFor(timeZone), [timeZone])
  const [opened, setOpened] = useState<Conflict | null>(null)
  const conflicts = useQuery(api.ledger.conflicts.queryOptions())
  return (
    <>
      <Query of={conflicts} what="the conflicts">
        {(rows) => (
          <DataTable
            title="Conflicts"
            columns={columns}
            rows={rows}
            rowKey={(row) => String(row.seq)}
            onOpen={setOpened}
            empty="No id came twice with different content."
          />
        )}
      </Query>
      <Drawer
        opened={opened !== null}
        onClose={() => setOpened(null)}
        position="right"
        size="min(720px, 92vw)"
        title={
          <Text fw={600} component="span">
            A conflict
          </Text>
        }
        closeButtonProps={{ 'aria-label': 'Close the conflict' }}
      >
        {opened !== null && (
          <Stack gap="md">
            <Text>{opened.message}</Text>
            <Text size="sm">
              The entry that came first is counted. What came later, in row {opened.row} of {opened.file}, is
              kept below and counted nowhere. If the later one is right and larger, send the difference as a
              record with an id of its own. Usage can’t be taken back: if it is smaller, say so in the reason
              for closing its month.
            </Text>
            <Code block style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
              {opened.raw}
            </Code>
            <div>
              <Button
                variant="default"
                onClick={() => {
                  setOpened(null)
                  props.onOpenEntry(opened.existingSeq)
                }}
              >
                Open the entry that is counted
              </Button>
            </div>
          </Stack>
        )}
      </Drawer>
    </>
  )
}
