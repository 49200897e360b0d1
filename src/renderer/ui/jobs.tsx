import { notifications } from '@mantine/notifications'
import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from 'react'
import type { Job } from '../../contract/book.ts'
import { client, refreshAll, sentenceOf } from '../api.ts'

interface Jobs {
  readonly running: readonly Job[]
  /** Starts a job, shows its progress, and resolves when it ends, however it ends; null where it could not start. */
  readonly run: (start: () => Promise<{ jobId: string }>) => Promise<Job | null>
  readonly cancel: (jobId: string) => void
}

const JobsContext = createContext<Jobs | null>(null)

export const useJobs = (): Jobs => {
  const jobs = useContext(JobsContext)
  if (jobs === null) throw new Error('useJobs outside JobsProvider')
  return jobs
}

export const sentenceOfJob = (job: Job): string => {
  if (job.state === 'cancelled') return `${job.title} was cancelled; nothing of it was kept.`
  if (job.error !== null) return job.error.message
  const result = job.result
  if (result === null) return `${job.title} ended.`
  switch (result.kind) {
    case 'import':
      return result.import.sentence
    case 'verify':
      return result.verify.sentence
    case 'invoice_run':
      return result.run.sentence
    case 'deliver':
      return result.deliver.sentence
    case 'simulation':
      return result.simulation.sentence
    default:
      return result.sentence
  }
}

export const JobsProvider = (props: { children: ReactNode }) => {
  const [jobs, setJobs] = useState<ReadonlyMap<string, Job>>(new Map())
  const run = useCallback<Jobs['run']>(async (start) => {
    let last: Job | null = null
    try {
      const { jobId } = await start()
      for await (const job of await client.jobs.watch({ jobId })) {
        last = job
        setJobs((before) => new Map(before).set(jobId, job))
      }
      setJobs((before) => new Map([...before].filter(([id]) => id !== jobId)))
    } catch (error) {
      notifications.show({ color: 'red', title: 'Not started', message: sentenceOf(error) })
    }
    if (last !== null) {
      notifications.show({
        color: last.state === 'done' ? 'teal' : last.state === 'cancelled' ? 'gray' : 'red',
        title: last.title,
        message: sentenceOfJob(last),
        autoClose: last.state === 'failed' ? false : 6000,
      })
    }
    await refreshAll()
    return last
  }, [])
  const cancel = useCallback((jobId: string) => {
    client.jobs.cancel({ jobId }).catch((error: unknown) => {
      notifications.show({ color: 'red', title: 'Not cancelled', message: sentenceOf(error) })
    })
  }, [])
  const value = useMemo(() => ({ running: [...jobs.values()], run, cancel }), [jobs, run, cancel])
  return <JobsContext value={value}>{props.children}</JobsContext>
}
