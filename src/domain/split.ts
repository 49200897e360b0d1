/** Splits that always add up to the whole. */

/**
 * Splits `total` in proportion to the weights by largest remainder: every part is rounded towards zero and
 * the units left over go, one each, to the parts with the largest remainders; of equal remainders the one
 * that comes first in the list wins. A negative total is split as its absolute value and negated.
 * @throws RangeError where a weight is negative, or no weight is above zero while there is something to split.
 */
export const splitExactly = (total: bigint, weights: readonly bigint[]): readonly bigint[] => {
  if (weights.some((weight) => weight < 0n)) throw new RangeError('a weight must not be negative')
  const sum = weights.reduce((whole, weight) => whole + weight, 0n)
  if (total === 0n) return weights.map(() => 0n)
  if (sum === 0n) throw new RangeError(`${total} cannot be split: no weight is above zero`)
  const size = total < 0n ? -total : total
  const floors = weights.map((weight) => (size * weight) / sum)
  const left = size - floors.reduce((whole, part) => whole + part, 0n)
  const byRemainder = weights
    .map((weight, index) => ({ index, remainder: (size * weight) % sum }))
    .sort((a, b) => (a.remainder === b.remainder ? a.index - b.index : a.remainder > b.remainder ? -1 : 1))
  const lucky = new Set(byRemainder.slice(0, Number(left)).map(({ index }) => index))
  return floors.map((part, index) => {
    const whole = part + (lucky.has(index) ? 1n : 0n)
    return total < 0n ? -whole : whole
  })
}
