import { expect, test } from 'vitest'
import type { DecimalText } from '../../../../src/domain/decimal.ts'
import type { Metric } from '../../../../src/domain/metric.ts'
import type { Month } from '../../../../src/domain/period.ts'
import type { Charge } from '../../../../src/domain/pricing/ratecard.ts'
import { curvesOf } from '../../../../src/renderer/screens/rate-cards/curve.ts'
import {
  inputsOf,
  leftOfPool,
  type TrialContext,
  tryCharge,
  tryCharges,
} from '../../../../src/renderer/screens/rate-cards/trial.ts'

const METRICS: readonly Metric[] = [
  { metric: 'calls', name: 'Calls', unit: 'call', aggregation: 'unique_count', scale: 0, uniqueBy: 'user' },
]
const CONTEXT: TrialContext = {
  metrics: METRICS,
  currency: 'USD',
  month: '2026-10' as Month,
  timeZone: 'Europe/Berlin',
  settings: {},
}
const BASE = { id: 'c', name: 'Calls', metric: 'calls' }
const per = (unitAmount: string) => ({ kind: 'per_unit', unitAmount, per: '1' })
const tried = (charge: object, typed: Record<string, string>) =>
  tryCharge(
    charge as Charge,
    new Map(Object.entries(typed).map(([key, text]) => [key, text as DecimalText] as const)),
    CONTEXT,
  )

test.each<[string, object, Record<string, string>, string]>([
  ['a quantity, whatever the aggregation', { ...BASE, ...per('0.5') }, { calls: '10' }, '5'],
  [
    'a package, its last block whole',
    { ...BASE, kind: 'package', amount: '3', size: '10', lastBlock: 'whole' },
    { calls: '11' },
    '6',
  ],
  [
    'cells of a matrix, each by its own quantity',
    {
      ...BASE,
      kind: 'matrix',
      dimensions: ['region'],
      cells: [
        { values: ['eu'], price: per('2') },
        { values: [null], price: per('1') },
      ],
    },
    { 'c part 0': '3', 'c part 1': '4' },
    '10',
  ],
  [
    'bands of the day, each in its own hours',
    {
      ...BASE,
      kind: 'time_of_day',
      bands: [{ name: 'Nights', from: 22, to: 6, price: per('1') }],
      otherwise: per('5'),
    },
    { 'c part 0': '2', 'c part 1': '3' },
    '17',
  ],
  [
    'an amount in so many events',
    { ...BASE, kind: 'percentage', percent: '10', fixedPerEvent: '1' },
    { calls: '100', 'c events': '3' },
    '13',
  ],
  ['a minimum', { ...BASE, ...per('1'), minimum: '20' }, { calls: '5' }, '20'],
  ['a maximum', { ...BASE, ...per('1'), maximum: '3' }, { calls: '5' }, '3'],
  [
    'cost, marked up',
    { kind: 'cost_plus', id: 'c', name: 'Cost', markupPercent: '20', costs: 'direct' },
    { cost: '50' },
    '60',
  ],
  [
    'a level held all month',
    { ...BASE, kind: 'time_weighted', values: 'level', heldFor: 'month', price: per('2') },
    { calls: '4' },
    '8',
  ],
  [
    'a price that the event carries',
    { ...BASE, kind: 'dynamic', dimension: 'price', carries: 'unit_price' },
    { calls: '4', 'c carried': '0.25' },
    '1',
  ],
])('%s', (_, charge, typed, amount) => {
  const rated = tried(charge, typed)
  expect(rated.amount).toBe(amount)
  expect(rated.issues).toEqual([])
})

test('a matrix is drawn as a line a cell, each alone', () => {
  const charge = {
    ...BASE,
    kind: 'matrix',
    dimensions: ['region'],
    cells: [
      { values: ['eu'], price: per('2') },
      { values: [null], price: per('1') },
    ],
  } as unknown as Charge
  const lines = curvesOf(charge, new Map(), CONTEXT)
  expect(lines.map(({ label }) => label)).toEqual(['Calls: eu', 'Calls: any'])
  const last = lines.map(({ points }) => points.at(-1))
  expect(last).toEqual([
    { quantity: '40', amount: '80', average: '2' },
    { quantity: '40', amount: '40', average: '1' },
  ])
})

test('a flat fee asks for nothing and has no curve', () => {
  const fee = { kind: 'flat_fee', id: 'f', name: 'Fee', amount: '5' } as unknown as Charge
  expect(inputsOf(fee, METRICS)).toEqual([])
  expect(curvesOf(fee, new Map(), CONTEXT)).toEqual([])
})

const FEE = { kind: 'flat_fee', id: 'f', name: 'Fee', amount: '1200' }

test.each<[string, object, string]>([
  ['a year in arrears', { every: 12 }, 'flat fee for 12 months, November 2025 to October 2026'],
  [
    'a quarter in advance',
    { every: 3, timing: 'advance' },
    'flat fee for 3 months, October 2026 to December 2026',
  ],
  ['a month in advance', { timing: 'advance' }, 'flat fee for November 2026'],
  ['once', { every: 'once' }, 'flat fee once'],
])('a fee for %s is tried where it is due', (_, terms, text) => {
  const rated = tried({ ...FEE, ...terms }, {})
  expect(rated.steps).toEqual([{ kind: 'flat_fee', text, amount: '1200' }])
})

test('a minimum that is not due at zero usage is not added there', () => {
  const charge = { ...BASE, ...per('1'), minimum: '20' } as unknown as Charge
  const at = (quantity: string, minimumAtZero: boolean) =>
    tryCharge(charge, new Map([['calls', quantity as DecimalText]]), {
      ...CONTEXT,
      settings: { minimumAtZero },
    }).amount
  expect([at('0', true), at('0', false), at('1', false)]).toEqual(['20', '0', '20'])
})

test('charges of one pool share what its first states, in their order', () => {
  const pooled = (id: string, quantity: string) =>
    ({ ...BASE, ...per('1'), id, included: { quantity, per: 'month', pool: 'p' } }) as unknown as Charge
  const charges = [pooled('a', '10'), pooled('b', '99'), pooled('c', '99')]
  const typed = new Map([['calls', '7' as DecimalText]])
  const rated = tryCharges(charges, typed, CONTEXT)
  expect(rated.map(({ amount, includedUsed }) => [amount, includedUsed])).toEqual([
    ['0', '7'],
    ['4', '3'],
    ['7', '0'],
  ])
  expect(charges.map((charge) => leftOfPool(charges, charge, typed, CONTEXT))).toEqual(['10', '3', '0'])
})
