/**
 * The workbooks people fill in: an empty form or what the book holds now, with examples and a page of help
 * beside it. What is written here is read back by `customers-in.ts` and `rate-card-in.ts` unchanged.
 */
import type ExcelJS from 'exceljs'
import type { DecimalText } from '../../domain/decimal.ts'
import type { Metric } from '../../domain/metric.ts'
import type { Charge } from '../../domain/pricing/ratecard.ts'
import { SETTING_WORDS, settingsText } from './card-settings.ts'
import { contentFor, type TableColumn } from './cells.ts'
import { chargeCells } from './charge-cells.ts'
import { CHARGE_COLUMNS } from './charge-columns.ts'
import { OPTION_WORDS } from './charge-options.ts'
import { CUSTOMER_COLUMNS, CUSTOMERS_SHEET, type CustomerRecord } from './customers-in.ts'
import { HEADER_FILL, HEADER_FONT, newWorkbook, workbookBytes } from './formula-sheet.ts'
import { HEAD_LABELS, RATE_CARD_SHEET, type RateCardDraft } from './rate-card-in.ts'
import { csvLines } from './table.ts'

export const TEXT: TableColumn = { key: 'text', title: '', kind: 'text' }
const NUMBER: TableColumn = { key: 'number', title: '', kind: 'quantity' }
const DAY: TableColumn = { key: 'day', title: '', kind: 'date' }

export type Row = readonly (readonly [TableColumn, string | null])[]

/** Numbers keep Excel's general format: a price such as 0.0004 must not be shown as 0.00. */
const putRow = (worksheet: ExcelJS.Worksheet, number: number, row: Row): void => {
  row.forEach(([column, value], index) => {
    const cell = worksheet.getCell(number, index + 1)
    cell.value = contentFor(column, value)
    if (column.kind === 'date') cell.numFmt = 'yyyy-mm-dd'
  })
}

/** Rows of the form whose text columns are formatted as text, so that an ID such as 007 stays as typed. */
const FORM_ROWS = 200

export const addForm = (
  worksheet: ExcelJS.Worksheet,
  headerRow: number,
  columns: readonly { readonly title: string; readonly width: number; readonly column: TableColumn }[],
  rows: readonly Row[],
): void => {
  columns.forEach(({ title, width, column }, index) => {
    worksheet.getColumn(index + 1).width = width
    const header = worksheet.getCell(headerRow, index + 1)
    header.value = title
    header.font = HEADER_FONT
    header.fill = HEADER_FILL
    if (column.kind === 'text')
      for (let row = headerRow + 1; row <= headerRow + Math.max(FORM_ROWS, rows.length); row += 1)
        worksheet.getCell(row, index + 1).numFmt = '@'
  })
  rows.forEach((row, index) => {
    putRow(worksheet, headerRow + 1 + index, row)
  })
}

export const addHelp = (workbook: ExcelJS.Workbook, lines: readonly string[]): void => {
  const worksheet = workbook.addWorksheet('How to')
  worksheet.getColumn(1).width = 110
  lines.forEach((line, index) => {
    worksheet.getCell(index + 1, 1).value = line
  })
}

export const frozenAt = (row: number) => ({ views: [{ state: 'frozen' as const, ySplit: row }] })

const CUSTOMER_WIDTHS = [16, 28, 28, 10, 40, 18]

const customerRow = (customer: CustomerRecord): Row =>
  [
    customer.id,
    customer.name,
    customer.email,
    customer.currency,
    customer.tenants.join('; '),
    customer.rateCardId,
  ].map((value) => [TEXT, value] as const)

const EXAMPLE_CUSTOMERS: readonly Row[] = [
  [
    'C-1001',
    'Northwind Traders',
    'billing@northwind.example',
    'USD',
    'northwind-eu; northwind-us',
    'standard',
  ],
  ['C-1002', 'Fabrikam', 'accounts@fabrikam.example', 'USD', 'fabrikam', 'standard'],
  ['C-1003', 'Contoso', null, 'USD', 'contoso-production', 'standard'],
  ['C-1003', null, null, null, 'contoso-staging', null],
].map((row) => row.map((value) => [TEXT, value] as const))

