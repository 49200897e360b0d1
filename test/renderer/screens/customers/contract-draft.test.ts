import { expect, test } from 'vitest'
import { contract as contractSchema } from '../../../../src/contract/agreements.ts'
import type { Contract } from '../../../../src/domain/pricing/contract.ts'
import { diffContracts } from '../../../../src/domain/pricing/contract-words.ts'
import { emptyContract, fromContract } from '../../../../src/renderer/screens/customers/contract-draft.ts'
import { toContract } from '../../../../src/renderer/screens/customers/draft-to-contract.ts'
import { drawContractCase } from '../../../support/second-rater/draw-contract.ts'

const SIMPLE = {
  id: 'acme-1',
  customerId: 'acme',
  rateCardId: 'standard',
  startDay: '2026-01-01',
  endDay: null,
  discountPercent: '10',
  chargeDiscounts: { calls: '25' },
  monthlyCommitment: '500',
} as unknown as Contract

/** Every term there is. */
const RICH = {
  ...SIMPLE,
  endDay: '2028-01-01',
  dealId: 'acme-renewal',
  rateCardVersion: 2,
  currency: 'EUR',
  charges: [{ kind: 'flat_fee', id: 'support', name: 'Support', amount: '99', every: 12 }],
  multipliers: { calls: '0.9', '*': '1.1' },
  discounts: [
    {
      kind: 'percent',
      id: 'loyal',
      name: 'Loyal',
      percent: '2.5',
      on: { kind: 'charges', chargeIds: ['calls', 'support'] },
      fromDay: '2026-01-01',
      untilDay: '2027-01-01',
      maximumPerMonth: '100',
      maximumInAll: '900',
      coupon: 'LOYAL26',
    },
    { kind: 'amount', id: 'flat', name: 'Flat', amount: '20', on: { kind: 'invoice' } },
    {
      kind: 'spend',
      id: 'spend',
      name: 'By spend',
      mode: 'graduated',
      on: { kind: 'charges', chargeIds: null },
      tiers: [
        { upTo: '10000', percent: '5' },
        { upTo: null, percent: '8' },
      ],
    },
  ],
  commitments: [
    { id: 'min', name: 'Minimum', amount: '40000', period: 'year', counts: null, overageMultiplier: '1.2' },
  ],
  credits: [
    {
      id: 'prepaid',
      name: 'Prepaid',
      amount: '1000',
      priority: 2,
      fromDay: '2026-01-01',
      expiresDay: null,
      scope: ['calls'],
      costBasis: '800',
    },
  ],
  topUp: { threshold: '100', amount: '500', expiresMonths: null },
  ramp: [
    {
      fromMonth: 13,
      multiplier: '1.1',
      discountPercent: '5',
      commitments: { min: '60000' },
      fees: { support: '120' },
    },
  ],
  uplift: { percent: '3', everyMonths: 12 },
  freeMonths: [1, 2],
  trial: { kind: 'usage', quantities: { calls: '1000' }, days: 30 },
  invoiceMinimum: '10',
  invoiceMaximum: '90000',
  tax: { kind: 'external', name: 'VAT', percent: '19' },
  settings: { rounding: 'half_up' },
  billTo: [{ id: 'it', name: 'IT', purchaseOrder: 'PO-7', entity: 'Acme GmbH', chargeIds: ['calls'] }],
  invoiceGroup: 'acme',
  purchaseOrder: 'PO-1',
  renewal: { kind: 'renews', months: 12 },
} as unknown as Contract

const back = (contract: Contract): Contract =>
  toContract({ ...fromContract(contract), rateCardId: contract.rateCardId }, contract as never)

test.each([
  ['a simple contract', SIMPLE],
  ['one with every term', RICH],
  ['one with credit to try', { ...SIMPLE, trial: { kind: 'credit', amount: '50', days: 14 } } as Contract],
])('%s comes back from its draft unchanged', (_, contract) => {
  expect(back(contract)).toEqual(contract)
})

/** A list or settings that say nothing are as left out. */
const withoutEmpty = (contract: Contract) =>
  Object.fromEntries(
    Object.entries(contract).filter(
      ([name, value]) =>
        !['discounts', 'commitments', 'credits', 'settings'].includes(name) || Object.keys(value).length > 0,
    ),
  )

test('any contract comes back from its draft unchanged, but for the change that it was', () => {
  // The cases know charges that the engine takes from no document: a cell for no value.
  const contracts = Array.from({ length: 300 }, (_, seed) => drawContractCase(seed).contracts)
    .flat()
    .filter((contract) => contractSchema.safeParse(contract).success)
  expect(contracts.length).toBeGreaterThan(300)
  for (const { amendment: _, ...contract } of contracts)
    expect(back(contract)).toEqual(withoutEmpty(contract))
})

test('what is typed for a new contract says no more than it must', () => {
  const draft = { ...emptyContract('2026-01-01'), rateCardId: 'standard' }
  expect(toContract(draft, { id: 'a-1', customerId: 'a', dealId: undefined })).toEqual({
    id: 'a-1',
    customerId: 'a',
    rateCardId: 'standard',
    startDay: '2026-01-01',
    endDay: null,
    discountPercent: '0',
    chargeDiscounts: {},
    monthlyCommitment: null,
  })
})

test('an amendment has its day, and a row without an id one of its name', () => {
  const draft = {
    ...fromContract(SIMPLE),
    rateCardId: 'standard',
    discounts: [{ name: 'Loyal friends', kind: 'percent', value: '2', on: 'charges' }],
    terms: { effectiveDay: '2026-07-01', note: 'Agreed in June' },
  }
  expect(toContract(draft, SIMPLE as never)).toMatchObject({
    discounts: [{ id: 'loyal-friends', percent: '2', on: { kind: 'charges', chargeIds: null } }],
    amendment: { effectiveDay: '2026-07-01', note: 'Agreed in June' },
  })
})

test('the diff says what came, what changed and what went, in words', () => {
  const context = { metrics: [], currency: 'USD', charges: [] }
  const { monthlyCommitment: _, ...rest } = SIMPLE
  const after = {
    ...rest,
    monthlyCommitment: null,
    discountPercent: '12',
    uplift: { percent: '3', everyMonths: 12 },
  } as unknown as Contract
  expect(diffContracts(SIMPLE, after, context)).toEqual([
    'Discount: was 10 % off every charge; now 12 % off every charge',
    'Uplift: new, 3 % every 12 months',
    'Monthly commitment: removed, was at least 500.00 USD a month',
  ])
  expect(diffContracts(RICH, RICH, context)).toEqual([])
})
