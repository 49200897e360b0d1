/**
 * How a source of AWS is reached: region, credentials by the standard chain or as typed, and a role to assume.
 * Here and in the kinds the SDK's packages are loaded by who first asks: together they cost a second and 100 MB, and
 * most books have no source of AWS.
 */

import type { fromNodeProviderChain } from '@aws-sdk/credential-providers'
import { z } from 'zod'
import type { ConnectionField } from '../../../../contract/connections.ts'
import { type CollectContext, SourceFailure } from '../../collector.ts'
import { asking, loggedOut } from './failures.ts'

const optionalText = z
  .string()
  .trim()
  .max(2000)
  .default('')
  .transform((text) => (text === '' ? null : text))

/** Fields that every kind of AWS has. */
export const accountShape = {
  region: z
    .string()
    .trim()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'a region like eu-central-1'),
  profile: optionalText,
  roleArn: optionalText.refine(
    (arn) => arn === null || /^arn:aws[a-z-]*:iam::\d{12}:role\/.+$/.test(arn),
    'a role like arn:aws:iam::123456789012:role/countinghouse',
  ),
  externalId: optionalText,
  endpoint: optionalText.refine(
    (text) => text === null || /^https?:\/\/[^/?#]+\/?$/.test(text),
    'an address like https://minio.example.com:9000, without a path',
  ),
}
const account = z.strictObject(accountShape)
export type AccountConfig = z.output<typeof account>

export const ACCOUNT_FIELDS: readonly ConnectionField[] = [
  { key: 'region', label: 'Region', kind: 'text', required: true, initial: 'us-east-1' },
  {
    key: 'roleArn',
    label: 'Role to assume',
    kind: 'text',
    required: false,
    placeholder: 'arn:aws:iam::123456789012:role/countinghouse',
    help: 'Its ARN, as the template’s stack gives it. Leave empty to use the credentials themselves.',
  },
  {
    key: 'externalId',
    label: 'External id',
    kind: 'text',
    required: false,
    help: 'The one the role asks for.',
  },
  {
    key: 'profile',
    label: 'Profile',
    kind: 'text',
    required: false,
    help: 'Of ~/.aws/config, SSO profiles too. Leave empty for the standard chain: environment, default profile, machine role.',
  },
  {
    key: 'accessKeyId',
    label: 'Access key id',
    kind: 'secret',
    required: false,
    help: 'Only where neither a profile nor the machine has credentials.',
  },
  { key: 'secretAccessKey', label: 'Secret access key', kind: 'secret', required: false },
  {
    key: 'endpoint',
    label: 'Endpoint',
    kind: 'text',
    required: false,
    help: 'Only for a private endpoint or another store of the same protocol. Leave empty for AWS itself.',
  },
]

/** Most a request waits: to connect, and for its answer. */
const CONNECT_MS = 10_000
const ANSWER_MS = 60_000

/** Credentials that say which profile has to log in, where that is what is missing. */
const named =
  (provider: ReturnType<typeof fromNodeProviderChain>, profile: string): typeof provider =>
  async (properties) => {
    try {
      return await provider(properties)
    } catch (error) {
      throw loggedOut(error, profile) ?? error
    }
  }

/**
 * What every client is made with. Credentials are asked for when the first request is signed.
 * @param attempts of the SDK's own, waiting between them; 1 where each attempt costs money
 */
export const clientSettings = async (
  context: Pick<CollectContext<AccountConfig>, 'config' | 'secret' | 'environment'>,
  attempts = 3,
) => {
  const { region, profile, roleArn, externalId, endpoint } = context.config
  const [accessKeyId, secretAccessKey] = await Promise.all([
    context.secret('accessKeyId'),
    context.secret('secretAccessKey'),
  ])
  if ((accessKeyId === null) !== (secretAccessKey === null))
    throw new SourceFailure(
      'Of the access key only one half is set. Set both the access key id and the secret access key, or neither.',
      { retryable: false },
    )
  const { fromNodeProviderChain, fromTemporaryCredentials } = await import('@aws-sdk/credential-providers')
  const own =
    accessKeyId !== null && secretAccessKey !== null
      ? { accessKeyId, secretAccessKey }
      : named(
          fromNodeProviderChain({
            // Keys and profiles may be changed while the program runs; the SDK would read their files only once.
            ignoreCache: true,
            // Not as clientConfig: a session of SSO has a region of its own, and would be asked for in this one.
            parentClientConfig: { region },
            ...(profile === null ? {} : { profile }),
          }),
          profile ?? context.environment.AWS_PROFILE ?? 'default',
        )
  const shared = {
    region,
    maxAttempts: attempts,
    requestHandler: { connectionTimeout: CONNECT_MS, requestTimeout: ANSWER_MS },
    ...(endpoint === null ? {} : { endpoint }),
  }
  const credentials =
    roleArn === null
      ? own
      : fromTemporaryCredentials({
          masterCredentials: own,
          params: {
            RoleArn: roleArn,
            RoleSessionName: 'countinghouse',
            ...(externalId === null ? {} : { ExternalId: externalId }),
          },
          clientConfig: shared,
        })
  return { ...shared, credentials }
}

/**
 * The account that the credentials are of, twelve digits. Needs no permission and costs nothing.
 * @throws SourceFailure
 */
export const callerAccount = async (context: CollectContext<AccountConfig>): Promise<string> => {
  const { GetCallerIdentityCommand, STSClient } = await import('@aws-sdk/client-sts')
  const client = new STSClient(await clientSettings(context))
  try {
    const { Account } = await asking(context.signal, 'sts:GetCallerIdentity', () =>
      client.send(new GetCallerIdentityCommand({}), { abortSignal: context.signal }),
    )
    return Account ?? ''
  } finally {
    client.destroy()
  }
}
