import Database from 'better-sqlite3'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalLine, type LedgerValue } from '../../../src/main/ledger/canonical-line.ts'

const database = new Database(':memory:')
database.exec('CREATE TABLE t (kind TEXT, text TEXT, number INTEGER, bytes BLOB) STRICT')
const insert = database.prepare('INSERT INTO t VALUES (?, ?, ?, ?)')
const line = database.prepare('SELECT json_array(kind, text, number, lower(hex(bytes))) FROM t').pluck()

const bySqlite = (values: readonly LedgerValue[]): unknown => {
  database.exec('DELETE FROM t')
  insert.run(...values)
  return line.get()
}

test.each([
  ['control characters', '\u0000\u0001\b\t\n\u000b\f\r\u001f\u007f\u0080'],
  ['quotes', `"double" 'single' \\ back / slash`],
  ['other scripts', 'Grüße, 请, שלום'],
  ['emoji', '👩‍👩‍👧‍👦🏳️‍🌈'],
  ['line separators', '\u2028\u2029'],
  ['a lone surrogate', 'a\ud800b\udc00'],
  ['text that is JSON', '{"a":[1]}'],
  ['nothing', ''],
])('%s are quoted as SQLite does', (_, text) => {
  expect(canonicalLine(['k', text, 1, Buffer.from('00ff', 'hex')])).toBe(
    bySqlite(['k', text, 1, Buffer.from('00ff', 'hex')]),
  )
})

test.each([
  [9_223_372_036_854_775_807n, '9223372036854775807'],
  [-9_223_372_036_854_775_808n, '-9223372036854775808'],
  [9_007_199_254_740_993n, '9007199254740993'],
  [1_790_000_000_000, '1790000000000'],
  [0, '0'],
  [-0, '0'],
  [null, 'null'],
])('the number %s is written %s, as SQLite does', (number, text) => {
  const values = ['k', null, number, Buffer.alloc(0)]
  expect(canonicalLine(values)).toBe(`["k",null,${text},""]`)
  expect(bySqlite(values)).toBe(`["k",null,${text},""]`)
})

test('any text, 64-bit integer and bytes give the line SQLite gives', () => {
  fc.assert(
    fc.property(
      fc.string({
        unit: fc.oneof(
          fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
          fc.constantFrom('\u0000', '"', '\\', '\u001b', '\u2028', '\ud83d'),
        ),
      }),
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      fc.uint8Array({ maxLength: 40 }),
      (text, number, bytes) => {
        const values = [text, text, number, bytes]
        expect(canonicalLine(values)).toBe(bySqlite(values))
      },
    ),
    { numRuns: 2000 },
  )
})

test('a number that is no integer is a bug', () => {
  expect(() => canonicalLine([0.5])).toThrow('the ledger holds integers only, not 0.5')
  expect(() => canonicalLine([2 ** 53])).toThrow(RangeError)
})
