/** Prices that several tests share: the worked example of the Explain screen. */
import type { DecimalText } from '../../../src/domain/decimal.ts'
import type { Metric } from '../../../src/domain/metric.ts'
import { monthPeriod, toMonth } from '../../../src/domain/period.ts'
import { type RateInput, rateCharge } from '../../../src/domain/pricing/rate.ts'
import type { Charge, FlatFeeCharge, QuantityCharge, RateCard } from '../../../src/domain/pricing/ratecard.ts'
import type { MetricUsage } from '../../../src/domain/pricing/usage.ts'

export type GraduatedCharge = Extract<QuantityCharge, { kind: 'graduated' }>
export type PerUnitCharge = Extract<QuantityCharge, { kind: 'per_unit' }>

export const d = (text: string): DecimalText => text as DecimalText

export const CALLS: Metric = {
  metric: 'api.calls',
  name: 'API calls',
  unit: 'call',
  aggregation: 'sum',
  scale: 0,
}
export const STORAGE: Metric = {
  metric: 'storage',
  name: 'Storage',
  unit: 'GB-hour',
  aggregation: 'sum',
  scale: 3,
}
export const SEATS: Metric = { metric: 'seats', name: 'Seats', unit: 'seat', aggregation: 'max', scale: 0 }
export const METRICS = [CALLS, STORAGE, SEATS]

export const API_CALLS: GraduatedCharge = {
  kind: 'graduated',
  id: 'calls',
  name: 'API calls',
  metric: 'api.calls',
  per: d('1000'),
  tiers: [
    { upTo: d('1000000'), unitAmount: d('0') },
    { upTo: d('10000000'), unitAmount: d('0.4') },
    { upTo: null, unitAmount: d('0.32') },
  ],
}
export const STORAGE_RATE: PerUnitCharge = {
  kind: 'per_unit',
  id: 'storage',
  name: 'Storage',
  metric: 'storage',
  unitAmount: d('0.021'),
  per: d('1'),
}
export const SUPPORT: FlatFeeCharge = { kind: 'flat_fee', id: 'support', name: 'Support', amount: d('500') }
export const SEAT_RATE: PerUnitCharge = {
  kind: 'per_unit',
  id: 'seats',
  name: 'Seats',
  metric: 'seats',
  unitAmount: d('20'),
  per: d('1'),
}

/** A card in USD of versions given as [effective from, charges]. */
export const cardOf = (...versions: readonly (readonly [string, readonly Charge[]])[]): RateCard => ({
  id: 'api',
  name: 'API',
  currency: 'USD',
  versions: versions.map(([effectiveFrom, charges], index) => ({
    version: index + 1,
    effectiveFrom,
    charges,
  })),
})

const OCTOBER = monthPeriod(toMonth('2026-10'), 'UTC')

/** The whole of a metric's usage, not cut. */
export const wholeOf = (metric: string, quantity: string): MetricUsage => ({
  metric,
  ...OCTOBER,
  cut: {},
  rows: [{ startMs: OCTOBER.startMs, keys: [], quantity: d(quantity), events: 1 }],
})

/** Rates a charge on a quantity of its metric, after `before` of the same month where it is given. */
export const rateOn = (
  charge: Charge,
  quantity: string,
  before: string | null = null,
  options: Partial<RateInput> = {},
) => {
  const metric = 'metric' in charge ? charge.metric : ''
  return rateCharge({
    charge,
    usage: [wholeOf(metric, quantity)],
    ...(before === null ? {} : { before: [wholeOf(metric, before)] }),
    month: toMonth('2026-10'),
    timeZone: 'UTC',
    metrics: METRICS,
    currency: 'USD',
    ...options,
  })
}
