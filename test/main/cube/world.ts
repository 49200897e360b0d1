/** Random small books: a few tenants, metrics of every aggregation, reversals, late entries, several batches. */
import fc from 'fast-check'
import { Temporal } from 'temporal-polyfill'
import { at, type Book, bookIn, type CostEntry, type UsageEntry } from './book.ts'
import type { World } from './oracle.ts'

const METRICS = {
  'api.calls': { aggregation: 'sum' },
  seats: { aggregation: 'max' },
  storage: { aggregation: 'last' },
  users: { aggregation: 'unique_count', uniqueBy: 'user' },
} as const satisfies World['metrics']
export const METRIC_NAMES = [...Object.keys(METRICS), 'undocumented']

const TENANTS = ['acme', 'acme-eu', 'bolt', 'orphan']
const CUSTOMERS = { acme: 'Acme', 'acme-eu': 'Acme', bolt: 'Bolt' }

/** Around the change of the clocks of 2026 and the end of a month, in Berlin and Kolkata alike. */
const instants = fc.oneof(
  fc.integer({ min: at('2026-03-28T18:00:00Z'), max: at('2026-03-29T06:00:00Z') }),
  fc.integer({ min: at('2026-10-24T20:00:00Z'), max: at('2026-10-25T06:00:00Z') }),
  fc.integer({ min: at('2026-10-31T12:00:00Z'), max: at('2026-11-01T12:00:00Z') }),
)
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null })

const usageStep = fc.record({
  what: fc.constant('usage' as const),
  tenant: fc.constantFrom(...TENANTS),
  metric: fc.constantFrom(...METRIC_NAMES),
  scale: fc.constantFrom(0, 2, 5),
  quantity: fc.oneof(
    fc.bigInt(-50n, 5000n),
    fc.constantFrom(9_223_372_036_854_775_807n, -9_223_372_036_854_775_807n),
  ),
  startMs: instants,
  late: fc.boolean(),
  dimensions: optional(
    fc.record(
      { region: fc.constantFrom('eu', 'us'), user: fc.constantFrom('u1', 'u2', 'ü3') },
      { requiredKeys: [] },
    ),
  ),
})
const costStep = fc.record({
  what: fc.constant('cost' as const),
  billMonth: fc.constantFrom('2026-03', '2026-10', '2026-11'),
  startMs: instants,
  late: fc.boolean(),
  currency: fc.constantFrom('USD', 'EUR'),
  billed: fc.constantFrom('0.000000001', '-3.5', '12345678901234567890.123456789012345678', '0.1', '7'),
  effective: optional(fc.constantFrom('0.000000000000000001', '99', '-0.25')),
  list: optional(fc.constantFrom('0', '0.3', '120')),
  service: fc.constantFrom('EC2', 'S3'),
  region: optional(fc.constantFrom('eu-west-1', 'us-east-1')),
  tags: optional(
    fc.record(
      { tenant: fc.constantFrom('acme', 'bolt', 'orphan'), team: fc.constantFrom('a', 'b') },
      { requiredKeys: [] },
    ),
  ),
})
const reversalStep = fc.record({
  what: fc.constantFrom('reverse usage' as const, 'reverse cost' as const),
  pick: fc.nat(1000),
  late: fc.boolean(),
})
const batchStep = fc.constant({ what: 'batch' as const })

export const worlds = fc.record({
  timeZone: fc.constantFrom('Europe/Berlin', 'Asia/Kolkata', 'America/New_York', 'UTC'),
  tagRule: fc.constantFrom('tenant', null),
  steps: fc.array(
    fc.oneof(
      { arbitrary: usageStep, weight: 8 },
      { arbitrary: costStep, weight: 4 },
      { arbitrary: reversalStep, weight: 3 },
      { arbitrary: batchStep, weight: 2 },
    ),
    { minLength: 1, maxLength: 60 },
  ),
})
export type WorldPlan = typeof worlds extends fc.Arbitrary<infer Plan> ? Plan : never

/** Filters and spans to ask with. */
export const usageQuestions = fc.record({
  metric: fc.constantFrom(...METRIC_NAMES),
  startMs: fc.constantFrom(at('2026-01-01'), at('2026-10-24T22:00:00Z')),
  endMs: fc.constantFrom(at('2027-01-01'), at('2026-10-25T01:00:00Z')),
  grain: fc.constantFrom('hour' as const, 'day' as const, 'month' as const, 'total' as const),
  groupBy: fc.uniqueArray(
    fc.constantFrom(
      'tenant' as const,
      'customer' as const,
      'dimension:region' as const,
      'dimension:user' as const,
    ),
    { maxLength: 2 },
  ),
  filters: fc.array(
    fc.constantFrom(
      { field: 'customer' as const, values: ['Acme'] },
      { field: 'customer' as const, values: [null] },
      { field: 'tenant' as const, values: ['acme', 'orphan'] },
      { field: 'dimension:region' as const, values: ['eu', null] },
      { field: 'tenant' as const, values: [] },
    ),
    { maxLength: 1 },
  ),
  asOfBatch: fc.constantFrom(undefined, 1, 2),
})

export const costQuestions = fc.record({
  months: fc.subarray(['2026-03', '2026-04', '2026-10', '2026-11', '2026-12']),
  currency: fc.constantFrom('USD', 'EUR'),
  grain: fc.constantFrom('day' as const, 'month' as const, 'total' as const),
  groupBy: fc.uniqueArray(
    fc.constantFrom(
      'service' as const,
      'region' as const,
      'tag:team' as const,
      'tenant' as const,
      'customer' as const,
      'rule' as const,
      'month' as const,
    ),
    { maxLength: 2 },
  ),
  filters: fc.array(
    fc.constantFrom(
      { field: 'tenant' as const, values: [null] },
      { field: 'region' as const, values: ['eu-west-1', null] },
      { field: 'tag:team' as const, values: ['a'] },
      { field: 'month' as const, values: ['2026-10'] },
      { field: 'customer' as const, values: ['Acme', 'Bolt'] },
    ),
    { maxLength: 1 },
  ),
  asOfBatch: fc.constantFrom(undefined, 1, 2),
})

