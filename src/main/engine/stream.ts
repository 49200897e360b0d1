/** Runs a thread's stream of progress to its result, as a job. */
import type { JobHandle } from './jobs.ts'
import type { WorkEvent } from './writer-router.ts'

/** @throws whatever the work threw, or the signal's reason. */
export const runStream = async <Result>(
  events: AsyncIterable<WorkEvent<Result>>,
  handle: JobHandle,
): Promise<Result> => {
  for await (const event of events) {
    if (event.progress === null) return event.result
    handle.progress(event.progress.done, event.progress.total, event.progress.text)
  }
  handle.signal.throwIfAborted()
  throw new Error('the work ended without a result')
}
