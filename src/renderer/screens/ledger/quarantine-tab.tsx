import { Button, Modal, Text } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { api } from '../../api.ts'
import { useBook } from '../../ui/book.tsx'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { instantColumn } from '../../ui/instant-column.ts'
import { Query } from '../../ui/states.tsx'
import { AnswerFilter, ShowMore } from './answer-tools.tsx'
import type { LedgerSearch, SetLedgerSearch } from './ledger-search.ts'
import { DismissForm, QuarantineDrawer, type QuarantineRow, STATE_WORDS } from './quarantine-record.tsx'

const NONE: ReadonlySet<string> = new Set()

const columnsFor = (timeZone: string): readonly Column<QuarantineRow>[] => [
  { key: 'file', title: 'File', kind: 'text', value: (row) => row.file },
  { key: 'row', title: 'Row', kind: 'count', value: (row) => String(row.row) },
  { key: 'column', title: 'Column', kind: 'text', value: (row) => row.column },
  {
    key: 'message',
    title: 'Reason',
    kind: 'text',
    value: (row) => row.message,
    // The file, row and column stand beside it.
    render: (row) => (
      <span title={row.message}>{row.message.replace(/^.*?, row \d+(?:, column [^:]*)?: /, '')}</span>
    ),
  },
  { key: 'state', title: 'State', kind: 'text', value: (row) => STATE_WORDS[row.state] },
  { key: 'note', title: 'Answer', kind: 'text', value: (row) => row.note },
  { key: 'source', title: 'Source', kind: 'text', value: (row) => row.source },
  { key: 'batch', title: 'Batch', kind: 'count', value: (row) => String(row.batchId) },
  instantColumn('recorded', 'Recorded', (row) => row.recordedMs, timeZone),
]

/** Rejected records: mended and replayed, or dismissed with a reason. */
export const QuarantineTab = (props: {
  search: LedgerSearch
  setSearch: SetLedgerSearch
  onOpenEntry: (seq: number) => void
}) => {
  const { state } = props.search
  const { timeZone } = useBook().settings
  const columns = useMemo(() => columnsFor(timeZone), [timeZone])
  const [opened, setOpened] = useState<QuarantineRow | null>(null)
  const [selected, setSelected] = useState<ReadonlySet<string>>(NONE)
  const [dismissing, setDismissing] = useState(false)
  const pages = useInfiniteQuery(
    api.ledger.quarantine.infiniteOptions({
      input: (afterSeq: number | undefined) => ({
        state,
        limit: 200,
        ...(afterSeq === undefined ? {} : { afterSeq }),
      }),
      initialPageParam: undefined as number | undefined,
      getNextPageParam: (last) => (last.more ? last.rows.at(-1)?.seq : undefined),
    }),
  )
  return (
    <>
      <AnswerFilter
        label="Which rejected records"
        state={state}
        onChange={(value) => {
          setSelected(NONE)
          props.setSearch({ state: value })
        }}
      />
      <Query of={pages} what="the quarantine">
        {(data) => (
          <DataTable
            title="Quarantine"
            columns={columns}
            rows={data.pages.flatMap((page) => page.rows)}
            rowKey={(row) => String(row.seq)}
            onOpen={setOpened}
            selection={{ selected, onChange: setSelected, selectable: (row) => row.state === 'open' }}
            empty={
              state === 'open' ? 'Nothing waits here: every record was taken or answered.' : 'Nothing here.'
            }
            toolbar={
              <>
                <Button variant="default" disabled={selected.size === 0} onClick={() => setDismissing(true)}>
                  Dismiss selected{selected.size > 0 && ` (${selected.size})`}
                </Button>
                <ShowMore pages={pages} />
                <Text size="xs">{data.pages[0]?.open ?? 0} open in all</Text>
              </>
            }
          />
        )}
      </Query>
      <QuarantineDrawer
        row={opened}
        onClose={() => setOpened(null)}
        onOpenEntry={(seq) => {
          setOpened(null)
          props.onOpenEntry(seq)
        }}
      />
      <Modal
        opened={dismissing}
        onClose={() => setDismissing(false)}
        title={`Dismiss ${selected.size} rejected ${selected.size === 1 ? 'record' : 'records'}`}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <DismissForm
          seqs={[...selected].map(Number)}
          onDone={() => {
            setSelected(NONE)
            setDismissing(false)
          }}
        />
      </Modal>
    </>
  )
}
