import ExcelJS from 'exceljs'
import { expect, test } from 'vitest'
import type { Issue } from '../../../src/domain/issue.ts'
import { readPastInvoicesWorkbook } from '../../../src/main/exchange/past-invoices-in.ts'
import { readPastInvoicesJson } from '../../../src/main/exchange/past-invoices-json.ts'
import { writePastInvoicesTemplate } from '../../../src/main/exchange/past-invoices-template.ts'

type Rows = readonly (readonly (string | number)[])[]

/** The template with these rows in its two sheets. */
const filled = async (lines: Rows, left: Rows = []) => {
  const workbook = new ExcelJS.Workbook()
  const bytes = await writePastInvoicesTemplate(0)
  await workbook.xlsx.load(bytes.slice().buffer as unknown as ExcelJS.Buffer)
  for (const [sheet, rows] of [
    ['Earlier invoices', lines],
    ['Left over', left],
  ] as const)
    rows.forEach((row, index) => {
      row.forEach((value, column) => {
        const cell = workbook.getWorksheet(sheet)?.getCell(index + 2, column + 1)
        if (cell !== undefined) cell.value = value
      })
    })
  return new Uint8Array((await workbook.xlsx.writeBuffer()) as ArrayBuffer)
}
const nothing = (): readonly Issue[] => []
const messages = (issues: readonly Issue[]) => issues.map(({ message }) => message)

test('lines with one number are one invoice, and the second sheet says what it left', async () => {
  const file = await filled(
    [
      ['2025-0117', 'acme', '2025-12', 'USD', 'API calls', 1200.5, 1500.5],
      ['2025-0117', 'acme', '2025-12', 'USD', 'Support', 300, 1500.5, '', 'support'],
      ['2026-0003', 'acme', '2026-01', 'USD', 'Credit note', -20],
    ],
    [
      ['2025-0117', 'Credit', 'welcome', 5000, 1250],
      ['2025-0117', 'commitment', 'yearly', '', 48000, '2025-07'],
      ['2026-0003', 'discount', 'launch', '', 150],
      ['2026-0003', 'included units', 'calls', '', 900, '2026-01'],
    ],
  )
  const { result, rows } = await readPastInvoicesWorkbook(file, nothing)
  expect(result).toEqual([
    {
      number: '2025-0117',
      customerId: 'acme',
      month: '2025-12',
      currency: 'USD',
      lines: [
        { description: 'API calls', amount: '1200.5' },
        { description: 'Support', amount: '300', chargeId: 'support' },
      ],
      total: '1500.5',
      balances: {
        credits: [{ grantId: 'welcome', amount: '5000', left: '1250' }],
        commitments: [{ id: 'yearly', periodStart: '2025-07', counted: '48000' }],
      },
    },
    {
      number: '2026-0003',
      customerId: 'acme',
      month: '2026-01',
      currency: 'USD',
      lines: [{ description: 'Credit note', amount: '-20' }],
      total: '-20',
      balances: {
        discounts: [{ id: 'launch', taken: '150' }],
        allowances: [{ key: 'calls', month: '2026-01', left: '900' }],
      },
    },
  ])
  expect(rows.map(({ state }) => state)).toEqual(['new', 'new', 'new'])
})

test('every fault names its row and what to write, and nothing is kept', async () => {
  const file = await filled(
    [
      ['1', 'acme', 'last year', 'USD', 'Calls', 'much'],
      ['1', 'globex', 'last year', 'USD', '', 5],
      ['', 'acme', '2025-12', 'USD', 'Calls', 5],
    ],
    [
      ['2', 'credit', 'c', 5, 5],
      ['1', 'wish', 'c', 5, 5],
    ],
  )
  const { result, issues } = await readPastInvoicesWorkbook(file, nothing)
  expect(result).toBeNull()
  expect(messages(issues)).toEqual([
    'Left over, row 2, column Left by invoice: the sheet Earlier invoices has no invoice "2".',
    'Left over, row 3, column What: "wish" is none of credit, commitment, discount, included units.',
    'Earlier invoices, row 2, column Amount: "much" is no amount; write one such as 1200.50.',
    'Earlier invoices, row 2, column Month: "last year" is no month; write one such as 2025-12.',
    'Earlier invoices, row 3, column Customer ID: "globex" differs from "acme" in row 2 of the same invoice; write one of them in both.',
    'Earlier invoices, row 3, column Description: the line says nothing; write what it is for.',
    'Earlier invoices, row 4, column Invoice number: the line names no invoice; give its number.',
  ])
})

