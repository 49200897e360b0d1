import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hasEscapedKey, parseByHand, parseNamed } from '../../src/domain/escaped-keys.ts'
import { ExactNumber, parseExactJson } from '../../src/main/collect/files/exact-json.ts'

test.each([
  ['{"a1":1,"\\\\":2}', '{"a1":1,"\\"":2}', ['a1', '"']],
  ['{"a2":1,"x\\\\":2}', '{"a2":1,"x\\n":2}', ['a2', 'x\n']],
  ['{"é👍":1,"\\\\u":2}', '{"é👍":1,"\\u0041b":2}', ['é👍', 'Ab']],
])('a key with an escape keeps its name after %s', (before, text, keys) => {
  parseExactJson(before)
  expect(Object.keys(parseExactJson(text) as object)).toEqual(keys)
})

test.each([
  ['{"a\\"b":1}', true],
  ['{"a" : "\\"", "b\\\\" \t:1}', true],
  ['{"a":"b\\":c"}', false],
  ['{"a":"\\\\","b":1}', false],
  ['{"a":1}', false],
])('%s has an escape in a key: %s', (text, expected) => {
  expect(hasEscapedKey(text)).toBe(expected)
})

test('numbers keep their digits, the last of equal keys counts, and no key is magic', () => {
  const json = parseExactJson('{"\\u0061":1.50,"b":[-0,7],"a":2,"__proto__":{"x":true}}') as Record<
    string,
    unknown
  >
  expect(Object.keys(json)).toEqual(['a', 'b', '__proto__'])
  expect(json.a).toBe(2)
  expect(json.b).toEqual([new ExactNumber('-0'), 7])
  expect(Object.getPrototypeOf(json)).toBe(Object.prototype)
})

test('what JSON.parse takes is taken and reads the same, and nothing else is', () => {
  const native = (text: string): unknown => {
    try {
      return { is: JSON.parse(text) }
    } catch {
      return 'not JSON'
    }
  }
  const byHand = (text: string): unknown => {
    try {
      return { is: parseByHand(text, Number) }
    } catch (error) {
      expect(error).toBeInstanceOf(SyntaxError)
      return 'not JSON'
    }
  }
  const pieces = fc.constantFrom(
    ...[
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"a"',
      '"b\\n"',
      '"',
      '\\',
      '1',
      '-0',
      '1.5e3',
      '01',
      '1.',
      '.5',
      '-',
      'true',
      'nul',
      ' ',
    ],
    ...['\n', '\t', '\u00a0', '"\t"', '"\\x"', '"\\u00e9"', '{"a":', '[1,', ',2]', '"c":[]}'],
  )
  const text = fc.oneof(
    fc.array(pieces, { maxLength: 12 }).map((all) => all.join('')),
    // Without backslashes in keys JSON.parse is right.
    fc.jsonValue().map((value) => JSON.stringify(value).replaceAll('\\\\', '/')),
  )
  fc.assert(
    fc.property(text, (anything) => {
      expect(byHand(anything)).toEqual(native(anything))
    }),
    { numRuns: 5_000 },
  )
})

test('dimensions and tags keep their names, whatever was parsed before', () => {
  parseNamed('{"a3":"1","\\\\":"2"}')
  expect(parseNamed('{"a3":"1","\\n":"2"}')).toEqual({ a3: '1', '\n': '2' })
})
