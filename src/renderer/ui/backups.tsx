/** Backups of the book's own folder, with a way to make one a book again; in the settings and on the welcome screen. */
import { Alert, Button, Stack, Table, Text } from '@mantine/core'
import { useState } from 'react'
import type { ListedBackup } from '../../contract/book.ts'
import { client } from '../api.ts'
import { DASH, formatBytes, formatCount, formatInstant } from './format.ts'
import { sentenceOfJob, useJobs } from './jobs.tsx'
import { PROBLEM_COLOR } from './problem.tsx'

/** What the book learnt after the backup was made. */
const sinceThen = ({ missingBatches, batchId }: ListedBackup): string => {
  if (batchId === null) return DASH
  if (missingBatches === null) return 'not of this book'
  if (missingBatches === 0) return 'nothing new'
  return `${formatCount(missingBatches)} ${missingBatches === 1 ? 'batch' : 'batches'} more`
}

export const BackupsTable = (props: {
  backups: readonly ListedBackup[]
  timeZone: string
  /** Where a restored backup goes, for people. */
  goesTo: string
  /** Whether there is a book to compare with. */
  hasBook: boolean
}) => {
  const { running, run } = useJobs()
  const [said, setSaid] = useState<{ readonly sentence: string; readonly good: boolean } | null>(null)
  const isBusy = running.some((job) => job.kind === 'restore' && job.state === 'running')
  const restore = async (backup: string) => {
    setSaid(null)
    const job = await run(() => client.book.restore({ backup }))
    if (job !== null) setSaid({ sentence: sentenceOfJob(job), good: job.state === 'done' })
  }
  return (
    <Stack gap="xs">
      <Table aria-label="Backups" withTableBorder verticalSpacing={4}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Made</Table.Th>
            <Table.Th ta="right">Batch</Table.Th>
            <Table.Th ta="right">Entries</Table.Th>
            <Table.Th ta="right">Size</Table.Th>
            {props.hasBook && <Table.Th>The book since then</Table.Th>}
            <Table.Th />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {props.backups.map((backup) => (
            <Table.Tr key={backup.name}>
              <Table.Td>
                {formatInstant(backup.madeMs, props.timeZone)}
                {backup.problem !== null && (
                  <Text size="xs" c={PROBLEM_COLOR} style={{ overflowWrap: 'anywhere' }}>
                    {backup.problem}
                  </Text>
                )}
              </Table.Td>
              <Table.Td ta="right">{backup.batchId === null ? DASH : formatCount(backup.batchId)}</Table.Td>
              <Table.Td ta="right">{backup.entries === null ? DASH : formatCount(backup.entries)}</Table.Td>
              <Table.Td ta="right">{formatBytes(backup.bytes)}</Table.Td>
              {props.hasBook && <Table.Td>{sinceThen(backup)}</Table.Td>}
              <Table.Td ta="right">
                <Button
                  variant="default"
                  size="compact-xs"
                  loading={isBusy}
                  aria-label={`Restore the backup of ${formatInstant(backup.madeMs, props.timeZone)}`}
                  onClick={() => void restore(backup.name)}
                >
                  Restore
                </Button>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Text size="xs" c="dimmed">
        Restoring verifies the whole chain first and never overwrites a book: {props.goesTo}
      </Text>
      {said !== null && (
        <Alert
          color={said.good ? 'teal' : 'red'}
          title={said.good ? 'Restored' : 'Not restored'}
          role="status"
          style={{ overflowWrap: 'anywhere' }}
        >
          {said.sentence}
        </Alert>
      )}
    </Stack>
  )
}
