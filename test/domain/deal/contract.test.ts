import { expect, test } from 'vitest'
import { contractFromDeal } from '../../../src/domain/deal/contract.ts'
import type { Deal } from '../../../src/domain/deal/deal.ts'
import { d } from '../pricing/cards.ts'

const deal: Deal = {
  id: 'D-7',
  name: 'Globex renewal',
  customerId: 'globex',
  state: 'won',
  scenarios: [
    {
      name: 'A',
      terms: {
        rateCardId: 'api',
        discountPercent: d('18'),
        chargeDiscounts: { calls: d('20') },
        monthlyCommitment: d('40000'),
        monthlyGrowthPercent: d('2'),
        termMonths: 14,
        startDay: '2026-11-01',
      },
    },
  ],
  chosen: 0,
  note: '',
}

test('a won deal becomes a contract of its term', () =>
  expect(contractFromDeal(deal, { contractId: 'C-9' })).toEqual({
    id: 'C-9',
    customerId: 'globex',
    rateCardId: 'api',
    startDay: '2026-11-01',
    endDay: '2028-01-01',
    discountPercent: '18',
    chargeDiscounts: { calls: '20' },
    monthlyCommitment: '40000',
    dealId: 'D-7',
  }))

test.each<[Partial<Deal>, string]>([
  [{ state: 'draft' }, 'deal D-7 is draft: only an approved deal becomes a contract'],
  [{ state: 'lost' }, 'deal D-7 is lost: only an approved deal becomes a contract'],
  [{ chosen: 1 }, 'deal D-7 has no scenario 1'],
])('no contract of %j', (changes, message) =>
  expect(() => contractFromDeal({ ...deal, ...changes }, { contractId: 'C-9' })).toThrow(message),
)
