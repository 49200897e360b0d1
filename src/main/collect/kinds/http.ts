/** One request to a source over HTTP, and what went wrong with it in words that say whether trying again may help. */
import type { ConnectionField } from '../../../contract/connections.ts'
import { SourceFailure } from '../collector.ts'

const TIMEOUT_MS = 60_000
const SAID_MAX = 300

export interface HttpRequest {
  readonly url: URL
  readonly method?: 'GET' | 'POST'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** Of the whole answer; a minute unless said. */
  readonly timeoutMs?: number
  /** What an answer of no success means at this source; null where the status says it all. */
  readonly explain?: (said: string) => SourceFailure | null
  readonly signal: AbortSignal
}

/** Seconds or a date, as RFC 9110 (10.2.3) has it, in milliseconds from now; null where the header is neither. */
export const retryAfterMs = (header: string | null, nowMs: number): number | null => {
  if (header === null) return null
  if (/^\d{1,6}$/.test(header.trim())) return Number(header) * 1000
  const until = Date.parse(header)
  return Number.isNaN(until) ? null : Math.max(0, until - nowMs)
}

/** What {@link authorizationOf} is made of. */
export const AUTHORIZATION_FIELDS: readonly ConnectionField[] = [
  {
    key: 'user',
    label: 'User',
    kind: 'text',
    required: false,
    help: 'Leave empty where a bearer token is used, or nothing.',
  },
  { key: 'password', label: 'Password or token', kind: 'secret', required: false },
]

/** A password where there is a user, else a bearer token; null where there is no secret. */
export const authorizationOf = (user: string | undefined, secret: string | null): string | null => {
  if (secret === null) return null
  return user === undefined || user === ''
    ? `Bearer ${secret}`
    : `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`
}

const causeOf = (error: unknown): string => {
  const { cause } = error as { cause?: { code?: string; message?: string } }
  return cause?.code ?? cause?.message ?? (error instanceof Error ? error.message : String(error))
}

/** By the code of a failed connection: why nobody was reached. */
export const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'there is no host of that name',
  EAI_AGAIN: 'the name could not be looked up now',
  ECONNRESET: 'the connection was cut',
  UND_ERR_SOCKET: 'the connection was cut',
  UND_ERR_CONNECT_TIMEOUT: 'it did not answer in time',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is signed by itself',
}

/** Headers whose value is a secret, or holds one. */
const SECRET_HEADER = /^(authorization|.*-key|.*-token)$/i

/**
 * The text without the secrets that were sent, which a proxy's page of an error may say back: here, because encoded as
 * Basic they are not known as secrets to anybody later, and because what is cut off in the middle is not known either.
 */
const withoutSent = (text: string, headers: HttpRequest['headers'] = {}): string =>
  Object.entries(headers)
    .filter(([name]) => SECRET_HEADER.test(name))
    .map(([, value]) => value.replace(/^(Basic|Bearer) /, ''))
    .reduce((rest, secret) => rest.replaceAll(secret, '[SECRET]'), text)

/** Address without user, password and query: what may be said of it. */
export const placeOf = (url: URL): string => `${url.origin}${url.pathname}`

/**
 * The text of a successful answer.
 * @throws SourceFailure where nobody answers, or not with success; the signal's reason.
 */
export const askHttp = async ({
  url,
  method = 'GET',
  headers,
  body,
  timeoutMs = TIMEOUT_MS,
  explain = () => null,
  signal,
}: HttpRequest): Promise<string> => {
  const place = placeOf(url)
  let response: Response
  let text: string
  try {
    response = await fetch(url, {
      method,
      ...(headers === undefined ? {} : { headers }),
      ...(body === undefined ? {} : { body }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      redirect: 'error',
    })
    text = await response.text()
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof DOMException && error.name === 'TimeoutError')
      throw new SourceFailure(`${place} did not answer within ${timeoutMs / 1000} seconds.`, {
        retryable: true,
      })
    const cause = causeOf(error)
    throw new SourceFailure(`${place} cannot be reached: ${REASONS[cause] ?? cause}.`, { retryable: true })
  }
  if (response.ok) return text
  const said = withoutSent(text, headers).slice(0, SAID_MAX).replace(/\s+/g, ' ').trim()
  const wait = retryAfterMs(
    response.headers.get('retry-after'),
    Date.parse(response.headers.get('date') ?? '') || 0,
  )
  const explained = explain(said)
  if (explained !== null) throw explained
  const { status } = response
  if (status === 401 || status === 403)
    throw new SourceFailure(`${place} refused the credentials (${status}). Check the user and its secret.`, {
      retryable: false,
    })
  throw new SourceFailure(`${place} answered ${status}${said === '' ? '' : `: ${said}`}.`, {
    retryable: status === 429 || status >= 500,
    ...(wait === null ? {} : { retryAfterMs: wait }),
  })
}
