import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type AccessLogOptions, readAccessLog } from '../../../../src/main/collect/files/access-log.ts'
import { textSource } from '../../../../src/main/collect/files/open-file.ts'
import { exhaust, NOW_MS } from './helpers.ts'

const read = async (text: string, tenantFrom: AccessLogOptions['tenantFrom'] = 'client') => {
  const reading = readAccessLog(textSource('access.log', text), { tenantFrom, nowMs: NOW_MS })
  return { reading, ...(await exhaust(reading)) }
}
const TAIL = '"http://ref/" "Mozilla/5.0"'
const TIME = '[17/May/2015:10:05:03 +0000]'

describe('lines', () => {
  test.each([
    // line, tenant, dimensions, bytes
    [
      `1.2.3.4 - bob ${TIME} "GET /a/b?x=1 HTTP/1.1" 200 12 ${TAIL}`,
      '1.2.3.4',
      { method: 'GET', path_1: 'a', status: '200' },
      '12',
    ],
    [
      `1.2.3.4 - - ${TIME} "GET / HTTP/1.0" 304 -`,
      '1.2.3.4',
      { method: 'GET', path_1: '/', status: '304' },
      '0',
    ],
    [
      `2001:db8::1 - - ${TIME} "POST /v1/x HTTP/2" 201 5 ${TAIL}`,
      '2001:db8::1',
      { method: 'POST', path_1: 'v1', status: '201' },
      '5',
    ],
    [
      `host.example.com - - ${TIME} "GET http://h.example/p/q HTTP/1.1" 200 5`,
      'host.example.com',
      { method: 'GET', path_1: 'p', status: '200' },
      '5',
    ],
    [
      `::1 - - ${TIME} "GET /say/\\"hi\\" HTTP/1.1" 200 7 "-" "a \\"quoted\\" agent"`,
      '::1',
      { method: 'GET', path_1: 'say', status: '200' },
      '7',
    ],
    [
      `1.1.1.1 - - ${TIME} "GET /un"escaped HTTP/1.1" 200 7 ${TAIL}`,
      '1.1.1.1',
      { method: 'GET', path_1: 'un"escaped', status: '200' },
      '7',
    ],
    [`1.1.1.1 - - ${TIME} "-" 408 0 "-" "-"`, '1.1.1.1', { status: '408' }, '0'],
    [`1.1.1.1 - - ${TIME} "\\x16\\x03\\x01" 400 226 "-" "-"`, '1.1.1.1', { status: '400' }, '226'],
    [`1.1.1.1 - - ${TIME} "" 400 0 "-" "-"`, '1.1.1.1', { status: '400' }, '0'],
    [
      `1.1.1.1 - a user ${TIME} "GET /x HTTP/1.1" 200 9007199254740993 ${TAIL}`,
      '1.1.1.1',
      { method: 'GET', path_1: 'x', status: '200' },
      '9007199254740993',
    ],
    [
      `1.1.1.1 - - ${TIME} "GET /x HTTP/1.1" 200 5 "-" "an agent cut sho`,
      '1.1.1.1',
      { method: 'GET', path_1: 'x', status: '200' },
      '5',
    ],
  ])('%s', async (line, tenant, dimensions, bytes) => {
    const { entries } = await read(line)
    expect(entries).toEqual([
      {
        kind: 'usage',
        row: 1,
        raw: line,
        identity: { kind: 'content', text: line, part: 'requests' },
        tenant,
        metric: 'http.requests',
        quantityText: '1',
        startMs: Date.UTC(2015, 4, 17, 10, 5, 3),
        endMs: null,
        dimensions,
      },
      {
        kind: 'usage',
        row: 1,
        raw: line,
        identity: { kind: 'content', text: line, part: 'bytes' },
        tenant,
        metric: 'http.response.bytes',
        quantityText: bytes,
        startMs: Date.UTC(2015, 4, 17, 10, 5, 3),
        endMs: null,
        dimensions,
      },
    ])
  })

  test.each([
    ['17/May/2015:10:05:03 +0530', Date.UTC(2015, 4, 17, 4, 35, 3)],
    ['31/Dec/2015:23:30:00 -0800', Date.UTC(2016, 0, 1, 7, 30)],
    ['29/Feb/2016:00:00:00 +0000', Date.UTC(2016, 1, 29)],
  ])('%s is exact in UTC', async (time, startMs) => {
    const { entries } = await read(`h - - [${time}] "GET / HTTP/1.1" 200 5`)
    expect(entries[0]?.startMs).toBe(startMs)
  })
})

