/** Exact amounts by bigint: kept by the auditor, written by the world. */
import type { Amount } from './records.ts'

export const amountOf = (units: bigint, decimals: number): Amount => {
  let [kept, left] = [units, decimals]
  while (left > 0 && kept % 10n === 0n) {
    kept /= 10n
    left--
  }
  return { units: kept, decimals: left }
}

/** The amount in units of 10^-`decimals`, which holds all of its decimals. */
export const unitsAt = ({ units, decimals }: Amount, at: number): bigint => {
  if (decimals > at) throw new RangeError(`${decimals} decimals do not fit into ${at}`)
  return units * 10n ** BigInt(at - decimals)
}

/** Units of 10^-`decimals` as decimal text without zeros at its end: `-0.25`. */
export const textOf = (units: bigint, decimals: number): string => {
  const digits = String(units < 0n ? -units : units).padStart(decimals + 1, '0')
  const whole = digits.slice(0, digits.length - decimals)
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, '')
  return `${units < 0n ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`
}
