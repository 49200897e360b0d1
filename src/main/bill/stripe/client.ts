/** The one place where the official library is set up. */
import Stripe from 'stripe'
import { parseBase, STRIPE_API_BASE } from './api-base.ts'

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
