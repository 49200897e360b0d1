import { expect, test } from 'vitest'
import type { DecimalText } from '../../../../src/domain/decimal.ts'
import type { Month } from '../../../../src/domain/period.ts'
import type { Charge } from '../../../../src/domain/pricing/ratecard.ts'
import { averageBasis, curveQuantities, curvesOf } from '../../../../src/renderer/screens/rate-cards/curve.ts'
import type { TrialContext } from '../../../../src/renderer/screens/rate-cards/trial.ts'

const GRADUATED = {
  kind: 'graduated',
  id: 'calls',
  name: 'Calls',
  metric: 'api.calls',
  per: '1000',
  tiers: [
    { upTo: '999', unitAmount: '0' },
    { upTo: '10000', unitAmount: '0.4' },
    { upTo: null, unitAmount: '0.3' },
  ],
} as unknown as Charge

test('the curve goes in even steps beyond the last edge, with every edge on it', () => {
  const quantities = curveQuantities(GRADUATED, null)
  expect(quantities.slice(0, 6)).toEqual(['0', '1.5', '375', '750', '999', '1000.5'])
  expect(quantities).toContain('10000')
  expect(quantities.at(-1)).toBe('15000')
})

test('the curve reaches beyond the quantity tried, which is on it', () => {
  const quantities = curveQuantities(GRADUATED, '1000000.5' as DecimalText)
  expect(quantities).toContain('1000000.5')
  expect(Number(quantities.at(-1))).toBeGreaterThan(1_000_000)
})

test('the corner where included units end is on the curve, and there is room beyond it', () => {
  const charge = { ...GRADUATED, included: { quantity: '100000', per: 'month' } } as unknown as Charge
  const quantities = curveQuantities(charge, null)
  expect(quantities).toContain('100000')
  expect(quantities).toContain('100999')
  expect(Number(quantities.at(-1))).toBeGreaterThanOrEqual(150_000)
  expect(curveQuantities(charge, null, { free: '20' as DecimalText })).toContain('20')
})

test('a quantity below zero is on the curve, its mirrored edges too', () => {
  const quantities = curveQuantities(GRADUATED, '-20000' as DecimalText)
  expect(quantities[0]).toBe('-24000')
  expect(quantities).toEqual(expect.arrayContaining(['-20000', '-10000', '-999', '0', '999']))
})

const CONTEXT: TrialContext = {
  metrics: [{ metric: 'gb', name: 'Storage', unit: 'GB', aggregation: 'sum', scale: 0 }],
  currency: 'USD',
  month: '2026-10' as Month,
  timeZone: 'UTC',
  settings: {},
}
const HELD = {
  kind: 'time_weighted',
  id: 'held',
  name: 'Held',
  metric: 'gb',
  values: 'level',
  heldFor: 'hour',
  price: {
    kind: 'volume',
    per: '1',
    tiers: [
      { upTo: '7440', unitAmount: '0.1' },
      { upTo: null, unitAmount: '0.05' },
    ],
  },
} as unknown as Charge
const BLOCKS = {
  kind: 'package',
  id: 'blocks',
  name: 'Blocks',
  metric: 'gb',
  amount: '5',
  size: '100',
  lastBlock: 'whole',
} as unknown as Charge
const pointsOf = (charge: Charge) => curvesOf(charge, new Map(), CONTEXT)[0]?.points ?? []

test('what is weighted by time has its edges where the level held all month reaches them', () => {
  // 744 hours: 10 GB held through October are 7,440 GB-hours.
  const points = pointsOf(HELD)
  expect(points.find(({ quantity }) => quantity === '10')).toEqual({
    quantity: '10',
    amount: '744',
    average: '0.1',
  })
  expect(points.find(({ quantity }) => quantity === '10.0015')?.average).toBe('0.05')
  expect(averageBasis(HELD, CONTEXT).words).toBe('1 GB-hour')
})

test('a jump at zero and at the end of every block stands upright, and no average is beyond all others', () => {
  const points = pointsOf(BLOCKS)
  const at = (quantity: string) => points.find((each) => each.quantity === quantity)
  expect([at('0'), at('0.1'), at('100'), at('100.1'), at('900.1')]).toEqual([
    { quantity: '0', amount: '0', average: null },
    { quantity: '0.1', amount: '5', average: null },
    { quantity: '100', amount: '5', average: '5' },
    { quantity: '100.1', amount: '10', average: '9.99000999001' },
    { quantity: '900.1', amount: '50', average: '5.554938340184' },
  ])
  expect(averageBasis(BLOCKS, CONTEXT).words).toBe('100 GB')
})

test('blocks of converted units end where so many measured ones are', () => {
  const charge = {
    ...BLOCKS,
    convert: { unit: 'TB', size: '1000' },
    included: { quantity: '50', per: 'month' },
  } as unknown as Charge
  const amounts = new Map<string, string>(pointsOf(charge).map(({ quantity, amount }) => [quantity, amount]))
  expect(['50000', '150000', '950000'].map((quantity) => amounts.get(quantity))).toEqual(['0', '5', '45'])
})
