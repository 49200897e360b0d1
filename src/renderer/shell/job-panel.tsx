import { Affix, Button, Group, Paper, Progress, Stack, Text } from '@mantine/core'
import { useJobs } from '../ui/jobs.tsx'

const secondsInWords = (seconds: number) =>
  seconds < 60 ? `${Math.ceil(seconds)} s left` : `${Math.ceil(seconds / 60)} min left`

/** What runs, how far it is, and a way to stop it. */
export const JobPanel = () => {
  const { running, cancel } = useJobs()
  const shown = running.filter((job) => job.state === 'running')
  if (shown.length === 0) return null
  return (
    <Affix position={{ bottom: 16, left: 212 }}>
      <Stack gap="xs" role="status" aria-live="polite">
        {shown.map((job) => (
          <Paper key={job.jobId} withBorder shadow="md" p="sm" w={380}>
            <Group justify="space-between" mb={4}>
              <Text size="sm" fw={600}>
                {job.title}
              </Text>
              <Button variant="subtle" size="compact-xs" onClick={() => cancel(job.jobId)}>
                Cancel
              </Button>
            </Group>
            <Progress
              aria-label={job.title}
              value={job.progress.total ? (100 * job.progress.done) / job.progress.total : 100}
              animated={job.progress.total === null}
            />
            <Text size="xs" c="dimmed" mt={4}>
              {job.progress.text}
              {job.progress.perSecond !== null &&
                ` · ${Math.round(job.progress.perSecond).toLocaleString('en')} ${job.progress.unit}/s`}
              {job.progress.secondsLeft !== null && ` · ${secondsInWords(job.progress.secondsLeft)}`}
            </Text>
          </Paper>
        ))}
      </Stack>
    </Affix>
  )
}
