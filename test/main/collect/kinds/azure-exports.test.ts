import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { azureBlob } from '../../../../src/main/collect/kinds/azure/blob.ts'
import { AZURE_EXPORTS } from '../../../../src/main/collect/kinds/azure/exports.ts'
import { runCollector } from '../../../support/aws-context.ts'
import { type FakeAws, startFakeAws } from '../../../support/fake-aws.ts'
import { answerAsAzure, azureContext } from '../../../support/fake-azure.ts'
import type { FakeObject } from '../../../support/fake-s3.ts'

const FOCUS =
  'ProviderName,BillingAccountId,BillingPeriodStart,ChargeCategory,ChargePeriodStart,ServiceName,BilledCost'
const row = (cost: string) =>
  `Microsoft,1,2026-11-01T00:00Z,Usage,2026-11-02T00:00Z,"Virtual Machines, all",${cost}`
const MONTH = 'focus/daily/20261101-20261130'
const FIRST = `${MONTH}/202611100900/94a015c6-1d05-46a7-83c4-dc4bf5e16b1f`
const SECOND = `${MONTH}/202611110900/af754a8e-30fc-4ef3-bfc6-71bd1efb8598`

let fake: FakeAws
let objects: Map<string, FakeObject>
beforeEach(async () => {
  fake = await startFakeAws()
  objects = new Map()
  fake.answer = (call) => answerAsAzure(objects, call)
})
afterEach(() => fake.close())

const put = (key: string, content: string | Buffer, modified: string) =>
  objects.set(key, { bytes: Buffer.from(content), modified })
const context = (changes: object = {}) =>
  azureContext({ accountUrl: `${fake.url}/acme`, contents: 'cost_export', prefix: 'focus/' }, changes)
const run = (changes: object = {}) => runCollector(azureBlob, context(changes))
const titles = ({ pages }: Awaited<ReturnType<typeof run>>) => pages.map(({ page }) => page.title)

const manifest = (files: Readonly<Record<string, number | undefined>>, type = 'FocusCost') =>
  JSON.stringify({
    exportConfig: { exportName: 'daily', type, dataVersion: '1.0r2', timeFrame: 'MonthToDate' },
    deliveryConfig: { partitionData: true, dataOverwriteBehavior: 'CreateNewReport', fileFormat: 'Csv' },
    runInfo: { runId: 'af754a8e', startDate: '2026-11-01T00:00:00', endDate: '2026-11-30T00:00:00' },
    blobs: Object.entries(files).map(([blobName, byteCount]) => ({ blobName, byteCount })),
  })
/** One file, and the manifest after it. */
const deliver = (folder: string, cost: string, at: string, type?: string) => {
  const text = `${FOCUS}\n${row(cost)}\n`
  put(`${folder}/part_0_0001.csv`, text, `${at}:00Z`)
  put(`${folder}/manifest.json`, manifest({ [`${folder}/part_0_0001.csv`]: text.length }, type), `${at}:09Z`)
}