const nextMonth = (ms: number, timeZone: string) =>
  Temporal.Instant.fromEpochMilliseconds(ms)
    .toZonedDateTimeISO(timeZone)
    .toPlainDate()
    .with({ day: 1 })
    .add({ months: 1 })
    .toZonedDateTime(timeZone).epochMilliseconds

const negated = (text: string) => (text.startsWith('-') ? text.slice(1) : `-${text}`)

/** Writes the plan into a book, calling `written` after each batch, and returns what the book then holds. */
export const write = async (
  book: Book,
  plan: WorldPlan,
  written: () => Promise<unknown> = async () => null,
): Promise<World> => {
  const usage: (UsageEntry & { seq: number; batchId: number })[] = []
  const cost: (CostEntry & { seq: number; batchId: number })[] = []
  book.add({
    documents: [
      bookIn(plan.timeZone),
      { kind: 'customer', id: 'Acme', content: { id: 'Acme', name: 'Acme', tenants: ['acme', 'gone'] } },
      { kind: 'customer', id: 'Bolt', content: { id: 'Bolt', name: 'Bolt', tenants: ['bolt', 'acme'] } },
      { kind: 'customer', id: 'Gone', content: { id: 'Gone', name: 'Gone', tenants: ['orphan'] } },
      ...Object.entries(METRICS).map(([metric, definition]) => ({
        kind: 'metric',
        id: metric,
        content: { metric, name: metric, unit: 'one', scale: 2, ...definition },
      })),
    ],
  })
  const flush = async (batch: { usage: UsageEntry[]; cost: CostEntry[] }) => {
    const { batchId, usage: usageSeqs, cost: costSeqs } = book.add(batch)
    for (const [i, entry] of batch.usage.entries()) usage.push({ ...entry, seq: usageSeqs[i] ?? 0, batchId })
    for (const [i, entry] of batch.cost.entries()) cost.push({ ...entry, seq: costSeqs[i] ?? 0, batchId })
    await written()
    batch.usage.length = 0
    batch.cost.length = 0
  }
  const batch = { usage: [] as UsageEntry[], cost: [] as CostEntry[] }
  const reversed = new Set<number>()
  const postedMs = (ms: number, late: boolean) => (late ? nextMonth(ms, plan.timeZone) : null)
  /** One earlier entry that is no reversal and has none yet. */
  const pickFrom = <Entry extends { seq: number; correction?: unknown }>(
    entries: readonly Entry[],
    pick: number,
  ) => {
    const free = entries.filter((entry) => entry.correction !== 'reversal' && !reversed.has(entry.seq))
    const entry = free[pick % free.length]
    if (entry) reversed.add(entry.seq)
    return entry
  }
  for (const step of plan.steps) {
    if (step.what === 'batch') await flush(batch)
    else if (step.what === 'usage') {
      const { what: _, late, ...entry } = step
      batch.usage.push({
        ...entry,
        dimensions: entry.dimensions as Record<string, string> | null,
        postedMs: postedMs(entry.startMs, late),
      })
    } else if (step.what === 'cost') {
      const { service, region, tags, billMonth, startMs, currency, billed, effective, list, late } = step
      batch.cost.push({
        billMonth,
        startMs,
        currency,
        billed,
        effective,
        list,
        postedMs: postedMs(startMs, late),
        attributes: {
          provider: 'AWS',
          service,
          charge_category: 'Usage',
          ...(region === null ? {} : { region }),
          ...(tags === null ? {} : { tags: tags as Record<string, string> }),
        },
      })
    } else if (step.what === 'reverse usage') {
      const entry = pickFrom(usage, step.pick)
      if (entry === undefined) continue
      batch.usage.push({
        ...entry,
        quantity: -entry.quantity,
        postedMs: postedMs(entry.startMs, step.late),
        correction: 'reversal',
        corrects: entry.seq,
      })
    } else {
      const entry = pickFrom(cost, step.pick)
      if (entry === undefined) continue
      batch.cost.push({
        ...entry,
        billed: negated(entry.billed),
        effective: entry.effective ? negated(entry.effective) : null,
        list: entry.list ? negated(entry.list) : null,
        postedMs: postedMs(entry.startMs, step.late),
        correction: 'reversal',
        corrects: entry.seq,
      })
    }
  }
  await flush(batch)
  book.add({
    documents: [
      { kind: 'customer', id: 'Acme', content: { id: 'Acme', name: 'Acme', tenants: ['acme', 'acme-eu'] } },
      { kind: 'customer', id: 'Gone', content: null },
      ...(plan.tagRule === null
        ? []
        : [
            {
              kind: 'rules',
              id: 'rules',
              content: {
                rules: [
                  {
                    id: 'by-tag',
                    name: 'By tag',
                    conditions: [{ field: `tag:${plan.tagRule}`, operator: 'present', value: '' }],
                    target: { kind: 'value' },
                  },
                ],
              },
            },
          ]),
    ],
  })
  await written()
  return {
    timeZone: plan.timeZone,
    usage,
    cost,
    metrics: METRICS,
    customerOf: CUSTOMERS,
    tagRule: plan.tagRule,
  }
}
