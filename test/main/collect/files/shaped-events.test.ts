import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalJson } from '../../../../src/domain/canonical.ts'
import { decimalsOf } from '../../../../src/domain/decimal.ts'
import type { UsageChunk } from '../../../../src/main/collect/chunk.ts'
import { readEvents } from '../../../../src/main/collect/files/cloudevents.ts'
import { type TextSource, textSource } from '../../../../src/main/collect/files/open-file.ts'
import type { ParsedUsage, Rejected } from '../../../../src/main/collect/files/record.ts'
import { writeKey } from '../../../../src/main/collect/key.ts'
import { resolving } from '../../../../src/main/collect/names.ts'
import { digitsText, lineText } from '../../../../src/main/collect/record-lines.ts'
import { usageGatherer } from '../../../../src/main/collect/usage-chunk.ts'
import { exhaust, NOW_MS } from './helpers.ts'

/** An event as a chunk says it, and as the parser does. */
interface Said {
  readonly key: string
  readonly byContent: boolean
  readonly tenant: string
  readonly metric: string
  readonly set: string
  readonly quantity: string
  readonly decimals: number
  readonly startMs: number
  readonly endMs: number | null
  readonly row: number
  readonly raw: string
}

const saidBy = (usage: ParsedUsage): Said => {
  const key = new Uint8Array(16)
  const { identity } = usage
  writeKey(key, 0, identity.kind === 'id' ? identity.text : `${identity.part ?? ''}\0${identity.text}`)
  return {
    key: Buffer.from(key).toString('hex'),
    byContent: identity.kind === 'content',
    tenant: usage.tenant,
    metric: usage.metric,
    set: canonicalJson(usage.dimensions),
    quantity: usage.quantityText,
    decimals: decimalsOf(usage.quantityText),
    startMs: usage.startMs,
    endMs: usage.endMs,
    row: usage.row,
    raw: String(usage.raw),
  }
}

/** Reads chunks as an import does, names over all of them. */
const chunkReader = () => {
  const tenants = resolving<string>(() => 0)
  const metrics = resolving<string>(() => 0)
  const sets = resolving<string>(() => 0)
  return (chunk: UsageChunk): Said[] => {
    tenants.learn(chunk.tenants)
    metrics.learn(chunk.metrics)
    sets.learn(chunk.sets)
    return Array.from({ length: chunk.count }, (_, at) => {
      const record = chunk.record[at] ?? -1
      const set = chunk.set[at] ?? -1
      const endMs = chunk.endMs[at] ?? Number.NaN
      return {
        key: Buffer.from(chunk.keys.subarray(at * 16, at * 16 + 16)).toString('hex'),
        byContent: chunk.byContent[at] === 1,
        tenant: tenants.nameOf(chunk.tenant[at] ?? -1),
        metric: metrics.nameOf(chunk.metric[at] ?? -1),
        set: set < 0 ? '{}' : sets.nameOf(set),
        quantity: chunk.long.get(at) ?? digitsText(chunk.digits[at] ?? 0, chunk.decimals[at] ?? 0),
        decimals: chunk.decimals[at] ?? -1,
        startMs: chunk.startMs[at] ?? Number.NaN,
        endMs: Number.isNaN(endMs) ? null : endMs,
        row: chunk.lines.rows[record] ?? -1,
        raw: lineText(chunk.lines, record),
      }
    })
  }
}

const inPieces = (text: string, size: number): TextSource => ({
  ...textSource('events.jsonl', ''),
  text: (async function* () {
    for (let from = 0; from < text.length; from += size) yield text.slice(from, from + size)
  })(),
})

/** How many of the lines were parsed, beside what was read. */
const readGathered = async (text: string, pieceSize: number) => {
  const gatherer = usageGatherer()
  const rejected: Rejected[] = []
  const said: Said[] = []
  const read = chunkReader()
  let parsed = 0
  const sink = {
    usage: (usage: ParsedUsage) => {
      parsed++
      gatherer.add(usage)
    },
    cost: () => {},
    rejected: (record: Rejected) => void rejected.push(record),
  }
  const reading = readEvents(inPieces(text, pieceSize), { nowMs: NOW_MS }, sink, gatherer)
  for await (const _ of reading.chunks) for (const chunk of gatherer.take()) said.push(...read(chunk))
  gatherer.close()
  for (const chunk of gatherer.take()) said.push(...read(chunk))
  return { said, rejected, parsed, counts: reading.counts, refused: reading.refused }
}

