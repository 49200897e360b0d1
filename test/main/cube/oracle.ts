/** The cube's answers computed again by simple means: plain arrays, bigints and Temporal. Shares no code with the cube. */
import { Temporal } from 'temporal-polyfill'
import type { UsageNeed } from '../../../src/domain/pricing/usage.ts'
import type { CostEntry, UsageEntry } from './book.ts'

export type Aggregation = 'sum' | 'max' | 'last' | 'unique_count'

export interface World {
  readonly timeZone: string
  readonly usage: readonly (UsageEntry & { seq: number; batchId: number })[]
  readonly cost: readonly (CostEntry & { seq: number; batchId: number })[]
  readonly metrics: Readonly<Record<string, { aggregation: Aggregation; uniqueBy?: string }>>
  readonly customerOf: Readonly<Record<string, string>>
  /** The tenant is the value of this tag. */
  readonly tagRule: string | null
}

const zoned = (world: World, ms: number) =>
  Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(world.timeZone)

const decimal = (units: bigint, scale: number): string => {
  const sign = units < 0n ? '-' : ''
  const digits = String(units < 0n ? -units : units).padStart(scale + 1, '0')
  const whole = digits.slice(0, digits.length - scale)
  const fraction = digits.slice(digits.length - scale).replace(/0+$/, '')
  return sign + whole + (fraction ? `.${fraction}` : '')
}

type Fact = World['usage'][number]

const fieldOf = (world: World, fact: Fact, field: string): string | null => {
  if (field === 'tenant') return fact.tenant
  if (field === 'customer') return world.customerOf[fact.tenant] ?? null
  return fact.dimensions?.[field.slice('dimension:'.length)] ?? null
}

const bucketOf = (world: World, ms: number, grain: string): string => {
  const time = zoned(world, ms)
  if (grain === 'month') return time.toPlainDate().toString().slice(0, 7)
  if (grain === 'day') return time.toPlainDate().toString()
  if (grain === 'hour')
    return time.with({ minute: 0, second: 0, millisecond: 0 }, { offset: 'prefer' }).toInstant().toString()
  return 'total'
}

export interface UsageQuestion {
  readonly metric: string
  readonly startMs: number
  readonly endMs: number
  readonly asOfBatch?: number | undefined
  readonly filters?: readonly { field: string; values: readonly (string | null)[] }[]
}

/** Entries that the question is about and that the aggregation, the metric's own or another, looks at. */
const eventsOf = (
  world: World,
  question: UsageQuestion,
  aggregation: Aggregation = world.metrics[question.metric]?.aggregation ?? 'sum',
): Fact[] => {
  const known = world.usage.filter(({ batchId }) => batchId <= (question.asOfBatch ?? Infinity))
  const reversed = new Set(
    known.filter((fact) => fact.correction === 'reversal' && !fact.postedMs).map(({ corrects }) => corrects),
  )
  return known.filter((fact) => {
    const ms = fact.postedMs ?? fact.startMs
    if (fact.metric !== question.metric || ms < question.startMs || ms >= question.endMs) return false
    if (!(question.filters ?? []).every(({ field, values }) => values.includes(fieldOf(world, fact, field))))
      return false
    if (aggregation === 'sum') return true
    return !fact.postedMs && fact.correction !== 'reversal' && !reversed.has(fact.seq)
  })
}

const grouped = <T>(values: readonly T[], keyOf: (value: T) => string): Map<string, T[]> => {
  const groups = new Map<string, T[]>()
  for (const value of values) groups.set(keyOf(value), [...(groups.get(keyOf(value)) ?? []), value])
  return groups
}

const scaleOf = (world: World, metric: string): number =>
  Math.max(...world.usage.filter((fact) => fact.metric === metric).map((fact) => fact.scale))

/** Quantity of some events: per tenant, then summed. */
const quantityOf = (
  world: World,
  metric: string,
  events: readonly Fact[],
  rules: { aggregation: Aggregation; uniqueBy?: string } = world.metrics[metric] ?? { aggregation: 'sum' },
): string => {
  const { aggregation, uniqueBy } = rules
  const scale = scaleOf(world, metric)
  const exact = (fact: Fact) => fact.quantity * 10n ** BigInt(scale - fact.scale)
  let total = 0n
  for (const own of grouped(events, ({ tenant }) => tenant).values()) {
    if (aggregation === 'sum') for (const fact of own) total += exact(fact)
    else if (aggregation === 'max') total += own.map(exact).reduce((a, b) => (a > b ? a : b))
    else if (aggregation === 'last') {
      const [last] = [...own].sort((a, b) => b.startMs - a.startMs || b.seq - a.seq)
      if (last) total += exact(last)
    } else total += BigInt(new Set(own.flatMap((fact) => fact.dimensions?.[uniqueBy ?? ''] ?? [])).size)
  }
  return decimal(total, aggregation === 'unique_count' ? 0 : scale)
}

