/** Usage from an exporter asked directly: counters by what they grew by since the last scrape, gauges by the time held. */
import { z } from 'zod'
import type { Json } from '../../../../domain/canonical.ts'
import { type DecimalText, sumDecimals, ZERO } from '../../../../domain/decimal.ts'
import {
  type CheckFinding,
  type CollectContext,
  type Collector,
  collectorOf,
  type Page,
  SourceFailure,
} from '../../collector.ts'
import { eventLine, fingerprint } from '../events.ts'
import { AUTHORIZATION_FIELDS, askHttp, authorizationOf, placeOf } from '../http.ts'
import { grown, sampleValue, unitHours } from '../prometheus/samples.ts'
import { groupSeries } from '../series.ts'
import { type ExposedSeries, type Exposition, readExposition, readSelector, typeOf } from './exposition.ts'

const MINUTE = 60_000
/** A gauge's value is taken to hold until the next scrape, and no longer than this: after it nobody knows. */
const HELD_MS = 30 * MINUTE
/** A series that was gone for longer counts from zero when it comes back. */
const REMEMBERED_MS = 24 * 60 * MINUTE
/** Each scrape's checkpoint is kept in the ledger, at some 40 bytes a series. */
const SERIES_MAX = 2000

const row = z.strictObject({
  metric: z.string().trim().min(1).max(200),
  selector: z
    .string()
    .trim()
    .refine((text) => readSelector(text) !== null, { error: 'a name, or name{label="value"}' }),
  method: z.enum(['counter', 'gauge'], { error: 'counter or gauge' }),
})
type Row = z.output<typeof row>

const config = z
  .strictObject({
    url: z.url({ protocol: /^https?$/, error: 'an address like http://host:9100/metrics' }),
    user: z.string().trim().optional(),
    tenantLabel: z.string().trim().optional(),
    tenant: z.string().trim().max(200).optional(),
    dimensions: z.array(z.string().trim().min(1)).max(20).default([]),
    metrics: z.array(row).min(1, 'at least one metric'),
  })
  .refine(({ tenantLabel, tenant }) => Boolean(tenantLabel) !== Boolean(tenant), {
    path: ['tenantLabel'],
    error: 'either a label that names the tenant, or the one tenant that everything here is of',
  })
type ExporterConfig = z.output<typeof config>
type Context = CollectContext<ExporterConfig>

/** Last value of each series by its fingerprint, and when it was seen. */
const checkpointShape = z.object({
  atMs: z.number().int(),
  last: z.record(z.string(), z.tuple([z.string(), z.number().int()])),
  /** What was chosen then: a series of a choice made since is no new one, and its first value is no usage. */
  selectors: z.array(z.string()),
})
type Checkpoint = z.output<typeof checkpointShape>
type Last = Readonly<Record<string, readonly [value: string, seenMs: number]>>

const readCheckpoint = (json: Json): Checkpoint | null => {
  const read = checkpointShape.safeParse(json)
  return read.success ? read.data : null
}

const scrape = async (context: Context): Promise<Exposition> => {
  const url = new URL(context.config.url)
  const authorization = authorizationOf(context.config.user, await context.secret('password'))
  const text = await askHttp({
    url,
    headers: {
      accept: 'text/plain;version=0.0.4',
      ...(authorization === null ? {} : { authorization }),
    },
    signal: context.signal,
  })
  try {
    return readExposition(text)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new SourceFailure(
      `${placeOf(url)} did not answer with a whole page of Prometheus’ text format: ${why}. Nothing of it was taken; the next scrape counts from the one before.`,
      { retryable: true },
    )
  }
}

const chosen = ({ series }: Exposition, { selector }: Row): readonly ExposedSeries[] => {
  const matches = readSelector(selector)
  return matches === null ? [] : series.filter(matches)
}

const keyOf = ({ name, labels }: ExposedSeries): string => fingerprint({ ...labels, __name__: name })

interface Interval {
  readonly before: Checkpoint
  readonly endMs: number
}

/** What a series comes to since the scrape before this one. */
const measured = (
  series: ExposedSeries,
  { method, selector }: Row,
  { before: { atMs: startMs, last, selectors }, endMs }: Interval,
): DecimalText => {
  const known = (last as Last)[keyOf(series)]
  const before = known === undefined ? null : sampleValue(known[0])
  if (method === 'counter') {
    const now = sampleValue(series.value)
    if (now === null || (before === null && !selectors.includes(selector))) return ZERO
    return grown(before ?? ZERO, now)
  }
  if (before === null || known?.[1] !== startMs) return ZERO
  const [held = ZERO] = unitHours([{ startMs, endMs }], [{ ms: startMs, value: before }], HELD_MS)
  return held
}

const linesOf = (context: Context, exposition: Exposition, interval: Interval): readonly string[] => {
  const { tenantLabel, tenant, dimensions, metrics } = context.config
  const tenantOf = (labels: ExposedSeries['labels']) => (tenant ? tenant : labels[tenantLabel ?? ''] || null)
  return metrics.flatMap((each) =>
    groupSeries(chosen(exposition, each), tenantOf, dimensions).flatMap((group) => {
      const value = sumDecimals(group.members.map((series) => measured(series, each, interval)))
      if (value === ZERO) return []
      const { endMs } = interval
      const startMs = interval.before.atMs
      return [
        eventLine(`exporter:${context.source}`, {
          id: `${each.metric}/${each.method}/${fingerprint({ selector: each.selector })}/${group.key}/${startMs}`,
          metric: each.metric,
          tenant: group.tenant,
          value,
          startMs,
          endMs,
          dimensions: group.dimensions,
        }),
      ]
    }),
  )
}

