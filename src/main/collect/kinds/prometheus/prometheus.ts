/** Usage from a Prometheus server: counters by their increases, gauges by how long they are held, queries by their value. */
import { z } from 'zod'
import type { Json } from '../../../../domain/canonical.ts'
import { type DecimalText, sumDecimals, ZERO } from '../../../../domain/decimal.ts'
import type { Period } from '../../../../domain/period.ts'
import {
  type CheckFinding,
  type CollectContext,
  type Collector,
  collectorOf,
  type Page,
} from '../../collector.ts'
import { eventLine, fingerprint } from '../events.ts'
import { AUTHORIZATION_FIELDS, authorizationOf } from '../http.ts'
import { groupSeries } from '../series.ts'
import { type PrometheusAddress, queryPrometheus, type Series } from './api.ts'
import { RECIPES } from './recipes.ts'
import { increases, unitHours } from './samples.ts'

const MINUTE = 60_000
/** A sample may reach Prometheus late by a scrape and a remote write; windows that end later than this are waited for. */
const SETTLE_MS = 2 * MINUTE
/** Where the sample before a window is looked for: over a restart of Prometheus or of the target. */
const BASE_LOOKBACK = '1d'
/** Prometheus takes a series without samples for so long to be gone (its default `query.lookback-delta`). */
const STALE_MS = 5 * MINUTE
const WINDOWS_A_PAGE = 6
const FIRST_RUN_WINDOWS = 6

const METHODS = ['counter', 'gauge', 'value'] as const

const row = z.strictObject({
  metric: z.string().trim().min(1).max(200),
  query: z.string().trim().min(1).max(2000),
  method: z.enum(METHODS, { error: 'counter, gauge or value' }),
})

const config = z.strictObject({
  url: z.url({ protocol: /^https?$/, error: 'an address like http://prometheus:9090' }),
  user: z.string().trim().optional(),
  tenantLabel: z.string().trim().min(1),
  dimensions: z.array(z.string().trim().min(1)).max(20).default([]),
  windowMinutes: z.coerce.number().int().min(1).max(60).default(10),
  metrics: z.array(row).min(1, 'at least one metric'),
})
export type PrometheusConfig = z.output<typeof config>

type Context = CollectContext<PrometheusConfig>

const addressOf = async (context: Context): Promise<PrometheusAddress> => {
  const authorization = authorizationOf(context.config.user, await context.secret('password'))
  return { url: new URL(context.config.url), authorization }
}

const windowsBetween = (fromMs: number, untilMs: number, lengthMs: number): readonly Period[] => {
  const first = Math.ceil(fromMs / lengthMs) * lengthMs
  const count = Math.max(0, Math.floor((untilMs - first) / lengthMs))
  return Array.from({ length: count }, (_, index) => ({
    startMs: first + index * lengthMs,
    endMs: first + (index + 1) * lengthMs,
  }))
}

type Row = z.output<typeof row>

/** What each series comes to in each window. */
interface InWindows {
  readonly labels: Readonly<Record<string, string>>
  readonly values: readonly DecimalText[]
}

type Ask = (query: string, atMs: number) => Promise<readonly Series[]>

const unnamed = ({ labels: { __name__, ...labels } }: Series): string => fingerprint(labels)

const measureValues = async (
  ask: Ask,
  query: string,
  windows: readonly Period[],
): Promise<readonly InWindows[]> => {
  const answers = await Promise.all(windows.map(({ endMs }) => ask(query, endMs)))
  const found = new Map<string, { labels: InWindows['labels']; values: DecimalText[] }>()
  answers.forEach((series, index) => {
    for (const each of series) {
      const known = found.get(unnamed(each)) ?? { labels: each.labels, values: windows.map(() => ZERO) }
      known.values[index] = each.samples.at(-1)?.value ?? ZERO
      found.set(unnamed(each), known)
    }
  })
  return [...found.values()]
}

/**
 * @param isFirstRun a series without an earlier sample may be as old as its server then, and its first value is no usage
 */
const measure = async (
  ask: Ask,
  { query, method }: Row,
  windows: readonly Period[],
  isFirstRun: boolean,
): Promise<readonly InWindows[]> => {
  const startMs = windows[0]?.startMs ?? 0
  const endMs = windows.at(-1)?.endMs ?? 0
  if (method === 'value') return measureValues(ask, query, windows)
  // A range holds its end, and before Prometheus 3 its start too; a window holds its start and not its end.
  const raw = (lengthMs: number) => ask(`${query}[${lengthMs}ms]`, endMs - 1)
  if (method === 'gauge') {
    const series = await raw(endMs - startMs + STALE_MS)
    return series.map(({ labels, samples }) => ({ labels, values: unitHours(windows, samples, STALE_MS) }))
  }
  const [inside, earlier] = await Promise.all([
    raw(endMs - startMs),
    ask(`last_over_time(${query}[${BASE_LOOKBACK}])`, startMs - 1),
  ])
  const bases = new Map(earlier.map((series) => [unnamed(series), series.samples.at(-1)?.value ?? null]))
  return inside.map((series) => ({
    labels: series.labels,
    values: increases(windows, series.samples, bases.get(unnamed(series)) ?? null, !isFirstRun),
  }))
}

