/** Usage events as JSON lines: CloudEvents 1.0, and Paigo's usage record. Each line may be either. */
import { type DecimalText, toDecimalText } from '../../../domain/decimal.ts'
import type { UsageGatherer } from '../usage-chunk.ts'
import {
  decimalOf,
  type ExactJson,
  type ExactObject,
  exactCanonical,
  isObject,
  parseExactJson,
  scalarText,
  shown,
} from './exact-json.ts'
import type { TextSource } from './open-file.ts'
import { readLines, usageInto } from './reading.ts'
import type { Identity, ParsedUsage, Reading, RecordSink } from './record.ts'
import { type Fault, fault, isFault, quoted } from './rejections.ts'
import { shapedEvents } from './shaped-events.ts'
import { parseRfc3339 } from './time.ts'

/** How far a sender's clock may be ahead. */
const FUTURE_TOLERANCE_MS = 5 * 60_000

export interface EventsOptions {
  /** The present, UTC milliseconds: later events are rejected. */
  readonly nowMs: number
}

const TIME_WANTED = 'RFC 3339 with a zone, for example 2026-03-01T12:00:00Z'
const ONE = toDecimalText(1)

/**
 * Reads CloudEvents and Paigo records, one a line. The format is described in docs/formats/usage.md. With a gatherer
 * for a sink, lines alike are taken without being parsed.
 */
export const readEvents = (
  source: TextSource,
  options: EventsOptions,
  sink: RecordSink | null = null,
  gatherer: UsageGatherer | null = null,
): Reading<ParsedUsage> =>
  readLines(
    source,
    (text, row) => {
      const usage = parseEvent(text, options.nowMs)
      return isFault(usage) ? usage : [{ kind: 'usage', row, raw: text, ...usage }]
    },
    usageInto(sink),
    gatherer === null ? null : shapedEvents(gatherer, options.nowMs + FUTURE_TOLERANCE_MS),
  )

type Fact = Omit<ParsedUsage, 'kind' | 'row' | 'raw'>

const parseEvent = (text: string, nowMs: number): Fact | Fault => {
  const json = parseExactJson(text)
  if (json === undefined) return fault('line_is_not_json')
  if (!isObject(json)) return fault('line_is_not_an_event')
  if (Object.hasOwn(json, 'specversion')) return parseCloudEvent(json, nowMs)
  if (isPaigo(json)) return parsePaigo(json, nowMs)
  return fault('line_is_not_an_event')
}

/** What is wrong with a line of its own; null where it can be read. */
export const eventFault = (text: string, nowMs: number): Fault | null => {
  const read = parseEvent(text, nowMs)
  return isFault(read) ? read : null
}

/** Whether the object is a Paigo record rather than a CloudEvent. */
export const isPaigo = (json: ExactObject): boolean =>
  !Object.hasOwn(json, 'specversion') &&
  (Object.hasOwn(json, 'customerId') || Object.hasOwn(json, 'dimensionId'))

/** A member that must be text and not empty. */
const textOf = (object: ExactObject, name: string, path = name): string | Fault => {
  const value = Object.hasOwn(object, name) ? object[name] : undefined
  if (value === undefined || value === null || value === '') return fault('value_missing', path)
  if (typeof value !== 'string') return fault('wrong_type', path, { value: shown(value), wanted: 'a string' })
  return value.trim() === '' ? fault('value_missing', path) : value
}

const timeOf = (object: ExactObject, name: string, nowMs: number, path = name): number | Fault => {
  const text = textOf(object, name, path)
  if (isFault(text)) return text
  const ms = parseRfc3339(text)
  if (ms === null) return fault('time_is_unreadable', path, { value: quoted(text), wanted: TIME_WANTED })
  return checkNotFuture(ms, nowMs, text, path) ?? ms
}

/** The fault of a time later than the import by more than the tolerance; null otherwise. */
export const checkNotFuture = (ms: number, nowMs: number, text: string, path: string): Fault | null =>
  ms > nowMs + FUTURE_TOLERANCE_MS ? fault('time_in_future', path, { value: text }) : null

/** The fault of a quantity below zero; null otherwise. */
export const checkNotNegative = (quantity: DecimalText, path: string): Fault | null =>
  quantity.startsWith('-') ? fault('quantity_is_negative', path, { value: quantity }) : null

const quantityOf = (value: ExactJson, path: string): DecimalText | Fault => {
  const isScalar = scalarText(value) !== undefined && typeof value !== 'boolean'
  if (!isScalar)
    return fault('wrong_type', path, { value: shown(value), wanted: 'a number, or a string that holds one' })
  const quantity = decimalOf(value)
  if (quantity === null)
    return fault('quantity_not_a_number', path, { value: quoted(scalarText(value) ?? '') })
  return checkNotNegative(quantity, path) ?? quantity
}

