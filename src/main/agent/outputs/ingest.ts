/** Pushes to a served book (docs/sources/push.md): 202 once the events are in its ledger. */
import { SourceFailure } from '../../collect/collector.ts'
import { placeOf, retryAfterMs } from '../../collect/kinds/http.ts'
import { type OutputConfig, readSecret } from '../config.ts'
import type { Output, Refused } from './output.ts'

type IngestConfig = Extract<OutputConfig, { readonly kind: 'ingest' }>

const TIMEOUT_MS = 60_000
const SAID_MAX = 500

/** Taken; too large to be taken at once; or not understood, and not going to be. */
type Answer = 'taken' | 'too_large' | { readonly refused: string }

const messageOf = (body: string): string => {
  try {
    const { message } = JSON.parse(body) as { message?: unknown }
    if (typeof message === 'string') return message.slice(0, SAID_MAX)
  } catch {
    // A proxy in between answers in its own words.
  }
  return body.replace(/\s+/g, ' ').trim().slice(0, SAID_MAX)
}

export const ingestOutput = (config: IngestConfig, environment: NodeJS.ProcessEnv): Output => {
  const url = new URL(config.url)
  const place = placeOf(url)

  const post = async (lines: readonly string[], signal: AbortSignal): Promise<Answer> => {
    const token = readSecret(config.token, environment)
    let response: Response
    let body: string
    try {
      response = await fetch(url, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/x-ndjson' },
        body: `${lines.join('\n')}\n`,
        redirect: 'error',
        signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
      })
      body = await response.text()
    } catch (error) {
      signal.throwIfAborted()
      const { cause } = error as { cause?: { code?: string; message?: string } }
      throw new SourceFailure(
        `${place} cannot be reached: ${cause?.code ?? cause?.message ?? (error as Error).message}. The events wait in the spool.`,
        { retryable: true },
      )
    }
    const { status } = response
    if (status === 202) return 'taken'
    if (status === 413) return 'too_large'
    const said = messageOf(body)
    if (status === 400) return { refused: `${status}: ${said}` }
    const waitMs = retryAfterMs(
      response.headers.get('retry-after'),
      Date.parse(response.headers.get('date') ?? '') || 0,
    )
    throw new SourceFailure(
      status === 401
        ? `${place} refuses the token (401). Make one with "token create" and put it where the configuration says; the events wait in the spool.`
        : `${place} answered ${status}: ${said} The events wait in the spool.`,
      { retryable: status === 429 || status >= 500, ...(waitMs === null ? {} : { retryAfterMs: waitMs }) },
    )
  }

  const send = async (lines: readonly string[], signal: AbortSignal): Promise<readonly Refused[]> => {
    const answer = await post(lines, signal)
    if (answer === 'taken') return []
    if (answer !== 'too_large') return [{ lines, answer: answer.refused }]
    if (lines.length === 1) return [{ lines, answer: '413: the event alone is larger than a push may be.' }]
    const half = Math.ceil(lines.length / 2)
    return [...(await send(lines.slice(0, half), signal)), ...(await send(lines.slice(half), signal))]
  }

  return { place, send: ({ lines }, signal) => send(lines, signal), close: () => undefined }
}
