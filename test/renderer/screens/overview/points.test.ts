import { expect, test } from 'vitest'
import type { DecimalText } from '../../../../src/domain/decimal.ts'
import { pointsInWords } from '../../../../src/renderer/screens/overview/points.ts'

test.each([
  ['-1.8', '▼ 1.8 points since last month'],
  ['2', '▲ 2.0 points since last month'],
  ['0', 'As last month'],
  [null, 'No month before to compare with'],
])('%s points: %s', (points, words) => {
  expect(pointsInWords(points as DecimalText | null)).toBe(words)
})
