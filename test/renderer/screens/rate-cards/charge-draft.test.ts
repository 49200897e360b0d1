import { describe, expect, test } from 'vitest'
import type { Metric } from '../../../../src/domain/metric.ts'
import type { Charge } from '../../../../src/domain/pricing/ratecard.ts'
import {
  addTier,
  fromCharge,
  issuesOfCharge,
  newCharge,
  pasteCharges,
  settleIds,
  toCharge,
} from '../../../../src/renderer/screens/rate-cards/charge-draft.ts'

const METRICS: readonly Metric[] = [
  { metric: 'api.calls', name: 'API calls', unit: 'call', aggregation: 'sum', scale: 0 },
]

const CHARGES = [
  { kind: 'flat_fee', id: 'base', name: 'Base', amount: '500' },
  { kind: 'per_unit', id: 'calls', name: 'Calls', metric: 'api.calls', unitAmount: '0.4', per: '1000' },
  {
    kind: 'graduated',
    id: 'calls',
    name: 'Calls',
    metric: 'api.calls',
    per: '1000',
    tiers: [
      { upTo: '1000000', unitAmount: '0' },
      { upTo: null, unitAmount: '0.32' },
    ],
  },
] as unknown as readonly Charge[]

test.each(CHARGES)('a charge of kind $kind comes back from its draft unchanged', (charge) => {
  expect(toCharge(fromCharge(charge))).toEqual(charge)
})

test('text that is no number is kept for the validation to name', () => {
  const draft = { ...fromCharge(CHARGES[1] as Charge), amount: ' 0,40 ' }
  expect(toCharge(draft)).toMatchObject({ unitAmount: '0,40' })
})

describe('pasted rows', () => {
  test.each([
    ['Calls\tapi.calls\t0.40\t1,000', { kind: 'per_unit', metric: 'api.calls', amount: '0.40', per: '1000' }],
    ['Calls\tAPI calls\t0.40\t', { kind: 'per_unit', metric: 'api.calls', amount: '0.40', per: '1' }],
    ['Calls\tapi.unknown\t0.40', { kind: 'per_unit', metric: 'api.unknown', amount: '0.40', per: '1' }],
    ['Support\t\t1,250.50', { kind: 'flat_fee', metric: '', amount: '1250.50' }],
    ['Calls\tapi.calls\t0,400\t1', { amount: '0,400' }],
  ])('%j', (text, expected) => {
    expect(pasteCharges(text, [], METRICS)).toMatchObject([expected])
  })

  test('a header is skipped, blank lines too, and ids stay apart', () => {
    const text = 'Name\tMetric\tPrice\tPer\r\nCalls\tapi.calls\t1\t1\r\n\r\nCalls\tapi.calls\t2\t1\r\n'
    const existing = [{ ...fromCharge(CHARGES[1] as Charge) }]
    expect(pasteCharges(text, existing, METRICS)?.map((charge) => charge.id)).toEqual(['calls-2', 'calls-3'])
  })

  test('one word is not a table', () => {
    expect(pasteCharges('0.40', [], METRICS)).toBeNull()
  })
})

test('a new tier comes before the open one', () => {
  expect(addTier([{ upTo: '', unitAmount: '0.4' }])).toEqual([
    { upTo: '', unitAmount: '0.4' },
    { upTo: '', unitAmount: '0.4' },
  ])
})

test('without metrics a new charge is a flat fee', () => {
  expect(newCharge([], []).kind).toBe('flat_fee')
  expect(newCharge([], METRICS)).toMatchObject({ kind: 'per_unit', metric: 'api.calls' })
})

test('issues are told apart by the place of their charge', () => {
  const issue = (column: string) => ({ severity: 'error' as const, code: 'x', message: 'x', column })
  const issues = [issue('charges[1].per'), issue('charges[11].per'), issue('effectiveFrom')]
  expect(issuesOfCharge(issues, 1)).toEqual([issue('charges[1].per')])
})

test('ids of new charges follow their names; saved ones stay', () => {
  const saved = { ...fromCharge(CHARGES[1] as Charge), name: 'Requests' }
  const drafts = [saved, { ...newCharge([saved], METRICS), name: 'Calls' }]
  expect(settleIds(drafts, new Set(['calls'])).map((charge) => charge.id)).toEqual(['calls', 'calls-2'])
})
