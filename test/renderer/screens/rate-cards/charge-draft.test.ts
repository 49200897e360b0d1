import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Metric } from '../../../../src/domain/metric.ts'
import type { Charge } from '../../../../src/domain/pricing/ratecard.ts'
import { validateRateCardVersion } from '../../../../src/domain/pricing/validate.ts'
import {
  issuesOfCharge,
  newCharge,
  settleIds,
} from '../../../../src/renderer/screens/rate-cards/charge-draft.ts'
import { fromCharge } from '../../../../src/renderer/screens/rate-cards/charge-to-draft.ts'
import { toCharge } from '../../../../src/renderer/screens/rate-cards/draft-to-charge.ts'
import {
  pasteCells,
  pasteCharges,
  pasteTiers,
} from '../../../../src/renderer/screens/rate-cards/paste-charges.ts'
import { addTier, OPEN_TIER } from '../../../../src/renderer/screens/rate-cards/price-draft.ts'
import { ALL_KINDS, chargeOf } from '../../../support/charges.ts'

const METRICS: readonly Metric[] = [
  { metric: 'api.calls', name: 'API calls', unit: 'call', aggregation: 'sum', scale: 0 },
]

const CALLS = {
  kind: 'per_unit',
  id: 'calls',
  name: 'Calls',
  metric: 'api.calls',
  unitAmount: '0.4',
  per: '1000',
} as unknown as Charge

test.each(ALL_KINDS)('any charge of kind %s comes back from its draft unchanged', (kind) => {
  fc.assert(
    fc.property(chargeOf(kind, 'c'), (charge) => {
      expect(toCharge(fromCharge(charge))).toEqual(charge)
    }),
    { numRuns: 200 },
  )
})

test('a kind that is chosen and left again keeps what was typed', () => {
  const draft = fromCharge(CALLS)
  expect(toCharge({ ...draft, kind: 'flat_fee' })).toMatchObject({ kind: 'flat_fee', amount: '0.4' })
  expect(toCharge({ ...draft, kind: 'per_unit' })).toEqual(CALLS)
})

test('text that is no number is kept for the validation to name', () => {
  const start = fromCharge(CALLS)
  const draft = { ...start, price: { ...start.price, amount: ' 0,40 ' } }
  expect(toCharge(draft)).toMatchObject({ unitAmount: '0,40' })
})

test('a pool or roll-over without included units is said to lack them, not left out', () => {
  const start = fromCharge(CALLS)
  for (const typed of [{ pool: 'shared' }, { rollOverMonths: '2' }])
    expect(
      validateRateCardVersion(
        { version: 1, effectiveFrom: '2026-01-01', charges: [toCharge({ ...start, ...typed })] },
        METRICS,
      ).map(({ column }) => column),
    ).toEqual(['charges[0].included.quantity'])
})

describe('pasted rows', () => {
  test.each([
    [
      'Calls\tapi.calls\t0.40\t1,000',
      { kind: 'per_unit', metric: 'api.calls', price: { amount: '0.40', per: '1000' } },
    ],
    [
      'Calls\tAPI calls\t0.40\t',
      { kind: 'per_unit', metric: 'api.calls', price: { amount: '0.40', per: '1' } },
    ],
    [
      'Calls\tapi.unknown\t0.40',
      { kind: 'per_unit', metric: 'api.unknown', price: { amount: '0.40', per: '1' } },
    ],
    ['Support\t\t1,250.50', { kind: 'flat_fee', metric: '', price: { amount: '1250.50' } }],
    ['Calls\tapi.calls\t0,400\t1', { price: { amount: '0,400' } }],
  ])('%j', (text, expected) => {
    expect(pasteCharges(text, [], METRICS)).toMatchObject([expected])
  })

  test('a header is skipped, blank lines too, and ids stay apart', () => {
    const text = 'Name\tMetric\tPrice\tPer\r\nCalls\tapi.calls\t1\t1\r\n\r\nCalls\tapi.calls\t2\t1\r\n'
    const existing = [{ ...fromCharge(CALLS) }]
    expect(pasteCharges(text, existing, METRICS)?.map((charge) => charge.id)).toEqual(['calls-2', 'calls-3'])
  })

  test('one word is not a table', () => {
    expect(pasteCharges('0.40', [], METRICS)).toBeNull()
  })
})

test('a new tier comes before the open one', () => {
  const open = { ...OPEN_TIER, unitAmount: '0.4' }
  expect(addTier([open])).toEqual([open, open])
})

describe('tiers and cells pasted', () => {
  test('the last tier is open, and a header is skipped', () => {
    expect(pasteTiers('Up to\tPrice\n1,000\t0.5\nbeyond\t0.4', ['unitAmount'])).toEqual([
      { ...OPEN_TIER, upTo: '1000', unitAmount: '0.5' },
      { ...OPEN_TIER, unitAmount: '0.4' },
    ])
  })

  test('where no row is open, one with the last price is added', () => {
    expect(pasteTiers('1000\t0.5\t10', ['unitAmount', 'flatAmount'])?.map(({ upTo }) => upTo)).toEqual([
      '1000',
      '',
    ])
  })

  test('a star and "any" fit every value', () => {
    expect(pasteCells('eu\tpro\t0.2\t1,000\n*\tany\t0.3', 2)).toMatchObject([
      { values: ['eu', 'pro'], price: { amount: '0.2', per: '1000' } },
      { values: ['', ''], price: { amount: '0.3', per: '1' } },
    ])
  })
})

test('without metrics a new charge is a flat fee', () => {
  expect(newCharge([], []).kind).toBe('flat_fee')
  expect(newCharge([], METRICS)).toMatchObject({ kind: 'per_unit', metric: 'api.calls' })
})

test('issues are told apart by the place of their charge', () => {
  const issue = (column: string) => ({ severity: 'error' as const, code: 'x', message: 'x', column })
  const issues = [issue('charges[1].per'), issue('charges[11].per'), issue('effectiveFrom')]
  expect(issuesOfCharge(issues, 1)).toEqual([issue('per')])
})

test('ids of new charges follow their names; saved ones stay', () => {
  const saved = { ...fromCharge(CALLS), name: 'Requests' }
  const drafts = [saved, { ...newCharge([saved], METRICS), name: 'Calls' }]
  expect(settleIds(drafts, new Set(['calls'])).map((charge) => charge.id)).toEqual(['calls', 'calls-2'])
})
