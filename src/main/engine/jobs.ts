/** Long work: progress, cancel, a result or an error; streamed, and never in the way of other calls. */
import { EventPublisher, ORPCError } from '@orpc/server'
import type { Job } from '../../contract/book.ts'
import { type Clock, newId } from './clock.ts'
import { sentenceOf } from './refusals.ts'

export type JobResult = NonNullable<Job['result']>

export interface JobHandle {
  readonly signal: AbortSignal
  readonly progress: (done: number, total: number | null, text: string) => void
}

/** The code of a refusal's own where it has one: `disk_is_full` says more than REFUSED. */
const codeOf = (error: unknown): string => {
  if (!(error instanceof ORPCError)) return 'FAILED'
  const { data } = error as { data: unknown }
  const isRefusal = error.code === 'REFUSED' && typeof data === 'object' && data !== null && 'code' in data
  return String(isRefusal ? data.code : error.code)
}

/** Jobs kept after they ended, so that a screen opened late still sees how they went. */
const KEPT = 100

export class Jobs {
  readonly #clock: Clock
  readonly #jobs = new Map<string, { job: Job; controller: AbortController }>()
  readonly #publisher = new EventPublisher<Record<string, Job>>()

  readonly #redact: (text: string) => string

  readonly #told: (error: unknown) => unknown

  /**
   * @param redact takes secrets out of what an error says
   * @param told makes a refusal of the contract of what the machine or the ledger threw
   */
  constructor(
    clock: Clock,
    redact: (text: string) => string,
    told: (error: unknown) => unknown = (error) => error,
  ) {
    this.#clock = clock
    this.#redact = redact
    this.#told = told
  }

  /** Starts the work at once and returns its id. `unit` is what progress counts. */
  start(
    kind: Job['kind'],
    title: string,
    unit: string,
    work: (handle: JobHandle) => Promise<JobResult>,
  ): { jobId: string } {
    const jobId = newId()
    const controller = new AbortController()
    const startedMs = this.#clock.nowMs()
    const entry = {
      controller,
      job: {
        jobId,
        kind,
        title,
        state: 'running',
        startedMs,
        endedMs: null,
        progress: { done: 0, total: null, unit, perSecond: null, secondsLeft: null, text: 'Starting …' },
        result: null,
        error: null,
      } as Job,
    }
    this.#jobs.set(jobId, entry)
    const change = (changes: Partial<Job>) => {
      entry.job = { ...entry.job, ...changes }
      this.#publisher.publish(jobId, entry.job)
    }
    const progress: JobHandle['progress'] = (done, total, text) => {
      const seconds = (this.#clock.nowMs() - startedMs) / 1000
      const perSecond = seconds > 0.5 ? done / seconds : null
      change({
        progress: {
          done,
          total,
          unit,
          perSecond,
          secondsLeft:
            perSecond !== null && perSecond > 0 && total !== null
              ? Math.max(0, (total - done) / perSecond)
              : null,
          text,
        },
      })
    }
    work({ signal: controller.signal, progress }).then(
      (result) => change({ state: 'done', endedMs: this.#clock.nowMs(), result }),
      (thrown: unknown) => {
        const endedMs = this.#clock.nowMs()
        if (controller.signal.aborted) return change({ state: 'cancelled', endedMs })
        const error = this.#told(thrown)
        const message = this.#redact(sentenceOf(error))
        return change({ state: 'failed', endedMs, error: { code: codeOf(error), message } })
      },
    )
    this.#forgetOld()
    return { jobId }
  }

  list(): Job[] {
    return [...this.#jobs.values()].map(({ job }) => job).reverse()
  }

  /** @throws NOT_FOUND */
  get(jobId: string): Job {
    return this.#entry(jobId).job
  }

  cancel(jobId: string): Job {
    const entry = this.#entry(jobId)
    if (entry.job.state === 'running') entry.controller.abort()
    return entry.job
  }

  /** The job as it is now and at each change, until it ended. */
  async *watch(jobId: string, signal?: AbortSignal): AsyncGenerator<Job, void, void> {
    const entry = this.#entry(jobId)
    const changes = this.#publisher.subscribe(jobId, signal === undefined ? {} : { signal })
    const first = entry.job
    yield first
    // It may have ended while the first was looked at, before anybody listened.
    if (entry.job.state !== 'running') {
      if (entry.job !== first) yield entry.job
      return
    }
    for await (const job of changes) {
      yield job
      if (job.state !== 'running') return
    }
  }

  /** Resolves when the job ended; for callers inside the house. */
  async ended(jobId: string): Promise<Job> {
    let last = this.get(jobId)
    for await (const job of this.watch(jobId)) last = job
    return last
  }

  cancelAll(): void {
    for (const { job, controller } of this.#jobs.values()) if (job.state === 'running') controller.abort()
  }

  #entry(jobId: string) {
    const entry = this.#jobs.get(jobId)
    if (entry === undefined)
      throw new ORPCError('NOT_FOUND', {
        message: `There is no job ${jobId} in this session; jobs are forgotten when the engine stops.`,
      })
    return entry
  }

  #forgetOld(): void {
    for (const [jobId, { job }] of this.#jobs) {
      if (this.#jobs.size <= KEPT) return
      if (job.state !== 'running') this.#jobs.delete(jobId)
    }
  }
}
