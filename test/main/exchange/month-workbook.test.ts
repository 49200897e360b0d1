import ExcelJS from 'exceljs'
import { describe, expect, test } from 'vitest'
import { writeMonthWorkbook } from '../../../src/main/exchange/month-workbook.ts'
import { decimal, emptyMonth, exampleMonth, exampleOfCurrencies } from './month-example.ts'

const read = async (bytes: Uint8Array) => {
  const workbook = new ExcelJS.Workbook()
  await workbook.xlsx.load(bytes.slice().buffer as unknown as ExcelJS.Buffer)
  return workbook
}
const written = async (input = exampleMonth) => {
  const { bytes, formulas } = await writeMonthWorkbook(input, 0)
  return { workbook: await read(bytes), formulas }
}
const figures = (workbook: ExcelJS.Workbook) =>
  Array.from({ length: 12 }, (_, index) => {
    const row = workbook.getWorksheet('Summary')?.getRow(9 + index)
    return [row?.getCell(1).text, row?.getCell(2).result ?? row?.getCell(2).value]
  })

describe('the month workbook', () => {
  test('has its sheets, frozen and filtered', async () => {
    const { workbook } = await written()
    expect(workbook.worksheets.map(({ name }) => name)).toEqual([
      'Summary',
      'Customers',
      'Usage',
      'Cost',
      'Margin',
      'Invoices',
      'Invoice lines',
    ])
    expect(workbook.worksheets.map(({ views }) => views[0])).toMatchObject(
      [8, 1, 1, 1, 1, 1, 1].map((ySplit) => ({ state: 'frozen', ySplit })),
    )
    expect(workbook.getWorksheet('Cost')?.autoFilter).toBe('A1:F9')
  })

  test('the figures', async () => {
    const { workbook } = await written()
    expect(figures(workbook)).toEqual([
      ['Revenue (1 customer without revenue)', 4310.4],
      ['Direct cost (1 customer without cost)', 1708.82345678901],
      ['Margin (1 customer without revenue)', 2601.57654321099],
      ['Margin %', 0.603558032482133],
      ['Cost of tenants without customer', 12345.6789012346],
      ['Unattributed cost', 0.3],
      ['Cost in the ledger', 14054.8023580236],
      ['Check: cost less its parts', 0],
      ["Providers' bills", 14055],
      ['Check: bills less ledger', 0.2],
      ["Check: customers' revenue less invoices", 0],
      ["Check: customers' direct cost less cost sheet", 0],
    ])
  })

  test('each formula of the manifest is in its cell with the expected result', async () => {
    const { workbook, formulas } = await written()
    expect(formulas.length).toBeGreaterThan(30)
    for (const { sheet, cell, formula, expected } of formulas) {
      const found = workbook.getWorksheet(sheet)?.getCell(cell)
      expect([sheet, cell, found?.formula]).toEqual([sheet, cell, formula])
      // An empty text result is read back as none.
      expect([sheet, cell, found?.result ?? null]).toEqual([
        sheet,
        cell,
        expected === null ? null : Number(expected),
      ])
    }
    const count = workbook.worksheets.reduce((sum, sheet) => {
      let formulasOfSheet = 0
      sheet.eachRow((row) =>
        row.eachCell((cell) => {
          if (cell.type === ExcelJS.ValueType.Formula) formulasOfSheet += 1
        }),
      )
      return sum + formulasOfSheet
    }, 0)
    expect(formulas).toHaveLength(count)
  })

  test('what is unknown is empty, and no margin is made of it', async () => {
    const { workbook } = await written()
    const margin = workbook.getWorksheet('Margin')
    expect(margin?.getCell('C5').result).toBe(0)
    expect(['D5', 'E5', 'F5'].map((cell) => margin?.getCell(cell).value)).toEqual([null, null, null])
    expect(margin?.getCell('D6').result).toBe(5)
    expect([margin?.getCell('C6').value, margin?.getCell('E6').value, margin?.getCell('F6').value]).toEqual([
      null,
      null,
      null,
    ])
  })

  test('text is text, whatever it begins with', async () => {
    const { workbook } = await written()
    const lines = workbook.getWorksheet('Invoice lines')
    expect(lines?.getCell('E2').value).toBe('=HYPERLINK("http://example.org")')
    expect(lines?.getCell('E2').numFmt).toBe('@')
    expect(lines?.getCell('E3').value).toBe('-1+2')
    expect(workbook.getWorksheet('Summary')?.getCell('B1').value).toBe('=Book of "Höfn" & sons')
    expect(workbook.getWorksheet('Usage')?.getCell('E3').value).toBe('1234567890123456789')
  })

  test('where the screen shows another amount than the lines make, it stays, and a check shows the gap', async () => {
    const [first, ...others] = exampleMonth.customers
    const { workbook } = await written({
      ...exampleMonth,
      customers: [{ ...first, revenue: decimal('4300.1') } as never, ...others],
    })
    expect(workbook.getWorksheet('Customers')?.getCell('E2').value).toBe(4300.1)
    expect(figures(workbook)[10]).toEqual(["Check: customers' revenue less invoices", 100])
  })

  test('at effective cost', async () => {
    const { workbook } = await written({ ...exampleMonth, costBasis: 'effective', customers: [] })
    expect(workbook.getWorksheet('Summary')?.getCell('B6').value).toBe('Effective cost')
    expect(figures(workbook)[6]).toEqual(['Cost in the ledger', 1619.1])
  })

  test('invoices in other currencies are added at their dated rates, and one without is said to be left out', async () => {
    const { workbook } = await written(exampleOfCurrencies)
    const invoices = workbook.getWorksheet('Invoices')
    const row = (number: number) =>
      ['E', 'F', 'G', 'H', 'I'].map((column) => {
        const { value, result } = invoices?.getCell(`${column}${number}`) ?? {}
        return result ?? (value instanceof Date ? value.toISOString().slice(0, 10) : value)
      })
    expect(row(2)).toEqual(['USD', 4200.1, null, null, 4200.1])
    expect(row(7)).toEqual(['EUR', 200, '1 EUR = 1.0876 USD (ECB, 2026-10-30)', '2026-10-30', 217.52])
    // 100.10 × 1.0876 ÷ 0.8512 = 127.9000…
    expect(row(8)[4]).toBe(127.9)
    expect(invoices?.getCell('I8').formula).toBe('ROUND(F8*1.0876/0.8512,2)')
    expect(row(9)).toEqual(['JPY', 5000, 'no rate for 2026-10-31', null, null])
    expect([invoices?.getCell('A10').value, invoices?.getCell('I10').result]).toEqual([
      'Total (without 1 invoice that has no rate)',
      4655.82,
    ])
    const summary = workbook.getWorksheet('Summary')
    expect(figures(workbook)[0]).toEqual(['Revenue (1 invoice without a rate left out)', 4655.82])
    expect(summary?.getCell('C9').value).toBe(
      'The sum of the invoices; 1 in EUR: 1 EUR = 1.0876 USD (ECB, 2026-10-30); 1 in GBP: 1 GBP = 1.0876 ÷ 0.8512 USD (ECB, 2026-10-30); 1 in JPY: no rate for 2026-10-31',
    )
    expect(figures(workbook)[10]).toEqual(["Check: customers' revenue less invoices", 0])
    // No total of lines adds currencies.
    const lines = workbook.getWorksheet('Invoice lines')
    expect(lines?.getCell('A11').value).toBe('Amounts of several currencies are added on the sheet Invoices')
    expect(lines?.getCell('K11').value).toBeNull()
  })

  test('an empty month', async () => {
    const { workbook } = await written(emptyMonth)
    const [revenue, direct, margin, share, ...others] = figures(workbook).map(([, value]) => value)
    expect([revenue, direct, margin, others]).toEqual([0, 0, 0, [0, 0, 0, 0, null, null, 0, 0]])
    expect(share).toMatchObject({ formula: 'IF(B9<=0,"",B11/B9)' })
  })
})
