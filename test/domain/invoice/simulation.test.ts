import { expect, test } from 'vitest'
import type { DecimalText } from '../../../src/domain/decimal.ts'
import {
  compareSimulated,
  type SimulatedMonth,
  simulatedContract,
  simulationWords,
  versionOn,
} from '../../../src/domain/invoice/simulation.ts'
import type { Month } from '../../../src/domain/period.ts'
import type { Contract } from '../../../src/domain/pricing/contract.ts'
import type { RateCard } from '../../../src/domain/pricing/ratecard.ts'

const OCTOBER = '2026-10' as Month
const SEPTEMBER = '2026-09' as Month

const month = (
  customerId: string,
  total: string,
  { of = OCTOBER, currency = 'USD', error }: { of?: Month; currency?: string; error?: string } = {},
): SimulatedMonth => ({
  customerId,
  month: of,
  invoices: [
    {
      currency,
      total: total as DecimalText,
      issues: error === undefined ? [] : [{ severity: 'error', code: 'x', message: error }],
    },
  ],
})

const one = (before: string, after: string) => {
  const found = compareSimulated({
    customers: [{ id: 'a', name: 'Acme' }],
    before: [month('a', before)],
    after: [month('a', after)],
  })
  const filled = found.buckets.filter(({ customers }) => customers > 0).map(({ words }) => words)
  return [found.customers[0]?.change, found.customers[0]?.percent, ...filled]
}

test.each([
  ['100', '100', '0', '0', 'the same'],
  ['100', '105', '5', '5', '0–5 % more'],
  ['100', '105.01', '5.01', '5', '5–10 % more'],
  ['100', '110', '10', '10', '5–10 % more'],
  ['100', '150', '50', '50', '25–50 % more'],
  ['100', '150.01', '50.01', '50', '> 50 % more'],
  ['100', '99.99', '-0.01', '0', '0–5 % less'],
  ['100', '0', '-100', '-100', '> 50 % less'],
  ['0', '7', '7', null, 'paid nothing'],
  ['-5', '7', '12', null, 'paid nothing'],
  ['0', '0', '0', null, 'the same'],
])('from %s to %s is %s, %s %%: %s', (before, after, change, percent, bucket) => {
  expect(one(before, after)).toEqual([change, percent, bucket])
})

test('a month counts on both sides or on neither, and says why', () => {
  const found = compareSimulated({
    customers: [
      { id: 'a', name: 'Acme' },
      { id: 'b', name: 'Bolt' },
      { id: 'c', name: 'Cato' },
    ],
    before: [
      month('a', '10', { of: SEPTEMBER }),
      month('a', '10'),
      month('b', '50'),
      { customerId: 'c', month: OCTOBER, invoices: [], reason: 'No card.' },
    ],
    after: [
      month('a', '12', { of: SEPTEMBER }),
      month('a', '0', { error: 'EU has no price.' }),
      month('b', '40'),
      { customerId: 'c', month: OCTOBER, invoices: [], reason: 'No card.' },
    ],
  })
  expect(found.customers.map(({ name, months, before, after }) => [name, months, before, after])).toEqual([
    ['Bolt', 1, '50', '40'],
    ['Acme', 1, '10', '12'],
    ['Cato', 0, null, null],
  ])
  expect(found.customers.map(({ notCompared }) => notCompared)).toEqual([
    [],
    [{ side: 'after', reason: 'EU has no price.', months: [OCTOBER] }],
    [{ side: 'both', reason: 'No card.', months: [OCTOBER] }],
  ])
  expect(found.totals).toEqual([
    { currency: 'USD', before: '60', after: '52', change: '-8', percent: '-13.3', more: 1, less: 1, same: 0 },
  ])
  expect(simulationWords(found, [SEPTEMBER, OCTOBER])).toBe(
    'September 2026 to October 2026: 60.00 USD today, 52.00 with the draft (−8.00, −13.3 %). 1 would pay more, 1 less, 0 the same. 2 customers have months that could not be rated on both sides; they are in no total.',
  )
})

test('amounts of two currencies are neither added nor compared', () => {
  const found = compareSimulated({
    customers: [
      { id: 'a', name: 'Acme' },
      { id: 'b', name: 'Bolt' },
      { id: 'c', name: 'Cato' },
    ],
    before: [month('a', '1'), month('b', '2', { currency: 'EUR' }), month('c', '3')],
    after: [month('a', '1'), month('b', '3', { currency: 'EUR' }), month('c', '3', { currency: 'EUR' })],
  })
  expect(found.totals.map(({ currency, before, after }) => [currency, before, after])).toEqual([
    ['USD', '1', '1'],
    ['EUR', '2', '3'],
  ])
  expect(found.customers.find(({ name }) => name === 'Cato')).toMatchObject({
    currency: null,
    notCompared: [{ side: 'both', reason: 'Amounts in USD and EUR are not compared.' }],
  })
})

const card = (id: string, ...days: string[]): RateCard => ({
  id,
  name: id,
  currency: 'USD',
  versions: days.map((effectiveFrom, index) => ({ version: index + 1, effectiveFrom, charges: [] })),
})
const contract = (rateCardId: string, rateCardVersion?: number): Contract => ({
  id: 'c',
  customerId: 'a',
  rateCardId,
  startDay: '2026-01-01',
  endDay: null,
  discountPercent: '7' as DecimalText,
  chargeDiscounts: {},
  monthlyCommitment: null,
  ...(rateCardVersion === undefined ? {} : { rateCardVersion }),
})

test('today’s version holds in every month of the one side, the draft in every month of the other', () => {
  const list = card('list', '2026-01-01', '2026-06-01', '2027-01-01')
  const draft = card('list', '2026-01-01', '2026-06-01', '2027-01-01', '2027-02-01')
  expect(versionOn(list, '2026-11-10')).toBe(2)
  expect(versionOn(list, '2025-01-01')).toBe(1)
  const sides = (own: Contract, everybody: boolean) => {
    const { before, after } = simulatedContract(
      own,
      [list, card('other', '2026-01-01')],
      draft,
      '2026-11-10',
      everybody,
    )
    return [before.rateCardId, before.rateCardVersion, after.rateCardId, after.rateCardVersion]
  }
  expect(sides(contract('list'), false)).toEqual(['list', 2, 'list', 4])
  // A pin is a term of the contract: the draft reaches it only where everybody would have it.
  expect(sides(contract('list', 1), false)).toEqual(['list', 1, 'list', 1])
  expect(sides(contract('list', 1), true)).toEqual(['list', 1, 'list', 4])
  expect(sides(contract('other'), false)).toEqual(['other', 1, 'other', 1])
  expect(sides(contract('other'), true)).toEqual(['other', 1, 'list', 4])
})
