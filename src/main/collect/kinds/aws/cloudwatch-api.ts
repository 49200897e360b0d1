/** The two calls of CloudWatch that are made: which series there are, and their datapoints. */
import type { CloudWatchClient, MetricDataQuery } from '@aws-sdk/client-cloudwatch'
import type { Period } from '../../../../domain/period.ts'
import { type CollectContext, SourceFailure } from '../../collector.ts'
import { type AccountConfig, clientSettings } from './account.ts'
import { asking } from './failures.ts'

const load = () => import('@aws-sdk/client-cloudwatch')

export const cloudWatchClient = async (context: CollectContext<AccountConfig>): Promise<CloudWatchClient> => {
  const { CloudWatchClient } = await load()
  return new CloudWatchClient(await clientSettings(context))
}

/** The most queries a call takes. */
const QUERIES_MAX = 500

/** What is read of one metric, and as what. */
export interface MetricRow {
  readonly namespace: string
  readonly name: string
  readonly statistic: string
  /** Seconds. */
  readonly period: number
  /** Name of the dimension that names the tenant. */
  readonly tenant: string
  /** Names of the other dimensions that a series must have. */
  readonly dimensions: readonly string[]
  readonly metric: string
  readonly method: 'value' | 'unit_hours'
}

/** One series. */
export interface Asked {
  readonly row: MetricRow
  readonly tenant: string
  /** Without the tenant's. */
  readonly dimensions: Readonly<Record<string, string>>
}

/**
 * Series with exactly the named dimensions: a metric is often published by several sets of them, which would count
 * the same thing again. `others` are the sets of dimensions that were left out.
 * @throws SourceFailure
 */
export const findMetrics = async (
  client: CloudWatchClient,
  row: MetricRow,
  signal: AbortSignal,
): Promise<{ readonly asked: readonly Asked[]; readonly others: readonly string[] }> => {
  const { ListMetricsCommand } = await load()
  const wanted = [row.tenant, ...row.dimensions].sort().join('\n')
  const asked: Asked[] = []
  const others = new Set<string>()
  let token: string | undefined
  do {
    const answer = await asking(signal, 'cloudwatch:ListMetrics', () =>
      client.send(
        new ListMetricsCommand({
          Namespace: row.namespace,
          MetricName: row.name,
          ...(token === undefined ? {} : { NextToken: token }),
        }),
        { abortSignal: signal },
      ),
    )
    for (const { Dimensions = [] } of answer.Metrics ?? []) {
      const values = Object.fromEntries(Dimensions.map(({ Name = '', Value = '' }) => [Name, Value]))
      const names = Object.keys(values).sort()
      if (names.join('\n') !== wanted) {
        others.add(names.length === 0 ? 'no dimension' : names.join(', '))
        continue
      }
      const { [row.tenant]: tenant = '', ...dimensions } = values
      asked.push({ row, tenant, dimensions })
    }
    token = answer.NextToken
  } while (token !== undefined)
  return { asked, others: [...others] }
}

const queryOf = ({ row, tenant, dimensions }: Asked, index: number): MetricDataQuery => ({
  Id: `q${index}`,
  ReturnData: true,
  MetricStat: {
    Stat: row.statistic,
    Period: row.period,
    Metric: {
      Namespace: row.namespace,
      MetricName: row.name,
      Dimensions: Object.entries({ ...dimensions, [row.tenant]: tenant }).map(([Name, Value]) => ({
        Name,
        Value,
      })),
    },
  },
})

/**
 * Every datapoint that begins in the window, which is cut at the series' periods.
 * @throws SourceFailure also where CloudWatch says that a series' data is not whole
 */
export async function* metricData(
  client: CloudWatchClient,
  asked: readonly Asked[],
  { startMs, endMs }: Period,
  signal: AbortSignal,
): AsyncIterable<{ readonly of: Asked; readonly timeMs: number; readonly value: number }> {
  const { GetMetricDataCommand } = await load()
  for (let start = 0; start < asked.length; start += QUERIES_MAX) {
    const queries = asked.slice(start, start + QUERIES_MAX)
    let token: string | undefined
    do {
      const answer = await asking(signal, 'cloudwatch:GetMetricData', () =>
        client.send(
          new GetMetricDataCommand({
            StartTime: new Date(startMs),
            EndTime: new Date(endMs),
            ScanBy: 'TimestampAscending',
            MetricDataQueries: queries.map(queryOf),
            ...(token === undefined ? {} : { NextToken: token }),
          }),
          { abortSignal: signal },
        ),
      )
      for (const { Id = '', StatusCode, Timestamps = [], Values = [] } of answer.MetricDataResults ?? []) {
        const of = queries[Number(Id.slice(1))]
        if (of === undefined) continue
        if (
          StatusCode === 'InternalError' ||
          (StatusCode === 'PartialData' && answer.NextToken === undefined)
        )
          throw new SourceFailure(
            `CloudWatch has not all data of ${of.row.namespace} ${of.row.name} now. Nothing of this part was kept; it is tried again.`,
            { retryable: true },
          )
        if (StatusCode === 'Forbidden')
          throw new SourceFailure(
            'These credentials may not cloudwatch:GetMetricData. Add it to the policy, as the permissions of this source show it.',
            { retryable: false },
          )
        for (const [index, timestamp] of Timestamps.entries()) {
          const timeMs = timestamp.getTime()
          const value = Values[index]
          if (value !== undefined && timeMs >= startMs && timeMs < endMs) yield { of, timeMs, value }
        }
      }
      token = answer.NextToken
    } while (token !== undefined)
  }
}
