/** What went wrong with Kafka, in words that say whether trying again may help. */
import { SourceFailure } from '../../collector.ts'

/** What the client's errors may carry. */
interface KafkaError {
  readonly code?: string
  readonly message?: string
  /** `TOPIC_AUTHORIZATION_FAILED`, as the protocol names it. */
  readonly apiId?: string
  readonly canRetry?: boolean
  readonly cause?: unknown
  readonly errors?: readonly unknown[]
}

const SAID_MAX = 300
const NESTED_MAX = 50

/** An error and those within it, the outermost first. */
const chainOf = (error: unknown): readonly KafkaError[] => {
  const chain: KafkaError[] = []
  const add = (each: unknown) => {
    if (typeof each !== 'object' || each === null || chain.length >= NESTED_MAX) return
    const found = each as KafkaError
    chain.push(found)
    for (const inner of found.errors ?? []) add(inner)
    add(found.cause)
  }
  add(error)
  return chain
}

/** Whether the broker gave this answer, as the protocol names it. */
export const isAnswer = (error: unknown, apiId: string): boolean =>
  chainOf(error).some((each) => each.apiId === apiId)

const UNREACHABLE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'there is no host of that name',
  EAI_AGAIN: 'the name could not be looked up now',
  ETIMEDOUT: 'it did not answer in time',
  EHOSTUNREACH: 'there is no way to it',
  ENETUNREACH: 'there is no way to it',
  ECONNRESET: 'the connection was cut',
}
const CERTIFICATE =
  /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_|CERT_|ERR_TLS_CERT|HOSTNAME_MISMATCH)/

/** @param servers as they were typed: an address beside them is one that a broker told itself */
export const failureOf = (error: unknown, servers: readonly string[], doing: string): SourceFailure => {
  if (error instanceof SourceFailure) return error
  const chain = chainOf(error)
  const stays = (text: string) => new SourceFailure(text, { retryable: false })
  const passes = (text: string) => new SourceFailure(text, { retryable: true })
  const answer = (apiId: string) => chain.some((each) => each.apiId === apiId)
  const says = (text: string) => chain.find(({ message = '' }) => message.includes(text))
  const place =
    chain
      .map(({ message = '' }) => /Connection to (\S+) (?:failed|timed out)/.exec(message)?.[1])
      .find(Boolean) ?? null
  const at = place ?? servers.join(', ')

  if (answer('TOPIC_AUTHORIZATION_FAILED'))
    return stays(
      `This user may not ${doing}. Add the ACLs for Read and Describe on the topic, as the permissions of this source show them.`,
    )
  if (answer('CLUSTER_AUTHORIZATION_FAILED')) return stays(`This user may not ${doing}: ask for the ACL.`)
  if (answer('UNSUPPORTED_SASL_MECHANISM') || says('Cannot find a suitable SASL mechanism'))
    return stays(
      `Kafka at ${at} does not know this kind of login. Choose the SASL mechanism it is set up for.`,
    )
  if (answer('SASL_AUTHENTICATION_FAILED') || chain.some(({ code }) => code === 'PLT_KFK_AUTHENTICATION'))
    return stays(`Kafka at ${at} refuses the user name or the password.`)
  if (says('Broker requires TLS')) return stays(`Kafka at ${at} wants TLS. Switch it on.`)
  if (says('TLS handshake failed') || chain.some(({ code = '' }) => /^(EPROTO|ERR_SSL)/.test(code)))
    return stays(`Kafka at ${at} does not speak TLS there. Switch TLS off, or give its TLS port.`)
  const certificate = chain.find(({ code = '' }) => CERTIFICATE.test(code))
  if (certificate !== undefined)
    return stays(
      `The certificate of Kafka at ${at} is not trusted (${certificate.code}). Give the file of the authority that signed it, or the name it is for.`,
    )
  const topic = chain.map(({ message = '' }) => /^Unknown topic (.+)\.$/.exec(message)?.[1]).find(Boolean)
  if (topic !== undefined)
    return stays(`There is no topic ${topic}, or this user may not know of it (Describe).`)
  const reason = chain.map(({ code = '' }) => UNREACHABLE[code]).find(Boolean)
  if (reason !== undefined)
    return passes(
      place !== null && !servers.includes(place)
        ? `A broker calls itself ${place} (advertised.listeners), and ${reason}. It must be reached from here under that name.`
        : `Kafka cannot be reached at ${at}: ${reason}.`,
    )
  if (chain.some(({ code }) => code === 'PLT_KFK_TIMEOUT'))
    return passes(`Kafka at ${at} did not answer in time. It is tried again.`)
  if (chain.some(({ code }) => code === 'PLT_KFK_NETWORK'))
    return passes(
      `Kafka at ${at} cut the connection. Where it does so each time, it may want TLS or a user name and password.`,
    )
  if (answer('LEADER_NOT_AVAILABLE') || answer('NOT_LEADER_OR_FOLLOWER'))
    return passes(
      `No broker leads a partition now, or another one than before, so Kafka cannot ${doing}. It is tried again.`,
    )
  const compression = chain.find(({ code }) => code?.startsWith('PLT_KFK_UNSUPPORTED'))
  if (compression !== undefined) return stays(`Kafka at ${at} cannot be read: ${compression.message}`)
  const said = (chain.at(-1)?.message ?? String(error)).replace(/\s+/g, ' ').trim().slice(0, SAID_MAX)
  return chain.some(({ apiId, canRetry }) => apiId !== undefined && canRetry === false)
    ? stays(`Kafka refuses to ${doing}: ${said}`)
    : passes(`Kafka has trouble to ${doing}: ${said} It is tried again.`)
}