/** The values to count from at the next scrape: these, and those of series that were gone for less than a day. */
const remembered = (context: Context, exposition: Exposition, earlier: Last): Last => {
  const { nowMs } = context
  const kept = Object.entries(earlier).filter(([, [, seenMs]]) => nowMs - seenMs < REMEMBERED_MS)
  const now = context.config.metrics.flatMap((each) =>
    chosen(exposition, each).flatMap((series): [string, [string, number]][] => {
      const value = sampleValue(series.value)
      return value === null ? [] : [[keyOf(series), [value, nowMs]]]
    }),
  )
  const last = Object.fromEntries([...kept, ...now])
  const count = Object.keys(last).length
  if (count > SERIES_MAX)
    throw new SourceFailure(
      `${context.source}: ${count.toLocaleString('en')} series are chosen, and the last value of at most ${SERIES_MAX.toLocaleString('en')} can be kept. Choose fewer with labels, like name{device="eth0"}, or let a Prometheus scrape the exporter and connect that. Nothing was taken of this scrape.`,
      { retryable: false },
    )
  return last
}

async function* collect(context: Context): AsyncIterable<Page> {
  if (context.range !== null)
    throw new SourceFailure(
      `${context.source}: an exporter knows its counters as they are now, and nothing of the past. A past range can be read from a Prometheus that scraped it.`,
      { retryable: false },
    )
  const before = readCheckpoint(context.checkpoint)
  const { nowMs } = context
  if (before !== null && before.atMs >= nowMs) return
  const exposition = await scrape(context)
  const last = remembered(context, exposition, before?.last ?? {})
  // What the counters had reached before the first scrape was used before the source was connected.
  const lines = before === null ? [] : linesOf(context, exposition, { before, endMs: nowMs })
  yield {
    title: `${context.source}: scrape of ${new Date(nowMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`,
    choice: { kind: 'cloudevents' },
    content: lines.join('\n'),
    checkpoint: {
      atMs: nowMs,
      last: last as Record<string, Json>,
      selectors: context.config.metrics.map(({ selector }) => selector),
    },
  }
}

const findingOf = (context: Context, exposition: Exposition, each: Row): CheckFinding => {
  const { metric, selector, method } = each
  const { tenantLabel, tenant, dimensions } = context.config
  const series = chosen(exposition, each)
  const [first] = series
  if (first === undefined)
    return {
      state: 'warning',
      sentence: `${metric}: the exporter has no series ${selector} now. Check its name.`,
    }
  const type = typeOf(exposition, first.name)
  if ((type === 'gauge') !== (method === 'gauge') && type !== null && type !== 'untyped')
    return {
      state: 'warning',
      sentence: `${metric}: the exporter says that ${first.name} is a ${type}, and it is read as a ${method}.`,
    }
  if (series.some(({ labels }) => labels.le !== undefined) && !dimensions.includes('le'))
    return {
      state: 'warning',
      sentence: `${metric}: each bucket of ${first.name} holds the smaller ones too, so their sum counts twice. Choose one bucket, or the series that ends in _count.`,
    }
  const without = tenant ? 0 : series.filter(({ labels }) => !labels[tenantLabel ?? '']).length
  if (without > 0)
    return {
      state: 'warning',
      sentence: `${metric}: ${without} of ${series.length} series have no label ${tenantLabel}; their records are rejected, because nobody can be named.`,
    }
  return { state: 'works', sentence: `${metric}: ${series.length} series, read as a ${method}.` }
}

const check = async (context: Context): Promise<readonly CheckFinding[]> => {
  const exposition = await scrape(context)
  remembered(context, exposition, {})
  return [
    ...context.config.metrics.map((each) => findingOf(context, exposition, each)),
    {
      state: 'works',
      sentence: 'Usage counts from the first scrape on; records come with the second one.',
    },
  ]
}

const COLLECTOR: Collector<ExporterConfig> = {
  kind: 'exporter',
  title: 'Prometheus exporter',
  purpose: 'Counters and gauges of one exporter, asked directly, where no Prometheus scrapes it.',
  fields: [
    { key: 'url', label: 'Address', kind: 'text', required: true, placeholder: 'http://host:9100/metrics' },
    ...AUTHORIZATION_FIELDS,
    { key: 'tenantLabel', label: 'Label that names the tenant', kind: 'text', required: false },
    {
      key: 'tenant',
      label: 'Or the tenant that everything here is of',
      kind: 'text',
      required: false,
    },
    { key: 'dimensions', label: 'Labels kept as dimensions', kind: 'lines', required: false },
    {
      key: 'metrics',
      label: 'What is measured',
      kind: 'table',
      required: true,
      help: 'Method: counter (what it grew by since the last scrape) or gauge (unit-hours held).',
      columns: [
        { key: 'metric', label: 'Metric', placeholder: 'net.sent.bytes', required: true },
        {
          key: 'selector',
          label: 'Series',
          placeholder: 'node_network_transmit_bytes_total{device="eth0"}',
          required: true,
        },
        { key: 'method', label: 'Method', placeholder: 'counter', required: true },
      ],
    },
  ],
  config,
  permissions: () => ({
    sentence: 'Reads the exporter’s page of metrics, and nothing else.',
    documents: [{ title: 'Path', language: 'text', text: 'GET /metrics' }],
  }),
  cost: null,
  everyMinutes: 1,
  check,
  collect,
}

export const exporter = collectorOf(COLLECTOR)
