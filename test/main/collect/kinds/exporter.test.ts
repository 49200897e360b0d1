import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Json } from '../../../../src/domain/canonical.ts'
import { exporter } from '../../../../src/main/collect/kinds/exporter/exporter.ts'
import {
  readExposition,
  readSelector,
  typeOf,
} from '../../../../src/main/collect/kinds/exporter/exposition.ts'
import { collectAll, contextFor } from './collecting.ts'

const MINUTE = 60_000
const START = Date.parse('2026-11-02T10:00:00Z')

describe('the text format', () => {
  test('reads the example of its documentation, and says types', () => {
    const read = readExposition(`# HELP http_requests_total The total number of HTTP requests.
# TYPE http_requests_total counter
http_requests_total{method="post",code="200"} 1027 1395066363000
http_requests_total{method="post",code="400"}    3 1395066363000

# Escaping in label values:
msdos_file_access_time_seconds{path="C:\\\\DIR\\\\FILE.TXT",error="Cannot find file:\\n\\"FILE.TXT\\""} 1.458255915e9

# Minimalistic line:
metric_without_timestamp_and_labels 12.47

# A weird metric from before the epoch:
something_weird{problem="division by zero"} +Inf -3982045

# TYPE http_request_duration_seconds histogram
http_request_duration_seconds_bucket{le="0.05"} 24054
http_request_duration_seconds_bucket{le="+Inf"} 144320
http_request_duration_seconds_sum 53423
http_request_duration_seconds_count 144320
`)
    expect(read.series.map(({ name, value, ms }) => [name, value, ms])).toEqual([
      ['http_requests_total', '1027', 1395066363000],
      ['http_requests_total', '3', 1395066363000],
      ['msdos_file_access_time_seconds', '1.458255915e9', null],
      ['metric_without_timestamp_and_labels', '12.47', null],
      ['something_weird', '+Inf', -3982045],
      ['http_request_duration_seconds_bucket', '24054', null],
      ['http_request_duration_seconds_bucket', '144320', null],
      ['http_request_duration_seconds_sum', '53423', null],
      ['http_request_duration_seconds_count', '144320', null],
    ])
    expect(read.series[2]?.labels).toEqual({
      path: 'C:\\DIR\\FILE.TXT',
      error: 'Cannot find file:\n"FILE.TXT"',
    })
    expect(typeOf(read, 'http_requests_total')).toBe('counter')
    expect(typeOf(read, 'http_request_duration_seconds_bucket')).toBe('histogram')
    expect(typeOf(read, 'metric_without_timestamp_and_labels')).toBeNull()
  })
  test.each([
    ['a{b="c" 1\n', 'line 1 is no sample'],
    ['a{b="c",b="d"} 1\n', 'line 1 is no sample'],
    ['a 1\nb{c=d} 2\n', 'line 2 is no sample'],
    ['a 1 2 3\n', 'line 1 is no sample'],
    ['<html>\n', 'line 1 is no sample'],
    ['a 1\nb 2', 'ends in the middle'],
  ])('refuses %j', (text, words) => expect(() => readExposition(text)).toThrow(words))
  test('takes a comma before the brace, an empty set of labels, and a brace inside a value', () => {
    expect(
      readExposition('a{b="}",} 1\na{} 2\n a { b = "," } 3\n').series.map(({ labels }) => labels),
    ).toEqual([{ b: '}' }, {}, { b: ',' }])
  })
})

test.each([
  ['a', { name: 'a', labels: { b: '1' } }, true],
  ['a', { name: 'ab', labels: {} }, false],
  ['a{b="1"}', { name: 'a', labels: { b: '1' } }, true],
  ['a{b="1",c!="2"}', { name: 'a', labels: { b: '1', c: '2' } }, false],
  ['a{b=~"1|2"}', { name: 'a', labels: { b: '12' } }, false],
  ['a{b!~"1.*"}', { name: 'a', labels: { b: '2' } }, true],
  ['a{b=""}', { name: 'a', labels: {} }, true],
])('%s chooses %j: %s', (selector, series, chosen) => expect(readSelector(selector)?.(series)).toBe(chosen))
test.each(['', 'a{', 'a{b}', 'a{b="1"', 'rate(a[5m])', 'a{b=~"("}'])('%s is no selector', (selector) =>
  expect(readSelector(selector)).toBeNull(),
)

