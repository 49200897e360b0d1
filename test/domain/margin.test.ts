import { expect, test } from 'vitest'
import type { DecimalText } from '../../src/domain/decimal.ts'
import { formatPercent, marginOf } from '../../src/domain/margin.ts'

test.each([
  // revenue    cost       margin      percent   shown
  ['412880', '148215', '264665', '64.1', '64.1 %'],
  ['100', '42', '58', '58', '58.0 %'],
  ['100', '0', '100', '100', '100.0 %'],
  ['100', '100.001', '-0.001', '0', '0.0 %'],
  ['100', '150', '-50', '-50', '−50.0 %'],
  ['0', '5', '-5', null, '–'],
  ['-10', '5', '-15', null, '–'],
  [null, '5', null, null, '–'],
  ['100', null, null, null, '–'],
])('revenue %s less cost %s is %s, %s', (revenue, cost, margin, percent, shown) => {
  const result = marginOf(revenue as DecimalText | null, cost as DecimalText | null)
  expect(result).toEqual({ margin, marginPercent: percent })
  expect(formatPercent(result.marginPercent)).toBe(shown)
})
