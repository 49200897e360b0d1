/** Words that the Sources screen says of files, sources and times. */
import type { FileKind } from '../../../contract/sources.ts'

const KIND_WORDS: Readonly<Record<string, string>> = {
  cloudevents: 'CloudEvents, one JSON object a line',
  paigo: 'Paigo records, one JSON object a line',
  access_log: 'Web server access log',
  csv: 'Usage as CSV',
  focus: 'Cost in FOCUS columns',
  unknown: 'Not recognised',
  usage: 'Usage',
  cost: 'Cost',
} satisfies Record<FileKind | 'unknown' | 'usage' | 'cost', string>

export const KINDS = [
  'focus',
  'cloudevents',
  'csv',
  'access_log',
  'paigo',
] as const satisfies readonly FileKind[]

export const kindInWords = (kind: string): string => KIND_WORDS[kind] ?? kind

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** Each unit up to where the next one says it better. */
const SPANS = [
  { unit: 'minute', unitMs: MINUTE_MS, belowMs: 2 * HOUR_MS },
  { unit: 'hour', unitMs: HOUR_MS, belowMs: 2 * DAY_MS },
  { unit: 'day', unitMs: DAY_MS, belowMs: 90 * DAY_MS },
  { unit: 'month', unitMs: 30 * DAY_MS, belowMs: 730 * DAY_MS },
  { unit: 'year', unitMs: 365 * DAY_MS, belowMs: Number.POSITIVE_INFINITY },
] as const

/** "3 hours", "26 days", "11 years": a span of milliseconds, rounded down. */
export const spanInWords = (spanMs: number): string => {
  const span = SPANS.find(({ belowMs }) => spanMs < belowMs) ?? SPANS[4]
  return plural(Math.max(0, Math.floor(spanMs / span.unitMs)), span.unit)
}

/** "every minute", "every 10 minutes", "every 8 hours". */
export const intervalInWords = (minutes: number): string => {
  const [count, unit] = minutes % 60 === 0 ? [minutes / 60, 'hour'] : [minutes, 'minute']
  return count === 1 ? `every ${unit}` : `every ${plural(count, unit)}`
}

export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`
