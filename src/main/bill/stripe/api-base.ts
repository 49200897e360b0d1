/** Where the Stripe API is. Apart from the client, so that an address is checked without loading the library. */
export const STRIPE_API_BASE = 'https://api.stripe.com'

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

/** @throws RangeError, with a sentence for people. */
export const parseBase = (text: string): URL => {
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
