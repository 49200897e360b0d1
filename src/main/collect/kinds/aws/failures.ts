/** What went wrong with a request to AWS, in words that say whether trying again may help. */
import { SourceFailure } from '../../collector.ts'
import { retryAfterMs } from '../http.ts'

/** What the SDK's errors may carry. */
interface AwsError {
  readonly name?: string
  readonly Code?: string
  readonly code?: string
  readonly message?: string
  readonly $fault?: 'client' | 'server'
  readonly $metadata?: { readonly httpStatusCode?: number; readonly clockSkewCorrected?: boolean }
  readonly $response?: { readonly statusCode?: number; readonly headers?: Readonly<Record<string, string>> }
}

const THROTTLED =
  /^(Throttl|TooManyRequests|RequestLimitExceeded|RequestThrottled|SlowDown|LimitExceeded|BandwidthLimitExceeded|PriorRequestNotComplete|EC2ThrottledException|503 SlowDown)/
const EXPIRED = /^(ExpiredToken|ExpiredTokenException|RequestExpired|TokenRefreshRequired|SSOTokenExpired)/
const SKEWED = /^(RequestTimeTooSkewed|RequestInTheFuture)/
const REFUSED =
  /^(AccessDenied|UnauthorizedOperation|UnauthorizedAccess|AuthorizationError|NotAuthorized|AllAccessDisabled)/
const WRONG_KEY =
  /^(InvalidClientTokenId|UnrecognizedClient|InvalidAccessKeyId|SignatureDoesNotMatch|InvalidSignature|AuthFailure|MissingAuthenticationToken|IncompleteSignature)/
const NO_CREDENTIALS = /^(CredentialsProviderError|TokenProviderError|ProviderError)$/
const CUT = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ERR_STREAM_PREMATURE_CLOSE', 'UND_ERR_SOCKET'])
const UNREACHABLE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'there is no host of that name',
  EAI_AGAIN: 'the name could not be looked up now',
  ETIMEDOUT: 'it did not answer in time',
  EHOSTUNREACH: 'there is no way to it',
}
const SAID_MAX = 300

/** Whether the machine's clock was off and the client has now taken AWS' time: the same request may be sent again. */
export const isClockCorrected = (error: unknown): boolean =>
  (error as AwsError).$metadata?.clockSkewCorrected === true

const SSO_SESSION = /SSO session|SSO Token|Token is expired|UnauthorizedException/i
const SSO_REFUSED = /ForbiddenException/

/** Why a profile's credentials cannot be had from SSO, in words; null where it is something else. */
export const loggedOut = (error: unknown, profile: string): SourceFailure | null => {
  const { name = '', message = '' } = error as AwsError
  if (!NO_CREDENTIALS.test(name)) return null
  const stays = (text: string) => new SourceFailure(text, { retryable: false })
  if (SSO_REFUSED.test(message))
    return stays(
      `Profile ${profile} is logged in with SSO, and may not have its role in its account. Ask for it where SSO is administered, or name another profile.`,
    )
  const [, unreachable] = Object.entries(UNREACHABLE).find(([code]) => message.includes(code)) ?? []
  if (unreachable !== undefined)
    return new SourceFailure(
      `The credentials of profile ${profile} cannot be fetched: ${unreachable}. It is tried again.`,
      { retryable: true },
    )
  return SSO_SESSION.test(message)
    ? stays(
        `Profile ${profile} is not logged in with SSO, or its session has expired. Run aws sso login --profile ${profile}; the source goes on from where it was.`,
      )
    : null
}

/** @param action as policies name it: `ce:GetCostAndUsage` */
export const failureOf = (error: unknown, action: string): SourceFailure => {
  if (error instanceof SourceFailure) return error
  const { name = '', Code, code = '', message = '', $fault, $metadata, $response } = error as AwsError
  const kind = Code ?? name
  const status = $metadata?.httpStatusCode ?? 0
  const said = message.replace(/\s+/g, ' ').trim().slice(0, SAID_MAX)
  const stays = (text: string) => new SourceFailure(text, { retryable: false })
  const wait = retryAfterMs(
    $response?.headers?.['retry-after'] ?? null,
    Date.parse($response?.headers?.date ?? '') || 0,
  )
  const passes = (text: string) =>
    new SourceFailure(text, { retryable: true, ...(wait === null ? {} : { retryAfterMs: wait }) })

  if (THROTTLED.test(kind) || status === 429)
    return passes(`AWS asks to slow down (${action}). What was read before is kept; it is tried again later.`)
  if (SKEWED.test(kind) || /Signature (expired|not yet current)/.test(message))
    return passes(
      `AWS refuses ${action} because this machine’s clock is wrong by more than five minutes. Set the clock; nothing was read.`,
    )
  if (EXPIRED.test(kind) || /token.{0,40}(has )?expired/i.test(message))
    return stays(
      `The credentials for ${action} have expired. Log in again (aws sso login), or renew the keys; the source goes on from where it was.`,
    )
  if (NO_CREDENTIALS.test(name))
    return stays(
      `There are no credentials for AWS: neither keys of this source nor any in the environment, the profile or of the machine. ${said}`,
    )
  if (WRONG_KEY.test(kind))
    return stays(`AWS does not know these credentials (${kind}). Check the access key and its secret.`)
  if (REFUSED.test(kind) || status === 403)
    return stays(
      action === 'sts:AssumeRole' || /AssumeRole/.test(message)
        ? `The role cannot be assumed. Check its ARN, its external id, and that it trusts this account: ${said}`
        : `These credentials may not ${action}. Add it to the policy, as the permissions of this source show it.`,
    )
  if (name === 'DataUnavailableException')
    return stays(
      'Cost Explorer has no data yet: after it is enabled the first takes up to 24 hours. It is tried again.',
    )
  if (kind === 'NoSuchBucket') return stays('There is no bucket of that name. Check it and the region.')
  if (CUT.has(code) || /socket hang up|aborted|premature/i.test(message))
    return passes(`The connection to AWS was cut during ${action}. Nothing of the answer was kept.`)
  // An answer of success that is still an error is one that the client could not read.
  const isUnreadable = $fault === undefined && ($response?.statusCode ?? 0) === 200
  if (isUnreadable || $fault === 'server' || status >= 500)
    return passes(
      isUnreadable
        ? `AWS’ answer to ${action} broke off or cannot be read. Nothing of it was kept; it is tried again.`
        : `AWS has trouble of its own with ${action} (${status || kind}). It is tried again.`,
    )
  if (name === 'TimeoutError') return passes(`AWS did not answer ${action} in time. It is tried again.`)
  if (UNREACHABLE[code] !== undefined)
    return passes(`AWS cannot be reached for ${action}: ${UNREACHABLE[code]}.`)
  return stays(`AWS refuses ${action}: ${kind === 'Error' ? '' : `${kind}: `}${said}`)
}

/** Asks, and says what went wrong. @throws SourceFailure; the signal's reason */
export const asking = async <Answer>(
  signal: AbortSignal,
  action: string,
  ask: () => Promise<Answer>,
): Promise<Answer> => {
  try {
    return await ask()
  } catch (error) {
    signal.throwIfAborted()
    throw failureOf(error, action)
  }
}
