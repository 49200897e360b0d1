/** Which contracts hand anything on from one month to the next. */
import type { Contract } from '../pricing/contract.ts'
import type { RateCard } from '../pricing/ratecard.ts'
import { longWindowOf } from '../pricing/window.ts'
import type { PricingTerms } from './plan.ts'

const versionHandsOn = (contract: Contract, card: RateCard): boolean => {
  const { trial } = contract
  if ((contract.commitments ?? []).some(({ period }) => period !== 'month')) return true
  if ((contract.credits ?? []).length > 0 || contract.topUp !== undefined) return true
  if (trial?.kind === 'credit' || trial?.kind === 'usage') return true
  if ((contract.discounts ?? []).some(({ maximumInAll }) => maximumInAll !== undefined)) return true
  const charges = [
    ...(contract.charges ?? []),
    ...card.versions.flatMap((version) => [
      ...version.charges,
      ...Object.values(version.otherCurrencies ?? {}).flat(),
    ]),
  ]
  return charges.some(
    (charge) =>
      longWindowOf(charge) !== undefined ||
      ('included' in charge && (charge.included?.per === 'term' || charge.included?.rollOver !== undefined)),
  )
}

/**
 * Whether a month of the contract can only be rated when the months before it are known: by any of its versions, for a
 * month before an amendment is another version's, on another card perhaps, and what was drawn stays drawn.
 */
export const handsOn = ({
  card,
  otherCards = [],
  contract,
  earlier = [],
}: Pick<PricingTerms, 'card' | 'otherCards' | 'contract' | 'earlier'>): boolean =>
  contract !== null &&
  [contract, ...earlier].some((version) =>
    versionHandsOn(version, otherCards.find(({ id }) => id === version.rateCardId) ?? card),
  )
