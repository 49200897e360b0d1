import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { api } from '../../api.ts'
import { Page, Section } from '../../ui/page.tsx'
import { Empty, Query } from '../../ui/states.tsx'
import { BatchesTable } from '../ledger/batches-table.tsx'
import { Connections } from './connect/connections.tsx'
import { DropZone } from './drop-zone.tsx'
import { ImportModal } from './import-modal.tsx'
import { SourceCards } from './source-cards.tsx'

/** Files wait for one another: each is looked at before the next. */
interface Queue {
  readonly files: readonly File[]
  readonly at: number
}

export const Screen = () => {
  const sources = useQuery(api.sources.list.queryOptions())
  const navigate = useNavigate()
  const [queue, setQueue] = useState<Queue>({ files: [], at: 0 })
  const file = queue.files[queue.at]
  return (
    <Page title="Sources" question="Is data arriving?">
      <DropZone
        onFiles={(files) =>
          setQueue((before) =>
            before.at < before.files.length
              ? { ...before, files: [...before.files, ...files] }
              : { files, at: 0 },
          )
        }
      />
      {file !== undefined && (
        <ImportModal
          key={queue.at}
          file={file}
          place={queue.at + 1}
          of={queue.files.length}
          onNext={() => setQueue((before) => ({ ...before, at: before.at + 1 }))}
        />
      )}
      <Connections />
      <Query of={sources} what="the sources">
        {(cards) =>
          cards.length === 0 ? (
            <Empty title="Nothing has arrived yet">
              Drop your provider’s cost export and your usage here, or choose a file above. Each is shown as
              it would be read before anything is kept.
            </Empty>
          ) : (
            <>
              <Section title="Where data comes from">
                <SourceCards cards={cards} />
              </Section>
              <Section title="Batches">
                <BatchesTable
                  maxHeight={380}
                  onOpen={(row) =>
                    void navigate({ to: '/ledger', search: { tab: 'search', batch: row.batchId } } as never)
                  }
                />
              </Section>
            </>
          )
        }
      </Query>
    </Page>
  )
}
