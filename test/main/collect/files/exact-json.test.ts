import { describe, expect, test } from 'vitest'
import { exactCanonical, parseExactJson, shown } from '../../../../src/main/collect/files/exact-json.ts'

const nested = (levels: number, inside = '') => `${'['.repeat(levels)}${inside}${']'.repeat(levels)}`

describe('nesting', () => {
  test.each(['', '1.5', '"]"', '{"a":"\\"["}'])('500 levels around %j are read, more are not', (inside) => {
    const levels = inside.startsWith('{') ? 499 : 500
    const json = parseExactJson(nested(levels, inside))
    expect(exactCanonical(json ?? null)).toBe(nested(levels, inside))
    expect(parseExactJson(nested(levels + 1, inside))).toBeUndefined()
  })

  test('brackets in text are no levels', () => {
    const text = JSON.stringify({ a: `${'[{'.repeat(5_000)}"\\` })
    expect(shown(parseExactJson(text))).toBe(text.slice(0, 80))
  })

  test('a hundred thousand levels do not overflow the stack', () => {
    expect(parseExactJson(nested(100_000))).toBeUndefined()
    expect(parseExactJson('[{"a":'.repeat(100_000))).toBeUndefined()
  })
})

describe('what is no character', () => {
  test.each([
    ['"\\ud800"', '\ufffd'],
    ['"\\uDC00\\uD83D\\ude00"', '\ufffd😀'],
    ['{"a\\udfff":["\\ud800x",1.5]}', { 'a\ufffd': ['\ufffdx', { text: '1.5' }] }],
    ['"\\\\ud800"', '\\ud800'],
  ])('%s is read as the ledger keeps it', (text, expected) => {
    expect(parseExactJson(text)).toEqual(expected)
  })
})
