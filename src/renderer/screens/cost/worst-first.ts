import { Decimal } from '../../../domain/decimal.ts'
import type { MarginRow } from './types.ts'

/** A margin without a percentage has no revenue to be a share of: cost for nothing is worst, nothing at all is 0. */
const rank = (row: MarginRow): Decimal | null =>
  row.margin === null
    ? null
    : row.marginPercent !== null
      ? new Decimal(row.marginPercent)
      : new Decimal(row.margin).isNegative()
        ? new Decimal('-Infinity')
        : new Decimal(0)

/**
 * Worst margin percent first; among equals the larger loss, then the name. Unknown margins last: those with cost,
 * for which a price is missing, before those with nothing.
 */
export const worstFirst = (rows: readonly MarginRow[]): MarginRow[] =>
  [...rows].sort((a, b) => {
    const [left, right] = [rank(a), rank(b)]
    if (left !== null && right !== null)
      return (
        left.comparedTo(right) ||
        new Decimal(a.margin ?? 0).comparedTo(b.margin ?? 0) ||
        a.name.localeCompare(b.name, 'en')
      )
    if (left !== null) return -1
    if (right !== null) return 1
    return new Decimal(b.cost ?? 0).comparedTo(a.cost ?? 0) || a.name.localeCompare(b.name, 'en')
  })
