/** The collector of Azure Blob Storage against Azurite, the emulator that Azure publishes. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import {
  BlobServiceClient,
  type ContainerClient,
  ContainerSASPermissions,
  generateBlobSASQueryParameters,
  StorageSharedKeyCredential,
} from '@azure/storage-blob'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { ConnectionConfig } from '../../src/contract/connections.ts'
import { COLLECTORS } from '../../src/main/collect/kinds/kinds.ts'
import { type House, openHouse } from '../main/engine/house.ts'
import { AZURITE_ACCOUNT, AZURITE_KEY, startAzurite } from './support.ts'

const credential = new StorageSharedKeyCredential(AZURITE_ACCOUNT, AZURITE_KEY)
const DAY = 24 * 3_600_000

let url = ''
let stopAzurite = async (): Promise<void> => undefined
let container: ContainerClient
let house: House
let environment: NodeJS.ProcessEnv
let containers = 0

/** @param untilMs from the machine's present */
const sasOf = (permissions: string, untilMs: number) =>
  generateBlobSASQueryParameters(
    {
      containerName: container.containerName,
      permissions: ContainerSASPermissions.parse(permissions),
      startsOn: new Date(Date.now() - 2 * DAY),
      expiresOn: new Date(Date.now() + untilMs),
    },
    credential,
  ).toString()

beforeAll(async () => {
  const azurite = await startAzurite()
  url = `${azurite.url}/${AZURITE_ACCOUNT}`
  stopAzurite = azurite.stop
})
afterAll(() => stopAzurite())
beforeEach(async () => {
  container = new BlobServiceClient(url, credential).getContainerClient(`usage-${++containers}`)
  await container.create()
  environment = { COUNTINGHOUSE_ONE_SAS: sasOf('rl', 30 * DAY) }
  house = await openHouse({
    engine: { collectors: COLLECTORS, timers: { after: () => () => undefined, random: () => 0.5 } },
    environment,
  })
})
afterEach(() => house.close())

const put = (key: string, content: string | Buffer) =>
  container.getBlockBlobClient(key).uploadData(Buffer.from(content))
const source = (settings: ConnectionConfig) => ({
  id: 'one',
  name: 'Azure',
  kind: 'azure_blob',
  config: { accountUrl: url, container: container.containerName, ...settings },
})
const connect = (settings: ConnectionConfig = {}) =>
  house.client.connections.save({ ...source(settings), everyMinutes: 10, paused: false, expectedVersion: 0 })
const checked = async (settings: ConnectionConfig = {}) =>
  (await house.client.connections.check(source(settings))).findings.map(
    ({ state, sentence }) => `${state}: ${sentence}`,
  )
const run = async () => {
  const { state, result, error } = await house.job(house.client.connections.run({ id: 'one' }))
  if (state !== 'done') throw new Error(error?.message ?? state)
  return result?.kind === 'collect' ? result.sentence : ''
}
const event = (id: string, value: number) =>
  JSON.stringify({
    specversion: '1.0',
    id,
    source: '/t',
    type: 'calls',
    subject: 'acme',
    time: '2026-11-01T00:00:00Z',
    data: { value },
  })

/** Nothing of a secret is in the book, as it is or as a URL or a decoder has it. */
const expectNowhere = (...planted: readonly string[]) => {
  const files = readdirSync(house.directory, { recursive: true, encoding: 'utf8' })
    .map((name) => join(house.directory, name))
    .filter((path) => statSync(path).isFile())
  expect(files.length).toBeGreaterThan(0)
  for (const path of files) {
    const bytes = readFileSync(path)
    for (const each of planted)
      for (const spelt of [each, encodeURIComponent(each), decodeURIComponent(each)])
        expect(`${path} ${bytes.includes(spelt)}`).toBe(`${path} false`)
  }
}
const signatureOf = (sas: string) => new URLSearchParams(sas).get('sig') ?? ''

