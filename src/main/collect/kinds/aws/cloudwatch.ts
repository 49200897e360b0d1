/**
 * Usage from CloudWatch's metrics: each datapoint of a metric whose dimension names the tenant is one record. What
 * CloudWatch learns late is found by reading a trailing window again; a datapoint's id is the same each time.
 */
import { z } from 'zod'
import type { Json } from '../../../../domain/canonical.ts'
import type { Period } from '../../../../domain/period.ts'
import {
  type CheckFinding,
  type CollectContext,
  type Collector,
  collectorOf,
  type Page,
} from '../../collector.ts'
import { eventLine, fingerprint } from '../events.ts'
import { ACCOUNT_FIELDS, accountShape, callerAccount } from './account.ts'
import { type Asked, cloudWatchClient, findMetrics, metricData } from './cloudwatch-api.ts'
import { awsPermissions, CLOUDWATCH } from './permissions.ts'
import { quantityText } from './quantities.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
/** Time of one page. */
const PAGE_MS = 6 * HOUR
const FIRST_RUN_MS = 24 * HOUR

const row = z.strictObject({
  namespace: z.string().trim().min(1).max(255),
  name: z.string().trim().min(1).max(255),
  statistic: z
    .string()
    .trim()
    .regex(
      /^(Sum|SampleCount|Average|Minimum|Maximum|p\d{1,2}(\.\d+)?)$/,
      'Sum, SampleCount, Average, Minimum, Maximum or p99',
    ),
  period: z.coerce
    .number({ error: 'seconds' })
    .int()
    .refine((seconds) => seconds >= 60 && seconds <= 86_400 && 86_400 % seconds === 0 && seconds % 60 === 0, {
      error: 'whole minutes in seconds that fit into a day: 60, 300, 3600',
    }),
  tenant: z.string().trim().min(1).max(255),
  dimensions: z
    .string()
    .trim()
    .max(2000)
    .default('')
    .transform((text) =>
      text
        .split(',')
        .map((name) => name.trim())
        .filter((name) => name !== ''),
    ),
  metric: z.string().trim().min(1).max(200),
  method: z
    .string()
    .trim()
    .default('value')
    .transform((text) => text || 'value')
    .pipe(z.enum(['value', 'unit_hours'], { error: 'value or unit_hours' })),
})
type Row = z.output<typeof row>

const config = z.strictObject({
  ...accountShape,
  lateMinutes: z.coerce.number().int().min(0).max(20_160).default(180),
  metrics: z.array(row).min(1, 'at least one metric'),
})
export type CloudWatchConfig = z.output<typeof config>
type Context = CollectContext<CloudWatchConfig>

const untilOf = (checkpoint: Json): number | null => {
  const read = z.object({ untilMs: z.number().int() }).safeParse(checkpoint)
  return read.success ? read.data.untilMs : null
}

const partsOf = ({ startMs, endMs }: Period): readonly Period[] => {
  const parts: Period[] = []
  for (let from = startMs; from < endMs; ) {
    const until = Math.min((Math.floor(from / PAGE_MS) + 1) * PAGE_MS, endMs)
    parts.push({ startMs: from, endMs: until })
    from = until
  }
  return parts
}

const eventOf = ({ row: from, tenant, dimensions }: Asked, startMs: number, value: number): string => {
  const lengthMs = from.period * 1000
  const source = [from.namespace, from.name, from.statistic, from.period, from.method].join('/')
  return eventLine('aws_cloudwatch', {
    id: `${from.metric}/${source}/${fingerprint({ ...dimensions, [from.tenant]: tenant })}/${startMs}`,
    metric: from.metric,
    tenant,
    value: quantityText(value, from.method === 'unit_hours' ? lengthMs : null),
    dimensions,
    startMs,
    endMs: startMs + lengthMs,
  })
}

/** Rows whose datapoints have one length are asked for together. */
const byPeriod = (asked: readonly Asked[]): readonly (readonly Asked[])[] => {
  const groups = new Map<number, Asked[]>()
  for (const each of asked) groups.set(each.row.period, [...(groups.get(each.row.period) ?? []), each])
  return [...groups.values()]
}

const iso = (ms: number) => new Date(ms).toISOString().slice(0, 16).replace('T', ' ')

