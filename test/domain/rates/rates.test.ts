import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { DecimalText } from '../../../src/domain/decimal.ts'
import { readEcbFile } from '../../../src/domain/rates/ecb.ts'
import {
  convertAmount,
  mergeRates,
  quoteInWords,
  quoteOn,
  type RateTable,
} from '../../../src/domain/rates/rates.ts'

const CSV = `Date,USD,JPY,GBP,CYP,
2026-10-30,1.0876,162.35,0.8512,N/A,
2026-10-29,1.0861,161.9,0.85,N/A,
2025-12-31,1.04,160,0.83,0.585274,
`
const XML = `<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
	<gesmes:subject>Reference rates</gesmes:subject>
	<Cube>
		<Cube time='2026-10-30'>
			<Cube currency='USD' rate='1.0876'/>
			<Cube currency="JPY" rate="162.35"/>
		</Cube>
	</Cube>
</gesmes:Envelope>`

const decimal = (text: string) => text as DecimalText
const ecb = readEcbFile(CSV).tables
const entered = (day: string, rate: string, base = 'EUR', to = 'USD'): RateTable => ({
  source: 'entered',
  base,
  year: Number(day.slice(0, 4)),
  days: { [day]: { [to]: decimal(rate) } },
})

describe('the ECB’s files', () => {
  test('CSV: a table a year, days in order, N/A is no rate', () => {
    expect(ecb.map(({ year, days }) => [year, Object.keys(days)])).toEqual([
      [2025, ['2025-12-31']],
      [2026, ['2026-10-29', '2026-10-30']],
    ])
    expect(ecb[1]?.days['2026-10-30']).toEqual({ USD: '1.0876', JPY: '162.35', GBP: '0.8512' })
  })
  test('the daily CSV writes its day in words, with spaces', () => {
    expect(readEcbFile('Date, USD, JPY, \n25 November 2026, 1.0432, 161.5, \n').tables[0]?.days).toEqual({
      '2026-11-25': { USD: '1.0432', JPY: '161.5' },
    })
  })
  test('XML says the same as CSV', () => {
    expect(readEcbFile(XML).tables[0]?.days['2026-10-30']).toEqual({ USD: '1.0876', JPY: '162.35' })
  })
  test.each([
    ['PK\u0003\u0004…', 'file_is_packed', 'Unpack it'],
    ['id,amount\n1,2\n', 'file_is_not_the_ecbs', 'starts neither with the column Date'],
    ['Date,USD\n2026-02-30,1.1\n', 'day_is_not_a_day', 'Row 2: "2026-02-30"'],
    ['Date,USD\n2026-02-27,-1.1\n', 'rate_is_not_a_number', 'Row 2, USD: "-1.1"'],
    ['Date,USD\n2026-02-27,0\n', 'rate_is_not_a_number', 'not a rate above zero'],
    ['Date,US\n2026-02-27,N/A\n', 'currency_is_unknown', 'Row 1: "US"'],
    ['Date,USD\n', 'file_has_no_rates', 'holds no rates'],
    [XML.replace("'1.0876'", "'x'"), 'rate_is_not_a_number', 'Line 6'],
    [XML.replace('2026-10-30', '2026-13-30'), 'day_is_not_a_day', 'Line 5: "2026-13-30"'],
  ])('%j is refused whole', (text, code, words) => {
    const { tables, issues } = readEcbFile(text)
    expect(tables).toEqual([])
    expect(issues[0]).toMatchObject({ severity: 'error', code })
    expect(issues[0]?.message).toContain(words)
  })
})

describe('the rate of a day', () => {
  test('the latest on or before it, ten days back at most', () => {
    expect(quoteOn(ecb, 'EUR', 'USD', '2026-10-31')).toMatchObject({ numerator: '1.0876', day: '2026-10-30' })
    expect(quoteOn(ecb, 'EUR', 'USD', '2026-10-29')).toMatchObject({ numerator: '1.0861', day: '2026-10-29' })
    expect(quoteOn(ecb, 'EUR', 'USD', '2026-11-09')).toMatchObject({ day: '2026-10-30' })
    expect(quoteOn(ecb, 'EUR', 'USD', '2026-11-10')).toBeNull()
    expect(quoteOn(ecb, 'EUR', 'USD', '2025-12-30')).toBeNull()
  })
  test('over the turn of the year', () => {
    expect(quoteOn(ecb, 'EUR', 'GBP', '2026-01-02')).toMatchObject({ numerator: '0.83', day: '2025-12-31' })
  })
  test('a cross rate goes over the euro and names both', () => {
    const quote = quoteOn(ecb, 'GBP', 'USD', '2026-10-30')
    expect(quote && quoteInWords(quote)).toBe('1 GBP = 1.0876 ÷ 0.8512 USD (ECB, 2026-10-30)')
    expect(quote && convertAmount(decimal('851.2'), quote)).toBe('1087.6')
  })
  test('an entered rate goes before the ECB’s, holds until the next, and in both directions', () => {
    const tables = [...ecb, entered('2026-01-01', '1.25'), entered('2026-07-01', '1.5')]
    expect(quoteOn(tables, 'EUR', 'USD', '2026-10-30')).toMatchObject({ numerator: '1.5', source: 'entered' })
    expect(quoteOn(tables, 'EUR', 'USD', '2026-06-30')).toMatchObject({ numerator: '1.25' })
    const back = quoteOn(tables, 'USD', 'EUR', '2026-06-30')
    expect(back && convertAmount(decimal('10'), back)).toBe('8')
  })
  test('what does not end is cut half-even to 20 decimals', () => {
    const quote = quoteOn([entered('2026-01-01', '3')], 'USD', 'EUR', '2026-01-01')
    expect(quote && convertAmount(decimal('2'), quote)).toBe('0.66666666666666666667')
    expect(quote && convertAmount(decimal('-2'), quote)).toBe('-0.66666666666666666667')
  })
  test('a currency in itself is itself', () => {
    const quote = quoteOn([], 'USD', 'USD', '2026-01-01')
    expect(quote && convertAmount(decimal('12.34'), quote)).toBe('12.34')
  })
})

test('there and back is the amount again, for every amount and rate', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }),
      fc.integer({ min: 1, max: 1_000_000 }),
      (minor, rate) => {
        const tables = [entered('2026-01-01', String(rate))]
        const there = quoteOn(tables, 'EUR', 'USD', '2026-01-01')
        const back = quoteOn(tables, 'USD', 'EUR', '2026-01-01')
        if (there === null || back === null) throw new Error('there is a rate')
        expect(convertAmount(convertAmount(decimal(String(minor)), there), back)).toBe(String(minor))
      },
    ),
  )
})

test('merging keeps what was there and takes what is new', () => {
  const before = entered('2026-03-01', '1.1')
  const merged = mergeRates(before, {
    ...entered('2026-01-01', '1.2'),
    days: { '2026-01-01': { USD: decimal('1.2') }, '2026-03-01': { GBP: decimal('0.8') } },
  })
  expect(Object.entries(merged.days)).toEqual([
    ['2026-01-01', { USD: '1.2' }],
    ['2026-03-01', { USD: '1.1', GBP: '0.8' }],
  ])
})
