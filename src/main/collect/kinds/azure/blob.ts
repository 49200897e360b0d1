/** Files of a container of Azure Blob Storage. */
import { z } from 'zod'
import { type Collector, collectorOf } from '../../collector.ts'
import { checkStore, collectFrom, type StoreKind } from '../objects/collecting.ts'
import { contentsFields, contentsShape, isMapped, NOT_MAPPED } from '../objects/settings.ts'
import { ACCESS_FIELDS, accessFindings, accessOf, accessShape } from './access.ts'
import { openContainer } from './container.ts'
import { AZURE_EXPORTS } from './exports.ts'
import { azurePermissions } from './permissions.ts'

const config = z
  .strictObject({
    ...accessShape,
    ...contentsShape(['cloudevents', 'csv', 'access_log', 'cost_export', 'storage']),
  })
  .refine(isMapped, NOT_MAPPED)
type BlobConfig = z.output<typeof config>

const STORE: StoreKind<BlobConfig> = {
  word: 'blob',
  meter: { origin: 'azure_blob', metric: 'azure.blob.storage.byte_hours', dimension: 'container' },
  layout: AZURE_EXPORTS,
  open: openContainer,
  logs: {},
}

const COLLECTOR: Collector<BlobConfig> = {
  kind: 'azure_blob',
  title: 'Azure Blob Storage',
  purpose: 'Usage files, logs, cost exports, or storage used, under a prefix of a container.',
  fields: [
    ...ACCESS_FIELDS,
    ...contentsFields(
      [
        { value: 'cloudevents', label: 'CloudEvents, one a line' },
        { value: 'csv', label: 'CSV by a mapping' },
        { value: 'access_log', label: 'Access logs, common or combined' },
        { value: 'cost_export', label: 'Cost exports: FOCUS of Cost Management' },
        { value: 'storage', label: 'Blobs of tenants: the storage each uses' },
      ],
      'exports/focus/',
    ),
  ],
  config,
  permissions: azurePermissions,
  cost: 'A list operation for each 5,000 blobs on every run, a read operation for each new blob (of Parquet several), and bandwidth out of the region, at the prices of “Azure Blob Storage pricing”; cool and cold tiers also charge for the bytes read.',
  everyMinutes: 10,
  check: async (context) => [
    ...(await checkStore(STORE, context)),
    ...accessFindings(await accessOf(context), context.nowMs),
  ],
  collect: (context) => collectFrom(STORE, context),
}

export const azureBlob = collectorOf(COLLECTOR)