async function* collect(context: Context): AsyncIterable<Page> {
  const { config: settings, range, nowMs, signal } = context
  const before = untilOf(context.checkpoint)
  // The minute under way is not over.
  const endMs = Math.min(range?.endMs ?? nowMs, Math.floor(nowMs / MINUTE) * MINUTE)
  const startMs =
    range?.startMs ?? Math.min(before ?? nowMs - FIRST_RUN_MS, nowMs) - settings.lateMinutes * MINUTE
  const client = await cloudWatchClient(context)
  try {
    const asked: Asked[] = []
    for (const each of settings.metrics) asked.push(...(await findMetrics(client, each, signal)).asked)
    for (const part of partsOf({ startMs, endMs })) {
      const lines: string[] = []
      for (const group of byPeriod(asked)) {
        const lengthMs = (group[0]?.row.period ?? 60) * 1000
        // Parts end on one another, so these do too: each datapoint is in the part in which it is over.
        const window = {
          startMs: Math.floor(part.startMs / lengthMs) * lengthMs,
          endMs: Math.floor(part.endMs / lengthMs) * lengthMs,
        }
        if (window.endMs <= window.startMs) continue
        for await (const { of, timeMs, value } of metricData(client, group, window, signal))
          lines.push(eventOf(of, timeMs, value))
      }
      yield {
        title: `${context.source}: ${iso(part.startMs)} to ${iso(part.endMs)} UTC`,
        choice: { kind: 'cloudevents' },
        content: lines.join('\n'),
        sameId: 'restate',
        checkpoint: range === null ? { untilMs: Math.max(part.endMs, before ?? 0) } : context.checkpoint,
      }
    }
  } finally {
    client.destroy()
  }
}

const dimensionNames = ({ tenant, dimensions }: Row) => [tenant, ...dimensions].join(', ')

const check = async (context: Context): Promise<readonly CheckFinding[]> => {
  const findings: CheckFinding[] = [
    { state: 'works', sentence: `The credentials are of account ${await callerAccount(context)}.` },
  ]
  const client = await cloudWatchClient(context)
  try {
    for (const each of context.config.metrics) {
      const { asked, others } = await findMetrics(client, each, context.signal)
      const what = `${each.metric}: ${each.namespace} ${each.name}`
      findings.push(
        asked.length > 0
          ? { state: 'works', sentence: `${what} has ${asked.length} series by ${dimensionNames(each)}.` }
          : {
              state: 'warning',
              sentence: `${what} has no series with exactly the dimensions ${dimensionNames(each)}${
                others.length === 0
                  ? '. Check the names and the region; a metric without data for two weeks is not listed.'
                  : `, but with ${others.join('; ')}. Name all the dimensions of one of them.`
              }`,
            },
      )
    }
    const [first] = context.config.metrics
    if (first !== undefined) {
      const { asked } = await findMetrics(client, first, context.signal)
      const endMs = Math.floor(context.nowMs / HOUR) * HOUR
      const window = { startMs: endMs - 24 * HOUR, endMs }
      let datapoints = 0
      for await (const _ of metricData(client, asked.slice(0, 1), window, context.signal)) datapoints++
      findings.push({
        state: 'works',
        sentence: `Metric data can be read: ${datapoints} datapoints of one series.`,
      })
    }
  } finally {
    client.destroy()
  }
  return findings
}

const COLLECTOR: Collector<CloudWatchConfig> = {
  kind: 'aws_cloudwatch',
  title: 'AWS CloudWatch',
  purpose: 'Metrics of CloudWatch as usage, by a dimension that names the tenant.',
  fields: [
    ...ACCOUNT_FIELDS,
    {
      key: 'metrics',
      label: 'What is measured',
      kind: 'table',
      required: true,
      help: 'Only series with exactly the tenant’s dimension and the other dimensions named are read, so that nothing counts twice. Method: value, or unit_hours (the value held for its period).',
      columns: [
        { key: 'namespace', label: 'Namespace', placeholder: 'MyApp', required: true },
        { key: 'name', label: 'Metric name', placeholder: 'Requests', required: true },
        { key: 'statistic', label: 'Statistic', placeholder: 'Sum', required: true },
        { key: 'period', label: 'Period in seconds', placeholder: '300', required: true },
        { key: 'tenant', label: 'Dimension of the tenant', placeholder: 'TenantId', required: true },
        { key: 'dimensions', label: 'Other dimensions', placeholder: 'Operation, Stage', required: false },
        { key: 'metric', label: 'Our metric', placeholder: 'api.calls', required: true },
        { key: 'method', label: 'Method', placeholder: 'value', required: false },
      ],
    },
    {
      key: 'lateMinutes',
      label: 'Minutes read again each time',
      kind: 'number',
      required: true,
      initial: '180',
      help: 'Datapoints that come later than this are missed, until the range is read again.',
    },
  ],
  config,
  permissions: () => awsPermissions('CloudWatch metrics', CLOUDWATCH),
  cost: 'USD 0.01 for 1,000 series asked for: 500 series every 10 minutes are about USD 22 a month.',
  everyMinutes: 10,
  check,
  collect,
}

export const awsCloudwatch = collectorOf(COLLECTOR)
