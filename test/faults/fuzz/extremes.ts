/** Files that are large or deep in one way: few, because each takes a while, and none may take long. */
import { strict as assert } from 'node:assert'
import { cpuUsage } from 'node:process'
import { checkFile } from './file-properties.ts'
import { choiceOf } from './kinds.ts'

const MEGABYTE = 1024 * 1024
const EVENT =
  '{"specversion":"1.0","id":"1","source":"s","type":"t","subject":"a","time":"2026-03-01T12:00:00Z"'
const event = (rest: string) => `${EVENT},${rest}}\n`
const HEADER = 'customer,metric,quantity,date,note,when,id\n'
const row = (cells: Partial<{ quantity: string; note: string; customer: string; date: string }>) =>
  `${cells.customer ?? 'acme'},calls,${cells.quantity ?? '1'},${cells.date ?? '2026-03-01'},${cells.note ?? ''},1,u1\n`
const FOCUS = 'ChargeCategory,ChargePeriodStart,BilledCost,ServiceName,Tags\n'
const LOG = '1.2.3.4 - - [17/May/2015:10:05:03 +0000] "GET /a HTTP/1.1" 200 7'
const digits = '7'.repeat(MEGABYTE - 500)

/** What it is, the kind it is read as, and the text. */
export const EXTREMES: readonly (readonly [what: string, kind: string, text: string])[] = [
  ['a megabyte of digits and a letter', 'events.jsonl', event(`"data":{"value":"${digits}x"}`)],
  ['a megabyte of digits', 'events.jsonl', event(`"data":{"value":${digits}}`)],
  ['a megabyte of negative digits', 'events.jsonl', event(`"data":{"value":-${digits}}`)],
  ['a megabyte of decimals', 'events.jsonl', event(`"data":{"value":0.${digits}}`)],
  [
    'the largest exponent',
    'events.jsonl',
    event('"data":{"value":1e9999}') + event('"data":{"value":1e-9999}'),
  ],
  ['a dimension with a name of a megabyte', 'events.jsonl', event(`"data":{"dimensions":{"${digits}":[]}}`)],
  [
    'many dimensions',
    'events.jsonl',
    event(`"data":{${[...Array(20_000).keys()].map((i) => `"d${i}":${i}`)}}`),
  ],
  ['a deep list', 'events.jsonl', event(`"data":${'['.repeat(300_000)}${']'.repeat(300_000)}`)],
  [
    'a deep list with decimals',
    'events.jsonl',
    event(`"data":${'['.repeat(300_000)}1.5${']'.repeat(300_000)}`),
  ],
  ['a deep object without end', 'events.jsonl', '{"a":'.repeat(200_000)],
  [
    'deep metadata of Paigo',
    'events.jsonl',
    `{"timestamp":"2026-03-01T12:00:00Z","customerId":"a","dimensionId":"d","recordValue":1,"metadata":{"a":${'[1,'.repeat(100_000)}2${']'.repeat(100_000)}}}\n`,
  ],
  [
    'keys with escapes',
    'events.jsonl',
    event(`"data":{${[...Array(20_000).keys()].map((i) => `"\\"${i}":${i}`)}}`),
  ],
  ['backslashes', 'events.jsonl', `{"a":"${'\\\\'.repeat(MEGABYTE / 2 - 10)}"}\n`],
  ['open strings', 'events.jsonl', `${'"\\'.repeat(MEGABYTE / 2 - 10)}\n`],
  ['a line at the limit', 'events.jsonl', `${'x'.repeat(MEGABYTE)}\n${'x'.repeat(MEGABYTE + 1)}\nx`],
  ['five megabytes without a line end', 'events.jsonl', 'x'.repeat(5 * MEGABYTE)],
  ['five megabytes of blanks', 'events.jsonl', ' '.repeat(5 * MEGABYTE)],
  ['a megabyte of line ends', 'usage.csv', '\n'.repeat(MEGABYTE)],
  ['five megabytes of carriage returns', 'usage.csv', HEADER + '\r'.repeat(5 * MEGABYTE)],
  ['a table without a line end', 'usage.csv', 'a,b;'.repeat(1.5 * MEGABYTE)],
  ['a table of open quotes', 'usage.csv', HEADER + '"\n'.repeat(MEGABYTE / 4)],
  ['a header of quotes', 'usage.csv', `${'"'.repeat(MEGABYTE - 1)}\n${HEADER}`],
  ['a quote that is never closed', 'usage.csv', HEADER + row({ note: '"x' }) + row({}).repeat(50_000)],
  [
    'a quoted cell at the limit',
    'usage.csv',
    HEADER + row({ note: `"${'x\n'.repeat(998)}"` }) + row({ note: `"${'x\n'.repeat(1_000)}"` }),
  ],
  ['a cell of a megabyte of digits and a letter', 'usage.csv', HEADER + row({ quantity: `${digits}x` })],
  ['a cell of a megabyte of digits', 'usage.csv', HEADER + row({ quantity: digits })],
  ['a time of a megabyte', 'usage.csv', HEADER + row({ date: digits })],
  ['a hundred thousand columns', 'usage.csv', `${HEADER.trim()}${',x'.repeat(100_000)}\n${row({})}`],
  [
    'an amount of a megabyte of digits and a letter',
    'focus.csv',
    `${FOCUS}Usage,2026-03-01,${digits}e,EC2,\n`,
  ],
  ['an amount of a megabyte of decimals', 'focus.csv', `${FOCUS}Usage,2026-03-01,0.${digits},EC2,\n`],
  [
    'deep tags',
    'focus.csv',
    `${FOCUS}Usage,2026-03-01,1,EC2,"{""a"":${'['.repeat(200_000)}${']'.repeat(200_000)}}"\n`,
  ],
  ['a request of a megabyte', 'segment.log', `${LOG.replace('/a', `/${'a/ " 200 '.repeat(100_000)}`)}\n`],
  ['an answer of a megabyte of digits', 'client.log', `${LOG}${digits}\n`],
  ['a client of a megabyte', 'client.log', `${'1'.repeat(MEGABYTE - 200)}${LOG}\n`],
  ['many quotes and brackets', 'pattern.log', `${'" ['.repeat(300_000)}\n`],
]

/** CPU time, not the clock's, because other work may share the machine; ten times what the slowest takes. */
const CPU_MS_MAX = 4_000

export const checkExtreme = async (folder: string, kind: string, text: string): Promise<void> => {
  const before = cpuUsage()
  await checkFile(folder, kind, Buffer.from(text).toString('hex'), choiceOf(kind))
  const { user, system } = cpuUsage(before)
  const ms = Math.round((user + system) / 1_000)
  assert.ok(ms < CPU_MS_MAX, `it took ${ms} ms of CPU time`)
}