describe('the tenant', () => {
  const line = `9.9.9.9 - - ${TIME} "GET /t/acme/orders?tenant=bolt HTTP/1.1" 200 5 ${TAIL}`

  test.each([
    ['client' as const, '9.9.9.9'],
    [{ segment: 1 }, 't'],
    [{ segment: 2 }, 'acme'],
    [{ regex: '[?&]tenant=([a-z]+)' }, 'bolt'],
  ])('from %j is %s', async (tenantFrom, tenant) => {
    expect((await read(line, tenantFrom)).entries[0]?.tenant).toBe(tenant)
  })

  test('of the root path by its first segment is the root itself, and a further segment is missing', async () => {
    const root = `9.9.9.9 - - ${TIME} "GET / HTTP/1.1" 200 5 ${TAIL}`
    expect((await read(root, { segment: 1 })).entries[0]?.tenant).toBe('/')
    expect((await read(root, { segment: 2 })).rejected).toHaveLength(1)
  })

  test('a line without the tenant is rejected with what to do', async () => {
    const { rejected } = await read(line, { regex: 'customer=(\\d+)' })
    expect(rejected.map((row) => [row.message, row.raw])).toEqual([
      [
        'access.log, row 1: the line names no tenant: the pattern "customer=(\\\\d+)" does not match. Take the tenant from another part of the line, or leave such lines out.',
        line,
      ],
    ])
  })

  test.each(['(', 'no group'])('the pattern %s refuses the file', async (regex) => {
    const { reading, entries } = await read(line, { regex })
    expect(reading.refused).toBe(true)
    expect(entries).toEqual([])
    expect(reading.issues.map((issue) => issue.message)).toEqual([
      `access.log: the pattern "${regex}" for the tenant is not a regular expression with a group; nothing was imported. Write the part that names the tenant in parentheses, as in "GET /t/([^/ ]+)".`,
    ])
  })
})

test('any lines: never an exception, two facts for each row kept', async () => {
  const broken = fc
    .tuple(fc.nat(80), fc.string({ unit: fc.constantFrom('"', '[', ']', ' ', '\\', '/', 'x') }))
    .map(([at, noise]) => {
      const line = `9.9.9.9 - - ${TIME} "GET /t/acme HTTP/1.1" 200 5 ${TAIL}`
      return line.slice(0, at) + noise + line.slice(at + noise.length)
    })
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.oneof(broken, fc.string()).map((text) => text.replaceAll('\n', ' ')),
        { minLength: 1 },
      ),
      async (lines) => {
        const { reading, entries, rejected } = await read(`${lines.join('\n')}\n`, { segment: 1 })
        const { rows, blank, accepted } = reading.counts
        expect([rows, entries.length, accepted + rejected.length + blank]).toEqual([
          lines.length,
          accepted * 2,
          lines.length,
        ])
      },
    ),
  )
})

test('a line longer than any log line is rejected, and the next is read', async () => {
  const { reading, rejected } = await read(
    `${'x'.repeat(1_100_000)}\n9.9.9.9 - - ${TIME} "GET / HTTP/1.1" 200 5\n`,
  )
  expect(reading.counts.accepted).toBe(1)
  expect(rejected[0]?.message).toBe(
    'access.log, row 1: the line is longer than 1048576 characters; its beginning was kept. Write one record a line.',
  )
})

test.each([
  [
    'lines that end in a carriage return alone',
    `1.1.1.1 - - ${TIME} "GET /a HTTP/1.1" 200 7\r2.2.2.2 - - ${TIME} "GET /b HTTP/1.1" 200 8`,
  ],
  // Its request would be kept, and counted again once the bytes were mended.
  ['more bytes than any answer has', `1.1.1.1 - - ${TIME} "GET /a HTTP/1.1" 200 9223372036854775808`],
])('%s are no line of a log', async (_, line) => {
  const { entries, rejected } = await read(`${line}\n`)
  expect([entries, rejected.map(({ code }) => code)]).toEqual([[], ['line_is_not_a_log_line']])
})

test('a line that ends in two carriage returns and a line feed is one', async () => {
  const { entries } = await read(`1.1.1.1 - - ${TIME} "GET /a HTTP/1.1" 200 7\r\r\n`)
  expect(entries).toHaveLength(2)
})
