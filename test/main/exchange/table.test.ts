import { parse } from 'csv-parse/sync'
import ExcelJS from 'exceljs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { columnLetters, numberFor, sheetName, type TableColumn } from '../../../src/main/exchange/cells.ts'
import {
  neutralText,
  originalText,
  type TableSheet,
  writeCsv,
  writeXlsx,
} from '../../../src/main/exchange/table.ts'

const name: TableColumn = { key: 'name', title: 'Customer', kind: 'text' }
const amount: TableColumn = { key: 'amount', title: 'Cost', kind: 'money', currency: 'USD' }
const quantity: TableColumn = { key: 'quantity', title: 'Quantity', kind: 'quantity', unit: 'GB' }
const share: TableColumn = { key: 'share', title: 'Margin', kind: 'percent' }
const day: TableColumn = { key: 'day', title: 'Day', kind: 'date' }
const month: TableColumn = { key: 'month', title: 'Month', kind: 'month' }

const load = async (bytes: Uint8Array) => {
  const workbook = new ExcelJS.Workbook()
  await workbook.xlsx.load(bytes.slice().buffer as unknown as ExcelJS.Buffer)
  return workbook
}
const written = async (sheet: TableSheet) => (await load(await writeXlsx([sheet], 0))).worksheets[0]
const HOSTILE = ['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx', '\n=x', '＝1', "=cmd|' /C calc'!A0"]

describe('xlsx', () => {
  const sheet: TableSheet = {
    title: 'Cost by customer',
    columns: [name, amount, quantity, share, day, month],
    rows: [
      {
        name: 'Höfn & <sons>',
        amount: '1234.5',
        quantity: '0.125',
        share: '12.5',
        day: '2026-10-31',
        month: '2026-10',
      },
      { name: null, amount: null, quantity: '3', share: null, day: null, month: null },
      { name: '007', amount: '-0.5', quantity: '10', share: '-3', day: 'yesterday', month: '2026-13' },
    ],
    totals: { amount: '1234', quantity: '13.125', share: '50' },
  }

  test('numbers, dates and text as themselves, null empty, totals as formulas', async () => {
    const table = await written(sheet)
    const row = (number: number) =>
      [1, 2, 3, 4, 5, 6].map((column) => table?.getRow(number).getCell(column).value)
    expect(row(1)).toEqual(['Customer', 'Cost (USD)', 'Quantity (GB)', 'Margin', 'Day', 'Month'])
    expect(row(2)).toEqual([
      'Höfn & <sons>',
      1234.5,
      0.125,
      0.125,
      new Date('2026-10-31'),
      new Date('2026-10-01'),
    ])
    expect(row(3)).toEqual([null, null, 3, null, null, null])
    expect(row(4)).toEqual(['007', -0.5, 10, -0.03, 'yesterday', '2026-13'])
    expect(row(5)).toEqual([
      'Total',
      { formula: 'SUM(B2:B4)', result: 1234 },
      { formula: 'SUM(C2:C4)', result: 13.125 },
      0.5,
      null,
      null,
    ])
    expect([1, 2, 3, 4, 5, 6].map((column) => table?.getRow(2).getCell(column).numFmt)).toEqual([
      '@',
      '#,##0.00',
      '#,##0.000',
      '0.0%',
      'yyyy-mm-dd',
      'yyyy-mm',
    ])
    expect(table?.views[0]).toMatchObject({ state: 'frozen', ySplit: 1 })
    expect(table?.autoFilter).toBe('A1:F4')
  })

  test.each([
    ['USD', '#,##0.00'],
    ['JPY', '#,##0'],
    ['KWD', '#,##0.000'],
  ])('%s is shown as %s', async (currency, format) => {
    const table = await written({ title: 'T', columns: [{ ...amount, currency }], rows: [{ amount: '1' }] })
    expect(table?.getCell('A2').numFmt).toBe(format)
  })

  test('a total that is no sum of the rows is a plain value', async () => {
    const table = await written({
      title: 'Distinct users',
      columns: [name, quantity],
      rows: [
        { name: 'a', quantity: '5' },
        { name: 'b', quantity: '5' },
      ],
      totals: { quantity: '7' },
    })
    expect(table?.getCell('B4').value).toBe(7)
  })

  test('a quantity too long for a spreadsheet stays text, and its total with it', async () => {
    const table = await written({
      title: 'T',
      columns: [name, quantity],
      rows: [
        { name: 'a', quantity: '1234567890123456' },
        { name: 'b', quantity: '1' },
      ],
      totals: { quantity: '1234567890123457' },
    })
    expect(['B2', 'B3', 'B4'].map((cell) => table?.getCell(cell).value)).toEqual([
      '1234567890123456',
      1,
      '1234567890123457',
    ])
  })

  test.each(HOSTILE)('%j is text', async (text) => {
    const table = await written({ title: text, columns: [{ ...name, title: text }], rows: [{ name: text }] })
    expect([table?.getCell('A1').formula, table?.getCell('A2').formula]).toEqual([undefined, undefined])
    expect(table?.getCell('A2').type).toBe(ExcelJS.ValueType.String)
    expect(table?.getCell('A2').numFmt).toBe('@')
  })

  test('text that XML cannot hold does not break the file', async () => {
    const table = await written({
      title: 'T',
      columns: [name],
      rows: [{ name: 'a\uD800b\uFFFEc\u0000d' }, { name: 'x'.repeat(40_000) }],
    })
    expect(table?.getCell('A2').value).toBe('a\uFFFDb\uFFFDcd')
    expect(String(table?.getCell('A3').value)).toHaveLength(32_767)
  })

  test('an empty table, and several sheets of one title', async () => {
    const empty = { title: 'A/B: [x]', columns: [name, amount], rows: [], totals: { amount: '0' } }
    const workbook = await load(await writeXlsx([empty, empty, { ...empty, title: 'HISTORY' }], 0))
    expect(workbook.worksheets.map((sheet) => sheet.name)).toEqual(['A B   x', 'A B   x 2', 'Sheet HISTORY'])
    expect(workbook.worksheets[0]?.getCell('B2').value).toBe(0)
  })

  test('more rows than a sheet holds are refused in words', async () => {
    const rows = new Array(1_048_575).fill({ name: 'x' })
    await expect(writeXlsx([{ title: 'Big', columns: [name], rows }], 0)).rejects.toThrow(
      '"Big" has 1048575 rows and an Excel sheet holds 1048574. Nothing was written. Export it as CSV, or narrow the filter.',
    )
  })

  test('100,000 rows within 300 MB more', async () => {
    const rows = Array.from({ length: 100_000 }, (_, index) => ({
      name: `customer-${index % 500}`,
      amount: `${index}.25`,
      quantity: String(index),
      day: '2026-10-01',
    }))
    const before = process.memoryUsage().rss
    const bytes = await writeXlsx([{ title: 'T', columns: [name, amount, quantity, day], rows }], 0)
    expect(process.memoryUsage().rss - before).toBeLessThan(300 * 1024 * 1024)
    const table = (await load(bytes)).worksheets[0]
    expect([table?.rowCount, table?.getCell('B100001').value]).toEqual([100_001, 99_999.25])
  })
})

