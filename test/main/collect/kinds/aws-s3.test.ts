import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { awsS3 } from '../../../../src/main/collect/kinds/aws/s3.ts'
import { albLine, cloudFrontLines } from '../../../../src/main/collect/kinds/aws/s3-logs.ts'
import { awsContext, runCollector } from '../../../support/aws-context.ts'
import { type FakeAws, startFakeAws } from '../../../support/fake-aws.ts'
import { answerAsS3, type FakeObject } from '../../../support/fake-s3.ts'

let fake: FakeAws
let objects: Map<string, FakeObject>
beforeEach(async () => {
  fake = await startFakeAws()
  objects = new Map()
  fake.answer = (call) => answerAsS3(objects, call)
})
afterEach(() => fake.close())

const put = (key: string, content: string | Buffer, modified = '2026-11-10T10:00:00Z') =>
  objects.set(key, { bytes: Buffer.from(content), modified })
const context = (settings: object, changes: object = {}) =>
  awsContext(awsS3, { endpoint: fake.url, bucket: 'bucket', contents: 'cloudevents', ...settings }, changes)
const run = (settings: object = {}, changes: object = {}) => runCollector(awsS3, context(settings, changes))
const titles = ({ pages }: Awaited<ReturnType<typeof run>>) => pages.map(({ page }) => page.title)

describe('usage files', () => {
  test('each version of an object under the prefix is taken once, the oldest first', async () => {
    put('usage/b.jsonl', 'b', '2026-11-10T09:00:00Z')
    put('usage/a.jsonl', 'a', '2026-11-10T10:00:00Z')
    put('usage/c.jsonl', 'c', '2026-11-09T10:00:00Z')
    put('other/x.jsonl', 'x')
    put('usage/folder/', '')
    const first = await run({ prefix: 'usage/' })
    expect(first.failure).toBeNull()
    expect(first.pages.map(({ page, text }) => [page.title, text])).toEqual([
      ['AWS: usage/c.jsonl', 'c'],
      ['AWS: usage/b.jsonl', 'b'],
      ['AWS: usage/a.jsonl', 'a'],
    ])
    expect(titles(await run({ prefix: 'usage/' }, { checkpoint: first.checkpoint }))).toEqual([])
    put('usage/b.jsonl', 'b2', '2026-11-10T11:00:00Z')
    put('usage/late.jsonl', 'late', '2026-11-10T08:00:00Z')
    const second = await run({ prefix: 'usage/' }, { checkpoint: first.checkpoint })
    expect(titles(second)).toEqual(['AWS: usage/late.jsonl', 'AWS: usage/b.jsonl'])
    const range = {
      startMs: Date.parse('2026-11-09T00:00:00Z'),
      endMs: Date.parse('2026-11-10T00:00:00Z'),
    }
    const again = await run({ prefix: 'usage/' }, { checkpoint: second.checkpoint, range })
    expect(titles(again)).toEqual(['AWS: usage/c.jsonl'])
    expect(again.checkpoint).toEqual(second.checkpoint)
  })

  test('a run that breaks off goes on at the object that failed', async () => {
    put('1', 'one', '2026-11-10T09:00:00Z')
    put('2', 'two', '2026-11-10T09:01:00Z')
    fake.answer = (call) =>
      call.path.startsWith('/bucket/2') ? { body: 'two', cutAfter: 1 } : answerAsS3(objects, call)
    const broken = await run()
    expect(broken.failure).toMatchObject({ retryable: true, message: expect.stringContaining('was cut') })
    expect(titles(broken)).toEqual(['AWS: 1'])
    fake.answer = (call) => answerAsS3(objects, call)
    expect(titles(await run({}, { checkpoint: broken.checkpoint }))).toEqual(['AWS: 2'])
  })

  test('an object replaced between the listing and the reading is not read', async () => {
    put('1', 'one')
    fake.answer = (call) => {
      if (call.path.startsWith('/bucket/1')) put('1', 'other')
      return answerAsS3(objects, call)
    }
    const { failure, pages } = await run()
    expect(pages).toEqual([])
    expect(failure).toMatchObject({ retryable: true, message: expect.stringContaining('1 was replaced') })
  })

  test('a CSV needs its mapping, and is read by it', async () => {
    const mapping = {
      tenant: { column: 'who' },
      metric: { fixed: 'calls' },
      quantity: { column: 'n' },
      time: { column: 'at', format: 'iso', timeZone: 'UTC' },
      dimensions: [],
    }
    put('1.csv', 'who,n,at')
    const { pages } = await run({ contents: 'csv', mapping: JSON.stringify(mapping) })
    expect(pages[0]?.page.choice).toEqual({ kind: 'csv', mapping })
    const parse = (changes: object) =>
      awsS3.config.safeParse({ region: 'eu-west-1', bucket: 'bucket', contents: 'csv', ...changes }).success
    expect([parse({}), parse({ mapping: '{' }), parse({ mapping: '{}' })]).toEqual([false, false, false])
  })
})

