import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  copyFileSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Json } from '../../../../src/domain/canonical.ts'
import {
  albReader,
  combinedReader,
  jsonReader,
  parseTenantFrom,
  patternOf,
  patternReader,
} from '../../../../src/main/collect/kinds/log_files/formats.ts'
import { logFiles } from '../../../../src/main/collect/kinds/log_files/log-files.ts'
import { collectAll, contextFor } from './collecting.ts'

const NOW = Date.parse('2026-11-02T10:00:00Z')

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'countinghouse-logs-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const at = (name: string) => join(folder, name)
const lineOf = (id: number | string) => JSON.stringify({ who: 'acme', at: NOW, n: id })
const append = (name: string, ...ids: (number | string)[]) =>
  appendFileSync(at(name), ids.map((id) => `${lineOf(id)}\n`).join(''))

const SETTINGS = {
  format: 'json',
  metric: 'calls',
  tenantField: 'who',
  timeField: 'at',
  dimensionFields: ['n'],
}

let checkpoint: Json
beforeEach(() => {
  checkpoint = null
})
/** A run that is committed: the numbers of the lines it gave. */
const run = async (settings: object = {}, keep = true) => {
  const given = { ...SETTINGS, path: at('app.log*'), ...settings }
  const collected = await collectAll(logFiles, contextFor(logFiles, given, { checkpoint, nowMs: NOW }))
  if (keep) checkpoint = collected.checkpoint
  return collected.events.map(({ data }) => data.dimensions?.n)
}

describe('a log that is followed', () => {
  test('each whole line once; never half a line', async () => {
    append('app.log', 1, 2)
    appendFileSync(at('app.log'), lineOf(3).slice(0, 10))
    expect(await run()).toEqual(['1', '2'])
    expect(await run()).toEqual([])
    appendFileSync(at('app.log'), `${lineOf(3).slice(10)}\n`)
    append('app.log', 4)
    expect(await run()).toEqual(['3', '4'])
  })

  test('a run that was not committed gives the same records again', async () => {
    append('app.log', 1, 2)
    const context = contextFor(logFiles, { ...SETTINGS, path: folder }, { nowMs: NOW })
    expect((await collectAll(logFiles, context)).events).toEqual((await collectAll(logFiles, context)).events)
  })

  test('equal lines are as many records', async () => {
    append('app.log', 1, 1, 1)
    await run()
    append('app.log', 1)
    expect(await run()).toEqual(['1'])
  })

  test('renamed: its rest is read under its new name, also one that the pattern does not take in', async () => {
    append('app.log', 1)
    await run()
    append('app.log', 2)
    renameSync(at('app.log'), at('old-app.log'))
    append('app.log', 3)
    expect((await run()).sort()).toEqual(['2', '3'])
    append('old-app.log', 4)
    expect(await run()).toEqual(['4'])
  })

  test('copied and truncated: the copy’s rest, then the new lines, and the copy never again', async () => {
    append('app.log', 1, 2)
    await run()
    append('app.log', 3)
    copyFileSync(at('app.log'), at('app.log.1'))
    expect(await run()).toEqual(['3'])
    append('app.log', 4)
    copyFileSync(at('app.log'), at('app.log.1'))
    truncateSync(at('app.log'))
    append('app.log', 5)
    expect((await run()).sort()).toEqual(['4', '5'])
    append('app.log', 6, 7, 8, 9)
    expect(await run()).toEqual(['6', '7', '8', '9'])
  })

  test('truncated and grown longer than before between two runs', async () => {
    append('app.log', 1)
    await run()
    truncateSync(at('app.log'))
    append('app.log', 2, 3, 4)
    expect(await run()).toEqual(['2', '3', '4'])
  })

  test('packed after it was rotated: what was not read yet, from inside the gzip', async () => {
    append('app.log', 1, 2)
    await run()
    append('app.log', 3)
    renameSync(at('app.log'), at('app.log.1'))
    const packed = gzipSync(readFileSync(at('app.log.1')))
    // As gzip does it: the packed file grows while the plain one is there.
    writeFileSync(at('app.log.1.gz'), packed.subarray(0, 30))
    append('app.log', 4)
    expect((await run()).sort()).toEqual(['3', '4'])
    append('app.log.1', 5)
    writeFileSync(at('app.log.1.gz'), gzipSync(readFileSync(at('app.log.1'))))
    unlinkSync(at('app.log.1'))
    expect(await run()).toEqual(['5'])
    expect(await run()).toEqual([])
    renameSync(at('app.log.1.gz'), at('app.log.2.gz'))
    expect(await run()).toEqual([])
  })

  test('packed beside a new log of the same lines: each is read on as itself', async () => {
    append('app.log', ...Array(100).fill('x'))
    expect(await run()).toHaveLength(100)
    append('app.log', ...Array(30).fill('x'))
    renameSync(at('app.log'), at('app.log.1'))
    append('app.log', ...Array(200).fill('x'))
    writeFileSync(at('app.log.1.gz'), gzipSync(readFileSync(at('app.log.1'))))
    unlinkSync(at('app.log.1'))
    expect(await run()).toHaveLength(230)
    expect(await run()).toEqual([])
  })

  test('a gzip that is not whole is left until it is; its last line needs no end', async () => {
    const packed = gzipSync(`${lineOf(1)}\n${lineOf(2)}`)
    writeFileSync(at('app.log.9.gz'), packed.subarray(0, packed.length - 9))
    expect(await run()).toEqual([])
    writeFileSync(at('app.log.9.gz'), packed)
    expect(await run()).toEqual(['1', '2'])
  })

  test('what the files held before can be left out', async () => {
    append('app.log', 1)
    appendFileSync(at('app.log'), lineOf(2).slice(0, 5))
    expect(await run({ fromNow: true })).toEqual([])
    appendFileSync(at('app.log'), `${lineOf(2).slice(5)}\n`)
    expect(await run({ fromNow: true })).toEqual(['2'])
  })

  test('a line that cannot be read is a record with the line in it, for the quarantine', async () => {
    appendFileSync(at('app.log'), 'what is this\n# a comment\n\n')
    const context = contextFor(logFiles, { ...SETTINGS, path: folder }, { nowMs: NOW })
    expect((await collectAll(logFiles, context)).events).toEqual([
      {
        specversion: '1.0',
        id: 'app.log#1@0',
        source: 'log_files:Source',
        type: 'log.line',
        data: { line: 'what is this' },
      },
    ])
  })

  test('a range read again gives the same ids and leaves the checkpoint', async () => {
    append('app.log', 1, 2)
    const settings = { ...SETTINGS, path: folder }
    const first = await collectAll(logFiles, contextFor(logFiles, settings, { nowMs: NOW }))
    append('app.log', 3)
    const range = { startMs: NOW, endMs: NOW + 1 }
    const again = await collectAll(
      logFiles,
      contextFor(logFiles, settings, { nowMs: NOW, range, checkpoint: first.checkpoint }),
    )
    expect(again.events).toEqual(first.events)
    expect(again.checkpoint).toEqual(first.checkpoint)
  })

  test('a pipe in the folder is passed by', async () => {
    execFileSync('mkfifo', [at('app.log.pipe')])
    append('app.log', 1)
    expect(await run()).toEqual(['1'])
  })

  test('a folder that is not there, and too many files, are said', async () => {
    await expect(run({ path: at('no/such/folder/*') })).rejects.toThrow(
      'cannot be read: there is no such folder.',
    )
    for (let index = 0; index <= 500; index++) writeFileSync(at(`app.log.${index}`), '')
    await expect(run()).rejects.toThrow('names 501 files, and at most 500 are followed')
  })
})

