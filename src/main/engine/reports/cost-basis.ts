/** A sum of costs by the basis it is asked in. */
import type { CostBasis } from '../../../contract/cost.ts'
import { type DecimalText, sumDecimals } from '../../../domain/decimal.ts'
import type { CostSums } from '../../cube/queries/cost.ts'

/** Null where no entry has a cost of the basis: unknown is never zero. */
export const amountIn = (sums: CostSums, basis: CostBasis): DecimalText | null => sums[basis]

/** Entries that have no cost of the basis; every entry has a billed and an effective one. */
export const unknownIn = (sums: CostSums, basis: CostBasis): number =>
  basis === 'contracted' ? sums.contractedUnknown : basis === 'list' ? sums.listUnknown : 0

export const BASIS_WORDS = {
  billed: 'billed',
  effective: 'effective',
  contracted: 'contracted',
  list: 'list',
} as const satisfies Record<CostBasis, string>

/** The sum of what is known; null where nothing is. */
export const sumKnown = (amounts: readonly (DecimalText | null)[]): DecimalText | null => {
  const known = amounts.filter((amount) => amount !== null)
  return known.length === 0 ? null : sumDecimals(known)
}

/** What a figure by this basis lacks, in words; null where it lacks nothing. */
export const unknownWords = (basis: CostBasis, unknown: number): string | null =>
  unknown === 0
    ? null
    : `${unknown === 1 ? '1 entry has' : `${unknown} entries have`} no ${BASIS_WORDS[basis]} cost: ${unknown === 1 ? 'it is' : 'they are'} in none of these figures.`
