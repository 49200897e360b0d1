/** Lambda functions by their tags, and what CloudWatch counted of them. */
import type { Period } from '../../../../domain/period.ts'
import type { CollectContext } from '../../collector.ts'
import { type AccountConfig, clientSettings } from './account.ts'
import { cloudWatchClient, type MetricRow, metricData } from './cloudwatch-api.ts'
import { asking } from './failures.ts'

/** Seconds. */
const PERIOD = 300

const measured = (name: string, metric: string): MetricRow => ({
  namespace: 'AWS/Lambda',
  name,
  statistic: 'Sum',
  period: PERIOD,
  tenant: 'FunctionName',
  dimensions: [],
  metric,
  method: 'value',
})
const ROWS = [
  measured('Invocations', 'aws.lambda.invocations'),
  measured('Duration', 'aws.lambda.duration.ms'),
]

export interface TaggedFunction {
  readonly name: string
  readonly tags: Readonly<Record<string, string>>
}

/** Functions that have the tag, whatever its value. @throws SourceFailure */
export const taggedFunctions = async (
  context: CollectContext<AccountConfig>,
  tag: string,
): Promise<readonly TaggedFunction[]> => {
  const { GetResourcesCommand, ResourceGroupsTaggingAPIClient } = await import(
    '@aws-sdk/client-resource-groups-tagging-api'
  )
  const client = new ResourceGroupsTaggingAPIClient(await clientSettings(context))
  const { signal } = context
  const found: TaggedFunction[] = []
  let token = ''
  try {
    do {
      const answer = await asking(signal, 'tag:GetResources', () =>
        client.send(
          new GetResourcesCommand({
            ResourceTypeFilters: ['lambda:function'],
            TagFilters: [{ Key: tag }],
            ...(token === '' ? {} : { PaginationToken: token }),
          }),
          { abortSignal: signal },
        ),
      )
      for (const { ResourceARN = '', Tags = [] } of answer.ResourceTagMappingList ?? [])
        found.push({
          name: /:function:([^:]+)/.exec(ResourceARN)?.[1] ?? ResourceARN,
          tags: Object.fromEntries(Tags.map(({ Key = '', Value = '' }) => [Key, Value])),
        })
      token = answer.PaginationToken ?? ''
    } while (token !== '')
  } finally {
    client.destroy()
  }
  return found
}

export interface FunctionUse extends Period {
  readonly of: TaggedFunction
  readonly metric: string
  readonly value: number
}

/** @param window cut to whole periods of five minutes @throws SourceFailure */
export const functionUse = async (
  context: CollectContext<AccountConfig>,
  functions: readonly TaggedFunction[],
  window: Period,
): Promise<readonly FunctionUse[]> => {
  const lengthMs = PERIOD * 1000
  const cut = (ms: number) => Math.floor(ms / lengthMs) * lengthMs
  const whole = { startMs: cut(window.startMs), endMs: cut(window.endMs) }
  if (functions.length === 0 || whole.endMs <= whole.startMs) return []
  const byName = new Map(functions.map((each) => [each.name, each]))
  const asked = ROWS.flatMap((row) => functions.map(({ name }) => ({ row, tenant: name, dimensions: {} })))
  const client = await cloudWatchClient(context)
  const found: FunctionUse[] = []
  try {
    for await (const { of, timeMs, value } of metricData(client, asked, whole, context.signal)) {
      const known = byName.get(of.tenant)
      if (known !== undefined)
        found.push({ of: known, metric: of.row.metric, value, startMs: timeMs, endMs: timeMs + lengthMs })
    }
  } finally {
    client.destroy()
  }
  return found
}
