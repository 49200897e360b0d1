/** What went wrong with a request to Azure Storage, in words that say whether trying again may help. */
import { SourceFailure } from '../../collector.ts'
import { retryAfterMs } from '../http.ts'
import { type Access, instantText } from './access.ts'

/** What was asked, for the sentence. */
export interface Asked {
  /** `list the blobs`, `read usage/1.jsonl` */
  readonly what: string
  readonly account: string
  readonly container: string
  readonly access: Access
}

/** What the SDK's errors may carry. */
interface AzureError {
  readonly name?: string
  readonly code?: string
  readonly message?: string
  readonly statusCode?: number
  readonly request?: { readonly headers?: { readonly get: (name: string) => string | undefined } }
  readonly response?: { readonly headers?: { readonly get: (name: string) => string | undefined } }
}

const SAID_MAX = 300
/** Azure takes a signed request within 15 minutes of its own time. */
const SKEW_MS = 15 * 60_000

const EXACTLY = 'It needs r and l on the container (sp=rl), as the permissions of this source show it.'

/** By the service's code: what is said, and whether trying again may help. */
const BY_CODE: Readonly<Record<string, readonly [retryable: boolean, sentence: (asked: Asked) => string]>> = {
  ServerBusy: [true, () => 'Azure asks to slow down. What was read before is kept; it is tried again later.'],
  TooManyRequests: [
    true,
    () => 'Azure asks to slow down. What was read before is kept; it is tried again later.',
  ],
  ContainerNotFound: [
    false,
    ({ container, account }) => `There is no container ${container} in the account ${account}. Check both.`,
  ],
  ContainerBeingDeleted: [
    false,
    ({ container }) => `The container ${container} is being deleted. Nothing of it was read.`,
  ],
  AccountIsDisabled: [
    false,
    ({ account }) => `Azure has disabled the account ${account}. Nothing of it was read.`,
  ],
  KeyBasedAuthenticationNotPermitted: [
    false,
    ({ account }) =>
      `The account ${account} takes no account key, nor a SAS signed with one. Make a SAS that your login signs (--as-user), as the permissions of this source show it.`,
  ],
  AuthorizationPermissionMismatch: [false, ({ what }) => `This SAS may not ${what}. ${EXACTLY}`],
  AuthorizationResourceTypeMismatch: [
    false,
    ({ what }) => `This SAS may not ${what}: it is of another kind of resource. ${EXACTLY}`,
  ],
  AuthorizationServiceMismatch: [
    false,
    ({ what }) => `This SAS may not ${what}: it is of another service than Blob. ${EXACTLY}`,
  ],
  AuthorizationProtocolMismatch: [
    false,
    () => 'The SAS asks for https. Give the account’s address with https://.',
  ],
  AuthorizationSourceIPMismatch: [
    false,
    () => 'The SAS is for another address than this machine’s (sip=). Make one for this machine.',
  ],
  BlobArchived: [
    false,
    ({ what }) =>
      `Azure cannot ${what}: it is in the archive tier. Rehydrate it, or move it out of the prefix; it is then read.`,
  ],
  BlobBeingRehydrated: [
    true,
    ({ what }) =>
      `Azure cannot ${what} yet: it is being rehydrated from the archive tier. It is tried again.`,
  ],
}

const CUT = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ERR_STREAM_PREMATURE_CLOSE'])
const UNREACHABLE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'there is no host of that name. Check the account’s address',
  EAI_AGAIN: 'the name could not be looked up now',
  ETIMEDOUT: 'it did not answer in time',
  EHOSTUNREACH: 'there is no way to it',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is signed by itself',
}

/** Whether the answer broke off on its way: what has come of it is whole, and the rest can be asked for. */
export const isCut = (error: unknown): boolean => {
  const { name, code = '', message = '' } = error as AzureError
  // The SDK calls a response that ended too early aborted, whoever ended it.
  return (
    name === 'AbortError' ||
    CUT.has(code) ||
    /socket hang up|aborted|premature|less data than required/i.test(message)
  )
}