export const usageSlice = (
  world: World,
  question: UsageQuestion & { grain: string; groupBy: readonly string[] },
) => {
  const groups = grouped(eventsOf(world, question), (fact) =>
    JSON.stringify({
      keys: question.groupBy.map((field) => fieldOf(world, fact, field)),
      bucket: bucketOf(world, fact.postedMs ?? fact.startMs, question.grain),
    }),
  )
  return [...groups].map(([key, events]) => ({
    ...(JSON.parse(key) as { keys: (string | null)[]; bucket: string }),
    quantity: quantityOf(world, question.metric, events),
  }))
}

export const usageQuantities = (world: World, questions: readonly UsageQuestion[]) =>
  questions.flatMap((question, index) =>
    [...grouped(eventsOf(world, question), ({ tenant }) => tenant)].map(([tenant, events]) => ({
      index,
      customerId: world.customerOf[tenant] ?? null,
      tenant,
      quantity: quantityOf(world, question.metric, events),
    })),
  )

/** A charge's cut of usage, by tenant; of single events in order. */
export const usageCut = (
  world: World,
  need: Omit<UsageNeed, 'metric'> & UsageQuestion & { readonly afterBatch?: number },
) => {
  const { metric, startMs, endMs, cut, asOfBatch, afterBatch = 0 } = need
  const rules =
    cut.opening === undefined
      ? (world.metrics[metric] ?? { aggregation: 'sum' as const })
      : { aggregation: cut.opening === 'level' ? ('last' as const) : ('sum' as const) }
  const filters = (cut.filters ?? []).map(({ dimension, values }) => ({
    field: `dimension:${dimension}`,
    values,
  }))
  const placed = (fact: Fact) => fact.postedMs ?? fact.startMs
  const within = (from: number, until: number, after: number) =>
    eventsOf(world, { metric, startMs: from, endMs: until, asOfBatch, filters }, rules.aggregation)
      .filter(({ batchId }) => batchId > after)
      .sort((a, b) => placed(a) - placed(b) || a.seq - b.seq)
  const found = within(startMs, endMs, afterBatch)
  const values = (fact: Fact) => (cut.dimensions ?? []).map((each) => fact.dimensions?.[each] ?? null)
  const exact = (fact: Fact) =>
    decimal(fact.quantity * 10n ** BigInt(scaleOf(world, metric) - fact.scale), scaleOf(world, metric))
  const sign = (fact: Fact) => (fact.correction === 'reversal' ? -1 : 1)
  const openings =
    cut.opening === undefined
      ? []
      : [...grouped(within(-Infinity, startMs, 0), ({ tenant }) => tenant)].map(([tenant, earlier]) => ({
          tenant,
          opening: quantityOf(world, metric, earlier, rules),
        }))
  if (cut.events === true) {
    const seqs = new Set(found.map(({ seq }) => seq))
    const undone = new Set(
      found.flatMap(({ correction, corrects }) => (correction === 'reversal' && corrects ? [corrects] : [])),
    )
    const rows = found
      .filter(
        (fact) => !undone.has(fact.seq) && !(fact.correction === 'reversal' && seqs.has(fact.corrects ?? 0)),
      )
      .map((fact) => ({
        tenant: fact.tenant,
        startMs: placed(fact),
        keys: values(fact),
        quantity: exact(fact),
        events: 1,
        value: exact(fact),
      }))
    return { rows, openings }
  }
  const groups = grouped(found, (fact) =>
    JSON.stringify({
      tenant: fact.tenant,
      startMs: cut.bucketMs === undefined ? startMs : placed(fact) - (placed(fact) % cut.bucketMs),
      keys: values(fact),
      ...(cut.byValue === true ? { value: exact(fact) } : {}),
    }),
  )
  const rows = [...groups].map(([key, events]) => ({
    ...(JSON.parse(key) as { tenant: string; startMs: number; keys: (string | null)[]; value?: string }),
    quantity: quantityOf(world, metric, events, rules),
    events: cut.byValue === true ? events.length : events.reduce((sum, fact) => sum + sign(fact), 0),
  }))
  return { rows, openings }
}

export const explainUsage = (world: World, question: UsageQuestion) => {
  const events = eventsOf(world, question)
  const parts = (keyOf: (fact: Fact) => string | number) =>
    [...grouped(events, (fact) => String(keyOf(fact))).entries()].map(([key, own]) => ({
      key,
      quantity: quantityOf(world, question.metric, own),
      events: own.length,
    }))
  return {
    total: events.length === 0 ? '0' : quantityOf(world, question.metric, events),
    events: events.length,
    days: parts((fact) => bucketOf(world, fact.postedMs ?? fact.startMs, 'day')),
    batches: parts(({ batchId }) => batchId),
    tenants: parts(({ tenant }) => tenant),
  }
}