/** The customers' workbook: filled with the customers given, or empty. */
export const writeCustomersTemplate = (
  customers: readonly CustomerRecord[],
  writtenAtMs: number,
): Promise<Uint8Array> => {
  const workbook = newWorkbook(writtenAtMs)
  const columns = CUSTOMER_COLUMNS.map(({ title }, index) => ({
    title,
    width: CUSTOMER_WIDTHS[index] ?? 16,
    column: TEXT,
  }))
  addForm(workbook.addWorksheet(CUSTOMERS_SHEET, frozenAt(1)), 1, columns, customers.map(customerRow))
  addForm(workbook.addWorksheet('Example', frozenAt(1)), 1, columns, EXAMPLE_CUSTOMERS)
  addHelp(workbook, [
    'Fill in the sheet "Customers"; the sheet "Example" is not read.',
    'Customer ID: yours, kept for ever. Invoices and contracts name it.',
    'Tenants: the names that usage and cost carry. Several are separated by semicolons, or stand on a row each with the same Customer ID.',
    'Rate card: the ID or name of one that exists. Currency: three letters. Email and currency may be empty.',
    'A customer that exists is changed to what its rows say; an empty cell empties the field. Customers that are not listed stay as they are.',
    'You see what would change, row by row, before anything is saved. One error and nothing is saved.',
  ])
  return workbookBytes(workbook)
}

const CHARGE_WIDTHS = [18, 28, 20, 18, 12, 14, 14, 12, 12, 10, 24, 16, 60, 10]

/** Columns of numbers; the others are text, so that an ID such as 007 stays as typed. */
const NUMERIC: ReadonlySet<string> = new Set(['per', 'upTo', 'unitAmount', 'amount', 'flatAmount', 'percent'])

const chargeRows = (charge: Charge, currency: string | null): readonly Row[] =>
  chargeCells(charge).map((cells) =>
    CHARGE_COLUMNS.map(
      ({ key }) =>
        [NUMERIC.has(key) ? NUMBER : TEXT, (key === 'currency' ? currency : cells[key]) ?? null] as const,
    ),
  )

/** The card's own prices, then those in each other currency. */
const cardRows = (card: RateCardDraft | null): readonly Row[] => [
  ...(card?.charges ?? []).flatMap((charge) => chargeRows(charge, null)),
  ...Object.entries(card?.otherCurrencies ?? {}).flatMap(([currency, charges]) =>
    charges.flatMap((charge) => chargeRows(charge, currency)),
  ),
]

const headRows = (card: RateCardDraft | null): readonly Row[] =>
  [
    [HEAD_LABELS.id, TEXT, card?.id],
    [HEAD_LABELS.name, TEXT, card?.name],
    [HEAD_LABELS.currency, TEXT, card?.currency],
    [HEAD_LABELS.effectiveFrom, DAY, card?.effectiveFrom],
    [HEAD_LABELS.settings, TEXT, card === null ? null : settingsText(card.settings)],
  ].map(([label, column, value]) => [
    [TEXT, label as string],
    [column as TableColumn, (value as string | null | undefined) ?? null],
  ])

const decimal = (text: string): DecimalText => text as DecimalText

const EXAMPLE_CARD: RateCardDraft = {
  id: 'standard',
  name: 'Standard',
  currency: 'USD',
  effectiveFrom: '2026-01-01',
  charges: [
    { kind: 'flat_fee', id: 'platform', name: 'Platform fee', amount: decimal('500') },
    {
      kind: 'per_unit',
      id: 'egress',
      name: 'Data out',
      metric: 'egress.gb',
      unitAmount: decimal('0.08'),
      per: decimal('1'),
    },
    {
      kind: 'graduated',
      id: 'calls',
      name: 'API calls',
      metric: 'api.calls',
      per: decimal('1000'),
      tiers: [
        { upTo: decimal('1000000'), unitAmount: decimal('0.5') },
        { upTo: decimal('10000000'), unitAmount: decimal('0.4') },
        { upTo: null, unitAmount: decimal('0.3') },
      ],
    },
    {
      kind: 'matrix',
      id: 'calls-by-region',
      name: 'API calls by region',
      metric: 'api.calls',
      dimensions: ['region', 'plan'],
      cells: [
        {
          values: ['eu', 'pro'],
          price: { kind: 'per_unit', unitAmount: decimal('0.2'), per: decimal('1000') },
        },
        {
          values: ['eu', null],
          price: { kind: 'per_unit', unitAmount: decimal('0.3'), per: decimal('1000') },
        },
        {
          values: [null, null],
          price: { kind: 'per_unit', unitAmount: decimal('0.5'), per: decimal('1000') },
        },
      ],
      minimum: decimal('50'),
    },
  ],
}

