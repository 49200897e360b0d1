import { Decimal, type DecimalText } from '../../../domain/decimal.ts'

/** The change of a percentage against the month before: "▼ 1.8 points since last month". */
export const pointsInWords = (points: DecimalText | null): string => {
  if (points === null) return 'No month before to compare with'
  const change = new Decimal(points)
  if (change.isZero()) return 'As last month'
  return `${change.isNegative() ? '▼' : '▲'} ${change.abs().toFixed(1)} points since last month`
}
