import { expect, test } from 'vitest'
import type { DealTerms } from '../../../../src/domain/deal/deal.ts'
import {
  changeDraft,
  type DealDraft,
  type DraftChange,
} from '../../../../src/renderer/screens/deals/deal-draft.ts'
import { fromTerms } from '../../../../src/renderer/screens/deals/terms.ts'

const TERMS = fromTerms({
  rateCardId: 'api',
  discountPercent: '10',
  chargeDiscounts: {},
  monthlyCommitment: null,
  monthlyGrowthPercent: '0',
  termMonths: 12,
  startDay: '2026-11-01',
} as unknown as DealTerms)

/** Scenarios named by the letters, the one at `chosen` proposed. */
const draftOf = (names: string, chosen = 0): DealDraft => ({
  id: 'd',
  name: 'D',
  note: '',
  scenarios: [...names].map((name) => ({ name, terms: TERMS })),
  chosen,
})

test.each<[string, DealDraft, DraftChange, string, number]>([
  ['duplicating takes the next letter', draftOf('A'), { kind: 'duplicate', index: 0 }, 'AB', 0],
  ['a free letter is used again', draftOf('AC'), { kind: 'duplicate', index: 1 }, 'ACB', 0],
  ['there are three at most', draftOf('ABC'), { kind: 'duplicate', index: 0 }, 'ABC', 0],
  ['the only one stays', draftOf('A'), { kind: 'remove', index: 0 }, 'A', 0],
  ['what is proposed stays proposed', draftOf('ABC', 2), { kind: 'remove', index: 0 }, 'BC', 1],
  ['without the proposed one the next is', draftOf('ABC', 1), { kind: 'remove', index: 1 }, 'AC', 1],
  ['without the last, proposed one its neighbour is', draftOf('AB', 1), { kind: 'remove', index: 1 }, 'A', 0],
  ['another is proposed', draftOf('AB'), { kind: 'choose', index: 1 }, 'AB', 1],
  ['what is not there is not proposed', draftOf('AB'), { kind: 'choose', index: 2 }, 'AB', 0],
])('%s', (_, before, change, names, chosen) => {
  const after = changeDraft(before, change)
  expect(after.scenarios.map((scenario) => scenario.name).join('')).toBe(names)
  expect(after.chosen).toBe(chosen)
})

test('a changed term leaves the other scenarios the very same', () => {
  const before = draftOf('AB')
  const after = changeDraft(before, { kind: 'terms', index: 1, changes: { discount: '20' } })
  expect(after.scenarios[0]).toBe(before.scenarios[0])
  expect(after.scenarios[1]?.terms).toEqual({ ...TERMS, discount: '20' })
})
