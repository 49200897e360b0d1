/** Usage from log files on this machine, followed over rotation: each whole line once, wherever it lies by then. */
import { basename } from 'node:path'
import { z } from 'zod'
import type { Json } from '../../../../domain/canonical.ts'
import {
  type CheckFinding,
  type CollectContext,
  type Collector,
  collectorOf,
  type Page,
  SourceFailure,
} from '../../collector.ts'
import { eventLine } from '../events.ts'
import { FIELDS } from './fields.ts'
import { bytesOf, type LogFile, lengthOf, listLogs } from './files.ts'
import { advanced, type Followed, follow, type Known, type LogCheckpoint, readCheckpoint } from './follow.ts'
import {
  albReader,
  combinedReader,
  jsonReader,
  type LineReader,
  parseTenantFrom,
  patternOf,
  patternReader,
} from './formats.ts'

const PAGE_BYTES = 4 * 1024 * 1024
const LINE_BYTES_MAX = 1024 * 1024
const FILES_MAX = 500
const CHECKED_LINES = 200

const text = z.string().trim().max(2000).default('')
const config = z
  .strictObject({
    path: z.string().trim().min(1, 'a folder, or a pattern like /var/log/nginx/access.log*'),
    format: z.enum(['combined', 'alb', 'json', 'pattern']),
    tenantFrom: text,
    metric: text,
    tenantField: text,
    timeField: text,
    valueField: text,
    dimensionFields: z.array(z.string().trim().min(1)).max(20).default([]),
    pattern: text,
    fromNow: z.boolean().default(false),
  })
  .superRefine((given, context) => {
    const wrong = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message })
    const { format, tenantFrom, metric } = given
    if (format === 'combined' || format === 'alb') {
      const parsed = parseTenantFrom(tenantFrom)
      if (parsed === null || (format === 'combined' && parsed === 'host'))
        wrong(
          'tenantFrom',
          `client, ${format === 'alb' ? 'host, ' : ''}segment:N or regex:PATTERN with a group`,
        )
    } else if (metric === '') wrong('metric', 'the name of the metric that a line counts for')
    if (format === 'json' && given.tenantField === '')
      wrong('tenantField', 'the member that names the tenant')
    if (format === 'json' && given.timeField === '') wrong('timeField', 'the member that holds the time')
    if (format === 'pattern' && patternOf(given.pattern) === null)
      wrong('pattern', 'a regular expression with the groups (?<tenant>…) and (?<time>…)')
  })
type LogConfig = z.output<typeof config>
type Context = CollectContext<LogConfig>

const readerOf = ({ config: given, nowMs, timeZone }: Context): LineReader => {
  const { format, metric } = given
  const tenantFrom = parseTenantFrom(given.tenantFrom) ?? 'client'
  if (format === 'alb') return albReader(tenantFrom)
  if (format === 'json')
    return jsonReader(
      {
        metric,
        tenant: given.tenantField,
        time: given.timeField,
        value: given.valueField === '' ? null : given.valueField,
        dimensions: given.dimensionFields,
      },
      timeZone,
    )
  const pattern = format === 'pattern' ? patternOf(given.pattern) : null
  const reader =
    pattern === null ? combinedReader(tenantFrom, nowMs) : patternReader(pattern, metric, timeZone)
  if (reader === null) throw new SourceFailure('The configuration names no tenant.', { retryable: false })
  return reader
}

/** A line that cannot be read, as a record that is rejected with the line in it: it can be mended and replayed. */
const unreadable = (origin: string, id: string, line: string): string =>
  JSON.stringify({ specversion: '1.0', id, source: origin, type: 'log.line', data: { line } })

const linesOf = (context: Context, read: LineReader, id: string, line: string): readonly string[] => {
  if (line === '' || line.startsWith('#')) return []
  const origin = `log_files:${context.source}`
  const facts = read(line)
  if (facts === null) return context.range === null ? [unreadable(origin, id, line)] : []
  return facts.flatMap(({ part, ms, ...fact }) =>
    context.range !== null && (ms < context.range.startMs || ms >= context.range.endMs)
      ? []
      : [eventLine(origin, { ...fact, id: `${id}/${part}`, startMs: ms, endMs: ms })],
  )
}

/** Whole lines of a file from an offset on, with the offset of each; a last line without its end is none yet. */
async function* wholeLines(
  file: LogFile,
  from: number,
  to: number,
): AsyncGenerator<{ readonly at: number; readonly end: number; readonly line: string }, boolean> {
  let rest: Buffer = Buffer.alloc(0)
  let at = from
  const bytes = bytesOf(file, from, to)
  const lineAt = (buffer: Buffer) => buffer.toString('utf8').replace(/\r$/, '')
  try {
    for (;;) {
      const next = await bytes.next()
      if (next.done) {
        // What is packed is written no more, so that its last line needs no end.
        if (file.packed && next.value && rest.length > 0)
          yield { at, end: at + rest.length, line: lineAt(rest) }
        return next.value
      }
      rest = rest.length === 0 ? Buffer.from(next.value) : Buffer.concat([rest, next.value])
      let start = 0
      for (let stop = rest.indexOf(10); stop >= 0; stop = rest.indexOf(10, start)) {
        yield { at: at + start, end: at + stop + 1, line: lineAt(rest.subarray(start, stop)) }
        start = stop + 1
      }
      rest = rest.subarray(start)
      at += start
      if (rest.length > LINE_BYTES_MAX)
        throw new SourceFailure(
          `${file.path} has a line longer than 1 MB at byte ${at}. Is it a log? What came before it is kept.`,
          { retryable: false },
        )
    }
  } finally {
    // Also where who reads has enough: the file would stay open.
    await bytes.return(false)
  }
}

