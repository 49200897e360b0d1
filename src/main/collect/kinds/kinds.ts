/** Every kind of source that can be connected. A new kind is a folder here and a line below. */
import type { Collector } from '../collector.ts'
import { awsCloudwatch } from './aws/cloudwatch.ts'
import { awsCostExplorer } from './aws/cost-explorer.ts'
import { awsInventory } from './aws/inventory.ts'
import { awsKinesis } from './aws/kinesis.ts'
import { awsS3 } from './aws/s3.ts'
import { azureBlob } from './azure/blob.ts'
import { exporter } from './exporter/exporter.ts'
import { kafka } from './kafka/kafka.ts'
import { logFiles } from './log_files/log-files.ts'
import { prometheus } from './prometheus/prometheus.ts'
import { awsAthena } from './sql/athena.ts'
import { sql } from './sql/sql.ts'

export const COLLECTORS: readonly Collector[] = [
  prometheus,
  exporter,
  logFiles,
  kafka,
  sql,
  awsAthena,
  awsCostExplorer,
  awsCloudwatch,
  awsInventory,
  awsKinesis,
  awsS3,
  azureBlob,
]
