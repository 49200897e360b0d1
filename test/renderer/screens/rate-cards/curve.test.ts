import { expect, test } from 'vitest'
import type { DecimalText } from '../../../../src/domain/decimal.ts'
import type { Charge } from '../../../../src/domain/pricing/ratecard.ts'
import { curveQuantities } from '../../../../src/renderer/screens/rate-cards/curve.ts'

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
  expect(quantities.slice(0, 6)).toEqual(['0', '375', '750', '999', '1000.5', '1125'])
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
  expect(curveQuantities(charge, null, '20' as DecimalText)).toContain('20')
})

test('a quantity below zero is on the curve, its mirrored edges too', () => {
  const quantities = curveQuantities(GRADUATED, '-20000' as DecimalText)
  expect(quantities[0]).toBe('-24000')
  expect(quantities).toEqual(expect.arrayContaining(['-20000', '-10000', '-999', '0', '999']))
})
