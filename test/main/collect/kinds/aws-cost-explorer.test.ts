import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { awsCostExplorer } from '../../../../src/main/collect/kinds/aws/cost-explorer.ts'
import { awsContext, KEYS, runCollector } from '../../../support/aws-context.ts'
import {
  ACCOUNT,
  type AwsCall,
  type FakeAws,
  jsonAnswer,
  jsonError,
  startFakeAws,
} from '../../../support/fake-aws.ts'

let fake: FakeAws
beforeEach(async () => {
  fake = await startFakeAws()
})
afterEach(() => fake.close())

const amount = (Amount: string) => ({ Amount, Unit: 'USD' })
const group = (keys: readonly string[], unblended: string, amortized = unblended, net = amortized) => ({
  Keys: keys,
  Metrics: {
    UnblendedCost: amount(unblended),
    AmortizedCost: amount(amortized),
    NetAmortizedCost: amount(net),
  },
})
const result = (day: string, groups: readonly object[], estimated = false) => ({
  TimePeriod: { Start: day, End: day.replace(/\d\d$/, (text) => String(Number(text) + 1).padStart(2, '0')) },
  Total: {},
  Groups: groups,
  Estimated: estimated,
})
const asked = (call: AwsCall) => JSON.parse(call.body)

const context = (settings: object = {}, changes: object = {}) =>
  awsContext(awsCostExplorer, { endpoint: fake.url, ...settings }, changes)
const run = (settings: object = {}, changes: object = {}) =>
  runCollector(awsCostExplorer, context(settings, changes))

