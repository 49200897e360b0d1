/**
 * What a charge is rated on. Most charges need one quantity; some need it cut by hour, by dimension or event by event,
 * so a charge says what it needs (`usageNeeds`) and whoever rates it fetches that and no more.
 */
import type { DecimalText } from '../decimal.ts'
import type { Period } from '../period.ts'

/** How the usage of one metric must be cut before a charge can rate it. An empty cut is one row: the whole. */
export interface UsageCut {
  /** Length of the time buckets, aligned to multiples of it in UTC. Absent: not cut by time. */
  readonly bucketMs?: number
  /** Dimensions whose values keep rows apart, those of filters among them. */
  readonly dimensions?: readonly string[]
  /** Rows are kept apart by the quantity of the single events: `value` is set. */
  readonly byValue?: boolean
  /** One row an event, in order of time; `startMs` and `value` are set. */
  readonly events?: boolean
  /** The level at the start of the period is asked for too (see {@link MetricUsage.opening}). */
  readonly opening?: boolean
}

/** Usage of one metric over one half-open period, aggregated for a customer over its tenants. */
export interface UsageNeed extends Period {
  readonly metric: string
  readonly cut: UsageCut
}

export interface UsageRow {
  /** Of the bucket, or of the event; the period's start where the cut is neither. UTC milliseconds. */
  readonly startMs: number
  /** One a dimension of the cut, in its order; null where the event has none. */
  readonly keys: readonly (string | null)[]
  /** The metric's aggregation over the row's events, in measured units. */
  readonly quantity: DecimalText
  readonly events: number
  /** The quantity of one event of the row, where rows are kept apart by it. */
  readonly value?: DecimalText
}

export interface MetricUsage extends UsageNeed {
  readonly rows: readonly UsageRow[]
  /** The last level (or, of changes, their sum) before the period; zero where there was none. */
  readonly opening?: DecimalText
}

/** A raw event, as the command line and the tests give them. */
export interface UsageEvent {
  readonly metric: string
  readonly timeMs: number
  readonly quantity: DecimalText
  readonly dimensions?: { readonly [dimension: string]: string }
}
