import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Json } from '../../../../src/domain/canonical.ts'
import { type DecimalText, sumDecimals } from '../../../../src/domain/decimal.ts'
import type { CollectContext } from '../../../../src/main/collect/collector.ts'
import { prometheus } from '../../../../src/main/collect/kinds/prometheus/prometheus.ts'
import { increases, unitHours } from '../../../../src/main/collect/kinds/prometheus/samples.ts'

import { type FakePrometheus, startFakePrometheus } from '../../../support/fake-prometheus.ts'

const MINUTE = 60_000
const START = Date.parse('2026-11-02T10:00:00Z')
const decimal = (text: string) => text as DecimalText
const windows = (count: number, lengthMs = 10 * MINUTE) =>
  Array.from({ length: count }, (_, index) => ({
    startMs: START + index * lengthMs,
    endMs: START + (index + 1) * lengthMs,
  }))
const samples = (values: readonly (readonly [minutes: number, value: string])[]) =>
  values.map(([minutes, value]) => ({ ms: START + minutes * MINUTE, value: decimal(value) }))

describe('a counter', () => {
  test('a difference counts in the window of its later sample, a reset from zero', () => {
    const values = samples([
      [1, '100'],
      [9, '130'],
      [11, '145.5'],
      [15, '4'],
      [19, '10'],
      [20, '11'],
    ])
    expect(increases(windows(3), values, decimal('90'), true)).toEqual(['40', '25.5', '1'])
  })
  test('without an earlier sample: from zero where the series is new, else from its first value', () => {
    const values = samples([
      [1, '100'],
      [2, '101'],
    ])
    expect(increases(windows(1), values, null, true)).toEqual(['101'])
    expect(increases(windows(1), values, null, false)).toEqual(['1'])
  })
  test('windows add up to what the counter grew by, wherever they are cut', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            gap: fc.integer({ min: 1, max: 400 }),
            grows: fc.integer({ min: 0, max: 50 }),
            resets: fc.boolean(),
          }),
          { maxLength: 60 },
        ),
        fc.integer({ min: 1, max: 20 }),
        (steps, cut) => {
          let ms = START
          let value = 0
          const all = steps.map(({ gap, grows, resets }) => {
            ms += gap * 1000
            value = resets ? grows : value + grows
            return { ms, value: decimal(String(value)) }
          })
          const lengthMs = cut * MINUTE
          const parts = increases(
            windows(Math.ceil((60 * 400_000) / lengthMs) + 1, lengthMs),
            all,
            decimal('0'),
            true,
          )
          // A reset to more than before cannot be told from growth; what can be seen is never counted twice.
          const seen = all.reduce((sum, { value: now }, index) => {
            const before = index === 0 ? 0 : Number(all[index - 1]?.value)
            return sum + (Number(now) >= before ? Number(now) - before : Number(now))
          }, 0)
          expect(Number(sumDecimals(parts))).toBe(seen)
        },
      ),
      { numRuns: 40 },
    )
  })
})

test('a gauge holds its value until the next sample, and five minutes at most', () => {
  const values = samples([
    [-2, '6'],
    [0, '6'],
    [5, '12'],
    [25, '1'],
  ])
  // 6 × 5 min + 12 × 5 min = 90 unit-minutes; then nothing until 25, when it holds 5 minutes of 1.
  expect(unitHours(windows(3), values, 5 * MINUTE)).toEqual(['1.5', '0', '0.083333333333'])
})

let fake: FakePrometheus
beforeEach(async () => {
  fake = await startFakePrometheus()
})
afterEach(() => fake.close())

const context = (
  changes: Partial<CollectContext<unknown>> = {},
  settings: object = {},
): CollectContext<unknown> => ({
  config: prometheus.config.parse({
    url: fake.url,
    tenantLabel: 'namespace',
    dimensions: ['pod'],
    windowMinutes: '10',
    metrics: [{ metric: 'requests', query: 'http_requests_total', method: 'counter' }],
    ...settings,
  }),
  source: 'Cluster',
  checkpoint: null,
  range: null,
  nowMs: START + 62 * MINUTE,
  timeZone: 'UTC',
  signal: new AbortController().signal,
  secret: async () => null,
  environment: {},
  ...changes,
})

const counter = (namespace: string, pod: string, perMinute: number, first = 1000) => ({
  labels: { __name__: 'http_requests_total', namespace, pod },
  values: Array.from({ length: 200 }, (_, index): [number, string] => [
    START / 1000 + index * 60 - 3600,
    String(first + index * perMinute),
  ]),
})

const run = async (given: CollectContext<unknown>) => {
  const events: {
    id: string
    subject?: string
    data: { value: string; from: string; dimensions: Record<string, string> }
  }[] = []
  let checkpoint: Json = given.checkpoint
  for await (const page of prometheus.collect(given)) {
    for (const line of String(page.content).split('\n')) if (line !== '') events.push(JSON.parse(line))
    checkpoint = page.checkpoint
  }
  return { events, checkpoint }
}

