/** The only divisions of pricing, beside rationals that lose nothing until they are cut. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { integerToDecimal } from '../../../src/domain/decimal.ts'
import {
  compareDecimals,
  difference,
  divideHalfEven,
  divideHalfUp,
  magnitudeOf,
  mostDecimals,
  product,
  quotient,
  toScaled,
} from '../../../src/domain/pricing/exact.ts'
import {
  compare,
  cut,
  decimal,
  fraction,
  minus,
  nearest,
  over,
  size,
  times,
  write,
} from '../../support/second-rater/rational.ts'
import { d } from './cards.ts'

const decimals = fc
  .tuple(fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }), fc.integer({ min: 0, max: 24 }))
  .map(([value, scale]) => integerToDecimal(value, scale))
const divisors = fc.oneof(
  decimals.filter((value) => value !== '0'),
  fc.constantFrom('3', '-3', '7', '1024', '60', '0.5', '-0.125', '1073741824', '31', '2678400000').map(d),
)

test('a quotient that ends is exact, one that does not is kept to 20 decimals, half-even', () => {
  fc.assert(
    fc.property(decimals, divisors, (a, b) => {
      expect(quotient(a, b)).toBe(write(cut(over(decimal(a), decimal(b)))))
    }),
    { numRuns: 500 },
  )
  expect([quotient(d('1'), d('3')), quotient(d('-1'), d('3')), quotient(d('1'), d('-3'))]).toEqual([
    '0.33333333333333333333',
    '-0.33333333333333333333',
    '-0.33333333333333333333',
  ])
  expect(quotient(d('1'), d('1073741824'))).toBe('0.000000000931322574615478515625')
  expect(() => quotient(d('1'), d('0'))).toThrow('cannot be divided by zero')
})

test('sums, products and order are exact', () => {
  fc.assert(
    fc.property(decimals, decimals, (a, b) => {
      const [x, y] = [decimal(a), decimal(b)]
      expect(difference(a, b)).toBe(write(minus(x, y)))
      expect(product(a, b)).toBe(write(times(x, y)))
      expect(compareDecimals(a, b)).toBe(compare(x, y))
      expect(compareDecimals(a, a)).toBe(0)
      expect(magnitudeOf(a)).toBe(write(size(x)))
    }),
  )
})

test('integers are divided to the nearest, of two to the even one or away from zero', () => {
  const small = fc.bigInt({ min: -40n, max: 40n })
  fc.assert(
    fc.property(small, fc.bigInt({ min: 1n, max: 12n }), (dividend, divisor) => {
      const value = fraction(dividend, divisor)
      expect(divideHalfEven(dividend, divisor)).toBe(nearest(value))
      expect(divideHalfUp(dividend, divisor)).toBe(nearest(value, 'half_up'))
    }),
    { numRuns: 500 },
  )
  for (const divide of [divideHalfEven, divideHalfUp])
    for (const divisor of [0n, -2n]) expect(() => divide(1n, divisor)).toThrow('a divisor must be positive')
})

test('a text is never read at a scale that is too coarse for it', () => {
  expect([toScaled(d('-1.25'), 2), toScaled(d('-1.25'), 4), toScaled(d('-0.05'), 2)]).toEqual([
    -125n,
    -12500n,
    -5n,
  ])
  expect(() => toScaled(d('1.25'), 1)).toThrow('1.25 has more than 1 decimals')
  expect([mostDecimals([]), mostDecimals([d('1.5'), d('2'), d('0.001')])]).toEqual([0, 3])
})
