import { expect, test } from 'vitest'
import type { DecimalText } from '../../../../src/domain/decimal.ts'
import { toMonth } from '../../../../src/domain/period.ts'
import {
  codeWords,
  countInvoices,
  type InvoiceRow,
  type State,
  tickedIn,
  totalWords,
} from '../../../../src/renderer/screens/invoices/selection.ts'

const row = (id: string, state: State, total: string, currency = 'USD'): InvoiceRow => ({
  id,
  number: id,
  version: 1,
  customerId: 'northwind',
  customerName: 'Northwind',
  month: toMonth('2026-10'),
  currency,
  state,
  total: total as DecimalText,
  due: '0' as DecimalText,
  imported: false,
  previousTotal: null,
  change: 'first invoice',
  checks: [],
  needsReview: false,
  deliveryError: null,
})

const ROWS = [row('a', 'draft', '1204'), row('b', 'approved', '0.1'), row('c', 'draft', '0.2')]

test.each([
  ['draft', ['a', 'c', 'gone'], ['a', 'c']],
  ['draft', ['b'], []],
  ['approved', ['a', 'b'], ['b']],
] as const)('of the ticked invoices %s are taken: %j gives %j', (state, ticked, taken) => {
  expect(tickedIn(ROWS, new Set(ticked), state).map(({ id }) => id)).toEqual(taken)
})

test.each([
  [ROWS, '1,204.30 USD'],
  [[...ROWS, row('d', 'draft', '80', 'EUR')], '1,204.30 USD and 80.00 EUR'],
  [[row('e', 'draft', '1200', 'JPY')], '1,200 JPY'],
  [[], ''],
])('totals are added within a currency only', (rows, words) => {
  expect(totalWords(rows)).toBe(words)
})

test('words', () => {
  expect(countInvoices(1)).toBe('1 invoice')
  expect(countInvoices(12)).toBe('12 invoices')
  expect(codeWords('metric_without_price')).toBe('metric without price')
})
