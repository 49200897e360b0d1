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
  /** Only events whose dimension has one of the values count; all must hold. */
  readonly filters?: readonly { readonly dimension: string; readonly values: readonly string[] }[]
  /** Dimensions whose values keep rows apart. */
  readonly dimensions?: readonly string[]
  /** Rows are kept apart by the quantity of the single events: `value` is set. */
  readonly byValue?: boolean
  /** One row an event, in order of time; `startMs` and `value` are set. */
  readonly events?: boolean
  /**
   * What an event says: how many there are now, or how many came and went. The level at the start of the period is
   * asked for too, and each tenant's usage is kept apart (see {@link MetricUsage}).
   */
  readonly opening?: 'level' | 'change'
}

/** The whole of a metric. One object, by which its key is known again. */
export const WHOLE_CUT: UsageCut = {}

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
  /** Whose, where the cut asks for opening levels: levels are of a tenant, and a need has one answer a tenant, at least one. */
  readonly tenant?: string
  readonly rows: readonly UsageRow[]
  /** The last level (or, of changes, their sum) before the period; zero where there was none. */
  readonly opening?: DecimalText
}

/** A raw event, as the command line and the tests give them. */
export interface UsageEvent {
  readonly metric: string
  readonly timeMs: number
  readonly quantity: DecimalText
  /** One and the same without it. */
  readonly tenant?: string
  readonly dimensions?: { readonly [dimension: string]: string }
}
