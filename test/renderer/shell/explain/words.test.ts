import { expect, test } from 'vitest'
import type { DecimalText } from '../../../../src/domain/decimal.ts'
import {
  type CostExplanation,
  chainOf,
  costText,
  recordText,
  type UsageExplanation,
  usageText,
} from '../../../../src/renderer/shell/explain/words.ts'

const decimal = (text: string) => text as DecimalText
const RECORDED_MS = Date.UTC(2026, 10, 2, 9, 41)

const usage: UsageExplanation = {
  title: 'API calls of Northwind, October 2026',
  metric: 'api_calls',
  unit: 'call',
  aggregation: 'sum',
  total: decimal('1234567'),
  events: 3,
  days: [
    { day: '2026-10-01', quantity: decimal('1234000'), events: 2 },
    { day: '2026-10-02', quantity: decimal('567'), events: 1 },
  ],
  tenants: [{ tenant: 'northwind', quantity: decimal('1234567'), events: 3 }],
  batches: [
    { batchId: 8, title: 'usage.jsonl', recordedMs: RECORDED_MS, events: 3, quantity: decimal('1234567') },
  ],
  chainHead: '9f3ca1',
}

test('a quantity is told from days to records', () => {
  expect(chainOf(usage)).toBe('2 days ▸ 1 batch ▸ 3 records')
})

test('a quantity as text', () => {
  expect(usageText(usage, 'UTC')).toBe(
    [
      'API calls of Northwind, October 2026',
      '1,234,567 calls (sum) = 2 days ▸ 1 batch ▸ 3 records',
      '',
      'By day',
      '  2026-10-01  1,234,000  (2 records)',
      '  2026-10-02  567  (1 record)',
      '',
      'By batch',
      '  8  usage.jsonl, recorded 2 Nov 2026, 09:41: 1,234,567',
      '',
      'Chain head 9f3ca1',
    ].join('\n'),
  )
})

test('a cost as text keeps every decimal, and names what no rule claims', () => {
  const cost: CostExplanation = {
    title: 'Cost, October 2026',
    currency: 'USD',
    billed: decimal('10.5'),
    effective: decimal('9.000000001'),
    contracted: null,
    list: decimal('12'),
    entries: 2,
    services: [{ service: null, billed: decimal('10.5'), effective: decimal('9.000000001'), entries: 2 }],
    rules: [{ ruleId: null, words: 'No rule: unattributed', billed: decimal('10.5'), entries: 2 }],
    chainHead: '9f3ca1',
  }
  expect(costText(cost)).toBe(
    [
      'Cost, October 2026',
      'Billed 10.50 USD, effective 9.000000001 USD, list 12.00 USD, 2 records',
      '',
      'By service',
      '  no service  billed 10.50, effective 9.000000001',
      '',
      'By the rule that claimed it',
      '  No rule: unattributed  billed 10.50',
      '',
      'Chain head 9f3ca1',
    ].join('\n'),
  )
})

test('a record as text ends with the record as it came', () => {
  expect(
    recordText(
      {
        kind: 'usage',
        seq: 12,
        entryId: 'u12',
        batchId: 8,
        source: 'gateway',
        file: 'usage.jsonl',
        recordedMs: RECORDED_MS,
        digest: 'abcd',
        correction: null,
        corrects: null,
        fields: [{ name: 'tenant', value: 'northwind' }],
        raw: [{ name: 'id', value: '1' }],
        rawText: '{"id":"1"}',
      },
      'UTC',
    ),
  ).toBe(
    [
      'u12: usage record, batch 8, recorded 2 Nov 2026, 09:41',
      'Source gateway, file usage.jsonl',
      'Digest abcd',
      '',
      '  tenant: northwind',
      '',
      'As it came',
      '{"id":"1"}',
    ].join('\n'),
  )
})
