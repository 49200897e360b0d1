import { Decimal } from 'decimal.js'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  costFromUnits,
  costToUnits,
  type DecimalText,
  decimalToInteger,
  integerToDecimal,
  parseDecimal,
} from '../../src/domain/decimal.ts'
import { parseQuantity, QUANTITY_MAX } from '../../src/domain/quantity.ts'

describe('reading a decimal', () => {
  test.each([
    ['12', '12'],
    ['12.50', '12.5'],
    ['0.00000080000', '0.0000008'],
    ['-0.50', '-0.5'],
    ['0', '0'],
    ['-0', '0'],
    ['-0.000', '0'],
    ['100', '100'],
    ['100.00', '100'],
    ['007', '7'],
    ['+3', '3'],
    ['.5', '0.5'],
    ['5.', '5'],
    ['1E-9', '0.000000001'],
    ['1e3', '1000'],
    [' 4.20 ', '4.2'],
    ['', null],
    ['-', null],
    ['1,000', null],
    ['1.2.3', null],
    ['0x10', null],
    ['NaN', null],
    ['Infinity', null],
  ])('%j is %j', (text, wanted) => {
    expect(parseDecimal(text)).toBe(wanted)
  })

  const digits = (maxLength: number) => fc.stringMatching(new RegExp(`^[0-9]{1,${maxLength}}$`))
  const written = fc
    .tuple(
      fc.constantFrom('', '-', '+'),
      fc.oneof(fc.constantFrom('0', '00', '10', '100'), digits(40)),
      fc.oneof(
        fc.constant(''),
        fc.constantFrom('.0', '.00', '.500'),
        digits(40).map((each) => `.${each}`),
      ),
      fc.oneof(
        { weight: 4, arbitrary: fc.constant('') },
        fc.integer({ min: -40, max: 40 }).map((each) => `e${each}`),
      ),
    )
    .map((parts) => parts.join(''))

  test('gives what decimal.js gives, digit by digit', () => {
    const Exact = Decimal.clone({ precision: 120, toExpNeg: -9e15, toExpPos: 9e15 })
    fc.assert(
      fc.property(written, (text) => {
        const plain = new Exact(text).toFixed()
        expect(parseDecimal(text)).toBe(plain === '-0' ? '0' : plain)
      }),
      { numRuns: 5_000 },
    )
  })

  test('says at once that a million digits before a letter are no number', () => {
    expect(parseDecimal(`${'1'.repeat(1_000_000)}x`)).toBeNull()
    expect(parseDecimal(`.${'1'.repeat(1_000_000)}e1x`)).toBeNull()
  })

  test('takes its own answer for what it is', () => {
    fc.assert(
      fc.property(written, (text) => {
        const read = parseDecimal(text)
        expect(read).not.toBeNull()
        expect(parseDecimal(read ?? '')).toBe(read)
      }),
    )
  })
})

describe('integers at a scale', () => {
  test.each([
    ['1.25', 3, 1250n],
    ['-1.25', 3, -1250n],
    ['-0.5', 1, -5n],
    ['0', 12, 0n],
    ['7', 2, 700n],
  ])('%s at scale %d is %s', (text, scale, wanted) => {
    expect(decimalToInteger(text as DecimalText, scale)).toBe(wanted)
  })

  test('never round', () => {
    expect(() => decimalToInteger('1.25' as DecimalText, 1)).toThrow('1.25 has more than 1 decimals')
  })

  test('come back as they went', () => {
    fc.assert(
      fc.property(fc.bigInt(-(10n ** 40n), 10n ** 40n), fc.integer({ min: 0, max: 20 }), (value, scale) => {
        expect(decimalToInteger(integerToDecimal(value, scale), scale)).toBe(value)
        expect(costToUnits(costFromUnits(value))).toBe(value)
      }),
    )
  })

  test('are what decimal.js multiplies to', () => {
    fc.assert(
      fc.property(fc.bigInt(-QUANTITY_MAX, QUANTITY_MAX), fc.integer({ min: 0, max: 12 }), (value, scale) => {
        const text = integerToDecimal(value, scale)
        expect(parseQuantity(text, scale)).toBe(value)
        const Exact = Decimal.clone({ precision: 120 })
        expect(new Exact(text).times(new Exact(10).pow(scale)).toFixed()).toBe(value.toString())
      }),
    )
  })

  test.each([
    [(QUANTITY_MAX + 1n).toString(), 0, 'too_large'],
    ['1e400', 0, 'too_large'],
    ['0.001', 2, 'too_many_decimals'],
    ['one', 2, 'not_a_number'],
  ])('%s at scale %d is refused: %s', (text, scale, wanted) => {
    expect(parseQuantity(text, scale)).toBe(wanted)
  })
})