const ALB =
  'https 2026-11-02T10:00:01.186641Z app/lb/50dc 192.168.131.39:2817 10.0.0.1:80 0.086 0.048 0.037 200 200 0 57 "GET https://www.example.com:443/acme/x?y=1 HTTP/1.1" "curl/7.46.0" ECDHE TLSv1.2 arn:aws:x "Root=1-58337281" "www.example.com" "-" 1 2026-11-02T10:00:00.148000Z "forward" "-" "-" "10.0.0.1:80" "200" "-" "-"'
const CLOUDFRONT = [
  '#Version: 1.0',
  '#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) cs-uri-query cs-protocol-version',
  '2026-11-02\t21:02:31\tLAX1\t392\t192.0.2.100\tGET\td111.cloudfront.net\t/acme/index.html\t200\t-\tMozilla\ta=1\tHTTP/2.0',
]

describe('logs', () => {
  test('an entry of a load balancer is a log line with itself behind', () => {
    expect(albLine(ALB)).toBe(
      `192.168.131.39 - - [02/Nov/2026:10:00:01 +0000] "GET https://www.example.com:443/acme/x?y=1 HTTP/1.1" 200 57 ${ALB}`,
    )
    expect(albLine('nonsense')).toBe('nonsense')
  })
  test('an entry of CloudFront by the columns the file names', () => {
    const lineOf = cloudFrontLines()
    expect(CLOUDFRONT.map(lineOf)).toEqual([
      null,
      null,
      `192.0.2.100 - - [02/Nov/2026:21:02:31 +0000] "GET /acme/index.html?a=1 HTTP/2.0" 200 392 ${CLOUDFRONT[2]}`,
    ])
  })
  test('packed logs are unpacked, and one that is not whole says so where it ends', async () => {
    put('1.log.gz', gzipSync(`${ALB}\n${ALB}`), '2026-11-10T10:00:00Z')
    const { pages } = await run({ contents: 'alb_log', tenantFrom: 'segment:1' })
    expect(pages[0]?.text).toBe(`${albLine(ALB)}\n${albLine(ALB)}\n`)
    expect(pages[0]?.page.choice).toMatchObject({ kind: 'access_log', log: { tenantFrom: { segment: 1 } } })
    const many = Array.from({ length: 2000 }, (_, index) => ALB.replace('Root=1', `Root=${index * 7919}`))
    put('1.log.gz', gzipSync(many.join('\n')).subarray(0, -200), '2026-11-10T10:00:00Z')
    const cut = await run({ contents: 'alb_log' })
    expect(cut.failure).toBeNull()
    const lines = cut.pages[0]?.text.trim().split('\n') ?? []
    expect(lines.length).toBeGreaterThan(100)
    expect(lines.slice(0, -1)).toEqual(many.slice(0, lines.length - 1).map(albLine))
    expect(lines.at(-1)).toContain('1.log.gz is packed with gzip and damaged or not whole')
  })
})

