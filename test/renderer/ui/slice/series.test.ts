import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type DecimalText, parseDecimal } from '../../../../src/domain/decimal.ts'
import { changeOf, shareOf, TOP, topAndRest } from '../../../../src/renderer/ui/slice/series.ts'

const decimal = (text: string): DecimalText => {
  const value = parseDecimal(text)
  if (value === null) throw new Error(`not a decimal: ${text}`)
  return value
}
const row = (label: string, ...values: (string | null)[]) => ({
  labels: [label],
  values: values.map((value) => (value === null ? null : decimal(value))),
})

describe('the ten largest and the rest', () => {
  test('few rows need no rest; a bucket without a value is no point', () => {
    expect(
      topAndRest(
        [row('a.b', '3', null), row('c', '1', '2')],
        ['2026-09', '2026-10'],
        (bucket) => `m ${bucket}`,
      ),
    ).toEqual({
      series: [
        { name: 's0', label: 'a.b' },
        { name: 's1', label: 'c' },
      ],
      points: [
        { bucket: 'm 2026-09', s0: 3, s1: 1 },
        { bucket: 'm 2026-10', s0: null, s1: 2 },
      ],
    })
  })

  test('rows beyond the tenth are added exactly before they are plotted', () => {
    const rows = [
      ...Array.from({ length: 10 }, (_, index) => row(`r${index}`, '5')),
      row('x', '0.1'),
      row('y', '0.2'),
    ]
    const { series, points } = topAndRest(rows, ['2026-10'], String)
    expect(series.at(-1)).toEqual({ name: 'rest', label: 'the rest (2)' })
    expect(points[0]?.rest).toBe(0.3)
  })

  test('no grouping is one series of all', () => {
    expect(topAndRest([{ labels: [], values: [decimal('7')] }], ['2026-10'], String).series).toEqual([
      { name: 's0', label: 'All' },
    ])
  })

  test('what is stacked adds up to all rows', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 1_000_000 }), { minLength: 1, maxLength: 40 }),
        (amounts) => {
          const { series, points } = topAndRest(
            amounts.map((amount, index) => row(`r${index}`, String(amount))),
            ['2026-10'],
            String,
          )
          const sum = series.reduce((total, { name }) => total + Number(points[0]?.[name] ?? 0), 0)
          expect(sum).toBe(amounts.reduce((total, amount) => total + amount, 0))
          expect(series.length).toBeLessThanOrEqual(TOP + 1)
        },
      ),
    )
  })
})

describe('share and change', () => {
  test.each([
    ['25', '100', '25'],
    ['1', '3', '33.3'],
    ['-5', '20', '-25'],
    ['0', '0', null],
  ])('%s of %s is %s %%', (part, whole, expected) => {
    expect(shareOf(decimal(part), decimal(whole))).toBe(expected)
  })

  test.each([
    ['110', '100', '10'],
    ['90', '100', '-10'],
    ['10', '-10', '200'],
    ['0', '100', '-100'],
    ['5', '0', null],
  ])('to %s from %s is a change of %s %%', (now, before, expected) => {
    expect(changeOf(decimal(now), decimal(before))).toBe(expected)
  })

  test('without a period to compare with there is no change', () => {
    expect(changeOf(decimal('5'), null)).toBeNull()
  })
})
