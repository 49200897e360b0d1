import { expect, test } from 'vitest'
import { charge, rateCard } from '../../src/contract/rate-cards.ts'

/** As ledgers keep them since the first release. */
const OLD = {
  id: 'standard',
  name: 'Standard',
  currency: 'USD',
  versions: [
    {
      version: 1,
      effectiveFrom: '2026-01-01',
      charges: [
        { kind: 'flat_fee', id: 'platform', name: 'Platform', amount: '250' },
        {
          kind: 'per_unit',
          id: 'requests',
          name: 'Requests',
          metric: 'http.requests',
          unitAmount: '0.4',
          per: '1000',
        },
        {
          kind: 'graduated',
          id: 'traffic',
          name: 'Traffic',
          metric: 'http.response.bytes',
          per: '1000000000',
          tiers: [
            { upTo: '10000000000', unitAmount: '0' },
            { upTo: null, unitAmount: '0.09' },
          ],
        },
      ],
      note: 'As published.',
    },
  ],
}

test('cards that ledgers keep are read unchanged', () => expect(rateCard.parse(OLD)).toEqual(OLD))

const perUnit = { kind: 'per_unit', unitAmount: '1', per: '1' }
const base = { id: 'c', name: 'C', metric: 'm' }

test.each<[object, string]>([
  [{ ...base, ...perUnit, discount: '5' }, 'Unrecognized key: "discount"'],
  [{ id: 'f', name: 'F', kind: 'flat_fee', amount: '1', metric: 'm' }, 'Unrecognized key: "metric"'],
  [
    {
      ...base,
      kind: 'matrix',
      dimensions: ['a'],
      cells: [{ values: ['b'], price: { ...perUnit, id: 'x' } }],
    },
    'Unrecognized key: "id"',
  ],
  [
    { ...base, ...perUnit, included: { quantity: '1', per: 'month', rollover: 1 } },
    'Unrecognized key: "rollover"',
  ],
  [{ ...base, kind: 'package', amount: 5, size: '1', lastBlock: 'whole' }, 'a decimal number, like 12.5'],
  [{ ...base, kind: 'seat', unitAmount: '1', values: 'level', proration: 'week' }, 'Invalid option'],
])('refused at the edge: %j', (given, message) => {
  const read = charge.safeParse(given)
  expect(read.success ? 'read' : JSON.stringify(read.error.issues)).toContain(message.replaceAll('"', '\\"'))
})

test('decimals become canonical', () =>
  expect(charge.parse({ ...base, kind: 'percentage', percent: '02.90', fixedPerEvent: '0.30' })).toEqual({
    ...base,
    kind: 'percentage',
    percent: '2.9',
    fixedPerEvent: '0.3',
  }))
