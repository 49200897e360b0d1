import { Button, Modal, Text } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { api, client } from '../../api.ts'
import { act } from '../../ui/action.ts'
import { useBook } from '../../ui/book.tsx'
import { type Column, DataTable } from '../../ui/data-table.tsx'
import { formatCount } from '../../ui/format.ts'
import { instantColumn } from '../../ui/instant-column.ts'
import { Query } from '../../ui/states.tsx'
import { AnswerFilter, ShowMore } from './answer-tools.tsx'
import { ConflictDrawer, type ConflictRow } from './conflict-drawer.tsx'
import { CONFLICT_WORDS } from './entry-words.ts'
import type { LedgerSearch, SetLedgerSearch } from './ledger-search.ts'
import { ReasonForm } from './reason-form.tsx'

const NONE: ReadonlySet<string> = new Set()
const PAGE = 200

const columnsFor = (timeZone: string): readonly Column<ConflictRow>[] => [
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
  { key: 'existing', title: 'Entry met', kind: 'text', value: (row) => `u${row.existingSeq}` },
  { key: 'state', title: 'State', kind: 'text', value: (row) => CONFLICT_WORDS[row.state] },
  { key: 'note', title: 'Reason', kind: 'text', value: (row) => row.note },
  instantColumn('recorded', 'Recorded', (row) => row.recordedMs, timeZone),
]

/** Records whose id came again with another payload: the first counts until the later one is taken. */
export const ConflictsTab = (props: {
  search: LedgerSearch
  setSearch: SetLedgerSearch
  onOpenEntry: (seq: number) => void
}) => {
  const { state } = props.search
  const book = useBook()
  const { timeZone } = book.settings
  const columns = useMemo(() => columnsFor(timeZone), [timeZone])
  const [opened, setOpened] = useState<ConflictRow | null>(null)
  const [selected, setSelected] = useState<ReadonlySet<string>>(NONE)
  const [keeping, setKeeping] = useState(false)
  const pages = useInfiniteQuery(
    api.ledger.conflicts.infiniteOptions({
      input: (afterSeq: number | undefined) => ({
        state,
        limit: PAGE,
        ...(afterSeq === undefined ? {} : { afterSeq }),
      }),
      initialPageParam: undefined as number | undefined,
      getNextPageParam: (last) => (last.length === PAGE ? last.at(-1)?.seq : undefined),
    }),
  )
  const keep = async (note: string) => {
    const done = await act(
      'The first are kept',
      () => client.ledger.keepFirst({ seqs: [...selected].map(Number), note }),
      (result) => `${formatCount(result.kept)} ${result.kept === 1 ? 'conflict' : 'conflicts'} answered.`,
    )
    if (done === null) return
    setSelected(NONE)
    setKeeping(false)
  }
  return (
    <>
      <AnswerFilter
        label="Which conflicts"
        state={state}
        onChange={(value) => {
          setSelected(NONE)
          props.setSearch({ state: value })
        }}
      />
      <Query of={pages} what="the conflicts">
        {(data) => (
          <DataTable
            title="Conflicts"
            columns={columns}
            rows={data.pages.flat()}
            rowKey={(row) => String(row.seq)}
            onOpen={setOpened}
            selection={{ selected, onChange: setSelected, selectable: (row) => row.state === 'open' }}
            empty={
              state === 'open'
                ? 'Nothing waits here: no id came twice with different content, or every one is answered.'
                : 'Nothing here.'
            }
            toolbar={
              <>
                <Button variant="default" disabled={selected.size === 0} onClick={() => setKeeping(true)}>
                  Keep the first of selected{selected.size > 0 && ` (${selected.size})`}
                </Button>
                <ShowMore pages={pages} />
                <Text size="xs">{formatCount(book.openConflicts)} open in all</Text>
              </>
            }
          />
        )}
      </Query>
      <ConflictDrawer
        conflict={opened}
        onClose={() => setOpened(null)}
        onOpenEntry={(seq) => {
          setOpened(null)
          props.onOpenEntry(seq)
        }}
      />
      <Modal
        opened={keeping}
        onClose={() => setKeeping(false)}
        title={`Keep the first of ${selected.size} ${selected.size === 1 ? 'conflict' : 'conflicts'}`}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <ReasonForm
          label="Reason for the answer"
          answers={[{ label: 'Keep the first', isMain: true, act: keep }]}
          onCancel={() => setKeeping(false)}
        />
      </Modal>
    </>
  )
}
