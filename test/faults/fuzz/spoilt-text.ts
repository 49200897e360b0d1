/** Texts of files: of nothing in particular, and good ones that something happened to. */
import fc from 'fast-check'
import { KINDS } from './kinds.ts'

export interface TextInput {
  /** The name of one of the {@link KINDS}: a counterexample shows it. */
  readonly kind: string
  readonly text: string
}

/** Numbers in every notation, and what only looks like one. */
const NUMBERS =
  `0 -0 00 -1 1 1.0 1.50 .5 5. +5 1e3 1E+3 1E-9 1e-19 1e400 -1e400 1e-400 1e9999 1e99999 0.1 0.30000000000000004
  9007199254740993 9223372036854775807 9223372036854775808 123456789012345678901234567890 0.123456789012345678901234567890
  12345678901234567890.123456789012345678 0x10 0b1 1_000 1,250 1.250,5 NaN Infinity -Infinity ١٢ １２ ½ 1e 1e+ - + . e5
  --1 1..2 $12 12% 1e1e1 true null`.split(/\s+/)

/** Times of every shape, and what only looks like one. */
const TIMES = [
  ...`2026-03-01T12:00:00Z 2026-03-01t12:00:00z 2026-03-01T12:00Z 2026-03-01T12Z 2026-03-01 20260301T120000Z 2026-060
  2026-02-29T00:00:00Z 2024-02-29T00:00:00Z 2026-13-01T00:00:00Z 2026-00-10T00:00:00Z 2026-03-01T24:00:00Z 2026-03-01T23:59:60Z
  2026-03-01T12:00:00.123456789012Z 2026-03-01T12:00:00,5Z 2026-03-01T12:00:00.Z 2026-03-01T12:00:00+14:00 2026-03-01T12:00:00+24:00
  2026-03-01T12:00:00-00:00 2026-03-01T12:00:00+0100 2026-03-01T12:00:00+01 1970-01-01T00:00:00+14:00 1969-12-31T23:59:59Z
  9999-12-31T23:59:59-14:00 9999-12-31T23:59:59Z 10000-01-01T00:00:00Z 0000-01-01T00:00:00Z -2026-03-01T12:00:00Z 2031-01-01T00:00:00Z
  2026-03-29T02:30:00 2025-10-26T02:30:00 1772323200 1772323200.5 1772323200000 999999999999999 17/May/2015:10:05:03
  31/Feb/2015:10:05:03 17/Foo/2015:10:05:03 17/May/2015:25:05:03`.split(/\s+/),
  '2026-03-01 12:00:00',
  '2026-03-01  12:00:00 UTC',
  '17/May/2015:10:05:03 +0000',
  '17/May/9999:23:59:59 -2359',
  '1 March 2026',
]

/** Quotes of every kind, line ends, separators, names that objects have already, and characters that are none. */
const PIECES = [
  ...[
    '"',
    '""',
    '"""',
    "'",
    '“',
    '”',
    '«',
    '`',
    '\\',
    '\\"',
    '\\\\',
    '\\u0000',
    '\\ud800',
    '\\udc00\\ud800',
    '\\x',
    '/',
  ],
  ...[
    '\n',
    '\r',
    '\r\n',
    '\n\r',
    '\n\n',
    '\u2028',
    '\u2029',
    '\u0085',
    '\v',
    '\f',
    ' ',
    '\t',
    '\u00a0',
    '\u3000',
    '',
  ],
  ...[
    '\0',
    '\x01',
    '\x1b[31m',
    '\x7f',
    '\ufeff',
    '\ufffd',
    '\ufffe',
    '\ud800',
    '\udfff',
    'é',
    'e\u0301',
    '👍',
    '\u202e',
  ],
  ...[
    ',',
    ';',
    '|',
    ',,,,,,,,',
    '=1+1',
    '[',
    ']',
    '{',
    '}',
    ':',
    '(',
    '%00',
    '{}',
    '[]',
    '[[[[[[[[',
    '{"a":{"a":{"a":',
  ],
  ...[
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'specversion',
    'customerId',
    'dimensionId',
    'NULL',
    'null',
  ],
  ...[
    '"id":"again",',
    '"data":{"value":1},',
    '"data_base64":"AA==",',
    '"__proto__":{"value":2},',
    '"value":[1.5],',
  ],
  ...[
    '"value":-3,',
    '"time":7,',
    '"metadata":[1],',
    '"dimensions":{"a":{"b":1.5}},',
    'USD',
    'Dollars',
    '{"a":"b"}',
    '{"a":',
  ],
]

