import { describe, expect, test } from 'vitest'
import { toMonth } from '../../../../src/domain/period.ts'
import { bucketTitle, comparedSpan, spanOf } from '../../../../src/renderer/ui/slice/period.ts'

const PICKED = toMonth('2026-10')
const EARLIEST = toMonth('2026-03')

describe('the months a slice covers', () => {
  test.each([
    // grain, from, to → first, last
    ['day', undefined, undefined, '2026-10', '2026-10'],
    ['hour', undefined, undefined, '2026-10', '2026-10'],
    ['month', undefined, undefined, '2026-03', '2026-10'],
    ['month', '2025-01', undefined, '2025-01', '2026-10'],
    ['month', undefined, '2026-05', '2026-03', '2026-05'],
    ['day', undefined, '2026-08', '2026-08', '2026-08'],
    ['day', '2026-11', undefined, '2026-11', '2026-11'],
    ['day', '2026-09', '2026-08', '2026-09', '2026-09'],
    ['month', '2026-01', '2026-12', '2026-01', '2026-12'],
  ] as const)('by %s, from %s to %s: %s to %s', (grain, from, to, first, last) => {
    const chosen = { from: from && toMonth(from), to: to && toMonth(to) }
    expect(spanOf(grain, chosen, PICKED, EARLIEST)).toEqual({ from: first, to: last })
  })

  test('a long book shows twelve months', () => {
    expect(spanOf('month', {}, PICKED, toMonth('2020-01'))).toEqual({ from: '2025-11', to: '2026-10' })
  })

  test('a month picked before the book begins is shown all the same', () => {
    expect(spanOf('month', {}, toMonth('2026-01'), EARLIEST)).toEqual({ from: '2025-02', to: '2026-01' })
  })
})

describe('how buckets are called', () => {
  test.each([
    ['2026-10', 'Oct 2026'],
    ['2026-10-31', '31 Oct'],
    ['2026-10-31T22:00:00Z', '31 Oct, 23:00'],
    ['2026-10-31T23:00:00Z', '1 Nov, 00:00'],
  ])('%s is %s in Berlin', (bucket, title) => {
    expect(bucketTitle(bucket, 'Europe/Berlin')).toBe(title)
  })
})

describe('what a span is compared with', () => {
  test.each([
    ['2026-10', '2026-10', 'previous', '2026-09', '2026-09'],
    ['2026-08', '2026-10', 'previous', '2026-05', '2026-07'],
    ['2026-01', '2026-03', 'last_year', '2025-01', '2025-03'],
  ] as const)('%s to %s with %s: %s to %s', (from, to, compare, first, last) => {
    expect(comparedSpan({ from: toMonth(from), to: toMonth(to) }, compare)).toEqual({ from: first, to: last })
  })
})
