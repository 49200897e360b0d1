/** What is measured. */
export const AGGREGATIONS = ['sum', 'max', 'last', 'unique_count'] as const
/**
 * How a tenant's events of a period become one quantity. Every aggregation is taken per tenant; a customer
 * with several tenants has the sum of theirs, because each tenant is a footprint of its own.
 */
export type Aggregation = (typeof AGGREGATIONS)[number]

export interface Metric {
  /** The CloudEvents `type` of its events, e.g. `api.calls`. */
  readonly metric: string
  readonly name: string
  /** What one is: `call`, `byte`, `GB-hour`. */
  readonly unit: string
  readonly aggregation: Aggregation
  /** Decimals kept; a finer quantity is quarantined, never rounded. */
  readonly scale: number
  /** The dimension whose distinct values are counted, for `unique_count`. */
  readonly uniqueBy?: string
}

export const AGGREGATION_WORDS = {
  sum: 'a sum',
  max: 'a maximum',
  last: 'a last value',
  unique_count: 'a count of distinct values',
} as const satisfies Record<Aggregation, string>

/** Sums may be split over time and their late parts billed later; the others may not. */
export const isAdditive = (metric: Pick<Metric, 'aggregation'>): boolean => metric.aggregation === 'sum'
