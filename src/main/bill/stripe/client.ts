/** The one place where the official library is set up. */
import Stripe from 'stripe'

export const STRIPE_API_BASE = 'https://api.stripe.com'

export interface StripeClientOptions {
  /** Held by the library's client only; never log, save or print the client. */
  readonly apiKey: string
  /** Where the API is: `https://host[:port]`, or `http://` for a server on this machine. */
  readonly apiBase?: string
  /** Milliseconds until a call without an answer counts as lost. */
  readonly timeoutMs?: number
  /** Retries by the library on lost connections, 409 and 5xx, with the same idempotency key. */
  readonly networkRetriesMax?: number
}

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]'])

/**
 * The base address in use: the setting, else the environment's `STRIPE_API_BASE`, else Stripe itself.
 * @throws RangeError, with a sentence for people, where the address cannot be used.
 */
export const stripeApiBase = (
  setting: string | null,
  environment: Readonly<Record<string, string | undefined>>,
): string => {
  const text = setting?.trim() || environment.STRIPE_API_BASE?.trim() || STRIPE_API_BASE
  return parseBase(text).origin
}

const parseBase = (text: string): URL => {
  const url = URL.canParse(text) ? new URL(text) : null
  const problem =
    url === null || !['http:', 'https:'].includes(url.protocol)
      ? 'is not an http or https address'
      : url.pathname !== '/' || url.search !== '' || url.hash !== ''
        ? 'has a path; give scheme, host and port only'
        : url.username !== '' || url.password !== ''
          ? 'has a user name in it; the key is kept apart'
          : url.protocol === 'http:' && !LOOPBACK.has(url.hostname)
            ? 'would send the key unencrypted; use https, or a server on this machine'
            : null
  if (problem !== null) {
    const shown = url === null ? text : `${url.protocol}//${url.host}`
    throw new RangeError(`The Stripe address "${shown}" ${problem}. Correct STRIPE_API_BASE or the setting.`)
  }
  return url as URL
}

/** A client of the official library: pinned API version, no telemetry, our own timeout and retries. */
export const createStripeClient = (options: StripeClientOptions): Stripe => {
  const base = parseBase(options.apiBase ?? STRIPE_API_BASE)
  return new Stripe(options.apiKey, {
    host: base.hostname.replace(/^\[|\]$/g, ''),
    port: base.port || (base.protocol === 'https:' ? 443 : 80),
    protocol: base.protocol === 'https:' ? 'https' : 'http',
    timeout: options.timeoutMs ?? 30_000,
    maxNetworkRetries: options.networkRetriesMax ?? 2,
    telemetry: false,
    appInfo: { name: 'Countinghouse' },
  })
}
