/**
 * What each tenant holds of a region, by a tag that names it. Instances, volumes, snapshots and databases are looked
 * at as they are now and count from the last look to this one; functions, and the bytes that instances send, are counted by
 * CloudWatch.
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
import { eventLine } from '../events.ts'
import { ACCOUNT_FIELDS, accountShape, callerAccount } from './account.ts'
import { countedUse, taggedFunctions } from './inventory-counted.ts'
import { HELD_METRICS, type Held, heldNow } from './inventory-held.ts'
import { awsPermissions, INVENTORY } from './permissions.ts'
import { quantityText } from './quantities.ts'

const HOUR = 3_600_000
/** How far back the first look counts. */
const FIRST_MS = HOUR
/** CloudWatch's datapoints are read again for so long. */
const LATE_MS = HOUR
const ORIGIN = 'aws_inventory'

const config = z.strictObject({
  ...accountShape,
  tenantTag: z.string().trim().min(1).max(128),
  keptTags: z.array(z.string().trim().min(1).max(128)).max(20).default([]),
  untagged: z.enum(['leave_out', 'reject']).default('leave_out'),
  sent: z.boolean().default(false),
})
export type InventoryConfig = z.output<typeof config>
type Context = CollectContext<InventoryConfig>

const lookedAt = (checkpoint: Json): number | null => {
  const read = z.object({ lookedMs: z.number().int() }).safeParse(checkpoint)
  return read.success ? read.data.lookedMs : null
}

/** The time it was held within a period, cut at whole hours, so that each piece counts in the hour it was in. */
const piecesOf = ({ beganMs, endedMs }: Held, { startMs, endMs }: Period): readonly Period[] => {
  const until = Math.min(endMs, endedMs ?? endMs)
  const pieces: Period[] = []
  for (let from = Math.max(startMs, beganMs); from < until; ) {
    const next = Math.min((Math.floor(from / HOUR) + 1) * HOUR, until)
    pieces.push({ startMs: from, endMs: next })
    from = next
  }
  return pieces
}

const tagDimensions = (tags: Readonly<Record<string, string>>, kept: readonly string[]) =>
  Object.fromEntries(kept.flatMap((key) => (tags[key] ? [[`tag_${key}`, tags[key]]] : [])))

const heldLines = (context: Context, held: readonly Held[], period: Period): readonly string[] => {
  const { tenantTag, keptTags, untagged, region } = context.config
  return held.flatMap((each) => {
    const tenant = each.tags[tenantTag] || null
    if (tenant === null && untagged === 'leave_out') return []
    return piecesOf(each, period).map((piece) =>
      eventLine(ORIGIN, {
        id: `${each.metric}/${region}/${each.resource}/${piece.startMs}`,
        metric: each.metric,
        tenant,
        value: quantityText(each.amount, piece.endMs - piece.startMs),
        dimensions: {
          ...tagDimensions(each.tags, keptTags),
          ...each.dimensions,
          resource: each.resource,
          region,
        },
        ...piece,
      }),
    )
  })
}

const countedLines = async (
  context: Context,
  held: readonly Held[],
  period: Period,
): Promise<readonly string[]> => {
  const { tenantTag, keptTags, region, sent } = context.config
  const instances = held.filter(
    ({ metric, tags }) => sent && metric === HELD_METRICS.instances && tags[tenantTag],
  )
  const resources = {
    functions: await taggedFunctions(context, tenantTag),
    instances: instances.map(({ resource, tags }) => ({ name: resource, tags })),
  }
  const used = await countedUse(context, resources, period)
  return used.map(({ of, metric, value, startMs, endMs }) =>
    eventLine(ORIGIN, {
      id: `${metric}/${region}/${of.name}/${startMs}`,
      metric,
      tenant: of.tags[tenantTag] || null,
      value: quantityText(value),
      dimensions: { ...tagDimensions(of.tags, keptTags), resource: of.name, region },
      startMs,
      endMs,
    }),
  )
}

const iso = (ms: number) => new Date(ms).toISOString().slice(0, 16).replace('T', ' ')

async function* collect(context: Context): AsyncIterable<Page> {
  const { nowMs, range, source } = context
  const lookedMs = Math.min(lookedAt(context.checkpoint) ?? nowMs - FIRST_MS, nowMs)
  const since = { startMs: lookedMs, endMs: nowMs }
  // What is gone can't be looked at: of a past range CloudWatch alone can tell.
  const now = range === null || context.config.sent ? await heldNow(context) : []
  const held = range === null ? heldLines(context, now, since) : []
  const used = await countedLines(
    context,
    now,
    range === null
      ? { startMs: lookedMs - LATE_MS, endMs: nowMs }
      : { startMs: range.startMs, endMs: Math.min(range.endMs, nowMs) },
  )
  // One page: what was held since the last look, and that it was looked at, are kept together.
  yield {
    title: `${source}: ${iso(range?.startMs ?? lookedMs)} to ${iso(Math.min(range?.endMs ?? nowMs, nowMs))} UTC`,
    choice: { kind: 'cloudevents' },
    content: [...held, ...used].join('\n'),
    sameId: 'restate',
    checkpoint: range === null ? { lookedMs: nowMs } : context.checkpoint,
  }
}

const check = async (context: Context): Promise<readonly CheckFinding[]> => {
  const { tenantTag, untagged, region } = context.config
  const account = await callerAccount(context)
  const held = await heldNow(context)
  const functions = await taggedFunctions(context, tenantTag)
  const resources = new Map(held.map((each) => [each.resource, Boolean(each.tags[tenantTag])]))
  const tagged = [...resources.values()].filter(Boolean).length
  const without = resources.size - tagged
  return [
    { state: 'works', sentence: `The credentials are of account ${account}.` },
    {
      state: tagged + functions.length === 0 ? 'warning' : 'works',
      sentence: `${tagged} of ${resources.size} instances, volumes, snapshots and databases in ${region} have the tag ${tenantTag}, and ${functions.length} functions.${
        without === 0 ? '' : ` The other ${without} are ${untagged === 'reject' ? 'rejected' : 'left out'}.`
      }`,
    },
  ]
}

const COLLECTOR: Collector<InventoryConfig> = {
  kind: 'aws_inventory',
  title: 'AWS inventory',
  purpose:
    'Hours of instances and databases, GiB-hours of volumes, use of functions, egress, by a tag that names the tenant.',
  fields: [
    ...ACCOUNT_FIELDS,
    {
      key: 'tenantTag',
      label: 'Tag that names the tenant',
      kind: 'text',
      required: true,
      placeholder: 'tenant',
    },
    {
      key: 'keptTags',
      label: 'Other tags kept',
      kind: 'lines',
      required: false,
      help: 'As dimensions of the usage: tag_<key>.',
    },
    {
      key: 'untagged',
      label: 'Resources without the tag',
      kind: 'choice',
      required: true,
      initial: 'leave_out',
      choices: [
        { value: 'leave_out', label: 'Are left out' },
        { value: 'reject', label: 'Are rejected, so that they are seen' },
      ],
    },
    {
      key: 'sent',
      label: 'Bytes that instances send',
      kind: 'yes_no',
      required: false,
      help: 'Egress, to the internet and within AWS alike: another series of CloudWatch for each instance with the tag and run.',
    },
  ],
  config,
  permissions: () => awsPermissions('the inventory', INVENTORY),
  cost: 'Free, but for functions and egress: USD 0.01 for 1,000 series of CloudWatch, two for each function and run, one for each instance.',
  everyMinutes: 10,
  check,
  collect,
}

export const awsInventory = collectorOf(COLLECTOR)
