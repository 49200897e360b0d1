/** Web server access logs, combined or common log format: one fact for the request, one for its bytes. */
import { z } from 'zod'
import type { DecimalText } from '../../../domain/decimal.ts'
import { toDecimalText } from '../../../domain/decimal.ts'
import { checkNotFuture } from './cloudevents.ts'
import type { TextSource } from './open-file.ts'
import { readLines, refusedReading, usageInto } from './reading.ts'
import type { ParsedUsage, Reading, RecordSink } from './record.ts'
import { type Fault, fault, fileIssue, isFault, quoted } from './rejections.ts'
import { ownText, parseUtcTime, remembering } from './time.ts'

/**
 * Which part of a line names the tenant: the client's address, the n-th segment of the path (from 1; the path "/"
 * is the tenant "/"), or the first group of an ECMAScript pattern over the whole line.
 */
const accessLogOptionsSchema = z.object({
  tenantFrom: z.union([
    z.literal('client'),
    z.strictObject({ segment: z.int().min(1).max(20) }),
    z.strictObject({ regex: z.string().min(1) }),
  ]),
  requestsMetric: z.string().min(1).default('http.requests'),
  bytesMetric: z.string().min(1).default('http.response.bytes'),
})
/** What a user may leave out has its default after parsing. */
export type AccessLogOptions = z.input<typeof accessLogOptionsSchema> & {
  /** The present, UTC milliseconds: later lines are rejected. */
  readonly nowMs: number
}

interface LogLine {
  readonly client: string
  readonly timeMs: number
  readonly timeText: string
  /** Null where the request line is not `METHOD target PROTOCOL`. */
  readonly method: string | null
  readonly segments: readonly string[] | null
  readonly status: string
  readonly bytes: DecimalText
}

/**
 * Only what comes before the referrer is needed, so nothing after the byte count is looked at. The request is
 * taken up to the last quote that status and bytes follow directly, because some servers do not escape quotes.
 * More bytes than 18 digits are no answer to a request; so many would be refused when their request was kept already.
 */
const LINE =
  /^(\S+) (\S+) ([^[]*)\[(\d{2}\/[A-Z][a-z]{2}\/\d{4}:\d{2}:\d{2}:\d{2} [+-]\d{4})\] "(.*?)" (\d{3}|-) (\d{1,18}|-)(?=\s|$)/
const REQUEST = /^([A-Za-z][A-Za-z_-]{0,31}) (\S.*?)(?: (?:HTTP|http)\/\d(?:\.\d)?)?$/
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')
const ONE = toDecimalText(1)

/** `17/May/2015:10:05:03 +0000` as UTC milliseconds; null where it is none. */
export const parseLogTime = (text: string): number | null => {
  const [, day, monthName = '', year, time, zone] = /^(\d{2})\/(\w{3})\/(\d{4}):(\S+) (\S+)$/.exec(text) ?? []
  const month = String(MONTHS.indexOf(monthName) + 1).padStart(2, '0')
  return parseUtcTime(`${year}-${month}-${day} ${time}${zone}`)
}

/** The path's segments, without query, fragment, scheme and host; a path of "/" has the segment "/". */
const segmentsOf = (target: string): readonly string[] => {
  const path = target.replace(/^[A-Za-z][A-Za-z0-9+.-]*:\/\/[^/?#]*/, '').replace(/[?#].*$/s, '')
  const segments = path.split('/').filter((segment) => segment !== '')
  return segments.length === 0 ? ['/'] : segments
}

const createLineParser = () => {
  const timeOf = remembering(parseLogTime)
  return (text: string): LogLine | Fault => {
    // Lines that end in a carriage return alone stand here as one, of which only the first would be counted.
    const match = text.trimEnd().includes('\r') ? null : LINE.exec(text)
    if (match === null) return fault('line_is_not_a_log_line')
    const [, client = '', , , timeText = '', request = '', status = '', bytes = ''] = match
    const timeMs = timeOf(timeText)
    if (timeMs === null)
      return fault('time_is_unreadable', 'time', {
        value: quoted(timeText),
        wanted: '17/May/2015:10:05:03 +0000',
      })
    const [, method = null, target = null] = REQUEST.exec(request) ?? []
    return {
      client,
      timeMs,
      timeText,
      method,
      segments: target === null ? null : segmentsOf(target),
      status,
      bytes: bytes === '-' ? toDecimalText(0) : toDecimalText(BigInt(bytes)),
    }
  }
}

type TenantOf = (line: LogLine, text: string) => string | Fault

const tenantReader = (from: AccessLogOptions['tenantFrom']): TenantOf | null => {
  if (from === 'client') return (line) => line.client
  if ('segment' in from) {
    const missing = fault('tenant_not_found', 'request', {
      detail: `its path has no segment ${from.segment}`,
    })
    return ({ segments }) => {
      const segment = segments?.[from.segment - 1]
      return segment ?? missing
    }
  }
  const pattern = compile(from.regex)
  if (pattern === null) return null
  const missing = fault('tenant_not_found', null, {
    detail: `the pattern ${quoted(from.regex)} does not match`,
  })
  return (_line, text) => pattern.exec(text)?.[1] || missing
}

/** Null where the pattern is none, or has no group. */
const compile = (pattern: string): RegExp | null => {
  try {
    const groups = new RegExp(`${pattern}|`).exec('')?.length ?? 0
    return groups > 1 ? new RegExp(pattern) : null
  } catch {
    return null
  }
}

/** One line of an access log as its two facts, requests and bytes. */
export type AccessLineReader = (text: string, row: number) => readonly ParsedUsage[] | Fault

/** Null where the pattern that names the tenant is none, or has no group. */
export const accessLineReader = (given: AccessLogOptions): AccessLineReader | null => {
  const options = accessLogOptionsSchema.parse(given)
  const tenantOf = tenantReader(options.tenantFrom)
  if (tenantOf === null) return null
  const parseLine = createLineParser()
  const own = remembering(ownText)
  return (text, row) => {
    const line = parseLine(text)
    if (isFault(line)) return line
    const tenant = tenantOf(line, text)
    if (isFault(tenant)) return tenant
    const inFuture = checkNotFuture(line.timeMs, given.nowMs, line.timeText, 'time')
    if (inFuture !== null) return inFuture
    const path = line.segments?.[0]
    const dimensions = {
      ...(line.method === null ? {} : { method: own(line.method) }),
      ...(path === undefined ? {} : { path_1: own(path) }),
      status: own(line.status),
    }
    const shared = {
      kind: 'usage',
      row,
      raw: text,
      tenant: own(tenant),
      startMs: line.timeMs,
      endMs: null,
      dimensions,
    } as const
    return [
      {
        ...shared,
        identity: { kind: 'content', text, part: 'requests' },
        metric: options.requestsMetric,
        quantityText: ONE,
      },
      {
        ...shared,
        identity: { kind: 'content', text, part: 'bytes' },
        metric: options.bytesMetric,
        quantityText: line.bytes,
      },
    ]
  }
}

/** Reads an access log. Each line yields two facts, requests and bytes, and is one row. */
export const readAccessLog = (
  source: TextSource,
  given: AccessLogOptions,
  sink: RecordSink | null = null,
): Reading<ParsedUsage> => {
  const read = accessLineReader(given)
  if (read !== null) return readLines(source, read, usageInto(sink))
  const detail =
    typeof given.tenantFrom === 'object' && 'regex' in given.tenantFrom ? given.tenantFrom.regex : ''
  return refusedReading(fileIssue(source.name, 'pattern_is_unreadable', { detail: quoted(detail) }))
}
