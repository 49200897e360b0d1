/** Minor units, and sharing an amount among parts at them. */
import {
  floor,
  fraction,
  minus,
  NOUGHT,
  over,
  type Rational,
  roundTo,
  sign,
  times,
  total,
  whole,
} from './rational.ts'

/** By ISO 4217, of the currencies that cases are drawn in. */
const MINOR: Readonly<Record<string, number>> = { USD: 2, EUR: 2, JPY: 0, BHD: 3 }

export interface Minting {
  readonly decimals: number
  readonly mode: 'half_even' | 'half_up'
}

export const mintingOf = (currency: string, mode: 'half_even' | 'half_up' = 'half_even'): Minting => {
  const decimals = MINOR[currency]
  if (decimals === undefined) throw new RangeError(`minor unit of ${currency}?`)
  return { decimals, mode }
}

export const mint = (amount: Rational, { decimals, mode }: Minting): Rational =>
  roundTo(amount, decimals, mode)

/** An amount of whole minor units by weights not below zero: largest remainder, a tie to the earlier. */
export const shareOut = (
  amount: Rational,
  weights: readonly Rational[],
  { decimals }: Minting,
): Rational[] => {
  const sum = total(weights)
  if (sign(sum) === 0) return weights.map(() => NOUGHT)
  const scale = 10n ** BigInt(decimals)
  const exact = weights.map((weight) => over(times(times(amount, whole(scale)), weight), sum))
  const units = exact.map(floor)
  const rests = exact.map((value, i) => minus(value, whole(units[i] as bigint)))
  let missing = floor(times(amount, whole(scale))) - units.reduce((a, b) => a + b, 0n)
  for (; missing > 0n; missing--) {
    let best = 0
    for (let i = 1; i < rests.length; i++)
      if (sign(minus(rests[i] as Rational, rests[best] as Rational)) > 0) best = i
    units[best] = (units[best] as bigint) + 1n
    rests[best] = whole(-1)
  }
  return units.map((unit) => fraction(unit, scale))
}