const filesOf = async ({ config: { path }, source }: Context) => {
  const listed = await listLogs(path).catch((error: NodeJS.ErrnoException) => {
    const why =
      error.code === 'ENOENT'
        ? 'there is no such folder'
        : error.code === 'EACCES'
          ? 'this user may not read it'
          : error.message
    throw new SourceFailure(`${source}: ${path} cannot be read: ${why}.`, { retryable: true })
  })
  if (listed.chosen.length > FILES_MAX)
    throw new SourceFailure(
      `${source}: ${path} names ${listed.chosen.length} files, and at most ${FILES_MAX} are followed. Choose fewer by a pattern, or remove old ones.`,
      { retryable: false },
    )
  return listed
}

/** Where a file's last whole line ends. */
const lastEnd = async (file: LogFile): Promise<number> => {
  let end = 0
  for await (const each of wholeLines(file, 0, Number.MAX_SAFE_INTEGER)) end = each.end
  return end
}

async function* collect(context: Context): AsyncIterable<Page> {
  const { range, source, nowMs } = context
  const before = readCheckpoint(context.checkpoint)
  const { chosen, others } = await filesOf(context)
  const { next, followed, gone } = await follow(before ?? { next: 1, files: [] }, chosen, others, nowMs)
  const state = new Map<string, Known>([...gone, ...followed.map(({ known }) => known)].map((k) => [k.id, k]))
  const read = readerOf(context)
  let lines: string[] = []
  let count = 0
  let bytes = 0
  const names = new Set<string>()
  const page = (): Page => {
    const checkpoint: LogCheckpoint = { next, files: [...state.values()] }
    const title =
      names.size === 0
        ? `${source}: no new line`
        : `${source}: ${count} line${count === 1 ? '' : 's'} of ${[...names].join(', ')}`
    const content = lines.join('\n')
    lines = []
    names.clear()
    bytes = 0
    count = 0
    return {
      title: title.slice(0, 200),
      choice: { kind: 'cloudevents' },
      content,
      checkpoint: range === null ? (checkpoint as unknown as Json) : context.checkpoint,
    }
  }
  const keep = async (each: Followed, offset: number, isWhole: boolean) => {
    const known = await advanced(each, offset, isWhole)
    if (known === null)
      throw new SourceFailure(
        `${each.file.path} was cut while it was read; what is kept ends where the run before did.`,
        { retryable: true, retryAfterMs: 1000 },
      )
    state.set(known.id, known)
  }
  for (const each of followed) {
    const { file, known } = each
    if (range === null && known.done !== null) continue
    const from = range === null ? known.offset : 0
    const to = range !== null ? known.offset : file.packed ? Number.MAX_SAFE_INTEGER : file.size
    if (range === null && before === null && context.config.fromNow) {
      await keep(each, await lastEnd(file), true)
      continue
    }
    let offset = from
    const whole = wholeLines(file, from, to)
    try {
      for (;;) {
        context.signal.throwIfAborted()
        const given = await whole.next()
        if (given.done) {
          if (range === null) await keep(each, offset, given.value)
          break
        }
        const { at, end, line } = given.value
        const made = linesOf(context, read, `${known.id}@${at}`, line)
        for (const one of made) lines.push(one)
        if (made.length > 0) count += 1
        names.add(basename(file.path))
        bytes += end - offset
        offset = end
        if (bytes >= PAGE_BYTES) {
          if (range === null) await keep(each, offset, false)
          yield page()
        }
      }
    } finally {
      await whole.return(false)
    }
  }
  yield page()
}

const check = async (context: Context): Promise<readonly CheckFinding[]> => {
  const { chosen } = await filesOf(context)
  if (chosen.length === 0)
    return [{ state: 'missing', sentence: `There is no file ${context.config.path} yet.` }]
  const read = readerOf(context)
  const findings: CheckFinding[] = []
  for (const file of chosen.slice(0, 10)) {
    if ((await lengthOf(file)) === null) {
      findings.push({
        state: 'warning',
        sentence: `${file.path} is a gzip that is not whole; it is left until it is.`,
      })
      continue
    }
    let [readable, all, nobody] = [0, 0, 0]
    for await (const { line } of wholeLines(file, 0, Number.MAX_SAFE_INTEGER)) {
      if (line === '' || line.startsWith('#')) continue
      const facts = read(line)
      all += 1
      if (facts !== null) readable += 1
      if (facts?.some(({ tenant }) => tenant === null)) nobody += 1
      if (all >= CHECKED_LINES) break
    }
    const first = `of its first ${all} line${all === 1 ? '' : 's'}`
    findings.push(
      readable < all || nobody > 0
        ? {
            state: 'warning',
            sentence: `${file.path}: ${first}, ${all - readable} cannot be read and ${nobody} name no tenant; they are rejected, with the line kept.`,
          }
        : { state: 'works', sentence: `${file.path}: ${first}, all can be read.` },
    )
  }
  if (chosen.length > 10)
    findings.push({ state: 'works', sentence: `${chosen.length - 10} more files are followed.` })
  return findings
}

const COLLECTOR: Collector<LogConfig> = {
  kind: 'log_files',
  title: 'Log files',
  purpose: 'Requests and amounts from log files on this machine, followed over their rotation.',
  fields: FIELDS,
  config,
  permissions: () => ({
    sentence: 'This program’s user must be able to read the folder and its files; nothing is written there.',
    documents: [
      {
        title: 'For the logs of nginx on Debian',
        language: 'text',
        text: 'usermod --append --groups adm <user>',
      },
    ],
  }),
  cost: null,
  everyMinutes: 1,
  check,
  collect,
}

export const logFiles = collectorOf(COLLECTOR)
