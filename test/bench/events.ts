/**
 * The usage that every benchmark measures: 2,000 tenants, few of them large, 10 metrics, 24 months. Event number
 * `index` of a book of `total` events is always the same, so that the same events reach every store in its own format.
 */
import type { Metric } from '../../src/domain/metric.ts'

export const TENANTS = 2_000
const ENDPOINTS = 200
const USERS = 5_000
const REGIONS = ['eu-central-1', 'eu-west-2', 'us-east-1', 'us-west-2', 'ap-south-1'] as const
const PLANS = ['free', 'team', 'enterprise'] as const

export const FIRST_MONTH = '2024-11'
export const LAST_MONTH = '2026-10'
const START_MS = Date.UTC(2024, 10, 1)
const END_MS = Date.UTC(2026, 10, 1)
/** What the engine takes for the present: after the last event. */
export const NOW_MS = Date.UTC(2026, 10, 2)

export const SOURCE = '/meters/eu-1'
/** The metric with the most events, in whole numbers. */
export const LARGEST_METRIC = 'api.calls'
/** The metric whose quantity is how many users there were. */
export const UNIQUE_METRIC = 'active.users'

interface MetricPlan {
  readonly definition: Metric
  /** Of a hundred events. */
  readonly share: number
  /** Quantities are below it. */
  readonly below: number
}

const sum = (metric: string, unit: string, scale: number, share: number, below: number): MetricPlan => ({
  definition: { metric, name: metric, unit, aggregation: 'sum', scale },
  share,
  below,
})

const PLANNED: readonly MetricPlan[] = [
  sum(LARGEST_METRIC, 'call', 0, 35, 5_000),
  sum('api.bytes', 'byte', 0, 20, 5_000_000),
  sum('compute.seconds', 'second', 3, 10, 3_600),
  sum('storage.gb_hours', 'GB-hour', 3, 10, 900),
  sum('egress.gb', 'GB', 3, 6, 50),
  sum('jobs.run', 'job', 0, 5, 20),
  sum('emails.sent', 'email', 0, 5, 400),
  sum('messages.sent', 'message', 0, 3, 900),
  {
    definition: {
      metric: UNIQUE_METRIC,
      name: UNIQUE_METRIC,
      unit: 'user',
      aggregation: 'unique_count',
      scale: 0,
      uniqueBy: 'user',
    },
    share: 4,
    below: 1,
  },
  {
    definition: { metric: 'seats.peak', name: 'seats.peak', unit: 'seat', aggregation: 'max', scale: 0 },
    share: 2,
    below: 300,
  },
]

export const METRICS: readonly Metric[] = PLANNED.map(({ definition }) => definition)
const BY_SHARE: readonly MetricPlan[] = PLANNED.flatMap((plan) =>
  Array.from({ length: plan.share }, () => plan),
)

const tenantName = (index: number): string => `tenant-${String(index).padStart(4, '0')}`
/** The tenant with the most events, some eight of a hundred. */
export const LARGEST_TENANT = tenantName(0)

/** Every bit of the number moves every bit of the answer. */
const mixed = (number: number): number => {
  const once = Math.imul(number ^ (number >>> 16), 0x7feb352d)
  const twice = Math.imul(once ^ (once >>> 15), 0x846ca68b)
  return (twice ^ (twice >>> 16)) >>> 0
}
/** One of several independent draws for an event, 32 bits. */
const draw = (index: number, which: number): number => mixed(index + Math.imul(which, 0x9e3779b9))
const pick = (index: number, which: number, count: number): number =>
  Math.floor((draw(index, which) / 4_294_967_296) * count)

/** How ids look: numbered in the order of the file, or random. */
export type Ids = 'sequential' | 'uuid'

const hex = (number: number): string => number.toString(16).padStart(8, '0')
const uuid = (index: number): string => {
  const [a, b, c] = [hex(draw(index, 11)), hex(draw(index, 12)), hex(draw(index, 13))]
  return `${hex(mixed(index ^ 0x5bd1e995))}-${a.slice(0, 4)}-4${a.slice(5)}-8${b.slice(1, 4)}-${b.slice(4)}${c}`
}
const idOf = (index: number, ids: Ids): string =>
  ids === 'uuid' ? uuid(index) : `ev-${String(index).padStart(9, '0')}`

export interface UsageEvent {
  readonly id: string
  readonly tenant: string
  readonly metric: string
  /** Canonical decimal text. */
  readonly value: string
  readonly time: string
  readonly region: string
  readonly plan: string
  readonly endpoint: string | null
  readonly user: string | null
}

const quantityOf = (index: number, { definition, below }: MetricPlan): string => {
  const whole = pick(index, 3, below)
  return definition.scale === 0 ? String(1 + whole) : `${whole}.${100 + pick(index, 4, 900)}`
}

/** Events past `total` are of the last hour: what arrives while a full book is looked at. */
const timeOf = (index: number, total: number): number =>
  index < total
    ? START_MS + Math.floor((index / total) * (END_MS - START_MS))
    : END_MS - 3_600_000 + ((index - total) % 3_600_000)

export const eventAt = (index: number, total: number, ids: Ids): UsageEvent => {
  const plan = BY_SHARE[pick(index, 1, BY_SHARE.length)] ?? BY_SHARE[0]
  if (plan === undefined) throw new Error('there is no metric')
  const share = draw(index, 2) / 4_294_967_296
  const tenant = Math.floor(TENANTS * share * share * share)
  const isUser = plan.definition.metric === UNIQUE_METRIC
  return {
    id: idOf(index, ids),
    tenant: tenantName(tenant),
    metric: plan.definition.metric,
    value: quantityOf(index, plan),
    time: new Date(timeOf(index, total)).toISOString(),
    region: REGIONS[pick(index, 5, REGIONS.length)] ?? REGIONS[0],
    plan: PLANS[mixed(tenant) % PLANS.length] ?? PLANS[0],
    endpoint: isUser ? null : `/v1/resource/${pick(index, 6, ENDPOINTS)}`,
    user: isUser ? `user-${String(pick(index, 7, USERS)).padStart(4, '0')}` : null,
  }
}

/** What the event says beside who, what and when, as the members of a JSON object. */
export const dataOf = ({ value, region, plan, endpoint, user }: UsageEvent): string =>
  `"value":${value},"region":"${region}","plan":"${plan}",${
    endpoint === null ? `"user":"${user}"` : `"endpoint":"${endpoint}"`
  }`

export const cloudEventLine = (event: UsageEvent): string =>
  `{"specversion":"1.0","id":"${event.id}","source":"${SOURCE}","type":"${event.metric}","subject":"${event.tenant}","time":"${event.time}","datacontenttype":"application/json","data":{${dataOf(event)}}}`