/** Below the head block. */
const CHARGES_ROW = 6

const addCard = (worksheet: ExcelJS.Worksheet, card: RateCardDraft | null): void => {
  const columns = CHARGE_COLUMNS.map(({ key, title }, index) => ({
    title,
    width: CHARGE_WIDTHS[index] ?? 14,
    column: NUMERIC.has(key) ? NUMBER : TEXT,
  }))
  headRows(card).forEach((row, index) => {
    putRow(worksheet, index + 1, row)
    worksheet.getCell(index + 1, 1).font = HEADER_FONT
    worksheet.getCell(index + 1, 2).alignment = { horizontal: 'left' }
  })
  addForm(worksheet, CHARGES_ROW, columns, cardRows(card))
}

/** The version as CSV in the workbook's layout, with every digit. */
export const writeRateCardCsv = (card: RateCardDraft): string => {
  const titles: Row = CHARGE_COLUMNS.map(({ title }) => [TEXT, title])
  return csvLines([...headRows(card), titles, ...cardRows(card)])
}

/** The rate card's workbook: filled with the version given, or empty. `metrics` are listed on a sheet of their own. */
export const writeRateCardTemplate = (
  card: RateCardDraft | null,
  metrics: readonly Pick<Metric, 'metric' | 'name' | 'unit'>[],
  writtenAtMs: number,
): Promise<Uint8Array> => {
  const workbook = newWorkbook(writtenAtMs)
  addCard(workbook.addWorksheet(RATE_CARD_SHEET, frozenAt(CHARGES_ROW)), card)
  addCard(workbook.addWorksheet('Example', frozenAt(CHARGES_ROW)), EXAMPLE_CARD)
  const list = workbook.addWorksheet('Metrics', frozenAt(1))
  const titles = ['Metric', 'Its name', 'Unit'].map((title) => ({ title, width: 24, column: TEXT }))
  addForm(
    list,
    1,
    titles,
    metrics.map(({ metric, name, unit }) => [metric, name, unit].map((value) => [TEXT, value] as const)),
  )
  addHelp(workbook, [
    'Fill in the sheet "Rate card"; the sheet "Example" is not read.',
    "Above the table: the card's ID, name, currency and the first day on which these prices hold, as 2026-10-01.",
    `Settings: ${SETTING_WORDS.join('; ')}. Empty: those of the version before; default: what stands first here.`,
    'A flat fee has an Amount: so much a month.',
    'A per unit charge has a Metric and a Unit amount for every Per units (1 if empty): 0.40 per 1000.',
    'Graduated, volume and graduated percentage charges take one row for each tier, with the same Charge ID: units up to and including "Tier up to" cost its Unit amount (or Percent), and its Flat amount once; the last tier\'s edge is empty. A stair-step charge has an Amount for each step.',
    'A package has an Amount for each block of Per units; "package by share" in "Price by" counts the last block by its share.',
    'A matrix takes rows for each cell: "Applies to" says a value for each dimension, as "eu | any"; "Price by" how the cell is priced. Bands of the day are written "Nights | 22-6 | Mon, Tue", and "otherwise" for all other hours.',
    'Percentage, percentage of revenue and cost plus have a Percent.',
    `Options stand in one cell of the charge's first row, apart by semicolons: ${OPTION_WORDS.join('; ')}. A backslash before ; | : takes its meaning from it.`,
    "Currency: on every row of a charge whose prices are in another currency; the same Charge IDs, kinds and metrics as in the card's own.",
    'Words of other products are understood where they mean one thing only.',
    'Metrics are on the sheet "Metrics". Prices are kept exactly as written, up to the 15 digits that Excel keeps.',
    'A card that exists gets a new version; charges that are not listed end with it. One error and nothing is saved.',
  ])
  return workbookBytes(workbook)
}