describe('usage files', () => {
  test('each version of a blob is taken once, packed or not', async () => {
    await put('in/a.jsonl', `${event('1', 1)}\n${event('2', 2)}`)
    await put('in/b + ü.jsonl.gz', gzipSync(event('3', 3)))
    await put('out/c.jsonl', event('9', 9))
    const settings = { prefix: 'in/', contents: 'cloudevents' }
    expect(await checked(settings)).toEqual([
      `works: 2 blobs under ${container.containerName}/in/; the newest, in/b + ü.jsonl.gz, can be read.`,
    ])
    await connect(settings)
    expect(await run()).toBe('3 records new.')
    expect(await run()).toBe('Nothing new.')
    await put('in/a.jsonl', `${event('1', 1)}\n${event('2', 2)}\n${event('4', 4)}`)
    expect(await run()).toBe('1 record new, 2 known before.')
    expectNowhere(signatureOf(environment.COUNTINGHOUSE_ONE_SAS ?? ''))
  })

  test('a blob of many megabytes comes whole', async () => {
    const lines = Array.from({ length: 60_000 }, (_, index) => event(String(index), 1))
    await put('in/a.jsonl', lines.join('\n'))
    await connect({ contents: 'cloudevents' })
    expect(await run()).toBe('60,000 records new.')
  })

  test('more blobs than a page of the listing holds', async () => {
    const keys = Array.from({ length: 5001 }, (_, index) => `data/acme/${index}`)
    for (let from = 0; from < keys.length; from += 50)
      await Promise.all(keys.slice(from, from + 50).map((key) => put(key, 'x')))
    const settings = { prefix: 'data/', contents: 'storage' }
    expect(await checked(settings)).toEqual([
      'works: 1 tenant by folder 1 behind the prefix, in bytes now: acme 5,001.',
    ])
  })
})

describe('cost exports', () => {
  const header =
    'ProviderName,BillingAccountId,BillingPeriodStart,ChargeCategory,ChargePeriodStart,ServiceName,BilledCost'
  const row = (day: string, cost: string) =>
    `Microsoft,7,2026-10-01T00:00Z,Usage,2026-10-${day}T00:00Z,Storage,${cost}`
  const folder = (run: string) => `focus/daily/20261001-20261031/${run}/af754a8e-30fc-4ef3-bfc6-71bd1efb8598`
  const part = (run: string, index: number) => `${folder(run)}/part_${index}_0001.csv.gz`
  const deliverPart = (run: string, index: number, ...rows: readonly string[]) =>
    put(part(run, index), gzipSync([header, ...rows].join('\n')))
  const deliverManifest = (run: string, parts: number) =>
    put(
      `${folder(run)}/manifest.json`,
      JSON.stringify({
        exportConfig: { exportName: 'daily', type: 'FocusCost', dataVersion: '1.0r2' },
        runInfo: { startDate: '2026-10-01T00:00:00', endDate: '2026-10-31T00:00:00' },
        blobs: Array.from({ length: parts }, (_, index) => ({ blobName: part(run, index) })),
      }),
    )
  const billed = async () => {
    const { bills } = await house.client.reconcile.month({ month: '2026-10' as never })
    return bills.map(({ billingAccount, ledgerBilled, fileTotal }) => [
      billingAccount,
      ledgerBilled,
      fileTotal,
    ])
  }

  test('half-written, then whole, then a newer run by its differences', async () => {
    await connect({ prefix: 'focus/', contents: 'cost_export' })
    await deliverPart('202611010900', 0, row('01', '1.5'))
    expect(await run()).toBe('Nothing new.')
    await deliverManifest('202611010900', 2)
    expect(await run()).toBe('Nothing new.')
    await deliverPart('202611010900', 1, row('02', '2'))
    await deliverManifest('202611010900', 2)
    expect(await run()).toBe('2 records new.')
    expect(await billed()).toEqual([['7', '3.5', '3.5']])
    await deliverPart('202611020900', 0, row('01', '1.5'), row('02', '2.25'), row('03', '1'))
    expect(await run()).toBe('Nothing new.')
    await deliverManifest('202611020900', 1)
    expect(await run()).toBe('2 records new, 1 known before.')
    expect(await billed()).toEqual([['7', '4.75', '4.75']])
    expect(await run()).toBe('Nothing new.')
  })
})

