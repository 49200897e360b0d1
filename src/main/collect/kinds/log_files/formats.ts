/** What a line of a log tells: facts of usage, by the format that the user chose. */
import type { DecimalText } from '../../../../domain/decimal.ts'
import { parseDecimal, toDecimalText } from '../../../../domain/decimal.ts'
import { accessLineReader, parseLogTime } from '../../files/access-log.ts'
import { decimalOf, type ExactJson, isObject, parseExactJson, scalarText } from '../../files/exact-json.ts'
import { isFault } from '../../files/rejections.ts'
import { parseEpoch, parseZonedTime } from '../../files/time.ts'

export interface Fact {
  /** Tells facts of one line apart. */
  readonly part: string
  readonly metric: string
  /** Null where the line names nobody. */
  readonly tenant: string | null
  readonly value: DecimalText
  /** UTC milliseconds. */
  readonly ms: number
  readonly dimensions: Readonly<Record<string, string>>
}

/** The facts of a line; null where it cannot be read, so that it goes to the quarantine as it is. */
export type LineReader = (line: string) => readonly Fact[] | null

export type TenantFrom = 'client' | 'host' | { readonly segment: number } | { readonly regex: string }

/** `client`, `host`, `segment:2` or `regex:^/t/([^/]+)`; null where it is none. */
export const parseTenantFrom = (text: string): TenantFrom | null => {
  if (text === 'client' || text === 'host') return text
  const segment = /^segment:(\d{1,2})$/.exec(text)?.[1]
  if (segment !== undefined) return Number(segment) >= 1 ? { segment: Number(segment) } : null
  const regex = /^regex:(.+)$/s.exec(text)?.[1]
  if (regex === undefined) return null
  try {
    return (new RegExp(`${regex}|`).exec('')?.length ?? 0) > 1 ? { regex } : null
  } catch {
    return null
  }
}

const ONE = toDecimalText(1)
const REQUESTS = 'http.requests'
const BYTES = 'http.response.bytes'

/** Combined and common log format, by the reader that takes such files. */
export const combinedReader = (tenantFrom: TenantFrom, nowMs: number): LineReader | null => {
  if (tenantFrom === 'host') return null
  const read = accessLineReader({ tenantFrom, requestsMetric: REQUESTS, bytesMetric: BYTES, nowMs })
  if (read === null) return null
  return (line) => {
    const facts = read(line, 1)
    if (isFault(facts)) return null
    return facts.map((fact) => ({
      part: fact.metric === REQUESTS ? 'requests' : 'bytes',
      metric: fact.metric,
      tenant: fact.tenant,
      value: fact.quantityText,
      ms: fact.startMs,
      dimensions: fact.dimensions,
    }))
  }
}

/** Fields up to the request: AWS documentation, "Access logs for your Application Load Balancer". */
const ALB =
  /^(\S+) (\S+) \S+ (\S+) \S+ \S+ \S+ \S+ (\d{3}|-) (?:\d{3}|-) (\d{1,18}) (\d{1,18}) "((?:[^"\\]|\\.)*)"/
const ALB_REQUEST = /^(\S+) [a-z]+:\/\/([^/:\s]*)(?::\d+|:-)?(\/[^?#\s]*)?/

/** Access logs of an Application Load Balancer. */
export const albReader = (tenantFrom: TenantFrom): LineReader => {
  const pattern =
    typeof tenantFrom === 'object' && 'regex' in tenantFrom ? new RegExp(tenantFrom.regex) : null
  return (line) => {
    const [, kind, time = '', client = '', status = '', received, sent, request = ''] = ALB.exec(line) ?? []
    const ms = parseZonedTime(time, 'UTC')
    if (kind === undefined || ms === null) return null
    const [, method, host, path = '/'] = ALB_REQUEST.exec(request) ?? []
    const segments = path.split('/').filter((segment) => segment !== '')
    const tenant =
      tenantFrom === 'client'
        ? client.replace(/:\d+$/, '')
        : tenantFrom === 'host'
          ? host
          : 'segment' in tenantFrom
            ? (segments.length === 0 ? ['/'] : segments)[tenantFrom.segment - 1]
            : pattern?.exec(line)?.[1]
    const shared = {
      tenant: tenant || null,
      ms,
      dimensions: { type: kind, status, ...(method === undefined || method === '-' ? {} : { method }) },
    }
    return [
      { ...shared, part: 'requests', metric: REQUESTS, value: ONE },
      {
        ...shared,
        part: 'received',
        metric: 'http.request.bytes',
        value: toDecimalText(BigInt(received ?? 0)),
      },
      { ...shared, part: 'sent', metric: BYTES, value: toDecimalText(BigInt(sent ?? 0)) },
    ]
  }
}

/** Seconds or milliseconds since 1970, `17/May/2015:10:05:03 +0000`, or an ISO date and time. */
const timeOf = (text: string, timeZone: string): number | null => {
  if (/^\d{9,10}(?:\.\d+)?$/.test(text)) return parseEpoch(text, 's')
  if (/^\d{12,13}(?:\.\d+)?$/.test(text)) return parseEpoch(text, 'ms')
  return parseLogTime(text) ?? parseZonedTime(text, timeZone)
}

export interface JsonFields {
  readonly metric: string
  readonly tenant: string
  readonly time: string
  /** Null: a line counts once. */
  readonly value: string | null
  readonly dimensions: readonly string[]
}

/** The member of that name, or where there is none the one at a path with points, `request.size`. */
const memberAt = (json: ExactJson, path: string): ExactJson | undefined => {
  if (isObject(json) && Object.hasOwn(json, path)) return json[path]
  let at: ExactJson | undefined = json
  for (const key of path.split('.')) at = isObject(at) && Object.hasOwn(at, key) ? at[key] : undefined
  return at
}

/** One JSON object a line. */
export const jsonReader =
  ({ metric, tenant, time, value, dimensions }: JsonFields, timeZone: string): LineReader =>
  (line) => {
    const json = parseExactJson(line)
    if (!isObject(json)) return null
    const ms = timeOf(scalarText(memberAt(json, time)) ?? '', timeZone)
    const amount = value === null ? ONE : decimalOf(memberAt(json, value) ?? null)
    if (ms === null || amount === null) return null
    return [
      {
        part: 'value',
        metric,
        tenant: scalarText(memberAt(json, tenant)) || null,
        value: amount,
        ms,
        dimensions: Object.fromEntries(
          dimensions.flatMap((path) => {
            const text = scalarText(memberAt(json, path))
            return text === undefined ? [] : [[path, text]]
          }),
        ),
      },
    ]
  }

/** Whether a pattern has the groups a line needs. */
export const patternOf = (text: string): RegExp | null => {
  try {
    return /\(\?<tenant>/.test(text) && /\(\?<time>/.test(text) ? new RegExp(text) : null
  } catch {
    return null
  }
}

/** Named groups `tenant` and `time`; `value` where a line counts for more than one; all others are dimensions. */
export const patternReader =
  (pattern: RegExp, metric: string, timeZone: string): LineReader =>
  (line) => {
    const groups = pattern.exec(line)?.groups
    if (groups === undefined) return null
    const { tenant, time = '', value, ...dimensions } = groups
    const ms = timeOf(time, timeZone)
    const amount = 'value' in groups ? parseDecimal(value ?? '') : ONE
    if (ms === null || amount === null) return null
    const named = Object.entries(dimensions).filter((entry): entry is [string, string] => Boolean(entry[1]))
    return [
      {
        part: 'value',
        metric,
        tenant: tenant || null,
        value: amount,
        ms,
        dimensions: Object.fromEntries(named),
      },
    ]
  }
