import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { azureBlob } from '../../../../src/main/collect/kinds/azure/blob.ts'
import { runCollector } from '../../../support/aws-context.ts'
import { type AwsCall, type FakeAws, startFakeAws } from '../../../support/fake-aws.ts'
import { answerAsAzure, azureContext, azureError, SAS, SIGNATURE } from '../../../support/fake-azure.ts'
import type { FakeObject } from '../../../support/fake-s3.ts'

let fake: FakeAws
let objects: Map<string, FakeObject>
const asAzure = (call: AwsCall) => answerAsAzure(objects, call)
beforeEach(async () => {
  fake = await startFakeAws()
  objects = new Map()
  fake.answer = asAzure
})
afterEach(() => fake.close())

const put = (key: string, content: string | Buffer, modified = '2026-11-10T10:00:00Z') =>
  objects.set(key, { bytes: Buffer.from(content), modified })
const context = (settings: object = {}, changes: object = {}) =>
  azureContext({ accountUrl: `${fake.url}/acme`, contents: 'cloudevents', ...settings }, changes)
const run = (settings: object = {}, changes: object = {}) =>
  runCollector(azureBlob, context(settings, changes))
const titles = ({ pages }: Awaited<ReturnType<typeof run>>) => pages.map(({ page }) => page.title)
const secrets = (given: Readonly<Record<string, string>>) => ({
  secret: async (field: string) => given[field] ?? null,
})
const KEY = Buffer.alloc(64, 7).toString('base64')

describe('usage files', () => {
  test('each version of a blob under the prefix is taken once, the oldest first, over pages of the listing', async () => {
    put('in/b.jsonl', 'b', '2026-11-10T09:00:00Z')
    put('in/a.jsonl', 'a', '2026-11-10T10:00:00Z')
    put('in/c & d.jsonl'.replace('&', '+'), 'c', '2026-11-09T10:00:00Z')
    put('other/x.jsonl', 'x')
    put('in/folder', '')
    const first = await run({ prefix: 'in/' })
    expect(first.failure).toBeNull()
    expect(first.pages.map(({ page, text }) => [page.title, text])).toEqual([
      ['Azure: in/c + d.jsonl', 'c'],
      ['Azure: in/b.jsonl', 'b'],
      ['Azure: in/a.jsonl', 'a'],
    ])
    expect(fake.calls.filter(({ path }) => path.includes('comp=list')).length).toBe(2)
    expect(titles(await run({ prefix: 'in/' }, { checkpoint: first.checkpoint }))).toEqual([])
    put('in/b.jsonl', 'b2', '2026-11-10T11:00:00Z')
    const second = await run({ prefix: 'in/' }, { checkpoint: first.checkpoint })
    expect(titles(second)).toEqual(['Azure: in/b.jsonl'])
  })

  test('packed bytes come as they are, also where the blob says that they are', async () => {
    const packed = gzipSync('one\ntwo\n')
    put('1.jsonl.gz', packed)
    fake.answer = (call) => {
      const answer = asAzure(call)
      return call.path.includes('1.jsonl.gz')
        ? { ...answer, headers: { ...answer.headers, 'content-encoding': 'gzip' } }
        : answer
    }
    const pieces: Uint8Array[] = []
    for await (const page of azureBlob.collect(context()))
      for await (const piece of page.content as AsyncIterable<Uint8Array>) pieces.push(piece)
    expect(Buffer.concat(pieces)).toEqual(packed)
  })
})

describe('a blob while it is read', () => {
  const text = 'x'.repeat(50_000) + 'y'.repeat(50_000)
  const isRead = ({ path }: AwsCall) => path.includes('/usage/1')

  test('goes on where the connection was cut, of the same version', async () => {
    put('1', text)
    let cuts = 2
    fake.answer = (call) =>
      isRead(call) && cuts-- > 0 ? { ...asAzure(call), cutAfter: 30_000 } : asAzure(call)
    const { failure, pages } = await run()
    expect(failure).toBeNull()
    expect(pages[0]?.text).toBe(text)
    const reads = fake.calls.filter(isRead)
    // How much of an answer comes before the cut is the network's; the rest is asked for, to the end.
    expect(reads.map(({ headers }) => String(headers['x-ms-range'] ?? headers.range))).toEqual([
      'bytes=0-99999',
      expect.stringMatching(/^bytes=\d+-99999$/),
      expect.stringMatching(/^bytes=\d+-99999$/),
    ])
    expect(new Set(reads.map(({ headers }) => headers['if-match'])).size).toBe(1)
  })

  test('cut again and again, nothing of it is kept', async () => {
    put('1', text)
    fake.answer = (call) => (isRead(call) ? { ...asAzure(call), cutAfter: 10 } : asAzure(call))
    const { failure, pages } = await run()
    expect(pages).toEqual([])
    expect(failure).toMatchObject({ retryable: true, message: expect.stringContaining('was cut (read 1)') })
    expect(fake.calls.filter(isRead).length).toBe(4)
  })

  test.each([
    ['before', 0],
    ['in the midst of', 30_000],
  ])('overwritten %s the reading, nothing of it is kept', async (_when, cutAfter) => {
    put('1', text)
    let first = true
    fake.answer = (call) => {
      if (!isRead(call)) return asAzure(call)
      const answer = cutAfter > 0 && first ? { ...asAzure(call), cutAfter } : null
      first = false
      put('1', text.replace('x', 'z'))
      return answer ?? asAzure(call)
    }
    const { failure, pages } = await run()
    expect(pages).toEqual([])
    expect(failure).toMatchObject({ retryable: true, message: expect.stringContaining('1 was replaced') })
  })

  test('a page of the listing that breaks off keeps nothing', async () => {
    for (const key of ['1', '2', '3']) put(key, key)
    fake.answer = (call) =>
      call.path.includes('marker=')
        ? { headers: { 'content-type': 'application/xml' }, body: '<EnumerationResults><Blobs><Blob><Na' }
        : asAzure(call)
    const { failure, pages } = await run()
    expect(pages).toEqual([])
    expect(failure).toMatchObject({ retryable: true, message: expect.stringContaining('broke off') })
  })
})