/** An amount at 18 decimals. */
const units = (text: string): bigint => {
  const [whole = '', fraction = ''] = text.replace('-', '').split('.')
  const value = BigInt(whole + fraction.padEnd(18, '0'))
  return text.startsWith('-') ? -value : value
}
export const amount = (entries: readonly CostEntry[], of: (entry: CostEntry) => string): string =>
  decimal(
    entries.reduce((sum, entry) => sum + units(of(entry)), 0n),
    18,
  )

type Cost = World['cost'][number]

export const costMonth = (world: World, entry: CostEntry): string =>
  entry.postedMs ? bucketOf(world, entry.postedMs, 'month') : entry.billMonth

const costDay = (world: World, entry: CostEntry): string => {
  const month = Temporal.PlainYearMonth.from(costMonth(world, entry))
  const day = zoned(world, entry.startMs).toPlainDate()
  const [first, last] = [month.toPlainDate({ day: 1 }), month.toPlainDate({ day: month.daysInMonth })]
  if (Temporal.PlainDate.compare(day, first) < 0) return first.toString()
  return (Temporal.PlainDate.compare(day, last) > 0 ? last : day).toString()
}

export const tenantOfCost = (world: World, entry: CostEntry): string | null => {
  const tags = entry.attributes.tags as Record<string, string> | undefined
  return (world.tagRule !== null && tags?.[world.tagRule]) || null
}

const costField = (world: World, entry: CostEntry, field: string): string | null => {
  const tenant = tenantOfCost(world, entry)
  if (field === 'tenant') return tenant
  if (field === 'rule') return tenant === null ? null : 'by-tag'
  if (field === 'customer') return tenant === null ? null : (world.customerOf[tenant] ?? null)
  if (field === 'month') return costMonth(world, entry)
  if (field.startsWith('tag:'))
    return (entry.attributes.tags as Record<string, string> | undefined)?.[field.slice(4)] ?? null
  return (entry.attributes[field] as string | undefined) ?? null
}

export const sums = (entries: readonly CostEntry[]) => {
  const listed = entries.filter(({ list }) => (list ?? null) !== null)
  return {
    billed: amount(entries, (entry) => entry.billed),
    effective: amount(entries, (entry) => entry.effective ?? entry.billed),
    // No world has contracted cost; list cost some entries have, some not.
    contracted: null,
    contractedUnknown: entries.length,
    list: listed.length === 0 ? null : amount(listed, (entry) => entry.list ?? '0'),
    listUnknown: entries.length - listed.length,
    entries: entries.length,
  }
}

export interface CostQuestion {
  readonly months: readonly string[]
  readonly currency: string
  readonly grain: string
  readonly groupBy: readonly string[]
  readonly filters?: readonly { field: string; values: readonly (string | null)[] }[]
  readonly asOfBatch?: number | undefined
}

const costEntries = (world: World, question: Pick<CostQuestion, 'months' | 'asOfBatch'>): Cost[] =>
  world.cost.filter(
    (entry) =>
      entry.batchId <= (question.asOfBatch ?? Infinity) && question.months.includes(costMonth(world, entry)),
  )

export const costSlice = (world: World, question: CostQuestion) => {
  const entries = costEntries(world, question).filter(
    (entry) =>
      entry.currency === question.currency &&
      (question.filters ?? []).every(({ field, values }) => values.includes(costField(world, entry, field))),
  )
  const bucket = (entry: Cost) =>
    question.grain === 'total'
      ? 'total'
      : question.grain === 'day'
        ? costDay(world, entry)
        : costMonth(world, entry)
  return [
    ...grouped(entries, (entry) =>
      JSON.stringify({
        keys: question.groupBy.map((field) => costField(world, entry, field)),
        bucket: bucket(entry),
      }),
    ),
  ].map(([key, own]) => ({
    ...(JSON.parse(key) as { keys: (string | null)[]; bucket: string }),
    ...sums(own),
  }))
}

export const costTotals = (world: World, question: Pick<CostQuestion, 'months' | 'asOfBatch'>) =>
  [
    ...grouped(costEntries(world, question), (entry) =>
      JSON.stringify([costMonth(world, entry), entry.currency]),
    ),
  ].map(([key, entries]) => {
    const [month, currency] = JSON.parse(key) as [string, string]
    return { month, currency, ...sums(entries) }
  })

export const costByCustomer = (world: World, question: Pick<CostQuestion, 'months' | 'asOfBatch'>) =>
  [
    ...grouped(costEntries(world, question), (entry) =>
      JSON.stringify({
        month: costMonth(world, entry),
        customerId: costField(world, entry, 'customer'),
        tenant: tenantOfCost(world, entry),
        pool: null,
        currency: entry.currency,
      }),
    ),
  ].map(([key, entries]) => ({ ...(JSON.parse(key) as object), ...sums(entries) }))
