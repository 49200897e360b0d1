import { Stack, Tabs } from '@mantine/core'
import { useState } from 'react'
import { useBook } from '../../ui/book.tsx'
import { useExplain } from '../../ui/explain-context.tsx'
import { formatCount } from '../../ui/format.ts'
import { Page } from '../../ui/page.tsx'
import { useScreenSearch } from '../../ui/screen-search.ts'
import { BatchesTable } from './batches-table.tsx'
import { ConflictDrawer, type ConflictRow } from './conflict-drawer.tsx'
import { ConflictsTab } from './conflicts-tab.tsx'
import type { EntryRow } from './entries-table.tsx'
import { ledgerSearch, TABS } from './ledger-search.ts'
import { QuarantineDrawer, type QuarantineRow } from './quarantine-record.tsx'
import { QuarantineTab } from './quarantine-tab.tsx'
import { RecordDrawer } from './record-drawer.tsx'
import { SearchTab } from './search-tab.tsx'
import { VerifyTab } from './verify-tab.tsx'

export const Screen = () => {
  const [search, setSearch] = useScreenSearch(ledgerSearch)
  const book = useBook()
  const [row, setRow] = useState<EntryRow | null>(null)
  const openRow = (opened: EntryRow) => {
    setRow(opened)
    setSearch({ entry: opened.seq })
  }
  const openEntry = (seq: number) => {
    setRow(null)
    setSearch({ entry: seq })
  }
  const closeRecord = () => {
    setRow(null)
    setSearch({ entry: undefined })
  }
  const explain = useExplain()
  // What a record's history leads to takes the place of the record; only one drawer is open at a time.
  const [beside, setBeside] = useState<{
    readonly conflict?: ConflictRow
    readonly quarantined?: QuarantineRow
  }>({})
  const leaveFor = (seq: number) => {
    setBeside({})
    openEntry(seq)
  }
  const counted = (title: string, count: number) => (count === 0 ? title : `${title} (${formatCount(count)})`)
  const titles: Readonly<Record<(typeof TABS)[number], string>> = {
    search: 'Search',
    batches: 'Batches',
    quarantine: counted('Quarantine', book.openQuarantine),
    conflicts: counted('Conflicts', book.openConflicts),
    verify: 'Verify',
  }
  return (
    <Page title="Ledger" question="Show me the record.">
      <Tabs
        value={search.tab}
        onChange={(tab) => setSearch({ tab: (tab ?? 'search') as (typeof TABS)[number] })}
        keepMounted={false}
      >
        <Tabs.List aria-label="Parts of the ledger">
          {TABS.map((tab) => (
            <Tabs.Tab key={tab} value={tab}>
              {titles[tab]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="search" pt="md">
          <Stack gap="md">
            <SearchTab search={search} setSearch={setSearch} onOpen={openRow} />
          </Stack>
        </Tabs.Panel>
        <Tabs.Panel value="batches" pt="md">
          <BatchesTable
            onOpen={(batch) => setSearch({ tab: 'search', batch: batch.batchId, text: undefined })}
          />
        </Tabs.Panel>
        <Tabs.Panel value="quarantine" pt="md">
          <Stack gap="md">
            <QuarantineTab search={search} setSearch={setSearch} onOpenEntry={openEntry} />
          </Stack>
        </Tabs.Panel>
        <Tabs.Panel value="conflicts" pt="md">
          <Stack gap="md">
            <ConflictsTab search={search} setSearch={setSearch} onOpenEntry={openEntry} />
          </Stack>
        </Tabs.Panel>
        <Tabs.Panel value="verify" pt="md">
          <VerifyTab onOpenEntry={openEntry} />
        </Tabs.Panel>
      </Tabs>
      <RecordDrawer
        seq={search.entry}
        row={row}
        actions={{
          onOpenEntry: openEntry,
          onOpenConflict: (conflict) => {
            closeRecord()
            setBeside({ conflict })
          },
          onOpenQuarantined: (quarantined) => {
            closeRecord()
            setBeside({ quarantined })
          },
          onExplain: (target) => {
            closeRecord()
            explain(target)
          },
        }}
        onClose={closeRecord}
      />
      <ConflictDrawer
        conflict={beside.conflict ?? null}
        onOpenEntry={leaveFor}
        onClose={() => setBeside({})}
      />
      <QuarantineDrawer
        row={beside.quarantined ?? null}
        onOpenEntry={leaveFor}
        onClose={() => setBeside({})}
      />
    </Page>
  )
}
