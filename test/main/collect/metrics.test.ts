import { describe, expect, test } from 'vitest'
import { type DecimalText, decimalsOf } from '../../../src/domain/decimal.ts'
import type { Metric } from '../../../src/domain/metric.ts'
import { openScales, proposeMetric } from '../../../src/main/collect/metrics.ts'

const defined = (scale: number): Metric => ({
  metric: 'm',
  name: 'm',
  unit: 'unit',
  aggregation: 'sum',
  scale,
})
const decimals = (text: string) => decimalsOf(text as DecimalText)
const measured = (...scales: number[]) => scales.map((scale) => ({ metric: 'm', scale }))

describe('the scale a quantity is kept at', () => {
  test.each<[defined: number, ledger: number[], quantity: string, scale: number | null]>([
    [0, [], '5', 0],
    [0, [], '5.5', null],
    [3, [], '5', 3],
    [3, [], '0.125', 3],
    [3, [], '0.1255', null],
    // Raised from 0 to 3: what was kept whole is found again whole.
    [3, [0], '5', 0],
    [3, [0], '5.5', 3],
    [6, [0, 3], '5.5', 3],
    [6, [0, 3], '5.0001', 6],
    [6, [6, 3, 0], '7', 0],
  ])('defined with %i decimals, kept with %j: %s at %j', (scale, kept, quantity, expected) => {
    expect(openScales([defined(scale)], measured(...kept)).scaleFor('m', decimals(quantity))).toBe(expected)
  })

  test('of a metric nobody defined grows with the file, and what came before stays findable', () => {
    const first = openScales([], [])
    expect(['5', '0.5', '6', '0.0001', '7.25'].map((text) => first.scaleFor('m', decimals(text)))).toEqual([
      0, 3, 0, 6, 3,
    ])
    expect(first.proposed()).toEqual([proposeMetric('m', 6)])
    const again = openScales(first.proposed(), measured(0, 3, 6))
    expect(['5', '0.5', '6', '0.0001', '7.25'].map((text) => again.scaleFor('m', decimals(text)))).toEqual([
      0, 3, 0, 6, 3,
    ])
    expect(again.proposed()).toEqual([])
  })

  test('has at most twelve decimals', () => {
    const scales = openScales([], [])
    expect(scales.scaleFor('m', 13)).toBeNull()
    expect(scales.scaleFor('m', 12)).toBe(12)
  })
})

test.each([
  ['http.requests', 0, 'request', 0],
  ['http.response.bytes', 0, 'byte', 0],
  ['api.calls', 1, 'call', 3],
  ['gpu', 4, 'unit', 6],
  ['gpu', 13, 'unit', 12],
])('%s with %i decimals is proposed as a sum of %ss with %i', (metric, decimals, unit, scale) => {
  expect(proposeMetric(metric, decimals)).toEqual({ metric, name: metric, unit, aggregation: 'sum', scale })
})
