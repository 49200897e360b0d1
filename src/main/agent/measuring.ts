/** Takes samples of cgroups and scrapes of exporters into the store, each with the events that come of it. */
import { SourceFailure } from '../collect/collector.ts'
import { eventLine } from '../collect/kinds/events.ts'
import { exporter } from '../collect/kinds/exporter/exporter.ts'
import { readTree } from './cgroup-tree.ts'
import { type Cgroups, endWindows, sample, setBack } from './cgroup-usage.ts'
import { type AgentConfig, type CgroupsConfig, type EndpointConfig, readSecret } from './config.ts'
import { isFull } from './files.ts'
import type { Pod } from './kubernetes.ts'
import { ownerOf } from './owner.ts'
import type { State, Store } from './store.ts'

const FULL =
  'The spool is full. Counters are watched on and nothing is lost; until there is room, no window is ended.'

export interface Measuring {
  /**
   * One sample of all chosen cgroups.
   * @param pods of the node by uid; null where Kubernetes is not asked
   * @param isLast whether open windows end now
   * @throws SourceFailure where they cannot be read now; the next sample counts from the one before
   */
  readonly sampleCgroups: (pods: ReadonlyMap<string, Pod> | null, isLast: boolean) => void
  /** @throws SourceFailure */
  readonly scrape: (endpoint: EndpointConfig, signal: AbortSignal) => Promise<void>
  /** Events since the start. */
  readonly events: () => number
}

interface Surroundings {
  readonly nowMs: () => number
  readonly boot: string
  readonly environment: NodeJS.ProcessEnv
  readonly onEvents: () => void
}

export const startMeasuring = (
  config: AgentConfig,
  store: Store,
  { nowMs, boot, environment, onEvents }: Surroundings,
): Measuring => {
  const { name, cgroups: chosen, windowSeconds, spoolMegabytes } = config
  const windowMs = windowSeconds * 1000
  const windowOf = (ms: number) => Math.floor(ms / windowMs)
  const hasRoom = () => store.bytes() < spoolMegabytes * 1024 * 1024
  let events = 0

  const keep = (change: Partial<Pick<State, 'cgroups' | 'endpoints'>>, lines: readonly string[]): void => {
    try {
      store.commit(change, lines)
    } catch (error) {
      if (!isFull(error)) throw error
      throw new SourceFailure(
        'The disk of the state folder is full. Nothing is lost: it is counted on from the last sample that was kept.',
        {
          retryable: true,
        },
      )
    }
    events += lines.length
    if (lines.length > 0) onEvents()
  }

  const sampleChosen = (
    some: CgroupsConfig,
    pods: ReadonlyMap<string, Pod> | null,
    isLast: boolean,
  ): void => {
    const now = nowMs()
    const { root, match, skipDevices, metricPrefix } = some
    const selection = JSON.stringify([root, match, skipDevices])
    const readings = readTree(some, boot)
    let before: Cgroups | null = store.state().cgroups
    const isFirst = before === null || before.selection !== selection
    const unread = readings.find(({ values }) => values === null)
    if (isFirst && unread !== undefined)
      throw new SourceFailure(
        `The cgroup ${unread.path} cannot be read, and what it used before the agent began would count when it can be. The agent may need to run as root.`,
        { retryable: true },
      )
    const mayEnd = hasRoom()
    const lines: string[] = []
    const end = (open: Cgroups, isOver: (fromMs: number) => boolean): Cgroups => {
      if (!mayEnd) return open
      const { records, left } = endWindows(open, metricPrefix, ({ fromMs }) => isOver(fromMs))
      lines.push(...records.map((record) => eventLine(`agent:${name}`, record)))
      return left
    }
    if (before !== null && before.atMs >= now)
      before = setBack(
        end(before, () => true),
        now,
      )
    const after = sample(before, readings, selection, now, (unit) => ownerOf(some, name, pods, unit, now))
    keep({ cgroups: end(after, (fromMs) => isLast || windowOf(now) > windowOf(fromMs)) }, lines)
    if (!mayEnd) throw new SourceFailure(FULL, { retryable: true })
  }

  return {
    events: () => events,
    sampleCgroups: (pods, isLast) => {
      if (chosen !== undefined) sampleChosen(chosen, pods, isLast)
    },
    scrape: async (endpoint, signal) => {
      if (!hasRoom()) throw new SourceFailure(FULL, { retryable: true })
      const pages = exporter.collect({
        config: endpoint.exporter,
        source: `${name}/${endpoint.name}`,
        checkpoint: store.state().endpoints[endpoint.name] ?? null,
        range: null,
        nowMs: nowMs(),
        timeZone: 'UTC',
        signal,
        environment,
        secret: async () => (endpoint.password === null ? null : readSecret(endpoint.password, environment)),
      })
      for await (const { content, checkpoint } of pages)
        keep(
          { endpoints: { ...store.state().endpoints, [endpoint.name]: checkpoint } },
          typeof content === 'string' ? content.split('\n').filter(Boolean) : [],
        )
    },
  }
}
