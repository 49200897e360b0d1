/** Words that the Sources screen says of files, sources and times. */
import type { FileKind } from '../../../contract/sources.ts'

export const KIND_WORDS: Readonly<Record<string, string>> = {
  cloudevents: 'CloudEvents, one JSON object a line',
  paigo: 'Paigo records, one JSON object a line',
  access_log: 'Web server access log',
  csv: 'Usage as CSV',
  focus: 'Cost in FOCUS columns',
  unknown: 'Not recognised',
} satisfies Record<FileKind | 'unknown', string>

export const KINDS = [
  'focus',
  'cloudevents',
  'csv',
  'access_log',
  'paigo',
] as const satisfies readonly FileKind[]

export const kindInWords = (kind: string): string => KIND_WORDS[kind] ?? kind

const MINUTE_MS = 60_000

/** "3 hours", "2 days": the largest whole unit of a span of milliseconds. */
export const spanInWords = (spanMs: number): string => {
  const minutes = Math.max(0, Math.floor(spanMs / MINUTE_MS))
  const [count, unit] =
    minutes < 60
      ? [minutes, 'minute']
      : minutes < 48 * 60
        ? [Math.floor(minutes / 60), 'hour']
        : [Math.floor(minutes / (24 * 60)), 'day']
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}

export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`