describe('storage', () => {
  const settings = { contents: 'storage', prefix: 'data/' }
  test('bytes of each tenant by the hours they were there since the last look', async () => {
    put('data/acme/a/1', 'x'.repeat(3600), '2026-11-01T00:00:00Z')
    put('data/acme/2', 'x'.repeat(7200), '2026-11-10T11:59:50Z')
    put('data/bolt/1', 'x'.repeat(100), '2026-11-10T12:00:00Z')
    put('data/readme', 'x')
    const { pages, checkpoint, failure } = await run(settings, {
      nowMs: Date.parse('2026-11-10T12:00:10Z'),
      checkpoint: { lookedMs: Date.parse('2026-11-10T11:59:40Z') },
    })
    expect(failure).toBeNull()
    const events = (pages[0]?.text ?? '').split('\n').map((line) => JSON.parse(line))
    expect(
      events.map(({ subject, data }) => [
        subject,
        data.value,
        data.from.slice(11, 19),
        data.to.slice(11, 19),
      ]),
    ).toEqual([
      ['acme', '40', '11:59:40', '12:00:00'],
      ['acme', '30', '12:00:00', '12:00:10'],
      ['bolt', '0.277777777778', '12:00:00', '12:00:10'],
    ])
    expect(checkpoint).toEqual({ lookedMs: Date.parse('2026-11-10T12:00:10Z') })
  })
  test('the check tells the bytes now', async () => {
    put('data/acme/1', 'x'.repeat(3600))
    put('data/bolt/1', 'x'.repeat(100))
    put('data/readme', 'x')
    expect(await awsS3.check(context(settings))).toEqual([
      {
        state: 'works',
        sentence:
          '2 tenants by folder 1 behind the prefix, in bytes now: acme 3,600, bolt 100. 1 bytes are in no such folder and are left out.',
      },
    ])
  })
})

test('half of an access key is refused in words', async () => {
  const { failure } = await run(
    {},
    { secret: async (field: string) => (field === 'accessKeyId' ? 'AKIA' : null) },
  )
  expect(failure).toMatchObject({
    retryable: false,
    message: expect.stringContaining('only one half is set'),
  })
})

const FOCUS =
  'ProviderName,BillingAccountId,BillingPeriodStart,ChargeCategory,ChargePeriodStart,ServiceName,BilledCost'
const focusRow = (cost: string) => `AWS,1,2026-11-01,Usage,2026-11-02,"EC2, all",${cost}`
const FOLDER = 'exports/focus'
const DATA = `${FOLDER}/data/BILLING_PERIOD=2026-11`
const MANIFEST = `${FOLDER}/metadata/BILLING_PERIOD=2026-11/focus-Manifest.json`
const manifest = (...files: readonly string[]) =>
  JSON.stringify({ dataFiles: files.map((file) => `s3://bucket/${file}`) })