describe('collecting', () => {
  test('whole windows up to two minutes ago, a record a tenant, dimension and window', async () => {
    fake.series = [counter('acme', 'web-1', 2), counter('acme', 'web-2', 3), counter('bolt', 'web-1', 1)]
    const { events, checkpoint } = await run(context())
    expect(checkpoint).toEqual({ untilMs: START + 60 * MINUTE })
    expect(events).toHaveLength(18)
    expect(
      events
        .filter(({ subject }) => subject === 'acme')
        .map(({ data }) => [data.from.slice(11, 16), data.dimensions.pod, data.value])
        .slice(0, 3),
    ).toEqual([
      ['10:00', 'web-1', '20'],
      ['10:10', 'web-1', '20'],
      ['10:20', 'web-1', '20'],
    ])
  })

  test('a second run goes on, and together they are what one run over all would be', async () => {
    fake.series = [counter('acme', 'web-1', 2)]
    const first = await run(context({ nowMs: START + 25 * MINUTE }))
    const second = await run(context({ checkpoint: first.checkpoint, nowMs: START + 62 * MINUTE }))
    const all = await run(context())
    const ids = (events: typeof all.events) => events.map(({ id, data }) => `${id} ${data.value}`)
    expect(
      ids([...first.events, ...second.events].filter(({ data }) => data.from >= '2026-11-02T10:00')),
    ).toEqual(ids(all.events))
  })

  test('series of one tenant and the same dimensions are one record', async () => {
    fake.series = [counter('acme', 'web-1', 2), counter('acme', 'web-2', 3)]
    const { events } = await run(context({}, { dimensions: [] }))
    expect(events.map(({ data }) => data.value)).toEqual(['50', '50', '50', '50', '50', '50'])
  })

  test('a pod that began between two runs counts from zero', async () => {
    const born = counter('acme', 'web-9', 4, 0)
    fake.series = [
      counter('acme', 'web-1', 2),
      {
        ...born,
        values: born.values
          .filter(([time]) => time >= START / 1000 + 660)
          .map(([time], index) => [time, String(7 + index * 4)]),
      },
    ]
    const { events } = await run(context({ checkpoint: { untilMs: START }, nowMs: START + 22 * MINUTE }))
    expect(
      events.filter(({ data }) => data.dimensions.pod === 'web-9').map(({ data }) => data.value),
    ).toEqual([String(7 + 8 * 4)])
  })

  test('a series without the label is a record without a subject, for the quarantine', async () => {
    const nobody = counter('', 'web-1', 1)
    fake.series = [{ ...nobody, labels: { __name__: 'http_requests_total', pod: 'web-1' } }]
    expect((await run(context())).events.every((event) => !('subject' in event))).toBe(true)
  })

  test('a range read again gives the same ids and leaves the checkpoint', async () => {
    fake.series = [counter('acme', 'web-1', 2)]
    const all = await run(context())
    const again = await run(
      context({
        checkpoint: all.checkpoint,
        range: { startMs: START + 10 * MINUTE, endMs: START + 30 * MINUTE },
      }),
    )
    expect(again.checkpoint).toEqual(all.checkpoint)
    expect(again.events.map(({ id }) => id)).toEqual(all.events.slice(1, 3).map(({ id }) => id))
  })

  test('the secret goes as a bearer token, or as a password where there is a user', async () => {
    await run(context({ secret: async () => 'hunter2' }))
    await run(context({ secret: async () => 'hunter2' }, { user: 'ada' }))
    expect(new Set(fake.asked.map(({ authorization }) => authorization))).toEqual(
      new Set(['Bearer hunter2', `Basic ${Buffer.from('ada:hunter2').toString('base64')}`]),
    )
  })
})

describe('what goes wrong is said', () => {
  test.each([
    [{ status: 503, body: 'busy', headers: { 'retry-after': '7' } }, 'answered 503: busy', true, 7000],
    [{ status: 429, body: '' }, 'answered 429', true, null],
    [{ status: 401, body: 'no' }, 'refused the credentials', false, null],
    [{ status: 200, body: '<html>' }, 'is it Prometheus?', false, null],
    [{ status: 200, body: '{"status":"success"}' }, 'is it Prometheus?', false, null],
    [
      { status: 400, body: '{"status":"error","errorType":"bad_data","error":"parse error"}' },
      'does not understand',
      false,
      null,
    ],
  ])('%j', async (answer, words, retryable, retryAfterMs) => {
    fake.answerWith = answer
    await expect(run(context())).rejects.toMatchObject({
      message: expect.stringContaining(words),
      retryable,
      retryAfterMs,
    })
  })
  test('nobody listens', async () => {
    await expect(run(context({}, { url: 'http://127.0.0.1:9' }))).rejects.toMatchObject({
      message: expect.stringMatching(/cannot be reached/),
      retryable: true,
    })
  })
  test('the check names what finds nothing, and whose label is missing', async () => {
    fake.series = [
      counter('acme', 'web-1', 2),
      { ...counter('', 'x', 1), labels: { __name__: 'http_requests_total', pod: 'x' } },
    ]
    const metrics = [
      { metric: 'requests', query: 'http_requests_total', method: 'counter' },
      { metric: 'other', query: 'nothing_total', method: 'counter' },
    ]
    expect(await prometheus.check(context({ nowMs: START }, { metrics }))).toEqual([
      {
        state: 'warning',
        sentence:
          'requests: 1 of 2 series have no label namespace; their records are rejected, because nobody can be named.',
      },
      {
        state: 'warning',
        sentence: 'other: nothing_total finds no series now. Check its name, or wait for a first scrape.',
      },
    ])
  })
})
