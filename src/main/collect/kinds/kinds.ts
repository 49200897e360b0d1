/** Every kind of source that can be connected. A new kind is a folder here and a line below. */
import type { Collector } from '../collector.ts'
import { awsCloudwatch } from './aws/cloudwatch.ts'
import { awsCostExplorer } from './aws/cost-explorer.ts'
import { awsInventory } from './aws/inventory.ts'
import { awsS3 } from './aws/s3.ts'
import { prometheus } from './prometheus/prometheus.ts'

export const COLLECTORS: readonly Collector[] = [
  prometheus,
  awsCostExplorer,
  awsCloudwatch,
  awsS3,
  awsInventory,
]