describe('what goes wrong is said, and never with the signature', () => {
  const sas = (fields: string) => `${fields}&sig=${SIGNATURE}`
  test.each([
    [403, 'AuthenticationFailed', sas('se=2020-01-01'), 'The SAS expired on 2020-01-01 00:00 UTC', false],
    [403, 'AuthorizationFailure', sas('se=2020-01-01T01:30Z'), 'The SAS expired on 2020-01-01 01:30', false],
    [403, 'AuthenticationFailed', sas('st=2999-01-01'), 'valid from 2999-01-01 00:00 UTC on only', true],
    [403, 'AuthenticationFailed', SAS, 'does not take the SAS (AuthenticationFailed)', false],
    [403, 'AuthorizationPermissionMismatch', SAS, 'This SAS may not list the blobs. It needs r and l', false],
    [403, 'AuthorizationFailure', SAS, 'firewall keeps this machine out', false],
    [403, 'KeyBasedAuthenticationNotPermitted', SAS, 'The account acme takes no account key', false],
    [403, 'AccountIsDisabled', SAS, 'has disabled the account acme', false],
    [404, 'ContainerNotFound', SAS, 'There is no container usage in the account acme', false],
    [429, 'TooManyRequests', SAS, 'asks to slow down', true],
    [503, 'ServerBusy', SAS, 'asks to slow down', true],
    [500, 'OperationTimedOut', SAS, 'trouble of its own: it could not list the blobs', true],
    [400, 'InvalidQueryParameterValue', SAS, 'refuses to list the blobs: InvalidQueryParameterValue', false],
  ])('%d %s', async (status, code, token, words, retryable) => {
    fake.answer = () => azureError(status, code)
    const { failure } = await run({}, secrets({ sas: token }))
    expect(failure).toMatchObject({ message: expect.stringContaining(words), retryable })
    expect(String((failure as Error).message)).not.toMatch(/sig=|cGxhbnRlZ/)
  })

  test('what Azure asks to wait is waited, and not asked again before', async () => {
    fake.answer = () => azureError(503, 'ServerBusy', { 'retry-after': '17' })
    expect((await run()).failure).toMatchObject({ retryAfterMs: 17_000 })
    expect(fake.calls.length).toBe(1)
  })

  test('a machine whose clock is off, and a key of another account', async () => {
    fake.answer = () => azureError(403, 'AuthenticationFailed', { date: 'Wed, 01 Jan 2020 00:00:00 GMT' })
    expect((await run({}, secrets({ accountKey: KEY }))).failure).toMatchObject({
      message: expect.stringContaining('clock is wrong by more than fifteen minutes'),
      retryable: true,
    })
    fake.answer = () => azureError(403, 'AuthenticationFailed')
    expect((await run({}, secrets({ accountKey: KEY }))).failure).toMatchObject({
      message: expect.stringContaining('does not take this key for the account acme'),
    })
  })

  test('nothing listens, and no such host', async () => {
    expect((await run({ accountUrl: 'http://127.0.0.1:1/acme' })).failure).toMatchObject({
      message: 'The account acme cannot be reached: nothing listens there.',
      retryable: true,
    })
    expect((await run({ accountUrl: 'http://acme.blob.invalid' })).failure).toMatchObject({
      message: expect.stringContaining('The account acme cannot be reached: '),
      retryable: true,
    })
  })

  test('a blob in the archive tier', async () => {
    put('1', 'a')
    fake.answer = (call) => (call.path.includes('/usage/1') ? azureError(409, 'BlobArchived') : asAzure(call))
    expect((await run()).failure).toMatchObject({
      message: expect.stringContaining('Azure cannot read 1: it is in the archive tier'),
    })
  })
})

