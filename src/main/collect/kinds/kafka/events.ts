/**
 * Records of Kafka as CloudEvents, by the Kafka protocol binding of CloudEvents 1.0.2: structured, with the event as
 * the value, or binary, with its attributes in headers and its data as the value.
 */
import { parseExactJson } from '../../files/exact-json.ts'
import { recordLines, wrappedRecord } from '../records.ts'

export interface KafkaRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: bigint
  readonly value: Uint8Array | null
  readonly headers: ReadonlyMap<string, string>
}

const PREFIX = 'ce_'
const CONTENT_TYPE = 'content-type'

const isBinary = (headers: KafkaRecord['headers']): boolean =>
  !headers.get(CONTENT_TYPE)?.startsWith('application/cloudevents') &&
  [...headers.keys()].some((name) => name.startsWith(PREFIX))

/** Without value and attributes: in a compacted topic it tells that a key is gone, and counts nothing. */
export const isTombstone = ({ value, headers }: KafkaRecord): boolean => value === null && !isBinary(headers)

const isJsonType = (type: string | undefined): boolean =>
  type === undefined || /^[^;]*[/+]json\s*(;|$)/i.test(type)

/** The structured event that a binary one stands for; null where it says that its data is JSON and it is not. */
const structured = (headers: KafkaRecord['headers'], value: Uint8Array | null): string | null => {
  const type = headers.get(CONTENT_TYPE)
  const attributes: Record<string, string> = {}
  for (const [name, text] of headers)
    if (name.startsWith(PREFIX)) attributes[name.slice(PREFIX.length)] = text
  // These are made of the value, never of a header.
  const { data: _, data_base64: __, ...members } = attributes
  if (type !== undefined) members.datacontenttype = type
  const begun = JSON.stringify(members).slice(0, -1)
  if (value === null || value.length === 0) return `${begun}}`
  const separator = begun === '{' ? '' : ','
  if (!isJsonType(type))
    return `${begun}${separator}"data_base64":"${Buffer.from(value).toString('base64')}"}`
  const text = Buffer.from(value).toString('utf8')
  // As it was written, so that numbers keep their digits.
  return parseExactJson(text) === undefined ? null : `${begun}${separator}"data":${text}}`
}

/** Lines of a record that is no tombstone. */
export const kafkaLines = (
  { topic, partition, offset, value, headers }: KafkaRecord,
  nowMs: number,
): readonly string[] => {
  const place = { kafkatopic: topic, kafkapartition: String(partition), kafkaoffset: String(offset) }
  const id = `${topic}/${partition}/${offset}`
  if (!isBinary(headers)) return recordLines({ bytes: value ?? new Uint8Array(), place, id }, nowMs)
  const text = structured(headers, value)
  if (text === null)
    return [wrappedRecord(place, 'it is an event in headers whose data is not JSON', value ?? '')]
  return recordLines({ bytes: Buffer.from(text), place, id }, nowMs)
}
