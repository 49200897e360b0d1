/**
 * Usage counted where the data lies: a saved read-only query groups it by tenant and hour on the user's own engine. The
 * ledger keeps the counts, with the query as evidence, and restates hours of the trailing window that count differently.
 */
import { z } from 'zod'
import type { Json } from '../../../../domain/canonical.ts'
import { type DecimalText, ZERO } from '../../../../domain/decimal.ts'
import {
  type CheckFinding,
  type CollectContext,
  type Collector,
  collectorOf,
  type Page,
  SourceFailure,
} from '../../collector.ts'
import { type Asked, type Counted, type CountedRow, HOUR_MS, idOf, queryHash, readAnswer } from './answer.ts'
import { askClickHouse } from './clickhouse.ts'
import { FIELDS } from './fields.ts'
import { askPostgres } from './postgres.ts'

const MINUTE = 60_000
/** Hours of one query and one batch; a backfill of a month is 31. */
const PAGE_HOURS = 24
/** Rows of the trailing window that are remembered, to notice one that is no longer there. */
const REMEMBERED_MAX = 20_000

const config = z
  .strictObject({
    engine: z.enum(['postgres', 'clickhouse']),
    url: z.url({ error: 'an address like postgres://reader@host:5432/database' }),
    query: z.array(z.string().max(2000)).min(1).max(1000),
    metric: z.string().trim().max(200).default(''),
    trailingHours: z.coerce.number().int().min(1).max(744).default(24),
    settleMinutes: z.coerce.number().int().min(0).max(1440).default(5),
    timeoutSeconds: z.coerce.number().int().min(1).max(3600).default(60),
  })
  .superRefine(({ engine, url, query }, context) => {
    const wrong = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message })
    // Half typed, it is no address yet, and that has been said of it.
    if (URL.canParse(url)) {
      const { protocol, password, searchParams } = new URL(url)
      const wanted = engine === 'postgres' ? /^postgres(?:ql)?:$/ : /^https?:$/
      if (!wanted.test(protocol))
        wrong('url', engine === 'postgres' ? 'begins with postgres://' : 'begins with https:// or http://')
      if (password !== '' || [...searchParams.keys()].some((key) => /password/i.test(key)))
        wrong('url', 'holds a password; it is a secret and has a field of its own')
    }
    const text = query.join('\n')
    for (const bound of ['{{from}}', '{{until}}'])
      if (!text.includes(bound))
        wrong('query', `holds the time between {{from}} and {{until}}; ${bound} is missing`)
  })
type SqlConfig = z.output<typeof config>
type Context = CollectContext<SqlConfig>

const remembered = z.object({
  /** The end of the last hour taken. */
  untilMs: z.number().int(),
  rows: z.array(
    z.tuple([z.number().int(), z.string(), z.string().nullable(), z.record(z.string(), z.string())]),
  ),
})

const readCheckpoint = (
  json: Json,
): { readonly untilMs: number; readonly rows: readonly Counted[] } | null => {
  const read = remembered.safeParse(json)
  if (!read.success) return null
  const rows = read.data.rows.map(([hourMs, metric, tenant, dimensions]) => ({
    hourMs,
    metric,
    tenant,
    dimensions,
  }))
  return { untilMs: read.data.untilMs, rows }
}

const ask = async (context: Context, asked: Asked): Promise<readonly CountedRow[]> => {
  const { engine, url, metric, timeoutSeconds } = context.config
  const run = engine === 'postgres' ? askPostgres : askClickHouse
  const password = await context.secret('password')
  const rows = await run(
    { url, password, timeoutMs: timeoutSeconds * 1000, signal: context.signal },
    context.config.query.join('\n'),
    asked,
  )
  return readAnswer(rows, metric, asked)
}

const lineOf = (
  { source, config: { query } }: Context,
  row: Counted & { readonly value: DecimalText; readonly rows: string | null },
  answered: number,
): string => {
  const { hourMs, metric, tenant, value, dimensions, rows } = row
  const text = query.join('\n')
  const from = new Date(hourMs).toISOString()
  return JSON.stringify({
    specversion: '1.0',
    id: idOf(row),
    source: `sql:${source}`,
    type: metric,
    ...(tenant === null ? {} : { subject: tenant }),
    time: from,
    data: {
      value,
      from,
      to: new Date(hourMs + HOUR_MS).toISOString(),
      dimensions,
      // The evidence: which query counted, in how many rows it answered, and how many of the engine's rows this one is.
      query: text,
      querySha256: queryHash(text),
      answerRows: answered,
      ...(rows === null ? {} : { countedRows: rows }),
    },
  })
}

