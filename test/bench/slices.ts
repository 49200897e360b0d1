/**
 * The slices, as the Usage screen asks for them, and as SQL over plain facts. The SQL asks for the least that answers
 * the question; the contract's report holds more: buckets, totals and labels. An answer is a list of lines `key|key|quantity`.
 */
import type { UsageQuery, UsageReport } from '../../src/contract/usage.ts'
import { Decimal, toDecimalText } from '../../src/domain/decimal.ts'
import { addMonths, type Month } from '../../src/domain/period.ts'
import { FIRST_MONTH, LARGEST_METRIC, LARGEST_TENANT, LAST_MONTH, UNIQUE_METRIC } from './events.ts'

export type SliceName =
  | 'one tenant by day'
  | 'all tenants by month'
  | 'top 50 of a dimension'
  | 'month over month'
  | 'unique count by month'

/** A question in words that each peer's SQL is made of. */
export interface Question {
  readonly metric: string
  readonly tenant?: string
  /** Months, both included. */
  readonly from: Month
  readonly to: Month
}

export interface Slice {
  readonly name: SliceName
  readonly question: Question
  readonly query: UsageQuery
  readonly answerOf: (report: UsageReport) => readonly string[]
}

const TOP = 50
const [first, last] = [FIRST_MONTH as Month, LAST_MONTH as Month]
const beforeLast = addMonths(last, -1)

const line = (...cells: readonly string[]) => cells.join('|')

/** Quantities by bucket, where there was any. */
const byBucket = ({ rows, buckets }: UsageReport) =>
  rows.flatMap(({ keys, values }) =>
    values.flatMap((value, index) =>
      value === null ? [] : [line(...keys.map(String), buckets[index] ?? '', value)],
    ),
  )

const query = (fields: Partial<UsageQuery>): UsageQuery => ({
  metric: LARGEST_METRIC,
  from: first,
  to: last,
  grain: 'month',
  groupBy: [],
  filters: [],
  compare: 'none',
  ...fields,
})

export const SLICES: readonly Slice[] = [
  {
    name: 'one tenant by day',
    question: { metric: LARGEST_METRIC, tenant: LARGEST_TENANT, from: first, to: last },
    query: query({ grain: 'day', filters: [{ field: 'tenant', values: [LARGEST_TENANT] }] }),
    answerOf: byBucket,
  },
  {
    name: 'all tenants by month',
    question: { metric: LARGEST_METRIC, from: first, to: last },
    query: query({ groupBy: ['tenant'] }),
    answerOf: byBucket,
  },
  {
    name: 'top 50 of a dimension',
    question: { metric: LARGEST_METRIC, from: first, to: last },
    query: query({ groupBy: ['dimension:endpoint'] }),
    answerOf: ({ rows }) => rows.slice(0, TOP).map(({ keys, total }) => line(...keys.map(String), total)),
  },
  {
    name: 'month over month',
    question: { metric: LARGEST_METRIC, from: beforeLast, to: last },
    query: query({ from: last, groupBy: ['tenant'], compare: 'previous' }),
    answerOf: ({ rows }) =>
      rows.map(({ keys, total, compared }) => line(...keys.map(String), total, compared ?? '0')),
  },
  {
    name: 'unique count by month',
    question: { metric: UNIQUE_METRIC, from: first, to: last },
    query: query({ metric: UNIQUE_METRIC }),
    answerOf: byBucket,
  },
]

export const sliceNamed = (name: SliceName): Slice => {
  const found = SLICES.find((slice) => slice.name === name)
  if (found === undefined) throw new Error(`there is no slice ${name}`)
  return found
}

/** How one store's SQL says what a question is made of. */
export interface Dialect {
  readonly table: string
  readonly metric: string
  readonly tenant: string
  readonly time: string
  readonly quantity: string
  readonly endpoint: string
  readonly user: string
  /** What is grouped by; it becomes text once for each group. */
  readonly month: string
  readonly day: string
  readonly monthText: (month: string) => string
  readonly dayText: (day: string) => string
}

/** The slice as SQL. Every column comes as text, the quantity last. */
export const sqlOf = (name: SliceName, of: Dialect): string => {
  const { question } = sliceNamed(name)
  const where = [
    `${of.metric} = '${question.metric}'`,
    ...(question.tenant === undefined ? [] : [`${of.tenant} = '${question.tenant}'`]),
    `${of.time} >= TIMESTAMP '${question.from}-01'`,
    `${of.time} < TIMESTAMP '${addMonths(question.to, 1)}-01'`,
  ].join(' AND ')
  const from = `FROM ${of.table} WHERE ${where}`
  switch (name) {
    case 'one tenant by day':
      return `SELECT ${of.dayText(of.day)}, CAST(sum(${of.quantity}) AS VARCHAR) ${from} GROUP BY ${of.day}`
    case 'all tenants by month':
      return `SELECT ${of.tenant}, ${of.monthText(of.month)}, CAST(sum(${of.quantity}) AS VARCHAR) ${from}
        GROUP BY ${of.tenant}, ${of.month}`
    case 'top 50 of a dimension':
      return `SELECT ${of.endpoint}, CAST(sum(${of.quantity}) AS VARCHAR) ${from} GROUP BY 1
        ORDER BY sum(${of.quantity}) DESC, 1 LIMIT ${TOP}`
    case 'month over month': {
      const isNew = `${of.time} >= TIMESTAMP '${question.to}-01'`
      return `SELECT ${of.tenant}, CAST(coalesce(sum(${of.quantity}) FILTER (WHERE ${isNew}), 0) AS VARCHAR),
        CAST(coalesce(sum(${of.quantity}) FILTER (WHERE NOT (${isNew})), 0) AS VARCHAR) ${from} GROUP BY 1`
    }
    case 'unique count by month':
      // Counted for each tenant, then added: what a bill counts.
      return `SELECT ${of.monthText('month')}, CAST(sum(users) AS VARCHAR) FROM (
        SELECT ${of.tenant} AS tenant, ${of.month} AS month, count(DISTINCT ${of.user}) AS users ${from} GROUP BY 1, 2
      ) AS counted GROUP BY month`
  }
}

const isQuantity = (text: string) => /^-?\d+(\.\d+)?$/.test(text)

/** A peer's rows as lines. */
export const answerOfRows = (rows: readonly (readonly unknown[])[]): readonly string[] =>
  rows.map((row) =>
    line(...row.map(String).map((cell) => (isQuantity(cell) ? toDecimalText(new Decimal(cell)) : cell))),
  )

/** @throws Error where the two answers are not the same lines, in whatever order. */
export const sameAnswer = (
  name: SliceName,
  ours: readonly string[],
  peer: string,
  theirs: readonly string[],
): void => {
  const [a, b] = [[...ours].sort(), [...theirs].sort()]
  const at = Array.from({ length: Math.max(a.length, b.length) }).findIndex(
    (_, index) => a[index] !== b[index],
  )
  if (a.length === 0) throw new Error(`${name}: there is no usage to compare`)
  if (at !== -1)
    throw new Error(
      `${name}: ours has ${a.length} lines, ${peer} ${b.length}; the first that differs is ${a[at]} against ${b[at]}`,
    )
}