/** Scalar members as text; null ones are left out. */
const dimensionsOf = (
  object: ExactObject,
  isDimension: (key: string) => boolean,
  nestedPath: string | null,
): Record<string, string> | Fault => {
  const entries: [string, string][] = []
  for (const [key, value] of Object.entries(object)) {
    if (!isDimension(key) || value === null) continue
    const text = scalarText(value)
    if (text !== undefined) entries.push([key, text])
    else if (nestedPath !== null)
      return fault('wrong_type', `${nestedPath}.${key}`, {
        value: shown(value),
        wanted: 'a string, number or boolean',
      })
  }
  return Object.fromEntries(entries)
}

const NOT_DIMENSIONS = new Set(['value', 'from', 'to', 'dimensions'])

const parseCloudEvent = (event: ExactObject, nowMs: number): Fact | Fault => {
  if (event.specversion !== '1.0')
    return fault('specversion_unknown', 'specversion', { value: shown(event.specversion) })
  const id = textOf(event, 'id')
  if (isFault(id)) return id.fault === 'value_missing' ? fault('id_missing', 'id') : id
  const source = textOf(event, 'source')
  if (isFault(source)) return source
  const metric = textOf(event, 'type')
  if (isFault(metric)) return metric
  const tenant = textOf(event, 'subject')
  if (isFault(tenant)) return tenant
  const timeMs = timeOf(event, 'time', nowMs)
  if (isFault(timeMs)) return timeMs
  if (Object.hasOwn(event, 'data_base64'))
    return fault('wrong_type', 'data_base64', { value: 'data_base64', wanted: 'a JSON object in "data"' })

  const data = event.data ?? {}
  if (!isObject(data)) return fault('wrong_type', 'data', { value: shown(data), wanted: 'an object' })
  // An event without a value is one occurrence.
  const quantity = Object.hasOwn(data, 'value') ? quantityOf(data.value ?? null, 'data.value') : ONE
  if (isFault(quantity)) return quantity
  const interval = intervalOf(data, timeMs, nowMs)
  if (isFault(interval)) return interval
  const named = data.dimensions
  if (named !== undefined && named !== null && !isObject(named))
    return fault('wrong_type', 'data.dimensions', { value: shown(named), wanted: 'an object' })
  const dimensions = isObject(named)
    ? dimensionsOf(named, () => true, 'data.dimensions')
    : dimensionsOf(data, (key) => !NOT_DIMENSIONS.has(key), null)
  if (isFault(dimensions)) return dimensions
  const identity: Identity = { kind: 'id', text: JSON.stringify([source, id]) }
  return { identity, tenant, metric, quantityText: quantity, ...interval, dimensions }
}

type Interval = Pick<ParsedUsage, 'startMs' | 'endMs'>

/** `data.from` and `data.to` where they are given, else the event's time as one instant. */
const intervalOf = (data: ExactObject, timeMs: number, nowMs: number): Interval | Fault => {
  if (data.from === undefined && data.to === undefined) return { startMs: timeMs, endMs: null }
  const startMs = timeOf(data, 'from', nowMs, 'data.from')
  if (isFault(startMs)) return startMs
  const endMs = timeOf(data, 'to', nowMs, 'data.to')
  if (isFault(endMs)) return endMs
  if (endMs < startMs) return fault('end_is_before_start', 'data.to', { value: String(data.to) })
  return { startMs, endMs }
}

const parsePaigo = (record: ExactObject, nowMs: number): Fact | Fault => {
  const timeMs = timeOf(record, 'timestamp', nowMs)
  if (isFault(timeMs)) return timeMs
  const tenant = textOf(record, 'customerId')
  if (isFault(tenant)) return tenant
  const metric = textOf(record, 'dimensionId')
  if (isFault(metric)) return metric
  if (record.recordValue === undefined || record.recordValue === null)
    return fault('value_missing', 'recordValue')
  const quantity = quantityOf(record.recordValue, 'recordValue')
  if (isFault(quantity)) return quantity
  const metadata = record.metadata ?? {}
  if (!isObject(metadata))
    return fault('wrong_type', 'metadata', { value: shown(metadata), wanted: 'an object' })
  const dimensions = dimensionsOf(metadata, () => true, null)
  if (isFault(dimensions)) return dimensions
  const id = scalarText(record.id)
  const identity: Identity =
    id === undefined || id === ''
      ? { kind: 'content', text: exactCanonical(record) }
      : { kind: 'id', text: JSON.stringify(['paigo', id]) }
  return { identity, tenant, metric, quantityText: quantity, startMs: timeMs, endMs: null, dimensions }
}