const windowsOf = (context: Context, untilBefore: number | null): readonly Asked[] => {
  const { range, nowMs, config: given } = context
  const settled = Math.floor((nowMs - given.settleMinutes * MINUTE) / HOUR_MS) * HOUR_MS
  const until = range === null ? settled : Math.min(settled, Math.ceil(range.endMs / HOUR_MS) * HOUR_MS)
  const from =
    range === null
      ? Math.min(untilBefore ?? settled, settled) - given.trailingHours * HOUR_MS
      : Math.floor(range.startMs / HOUR_MS) * HOUR_MS
  const count = Math.max(0, Math.ceil((until - from) / (PAGE_HOURS * HOUR_MS)))
  return Array.from({ length: count }, (_, index) => ({
    fromMs: from + index * PAGE_HOURS * HOUR_MS,
    untilMs: Math.min(until, from + (index + 1) * PAGE_HOURS * HOUR_MS),
  }))
}

async function* collect(context: Context): AsyncIterable<Page> {
  const { source, range, config: given } = context
  const before = readCheckpoint(context.checkpoint)
  let known = before?.rows ?? []
  let until = before?.untilMs ?? Number.NEGATIVE_INFINITY
  for (const asked of windowsOf(context, before?.untilMs ?? null)) {
    const rows = await ask(context, asked)
    const ids = new Set(rows.map(idOf))
    const isAsked = ({ hourMs }: Counted) => hourMs >= asked.fromMs && hourMs < asked.untilMs
    // What was counted before and is not in the answer any more counts nothing now.
    const vanished = known.filter((row) => isAsked(row) && !ids.has(idOf(row)))
    const lines = [
      ...rows.map((row) => lineOf(context, row, rows.length)),
      ...vanished.map((row) => lineOf(context, { ...row, value: ZERO, rows: null }, rows.length)),
    ]
    until = Math.max(until, asked.untilMs)
    known = [...known.filter((row) => !isAsked(row)), ...rows].filter(
      ({ hourMs }) => hourMs >= until - given.trailingHours * HOUR_MS,
    )
    if (range === null && known.length > REMEMBERED_MAX)
      throw new SourceFailure(
        `${source}: the last ${given.trailingHours} hours have ${known.length.toLocaleString('en')} rows, and at most ${REMEMBERED_MAX.toLocaleString('en')} are remembered to notice one that is counted no more. Read fewer hours again, or group by fewer columns.`,
        { retryable: false },
      )
    const iso = (ms: number) => new Date(ms).toISOString().slice(0, 16).replace('T', ' ')
    const rowsKept = known.map(({ hourMs, metric, tenant, dimensions }): Json[] => [
      hourMs,
      metric,
      tenant,
      dimensions,
    ])
    yield {
      title: `${source}: ${iso(asked.fromMs)} to ${iso(asked.untilMs)} UTC`,
      choice: { kind: 'cloudevents' },
      content: lines.join('\n'),
      sameId: 'restate',
      checkpoint: range === null ? { untilMs: until, rows: rowsKept } : context.checkpoint,
    }
  }
}

const check = async (context: Context): Promise<readonly CheckFinding[]> => {
  const untilMs = Math.floor(context.nowMs / HOUR_MS) * HOUR_MS
  const rows = await ask(context, { fromMs: untilMs - context.config.trailingHours * HOUR_MS, untilMs })
  const nobody = rows.filter(({ tenant }) => tenant === null).length
  const tenants = new Set(rows.map(({ tenant }) => tenant)).size
  if (rows.length === 0)
    return [
      {
        state: 'warning',
        sentence: `The query runs, and finds nothing in the last ${context.config.trailingHours} hours.`,
      },
    ]
  if (nobody > 0)
    return [
      {
        state: 'warning',
        sentence: `${nobody} of ${rows.length} rows name no tenant; their records are rejected, because nobody can be named.`,
      },
    ]
  return [
    {
      state: 'works',
      sentence: `The query runs as one that only reads: ${rows.length} row${rows.length === 1 ? '' : 's'} of ${tenants} tenant${tenants === 1 ? '' : 's'} in the last ${context.config.trailingHours} hours.`,
    },
  ]
}

const COLLECTOR: Collector<SqlConfig> = {
  kind: 'sql',
  title: 'SQL query',
  purpose:
    'Counts that a query of yours makes by tenant and hour, where the data lies: PostgreSQL or ClickHouse.',
  fields: FIELDS,
  config,
  permissions: (given) => ({
    sentence: 'A user of its own that can only read the tables of the query.',
    documents: [
      given?.engine === 'clickhouse'
        ? {
            title: 'ClickHouse',
            language: 'sql',
            text: "CREATE USER countinghouse IDENTIFIED BY '…' SETTINGS readonly = 2;\nGRANT SELECT ON usage.events TO countinghouse;",
          }
        : {
            title: 'PostgreSQL',
            language: 'sql',
            text: "CREATE ROLE countinghouse LOGIN PASSWORD '…';\nALTER ROLE countinghouse SET default_transaction_read_only = on;\nGRANT USAGE ON SCHEMA public TO countinghouse;\nGRANT SELECT ON events TO countinghouse;",
          },
    ],
  }),
  cost: null,
  everyMinutes: 60,
  check,
  collect,
}

export const sql = collectorOf(COLLECTOR)
