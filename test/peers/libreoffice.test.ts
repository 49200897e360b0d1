/**
 * LibreOffice calculates our workbooks anew, and every formula must give what we stored. The stored results
 * are removed first, so that a value can only come from LibreOffice. `SOFFICE` names the program.
 */
import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parse } from 'csv-parse/sync'
import ExcelJS from 'exceljs'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { Decimal, parseDecimal } from '../../src/domain/decimal.ts'
import { writeMonthWorkbook } from '../../src/main/exchange/month-workbook.ts'
import { type TableSheet, writeCsv, writeXlsx } from '../../src/main/exchange/table.ts'
import { decimal, emptyMonth, exampleMonth, exampleOfCurrencies } from '../main/exchange/month-example.ts'

/** LibreOffice takes seconds to start. */
vi.setConfig({ testTimeout: 120_000 })

const soffice = process.env.SOFFICE ?? 'soffice'
let folder = ''

/** Calculate always on loading a workbook (0), whoever wrote it. */
const SETTINGS = `<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>`

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countinghouse-libreoffice-'))
  await mkdir(join(folder, 'profile', 'user'), { recursive: true })
  await writeFile(join(folder, 'profile', 'user', 'registrymodifications.xcu'), SETTINGS)
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const run = (parameters: readonly string[]): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn(soffice, parameters, { stdio: ['ignore', 'ignore', 'pipe'] })
    let errors = ''
    child.stderr.on('data', (chunk) => {
      errors += String(chunk)
    })
    child.on('error', () =>
      reject(
        new Error(
          `LibreOffice could not be started as "${soffice}". Install libreoffice-calc, or set SOFFICE to its path.`,
        ),
      ),
    )
    child.on('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`LibreOffice ended with ${code}: ${errors}`)),
    )
  })

/** Sends a file through LibreOffice and gives back what it makes of it, in the other format. */
const convert = async (name: string, bytes: Uint8Array | string, format: string): Promise<Buffer> => {
  const source = join(folder, name)
  const out = join(folder, 'out')
  await writeFile(source, bytes)
  const profile = pathToFileURL(join(folder, 'profile')).href
  await run([
    `-env:UserInstallation=${profile}`,
    '--headless',
    '--convert-to',
    format,
    '--outdir',
    out,
    source,
  ])
  return readFile(join(out, name.replace(/\.\w+$/, `.${format.split(':')[0]}`)))
}

const load = async (bytes: Uint8Array): Promise<ExcelJS.Workbook> => {
  const workbook = new ExcelJS.Workbook()
  await workbook.xlsx.load(bytes.slice().buffer as unknown as ExcelJS.Buffer)
  return workbook
}

/** The workbook with the formulas and without their results. */
const withoutResults = async (bytes: Uint8Array): Promise<Uint8Array> => {
  const workbook = await load(bytes)
  for (const sheet of workbook.worksheets)
    sheet.eachRow((row) => {
      row.eachCell((cell) => {
        if (cell.type === ExcelJS.ValueType.Formula) cell.value = { formula: cell.formula }
      })
    })
  return new Uint8Array(await workbook.xlsx.writeBuffer())
}

/** Rounded to the cent; shares to a ten-thousandth of a percent. */
const shown = (value: unknown, format: string): string | null => {
  if (value === undefined || value === null || value === '') return null
  const exact = parseDecimal(String(value))
  if (exact === null) return String(value)
  const rounded = new Decimal(exact).toDecimalPlaces(format.includes('%') ? 6 : 2)
  return rounded.isZero() ? '0' : rounded.toString()
}

describe('the month workbook, calculated by LibreOffice', () => {
  test.each([
    ['full', exampleMonth],
    ['currencies', exampleOfCurrencies],
    ['effective', { ...exampleMonth, costBasis: 'effective' as const, customers: [] }],
    ['empty', emptyMonth],
  ])('%s', async (name, input) => {
    const { bytes, formulas } = await writeMonthWorkbook(input, 0)
    const calculated = await load(await convert(`${name}.xlsx`, await withoutResults(bytes), 'xlsx'))
    const results = formulas.map(({ sheet, cell }) => {
      const found = calculated.getWorksheet(sheet)?.getCell(cell)
      return `${sheet}!${cell} ${shown(found?.result, found?.numFmt ?? '')}`
    })
    expect(results).toEqual(
      formulas.map(({ sheet, cell, expected }) => {
        const format = calculated.getWorksheet(sheet)?.getCell(cell).numFmt ?? ''
        return `${sheet}!${cell} ${shown(expected, format)}`
      }),
    )
  })
})

const HOSTILE = [
  '=1+1',
  '+1+1',
  '-1+1',
  '@SUM(1,1)',
  '=HYPERLINK("http://example.org")',
  '\t=1+1',
  "'=1+1",
  'a;=1+1',
  'plain',
]
const table: TableSheet = {
  title: 'Table',
  columns: [
    { key: 'name', title: 'Name', kind: 'text' },
    { key: 'amount', title: 'Amount', kind: 'money', currency: 'USD' },
  ],
  rows: HOSTILE.map((name, index) => ({ name, amount: decimal(`-${index}.1`) })),
  totals: { amount: decimal('-36.9') },
}

describe('a table, opened by LibreOffice', () => {
  test('as a workbook: its total is ours, and no text runs', async () => {
    const calculated = await load(
      await convert('table.xlsx', await withoutResults(await writeXlsx([table], 0)), 'xlsx'),
    )
    const sheet = calculated.getWorksheet('Table')
    expect(shown(sheet?.getCell('B11').result, '')).toBe('-36.9')
    const names = HOSTILE.map((_, index) => sheet?.getCell(`A${index + 2}`))
    expect(names.map((cell) => cell?.formula)).toEqual(HOSTILE.map(() => undefined))
    expect(names.map((cell) => cell?.value)).toEqual(HOSTILE)
  })

  test('as CSV: no text runs, and numbers are numbers', async () => {
    const back = await convert('hostile.csv', writeCsv(table), 'xlsx')
    const sheet = (await load(back)).worksheets[0]
    const names = HOSTILE.map((_, index) => sheet?.getCell(`A${index + 2}`))
    expect(names.map((cell) => cell?.formula)).toEqual(HOSTILE.map(() => undefined))
    expect(HOSTILE.map((_, index) => sheet?.getCell(`B${index + 2}`).value)).toEqual(
      HOSTILE.map((_, index) => Number(`-${index}.1`)),
    )
    expect(parse(writeCsv(table), { bom: true })).toHaveLength(HOSTILE.length + 1)
  })
})