describe('reading', () => {
  test('whole months of the trailing window, one page each, grouped by service and account', async () => {
    fake.answer = (call) =>
      jsonAnswer({
        ResultsByTime: [
          result(
            asked(call).TimePeriod.Start,
            [
              group(['Amazon EC2', '111111111111'], '10.5', '8.25', '8'),
              group(['Amazon S3', '222222222222'], '0', '0'),
              group(['Tax, national', '222222222222'], '-0.0000000001'),
            ],
            true,
          ),
        ],
        DimensionValueAttributes: [{ Value: '111111111111', Attributes: { description: 'Production' } }],
      })
    const { pages, checkpoint, failure } = await run()
    expect(failure).toBeNull()
    expect(fake.calls.map((call) => asked(call).TimePeriod)).toEqual([
      { Start: '2026-10-01', End: '2026-11-01' },
      { Start: '2026-11-01', End: '2026-11-11' },
    ])
    expect(asked(fake.calls[0] as AwsCall)).toMatchObject({
      Granularity: 'DAILY',
      Metrics: ['UnblendedCost', 'AmortizedCost', 'NetAmortizedCost'],
      GroupBy: [
        { Type: 'DIMENSION', Key: 'SERVICE' },
        { Type: 'DIMENSION', Key: 'LINKED_ACCOUNT' },
      ],
    })
    expect(pages.map(({ page }) => [page.title, page.delivery, page.choice])).toEqual([
      ['AWS cost of 2026-10 (1 request, USD 0.01)', 'restate', { kind: 'focus' }],
      ['AWS cost of 2026-11 (1 request, USD 0.01)', 'restate', { kind: 'focus' }],
    ])
    expect(pages[0]?.text.split('\n')).toEqual([
      'ProviderName,BillingAccountId,BillingCurrency,BillingPeriodStart,BillingPeriodEnd,ChargeCategory,ChargePeriodStart,ChargePeriodEnd,ServiceName,SubAccountId,SubAccountName,Tags,BilledCost,EffectiveCost,x_AmortizedCost,x_NetAmortizedCost,x_Estimated',
      `AWS,${ACCOUNT},USD,2026-10-01T00:00:00Z,2026-11-01T00:00:00Z,Usage,2026-10-01T00:00:00Z,2026-10-02T00:00:00Z,Amazon EC2,111111111111,Production,,10.5,8.25,8.25,8,true`,
      `AWS,${ACCOUNT},USD,2026-10-01T00:00:00Z,2026-11-01T00:00:00Z,Usage,2026-10-01T00:00:00Z,2026-10-02T00:00:00Z,"Tax, national",222222222222,,,-0.0000000001,-0.0000000001,-0.0000000001,-0.0000000001,true`,
      '',
    ])
    expect(checkpoint).toEqual({ month: '2026-11', requests: 2 })
  })

  test('all parts of an answer are one page, and a tag without a value is no tag', async () => {
    fake.answer = (call) =>
      asked(call).NextPageToken === undefined
        ? jsonAnswer({
            ResultsByTime: [result('2026-11-01', [group(['Amazon EC2', 'team$a "b"'], '1')])],
            NextPageToken: 'more',
          })
        : jsonAnswer({ ResultsByTime: [result('2026-11-02', [group(['Amazon EC2', 'team$'], '2')])] })
    const { pages } = await run({ groupBy: 'tag', groupKey: 'team', trailingDays: '5' })
    expect(fake.calls.map((call) => asked(call).NextPageToken)).toEqual([undefined, 'more'])
    expect(asked(fake.calls[0] as AwsCall).GroupBy[1]).toEqual({ Type: 'TAG', Key: 'team' })
    const [, first, second] = pages[0]?.text.split('\n') ?? []
    expect(first).toContain('Amazon EC2,,,"{""team"":""a \\""b\\""""}",1,')
    expect(second).toContain('Amazon EC2,,,,2,')
    expect(pages).toHaveLength(1)
  })

  test('hours of the last fourteen days, and days before them', async () => {
    fake.answer = () => jsonAnswer({ ResultsByTime: [] })
    await run({ granularity: 'hourly', trailingDays: '12' }, { nowMs: Date.parse('2026-11-20T09:00:00Z') })
    expect(fake.calls.map((call) => [asked(call).Granularity, asked(call).TimePeriod])).toEqual([
      ['DAILY', { Start: '2026-11-01', End: '2026-11-07' }],
      ['HOURLY', { Start: '2026-11-07T00:00:00Z', End: '2026-11-21T00:00:00Z' }],
    ])
  })

  test('a range asks for its months, and its requests are counted', async () => {
    fake.answer = () => jsonAnswer({ ResultsByTime: [] })
    const { checkpoint } = await run(
      {},
      {
        checkpoint: { month: '2026-11', requests: 7 },
        range: { startMs: Date.parse('2026-08-15T00:00:00Z'), endMs: Date.parse('2026-10-01T00:00:00Z') },
      },
    )
    expect(fake.calls.map((call) => asked(call).TimePeriod.Start)).toEqual(['2026-08-01', '2026-09-01'])
    expect(checkpoint).toEqual({ month: '2026-11', requests: 9 })
  })
})

describe('the budget of requests', () => {
  test('is counted before a request is sent, across runs, and never exceeded', async () => {
    fake.answer = () => jsonError('ThrottlingException', 'Rate exceeded')
    let checkpoint = null as never
    const failures: string[] = []
    for (let attempt = 0; attempt < 5; attempt++) {
      const ended = await run({ requestsPerMonth: '3' }, { checkpoint })
      checkpoint = ended.checkpoint as never
      failures.push((ended.failure as Error).message)
    }
    expect(fake.calls).toHaveLength(3)
    expect(checkpoint).toEqual({ month: '2026-11', requests: 3 })
    expect(failures.at(-1)).toBe(
      'The budget of 3 requests to Cost Explorer in 2026-11 (USD 0.03) is used up. 2026-10 was not read; what was read before is kept. It goes on next month, or raise the budget.',
    )
  })
  test('begins anew with a month', async () => {
    fake.answer = () => jsonAnswer({ ResultsByTime: [] })
    const { checkpoint } = await run(
      { requestsPerMonth: '2' },
      { checkpoint: { month: '2026-10', requests: 2 } },
    )
    expect(checkpoint).toEqual({ month: '2026-11', requests: 2 })
  })
})

