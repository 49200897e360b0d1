/** Files of a bucket, each version taken once: usage as it is written there, and cost exports by their manifests. */
import { z } from 'zod'
import { csvMapping, type LogOptions } from '../../../../contract/sources.ts'
import {
  type CheckFinding,
  type CollectContext,
  type Collector,
  collectorOf,
  type Page,
} from '../../collector.ts'
import { DEFAULT_LOG, type ReaderChoice } from '../../readers.ts'
import { ACCOUNT_FIELDS, accountShape, clientSettings } from './account.ts'
import { awsPermissions, s3Statements } from './permissions.ts'
import { deliveryOf, deliveryText, newestManifests } from './s3-exports.ts'
import { albLine, cloudFrontLines } from './s3-logs.ts'
import {
  type Bucket,
  DamagedObject,
  linesOf,
  listObjects,
  loadS3,
  notTaken,
  objectBytes,
  readTaken,
  type StoredObject,
  type Taken,
  unpacked,
  wholeObject,
  withTaken,
} from './s3-objects.ts'
import { bytesByTenant, storageLines, tenantOfKey } from './s3-storage.ts'

const HOUR = 3_600_000

const CONTENTS = [
  'cloudevents',
  'csv',
  'access_log',
  'alb_log',
  'cloudfront_log',
  'cost_export',
  'storage',
] as const
type Contents = (typeof CONTENTS)[number]

const mapping = z
  .string()
  .trim()
  .default('')
  .transform((text, context) => {
    if (text === '') return null
    try {
      const read = csvMapping.safeParse(JSON.parse(text))
      if (read.success) return read.data
    } catch {
      // Said below.
    }
    context.addIssue({ code: 'custom', message: 'a column mapping as JSON (docs/formats/usage.md)' })
    return z.NEVER
  })

const tenantFrom = z
  .string()
  .trim()
  .default('')
  .transform((text, context): LogOptions['tenantFrom'] => {
    if (text === '' || text === 'client') return 'client'
    const segment = /^segment:(\d{1,2})$/.exec(text)?.[1]
    if (segment !== undefined && Number(segment) >= 1 && Number(segment) <= 20)
      return { segment: Number(segment) }
    if (text.startsWith('regex:') && text.length > 6) return { regex: text.slice(6) }
    context.addIssue({ code: 'custom', message: 'client, segment:1 or regex:X-Tenant=(\\w+)' })
    return z.NEVER
  })

