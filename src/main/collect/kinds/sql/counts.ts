/**
 * Hours that a query of the user's own engine counts: asked for a day at a time, the trailing ones again each time, and
 * restated where they count differently. Which engine is asked, and how, is its kind's affair.
 */
import { z } from 'zod'
import type { Json } from '../../../../domain/canonical.ts'
import { type DecimalText, ZERO } from '../../../../domain/decimal.ts'
import { type CheckFinding, type CollectContext, type Page, SourceFailure } from '../../collector.ts'
import { type Asked, type Counted, HOUR_MS, idOf, queryHash, readAnswer, type TextRow } from './answer.ts'

const MINUTE = 60_000
/** Hours of one query and one batch; a backfill of a month is 31. */
const PAGE_HOURS = 24
/** Rows of the trailing window that are remembered, to notice one that is no longer there. */
const REMEMBERED_MAX = 20_000

/** What every kind that counts by a query is configured with. */
export const countingShape = {
  query: z.array(z.string().max(2000)).min(1).max(1000),
  metric: z.string().trim().max(200).default(''),
  trailingHours: z.coerce.number().int().min(1).max(744).default(24),
  settleMinutes: z.coerce.number().int().min(0).max(1440).default(5),
  timeoutSeconds: z.coerce.number().int().min(1).max(3600).default(60),
}
const counting = z.object(countingShape)
type Counting = z.output<typeof counting>

/** What is wrong with the bounds of a query; null where it has both. */
export const boundsFault = (query: readonly string[]): string | null => {
  const text = query.join('\n')
  const missing = ['{{from}}', '{{until}}'].find((bound) => !text.includes(bound))
  return missing === undefined ? null : `holds the time between {{from}} and {{until}}; ${missing} is missing`
}

export interface Answer {
  readonly rows: readonly TextRow[]
  /** What the kind remembers from one query to the next, in the checkpoint; null where there is nothing. */
  readonly kept: Json
  /** What the query cost, for the batch's title and the check: `12 MB scanned, …`; null where it is free. */
  readonly cost: string | null
}

/**
 * Runs the query with `{{from}}` and `{{until}}` bound.
 * @param kept as the last answer gave it; null before the first
 * @throws SourceFailure, the signal's reason
 */
export type AskEngine<Config> = (context: CollectContext<Config>, asked: Asked, kept: Json) => Promise<Answer>

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

const fieldsOf = (checkpoint: Json): { readonly [key: string]: Json } =>
  typeof checkpoint === 'object' && checkpoint !== null && !('length' in checkpoint) ? checkpoint : {}

const lineOf = (
  { source, config: { query } }: CollectContext<Counting>,
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

const windowsOf = (
  { range, nowMs, config: given }: CollectContext<Counting>,
  untilBefore: number | null,
): readonly Asked[] => {
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

/** Pages of a day each, in order. @throws SourceFailure */
export const collectCounts = <Config extends Counting>(ask: AskEngine<Config>) =>
  async function* (context: CollectContext<Config>): AsyncIterable<Page> {
    const { source, range, config: given } = context
    const before = readCheckpoint(context.checkpoint)
    let known = before?.rows ?? []
    let until = before?.untilMs ?? Number.NEGATIVE_INFINITY
    let kept = fieldsOf(context.checkpoint).engine ?? null
    for (const asked of windowsOf(context, before?.untilMs ?? null)) {
      const answer = await ask(context, asked, kept)
      kept = answer.kept
      const rows = readAnswer(answer.rows, given.metric, asked)
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
      const reached = range === null ? { untilMs: until, rows: rowsKept } : context.checkpoint
      yield {
        title: `${source}: ${iso(asked.fromMs)} to ${iso(asked.untilMs)} UTC${answer.cost === null ? '' : ` (${answer.cost})`}`,
        choice: { kind: 'cloudevents' },
        content: lines.join('\n'),
        sameId: 'restate',
        checkpoint: kept === null ? reached : { ...fieldsOf(reached), engine: kept },
      }
    }
  }

/** Runs the query over the trailing hours, and keeps nothing. @throws SourceFailure */
export const checkCounts =
  <Config extends Counting>(ask: AskEngine<Config>) =>
  async (context: CollectContext<Config>): Promise<readonly CheckFinding[]> => {
    const { trailingHours, metric } = context.config
    const untilMs = Math.floor(context.nowMs / HOUR_MS) * HOUR_MS
    const asked = { fromMs: untilMs - trailingHours * HOUR_MS, untilMs }
    const answer = await ask(context, asked, null)
    const rows = readAnswer(answer.rows, metric, asked)
    const nobody = rows.filter(({ tenant }) => tenant === null).length
    const tenants = new Set(rows.map(({ tenant }) => tenant)).size
    const found = (state: CheckFinding['state'], sentence: string): readonly CheckFinding[] => [
      { state, sentence },
      ...(answer.cost === null
        ? []
        : [
            {
              state: 'works' as const,
              sentence: `This check’s query: ${answer.cost}. Each run asks about as much.`,
            },
          ]),
    ]
    if (rows.length === 0)
      return found('warning', `The query runs, and finds nothing in the last ${trailingHours} hours.`)
    if (nobody > 0)
      return found(
        'warning',
        `${nobody} of ${rows.length} rows name no tenant; their records are rejected, because nobody can be named.`,
      )
    return found(
      'works',
      `The query runs as one that only reads: ${rows.length} row${rows.length === 1 ? '' : 's'} of ${tenants} tenant${tenants === 1 ? '' : 's'} in the last ${trailingHours} hours.`,
    )
  }