/** The first line of what Azure said. A signature, should one be in it, is left out. */
const saidIn = (message: string): string =>
  (message.split('\n')[0] ?? '')
    .replace(/\?\S*/g, '')
    .replace(/\bsig=[^&\s]*/gi, 'sig=…')
    .trim()
    .slice(0, SAID_MAX)

const refusedAccess = (
  { access, account, what }: Asked,
  code: string,
  serverMs: number | null,
  sentMs: number | null,
): SourceFailure => {
  if (access.kind === 'key')
    return serverMs !== null && sentMs !== null && Math.abs(serverMs - sentMs) > SKEW_MS
      ? new SourceFailure(
          'Azure refuses the request because this machine’s clock is wrong by more than fifteen minutes. Set the clock; nothing was read.',
          { retryable: true },
        )
      : new SourceFailure(
          `Azure does not take this key for the account ${account} (${code}). Check that it is whole, of this account, and was not renewed.`,
          { retryable: false },
        )
  const { startsMs, expiresMs } = access.sas
  if (serverMs !== null && expiresMs !== null && serverMs >= expiresMs)
    return new SourceFailure(
      `The SAS expired on ${instantText(expiresMs)}. Make a new one, as the permissions of this source show it; the source goes on from where it was.`,
      { retryable: false },
    )
  if (serverMs !== null && startsMs !== null && serverMs < startsMs)
    return new SourceFailure(
      `The SAS is valid from ${instantText(startsMs)} on only. It is tried again then; or make one without a start.`,
      { retryable: true, retryAfterMs: startsMs - serverMs },
    )
  return new SourceFailure(
    code === 'AuthenticationFailed' || code === 'InvalidAuthenticationInfo'
      ? `Azure does not take the SAS (${code}): it is not whole, of another container, or the key that signed it was renewed. Make a new one; nothing was read.`
      : `Azure does not let this SAS ${what} (${code || 'refused'}). ${EXACTLY} If it has them, the account’s firewall keeps this machine out, or the SAS is for another address.`,
    { retryable: false },
  )
}

export const failureOf = (error: unknown, asked: Asked): SourceFailure => {
  if (error instanceof SourceFailure) return error
  const { code = '', message = '', statusCode = 0, request, response } = error as AzureError
  const serverMs = Date.parse(response?.headers?.get('date') ?? '')
  const sentMs = Date.parse(request?.headers?.get('x-ms-date') ?? '')
  const wait = retryAfterMs(response?.headers?.get('retry-after') ?? null, serverMs || 0)
  const stays = (text: string) => new SourceFailure(text, { retryable: false })
  const passes = (text: string) =>
    new SourceFailure(text, { retryable: true, ...(wait === null ? {} : { retryAfterMs: wait }) })

  const known = BY_CODE[statusCode === 429 ? 'TooManyRequests' : code]
  if (known !== undefined) return (known[0] ? passes : stays)(known[1](asked))
  if (statusCode === 401 || statusCode === 403)
    return refusedAccess(asked, code, serverMs || null, sentMs || null)
  if (statusCode === 503)
    return passes('Azure asks to slow down. What was read before is kept; it is tried again later.')
  if (statusCode >= 500)
    return passes(
      `Azure has trouble of its own: it could not ${asked.what} (${code || statusCode}). It is tried again.`,
    )
  if (isCut(error))
    return passes(`The connection to Azure was cut (${asked.what}). Nothing of the answer was kept.`)
  if (UNREACHABLE[code] !== undefined)
    return passes(`The account ${asked.account} cannot be reached: ${UNREACHABLE[code]}.`)
  // An answer of success that is still an error is one that the client could not read.
  if (code === 'PARSE_ERROR' || statusCode === 200)
    return passes(
      `Azure’s answer broke off or cannot be read (${asked.what}). Nothing of it was kept; it is tried again.`,
    )
  return stays(`Azure refuses to ${asked.what}: ${code === '' ? '' : `${code}: `}${saidIn(message)}`)
}
