/** The body of a push as lines, one event each. */
import { exactCanonical, parseExactJson } from '../../collect/files/exact-json.ts'

/** CloudEvents in JSON, structured and batched (its "HTTP Protocol Binding" 1.0.2, 3.2 and 3.3), and lines. */
export const PUSH_TYPES: readonly string[] = [
  'application/cloudevents+json',
  'application/cloudevents-batch+json',
  'application/x-ndjson',
  'application/jsonl',
]

export interface BodyRefusal {
  readonly code: string
  readonly message: string
}

const NOTHING = 'None of its events were taken.'

const asText = (body: Buffer): string | null => {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body)
    // A file with a NUL would be taken for a binary one, and those pushed with it for parts of that.
    return text.includes('\0') ? null : text
  } catch {
    return null
  }
}

/** @param type one of {@link PUSH_TYPES} */
export const linesOfBody = (type: string, body: Buffer): readonly string[] | BodyRefusal => {
  const text = asText(body)
  if (text === null) return { code: 'NOT_UTF8', message: `The body is not text in UTF-8. ${NOTHING}` }
  if (type === 'application/x-ndjson' || type === 'application/jsonl') {
    const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '')
    return lines.length > 0 ? lines : { code: 'NO_EVENTS', message: 'The body holds no event.' }
  }
  const json = parseExactJson(text)
  if (json === undefined) return { code: 'NOT_JSON', message: `The body is not JSON. ${NOTHING}` }
  if (type === 'application/cloudevents+json') return [exactCanonical(json)]
  if (!Array.isArray(json))
    return { code: 'NOT_A_LIST', message: `A batch of CloudEvents is a JSON list. ${NOTHING}` }
  return json.length > 0
    ? json.map(exactCanonical)
    : { code: 'NO_EVENTS', message: 'The body holds no event.' }
}