const compare = async (text: string, pieceSize: number) => {
  const plain = readEvents(textSource('events.jsonl', text), { nowMs: NOW_MS })
  const { entries, rejected } = await exhaust(plain)
  const gathered = await readGathered(text, pieceSize)
  expect(gathered.said).toEqual(entries.map(saidBy))
  expect(gathered.rejected).toEqual(rejected)
  expect(gathered.counts).toEqual(plain.counts)
  expect(gathered.refused).toEqual(plain.refused)
  return gathered
}

const line = (id: string, changes: Record<string, unknown> = {}) =>
  JSON.stringify({
    specversion: '1.0',
    id,
    source: '/gw',
    type: 'api.calls',
    subject: 'acme',
    time: '2026-03-01T12:00:00Z',
    data: { value: 1, region: 'eu' },
    ...changes,
  })

test('lines alike are taken without being parsed', async () => {
  const text = Array.from({ length: 50 }, (_, i) => line(`e${i}`)).join('\n')
  expect((await compare(text, text.length)).parsed).toBe(1)
  // A line cut in two by the pieces is taken once it is whole.
  expect((await compare(text, 100)).parsed).toBe(1)
})

test('lines read in full for their values do not push out the shapes of others', async () => {
  const lines = Array.from({ length: 100 }, (_, i) => [
    line(`a${i}`),
    line(`b${i}`, { data: { value: 1, tier: 'x' } }),
    line(`c${i}`).replace('"value":1', '"value":1e3'),
  ]).flat()
  // The third of each is parsed every time, the others once.
  const text = lines.join('\n')
  expect((await compare(text, text.length)).parsed).toBe(102)
})

test('a text of half a million characters is read like any other, wherever it stands', async () => {
  const long = 'x'.repeat(500_000)
  const lines = ['subject', 'type', 'id', 'source', 'time'].map((name) => line('a', { [name]: long }))
  const text = [line('1'), ...lines, line('b', { data: { value: 1, region: long } }), line('2')].join('\n')
  expect((await compare(text, text.length)).rejected).toHaveLength(1)
})

test('a line as long as a line may be is read the same with a carriage return', async () => {
  for (const more of [0, 1]) {
    const padding = 1024 * 1024 - line('a', { more: '' }).length + more
    const text = `${line('1', { more: '' })}\r\n${line('a', { more: 'x'.repeat(padding) })}\r\n`
    await compare(text, text.length)
  }
})

const name = fc.oneof(
  { weight: 40, arbitrary: fc.constantFrom('acme', 'bolt', 'eu', 'a b', '1') },
  { weight: 1, arbitrary: fc.constantFrom(' lead', ' ', '') },
  {
    weight: 1,
    arbitrary: fc.constantFrom('Zoë', '客户', 'a"b', 'a\\b', '\t', '\u007f', '👍', '\ud800', ' '),
  },
  { weight: 1, arbitrary: fc.string({ maxLength: 6, unit: 'binary' }) },
)
const time = fc.oneof(
  {
    weight: 30,
    arbitrary: fc.integer({ min: 0, max: NOW_MS }).map((ms) => new Date(ms).toISOString()),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      '2026-03-01T12:00:00Z',
      '2026-03-01T23:59:60Z',
      '2026-02-29T00:00:00Z',
      '2026-03-01T24:00:00Z',
      '2026-03-01t12:00:00z',
      '2026-03-01T12:00:00.5+01:00',
      '2026-03-01T12:00:00,250Z',
      '2026-03-01T12.00.00Z',
      '2026-03-01T1 :00:00Z',
      '2026-06-01T00:05:00Z',
      '2026-06-01T00:05:01Z',
      '1969-12-31T23:59:59Z',
      'soon',
    ),
  },
)
const value = fc.oneof(
  {
    weight: 30,
    arbitrary: fc.constantFrom('0', '1', '42', '1.5', '1.50', '0.000', '0.001', '123456789012345', '1.00000'),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      '1e3',
      '1E-2',
      '-0',
      '-5',
      '1234567890123456',
      '9007199254740993',
      '0.1e1',
      'null',
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('"5"', '"1.25"', '"007"', '" 5 "', '".5"', '"5."', '""', '"x"', '{}', 'true'),
  },
)
/** JSON text of a string, some characters as needless escapes. */
const text = (content: string, isEscaped: boolean): string =>
  isEscaped
    ? `"${Array.from(content, (c) => (c.length === 1 ? `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}` : c)).join('')}"`
    : JSON.stringify(content)