/** Whatever is done to a log between runs, and wherever a run is killed, each line written counts once. */
test('every line counts once, however the log is written, rotated, packed and read', async () => {
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.constant('write' as const) },
    { weight: 3, arbitrary: fc.constantFrom('run', 'killed run') },
    { weight: 2, arbitrary: fc.constantFrom('rename', 'copytruncate', 'pack', 'half') },
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      rmSync(folder, { recursive: true, force: true })
      folder = mkdtempSync(join(tmpdir(), 'countinghouse-logs-'))
      checkpoint = null
      let written = 0
      let rotated = 0
      let half = ''
      const got: (string | undefined)[] = []
      const writeLine = () => {
        appendFileSync(at('app.log'), half === '' ? `${lineOf(written)}\n` : `${lineOf(written).slice(8)}\n`)
        half = ''
        written += 1
      }
      writeLine()
      for (const each of steps) {
        if (each === 'write') writeLine()
        else if (each === 'run') got.push(...(await run()))
        else if (each === 'killed run') await run({}, false)
        else if (each === 'half' && half === '') {
          half = lineOf(written).slice(0, 8)
          appendFileSync(at('app.log'), half)
        } else if (half !== '') writeLine()
        else if (each === 'rename' || each === 'copytruncate') {
          rotated += 1
          if (each === 'rename') renameSync(at('app.log'), at(`app.log.${rotated}`))
          else {
            copyFileSync(at('app.log'), at(`app.log.${rotated}`))
            truncateSync(at('app.log'))
          }
          // A log that is rotated while it is empty would be told from another empty one by nothing.
          writeLine()
        } else if (each === 'pack' && rotated > 0) {
          const plain = at(`app.log.${rotated}`)
          try {
            writeFileSync(`${plain}.gz`, gzipSync(readFileSync(plain)))
            unlinkSync(plain)
          } catch {
            // It is packed already.
          }
        }
      }
      if (half !== '') writeLine()
      got.push(...(await run()))
      expect(got.map(Number).sort((a, b) => a - b)).toEqual(
        Array.from({ length: written }, (_, index) => index),
      )
    }),
    { numRuns: 60 },
  )
}, 60_000)