describe('cost exports', () => {
  test('all files of a manifest are one page of a whole bill', async () => {
    put(`${DATA}/1.csv.gz`, gzipSync(`${FOCUS}\n${focusRow('1.5')}\n`), '2026-11-10T10:00:00Z')
    put(`${DATA}/2.csv.gz`, gzipSync(`${FOCUS}\n${focusRow('2')}`), '2026-11-10T10:00:01Z')
    put(`${DATA}/old.csv.gz`, gzipSync(`${FOCUS}\n${focusRow('9')}`), '2026-11-09T10:00:01Z')
    put(MANIFEST, manifest(`${DATA}/1.csv.gz`, `${DATA}/2.csv.gz`), '2026-11-10T10:00:02Z')
    const { pages, failure } = await run({ contents: 'cost_export', prefix: 'exports/' })
    expect(failure).toBeNull()
    expect(pages.map(({ page, text }) => [page.title, page.delivery, text])).toEqual([
      ['AWS: BILLING_PERIOD=2026-11, 2 files', 'restate', `${FOCUS}\n${focusRow('1.5')}\n${focusRow('2')}\n`],
    ])
  })

  test('a half-written export is never read', async () => {
    put(`${DATA}/1.csv.gz`, gzipSync(`${FOCUS}\n${focusRow('1.5')}\n`), '2026-11-10T10:00:00Z')
    const settings = { contents: 'cost_export', prefix: 'exports/' }
    expect((await run(settings)).pages).toEqual([])
    put(MANIFEST, manifest(`${DATA}/1.csv.gz`, `${DATA}/2.csv.gz`), '2026-11-10T10:00:02Z')
    expect(titles(await run(settings))).toEqual([])
    put(`${DATA}/2.csv.gz`, gzipSync(`${FOCUS}\n${focusRow('2')}\n`), '2026-11-10T10:05:00Z')
    expect(titles(await run(settings))).toEqual([])
    expect(await awsS3.check(context(settings))).toMatchObject([
      { state: 'works' },
      { state: 'warning', sentence: expect.stringContaining('AWS is writing the newest export now') },
    ])
    put(MANIFEST, manifest(`${DATA}/1.csv.gz`, `${DATA}/2.csv.gz`), '2026-11-10T10:05:01Z')
    expect(titles(await run(settings))).toEqual(['AWS: BILLING_PERIOD=2026-11, 2 files'])
  })

  test('an export replaced while it is read is not kept', async () => {
    put(`${DATA}/1.csv.gz`, gzipSync(`${FOCUS}\n${focusRow('1.5')}\n`), '2026-11-10T10:00:00Z')
    put(MANIFEST, manifest(`${DATA}/1.csv.gz`), '2026-11-10T10:00:02Z')
    fake.answer = (call) => {
      const answer = answerAsS3(objects, call)
      if (call.path.includes('1.csv.gz')) put(MANIFEST, manifest(`${DATA}/1.csv.gz`), '2026-11-10T10:09:00Z')
      return answer
    }
    const { failure, pages } = await run({ contents: 'cost_export', prefix: 'exports/' })
    expect(pages).toEqual([])
    expect(failure).toMatchObject({ retryable: true, message: expect.stringContaining('was replaced while') })
  })

  test('of an export kept by execution the newest manifest of a period, and two exports are refused', async () => {
    for (const [execution, cost, at] of [
      ['20261109-a', '1', '2026-11-09T10:00:00Z'],
      ['20261110-b', '2', '2026-11-10T10:00:00Z'],
    ] as const) {
      put(`${DATA}/${execution}/1.csv`, `${FOCUS}\n${focusRow(cost)}\n`, at)
      put(MANIFEST.replace('focus-', `${execution}/focus-`), manifest(`${DATA}/${execution}/1.csv`), at)
    }
    const settings = { contents: 'cost_export', prefix: 'exports/' }
    expect((await run(settings)).pages.map(({ text }) => text)).toEqual([`${FOCUS}\n${focusRow('2')}\n`])
    for (const period of ['2026-10', '2026-11']) {
      put(`exports/cur/metadata/BILLING_PERIOD=${period}/cur-Manifest.json`, manifest())
      expect((await run(settings)).failure).toMatchObject({
        message: expect.stringContaining('There are 2 exports under this prefix'),
      })
      objects.delete(`exports/cur/metadata/BILLING_PERIOD=${period}/cur-Manifest.json`)
    }
  })

  test('Parquet: decimals to their last digit, floats as they are meant, times, tags', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'countinghouse-parquet-'))
    try {
      const path = join(folder, '1.parquet')
      const duck = await (await DuckDBInstance.create()).connect()
      await duck.run(`COPY (
        SELECT 'AWS' AS ProviderName, TIMESTAMP '2026-11-01 00:00:00' AS BillingPeriodStart,
          CAST('12345678901234567.123456789012345678' AS DECIMAL(38,18)) AS BilledCost,
          CAST('-0.0001' AS DECIMAL(9,4)) AS ListCost,
          CAST(1.0e-9 AS DOUBLE) AS EffectiveCost, MAP {'team': 'blue, "sky"'} AS Tags, NULL::VARCHAR AS ResourceId
        FROM range(3)) TO '${path}' (FORMAT parquet, COMPRESSION zstd)`)
      put(`${DATA}/1.snappy.parquet`, readFileSync(path))
      put(MANIFEST, manifest(`${DATA}/1.snappy.parquet`))
      const { pages, failure } = await run({ contents: 'cost_export' })
      expect(failure).toBeNull()
      const [header, ...rows] = pages[0]?.text.trim().split('\n') ?? []
      expect(header).toBe('ProviderName,BillingPeriodStart,BilledCost,ListCost,EffectiveCost,Tags,ResourceId')
      expect(rows).toEqual(
        Array(3).fill(
          'AWS,2026-11-01T00:00:00.000Z,12345678901234567.123456789012345678,-0.0001,0.000000001,"{""team"":""blue, \\""sky\\""""}",',
        ),
      )
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

  test('CUR 2.0: amortised by the type of the line item', async () => {
    const columns =
      'line_item_line_item_type,line_item_unblended_cost,reservation_effective_cost,savings_plan_savings_plan_effective_cost,savings_plan_total_commitment_to_date,savings_plan_used_commitment,bill_payer_account_id,resource_tags,line_item_product_code,product'
    const row = (type: string, cost: string, rest: string) =>
      `${type},${cost},${rest},1,"{""user_team"":""blue""}",AmazonEC2,"{""product_name"":""Elastic Compute Cloud""}"`
    put(
      `${DATA}/1.csv.gz`,
      gzipSync(
        [
          columns,
          row('Usage', '3', ',,,'),
          row('DiscountedUsage', '0', '1.25,,,'),
          row('SavingsPlanCoveredUsage', '4', ',2.5,,'),
          row('SavingsPlanNegation', '-4', ',,,'),
          row('SavingsPlanRecurringFee', '5', ',,5.1,2.5'),
          row('Tax', '0.7', ',,,'),
        ].join('\n'),
      ),
    )
    put(MANIFEST, manifest(`${DATA}/1.csv.gz`))
    const { pages, failure } = await run({ contents: 'cost_export' })
    expect(failure).toBeNull()
    const [header = '', ...rows] = pages[0]?.text.trim().split('\n') ?? []
    const at = (name: string) => header.split(',').indexOf(name)
    const cells = rows.map((line) => line.replace(/"(?:[^"]|"")*"/g, 'TAGS').split(','))
    expect(
      cells.map((each) =>
        ['ChargeCategory', 'ServiceName', 'Tags', 'BilledCost', 'EffectiveCost'].map(
          (name) => each[at(name)],
        ),
      ),
    ).toEqual([
      ['Usage', 'Elastic Compute Cloud', 'TAGS', '3', '3'],
      ['Usage', 'Elastic Compute Cloud', 'TAGS', '0', '1.25'],
      ['Usage', 'Elastic Compute Cloud', 'TAGS', '4', '2.5'],
      ['Usage', 'Elastic Compute Cloud', 'TAGS', '-4', '0'],
      ['Purchase', 'Elastic Compute Cloud', 'TAGS', '5', '2.6'],
      ['Tax', 'Elastic Compute Cloud', 'TAGS', '0.7', '0.7'],
    ])
  })

  test('a damaged export of an older period is tried again, and the newer ones are read', async () => {
    const of = (period: string, body: string, at: string) => {
      put(`${DATA.replace('2026-11', period)}/1.csv.gz`, gzipSync(body), at)
      put(MANIFEST.replace('2026-11', period), manifest(`${DATA.replace('2026-11', period)}/1.csv.gz`), at)
    }
    const good = (cost: string) => `${FOCUS}\n${focusRow(cost)}\n`
    of('2026-08', good('1'), '2026-09-01T00:00:00Z')
    of('2026-11', good('2'), '2026-11-10T00:00:00Z')
    objects.set(`${DATA.replace('2026-11', '2026-08')}/1.csv.gz`, {
      bytes: gzipSync(good('1')).subarray(0, -12),
      modified: '2026-09-01T00:00:00Z',
    })
    const first = await run({ contents: 'cost_export' })
    expect(titles(first)).toEqual(['AWS: BILLING_PERIOD=2026-11, 1 file'])
    expect(first.failure).toMatchObject({ message: expect.stringContaining('1.csv.gz is packed with gzip') })
    of('2026-08', good('1'), '2026-09-01T00:00:00Z')
    const second = await run({ contents: 'cost_export' }, { checkpoint: first.checkpoint })
    expect(titles(second)).toEqual(['AWS: BILLING_PERIOD=2026-08, 1 file'])
    expect(titles(await run({ contents: 'cost_export' }, { checkpoint: second.checkpoint }))).toEqual([])
  })

  test('a damaged Parquet file says so', async () => {
    put(`${DATA}/1.parquet`, 'PAR1 nothing of the kind PAR1')
    put(MANIFEST, manifest(`${DATA}/1.parquet`))
    expect((await run({ contents: 'cost_export' })).failure).toMatchObject({
      retryable: false,
      message: expect.stringContaining('1.parquet cannot be read'),
    })
  })
})

