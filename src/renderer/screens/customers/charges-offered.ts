/** Which charges of a rate card a contract can name. */
import type { Charge, RateCardVersion } from '../../../domain/pricing/ratecard.ts'

/** The charges of versions in the contract's currency, each by its id once: the earlier version's where two have it. */
export const chargesOffered = (
  versions: readonly RateCardVersion[],
  currency: { readonly own: string; readonly chosen: string },
): readonly Charge[] => {
  const all = versions.flatMap(({ charges, otherCurrencies }) =>
    currency.chosen === currency.own ? charges : (otherCurrencies?.[currency.chosen] ?? []),
  )
  return all.filter(({ id }, index) => all.findIndex((each) => each.id === id) === index)
}