describe('formats', () => {
  test('combined, with the tenant in the path', () => {
    const read = combinedReader({ segment: 1 }, NOW)
    const line = '127.0.0.1 - - [02/Nov/2026:09:00:00 +0000] "GET /acme/x?y HTTP/1.1" 200 612 "-" "curl/8.0"'
    expect(read?.(line)?.map(({ part, tenant, value }) => [part, tenant, value])).toEqual([
      ['requests', 'acme', '1'],
      ['bytes', 'acme', '612'],
    ])
    expect(read?.('no log line')).toBeNull()
  })
  // The example of AWS' documentation of access log entries.
  test.each([
    ['client', '192.168.131.39'],
    ['host', 'www.example.com'],
    ['segment:1', '/'],
    ['regex:targetgroup/([^/]+)/', 'my-targets'],
  ])('a load balancer’s, tenant from %s', (from, tenant) => {
    const line =
      'http 2018-07-02T22:23:00.186641Z app/my-loadbalancer/50dc6c495c0c9188 192.168.131.39:2817 10.0.0.1:80 0.000 0.001 0.000 200 200 34 366 "GET http://www.example.com:80/ HTTP/1.1" "curl/7.46.0" - - arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/my-targets/73e2d6bc24d8a067 "Root=1-58337262-36d228ad5d99923122bbe354" "-" "-" 0 2018-07-02T22:22:48.364000Z "forward" "-" "-" "10.0.0.1:80" "200" "-" "-"'
    const parsed = parseTenantFrom(from)
    if (parsed === null) throw new Error('a tenant')
    const ms = Date.parse('2018-07-02T22:23:00.186Z')
    const dimensions = { type: 'http', status: '200', method: 'GET' }
    expect(albReader(parsed)(line)).toEqual([
      { part: 'requests', metric: 'http.requests', value: '1', tenant, ms, dimensions },
      { part: 'received', metric: 'http.request.bytes', value: '34', tenant, ms, dimensions },
      { part: 'sent', metric: 'http.response.bytes', value: '366', tenant, ms, dimensions },
    ])
  })
  test('JSON keeps every digit, takes paths and several times', () => {
    const read = jsonReader(
      { metric: 'm', tenant: 'user.id', time: 'ts', value: 'n', dimensions: ['a.b'] },
      'UTC',
    )
    expect(read('{"user":{"id":7},"ts":1793613600.5,"n":0.1234567890123456789,"a.b":true}')).toEqual([
      {
        part: 'value',
        metric: 'm',
        tenant: '7',
        value: '0.1234567890123456789',
        ms: 1793613600500,
        dimensions: { 'a.b': 'true' },
      },
    ])
    expect(read('{"ts":"2026-11-02T10:00:00Z","n":1}')?.[0]?.tenant).toBeNull()
    for (const bad of ['{"ts":"soon","n":1}', '{"ts":1793613600}', '[1]', '{']) expect(read(bad)).toBeNull()
  })
  test('a regular expression with named groups', () => {
    const pattern = patternOf(String.raw`^(?<time>\S+) (?<tenant>\w+) (?<verb>\w+)? (?<value>\d+)$`)
    if (pattern === null) throw new Error('a pattern')
    const read = patternReader(pattern, 'm', 'UTC')
    expect(read('02/Nov/2026:10:00:00 acme get 5')).toBeNull()
    expect(read('2026-11-02T10:00:00Z acme get 5')).toEqual([
      { part: 'value', metric: 'm', tenant: 'acme', value: '5', ms: NOW, dimensions: { verb: 'get' } },
    ])
    expect(read('else')).toBeNull()
  })
  test.each(['(?<tenant>.)', '(?<tenant>.)(?<time>', 'x'])('%s is no pattern', (text) =>
    expect(patternOf(text)).toBeNull(),
  )
  test('what a format lacks is said by the field', () => {
    const wrong = (given: object) =>
      logFiles.config.safeParse({ path: '/x', ...given }).error?.issues.map(({ path }) => path.join())
    expect(wrong({ format: 'combined', tenantFrom: 'host' })).toEqual(['tenantFrom'])
    expect(wrong({ format: 'json' })).toEqual(['metric', 'tenantField', 'timeField'])
    expect(wrong({ format: 'pattern', metric: 'm' })).toEqual(['pattern'])
  })
})

test('the check reads the first lines and says what would be rejected', async () => {
  const settings = { ...SETTINGS, path: at('app.log*') }
  const check = () => logFiles.check(contextFor(logFiles, settings, { nowMs: NOW }))
  expect(await check()).toEqual([{ state: 'missing', sentence: `There is no file ${at('app.log*')} yet.` }])
  append('app.log', 1, 2)
  expect(await check()).toEqual([
    { state: 'works', sentence: `${at('app.log')}: of its first 2 lines, all can be read.` },
  ])
  appendFileSync(at('app.log'), 'x\n{"at":1793613600}\n')
  expect(await check()).toMatchObject([
    { state: 'warning', sentence: expect.stringContaining('1 cannot be read and 1 name no tenant') },
  ])
})