const config = z
  .strictObject({
    ...accountShape,
    bucket: z
      .string()
      .trim()
      .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'the name of a bucket, without s3://'),
    prefix: z
      .string()
      .trim()
      .max(1024)
      .default('')
      .transform((text) => text.replace(/^\//, '')),
    contents: z.enum(CONTENTS),
    mapping,
    tenantFrom,
  })
  .refine(({ contents, mapping: given }) => contents !== 'csv' || given !== null, {
    path: ['mapping'],
    message: 'a column mapping as JSON (docs/formats/usage.md)',
  })
export type S3Config = z.output<typeof config>
type Context = CollectContext<S3Config>

const choiceOf = ({ contents, mapping: given, tenantFrom: from }: S3Config): ReaderChoice => {
  if (contents === 'cost_export') return { kind: 'focus' }
  if (contents === 'cloudevents' || contents === 'storage') return { kind: 'cloudevents' }
  if (contents === 'csv' && given !== null) return { kind: 'csv', mapping: given }
  return { kind: 'access_log', log: { ...DEFAULT_LOG, tenantFrom: from } }
}

const counted = (count: number, one: string) =>
  `${count.toLocaleString('en')} ${one}${count === 1 ? '' : 's'}`

const openBucket = async (context: Context): Promise<Bucket> => {
  const settings = await clientSettings(context)
  const { S3Client } = await loadS3()
  return {
    // Other stores are seldom reached by a host name for each bucket.
    client: new S3Client({ ...settings, forcePathStyle: context.config.endpoint !== null }),
    name: context.config.bucket,
    signal: context.signal,
  }
}

/**
 * Lines as they are taken. Where a packed file is damaged, what comes before the damage counts as in any file, and a
 * last line that is none goes to the quarantine and says so: the source does not stand still for ever.
 */
async function* logText(
  bytes: AsyncIterable<Uint8Array>,
  key: string,
  lineOf: (line: string) => string | null,
): AsyncIterable<Uint8Array> {
  try {
    for await (const line of linesOf(unpacked(bytes, key))) {
      const text = lineOf(line)
      if (text !== null) yield Buffer.from(`${text}\n`)
    }
  } catch (error) {
    if (!(error instanceof DamagedObject)) throw error
    yield Buffer.from(`${error.message}\n`)
  }
}

const contentOf = (bucket: Bucket, object: StoredObject, contents: Contents): AsyncIterable<Uint8Array> => {
  const bytes = objectBytes(bucket, object)
  if (contents === 'alb_log') return logText(bytes, object.key, albLine)
  return contents === 'cloudfront_log' ? logText(bytes, object.key, cloudFrontLines()) : bytes
}

const isIn =
  (range: Context['range']) =>
  ({ modifiedMs }: StoredObject): boolean =>
    range === null || (modifiedMs >= range.startMs && modifiedMs < range.endMs)

async function* collectFiles(context: Context): AsyncIterable<Page> {
  const { config: settings, range, source } = context
  const bucket = await openBucket(context)
  let taken: Taken = readTaken(context.checkpoint)
  const checkpoint = () =>
    range === null ? { untilMs: taken.untilMs, taken: [...taken.taken] } : context.checkpoint
  try {
    const objects = await listObjects(bucket, settings.prefix)
    const isExport = settings.contents === 'cost_export'
    // The newest period first: a damaged export of an older one must not keep it from being read, nor be forgotten.
    const overlapMs = isExport ? Number.POSITIVE_INFINITY : undefined
    const candidates = isExport ? newestManifests(objects).toReversed() : objects
    const wanted = range === null ? notTaken(candidates, taken, overlapMs) : candidates.filter(isIn(range))
    for (const object of wanted) {
      const shared = { choice: choiceOf(settings), delivery: 'restate' as const }
      if (isExport) {
        const delivery = await deliveryOf(bucket, object, objects)
        if (delivery === null) continue
        taken = withTaken(taken, object, overlapMs)
        yield {
          ...shared,
          title: `${source}: ${delivery.period}, ${counted(delivery.files.length, 'file')}`,
          content: deliveryText(bucket, delivery),
          checkpoint: checkpoint(),
        }
      } else {
        taken = withTaken(taken, object)
        yield {
          ...shared,
          title: `${source}: ${object.key}`,
          content: contentOf(bucket, object, settings.contents),
          checkpoint: checkpoint(),
        }
      }
    }
  } finally {
    bucket.client.destroy()
  }
}

const segmentOf = ({ tenantFrom: from }: S3Config): number =>
  typeof from === 'object' && 'segment' in from ? from.segment : 1

const lookedAt = (checkpoint: Context['checkpoint']): number | null => {
  const read = z.object({ lookedMs: z.number() }).safeParse(checkpoint)
  return read.success ? read.data.lookedMs : null
}

/** The first look counts an hour. What is gone can't be looked at, so of a past range there is nothing. */
async function* collectStorage(context: Context): AsyncIterable<Page> {
  const { config: settings, range, nowMs, source } = context
  if (range !== null) return
  const bucket = await openBucket(context)
  try {
    const objects = await listObjects(bucket, settings.prefix)
    const since = { startMs: Math.min(lookedAt(context.checkpoint) ?? nowMs - HOUR, nowMs), endMs: nowMs }
    yield {
      title: `${source}: storage of ${counted(objects.length, 'object')}`,
      choice: { kind: 'cloudevents' },
      content: storageLines(objects, since, settings.bucket, tenantFinder(settings)).join('\n'),
      checkpoint: { lookedMs: nowMs },
    }
  } finally {
    bucket.client.destroy()
  }
}

const tenantFinder =
  (settings: S3Config) =>
  (key: string): string | null =>
    tenantOfKey(key, settings.prefix, segmentOf(settings))

const checkStorage = (context: Context, objects: readonly StoredObject[]): CheckFinding => {
  const sums = bytesByTenant(objects, tenantFinder(context.config))
  const nobody = sums.find(([tenant]) => tenant === null)?.[1] ?? 0n
  const tenants = sums.filter(([tenant]) => tenant !== null)
  const largest = tenants.slice(0, 3).map(([tenant, bytes]) => `${tenant} ${bytes.toLocaleString('en')}`)
  return {
    state: tenants.length === 0 ? 'warning' : 'works',
    sentence: `${counted(tenants.length, 'tenant')} by folder ${segmentOf(context.config)} behind the prefix${
      largest.length === 0 ? '' : `, in bytes now: ${largest.join(', ')}`
    }.${nobody === 0n ? '' : ` ${nobody.toLocaleString('en')} bytes are in no such folder and are left out.`}`,
  }
}

const check = async (context: Context): Promise<readonly CheckFinding[]> => {
  const { prefix, contents, bucket: name } = context.config
  const bucket = await openBucket(context)
  try {
    const objects = await listObjects(bucket, prefix)
    const candidates = contents === 'cost_export' ? newestManifests(objects) : objects
    const newest = candidates.at(-1)
    if (newest === undefined)
      return [
        {
          state: 'warning',
          sentence:
            contents === 'cost_export'
              ? `There is no manifest under ${name}/${prefix} yet. The first delivery of an export takes up to 24 hours; give the folder that holds data and metadata as the prefix.`
              : `There is no object under ${name}/${prefix} yet. Check the prefix, or wait for the first one.`,
        },
      ]
    if (contents === 'storage') return [checkStorage(context, objects)]
    await wholeObject(bucket, newest, { start: 0, end: Math.min(newest.size, 1) })
    const findings: CheckFinding[] = [
      {
        state: 'works',
        sentence: `${counted(candidates.length, contents === 'cost_export' ? 'billing period' : 'object')} under ${name}/${prefix}; the newest, ${newest.key}, can be read.`,
      },
    ]
    if (contents === 'cost_export' && (await deliveryOf(bucket, newest, objects)) === null)
      findings.push({
        state: 'warning',
        sentence:
          'AWS is writing the newest export now, or files of it are missing. It is read once it is whole.',
      })
    return findings
  } finally {
    bucket.client.destroy()
  }
}

const COLLECTOR: Collector<S3Config> = {
  kind: 'aws_s3',
  title: 'S3 bucket',
  purpose:
    'Usage files, logs of load balancers and CloudFront, cost exports, or storage used, under a prefix of a bucket.',
  fields: [
    ...ACCOUNT_FIELDS,
    { key: 'bucket', label: 'Bucket', kind: 'text', required: true, placeholder: 'my-usage' },
    { key: 'prefix', label: 'Prefix', kind: 'text', required: false, placeholder: 'exports/cur2/' },
    {
      key: 'contents',
      label: 'What is there',
      kind: 'choice',
      required: true,
      initial: 'cloudevents',
      choices: [
        { value: 'cloudevents', label: 'CloudEvents, one a line' },
        { value: 'csv', label: 'CSV by a mapping' },
        { value: 'access_log', label: 'Access logs, common or combined' },
        { value: 'alb_log', label: 'Access logs of Application Load Balancers' },
        { value: 'cloudfront_log', label: 'Standard logs of CloudFront' },
        { value: 'cost_export', label: 'Cost exports: CUR 2.0 or FOCUS' },
        { value: 'storage', label: 'Objects of tenants: the storage each uses' },
      ],
    },
    {
      key: 'mapping',
      label: 'Column mapping of the CSV',
      kind: 'text',
      required: false,
      help: 'As JSON, as a saved mapping has it.',
    },
    {
      key: 'tenantFrom',
      label: 'Tenant of a log line or an object',
      kind: 'text',
      required: false,
      placeholder: 'segment:1',
      help: 'client, segment:1 (of the path), or regex: and a pattern whose first group is the tenant. Of storage segment:1, the first folder behind the prefix.',
    },
  ],
  config,
  permissions: (given) =>
    awsPermissions('an S3 bucket', s3Statements(given?.bucket ?? 'BUCKET', given?.prefix ?? 'PREFIX')),
  cost: 'About USD 0.005 for 1,000 listings and USD 0.0004 for 1,000 objects, and transfer where the bucket is elsewhere.',
  everyMinutes: 10,
  check,
  collect: (context) =>
    context.config.contents === 'storage' ? collectStorage(context) : collectFiles(context),
}

export const awsS3 = collectorOf(COLLECTOR)