describe('the number of a cell', () => {
  test.each<[TableColumn, string, number | null]>([
    [amount, '0.1', 0.1],
    [amount, '1E-9', 1e-9],
    [amount, '999999999999.123', 999999999999.123],
    [amount, '12345.678901234567', 12345.6789012346],
    [amount, '-0.30000000000000004', -0.3],
    [amount, '1234567890123.4567', 1234567890123.46],
    [amount, '12345678901234.567', null],
    [quantity, '123456789012345', 123456789012345],
    [quantity, '1234567890123450', 1234567890123450],
    [quantity, '1234567890123456', null],
    [quantity, '0.1234567890123456', null],
    [share, '33.333333333333333333', 0.333333333333333],
    [amount, 'n/a', null],
    [amount, '', null],
  ])('%#: %s', (column, text, number) => expect(numberFor(column, text)).toBe(number))

  test('up to 15 digits come back equal', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 15n) + 1n, max: 10n ** 15n - 1n }),
        fc.nat(18),
        (digits, decimals) => {
          const text = `${digits}e-${decimals}`
          expect(numberFor(quantity, text)).toBe(Number(text) + 0)
        },
      ),
    )
  })
})

describe('csv', () => {
  const read = (sheet: TableSheet): string[][] =>
    parse(writeCsv(sheet), { bom: true, record_delimiter: '\r\n' })

  test('every digit, percent in percent, null empty, text quoted where it must be', () => {
    expect(
      writeCsv({
        title: 'T',
        columns: [name, amount, share, day],
        rows: [
          { name: 'Says "hi", twice', amount: '-12345.678901234567', share: '12.5', day: '2026-10-01' },
          { name: null, amount: null, share: null, day: null },
          { name: 'two\nlines', amount: '1E-9', share: '-0.1', day: '=1' },
        ],
        totals: { amount: '1' },
      }),
    ).toBe(
      '\uFEFFCustomer,Cost (USD),Margin,Day\r\n"Says ""hi"", twice",-12345.678901234567,12.5,2026-10-01\r\n,,,\r\n"two\nlines",0.000000001,-0.1,\'=1\r\n',
    )
  })

  test.each(HOSTILE)('%j gets an apostrophe', (text) => {
    expect(
      read({ title: 'T', columns: [{ ...name, title: text }, amount], rows: [{ name: text, amount: text }] }),
    ).toEqual([
      [`'${text}`, 'Cost (USD)'],
      [`'${text}`, /^[+-]1$/.test(text) ? String(Number(text)) : `'${text}`],
    ])
  })

  test('any text comes back equal', () => {
    const sheet = (text: string): TableSheet => ({
      title: 'T',
      columns: [name, amount],
      rows: [{ name: text, amount: '1' }],
    })
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const field = read(sheet(text))[1]?.[0] ?? ''
        expect(field).toBe(neutralText(text))
        expect(/^[=+\-@\t\r\n]/.test(field)).toBe(false)
      }),
    )
    expect(HOSTILE.map(neutralText).map(originalText)).toEqual(HOSTILE)
    expect(originalText("'tis")).toBe("'tis")
  })
})

test('names and letters', () => {
  expect([1, 26, 27, 702, 703].map(columnLetters)).toEqual(['A', 'Z', 'AA', 'ZZ', 'AAA'])
  const taken = new Set<string>()
  expect(sheetName("'quoted'", taken)).toBe('quoted')
  expect(sheetName('QUOTED', taken)).toBe('QUOTED 2')
  expect(sheetName('x'.repeat(40), taken)).toBe('x'.repeat(31))
  expect(sheetName('', taken)).toBe('Sheet')
})