describe('access', () => {
  test('the address takes no SAS, which would be kept in the book', () => {
    const parse = (accountUrl: string) =>
      azureBlob.config.safeParse({ accountUrl, container: 'usage', contents: 'cloudevents' }).success
    expect(parse('https://acme.blob.core.windows.net/')).toBe(true)
    expect(parse('http://127.0.0.1:10000/devstoreaccount1')).toBe(true)
    expect(parse(`https://acme.blob.core.windows.net/?${SAS}`)).toBe(false)
    expect(parse(`https://acme.blob.core.windows.net/usage/x?${SAS}`)).toBe(false)
    expect(parse('acme')).toBe(false)
  })

  test.each([
    [{}, 'neither a SAS nor an account key'],
    [{ sas: SAS, accountKey: KEY }, 'Keep the SAS'],
    [{ sas: 'sv=2025-01-05&sp=rl' }, 'has no signature'],
    [{ accountKey: 'AccountKey=…' }, 'a text in Base64'],
  ])('%j', async (given, words) => {
    expect((await run({}, secrets(given))).failure).toMatchObject({
      message: expect.stringContaining(words),
      retryable: false,
    })
    expect(fake.calls.length).toBe(0)
  })

  test('a SAS is taken as token, with its question mark, or as the whole URL; a key signs', async () => {
    put('1', 'a')
    for (const sas of [SAS, `?${SAS}`, `https://acme.blob.core.windows.net/usage?${SAS}`]) {
      expect(titles(await run({}, secrets({ sas })))).toEqual(['Azure: 1'])
      expect(fake.calls.at(-1)?.path).toContain(`sig=${SIGNATURE}`)
    }
    expect(titles(await run({}, secrets({ accountKey: KEY })))).toEqual(['Azure: 1'])
    expect(fake.calls.at(-1)?.headers.authorization).toMatch(/^SharedKey acme:/)
  })

  test('the check says what could be better', async () => {
    put('1', 'a')
    const check = async (given: Readonly<Record<string, string>>) =>
      (await azureBlob.check(context({}, secrets(given)))).map(
        ({ state, sentence }) => `${state}: ${sentence}`,
      )
    const works = 'works: 1 blob under usage/; the newest, 1, can be read.'
    expect(await check({ sas: SAS })).toEqual([works])
    expect(await check({ sas: SAS.replace('sp=rl', 'sp=racwdl').replace('2999', '2026') })).toEqual([
      works,
      'warning: The SAS may more than read and list (sp=racwdl). sp=rl is enough.',
    ])
    expect(await check({ sas: SAS.replace('2999-12-31', '2026-11-20') })).toEqual([
      works,
      'warning: The SAS expires on 2026-11-20 00:00 UTC. Collecting stops then, until there is a new one.',
    ])
    expect(await check({ accountKey: KEY })).toEqual([
      works,
      'warning: The account key may do everything with the account. A SAS that reads and lists is enough.',
    ])
  })

  test('the permissions name the account and the container, and read only', () => {
    const { documents } = azureBlob.permissions(
      azureBlob.config.parse({
        accountUrl: 'https://acme.blob.core.windows.net',
        container: 'usage',
        contents: 'csv',
        mapping: JSON.stringify({
          tenant: { fixed: 'a' },
          metric: { fixed: 'b' },
          quantity: { column: 'n' },
          time: { column: 't', format: 'iso', timeZone: 'UTC' },
          dimensions: [],
        }),
      }),
    )
    for (const { text } of documents)
      expect(text).toMatch(
        /az storage container generate-sas \\\n {2}--account-name acme \\\n {2}--name 'usage' \\\n {2}--permissions rl \\/,
      )
    expect(azureBlob.permissions(null).documents[0]?.text).toContain('--account-name ACCOUNT')
  })
})

describe('storage', () => {
  test('bytes of each tenant by the hours they were there since the last look', async () => {
    put('data/acme/a/1', 'x'.repeat(3600), '2026-11-01T00:00:00Z')
    put('data/bolt/1', 'x'.repeat(7200), '2026-11-10T11:59:50Z')
    put('data/readme', 'x')
    const settings = { contents: 'storage', prefix: 'data/' }
    const { pages, checkpoint } = await run(settings, {
      checkpoint: { lookedMs: Date.parse('2026-11-10T11:59:40Z') },
    })
    const events = (pages[0]?.text ?? '').split('\n').map((line) => JSON.parse(line))
    expect(
      events.map(({ id, type, subject, data }) => [id, type, subject, data.value, data.dimensions]),
    ).toEqual(
      [
        ['acme', '20'],
        ['bolt', '20'],
      ].map(([tenant, value]) => [
        `azure.blob.storage.byte_hours/usage/${tenant}/${Date.parse('2026-11-10T11:59:40Z')}`,
        'azure.blob.storage.byte_hours',
        tenant,
        value,
        { container: 'usage' },
      ]),
    )
    expect(checkpoint).toEqual({ lookedMs: Date.parse('2026-11-10T12:00:00Z') })
    expect(await azureBlob.check(context(settings))).toEqual([
      {
        state: 'works',
        sentence:
          '2 tenants by folder 1 behind the prefix, in bytes now: bolt 7,200, acme 3,600. 1 bytes are in no such folder and are left out.',
      },
    ])
  })
})
