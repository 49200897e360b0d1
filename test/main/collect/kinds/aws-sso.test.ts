/** Profiles of the standard chain: a session of SSO as `aws sso login` leaves it, and keys that are changed meanwhile. */
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import https from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { awsCostExplorer } from '../../../../src/main/collect/kinds/aws/cost-explorer.ts'
import { awsContext } from '../../../support/aws-context.ts'
import {
  type AwsAnswer,
  type FakeAws,
  jsonAnswer,
  jsonError,
  startFakeAws,
} from '../../../support/fake-aws.ts'

const HOUR = 3_600_000
const CONFIG = `[sso-session company]
sso_region = eu-central-1
sso_start_url = https://company.awsapps.com/start

[profile billing]
sso_session = company
sso_account_id = 123456789012
sso_role_name = Reader
`

let aws: FakeAws
let home: string
let portal: () => AwsAnswer
beforeEach(async () => {
  aws = await startFakeAws()
  portal = () =>
    jsonAnswer({
      roleCredentials: {
        accessKeyId: 'ASIAOFTHEROLE',
        secretAccessKey: 'secret',
        sessionToken: 'session-of-the-role',
        expiration: Date.now() + HOUR,
      },
    })
  aws.answer = ({ action, path }) => {
    if (path.startsWith('/federation/credentials')) return portal()
    if (path === '/token')
      return jsonAnswer({ accessToken: 'renewed', expiresIn: 3600, refreshToken: 'next' })
    if (action === 'GetCostAndUsage') return jsonAnswer({ ResultsByTime: [] })
    return { status: 500 }
  }
  home = mkdtempSync(join(tmpdir(), 'countinghouse-sso-'))
  mkdirSync(join(home, '.aws', 'sso', 'cache'), { recursive: true })
  writeFileSync(join(home, '.aws', 'config'), CONFIG)
  for (const name of ['AWS_PROFILE', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'])
    vi.stubEnv(name, undefined)
  vi.stubEnv('HOME', home)
  vi.stubEnv('AWS_CONFIG_FILE', join(home, '.aws', 'config'))
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(home, '.aws', 'credentials'))
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true')
  vi.stubEnv('AWS_ENDPOINT_URL_SSO', aws.url)
  vi.stubEnv('AWS_ENDPOINT_URL_SSO_OIDC', aws.url)
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
  aws.close()
  rmSync(home, { recursive: true, force: true })
})

const login = (msFromNow: number, more: object = {}) =>
  writeFileSync(
    join(home, '.aws', 'sso', 'cache', `${createHash('sha1').update('company').digest('hex')}.json`),
    JSON.stringify({
      startUrl: 'https://company.awsapps.com/start',
      region: 'eu-central-1',
      accessToken: 'logged-in',
      expiresAt: new Date(Date.now() + msFromNow).toISOString(),
      ...more,
    }),
  )
const check = (settings: object = { profile: 'billing' }) =>
  awsCostExplorer.check(
    awsContext(awsCostExplorer, { endpoint: aws.url, ...settings }, { secret: async () => null }),
  )
const signedBy = () => {
  const { headers } = aws.calls.findLast(({ action }) => action === 'GetCostAndUsage') ?? {}
  return [/Credential=(\w+)/.exec(headers?.authorization ?? '')?.[1], headers?.['x-amz-security-token']]
}

test('a profile that is logged in asks with the keys of its role', async () => {
  login(8 * HOUR)
  expect((await check()).map(({ state }) => state)).toEqual(['works', 'works', 'works'])
  const asked = aws.calls.find(({ path }) => path.startsWith('/federation/credentials'))
  expect(asked?.path).toBe('/federation/credentials?account_id=123456789012&role_name=Reader')
  expect(asked?.headers['x-amz-sso_bearer_token']).toBe('logged-in')
  expect(signedBy()).toEqual(['ASIAOFTHEROLE', 'session-of-the-role'])
})

test('the session is asked for in its own region, not in the source’s', async () => {
  login(8 * HOUR)
  vi.stubEnv('AWS_ENDPOINT_URL_SSO', undefined)
  const hosts: string[] = []
  vi.spyOn(https, 'request').mockImplementation((options) => {
    hosts.push(String((options as https.RequestOptions).host))
    throw Object.assign(new Error('not from a test'), { code: 'ENOTFOUND' })
  })
  await expect(check({ profile: 'billing', region: 'us-east-1' })).rejects.toThrow()
  expect(new Set(hosts)).toEqual(new Set(['portal.sso.eu-central-1.amazonaws.com']))
})

const LOGIN =
  'Profile billing is not logged in with SSO, or its session has expired. Run aws sso login --profile billing; the source goes on from where it was.'
test.each([
  ['never logged in', () => undefined, LOGIN],
  ['an expired session', () => login(-HOUR), LOGIN],
  [
    'a session that SSO has ended',
    () => {
      login(8 * HOUR)
      portal = () => jsonError('UnauthorizedException', 'Session token not found or invalid', 401)
    },
    LOGIN,
  ],
  [
    'a role that was taken away',
    () => {
      login(8 * HOUR)
      portal = () => jsonError('ForbiddenException', 'No access', 403)
    },
    'Profile billing is logged in with SSO, and may not have its role in its account. Ask for it where SSO is administered, or name another profile.',
  ],
])('%s is said, with what to run', async (_, prepare, message) => {
  prepare()
  await expect(check()).rejects.toMatchObject({ message, retryable: false })
})

test('where SSO cannot be reached, it is tried again', async () => {
  login(8 * HOUR)
  vi.stubEnv('AWS_ENDPOINT_URL_SSO', 'http://127.0.0.1:9')
  await expect(check()).rejects.toMatchObject({
    message:
      'The credentials of profile billing cannot be fetched: nothing listens there. It is tried again.',
    retryable: true,
  })
})

test('a session that may be renewed is', async () => {
  login(-HOUR, { clientId: 'id', clientSecret: 'secret', refreshToken: 'once' })
  await check()
  expect(aws.calls.find(({ path }) => path === '/token')?.body).toContain('"refreshToken":"once"')
  const asked = aws.calls.find(({ path }) => path.startsWith('/federation/credentials'))
  expect(asked?.headers['x-amz-sso_bearer_token']).toBe('renewed')
})

test('keys of the default profile that are changed meanwhile count from the next run on', async () => {
  const keys = (id: string) =>
    writeFileSync(
      join(home, '.aws', 'credentials'),
      `[default]\naws_access_key_id = ${id}\naws_secret_access_key = secret\n`,
    )
  keys('AKIAFIRST')
  await check({})
  expect(signedBy()).toEqual(['AKIAFIRST', undefined])
  keys('AKIASECOND')
  await check({})
  expect(signedBy()).toEqual(['AKIASECOND', undefined])
})
