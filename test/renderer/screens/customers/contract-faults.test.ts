import { expect, test } from 'vitest'
import type { RateCard } from '../../../../src/domain/pricing/ratecard.ts'
import {
  type ContractDraft,
  emptyContract,
} from '../../../../src/renderer/screens/customers/contract-draft.ts'
import { faultsOf } from '../../../../src/renderer/screens/customers/contract-faults.ts'
import { toContract } from '../../../../src/renderer/screens/customers/draft-to-contract.ts'

const CARD = {
  id: 'standard',
  name: 'Standard',
  currency: 'USD',
  versions: [
    {
      version: 1,
      effectiveFrom: '2026-01-01',
      charges: [
        {
          kind: 'per_unit',
          id: 'calls',
          name: 'API calls',
          metric: 'api.calls',
          unitAmount: '0.01',
          per: '1',
        },
        { kind: 'flat_fee', id: 'fee', name: 'Platform fee', amount: '500' },
      ],
    },
  ],
} as unknown as RateCard

/** What the form says of a draft with these changes: by field, then what has none. */
const said = (changes: Partial<ContractDraft>) => {
  const draft = { ...emptyContract('2026-01-01'), ...changes, rateCardId: 'standard' }
  const contract = toContract(draft, { id: 'acme-1', customerId: 'acme', dealId: undefined })
  const { problems, others } = faultsOf(contract, CARD, draft)
  return { ...Object.fromEntries(problems), ...(others.length === 0 ? {} : { others }) }
}

