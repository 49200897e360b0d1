import { useQuery } from '@tanstack/react-query'
import type { Contract } from '../../../domain/pricing/contract.ts'
import type { ContractWordsContext } from '../../../domain/pricing/contract-words.ts'
import { api } from '../../api.ts'
import { useBook } from '../../ui/book.tsx'

/** What a contract's words are made with: names of charges and cards, and its currency. */
export const useContractContext = (): ((contract: Contract) => ContractWordsContext) => {
  const { settings } = useBook()
  const cards = useQuery(api.rateCards.list.queryOptions())
  const metrics = useQuery(api.metrics.list.queryOptions())
  const known = cards.data ?? []
  const cardNames = new Map(known.map(({ card }) => [card.id, card.name]))
  return (contract) => {
    const card = known.find((row) => row.card.id === contract.rateCardId)?.card
    return {
      metrics: (metrics.data ?? []).map((each) => each.definition),
      currency: contract.currency ?? card?.currency ?? settings.currency,
      charges: [
        ...(contract.charges ?? []),
        ...(card?.versions.flatMap(({ charges }) => charges).reverse() ?? []),
      ],
      cardNames,
    }
  }
}
