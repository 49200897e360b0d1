/** Files of a bucket of S3, or of another store of its protocol. */
import { z } from 'zod'
import { type Collector, collectorOf } from '../../collector.ts'
import { checkStore, collectFrom, type StoreKind } from '../objects/collecting.ts'
import { contentsFields, contentsShape, isMapped, NOT_MAPPED } from '../objects/settings.ts'
import { ACCOUNT_FIELDS, accountShape } from './account.ts'
import { awsPermissions, s3Statements } from './permissions.ts'
import { AWS_EXPORTS } from './s3-exports.ts'
import { albLine, cloudFrontLines } from './s3-logs.ts'
import { openBucket } from './s3-objects.ts'

const CONTENTS = [
  'cloudevents',
  'csv',
  'access_log',
  'alb_log',
  'cloudfront_log',
  'cost_export',
  'storage',
] as const

const config = z
  .strictObject({
    ...accountShape,
    bucket: z
      .string()
      .trim()
      .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'the name of a bucket, without s3://'),
    ...contentsShape(CONTENTS),
  })
  .refine(isMapped, NOT_MAPPED)
type S3Config = z.output<typeof config>

const STORE: StoreKind<S3Config> = {
  word: 'object',
  meter: { origin: 'aws_s3', metric: 's3.storage.byte_hours', dimension: 'bucket' },
  layout: AWS_EXPORTS,
  open: openBucket,
  logs: { alb_log: () => albLine, cloudfront_log: cloudFrontLines },
}

const COLLECTOR: Collector<S3Config> = {
  kind: 'aws_s3',
  title: 'S3 bucket',
  purpose:
    'Usage files, logs of load balancers and CloudFront, cost exports, or storage used, under a prefix of a bucket.',
  fields: [
    ...ACCOUNT_FIELDS,
    { key: 'bucket', label: 'Bucket', kind: 'text', required: true, placeholder: 'my-usage' },
    ...contentsFields(
      [
        { value: 'cloudevents', label: 'CloudEvents, one a line' },
        { value: 'csv', label: 'CSV by a mapping' },
        { value: 'access_log', label: 'Access logs, common or combined' },
        { value: 'alb_log', label: 'Access logs of Application Load Balancers' },
        { value: 'cloudfront_log', label: 'Standard logs of CloudFront' },
        { value: 'cost_export', label: 'Cost exports: CUR 2.0 or FOCUS' },
        { value: 'storage', label: 'Objects of tenants: the storage each uses' },
      ],
      'exports/cur2/',
    ),
  ],
  config,
  permissions: (given) =>
    awsPermissions('an S3 bucket', s3Statements(given?.bucket ?? 'BUCKET', given?.prefix ?? 'PREFIX')),
  cost: 'About USD 0.005 for 1,000 listings and USD 0.0004 for 1,000 objects, and transfer where the bucket is elsewhere.',
  everyMinutes: 10,
  check: (context) => checkStore(STORE, context),
  collect: (context) => collectFrom(STORE, context),
}

export const awsS3 = collectorOf(COLLECTOR)
