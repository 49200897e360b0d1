/** Quantities: integers at a metric's scale, within SQLite's and DuckDB's signed 64 bits. */
import { type DecimalText, decimalsOf, decimalToInteger, integerToDecimal, parseDecimal } from './decimal.ts'

export const QUANTITY_MAX = 9_223_372_036_854_775_807n
export const SCALE_MAX = 12

export type QuantityRefusal = 'not_a_number' | 'too_many_decimals' | 'too_large'

/** Reads decimal text as an integer at `scale`; never rounds. */
export const parseQuantity = (text: string, scale: number): bigint | QuantityRefusal => {
  const decimal = parseDecimal(text)
  if (decimal === null) return 'not_a_number'
  if (decimalsOf(decimal) > scale) return 'too_many_decimals'
  const value = decimalToInteger(decimal, scale)
  return value > QUANTITY_MAX || value < -QUANTITY_MAX ? 'too_large' : value
}

/** The quantity as decimal text, without trailing zeros. */
export const quantityToText = (quantity: bigint, scale: number): DecimalText =>
  integerToDecimal(quantity, scale)