describe('what goes wrong is said', () => {
  test.each([
    [403, 'AccessDenied', 'may not s3:ListBucket', false],
    [403, 'InvalidAccessKeyId', 'does not know these credentials', false],
    [400, 'ExpiredToken', 'have expired', false],
    [404, 'NoSuchBucket', 'no bucket of that name', false],
    [403, 'RequestTimeTooSkewed', 'clock is wrong', true],
    [503, 'SlowDown', 'asks to slow down', true],
    [500, 'InternalError', 'trouble of its own', true],
  ])('%d %s', async (status, code, words, retryable) => {
    fake.answer = () => ({
      status,
      headers: { 'content-type': 'application/xml' },
      body: `<Error><Code>${code}</Code><Message>No.</Message></Error>`,
    })
    expect((await run()).failure).toMatchObject({ message: expect.stringContaining(words), retryable })
  })
  test('a page of the listing that breaks off keeps nothing', async () => {
    put('1', 'a')
    put('2', 'b')
    put('3', 'c')
    fake.answer = (call) =>
      call.path.includes('continuation-token')
        ? { body: '<ListBucketResult><Contents><Key>3', headers: { 'content-type': 'application/xml' } }
        : answerAsS3(objects, call)
    const { failure, pages } = await run()
    expect(pages).toEqual([])
    expect(failure).toMatchObject({ message: expect.stringContaining('broke off'), retryable: true })
  })
  test('the check names the permission that is missing', async () => {
    put('1', 'a')
    fake.answer = (call) =>
      call.path.startsWith('/bucket/1')
        ? {
            status: 403,
            headers: { 'content-type': 'application/xml' },
            body: '<Error><Code>AccessDenied</Code></Error>',
          }
        : answerAsS3(objects, call)
    await expect(awsS3.check(context({}))).rejects.toThrow('may not s3:GetObject')
  })
  test('the check', async () => {
    expect(await awsS3.check(context({}))).toMatchObject([{ state: 'warning' }])
    put('1', 'a')
    expect(await awsS3.check(context({}))).toEqual([
      { state: 'works', sentence: '1 object under bucket/; the newest, 1, can be read.' },
    ])
  })
})
