import { Button, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { api, client } from '../../api.ts'
import { BackupsTable } from '../../ui/backups.tsx'
import { useBook } from '../../ui/book.tsx'
import { useJobs } from '../../ui/jobs.tsx'
import { Section } from '../../ui/page.tsx'
import { Query } from '../../ui/states.tsx'

/** Copies of the ledger in the book's own folder. */
export const BackupsSection = () => {
  const book = useBook()
  const { running, run } = useJobs()
  const backups = useQuery(api.book.backups.queryOptions())
  return (
    <Section
      title="Backups"
      actions={
        <Button
          variant="default"
          loading={running.some((job) => job.kind === 'backup' && job.state === 'running')}
          onClick={() => void run(() => client.book.backup())}
        >
          Back up now
        </Button>
      }
    >
      <Text size="sm" c="dimmed">
        Copies the ledger, whole and consistent, into the book’s backups folder and checks the copy. A copy on
        the same disk goes when the disk goes: keep one elsewhere, too.
      </Text>
      <Query of={backups} what="the backups">
        {(rows) =>
          rows.length === 0 ? (
            <Text size="sm">There is no backup in this folder yet.</Text>
          ) : (
            <BackupsTable
              backups={rows}
              timeZone={book.settings.timeZone}
              hasBook
              goesTo="the backup becomes a book in a new folder beside this one, and this one stays as it is."
            />
          )
        }
      </Query>
    </Section>
  )
}
