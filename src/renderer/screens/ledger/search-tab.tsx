import { Button, Group, Select, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { dayPeriod } from '../../../domain/period.ts'
import { api } from '../../api.ts'
import { useBook } from '../../ui/book.tsx'
import { Query } from '../../ui/states.tsx'
import { ShowMore } from './answer-tools.tsx'
import { EntriesTable, type EntryRow } from './entries-table.tsx'
import type { LedgerSearch, SetLedgerSearch } from './ledger-search.ts'

const KINDS = [
  { value: 'any', label: 'Every kind' },
  { value: 'usage', label: 'Usage' },
  { value: 'cost', label: 'Cost' },
  { value: 'document', label: 'Decisions and settings' },
]

/** Entries by id, tenant, metric, service, amount, batch or time. */
export const SearchTab = (props: {
  search: LedgerSearch
  setSearch: SetLedgerSearch
  onOpen: (row: EntryRow) => void
}) => {
  const { search, setSearch } = props
  const { timeZone } = useBook().settings
  const [text, setText] = useState(search.text ?? '')
  const [asked] = useDebouncedValue(text, 300)
  // biome-ignore lint/correctness/useExhaustiveDependencies: only what was typed moves the URL, not the other way round
  useEffect(() => {
    if (asked !== (search.text ?? '')) setSearch({ text: asked === '' ? undefined : asked })
  }, [asked])
  const words = (search.text ?? '').trim()
  const pages = useInfiniteQuery({
    ...api.ledger.search.infiniteOptions({
      input: (beforeSeq: number | undefined) => ({
        limit: 200,
        kind: search.kind,
        ...(words === '' ? {} : { text: words }),
        ...(search.batch === undefined ? {} : { batchId: search.batch }),
        ...(search.from === undefined ? {} : { fromMs: dayPeriod(search.from, timeZone).startMs }),
        ...(search.to === undefined ? {} : { toMs: dayPeriod(search.to, timeZone).endMs }),
        ...(beforeSeq === undefined ? {} : { beforeSeq }),
      }),
      initialPageParam: undefined as number | undefined,
      getNextPageParam: (last) => (last.more ? last.rows.at(-1)?.seq : undefined),
    }),
    placeholderData: keepPreviousData,
  })
  const narrowed =
    words !== '' ||
    search.kind !== 'any' ||
    search.batch !== undefined ||
    search.from !== undefined ||
    search.to !== undefined
  return (
    <>
      <Group gap="xs" align="flex-end" component="search">
        <TextInput
          label="Find"
          description="an entry like c12, a tenant, a metric, a service, or an amount"
          w={340}
          maxLength={500}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Select
          label="Kind"
          w={190}
          allowDeselect={false}
          data={KINDS}
          value={search.kind}
          onChange={(kind) => setSearch({ kind: (kind ?? 'any') as LedgerSearch['kind'] })}
        />
        <TextInput
          label="Batch"
          w={90}
          inputMode="numeric"
          value={search.batch === undefined ? '' : String(search.batch)}
          onChange={(event) => {
            const digits = event.currentTarget.value.replace(/\D/g, '').slice(0, 12)
            setSearch({ batch: digits === '' || Number(digits) === 0 ? undefined : Number(digits) })
          }}
        />
        <TextInput
          type="date"
          label="From"
          max={search.to}
          value={search.from ?? ''}
          onChange={(event) => setSearch({ from: event.currentTarget.value || undefined })}
        />
        <TextInput
          type="date"
          label="To, included"
          min={search.from}
          value={search.to ?? ''}
          onChange={(event) => setSearch({ to: event.currentTarget.value || undefined })}
        />
        {narrowed && (
          <Button
            variant="subtle"
            color="gray"
            onClick={() => {
              setText('')
              setSearch({ text: undefined, kind: 'any', batch: undefined, from: undefined, to: undefined })
            }}
          >
            Clear
          </Button>
        )}
      </Group>
      <Query of={pages} what="the ledger">
        {(data) => (
          <EntriesTable
            title="Entries"
            rows={data.pages.flatMap((page) => page.rows)}
            onOpen={props.onOpen}
            empty={
              narrowed
                ? 'No entry is like that. Try fewer filters.'
                : 'The ledger has no entries yet. Drop a file on Sources to begin.'
            }
            toolbar={<ShowMore pages={pages} words="Show older ones" />}
          />
        )}
      </Query>
    </>
  )
}