const nasty = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...NUMBERS) },
  { weight: 2, arbitrary: fc.constantFrom(...TIMES) },
  { weight: 4, arbitrary: fc.constantFrom(...PIECES) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) },
)

const place = fc.nat(100_000)
const spoiling = fc.oneof(
  fc.record({ put: nasty, at: place }),
  fc.record({ remove: fc.integer({ min: 1, max: 12 }), at: place }),
  fc.record({ exchange: nasty, at: place }),
  fc.record({ exchange: nasty, at: place }),
  fc.record({ exchange: nasty, at: place }),
  fc.record({ copy: fc.integer({ min: 1, max: 200 }), at: place, to: place }),
  fc.record({ cutOffAt: place }),
  fc.record({ lineEnds: fc.constantFrom('\r\n', '\r', '\n\r', '\r\r\n', '\n\n', '') }),
  fc.record({ append: place }),
)
type Spoiling = Partial<{
  put: string
  exchange: string
  remove: number
  copy: number
  at: number
  to: number
  cutOffAt: number
  lineEnds: string
  append: number
}>

/** Numbers, quoted texts and cells: what has a meaning of its own in one of the formats. */
const VALUE = /"(?:[^"\\\n]|\\.)*"|[^\s",;{}[\]]+/g

const spoil = (text: string, how: Spoiling): string => {
  const index = (at = 0) => at % (text.length + 1)
  const splice = (at: number, removed: number, put: string) =>
    text.slice(0, at) + put + text.slice(at + removed)
  if (how.put !== undefined) return splice(index(how.at), 0, how.put)
  if (how.remove !== undefined) return splice(index(how.at), how.remove, '')
  if (how.copy !== undefined)
    return splice(index(how.to), 0, text.slice(index(how.at), index(how.at) + how.copy))
  if (how.cutOffAt !== undefined) return text.slice(0, index(how.cutOffAt))
  if (how.lineEnds !== undefined) return text.replace(/\n/g, how.lineEnds)
  if (how.append !== undefined) {
    const seeds = KINDS.flatMap((kind) => kind.seeds)
    return text + (seeds[how.append % seeds.length] ?? '')
  }
  const values = [...text.matchAll(VALUE)]
  const value = values[(how.at ?? 0) % (values.length || 1)]
  if (value === undefined) return text
  const isQuoted = value[0].startsWith('"') && (how.at ?? 0) % 3 > 0
  return splice(value.index, value[0].length, isQuoted ? `"${how.exchange}"` : (how.exchange ?? ''))
}

const kind = fc.constantFrom(...KINDS)

/** A good file of a kind that up to four things happened to. */
export const spoiltText: fc.Arbitrary<TextInput> = fc
  .record({ kind, seed: fc.nat(1_000), spoilings: fc.array(spoiling, { maxLength: 4 }) })
  .map(({ kind, seed, spoilings }) => ({
    kind: kind.name,
    text: (spoilings as Spoiling[]).reduce(spoil, kind.seeds[seed % kind.seeds.length] ?? ''),
  }))

/** Any text at all, mostly of characters that mean something in one of the formats. */
export const anyText: fc.Arbitrary<TextInput> = fc.record({
  kind: kind.map(({ name }) => name),
  text: fc.oneof(
    { weight: 3, arbitrary: fc.array(nasty, { maxLength: 40 }).map((pieces) => pieces.join('')) },
    {
      weight: 2,
      arbitrary: fc.string({ unit: fc.constantFrom(...'a1",;{}[]:\n\r \t|-.eé'), maxLength: 80 }),
    },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
    // A kind's own first row before it, so that a CSV has a header it knows.
    {
      weight: 3,
      arbitrary: fc
        .record({ seed: fc.constantFrom(...KINDS), pieces: fc.array(nasty, { maxLength: 40 }) })
        .map(({ seed, pieces }) => `${seed.seeds[0]?.split('\n')[0]}\n${pieces.join('')}`),
    },
  ),
})

/** Lengths of the pieces that a text is given in. */
export const pieceLengths = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 6 })
