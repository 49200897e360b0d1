import { expect, test } from 'vitest'
import { sheet } from '../../../../src/contract/month.ts'
import type { BaselineMonth, DealTerms, Scenario } from '../../../../src/domain/deal/deal.ts'
import { modelScenario } from '../../../../src/domain/deal/model.ts'
import type { Metric } from '../../../../src/domain/metric.ts'
import type { RateCard } from '../../../../src/domain/pricing/ratecard.ts'
import { quoteSheet } from '../../../../src/renderer/screens/deals/quote.ts'
import { sensitivityOf } from '../../../../src/renderer/screens/deals/sensitivity.ts'

const METRICS: readonly Metric[] = [
  { metric: 'api.calls', name: 'API calls', unit: 'call', aggregation: 'sum', scale: 0 },
]
const CARD = {
  id: 'api',
  name: 'API',
  currency: 'USD',
  versions: [
    {
      version: 1,
      effectiveFrom: '2026-01-01',
      charges: [
        { kind: 'flat_fee', id: 'base', name: 'Base', amount: '100' },
        { kind: 'per_unit', id: 'calls', name: 'Calls', metric: 'api.calls', unitAmount: '1', per: '1000' },
      ],
    },
  ],
} as unknown as RateCard
const TERMS = {
  rateCardId: 'api',
  discountPercent: '10',
  chargeDiscounts: { base: '0' },
  monthlyCommitment: '1050',
  monthlyGrowthPercent: '10',
  termMonths: 2,
  startDay: '2026-10-01',
} as unknown as DealTerms
const SCENARIO: Scenario = { name: 'A', terms: TERMS }
const INPUT = {
  terms: TERMS,
  baseline: [
    { month: '2026-09', quantities: { 'api.calls': '1000000' }, revenue: '1100', cost: '400' },
  ] as unknown as readonly BaselineMonth[],
  card: CARD,
  metrics: METRICS,
  currency: 'USD',
}
const QUOTE = {
  customerName: 'Umbra Labs',
  scenario: SCENARIO,
  model: modelScenario(INPUT),
  card: CARD,
  metrics: METRICS,
}

test('the customer’s quote says prices, terms and expected months, and nothing of cost', () => {
  const quote = quoteSheet(QUOTE, 'customer')
  expect(sheet.safeParse(quote).success).toBe(true)
  expect(quote.title).toBe('Quote for Umbra Labs, A')
  expect(quote.columns.map((column) => column.key)).toEqual(['item', 'detail', 'list', 'discount', 'net'])
  expect(quote.rows).toEqual([
    { item: 'Price: Base', detail: '100.00 a month; 0 % discount on this charge' },
    { item: 'Price: Calls', detail: '1.00 per 1,000 calls' },
    { item: 'Term', detail: '2 months from 2026-10-01' },
    { item: 'Discount', detail: '10 % off every charge without a discount of its own' },
    { item: 'Monthly commitment', detail: 'at least 1,050.00 USD a month after discounts' },
    { item: 'Expected usage', detail: 'the average of 2026-09, growing 10 % a month' },
    { item: 'October 2026', detail: '1,000,000 calls', list: '1100', discount: '-50', net: '1050' },
    { item: 'November 2026', detail: '1,100,000 calls', list: '1200', discount: '-110', net: '1090' },
  ])
})

test('the quote with margins adds cost, margin and margin percent', () => {
  const quote = quoteSheet(QUOTE, 'internal')
  expect(sheet.safeParse(quote).success).toBe(true)
  expect(quote.rows.at(-1)).toMatchObject({ net: '1090', cost: '440', margin: '650', marginPercent: '59.6' })
  expect(quote.columns.filter((column) => column.total === true).map((column) => column.key)).toEqual([
    'list',
    'discount',
    'net',
    'cost',
    'margin',
  ])
})

test('the sensitivity has the scenario’s own terms in its middle and stays within 0 to 100 percent', () => {
  const rows = sensitivityOf({ ...INPUT, terms: { ...TERMS, discountPercent: '3' as never } }, '50' as never)
  expect(rows.map((row) => row.discountPercent)).toEqual(['3', '8', '13'])
  expect(rows.map((row) => row.isOwn)).toEqual([true, false, false])
  expect(rows[0]?.cells.map((cell) => cell.growthPercent)).toEqual(['8', '9', '10', '11', '12'])
  const own = modelScenario({ ...INPUT, terms: { ...TERMS, discountPercent: '3' as never } })
  expect(rows[0]?.cells[2]?.marginPercent).toBe(own.totals.marginPercent)
})
