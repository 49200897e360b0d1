/** Every kind of source that can be connected. A new kind is a folder here and a line below. */
import type { Collector } from '../collector.ts'
import { exporter } from './exporter/exporter.ts'
import { logFiles } from './log_files/log-files.ts'
import { prometheus } from './prometheus/prometheus.ts'
import { sql } from './sql/sql.ts'

export const COLLECTORS: readonly Collector[] = [
  // A line each, so that two kinds added at once do not meet.
  prometheus,
  exporter,
  logFiles,
  sql,
]
