/** `POST /api/ingest`: CloudEvents as JSON, a batch of them, or lines; answered once they are in the ledger. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { linesOfBody, PUSH_TYPES } from '../engine/ingesting/body.ts'
import type { Ingest, Pushed, Pusher } from '../engine/ingesting/ingest.ts'
import type { Refusal } from './access.ts'

const BODY_BYTES_MAX = 4 * 1024 * 1024
const RETRY_AFTER_S = 1

export type IngestAnswer =
  | { readonly status: 202; readonly body: { readonly events: number; readonly batch: Pushed } }
  | (Refusal & { readonly retryAfterS?: number })

const FULL = {
  status: 429,
  code: 'TOO_MANY_EVENTS',
  message:
    'More events wait than can be kept in memory. None of these were taken; send them again in a second.',
  retryAfterS: RETRY_AFTER_S,
}
const TOO_LARGE = {
  status: 413,
  code: 'TOO_LARGE',
  message: 'The body is larger than 4 MB. None of its events were taken; send them in several pushes.',
}

/** A program that pushes tries again after a 503 and, as a rule, after no 4xx. */
export const noBookNow = (message: string): IngestAnswer => ({
  status: 503,
  code: 'NO_BOOK',
  message: `${message} None of these events were taken; send them again in a second.`,
  retryAfterS: RETRY_AFTER_S,
})

const readBody = async (request: IncomingMessage): Promise<Buffer | null> => {
  const pieces: Buffer[] = []
  let bytes = 0
  for await (const piece of request) {
    bytes += (piece as Buffer).length
    if (bytes > BODY_BYTES_MAX) return null
    pieces.push(piece as Buffer)
  }
  return Buffer.concat(pieces)
}

/**
 * Takes one push. Who asks was found allowed before.
 * @throws what the book refuses with
 */
export const takePush = async (
  request: IncomingMessage,
  ingest: Ingest,
  pusher: Pusher,
): Promise<IngestAnswer> => {
  if (request.method !== 'POST')
    return { status: 405, code: 'METHOD_NOT_ALLOWED', message: 'Events are pushed with POST.' }
  const type = (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
  if (!PUSH_TYPES.includes(type) || request.headers['content-encoding'] !== undefined)
    return {
      status: 415,
      code: 'UNKNOWN_TYPE',
      message: `Send one of ${PUSH_TYPES.join(', ')}, without a content-encoding.`,
    }
  const announced = Number(request.headers['content-length'] ?? 0)
  if (announced > BODY_BYTES_MAX) return TOO_LARGE
  if (!ingest.hasRoom(announced)) return FULL
  const body = await readBody(request)
  if (body === null) return TOO_LARGE
  const lines = linesOfBody(type, body)
  if ('code' in lines) return { status: 400, ...lines }
  const pushed = ingest.push(pusher, lines.join('\n'))
  if (pushed === null) return FULL
  return { status: 202, body: { events: lines.length, batch: await pushed } }
}

export const sendIngestAnswer = (
  response: ServerResponse,
  headers: Readonly<Record<string, string>>,
  answer: IngestAnswer,
): void => {
  response.writeHead(answer.status, {
    ...headers,
    'content-type': 'application/json',
    ...('retryAfterS' in answer ? { 'retry-after': String(answer.retryAfterS) } : {}),
    // The rest of a body that nobody reads must not be taken for the next request.
    ...(answer.status === 202 ? {} : { connection: 'close' }),
  })
  response.end(
    JSON.stringify(
      'body' in answer ? answer.body : { code: answer.code, message: answer.message, data: null },
    ),
  )
}