describe('an export by its manifest', () => {
  test('all partitions of the newest run are one page of a whole bill', async () => {
    deliver(FIRST, '9', '2026-11-10T09:00')
    const [one, two] = [`\uFEFF${FOCUS}\n${row('1.5')}\n`, `${FOCUS}\n${row('2')}\n`]
    put(`${SECOND}/part_0_0001.csv.gz`, gzipSync(one), '2026-11-11T09:00:00Z')
    put(`${SECOND}/part_1_0001.csv.gz`, gzipSync(two), '2026-11-11T09:00:01Z')
    put(
      `${SECOND}/manifest.json`,
      `\uFEFF${manifest({ [`${SECOND}/part_0_0001.csv.gz`]: 4711, [`/${SECOND}/part_1_0001.csv.gz`]: undefined })}`,
      '2026-11-11T09:00:02Z',
    )
    const { pages, failure, checkpoint } = await run()
    expect(failure).toBeNull()
    expect(pages.map(({ page, text }) => [page.title, page.delivery, text])).toEqual([
      ['Azure: 2026-11, 2 files', 'restate', `${FOCUS}\n${row('1.5')}\n${row('2')}\n`],
    ])
    expect(titles(await run({ checkpoint }))).toEqual([])
  })

  test('a half-written one is never read: without its manifest, with a partition missing, newer or short', async () => {
    const text = `${FOCUS}\n${row('1')}\n`
    const file = `${FIRST}/part_0_0001.csv`
    put(file, text, '2026-11-10T09:00:00Z')
    expect((await run()).pages).toEqual([])
    put(
      `${FIRST}/manifest.json`,
      manifest({ [file]: text.length, [`${FIRST}/part_1_0001.csv`]: 9 }),
      '2026-11-10T09:00:09Z',
    )
    expect(titles(await run())).toEqual([])
    put(`${FIRST}/manifest.json`, manifest({ [file]: text.length }), '2026-11-10T09:00:09Z')
    put(file, text.slice(0, -9), '2026-11-10T09:00:00Z')
    expect(titles(await run())).toEqual([])
    put(file, text, '2026-11-10T09:00:30Z')
    expect(titles(await run())).toEqual([])
    expect(await azureBlob.check(context())).toMatchObject([
      { state: 'works' },
      { state: 'warning', sentence: expect.stringContaining('Azure is writing the newest export now') },
    ])
    put(file, text, '2026-11-10T09:00:00Z')
    expect(titles(await run())).toEqual(['Azure: 2026-11, 1 file'])
  })

  test('the run before stands while a newer one is written, and is not read again', async () => {
    deliver(FIRST, '1', '2026-11-10T09:00')
    const first = await run()
    put(`${SECOND}/part_0_0001.csv`, `${FOCUS}\n${row('2')}\n`, '2026-11-11T09:00:00Z')
    expect(titles(await run({ checkpoint: first.checkpoint }))).toEqual([])
    deliver(SECOND, '2', '2026-11-11T09:00')
    const second = await run({ checkpoint: first.checkpoint })
    expect(second.pages.map(({ text }) => text)).toEqual([`${FOCUS}\n${row('2')}\n`])
  })

  test('a manifest replaced while its export is read keeps nothing', async () => {
    deliver(FIRST, '1', '2026-11-10T09:00')
    fake.answer = (call) => {
      const answer = answerAsAzure(objects, call)
      if (call.path.includes('part_0')) deliver(FIRST, '2', '2026-11-10T10:00')
      return answer
    }
    const { failure, pages } = await run()
    expect(pages).toEqual([])
    expect(failure).toMatchObject({ retryable: true, message: expect.stringContaining('was replaced while') })
  })

  test('a run of other than one month, or of another kind, is left out and said; the months beside it are read', async () => {
    deliver('focus/daily/20261001-20261031/af754a8e-30fc-4ef3-bfc6-71bd1efb8598', '3', '2026-11-05T09:00')
    deliver('focus/daily/20261101-20261115/af754a8e-30fc-4ef3-bfc6-71bd1efb8598', '1', '2026-11-10T09:00')
    const part = await run()
    expect(titles(part)).toEqual(['Azure: 2026-10, 1 file'])
    expect(part.failure).toMatchObject({
      retryable: false,
      message: expect.stringContaining('is of 20261101-20261115, which is not exactly one month'),
    })
    objects.clear()
    deliver(FIRST, '1', '2026-11-10T09:00', 'ActualCost')
    expect((await run()).failure).toMatchObject({
      retryable: false,
      message: expect.stringContaining('is of an export of ActualCost, which is not read'),
    })
    put(`${FIRST}/manifest.json`, '{}', '2026-11-10T09:00:09Z')
    expect((await run()).failure).toMatchObject({
      message: expect.stringContaining('is no manifest of a Cost Management export'),
    })
  })

  test('two exports of the same month are refused', async () => {
    deliver(FIRST, '1', '2026-11-10T09:00')
    deliver(FIRST.replace('daily', 'other'), '2', '2026-11-10T10:00')
    expect((await run()).failure).toMatchObject({
      message: expect.stringContaining('There are 2 exports under this prefix (focus/daily, focus/other)'),
    })
  })

  test('Parquet', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'countinghouse-parquet-'))
    try {
      const path = join(folder, '1.parquet')
      const duck = await (await DuckDBInstance.create()).connect()
      await duck.run(`COPY (SELECT 'Microsoft' AS ProviderName,
        CAST('0.123456789012345678' AS DECIMAL(38,18)) AS BilledCost FROM range(2)) TO '${path}' (FORMAT parquet, COMPRESSION snappy)`)
      put(`${FIRST}/part_0_0001.snappy.parquet`, readFileSync(path), '2026-11-10T09:00:00Z')
      put(
        `${FIRST}/manifest.json`,
        manifest({ [`${FIRST}/part_0_0001.snappy.parquet`]: undefined }),
        '2026-11-10T09:00:09Z',
      )
      const { pages, failure } = await run()
      expect(failure).toBeNull()
      expect(pages[0]?.text).toBe(`ProviderName,BilledCost\n${'Microsoft,0.123456789012345678\n'.repeat(2)}`)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

test.each([
  [
    `a/b/${MONTH}/202611100900/94a015c6-1d05-46a7-83c4-dc4bf5e16b1f/manifest.json`,
    'a/b/focus/daily',
    '2026-11',
  ],
  [
    'x/20260201-20260228/daily/202602280900/94a015c6-1d05-46a7-83c4-dc4bf5e16b1f/_manifest.json',
    'x/daily',
    '2026-02',
  ],
  ['daily/20240201-20240229/94a015c6-1d05-46a7-83c4-dc4bf5e16b1f/manifest.json', 'daily', '2024-02'],
  ['daily/20260101-20260331/manifest.json', 'daily', '20260101-20260331'],
  ['daily/20260201-20260227/manifest.json', 'daily', '20260201-20260227'],
])('%s', (key, of, period) => {
  expect(AZURE_EXPORTS.manifestName.test(key)).toBe(true)
  expect(AZURE_EXPORTS.placeOf(key)).toEqual({ of, period, hasPeriod: true })
})
