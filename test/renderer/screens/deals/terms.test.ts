import { describe, expect, test } from 'vitest'
import type { BaselineMonth, DealTerms } from '../../../../src/domain/deal/deal.ts'
import {
  commitmentRange,
  fromHundredths,
  fromTerms,
  nextName,
  readScenarios,
  readTerms,
  type TermsDraft,
  toHundredths,
} from '../../../../src/renderer/screens/deals/terms.ts'

const TERMS = {
  rateCardId: 'api',
  discountPercent: '12.5',
  chargeDiscounts: { storage: '5' },
  monthlyCommitment: '40000',
  monthlyGrowthPercent: '-1.5',
  termMonths: 24,
  startDay: '2026-11-01',
} as unknown as DealTerms

const DRAFT = fromTerms(TERMS)

test('terms come back from their draft unchanged', () => {
  expect(readTerms(DRAFT)).toEqual({ terms: TERMS, faults: {} })
})

test.each<[Partial<TermsDraft>, string]>([
  [{ discount: '' }, 'discount'],
  [{ discount: '100.01' }, 'discount'],
  [{ discount: '-1' }, 'discount'],
  [{ commitment: '-1' }, 'commitment'],
  [{ commitment: '4o' }, 'commitment'],
  [{ growth: '-100' }, 'growth'],
  [{ growth: 'two' }, 'growth'],
  [{ termMonths: '0' }, 'termMonths'],
  [{ termMonths: '61' }, 'termMonths'],
  [{ termMonths: '1.5' }, 'termMonths'],
  [{ startMonth: '2026-13' }, 'startMonth'],
  [{ rateCardId: '' }, 'rateCardId'],
  [{ chargeDiscounts: { storage: '101' } }, 'charge:storage'],
])('%j is refused at %s alone', (change, field) => {
  const { terms, faults } = readTerms({ ...DRAFT, ...change })
  expect(terms).toBeNull()
  expect(Object.keys(faults)).toEqual([field])
})

test.each<[Partial<TermsDraft>, Partial<DealTerms>]>([
  [{ commitment: ' ' }, { monthlyCommitment: null }],
  [{ chargeDiscounts: { storage: ' ' } }, { chargeDiscounts: {} }],
  [{ termMonths: ' 60 ' }, { termMonths: 60 }],
])('%j is read as %j', (change, expected) => {
  expect(readTerms({ ...DRAFT, ...change }).terms).toMatchObject(expected)
})

describe('scenarios are saved all together', () => {
  test('with their names trimmed', () => {
    expect(readScenarios([{ name: ' A ', terms: DRAFT }])).toEqual([{ name: 'A', terms: TERMS }])
  })
  test('or not at all', () => {
    const wrong = { name: 'B', terms: { ...DRAFT, discount: 'x' } }
    expect(readScenarios([{ name: 'A', terms: DRAFT }, wrong])).toBeNull()
    expect(readScenarios([{ name: ' ', terms: DRAFT }])).toBeNull()
  })
})

test.each([
  ['12.5', 1250],
  ['12.345', 1234],
  ['-1', 0],
  ['250', 10_000],
  ['x', 0],
])('the slider of %s stands at %i hundredths', (text, expected) => {
  expect(toHundredths(text, { min: 0, max: 10_000 })).toBe(expected)
})

test.each([
  [1250, '12.5'],
  [-50, '-0.5'],
  [0, '0'],
])('%i hundredths are written as %s', (hundredths, expected) => {
  expect(fromHundredths(hundredths)).toBe(expected)
})

test.each([
  [[], { max: 2000, step: 10 }],
  [['12500.4', null, '300'], { max: 25_100, step: 100 }],
])('a commitment slides by the best of %j', (revenues, expected) => {
  const months = revenues.map((revenue) => ({ revenue })) as unknown as readonly BaselineMonth[]
  expect(commitmentRange(months)).toEqual(expected)
})

test('the next scenario takes the first free letter', () => {
  expect(
    nextName([
      { name: 'A', terms: DRAFT },
      { name: 'C', terms: DRAFT },
    ]),
  ).toBe('B')
})
