/**
 * Who may ask: the rules of the loopback server as pure functions over the facts of one request. Any program on the
 * machine and any page in any browser can reach a loopback port, so the address alone proves nothing.
 */
import { createHash, timingSafeEqual } from 'node:crypto'

/** The facts of a request that decide; headers as sent, null when absent. */
export interface RequestFacts {
  readonly method: string
  /** The request target exactly as sent. */
  readonly target: string
  /** Every Host header sent: more than one is an attempt to be read differently by two readers. */
  readonly hosts: readonly string[]
  readonly origin: string | null
  readonly fetchSite: string | null
  readonly authorization: string | null
  readonly cookie: string | null
}

export interface Refusal {
  readonly status: number
  readonly code: string
  /** A sentence for the person or the programmer at the other end. */
  readonly message: string
}

/** A caller who may ask. `local` may also name files of this machine: it has read the book's lock file. */
export interface Caller {
  readonly local: boolean
}

export interface Keys {
  readonly token: string
  readonly localToken: string | null
  readonly session: string
  readonly cookieName: string
}

/** True when both are the same text, in a time that tells nothing about where they differ. */
export function sameSecret(given: string, wanted: string): boolean {
  return timingSafeEqual(digest(given), digest(wanted))
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

/** Refuses a request that was not made for this address, or that a page of another site made. Null lets it pass. */
export function checkAddress(facts: RequestFacts, port: number): Refusal | null {
  const ours = [`127.0.0.1:${port}`, `localhost:${port}`]
  const host = facts.hosts[0]
  if (facts.hosts.length !== 1 || host === undefined || !ours.includes(host)) {
    // A foreign name that resolves to 127.0.0.1 (DNS rebinding) would make a foreign page same-origin with us.
    return {
      status: 421,
      code: 'foreign_host',
      message: `This server answers only to http://127.0.0.1:${port} and http://localhost:${port}.`,
    }
  }
  if (facts.origin !== null && facts.origin !== `http://${host}`) {
    return {
      status: 403,
      code: 'foreign_origin',
      message: 'A page of another site asked. Countinghouse answers only its own pages.',
    }
  }
  if (facts.fetchSite !== null && facts.fetchSite !== 'same-origin' && facts.fetchSite !== 'none') {
    // same-site is refused too: every port of 127.0.0.1 is the same site.
    return {
      status: 403,
      code: 'foreign_site',
      message:
        'Another site or a link led here. Open the address Countinghouse printed by typing or pasting it.',
    }
  }
  return null
}

/** Tells who asks, by bearer token or, for our own pages, by the session cookie. */
export function identify(facts: RequestFacts, keys: Keys): Caller | Refusal {
  if (facts.authorization !== null) {
    const bearer = /^bearer +(\S+)$/i.exec(facts.authorization)?.[1]
    if (bearer !== undefined) {
      const user = sameSecret(bearer, keys.token)
      const local = keys.localToken !== null && sameSecret(bearer, keys.localToken)
      if (local) return { local: true }
      if (user) return { local: false }
    }
    return unauthorized('The token in the Authorization header is not the one of this server.')
  }
  const session = cookieValue(facts.cookie, keys.cookieName)
  if (session === null || !sameSecret(session, keys.session)) {
    return unauthorized(
      'This address needs a token. Scripts send it as "Authorization: Bearer TOKEN"; in a browser, open the whole address that Countinghouse printed.',
    )
  }
  // The cookie goes out with any request a browser makes to this machine, so it counts only together with the
  // browser's own word that our page, or the person at the address bar, made the request.
  const ownPage = facts.origin !== null || facts.fetchSite === 'same-origin'
  const typed = facts.fetchSite === 'none' && (facts.method === 'GET' || facts.method === 'HEAD')
  if (!ownPage && !typed) {
    return unauthorized(
      'A session cookie is accepted from the pages of Countinghouse only. Scripts send the token.',
    )
  }
  return { local: false }
}

export function isRefusal(value: Caller | Refusal): value is Refusal {
  return 'status' in value
}

function unauthorized(message: string): Refusal {
  return { status: 401, code: 'UNAUTHORIZED', message }
}

function cookieValue(header: string | null, name: string): string | null {
  for (const pair of header?.split(';') ?? []) {
    const [key, value] = pair.trim().split('=', 2)
    if (key === name && value !== undefined) return value
  }
  return null
}

export interface Target {
  /** Decoded once, without `.`, `..`, backslash or control character in any segment. */
  readonly path: string
  /** As sent, for routing. */
  readonly rawPath: string
  readonly query: URLSearchParams
}

/** Takes a request target apart, or refuses one that two readers could understand differently. */
export function parseTarget(target: string): Target | Refusal {
  const refusal: Refusal = {
    status: 400,
    code: 'malformed_address',
    message: 'This address is not well formed.',
  }
  const [rawPath = '', query = ''] = splitOnce(target, '?')
  if (!rawPath.startsWith('/') || rawPath.startsWith('//')) return refusal
  let path: string
  try {
    path = decodeURIComponent(rawPath)
  } catch {
    return refusal
  }
  const segments = path.split('/')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  if (/[\\\u0000-\u001f\u007f]/.test(path) || segments.includes('..') || segments.includes('.'))
    return refusal
  return { path, rawPath, query: new URLSearchParams(query) }
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator)
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)]
}
