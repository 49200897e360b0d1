import fc from 'fast-check'
import { expect, test } from 'vitest'
import { splitExactly } from '../../src/domain/split.ts'

test.each([
  // total  weights            parts
  [100n, [1n, 1n, 1n], [34n, 33n, 33n]],
  [101n, [1n, 1n, 1n], [34n, 34n, 33n]],
  [-100n, [1n, 1n, 1n], [-34n, -33n, -33n]],
  [10n, [3n, 7n], [3n, 7n]],
  [5n, [0n, 2n, 0n], [0n, 5n, 0n]],
  [7n, [1n, 2n, 4n], [1n, 2n, 4n]],
  [1n, [1n, 2n, 2n], [0n, 1n, 0n]],
  [0n, [0n, 0n], [0n, 0n]],
])('%s by %s is %s', (total, weights, parts) => expect(splitExactly(total, weights)).toEqual(parts))

test('what cannot be split is refused', () => {
  expect(() => splitExactly(1n, [0n])).toThrow('1 cannot be split: no weight is above zero')
  expect(() => splitExactly(1n, [2n, -1n])).toThrow('a weight must not be negative')
})

test('the parts add up to the whole, and none is a unit or more away from its share', () => {
  const weights = fc.array(fc.bigInt({ min: 0n, max: 10n ** 12n }), { minLength: 1, maxLength: 20 })
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }), weights, (total, shares) => {
      const sum = shares.reduce((whole, share) => whole + share, 0n)
      fc.pre(sum > 0n)
      const parts = splitExactly(total, shares)
      expect(parts.reduce((whole, part) => whole + part, 0n)).toBe(total)
      parts.forEach((part, index) => {
        const away = part * sum - total * (shares[index] ?? 0n)
        expect(away < sum && away > -sum).toBe(true)
      })
    }),
  )
})
