/** Makes a failing case small: whatever can be left out without it agreeing again is left out. */

/** What a case is whole without. */
const OPTIONAL = new Set(
  `convert increment included filters multiplier minimum maximum tenant dimensions region plan route weekdays flatAmount
  freeEvents freeAmount fixedPerEvent minimumPerEvent maximumPerEvent platformFee beforeFrom includedLeft multipliers
  edgeUnit tierFeeAtZero rounding minimumAtZero boundsApply creditsApply window ramp uplift freeMonths trial discounts
  commitments credits topUp tax invoiceMinimum invoiceMaximum settings otherCurrencies rollOver pool fromDay untilDay
  maximumPerMonth maximumInAll overageMultiplier every timing proration discountPercent fees charges
  beside billTo renewal amendment`.split(/\s+/),
)

type Plain = Record<string, unknown>
const isPlain = (value: unknown): value is Plain =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The value with one thing less in it, in every way there is. */
const lesserOnes = function* (value: unknown): Generator<unknown> {
  if (Array.isArray(value)) {
    if (value.some(isPlain))
      for (let half = value.length >> 1; half > 1; half >>= 1)
        for (let i = 0; i < value.length; i += half) yield value.toSpliced(i, half)
    for (let i = 0; i < value.length && value.some(isPlain); i++) yield value.toSpliced(i, 1)
    for (let i = 0; i < value.length; i++)
      for (const less of lesserOnes(value[i])) yield value.toSpliced(i, 1, less)
  } else if (isPlain(value)) {
    for (const key of Object.keys(value).filter((name) => OPTIONAL.has(name))) {
      const { [key]: _left, ...rest } = value
      yield rest
    }
    for (const key of Object.keys(value))
      for (const less of lesserOnes(value[key])) yield { ...value, [key]: less }
  } else if (typeof value === 'string' && /^-?\d/.test(value) && !value.includes(':')) {
    for (const simple of ['0', '1', '10']) if (simple.length <= value.length && simple !== value) yield simple
  }
}

/** @param fails must be false of anything that is not a whole case any more. */
export const shrink = <T>(failing: T, fails: (value: T) => boolean, tries = 3_000): T => {
  let least = failing
  let left = tries
  for (let found = true; found && left > 0; ) {
    found = false
    for (const less of lesserOnes(least) as Generator<T>) {
      if (left-- <= 0) break
      if (!fails(less)) continue
      least = less
      found = true
      break
    }
  }
  return least
}
