/**
 * Records of a stream (Kinesis, Kafka) as the lines that the house reads from files. An event goes on as it was
 * written; whatever is none goes on with its place in the stream beside it, so that the quarantine says where it was.
 */
import { gunzipSync } from 'node:zlib'
import type { Json } from '../../../domain/canonical.ts'
import type { Page } from '../collector.ts'
import { eventFault, isPaigo } from '../files/cloudevents.ts'
import { type ExactJson, isObject, parseExactJson } from '../files/exact-json.ts'
import { faultInWords } from '../files/rejections.ts'

export interface StreamRecord {
  readonly bytes: Uint8Array
  /** Where it is, as attributes that an event may bear: lower case letters and digits. */
  readonly place: Readonly<Record<string, string>>
  /** Of an event that brings no id of its own: the same however often the record is read. */
  readonly id: string
}

/** A small gzip may hold gigabytes. */
const UNPACKED_MAX = 32 * 1024 * 1024
/** First bytes of what the Kinesis Producer Library puts together (aggregation-format.md of its repository). */
const AGGREGATED = Buffer.from([0xf3, 0x89, 0x9a, 0xc2])

const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b

/** A record that is no event, as a line that tells where it is, what is wrong with it and what it holds. */
export const wrappedRecord = (
  place: StreamRecord['place'],
  reason: string,
  held: string | Uint8Array,
): string =>
  JSON.stringify({
    ...place,
    reason,
    ...(typeof held === 'string'
      ? { record: held }
      : { record_base64: Buffer.from(held).toString('base64') }),
  })

/** JSON with more members at its end, and otherwise as it was written: numbers keep their digits. */
const withMembers = (text: string, members: Readonly<Record<string, string>>): string => {
  const end = text.lastIndexOf('}')
  const isEmpty = /^\s*\{\s*$/.test(text.slice(0, end))
  return `${text.slice(0, end)}${isEmpty ? '' : ','}${JSON.stringify(members).slice(1)}`
}

/** Texts of the elements of a JSON array that is known to be one. */
const elementTexts = (text: string): string[] => {
  const elements: string[] = []
  let depth = 0
  let inString = false
  let start = text.indexOf('[') + 1
  for (let at = start - 1; at < text.length; at++) {
    const character = text[at]
    if (character === '"') inString = !inString
    else if (inString) at += character === '\\' ? 1 : 0
    else if (character === '[' || character === '{') depth++
    else if (character === ']' || character === '}') depth--
    const isEnd = !inString && (depth === 0 || (depth === 1 && character === ','))
    if (!isEnd) continue
    const element = text.slice(start, at).trim()
    if (element !== '') elements.push(element)
    start = at + 1
    if (depth === 0) break
  }
  return elements
}

/** One event of a record as one line. */
const eventOf = (
  text: string,
  json: ExactJson | undefined,
  { place, id }: Omit<StreamRecord, 'bytes'>,
  nowMs: number,
): string => {
  if (!isObject(json) || !(Object.hasOwn(json, 'specversion') || isPaigo(json)))
    return wrappedRecord(place, json === undefined ? 'it is not JSON' : 'it is no CloudEvent', text)
  // Line ends can only stand between the members of valid JSON.
  const line = text.replace(/[\r\n]+/g, ' ').trim()
  const isNameless = json.id === undefined || json.id === null || json.id === ''
  const event = isNameless ? withMembers(line, { id }) : line
  const wrong = eventFault(event, nowMs)
  return wrong === null ? event : withMembers(event, { ...place, reason: faultInWords(wrong) })
}

/** The events that a text holds: one, an array of them, or one a line. */
const eventTexts = (
  text: string,
): readonly { readonly text: string; readonly json?: ExactJson | undefined }[] => {
  const json = parseExactJson(text)
  if (Array.isArray(json)) return elementTexts(text).map((each, at) => ({ text: each, json: json[at] }))
  if (json !== undefined) return [{ text, json }]
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  const first = parseExactJson(lines[0] ?? '')
  // Else it is one text that cannot be read, and not as many as it has lines.
  if (lines.length < 2 || first === undefined) return [{ text }]
  return lines.map((line, at) => ({ text: line, json: at === 0 ? first : parseExactJson(line) }))
}

const unpack = (bytes: Uint8Array): Uint8Array | null => {
  try {
    return gunzipSync(bytes, { maxOutputLength: UNPACKED_MAX })
  } catch {
    return null
  }
}

/**
 * Lines without their ends. Bytes may be packed with gzip, and hold one event, a JSON array of events, or one event
 * a line; an event without an id gets the record's, with its number behind it where the record holds several.
 */
export const recordLines = (record: StreamRecord, nowMs: number): readonly string[] => {
  const { bytes, place, id } = record
  const plain = isGzip(bytes) ? unpack(bytes) : bytes
  if (plain === null) return [wrappedRecord(place, 'it is packed with gzip and damaged, or too large', bytes)]
  if (AGGREGATED.equals(plain.subarray(0, AGGREGATED.length)))
    return [
      wrappedRecord(place, 'several records in one, as the Kinesis Producer Library aggregates them', plain),
    ]
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(plain)
  } catch {
    return [wrappedRecord(place, 'it is not text in UTF-8', plain)]
  }
  const texts = eventTexts(text)
  return texts.map(({ text: each, json }, at) =>
    eventOf(
      each,
      json,
      texts.length === 1 ? record : { place: { ...place, item: String(at + 1) }, id: `${id}/${at + 1}` },
      nowMs,
    ),
  )
}

/** Why a line that {@link recordLines} gave is no event, in words; null where it is one. */
export const lineFault = (line: string, nowMs: number): string | null => {
  const wrong = eventFault(line, nowMs)
  if (wrong === null) return null
  const { reason = faultInWords(wrong) } = JSON.parse(line) as { readonly reason?: string }
  return reason
}

const PAGE_BYTES = 8 * 1024 * 1024

/** Lines until they are a page. */
export interface LineGathering {
  readonly add: (lines: readonly string[]) => void
  /**
   * What was lost, in the page that goes on behind it: a line that is no event, so that the sentence stands in the
   * quarantine until somebody has seen it; and the page's title.
   */
  readonly notice: (sentence: string) => void
  readonly isFull: () => boolean
  readonly isEmpty: () => boolean
  /** Records gathered, whatever lines they were. */
  readonly records: () => number
  /** The page, and a new beginning. */
  readonly take: (title: string, checkpoint: Json) => Page
}

export const gatherLines = (source: string): LineGathering => {
  let lines: string[] = []
  let notices: string[] = []
  let bytes = 0
  let records = 0
  return {
    add: (more) => {
      records++
      for (const line of more) {
        lines.push(line)
        bytes += line.length
      }
    },
    notice: (sentence) => {
      lines.push(sentence)
      notices.push(sentence)
    },
    isFull: () => bytes >= PAGE_BYTES,
    isEmpty: () => lines.length === 0,
    records: () => records,
    take: (title, checkpoint) => {
      const page: Page = {
        title: `${source}: ${notices[0] ?? title}`.slice(0, 200),
        choice: { kind: 'cloudevents' },
        content: lines.join('\n'),
        checkpoint,
      }
      lines = []
      notices = []
      bytes = 0
      records = 0
      return page
    },
  }
}

/** `1,204 records`. */
export const counted = (count: number, one: string): string =>
  `${count.toLocaleString('en')} ${one}${count === 1 ? '' : 's'}`
