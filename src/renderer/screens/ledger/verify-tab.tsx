import { Alert, Button, Code, CopyButton, Group, Progress, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import type { Job } from '../../../contract/book.ts'
import { client } from '../../api.ts'
import { useBook } from '../../ui/book.tsx'
import { formatCount } from '../../ui/format.ts'
import { sentenceOfJob, useJobs } from '../../ui/jobs.tsx'
import { Figure } from '../../ui/page.tsx'

const Outcome = (props: { job: Job; onOpenEntry: (seq: number) => void }) => {
  const { job } = props
  const verify = job.result?.kind === 'verify' ? job.result.verify : null
  if (verify === null)
    return (
      <Alert color={job.state === 'cancelled' ? 'gray' : 'red'} title="Not verified">
        {sentenceOfJob(job)}
      </Alert>
    )
  const faultSeq = verify.fault?.seq ?? null
  return (
    <Alert
      color={verify.ok ? 'teal' : 'red'}
      title={
        verify.fault !== null
          ? 'The ledger was changed'
          : verify.cubeAgrees
            ? 'The ledger is whole'
            : 'The derived figures differ'
      }
      role="status"
    >
      <Stack gap="xs" align="flex-start">
        <Text>{verify.sentence}</Text>
        <Text size="sm">
          {formatCount(verify.batches)} batches, {formatCount(verify.entries)} entries.{' '}
          {verify.cubeAgrees
            ? 'The derived figures equal the ledger’s totals.'
            : 'The derived figures do not equal the ledger’s totals: rebuild them in Settings.'}
        </Text>
        {faultSeq !== null && (
          <Button variant="default" onClick={() => props.onOpenEntry(faultSeq)}>
            Open entry {faultSeq}
          </Button>
        )}
      </Stack>
    </Alert>
  )
}

/** Walks the chain and says whether it is whole, or what the first fault is. */
export const VerifyTab = (props: { onOpenEntry: (seq: number) => void }) => {
  const { head } = useBook()
  const { running, run } = useJobs()
  const [ended, setEnded] = useState<Job | null>(null)
  const job = running.find((each) => each.kind === 'verify' && each.state === 'running')
  const verify = async () => {
    setEnded(null)
    setEnded(await run(() => client.ledger.verify()))
  }
  return (
    <Stack gap="md" maw={820}>
      <Text size="sm">
        Each batch holds a hash over the one before it and its own entries, so that no entry can be changed,
        added or taken out unnoticed. Keep the chain head outside this machine to prove later what the ledger
        was.
      </Text>
      <Group gap="sm" align="stretch">
        <Figure label="Batches">{formatCount(head.batchId)}</Figure>
        <Figure label="Entries">{formatCount(head.entries)}</Figure>
        <Figure
          label="Chain head"
          note={
            <CopyButton value={head.hash}>
              {({ copied, copy }) => (
                <Button variant="default" size="compact-xs" mt={4} onClick={copy}>
                  {copied ? 'Copied' : 'Copy the chain head'}
                </Button>
              )}
            </CopyButton>
          }
        >
          <Code style={{ overflowWrap: 'anywhere' }}>{head.hash}</Code>
        </Figure>
      </Group>
      <div>
        <Button loading={job !== undefined} onClick={() => void verify()}>
          Verify
        </Button>
      </div>
      {job !== undefined && (
        <div>
          <Progress
            aria-label="Verifying"
            value={job.progress.total ? (100 * job.progress.done) / job.progress.total : 100}
            animated={job.progress.total === null}
          />
          <Text size="sm" c="dimmed" mt={4}>
            {job.progress.text}: {formatCount(job.progress.done)}
            {job.progress.total !== null && ` of ${formatCount(job.progress.total)}`} {job.progress.unit}
          </Text>
        </div>
      )}
      {ended !== null && <Outcome job={ended} onOpenEntry={props.onOpenEntry} />}
    </Stack>
  )
}
