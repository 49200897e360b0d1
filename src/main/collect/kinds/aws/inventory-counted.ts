/** Lambda functions by their tags, and what CloudWatch counted of them and of instances. */
import type { Period } from '../../../../domain/period.ts'
import type { CollectContext } from '../../collector.ts'
import { type AccountConfig, clientSettings } from './account.ts'
import { cloudWatchClient, type MetricRow, metricData } from './cloudwatch-api.ts'
import { asking } from './failures.ts'

/** Seconds. */
const PERIOD = 300

const summed = (namespace: string, dimension: string, name: string, metric: string): MetricRow => ({
  namespace,
  name,
  statistic: 'Sum',
  period: PERIOD,
  tenant: dimension,
  dimensions: [],
  metric,
  method: 'value',
})

/** What CloudWatch counts of a kind of resource, which it knows by a dimension of its own. */
export const COUNTED = {
  functions: [
    summed('AWS/Lambda', 'FunctionName', 'Invocations', 'aws.lambda.invocations'),
    summed('AWS/Lambda', 'FunctionName', 'Duration', 'aws.lambda.duration.ms'),
  ],
  instances: [summed('AWS/EC2', 'InstanceId', 'NetworkOut', 'aws.ec2.network.out.bytes')],
} as const

/** Known to CloudWatch by its name: a function's, or an instance's id. */
export interface TaggedResource {
  readonly name: string
  readonly tags: Readonly<Record<string, string>>
}

/** Functions that have the tag, whatever its value. @throws SourceFailure */
export const taggedFunctions = async (
  context: CollectContext<AccountConfig>,
  tag: string,
): Promise<readonly TaggedResource[]> => {
  const { GetResourcesCommand, ResourceGroupsTaggingAPIClient } = await import(
    '@aws-sdk/client-resource-groups-tagging-api'
  )
  const client = new ResourceGroupsTaggingAPIClient(await clientSettings(context))
  const { signal } = context
  const found: TaggedResource[] = []
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

export interface CountedUse extends Period {
  readonly of: TaggedResource
  readonly metric: string
  readonly value: number
}

/** @param window cut to whole periods of five minutes @throws SourceFailure */
export const countedUse = async (
  context: CollectContext<AccountConfig>,
  resources: { readonly [kind in keyof typeof COUNTED]: readonly TaggedResource[] },
  window: Period,
): Promise<readonly CountedUse[]> => {
  const lengthMs = PERIOD * 1000
  const cut = (ms: number) => Math.floor(ms / lengthMs) * lengthMs
  const whole = { startMs: cut(window.startMs), endMs: cut(window.endMs) }
  const { functions, instances } = resources
  const byName = new Map([...functions, ...instances].map((each) => [each.name, each]))
  const ask = (rows: readonly MetricRow[], some: readonly TaggedResource[]) =>
    rows.flatMap((row) => some.map(({ name }) => ({ row, tenant: name, dimensions: {} })))
  const asked = [...ask(COUNTED.functions, functions), ...ask(COUNTED.instances, instances)]
  if (asked.length === 0 || whole.endMs <= whole.startMs) return []
  const client = await cloudWatchClient(context)
  const found: CountedUse[] = []
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