describe('what goes wrong is said', () => {
  test.each([
    [jsonError('ThrottlingException', 'Rate exceeded'), 'asks to slow down', true],
    [{ ...jsonError('InternalFailure', 'oops', 500) }, 'has trouble of its own', true],
    [
      jsonError('ExpiredTokenException', 'The security token included in the request is expired'),
      'have expired',
      false,
    ],
    [jsonError('AccessDeniedException', 'not authorized'), 'may not ce:GetCostAndUsage', false],
    [jsonError('UnrecognizedClientException', 'The security token is invalid'), 'does not know these', false],
    [jsonError('DataUnavailableException', 'not yet'), 'has no data yet', false],
    [jsonError('ValidationException', 'Start date is too old'), 'ValidationException: Start date', false],
    [
      { headers: { 'content-type': 'application/x-amz-json-1.1' }, body: '{"ResultsByTime": [{"Gro' },
      'broke off',
      true,
    ],
    [{ body: '{"ResultsByTime": []}', cutAfter: 9 }, 'was cut', true],
  ])('%j', async (answer, words, retryable) => {
    fake.answer = () => answer
    const { failure, pages } = await run()
    expect(failure).toMatchObject({ message: expect.stringContaining(words), retryable })
    expect(pages).toEqual([])
    expect(fake.calls).toHaveLength(1)
    expect(JSON.stringify([failure, (failure as Error).message])).not.toContain(KEYS.secretAccessKey)
  })

  test('it waits as long as AWS asks', async () => {
    const answer = jsonError('ThrottlingException', 'Rate exceeded')
    fake.answer = () => ({ ...answer, headers: { ...answer.headers, 'retry-after': '90' } })
    expect((await run()).failure).toMatchObject({ retryable: true, retryAfterMs: 90_000 })
  })

  test('a clock ten minutes off is corrected by AWS’ time, and the second request counted', async () => {
    const skewed = jsonError(
      'InvalidSignatureException',
      'Signature expired: 20261110T115000Z is now earlier',
    )
    const date = new Date(Date.now() + 600_000)
    fake.answer = () =>
      fake.calls.length === 1
        ? { ...skewed, headers: { ...skewed.headers, date: date.toUTCString() } }
        : jsonAnswer({ ResultsByTime: [] })
    const { failure, checkpoint } = await run({ trailingDays: '2' })
    expect(failure).toBeNull()
    expect(checkpoint).toEqual({ month: '2026-11', requests: 2 })
    const sent = fake.calls[1]?.headers['x-amz-date'] as string
    expect(sent.slice(0, 11)).toBe(date.toISOString().replaceAll(/[-:]/g, '').slice(0, 11))
  })

  test('nobody listens', async () => {
    const { failure } = await run({ endpoint: 'http://127.0.0.1:9' })
    expect(failure).toMatchObject({ message: expect.stringContaining('cannot be reached'), retryable: true })
  })
})

describe('the check', () => {
  test('names the account, and says what it cost', async () => {
    fake.answer = () =>
      jsonAnswer({ ResultsByTime: [result('2026-11-08', [group(['Amazon EC2', 'team$'], '1')])] })
    const findings = await awsCostExplorer.check(context({ groupBy: 'tag', groupKey: 'team' }))
    expect(findings.map(({ state }) => state)).toEqual(['works', 'warning', 'works'])
    expect(findings[0]?.sentence).toContain(ACCOUNT)
    expect(findings[1]?.sentence).toContain('none of its cost has the tag team')
    expect(findings[2]?.sentence).toContain('one request (USD 0.01)')
  })
  test('names the permission that is missing', async () => {
    fake.answer = () => jsonError('AccessDeniedException', 'no')
    expect((await awsCostExplorer.check(context()))[1]).toEqual({
      state: 'missing',
      sentence:
        'These credentials may not ce:GetCostAndUsage. Add it to the policy, as the permissions of this source show it.',
    })
  })
})

test('a tag needs its key', () => {
  expect(awsCostExplorer.config.safeParse({ region: 'us-east-1', groupBy: 'tag' }).success).toBe(false)
})
