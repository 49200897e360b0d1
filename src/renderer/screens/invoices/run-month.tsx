import { Alert, Button, List, Text } from '@mantine/core'
import { useState } from 'react'
import type { Job } from '../../../contract/book.ts'
import { type Month, monthName } from '../../../domain/period.ts'
import { client } from '../../api.ts'
import { sentenceOfJob, useJobs } from '../../ui/jobs.tsx'

/** Rates the month; what came of it is kept for {@link RunResult}. */
export const useRunMonth = (month: Month) => {
  const jobs = useJobs()
  const [isRunning, setRunning] = useState(false)
  const [result, setResult] = useState<Job | null>(null)
  const run = async () => {
    setRunning(true)
    setResult(await jobs.run(() => client.invoices.run({ month })))
    setRunning(false)
  }
  return { isRunning, result, run, forget: () => setResult(null) }
}

export const RunMonthButton = (props: {
  of: ReturnType<typeof useRunMonth>
  variant?: string
  isClosed?: boolean
}) => (
  <Button
    variant={props.variant ?? 'filled'}
    loading={props.of.isRunning}
    disabled={props.isClosed ?? false}
    onClick={() => void props.of.run()}
  >
    Run month
  </Button>
)

/** What the last run of this visit made, and what it could not. */
export const RunResult = (props: { of: ReturnType<typeof useRunMonth>; month: Month }) => {
  const { result } = props.of
  if (result === null) return null
  const issues = result.result?.kind === 'invoice_run' ? result.result.run.issues : []
  return (
    <Alert
      variant="default"
      title={`Run of ${monthName(props.month)}`}
      withCloseButton
      closeButtonLabel="Close the result"
      onClose={props.of.forget}
    >
      <Text size="sm">{sentenceOfJob(result)}</Text>
      {issues.length > 0 && (
        <List size="sm" mt="xs">
          {issues.map((issue) => (
            <List.Item key={`${issue.code} ${issue.message}`}>{issue.message}</List.Item>
          ))}
        </List>
      )}
    </Alert>
  )
}
