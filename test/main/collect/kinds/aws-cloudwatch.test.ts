import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { awsCloudwatch } from '../../../../src/main/collect/kinds/aws/cloudwatch.ts'
import { quantityText } from '../../../../src/main/collect/kinds/aws/quantities.ts'
import { awsContext, runCollector } from '../../../support/aws-context.ts'
import { type AwsCall, type FakeAws, jsonAnswer, jsonError, startFakeAws } from '../../../support/fake-aws.ts'

const MINUTE = 60_000
const NOW = Date.parse('2026-11-10T12:00:30Z')

interface FakeSeries {
  readonly name: string
  readonly dimensions: Readonly<Record<string, string>>
  /** Milliseconds to value. */
  readonly points: ReadonlyMap<number, number>
}
interface Query {
  readonly Id: string
  readonly MetricStat: {
    readonly Period: number
    readonly Metric: {
      readonly MetricName: string
      readonly Dimensions: readonly { Name: string; Value: string }[]
    }
  }
}

let fake: FakeAws
let series: readonly FakeSeries[]
let partSize: number
beforeEach(async () => {
  fake = await startFakeAws()
  partSize = 1000
  fake.answer = answer
})
afterEach(() => fake.close())

const dimensionsOf = (of: Readonly<Record<string, string>>) =>
  Object.entries(of).map(([Name, Value]) => ({ Name, Value }))
const key = (dimensions: readonly { Name: string; Value: string }[]) =>
  JSON.stringify(dimensions.map(({ Name, Value }) => [Name, Value]).sort())

const answer = ({ action, body }: AwsCall) => {
  const asked = JSON.parse(body)
  if (action === 'ListMetrics')
    return jsonAnswer({
      Metrics: series
        .filter(({ name }) => name === asked.MetricName)
        .map(({ name, dimensions }) => ({
          Namespace: 'App',
          MetricName: name,
          Dimensions: dimensionsOf(dimensions),
        })),
    })
  const from = Number(asked.NextToken ?? '0')
  const all = (asked.MetricDataQueries as Query[]).flatMap(({ Id, MetricStat: { Metric } }) => {
    const found = series.find(
      ({ name, dimensions }) =>
        name === Metric.MetricName && key(dimensionsOf(dimensions)) === key(Metric.Dimensions),
    )
    return [...(found?.points ?? [])]
      .filter(([ms]) => ms >= asked.StartTime * 1000 && ms < asked.EndTime * 1000)
      .map(([ms, value]) => ({ Id, StatusCode: 'Complete', Timestamps: [ms / 1000], Values: [value] }))
  })
  return jsonAnswer({
    MetricDataResults: all.slice(from, from + partSize),
    ...(from + partSize < all.length ? { NextToken: String(from + partSize) } : {}),
  })
}

const every = (minutes: number, count: number, value: (index: number) => number) =>
  new Map(
    Array.from({ length: count }, (_, index) => [
      Date.parse('2026-11-10T09:00:00Z') + index * minutes * MINUTE,
      value(index),
    ]),
  )

const ROW = {
  namespace: 'App',
  name: 'Requests',
  statistic: 'Sum',
  period: '300',
  tenant: 'TenantId',
  metric: 'api.calls',
}
const run = async (settings: object = {}, changes: object = {}) => {
  const ran = await runCollector(
    awsCloudwatch,
    awsContext(
      awsCloudwatch,
      { endpoint: fake.url, metrics: [ROW], ...settings },
      { nowMs: NOW, ...changes },
    ),
  )
  const events = ran.pages.flatMap(({ text }) => text.split('\n').map((line) => JSON.parse(line)))
  return { ...ran, events }
}
const calls = (action: string) => fake.calls.filter((call) => call.action === action)