test('storage of each tenant, exactly', async () => {
  // Of 3,600 bytes a second is a byte-hour, and times of a blob are whole seconds.
  await put('data/acme/1', 'x'.repeat(3600))
  await put('data/acme/sub/2', 'x'.repeat(7200))
  await put('data/bolt/1', 'x'.repeat(3600))
  const putSeconds = async (key: string) =>
    ((await container.getBlobClient(key).getProperties()).lastModified?.getTime() ?? 0) / 1000
  const [one, two, three] = [
    await putSeconds('data/acme/1'),
    await putSeconds('data/acme/sub/2'),
    await putSeconds('data/bolt/1'),
  ]
  const until = new Date((one + 1800) * 1000)
  house.clock.set(until.toISOString())
  await connect({ prefix: 'data/', contents: 'storage' })
  await run()
  const report = await house.client.usage.query({
    metric: 'azure.blob.storage.byte_hours',
    from: new Date(one * 1000).toISOString().slice(0, 7),
    to: until.toISOString().slice(0, 7),
    grain: 'month',
    groupBy: ['tenant'],
    filters: [],
    compare: 'none',
  })
  const held = (since: number) => one + 1800 - since
  expect(report.rows.map(({ keys, total }) => [keys[0], total]).sort()).toEqual([
    ['acme', String(held(one) + 2 * held(two))],
    ['bolt', String(held(three))],
  ])
})

describe('access', () => {
  const failing = async (settings: ConnectionConfig = {}) => {
    await connect({ contents: 'cloudevents', ...settings })
    return run().then(
      () => 'nothing failed',
      (error: Error) => error.message,
    )
  }

  test('a SAS that has expired, and one that may not list', async () => {
    await put('a.jsonl', event('1', 1))
    const expired = sasOf('rl', -DAY)
    environment.COUNTINGHOUSE_ONE_SAS = expired
    const sentence = await failing()
    expect(sentence).toContain('The SAS expired on ')
    expect(sentence).toContain('the source goes on from where it was')
    const reading = sasOf('r', DAY)
    environment.COUNTINGHOUSE_ONE_SAS = reading
    const refused = await run().catch((error: Error) => error.message)
    expect(refused).toContain('It needs r and l on the container (sp=rl)')
    environment.COUNTINGHOUSE_ONE_SAS = sasOf('rl', DAY)
    expect(await run()).toBe('1 record new.')
    for (const sas of [expired, reading]) {
      expectNowhere(signatureOf(sas))
      for (const said of [sentence, refused]) expect(said).not.toContain(signatureOf(sas))
    }
  })

  test('a SAS that was changed, a container that is not there, a key that is another’s', async () => {
    environment.COUNTINGHOUSE_ONE_SAS = sasOf('rl', DAY).replace(/sp=rl/, 'sp=rwl')
    expect(await failing()).toMatch(/does not take the SAS|does not let this SAS/)
    delete environment.COUNTINGHOUSE_ONE_SAS
    environment.COUNTINGHOUSE_ONE_ACCOUNT_KEY = Buffer.alloc(64, 1).toString('base64')
    await expect(run()).rejects.toThrow(`does not take this key for the account ${AZURITE_ACCOUNT}`)
    environment.COUNTINGHOUSE_ONE_ACCOUNT_KEY = AZURITE_KEY
    await container.delete()
    await expect(run()).rejects.toThrow(/There is no container usage-\d+ in the account devstoreaccount1/)
    expectNowhere(AZURITE_KEY)
  })

  test('the account key works, and the check says that a SAS is enough', async () => {
    delete environment.COUNTINGHOUSE_ONE_SAS
    environment.COUNTINGHOUSE_ONE_ACCOUNT_KEY = AZURITE_KEY
    await put('a.jsonl', event('1', 1))
    expect((await checked({ contents: 'cloudevents' }))[1]).toMatch(
      /^warning: The account key may do everything/,
    )
    await connect({ contents: 'cloudevents' })
    expect(await run()).toBe('1 record new.')
    expectNowhere(AZURITE_KEY)
  })
})
