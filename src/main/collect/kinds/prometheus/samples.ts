/**
 * What samples of a series come to over windows. PromQL's `increase()` extrapolates to the window's edges and is not
 * exact (Prometheus documentation, "Query functions"); here every difference of two samples counts once, in the window
 * that holds the later one, so windows add up to what the counter itself says.
 */
import { type DecimalText, parseDecimal, sumDecimals, ZERO } from '../../../../domain/decimal.ts'
import type { Period } from '../../../../domain/period.ts'
import { compareDecimals, difference, product, quotient } from '../../../../domain/pricing/exact.ts'

export interface Sample {
  /** UTC milliseconds. */
  readonly ms: number
  readonly value: DecimalText
}

/** The most decimals of a quantity. */
const DECIMALS_MAX = 12
const HOUR_MS = 3_600_000

const cut = (value: DecimalText): DecimalText => {
  const point = value.indexOf('.')
  return point < 0 || value.length - point - 1 <= DECIMALS_MAX
    ? value
    : (parseDecimal(value.slice(0, point + 1 + DECIMALS_MAX)) ?? ZERO)
}

/**
 * A sample's value; null for NaN and infinities, which a counter or a size never has. What is finer than a quantity,
 * the noise of a float, is cut off the sample and not off a difference: differences then still add up.
 */
export const sampleValue = (text: string): DecimalText | null => {
  const value = parseDecimal(text)
  return value === null ? null : cut(value)
}

/** What a counter grew by from one sample to the next: a smaller value is a counter that began at zero again. */
export const grown = (before: DecimalText, now: DecimalText): DecimalText =>
  compareDecimals(now, before) >= 0 ? difference(now, before) : now

/**
 * What the counter grew by in each window, from the sample before the first one.
 * @param base the last value before the windows; null where there is none
 * @param isNew whether a series without base began in the windows, so that its first value counts from zero
 */
export const increases = (
  windows: readonly Period[],
  samples: readonly Sample[],
  base: DecimalText | null,
  isNew: boolean,
): readonly DecimalText[] => {
  let last = base ?? (isNew ? ZERO : null)
  let index = 0
  return windows.map(({ startMs, endMs }) => {
    let sum = ZERO
    for (; index < samples.length; index++) {
      const sample = samples[index]
      if (sample === undefined || sample.ms >= endMs) break
      if (sample.ms < startMs) {
        last = sample.value
        continue
      }
      if (last !== null) sum = sumDecimals([sum, grown(last, sample.value)])
      last = sample.value
    }
    return sum
  })
}

/**
 * Unit-hours that a gauge was held in each window: a value holds until the next sample, and at most `staleMs` where
 * none follows, as Prometheus takes a series to be gone then.
 */
export const unitHours = (
  windows: readonly Period[],
  samples: readonly Sample[],
  staleMs: number,
): readonly DecimalText[] =>
  windows.map(({ startMs, endMs }) => {
    const held = samples.map((sample, index): DecimalText => {
      const next = samples[index + 1]
      const until = Math.min(next?.ms ?? sample.ms + staleMs, sample.ms + staleMs, endMs)
      const from = Math.max(sample.ms, startMs)
      return until > from ? product(sample.value, String(until - from) as DecimalText) : ZERO
    })
    const sum = sumDecimals(held)
    return sum === ZERO ? ZERO : cut(quotient(sum, String(HOUR_MS) as DecimalText))
  })