test.each<readonly [string, Partial<ContractDraft>, object]>([
  ['nothing wrong', {}, {}],
  ['no first day', { startDay: '' }, { startDay: 'A day, like 2026-10-31.' }],
  ['a discount that is no number', { discount: 'ten' }, { discount: 'A percentage from 0 to 100.' }],
  [
    'an end before the start',
    { endDay: '2025-01-01' },
    { endDay: 'The contract ends (2025-01-01) before it starts (2026-01-01).' },
  ],
  [
    'a discount of one charge above 100',
    { chargeDiscounts: { calls: '120' } },
    { 'chargeDiscounts.calls': 'A percentage from 0 to 100.' },
  ],
  [
    'a top-up that says its months alone',
    { terms: { topUpMonths: '3' } },
    {
      'terms.topUpThreshold': 'A decimal number, like 12.5.',
      'terms.topUpAmount': 'A decimal number, like 12.5.',
    },
  ],
  [
    'an uplift that says its months alone',
    { terms: { upliftMonths: '6' } },
    { 'terms.upliftPercent': 'A percentage from 0 to 100.' },
  ],
  [
    'a credit without an amount, whose price may be left open',
    { credits: [{ name: 'Prepaid', amount: '', costBasis: '', fromDay: '2026-01-01' }] },
    { 'credits.0.amount': 'A decimal number, like 12.5.' },
  ],
  [
    'a listed discount that was only begun',
    { discounts: [{ name: '', kind: 'percent', value: '', on: 'charges' }] },
    {
      'discounts.0.name': 'A name, as the invoice says it.',
      'discounts.0.value': 'A percentage from 0 to 100.',
    },
  ],
  [
    'spend tiers out of order, of the second discount',
    {
      discounts: [
        { name: 'A', kind: 'percent', value: '5', on: 'charges' },
        { name: 'B', kind: 'volume', value: '50=5, 10=8', on: 'charges' },
      ],
    },
    { 'discounts.1.value': 'B: tiers ascend, and the last one, and no other, is open.' },
  ],
  [
    'a discount that is over before it begins',
    {
      discounts: [
        {
          name: 'A',
          kind: 'amount',
          value: '5',
          on: 'charges',
          fromDay: '2026-05-01',
          untilDay: '2026-04-01',
        },
      ],
    },
    { 'discounts.0.untilDay': 'A ends (2026-04-01) before it starts (2026-05-01).' },
  ],
  [
    'a commitment without an amount, and one for a term without end',
    {
      commitments: [
        { name: 'A', amount: '', period: 'year' },
        { name: 'B', amount: '5', period: 'term' },
      ],
    },
    { 'commitments.0.amount': 'A decimal number, like 12.5.' },
  ],
  [
    'one for a term without end',
    { commitments: [{ name: 'B', amount: '5', period: 'term' }] },
    {
      'commitments.0.period':
        'A commitment for the term needs a contract that ends. Give it an end, or a renewal.',
    },
  ],
  [
    'negative credit',
    { credits: [{ name: 'C', amount: '-5', priority: '1', fromDay: '2026-01-01', expiresDay: '' }] },
    {
      'credits.0.amount': 'C: −5.00 is negative. Amounts are zero or more.',
    },
  ],
  [
    'a ramp of a commitment that there is none of',
    {
      commitments: [{ name: 'Minimum spend', amount: '5', period: 'year' }],
      ramp: [{ fromMonth: 'x', commitments: '', fees: '' }],
    },
    { 'ramp.0.fromMonth': 'A whole number, like 12.' },
  ],
  [
    'a ramp of names that are not there',
    {
      commitments: [{ name: 'Minimum spend', amount: '5', period: 'year' }],
      ramp: [{ fromMonth: '13', commitments: 'spend=10', fees: 'platform=600' }],
    },
    {
      'ramp.0.commitments':
        'The contract has no commitment “spend”. There are minimum-spend (Minimum spend).',
      'ramp.0.fees':
        'Neither rate card Standard nor the contract has a charge “platform”. There are calls (API calls), fee (Platform fee).',
    },
  ],
  [
    'one charge on two invoices',
    {
      billTo: [
        { name: 'A', scope: 'calls' },
        { name: 'B', scope: 'fee,calls' },
      ],
    },
    { 'billTo.1.scope': '“calls” is on two invoices. Put it on one.' },
  ],
  [
    'two multipliers for one charge, one of them negative',
    {
      multipliers: [
        { charge: 'calls', times: '1' },
        { charge: 'calls', times: '-1' },
      ],
    },
    {
      'multipliers.1.charge': 'Another multiplier is for this already.',
      'multipliers.1.times':
        'A multiplier: -1 times is negative. Zero makes it free; above one it costs more.',
    },
  ],
  [
    'single terms',
    {
      terms: {
        trial: 'days',
        trialDays: 'two weeks',
        topUpAmount: '5',
        freeMonths: '1, second',
        upliftPercent: '300',
        tax: 'external',
        taxPercent: '20',
        renewal: 'renews',
        effectiveDay: '2026-13-01',
      },
    },
    {
      'terms.trialDays': 'A whole number, like 12.',
      'terms.topUpThreshold': 'A decimal number, like 12.5.',
      'terms.freeMonths': 'A whole number, like 12.',
      'terms.upliftPercent': 'A percentage from 0 to 100.',
      'terms.taxName': 'A name, as the invoice says it.',
      'terms.effectiveDay': 'A day, like 2026-10-31.',
    },
  ],
  [
    'a renewal of what does not end, and bounds the wrong way round',
    { terms: { renewal: 'renews', renewalMonths: '12', invoiceMinimum: '10', invoiceMaximum: '9' } },
    {
      'terms.renewal': 'A contract that renews needs the day on which its term ends.',
      'terms.invoiceMinimum': 'The invoice’s minimum is above its maximum. Lower one or raise the other.',
    },
  ],
  [
    'an amendment before the contract',
    { terms: { effectiveDay: '2025-12-31' } },
    {
      'terms.effectiveDay': 'The change takes effect on 2025-12-31; the contract holds from 2026-01-01.',
    },
  ],
])('%s is said beside its field', (_, changes, expected) => {
  expect(said(changes)).toEqual(expected)
})

test('ids that the program gives itself are not proposed for a term of that name', () => {
  const draft: ContractDraft = {
    ...emptyContract('2026-01-01'),
    commitments: [{ name: 'Commitment', amount: '5', period: 'year' }],
    credits: [{ name: 'Trial', amount: '5', priority: '1', fromDay: '2026-01-01', expiresDay: '' }],
  }
  const contract = toContract(
    { ...draft, rateCardId: 'standard' },
    { id: 'a-1', customerId: 'a', dealId: undefined },
  )
  expect(contract.commitments?.[0]?.id).toBe('commitment-2')
  expect(contract.credits?.[0]?.id).toBe('trial-2')
})
