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
    ['Discount: was 5 % off every charge; now 7.5 % off every charge'],
  ],
  [
    'its end',
    {},
    { endDay: '2027-01-01' },
    ['Term: was from 2026-01-01, runs on; now from 2026-01-01 until before 2027-01-01'],
  ],
  [
    'a commitment',
    { commitments: [yearly] },
    { commitments: [{ ...yearly, amount: d('150000'), overageMultiplier: d('0.8') }] },
    [
      'Commitment “Yearly”: was at least 120,000.00 USD a year on all charges; now at least 150,000.00 USD a year on all charges; beyond it 0.8 times the rate',
    ],
  ],
  [
    'a commitment in the place of another',
    { monthlyCommitment: d('500') },
    { commitments: [yearly] },
    [
      'Commitment “Yearly”: new, at least 120,000.00 USD a year on all charges',
      'Monthly commitment: removed, was at least 500.00 USD a month',
    ],
  ],
  [
    'one of two commitments of one name, and a name',
    { commitments: [yearly, { ...yearly, id: 'z' }] },
    {
      commitments: [
        { ...yearly, name: 'Minimum' },
        { ...yearly, id: 'z', amount: d('5') },
      ],
    },
    [
      'Commitment “Minimum”, until now Commitment “Yearly”: at least 120,000.00 USD a year on all charges',
      'Commitment “Yearly”: was at least 120,000.00 USD a year on all charges; now at least 5.00 USD a year on all charges',
    ],
  ],
  [
    'a charge’s discount and the tax',
    { chargeDiscounts: { calls: d('10') } },
    { tax: { kind: 'external', name: 'VAT', percent: d('19') } },
    ['Tax: new, VAT, 19 %', 'Discount on calls: removed, was 10 %'],
  ],
  [
    'the same terms without the day of the amendment, which then hold from the first day',
    { amendment: { effectiveDay: '2026-10-01', note: '' } },
    {},
    [
      'The amendment of 2026-10-01 and what held before it: replaced, all of this now holds from 2026-01-01 on',
    ],
  ],
  [
    'the same terms by another amendment',
    { amendment: { effectiveDay: '2026-10-01', note: '' } },
    { amendment: { effectiveDay: '2026-11-01', note: '' } },
    [],
  ],
])('%s', (_what, before, after, sentences) => {
  expect(
    diffContracts(contractOf(before), contractOf(after), { metrics: [], currency: 'USD', charges: [] }),
  ).toEqual(sentences)
})
