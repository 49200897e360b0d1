/** Long work seen from the command line: watched to its end, with progress for whoever looks, stopped by Ctrl-C. */
import type { Job } from '../../contract/book.ts'
import type { Client } from './connect.ts'
import { Refusal } from './failure.ts'
import type { Io } from './io.ts'
import { count, plain } from './text.ts'

type Kind = NonNullable<Job['result']>['kind']
export type ResultOf<K extends Kind> = Extract<NonNullable<Job['result']>, { kind: K }>

/** `Import of usage.csv: 12,000 of 50,000 rows, 3 s left`. */
export const progressText = ({ title, progress }: Pick<Job, 'title' | 'progress'>): string => {
  const { done, total, unit, secondsLeft } = progress
  const amount = total === null ? `${count(done)} ${unit}` : `${count(done)} of ${count(total)} ${unit}`
  const left = secondsLeft === null ? '' : `, ${count(Math.ceil(secondsLeft))} s left`
  return plain(`${title}: ${amount}${left}`)
}

/**
 * Waits for the job and returns its result.
 * @throws Refusal where it failed or was cancelled
 */
export const runJob = async <K extends Kind>(
  { client, io }: { readonly client: Client; readonly io: Pick<Io, 'err' | 'isWatched'> },
  kind: K,
  { jobId }: { readonly jobId: string },
): Promise<ResultOf<K>> => {
  const cancel = () => void client.jobs.cancel({ jobId }).catch(() => {})
  process.once('SIGINT', cancel)
  let last: Job | null = null
  try {
    for await (const job of await client.jobs.watch({ jobId })) {
      last = job
      if (io.isWatched) io.err(`\r\u001b[2K${job.state === 'running' ? progressText(job) : ''}`)
    }
  } finally {
    process.off('SIGINT', cancel)
  }
  if (last === null || last.state === 'running')
    throw new Refusal(
      'connection_was_lost',
      'The connection to the process that holds the book ended before the work did. Look there how it went.',
    )
  if (last.state === 'cancelled')
    throw new Refusal('cancelled', `${last.title} was cancelled. Nothing half-done was kept.`)
  if (last.error !== null) throw new Refusal(last.error.code.toLowerCase(), last.error.message)
  if (last.result?.kind !== kind)
    throw new Error(`a job of kind ${last.kind} ended with a result of kind ${last.result?.kind}`)
  return last.result as ResultOf<K>
}