describe('reading', () => {
  test('a record for each datapoint of a series, by the tenant its dimension names', async () => {
    series = [
      { name: 'Requests', dimensions: { TenantId: 'acme' }, points: every(5, 3, (index) => 10 + index) },
      { name: 'Requests', dimensions: { TenantId: 'bolt' }, points: every(5, 1, () => 0.1) },
      { name: 'Requests', dimensions: { TenantId: 'acme', Stage: 'prod' }, points: every(5, 3, () => 99) },
    ]
    const { events, failure, pages, checkpoint } = await run()
    expect(failure).toBeNull()
    expect(events.map(({ type, subject, data }) => [type, subject, data.value, data.from, data.to])).toEqual([
      ['api.calls', 'acme', '10', '2026-11-10T09:00:00.000Z', '2026-11-10T09:05:00.000Z'],
      ['api.calls', 'acme', '11', '2026-11-10T09:05:00.000Z', '2026-11-10T09:10:00.000Z'],
      ['api.calls', 'acme', '12', '2026-11-10T09:10:00.000Z', '2026-11-10T09:15:00.000Z'],
      ['api.calls', 'bolt', '0.1', '2026-11-10T09:00:00.000Z', '2026-11-10T09:05:00.000Z'],
    ])
    expect(pages.every(({ page }) => page.sameId === 'restate')).toBe(true)
    expect(checkpoint).toEqual({ untilMs: Date.parse('2026-11-10T12:00:00Z') })
  })

  test('other dimensions are kept where they are named', async () => {
    series = [
      { name: 'Requests', dimensions: { TenantId: 'acme', Stage: 'prod' }, points: every(5, 1, () => 7) },
    ]
    expect((await run()).events).toEqual([])
    const { events } = await run({ metrics: [{ ...ROW, dimensions: ' Stage ' }] })
    expect(events[0]).toMatchObject({ subject: 'acme', data: { value: '7', dimensions: { Stage: 'prod' } } })
  })

  test('a second run reads the trailing window again, with the same ids and the newer value', async () => {
    const points = every(5, 36, (index) => index)
    series = [{ name: 'Requests', dimensions: { TenantId: 'acme' }, points }]
    const first = await run()
    points.set(Date.parse('2026-11-10T11:00:00Z'), 500)
    const second = await run(
      { lateMinutes: '90' },
      { checkpoint: first.checkpoint, nowMs: NOW + 10 * MINUTE },
    )
    expect(second.events[0].data.from).toBe('2026-11-10T10:30:00.000Z')
    const before = new Map(first.events.map(({ id, data }) => [id, data.value]))
    const changed = second.events.filter(({ id, data }) => before.get(id) !== data.value)
    expect(changed.map(({ data }) => [data.from, data.value])).toEqual([['2026-11-10T11:00:00.000Z', '500']])
    expect(new Set(first.events.map(({ id }) => id)).size).toBe(first.events.length)
  })

  test('a period under way is waited for, and parts of a day’s period are none', async () => {
    series = [
      {
        name: 'Requests',
        dimensions: { TenantId: 'acme' },
        points: new Map([
          [Date.parse('2026-11-09T00:00:00Z'), 5],
          [Date.parse('2026-11-10T00:00:00Z'), 6],
        ]),
      },
    ]
    const daily = { metrics: [{ ...ROW, period: '86400' }], lateMinutes: '1440' }
    const { events } = await run(daily)
    expect(events.map(({ data }) => data.value)).toEqual(['5'])
    const next = await run(daily, {
      nowMs: Date.parse('2026-11-11T00:01:00Z'),
      checkpoint: { untilMs: Date.parse('2026-11-10T12:00:00Z') },
    })
    expect(next.events.map(({ data }) => data.value)).toEqual(['5', '6'])
  })

  test('five hundred queries a call, and every part of an answer', async () => {
    series = Array.from({ length: 620 }, (_, index) => ({
      name: 'Requests',
      dimensions: { TenantId: `t${index}` },
      points: every(5, 1, () => index),
    }))
    partSize = 150
    const { events } = await run()
    const sizes = new Set(calls('GetMetricData').map(({ body }) => JSON.parse(body).MetricDataQueries.length))
    expect(sizes).toEqual(new Set([500, 120]))
    expect(new Set(events.map(({ subject }) => subject)).size).toBe(620)
    expect(events).toHaveLength(620)
  })

  test('a range read again leaves the checkpoint', async () => {
    series = [{ name: 'Requests', dimensions: { TenantId: 'acme' }, points: every(5, 36, () => 1) }]
    const { events, checkpoint } = await run(
      {},
      {
        checkpoint: { untilMs: 5 },
        range: { startMs: Date.parse('2026-11-10T09:10:00Z'), endMs: Date.parse('2026-11-10T09:20:00Z') },
      },
    )
    expect(events).toHaveLength(2)
    expect(checkpoint).toEqual({ untilMs: 5 })
  })
})

test.each([
  [0.1, null, '0.1'],
  [1e21, null, '1000000000000000000000'],
  [1 / 3, null, '0.333333333333'],
  [2_147_483_648, 300_000, '178956970.666666666667'],
])('%d held %d ms is %s', (value, held, text) => {
  expect(quantityText(value, held)).toBe(text)
})

describe('what goes wrong is said', () => {
  test.each([
    [jsonError('Throttling', 'Rate exceeded'), 'asks to slow down', true],
    [jsonError('AccessDenied', 'no', 403), 'may not cloudwatch:GetMetricData', false],
    [
      jsonAnswer({
        MetricDataResults: [{ Id: 'q0', StatusCode: 'PartialData', Timestamps: [], Values: [] }],
      }),
      'has not all data',
      true,
    ],
    [{ body: '{"MetricDataResults": []}', cutAfter: 8 }, 'was cut', true],
  ])('%j', async (fault, words, retryable) => {
    series = [{ name: 'Requests', dimensions: { TenantId: 'acme' }, points: every(5, 1, () => 1) }]
    fake.answer = (call) => (call.action === 'ListMetrics' ? answer(call) : fault)
    const { failure, events } = await run()
    expect(failure).toMatchObject({ message: expect.stringContaining(words), retryable })
    expect(events).toEqual([])
  })

  test('one throttled request among others is asked again', async () => {
    series = [{ name: 'Requests', dimensions: { TenantId: 'acme' }, points: every(5, 2, () => 1) }]
    let faults = 1
    fake.answer = (call) =>
      call.action === 'GetMetricData' && faults-- > 0
        ? jsonError('Throttling', 'Rate exceeded')
        : answer(call)
    const { failure, events } = await run()
    expect(failure).toBeNull()
    expect(events).toHaveLength(2)
  })

  test('the check names the dimensions there are', async () => {
    series = [{ name: 'Requests', dimensions: { TenantId: 'acme', Stage: 'prod' }, points: new Map() }]
    const findings = await awsCloudwatch.check(
      awsContext(awsCloudwatch, { endpoint: fake.url, metrics: [ROW] }, { nowMs: NOW }),
    )
    expect(findings[1]).toEqual({
      state: 'warning',
      sentence:
        'api.calls: App Requests has no series with exactly the dimensions TenantId, but with Stage, TenantId. Name all the dimensions of one of them.',
    })
  })

  test.each([[{ period: '45' }], [{ period: 'five' }], [{ statistic: 'Total' }], [{ method: 'hours' }]])(
    '%j is refused',
    (changes) => {
      expect(
        awsCloudwatch.config.safeParse({ region: 'us-east-1', metrics: [{ ...ROW, ...changes }] }).success,
      ).toBe(false)
    },
  )
})
