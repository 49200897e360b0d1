import { describe, expect, test } from 'vitest'
import type { DecimalText } from '../../../src/domain/decimal.ts'
import { evaluateFormula, metricsOfFormula, parseFormula } from '../../../src/domain/pricing/formula.ts'
import { d } from './cards.ts'

const reckon = (text: string, quantities: Readonly<Record<string, string>> = {}): DecimalText | null => {
  const formula = parseFormula(text)
  if ('problem' in formula) throw new Error(formula.problem)
  return evaluateFormula(formula, new Map(Object.entries(quantities).map(([name, each]) => [name, d(each)])))
}

test.each<[string, string | null]>([
  ['1 + 2 * 3', '7'],
  ['(1 + 2) * 3', '9'],
  ['0.1 + 0.2', '0.3'],
  ['-5 - -3', '-2'],
  ['1 / 3', '0.33333333333333333333'],
  ['2 / 3', '0.66666666666666666667'],
  ['1 / 1073741824', '0.000000000931322574615478515625'],
  ['1 / -4', '-0.25'],
  ['1 / (2 - 2)', null],
  ['ceil(1.2)', '2'],
  ['ceil(-1.2)', '-1'],
  ['floor(-1.2)', '-2'],
  ['floor(3)', '3'],
  ['round(2.5)', '2'],
  ['round(3.5)', '4'],
  ['abs(-7.5)', '7.5'],
  ['min(3, 1, 2)', '1'],
  ['max(3, 1, 2)', '3'],
  ['1 < 2 ? 10 : 1 / 0', '10'],
  ['1 >= 2 ? 10 : 20', '20'],
  ['2 == 2.0 ? 1 : 0', '1'],
  ['2 != 2 ? 1 : 0', '0'],
  ['99999999999999999999.01 * 3', '299999999999999999997.03'],
  ['api.calls * 2 + storage', '23'],
  ['metric("api.calls") + metric("not-used")', '10'],
])('%s is %s', (text, value) => expect(reckon(text, { 'api.calls': '10', storage: '3' })).toBe(value))

test('metrics are named once each, those of choices and functions among them', () =>
  expect(metricsOfFormula('a.b > metric("c-d") ? a.b : max(e, 1)')).toEqual(['a.b', 'c-d', 'e']))

describe('what is refused, with a sentence', () => {
  test.each<[string, string]>([
    ['constructor("return 1")()', 'There is no function'],
    ['a.constructor()', 'There is no function "a.constructor"'],
    ['a["constructor"]', 'Brackets are not allowed'],
    ['a?.b', 'Brackets are not allowed'],
    ['this', 'It must be one expression'],
    ['this.process', 'Brackets are not allowed'],
    ['a = 1', 'It'],
    ['a; b', 'It must be one expression'],
    ['[1, 2]', 'It must be one expression'],
    ['`text`', 'It'],
    ['"text"', 'is no number'],
    ['true', 'is no number'],
    ['1e400', 'is no number of a formula'],
    ['a ** 2', 'is not allowed'],
    ['a % 2', 'is not allowed'],
    ['a || b', 'is not allowed'],
    ['!a', 'is not allowed'],
    ['~a', 'is not allowed'],
    ['a > 1', 'A comparison is no quantity'],
    ['a ? 1 : 2', 'must compare two values'],
    ['eval(1)', 'There is no function "eval"'],
    ['toString(1)', 'There is no function "toString"'],
    ['max()', 'one value or more, not 0'],
    ['round(1, 2)', 'one value, not 2'],
    ['metric(a)', 'takes one name in quotes'],
    ['', 'It'],
    ['(1', 'cannot be read at character'],
    ['1 +', 'cannot be read at character'],
    [`1${' + 1'.repeat(200)}`, 'at most 500'],
  ])('%s', (text, sentence) => {
    const formula = parseFormula(text)
    expect('problem' in formula ? formula.problem : 'it was read').toContain(sentence)
  })
  test('names like __proto__ are metrics that nobody has, and worth zero', () => {
    expect(metricsOfFormula('__proto__ + a.__proto__')).toEqual(['__proto__', 'a.__proto__'])
    expect(reckon('__proto__ + hasOwnProperty + a.prototype')).toBe('0')
  })
})