let server: Server
let url: string
let answer: (response: ServerResponse) => void
const says = (text: string) => {
  answer = (response) => response.end(text)
}
beforeEach(async () => {
  server = createServer((_, response) => answer(response))
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`
})
afterEach(() => {
  server.closeAllConnections()
  server.close()
})

const counter = { metric: 'requests', selector: 'requests_total', method: 'counter' }
const scrapeAt = (minutes: number, checkpoint: Json, settings: object = {}) =>
  collectAll(
    exporter,
    contextFor(
      exporter,
      { url, tenantLabel: 'tenant', metrics: [counter], ...settings },
      { checkpoint, nowMs: START + minutes * MINUTE },
    ),
  )

describe('scrapes', () => {
  test('a counter counts from the first scrape on: what it grew by, from zero after a reset and for a new series', async () => {
    says('requests_total{tenant="acme"} 1000\n')
    const first = await scrapeAt(0, null)
    expect(first.events).toEqual([])
    says('requests_total{tenant="acme"} 1007.5\nrequests_total{tenant="bolt"} 3\n')
    const second = await scrapeAt(1, first.checkpoint)
    says('requests_total{tenant="acme"} 2\nrequests_total{tenant="bolt"} 3\n')
    const third = await scrapeAt(2, second.checkpoint)
    expect(
      [...second.events, ...third.events].map(({ subject, data }) => [subject, data.from, data.value]),
    ).toEqual([
      ['acme', '2026-11-02T10:00:00.000Z', '7.5'],
      ['bolt', '2026-11-02T10:00:00.000Z', '3'],
      ['acme', '2026-11-02T10:01:00.000Z', '2'],
    ])
  })

  test('a scrape that failed, was cut or half is made up for by the next, and nothing counts twice', async () => {
    says('requests_total{tenant="acme"} 100\n')
    const first = await scrapeAt(0, null)
    answer = (response) => {
      response.writeHead(200, { 'content-length': '100' })
      response.write('requests_total{tenant="acme"} 110\n')
      setTimeout(() => response.destroy(), 20)
    }
    await expect(scrapeAt(1, first.checkpoint)).rejects.toMatchObject({ retryable: true })
    says('requests_total{tenant="acme"} 12')
    await expect(scrapeAt(2, first.checkpoint)).rejects.toThrow(
      'it ends in the middle of a line. Nothing of it was taken; the next scrape counts from the one before.',
    )
    says('requests_total{tenant="acme"} 130\n')
    const next = await scrapeAt(3, first.checkpoint)
    expect(next.events.map(({ data }) => [data.from, data.to, data.value])).toEqual([
      ['2026-11-02T10:00:00.000Z', '2026-11-02T10:03:00.000Z', '30'],
    ])
    // Killed before the page was committed: the same facts get the same ids.
    const again = await scrapeAt(3, first.checkpoint)
    expect(again.events).toEqual(next.events)
  })

  test('a series that was gone for a while goes on from its last value', async () => {
    says('requests_total{tenant="acme"} 100\n')
    const first = await scrapeAt(0, null)
    says('other 1\n')
    const gone = await scrapeAt(1, first.checkpoint)
    says('requests_total{tenant="acme"} 104\n')
    expect((await scrapeAt(2, gone.checkpoint)).events.map(({ data }) => data.value)).toEqual(['4'])
    says('requests_total{tenant="acme"} 104\n')
    const day = await scrapeAt(24 * 60 + 1, gone.checkpoint)
    expect(Object.keys((day.checkpoint as { last: object }).last)).toHaveLength(1)
  })

  test('a counter chosen later counts from the scrape that first saw it', async () => {
    const both = { metrics: [counter, { ...counter, metric: 'errors', selector: 'errors_total' }] }
    says('requests_total{tenant="acme"} 100\nerrors_total{tenant="acme"} 900\n')
    const first = await scrapeAt(0, null)
    const second = await scrapeAt(1, first.checkpoint, both)
    expect(second.events).toEqual([])
    says('requests_total{tenant="acme"} 100\nerrors_total{tenant="acme"} 903\n')
    expect(
      (await scrapeAt(2, second.checkpoint, both)).events.map(({ type, data }) => [type, data.value]),
    ).toEqual([['errors', '3']])
  })

  test('a gauge is what it held between two scrapes, and no longer than half an hour', async () => {
    const metrics = [{ metric: 'memory', selector: 'memory_bytes', method: 'gauge' }]
    says('memory_bytes{tenant="acme"} 600\n')
    const first = await scrapeAt(0, null, { metrics })
    says('memory_bytes{tenant="acme"} 1200\n')
    const second = await scrapeAt(6, first.checkpoint, { metrics })
    const third = await scrapeAt(126, second.checkpoint, { metrics })
    expect([...second.events, ...third.events].map(({ data }) => data.value)).toEqual(['60', '600'])
  })

  test('NaN is no value; a float’s noise beyond 12 decimals is cut off the samples', async () => {
    says('requests_total{tenant="acme"} 0.1\nrequests_total{tenant="bolt"} NaN\n')
    const first = await scrapeAt(0, null)
    says('requests_total{tenant="acme"} 0.30000000000000004\nrequests_total{tenant="bolt"} NaN\n')
    expect((await scrapeAt(1, first.checkpoint)).events.map(({ data }) => data.value)).toEqual(['0.2'])
  })

  test('series of one tenant and the same kept labels are one record; a fixed tenant needs no label', async () => {
    const settings = { tenantLabel: '', tenant: 'acme', dimensions: ['method'] }
    says('requests_total{method="get",code="200"} 1\nrequests_total{method="get",code="500"} 1\n')
    const first = await scrapeAt(0, null, settings)
    says('requests_total{method="get",code="200"} 5\nrequests_total{method="get",code="500"} 2\n')
    expect((await scrapeAt(1, first.checkpoint, settings)).events).toMatchObject([
      { subject: 'acme', data: { value: '5', dimensions: { method: 'get' } } },
    ])
  })

  test('more series than can be kept are refused in words', async () => {
    says(Array.from({ length: 2001 }, (_, index) => `requests_total{tenant="t${index}"} 1\n`).join(''))
    await expect(scrapeAt(0, null)).rejects.toMatchObject({
      message: expect.stringContaining('2,001 series are chosen, and the last value of at most 2,000'),
      retryable: false,
    })
  })

  test('a past range is refused in words', async () => {
    says('requests_total{tenant="acme"} 1\n')
    const context = contextFor(
      exporter,
      { url, tenantLabel: 'tenant', metrics: [counter] },
      { range: { startMs: 0, endMs: 1 } },
    )
    await expect(collectAll(exporter, context)).rejects.toThrow('nothing of the past')
  })
})

test('the check warns of what would count wrongly', async () => {
  says(`# TYPE memory gauge
memory{tenant="a"} 1
# TYPE seconds histogram
seconds_bucket{tenant="a",le="1"} 1
requests_total{tenant="a"} 1
requests_total 1
`)
  const metrics = [
    counter,
    { metric: 'm', selector: 'memory', method: 'counter' },
    { metric: 'b', selector: 'seconds_bucket', method: 'counter' },
    { metric: 'n', selector: 'nothing', method: 'counter' },
    { metric: 'ok', selector: 'requests_total{tenant="a"}', method: 'counter' },
  ]
  const findings = await exporter.check(contextFor(exporter, { url, tenantLabel: 'tenant', metrics }))
  expect(findings.map(({ state, sentence }) => [state, sentence.slice(0, 60)])).toEqual([
    ['warning', 'requests: 1 of 2 series have no label tenant; their records '],
    ['warning', 'm: the exporter says that memory is a gauge, and it is read '],
    ['warning', 'b: each bucket of seconds_bucket holds the smaller ones too,'],
    ['warning', 'n: the exporter has no series nothing now. Check its name.'],
    ['works', 'ok: 1 series, read as a counter.'],
    ['works', 'Usage counts from the first scrape on; records come with the'],
  ])
})

test('a tenant must be named one way', () => {
  expect(exporter.config.safeParse({ url: 'http://x', metrics: [counter] }).success).toBe(false)
})