test('what the book has against an invoice is said at its first row', async () => {
  const file = await filled([
    ['1', 'acme', '2025-12', 'USD', 'Calls', 5],
    ['2', 'acme', '2026-01', 'USD', 'Calls', 5],
  ])
  const { rows, result } = await readPastInvoicesWorkbook(file, () => [
    { severity: 'error', code: 'month_is_closed', message: '2: January 2026 is closed.', row: 2 },
  ])
  expect(rows.map(({ state, issues }) => [state, messages(issues)])).toEqual([
    ['new', []],
    ['error', ['Earlier invoices, row 3: 2: January 2026 is closed.']],
  ])
  expect(result).toBeNull()
})

test('the template as it is has no rows, which is said', async () => {
  const { issues } = await readPastInvoicesWorkbook(await writePastInvoicesTemplate(0), nothing)
  expect(messages(issues)).toEqual([
    'Earlier invoices has no invoices below its header. Add a row for each line.',
  ])
})

test('a JSON list is read by its schema', () => {
  const list = [
    {
      number: '1',
      customerId: 'acme',
      month: '2025-12',
      currency: 'USD',
      lines: [{ description: 'Calls', amount: '5' }],
      total: '5',
    },
  ]
  expect(readPastInvoicesJson(JSON.stringify(list), nothing)).toMatchObject({
    result: list,
    rows: [{ row: 1, state: 'new', values: { number: '1', total: '5 USD' } }],
  })
  const wrong = readPastInvoicesJson(JSON.stringify([{ ...list[0], lines: [] }]), nothing)
  expect(wrong.result).toBeNull()
  expect(messages(wrong.issues)[0]).toContain('Row 1, lines: ')
  expect(
    messages(readPastInvoicesJson(JSON.stringify([{ ...list[0], number: 7, invoice: 'x' }]), nothing).issues),
  ).toEqual([
    'Row 1, number: this is no text in quotes.',
    'Row 1: “invoice” is no name that is known here; mend its spelling, or leave it out.',
  ])
  const { month: _, ...monthless } = list[0] as object & { readonly month?: string }
  expect(messages(readPastInvoicesJson(JSON.stringify([monthless]), nothing).issues)).toEqual([
    'Row 1, month: it is missing; write it.',
  ])
  expect(messages(readPastInvoicesJson('{', nothing).issues)).toEqual([
    'The file is no JSON. Nothing was read; write a list as docs/formats says.',
  ])
})

const without = async (bytes: Uint8Array, change: (workbook: ExcelJS.Workbook) => void) => {
  const workbook = new ExcelJS.Workbook()
  await workbook.xlsx.load(bytes.slice().buffer as unknown as ExcelJS.Buffer)
  change(workbook)
  return new Uint8Array((await workbook.xlsx.writeBuffer()) as ArrayBuffer)
}
const ONE_LINE: Rows = [['2025-0117', 'acme', '2025-12', 'USD', 'API calls', 1500.5]]

test('where the second sheet was taken out, the examples are read in its place by nobody', async () => {
  const file = await without(await filled(ONE_LINE), (workbook) => workbook.removeWorksheet('Left over'))
  const { result, issues } = await readPastInvoicesWorkbook(file, nothing)
  expect(messages(issues)).toEqual([])
  expect(result?.[0]).not.toHaveProperty('balances')
})

test('a second sheet whose header is no longer the template’s is a fault, and not passed over', async () => {
  const file = await without(
    await filled(ONE_LINE, [['2025-0117', 'credit', 'welcome', 5000, 1250]]),
    (workbook) => {
      const title = workbook.getWorksheet('Left over')?.getCell(1, 1)
      if (title !== undefined) title.value = 'Invoice'
    },
  )
  const { result, issues } = await readPastInvoicesWorkbook(file, nothing)
  expect(result).toBeNull()
  expect(messages(issues)).toEqual([
    'No sheet has a header with the column "Left by invoice". Nothing was read. Start from the template and keep its header row.',
  ])
})

test('what the contract refuses of JSON is refused of a workbook', async () => {
  const file = await filled(
    [
      ['1', 'acme', '2025-12', 'USD', 'Calls', '1e70'],
      ['2', 'acme', '2025-11', 'USD', 'C'.repeat(501), 5],
      ['3', 'acme', '2025-10', 'USD', 'Calls', 5, '', '', 'a charge'],
    ],
    [['3', 'credit', 'c', '1e70', 5]],
  )
  const { result, issues } = await readPastInvoicesWorkbook(file, nothing)
  expect(result).toBeNull()
  const fine = 'a decimal number of at most 60 digits before the point and 60 after it'
  const large = `"1e70" is too long; write ${fine}.`
  expect(messages(issues)).toEqual([
    `Left over, row 2, column Granted: ${large}`,
    `Earlier invoices, row 2, column Amount: ${large}`,
    `Earlier invoices, row 3, column Description: "${'C'.repeat(60)}" is longer than 500 characters; shorten it.`,
    'Earlier invoices, row 4, column Charge ID: "a charge" may hold letters, digits and - _ . : @ only, at most 128 of them; write another one.',
  ])
})