const seldom = fc.integer({ min: 0, max: 99 }).map((n) => n === 0)
const space = fc.constantFrom('', '', '', ' ', '\t')

const member = (key: fc.Arbitrary<string>, content: fc.Arbitrary<string>) =>
  fc
    .tuple(key, content, space, space, seldom)
    .map(([k, v, before, after, isEscaped]) => `${before}${text(k, isEscaped)}${after}:${before}${v}${after}`)
const named = (key: string, content: fc.Arbitrary<string>) => member(fc.constant(key), content)
const string = (content: fc.Arbitrary<string>) =>
  fc.tuple(content, seldom).map(([c, isEscaped]) => text(c, isEscaped))
const object = (members: readonly fc.Arbitrary<string>[]) =>
  fc.tuple(...members.map((m) => fc.tuple(fc.integer(), m))).map(
    (drawn) =>
      `{${[...drawn]
        .sort(([one], [other]) => one - other)
        .map(([, m]) => m)
        .join(',')}}`,
  )
const dimensionKey = fc.constantFrom('region', 'tier', 'b', '__proto__', '1', 'Zoë', 'id', 'value2')

const data = fc.oneof(
  ...[0, 1, 2].map((count) =>
    object([
      named('value', value),
      ...Array.from({ length: count }, () => member(dimensionKey, string(name))),
    ]),
  ),
  object([
    named('value', value),
    named('from', string(time)),
    named('to', string(time)),
    named('region', string(name)),
  ]),
  object([named('from', string(time)), named('region', string(name))]),
  object([
    named('value', value),
    named('ignored', string(name)),
    named(
      'dimensions',
      object([
        member(dimensionKey, string(name)),
        named('z', fc.constantFrom('"a"', '1.50', 'true', 'null')),
      ]),
    ),
  ]),
  object([named('value', value), named('dimensions', object([member(dimensionKey, string(name))]))]),
  fc.constantFrom('{}', 'null', '[]', '"x"', '{"value":1,"value":2}', '{"dimensions":{}}'),
)
const event = fc.oneof(
  ...[[], ['more'], ['traceparent', 'from']].map((extra) =>
    object([
      named(
        'specversion',
        fc.integer({ min: 0, max: 30 }).map((n) => (n === 0 ? '"0.3"' : '"1.0"')),
      ),
      ...['id', 'source', 'type', 'subject', ...extra].map((key) => named(key, string(name))),
      named('time', string(time)),
      named('data', data),
    ]),
  ),
  object(['specversion', 'id', 'source', 'type', 'subject', 'time'].map((key) => named(key, string(name)))),
)
/** A line, and lines like it with other values: what a shape is for. */
const likenesses = fc
  .tuple(
    event,
    fc.array(fc.tuple(fc.constantFrom('acme', 'eu', '12:00', '1', 'api'), name), {
      minLength: 1,
      maxLength: 6,
    }),
  )
  .map(([first, changes]) => [
    first,
    ...changes.map(([from, to]) => first.replaceAll(from, JSON.stringify(to).slice(1, -1))),
  ])
const mutated = fc
  .tuple(
    fc.array(likenesses, { minLength: 1, maxLength: 6 }),
    fc.array(
      fc.tuple(fc.nat(), fc.nat(), fc.constantFrom('', '"', '}', '\\', ' ', '0', 'x', '\r', 'é', '{')),
      { maxLength: 3 },
    ),
  )
  .map(([groups, spoils]) => {
    const lines = groups.flat()
    for (const [at, where, put] of spoils) {
      const i = at % lines.length
      const old = lines[i] ?? ''
      lines[i] = `${old.slice(0, where % (old.length + 1))}${put}${old.slice((where % (old.length + 1)) + 1)}`
    }
    return lines
  })

test('whatever the lines, taking them by shape gives what parsing gives', async () => {
  let taken = 0
  await fc.assert(
    fc.asyncProperty(
      mutated,
      fc.constantFrom('\n', '\r\n', '\n\n'),
      fc.boolean(),
      fc.integer({ min: 1, max: 3000 }),
      async (lines, lineEnd, endsOpen, pieceSize) => {
        const content = lines.join(lineEnd) + (endsOpen ? '' : lineEnd)
        const { said, parsed } = await compare(content.toWellFormed(), pieceSize)
        taken += said.length - parsed
      },
    ),
    { numRuns: 600 },
  )
  // The property says nothing unless lines were taken by shape.
  expect(taken).toBeGreaterThan(200)
})
