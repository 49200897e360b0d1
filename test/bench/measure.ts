/** Times of repeated work and what is told of them. */
export interface Spent {
  readonly wallMs: number
  /** Processor time of the whole process, its threads included. */
  readonly cpuMs: number
}

export const spent = async (work: () => unknown): Promise<Spent> => {
  const startedMs = performance.now()
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return { wallMs: performance.now() - startedMs, cpuMs: (user + system) / 1000 }
}

/** The smallest value that `share` of the list does not exceed. */
export const percentile = (list: readonly number[], share: number): number =>
  [...list].sort((a, b) => a - b)[Math.max(0, Math.ceil(list.length * share) - 1)] ?? Number.NaN

export const median = (list: readonly number[]): number => percentile(list, 0.5)

export interface Times {
  readonly calls: number
  readonly p50: number
  readonly p95: number
  readonly max: number
}

const rounded = (ms: number): number => Math.round(ms * 100) / 100

export const timesOf = (list: readonly number[]): Times => ({
  calls: list.length,
  p50: rounded(median(list)),
  p95: rounded(percentile(list, 0.95)),
  max: rounded(percentile(list, 1)),
})

/** The run of the work that took the median time. */
export const medianSpent = (list: readonly Spent[]): Spent => {
  const found = [...list].sort((a, b) => a.wallMs - b.wallMs)[Math.ceil(list.length / 2) - 1]
  if (found === undefined) throw new Error('nothing was measured')
  return found
}

export const perSecond = (count: number, ms: number): number => Math.round((count / ms) * 1000)