/** One event for each tenant, set of dimensions and window: what its series come to together. */
const eventsOf = (
  context: Context,
  { metric, method }: Row,
  windows: readonly Period[],
  measured: readonly InWindows[],
): readonly string[] => {
  const { tenantLabel, dimensions: kept } = context.config
  const groups = groupSeries(measured, (labels) => labels[tenantLabel] || null, kept)
  return groups.flatMap(({ key, tenant, dimensions, members }) =>
    windows.flatMap(({ startMs, endMs }, index) => {
      const value = sumDecimals(members.map(({ values }) => values[index] ?? ZERO))
      if (value === ZERO) return []
      const id = `${metric}/${method}/${key}/${startMs}`
      return [
        eventLine(`prometheus:${context.source}`, { id, metric, tenant, value, startMs, endMs, dimensions }),
      ]
    }),
  )
}

interface Checkpoint {
  /** The end of the last window taken. */
  readonly untilMs: number
}

const readCheckpoint = (json: Json): Checkpoint | null => {
  const read = z.object({ untilMs: z.number().int() }).safeParse(json)
  return read.success ? read.data : null
}

async function* collect(context: Context): AsyncIterable<Page> {
  const { config: settings, range, nowMs } = context
  const lengthMs = settings.windowMinutes * MINUTE
  const before = readCheckpoint(context.checkpoint)
  const settled = nowMs - SETTLE_MS
  const windows =
    range === null
      ? windowsBetween(before?.untilMs ?? settled - FIRST_RUN_WINDOWS * lengthMs, settled, lengthMs)
      : windowsBetween(range.startMs, Math.min(range.endMs, settled), lengthMs)
  if (windows.length === 0) return
  const address = await addressOf(context)
  const ask: Ask = (query, atMs) => queryPrometheus(address, query, atMs, context.signal)
  let isFirstRun = before === null
  for (let start = 0; start < windows.length; start += WINDOWS_A_PAGE) {
    const page = windows.slice(start, start + WINDOWS_A_PAGE)
    const lines: string[] = []
    for (const each of settings.metrics)
      lines.push(...eventsOf(context, each, page, await measure(ask, each, page, isFirstRun)))
    const untilMs = page.at(-1)?.endMs ?? 0
    const iso = (ms: number) => new Date(ms).toISOString().slice(0, 16).replace('T', ' ')
    yield {
      title: `${context.source}: ${iso(page[0]?.startMs ?? 0)} to ${iso(untilMs)} UTC`,
      choice: { kind: 'cloudevents' },
      content: lines.join('\n'),
      sameId: 'restate',
      checkpoint: range === null ? { untilMs } : context.checkpoint,
    }
    isFirstRun = false
  }
}

const check = async (context: Context): Promise<readonly CheckFinding[]> => {
  const address = await addressOf(context)
  const { tenantLabel, metrics } = context.config
  const findings: CheckFinding[] = []
  for (const { metric, query, method } of metrics) {
    const series = await queryPrometheus(address, query, context.nowMs, context.signal)
    const without = series.filter(({ labels }) => !labels[tenantLabel]).length
    if (series.length === 0)
      findings.push({
        state: 'warning',
        sentence: `${metric}: ${query} finds no series now. Check its name, or wait for a first scrape.`,
      })
    else if (without > 0)
      findings.push({
        state: 'warning',
        sentence: `${metric}: ${without} of ${series.length} series have no label ${tenantLabel}; their records are rejected, because nobody can be named.`,
      })
    else
      findings.push({
        state: 'works',
        sentence: `${metric}: ${series.length} series, read as ${method === 'value' ? 'a value' : `a ${method}`}.`,
      })
  }
  return findings
}

const COLLECTOR: Collector<PrometheusConfig> = {
  kind: 'prometheus',
  title: 'Prometheus',
  purpose: 'Counters, gauges and queries of a Prometheus server, by a label that names the tenant.',
  fields: [
    { key: 'url', label: 'Address', kind: 'text', required: true, placeholder: 'http://prometheus:9090' },
    ...AUTHORIZATION_FIELDS,
    {
      key: 'tenantLabel',
      label: 'Label that names the tenant',
      kind: 'text',
      required: true,
      initial: 'namespace',
    },
    { key: 'dimensions', label: 'Labels kept as dimensions', kind: 'lines', required: false },
    { key: 'windowMinutes', label: 'Minutes of one record', kind: 'number', required: true, initial: '10' },
    {
      key: 'metrics',
      label: 'What is measured',
      kind: 'table',
      required: true,
      help: 'Method: counter (what it grew by), gauge (unit-hours held), value (the query’s value at the end of each window).',
      initial: JSON.stringify(RECIPES),
      columns: [
        { key: 'metric', label: 'Metric', placeholder: 'k8s.cpu.seconds', required: true },
        {
          key: 'query',
          label: 'PromQL selector or query',
          placeholder: 'http_requests_total',
          required: true,
        },
        { key: 'method', label: 'Method', placeholder: 'counter', required: true },
      ],
    },
  ],
  config,
  permissions: () => ({
    sentence: 'Reads the query API only. Where Prometheus is behind a proxy, allow these two paths.',
    documents: [{ title: 'Paths', language: 'text', text: 'POST /api/v1/query\nGET  /api/v1/query' }],
  }),
  cost: null,
  everyMinutes: 10,
  check,
  collect,
}

export const prometheus = collectorOf(COLLECTOR)
