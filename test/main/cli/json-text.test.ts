import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ExactNumber, parseJson } from '../../../src/main/cli/json-text.ts'

test('reads what JSON.parse reads', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      // A number that a double does not hold is told apart below.
      const reread = JSON.stringify(parseJson(text), (_key, value: unknown) =>
        value instanceof ExactNumber ? Number(value.text) : value,
      )
      expect(reread).toBe(JSON.stringify(JSON.parse(text)).replaceAll('-0,', '0,'))
    }),
  )
})

test.each([
  ['0.1', '0.1'],
  ['0.10', '0.1'],
  ['12345678901234567890', '12345678901234567890'],
  ['1.0000000000000000000000001', '1.0000000000000000000000001'],
  ['1e-7', '0.0000001'],
  ['-2.50E+1', '-25'],
  ['1e9999999999', '1e9999999999'],
])('%s keeps every digit', (source, text) => {
  const read = parseJson(`[${source}]`) as unknown[]
  const [number] = read
  expect(number instanceof ExactNumber ? number.text : String(number)).toBe(text)
})

test.each([
  ['{"a": 1, "b": 2, "a": 3}', 'line 1, column 18: “a” is given twice: keep one of the two'],
  ['{"a": NaN}', 'line 1, column 7: NaN is no number in JSON: leave the field out, or give a decimal'],
  ['{"a": -Infinity}', 'line 1, column 7: -Infinity is no number in JSON: leave the field out'],
  ['{"a": 01}', 'line 1, column 7: 01 is no number of JSON, like 12.5 or -0.5'],
  ['{"a": .5}', 'line 1, column 7: .5 is no number of JSON, like 12.5 or -0.5'],
  ['{\n  "a": 1,\n}', 'line 3, column 1: the comma before } is one too many'],
  ['[1, 2', 'line 1, column 6: the text ends where a comma or ] should stand'],
  ['{a: 1}', 'line 1, column 2: “a” stands where a name in double quotes should'],
  ["{'a': 1}", 'line 1, column 2: text is written in double quotes'],
  ['{"a": None}', 'line 1, column 7: None is written null in JSON'],
  ['{"a": 1} // one', 'line 1, column 10: there is more after the end of the document'],
  [
    '{"a": "b\nc"}',
    'line 1, column 9: a line break or control character in a text is written as an escape, like \\n',
  ],
  ['{"a": "b', 'line 1, column 7: a text that begins here is never closed'],
  ['"\\x"', 'line 1, column 2: “\\x” is no escape of JSON'],
  ['['.repeat(100_000), 'line 1, column 201: it is nested more than 200 deep'],
])('%s is refused by its place', (text, message) => {
  expect(() => parseJson(text)).toThrow(message)
})

test('names that objects have of themselves are names like any other', () => {
  const read = parseJson('{"__proto__": {"a": 1}, "constructor": 2, "\\u0061": 3}') as object
  expect(Object.keys(read)).toEqual(['__proto__', 'constructor', 'a'])
  expect(Object.getPrototypeOf(read)).toBe(Object.prototype)
})
