import { expect, test } from 'vitest'
import type { Contract } from '../../../src/domain/pricing/contract.ts'
import { diffContracts } from '../../../src/domain/pricing/contract-words.ts'
import { contractOf } from '../invoice/contracts.ts'
import { d } from './cards.ts'

const yearly = { id: 'y', name: 'Yearly', amount: d('120000'), period: 'year', counts: null } as const

test.each<[string, Partial<Contract>, Partial<Contract>, string[]]>([
  ['nothing', {}, {}, []],
  ['a name for its note only', {}, { amendment: { effectiveDay: '2026-02-01', note: 'x' } }, []],
  [
    'a discount',
    { discountPercent: d('5') },
    { discountPercent: d('7.5') },
    ['Discount: was 5 %; now 7.5 %.'],
  ],
  ['its end', {}, { endDay: '2027-01-01' }, ['Ends: was runs on; now 2027-01-01.']],
  [
    'a commitment',
    { commitments: [yearly] },
    { commitments: [{ ...yearly, amount: d('150000'), overageMultiplier: d('0.8') }] },
    [
      'Commitment Yearly: was 120,000.00 USD a year, counting all charges; now 150,000.00 USD a year, counting all charges, 0.8 times the rate beyond it.',
    ],
  ],
  [
    'a commitment in the place of another',
    { monthlyCommitment: d('500') },
    { commitments: [yearly] },
    [
      'Monthly commitment: removed, was 500.00 USD.',
      'Commitment Yearly: new, 120,000.00 USD a year, counting all charges.',
    ],
  ],
  [
    'a charge’s discount and the tax',
    { chargeDiscounts: { calls: d('10') } },
    { tax: { kind: 'external', name: 'VAT', percent: d('19') } },
    ['Tax: new, VAT 19 %.', 'Discount on calls: removed, was 10 %.'],
  ],
])('%s', (_what, before, after, sentences) => {
  expect(diffContracts(contractOf(before), contractOf(after), 'USD')).toEqual(sentences)
})
