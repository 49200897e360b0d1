import ExcelJS from 'exceljs'
import { describe, expect, test } from 'vitest'
import { type CustomerRecord, readCustomersWorkbook } from '../../../src/main/exchange/customers-in.ts'
import { writeCustomersTemplate } from '../../../src/main/exchange/templates.ts'

const cards = [
  { id: 'std', name: 'Standard' },
  { id: 'old', name: 'Old' },
]
const acme: CustomerRecord = {
  id: '007',
  name: '=Acme & "sons"',
  email: 'pay@acme.example',
  currency: 'USD',
  tenants: ['acme-eu', '-acme'],
  rateCardId: 'std',
}
const beta: CustomerRecord = {
  id: 'B',
  name: 'Beta',
  email: null,
  currency: null,
  tenants: [],
  rateCardId: null,
}
const HEADER = 'Customer ID,Customer name,Email,Currency,Tenants,Rate card\r\n'
const csv = (text: string) => new TextEncoder().encode(text)
const readCsv = (rows: string, existing: readonly CustomerRecord[] = []) =>
  readCustomersWorkbook(csv(HEADER + rows), existing, cards)
const messages = async (rows: string, existing: readonly CustomerRecord[] = []) =>
  (await readCsv(rows, existing)).issues.map(({ message }) => message)

/** A workbook with the header and these cells below it. */
const workbook = async (fill: (sheet: ExcelJS.Worksheet) => void): Promise<Uint8Array> => {
  const book = new ExcelJS.Workbook()
  const sheet = book.addWorksheet('Customers')
  sheet.addRow(['Customer ID', 'Customer name', 'Email', 'Currency', 'Tenants', 'Rate card'])
  fill(sheet)
  return new Uint8Array(await book.xlsx.writeBuffer())
}

describe('customers', () => {
  test('what is written is read back equal', async () => {
    const bytes = await writeCustomersTemplate([acme, beta], 0)
    const fresh = await readCustomersWorkbook(bytes, [], cards)
    expect(fresh.issues).toEqual([])
    expect(fresh.result).toEqual([acme, beta])
    expect(fresh.rows.map(({ row, state }) => [row, state])).toEqual([
      [2, 'new'],
      [3, 'new'],
    ])
    const again = await readCustomersWorkbook(bytes, [acme, beta], cards)
    expect(again.rows.map(({ state }) => state)).toEqual(['unchanged', 'unchanged'])
    expect(again.result).toEqual([])
  })

  test('the empty template has no customers, and its examples are not read', async () => {
    const { result, issues } = await readCustomersWorkbook(await writeCustomersTemplate([], 0), [], cards)
    expect([result, issues.map(({ message }) => message)]).toEqual([
      null,
      ['Customers has no customers below its header. Add one a row.'],
    ])
  })

  test('one tenant a row, or several in one; rows of a customer need not repeat', async () => {
    const { result, rows } = await readCsv(
      'A,Acme,,usd,one,Standard\r\nA,,,,two;three,\r\n\r\nB,Beta,,,,\r\n',
      [beta],
    )
    expect(result).toEqual([
      {
        id: 'A',
        name: 'Acme',
        email: null,
        currency: 'USD',
        tenants: ['one', 'two', 'three'],
        rateCardId: 'std',
      },
    ])
    expect(rows.map(({ row, state }) => [row, state])).toEqual([
      [2, 'new'],
      [3, 'new'],
      [5, 'unchanged'],
    ])
  })

  test('a column that the file lacks leaves what is known; an empty cell empties it', async () => {
    const changed = { ...acme, name: 'Acme' }
    const narrow = await readCustomersWorkbook(csv('Customer ID;Customer name\n007;Acme\n'), [acme], cards)
    expect(narrow.result).toEqual([changed])
    expect((await readCsv('007,Acme,,,,', [acme])).result).toEqual([
      { ...changed, email: null, currency: null, tenants: [], rateCardId: null },
    ])
  })

  test.each<[string, string, string]>([
    [
      'no ID',
      ',Acme,,,,',
      'CSV, row 2, column Customer ID: the customer has no ID; give it one that no other customer has.',
    ],
    ['no name', 'A,,,,,', 'CSV, row 2, column Customer name: the customer has no name; give it one.'],
    [
      'email',
      'A,Acme,acme.example,,,',
      'CSV, row 2, column Email: "acme.example" is no email address; write one such as billing@example.com, or leave it empty.',
    ],
    [
      'currency',
      'A,Acme,,dollar,,',
      'CSV, row 2, column Currency: "dollar" is no currency code; write three letters such as USD, or leave it empty.',
    ],
    [
      'rate card',
      'A,Acme,,,,Gold',
      'CSV, row 2, column Rate card: there is no rate card "Gold"; write the ID or name of one that exists, or leave it empty.',
    ],
    [
      'two names',
      'A,Acme,,,x,\r\nA,Akme,,,y,',
      'CSV, row 3, column Customer name: "Akme" differs from "Acme" in row 2 of the same customer; write one of them in both.',
    ],
    [
      'a tenant of two',
      'A,Acme,,,x,\r\nC,Ceta,,,y;x,',
      'CSV, row 3, column Tenants: the tenant "x" already belongs to customer "A"; a tenant has one customer. Remove it from one of the two.',
    ],
    [
      'a tenant of another in the book',
      'A,Acme,,,acme-eu,',
      'CSV, row 2, column Tenants: the tenant "acme-eu" already belongs to customer "007"; a tenant has one customer. Remove it from one of the two.',
    ],
  ])('%s: in words, and nothing is half-applied', async (_, rows, message) => {
    const preview = await readCsv(`${rows}\r\nGood,Good,,,,`, [acme])
    expect(preview.issues.map((issue) => issue.message)).toEqual([message])
    expect(preview.result).toBeNull()
    expect(preview.rows.at(-1)?.state).toBe('new')
    expect(preview.rows.some(({ state }) => state === 'error')).toBe(true)
  })

  test('a tenant may move between customers that are both in the file', async () => {
    expect(await messages('007,Acme,,,,\r\nA,Other,,,acme-eu,', [acme])).toEqual([])
  })

  test('every kind of cell', async () => {
    const bytes = await workbook((sheet) => {
      sheet.addRow([
        7,
        { richText: [{ text: 'Ac' }, { text: 'me ' }] },
        { text: 'a@b.example', hyperlink: 'mailto:a@b.example' },
      ])
      sheet.addRow([{ formula: '1+1', result: 2 }, { formula: '"Be"&"ta"', result: 'Beta' }, null, null, 'x'])
      sheet.addRow([0.1 + 0.2, 'Merged', null, null, 'one'])
      sheet.addRow([null, null, null, null, 'two'])
      sheet.mergeCells('A4:A5')
    })
    const { result, issues } = await readCustomersWorkbook(bytes, [], cards)
    expect(issues).toEqual([])
    expect(result?.map(({ id, name, email, tenants }) => [id, name, email, tenants])).toEqual([
      ['7', 'Acme', 'a@b.example', []],
      ['2', 'Beta', null, ['x']],
      ['0.3', 'Merged', null, ['one', 'two']],
    ])
  })

  test('cells that cannot be read', async () => {
    const bytes = await workbook((sheet) => {
      sheet.addRow(['A', { formula: 'X1' }])
      sheet.addRow(['B', { error: '#N/A' }])
      sheet.addRow(['C', 'Ceta', 'merged'])
      sheet.mergeCells('B4:C4')
      sheet.addRow(['D', new Date('2026-10-01T12:00:00Z')])
    })
    const { result, issues } = await readCustomersWorkbook(bytes, [], cards)
    expect(result).toBeNull()
    expect(issues.filter(({ code }) => code === 'cell_cannot_be_read').map(({ message }) => message)).toEqual(
      [
        'Customers, row 2, column Customer name: the cell holds a formula without a stored value; save the file in Excel, or write the value.',
        'Customers, row 3, column Customer name: the cell holds the error #N/A; mend its formula or write the value.',
        'Customers, row 4, column Email: the cell is merged with the cell to its left; unmerge them and fill in each.',
        'Customers, row 5, column Customer name: the cell holds a time of day; write the day alone, as YYYY-MM-DD.',
      ],
    )
  })

  test('columns missing, and columns that are not read', async () => {
    const preview = await readCustomersWorkbook(csv('Note,customer  id *\nx,A\n'), [], cards)
    expect(preview.issues.map(({ severity, message }) => [severity, message]).slice(0, 2)).toEqual([
      ['error', 'CSV, row 1, column Customer name: the header lacks this column; add it.'],
      ['warning', 'CSV, row 1, column Note: this column is not read.'],
    ])
    expect(preview.result).toBeNull()
  })
})

describe('files', () => {
  const only = async (bytes: Uint8Array) => {
    const { rows, issues, result } = await readCustomersWorkbook(bytes, [], cards)
    return [rows.length, result, ...issues.map(({ message }) => message)]
  }
  const utf16 = (text: string) => new Uint8Array(Buffer.from(`\uFEFF${text}`, 'utf16le'))

  test.each<[string, Uint8Array, string]>([
    ['empty', new Uint8Array(), 'The file is empty. Nothing was read. Fill in the template and save it.'],
    [
      'old Excel',
      new Uint8Array([0xd0, 0xcf, 0x11, 0xe0, 1]),
      'The file is an old Excel workbook (.xls) or has a password. Nothing was read. Save it as .xlsx without a password.',
    ],
    [
      'damaged',
      new Uint8Array([0x50, 0x4b, 3, 4, 0]),
      'The file looks like an Excel workbook and cannot be opened: it is damaged or has a password. Nothing was read. Save it again as .xlsx without a password.',
    ],
    [
      'Latin-1',
      new Uint8Array([0x48, 0xf6, 0x66]),
      'The file is neither an Excel workbook nor CSV in UTF-8. Nothing was read. Save it as .xlsx, or as "CSV UTF-8".',
    ],
    [
      'no header',
      csv('a,b\n1,2\n'),
      'No sheet has a header with the column "Customer ID". Nothing was read. Start from the template and keep its header row.',
    ],
    [
      'too large',
      new Uint8Array(20 * 1024 * 1024 + 1),
      'The file has 20971521 bytes and at most 20971520 are read. Nothing was read. Remove what is not needed from it.',
    ],
  ])('%s', async (_, bytes, message) => expect(await only(bytes)).toEqual([0, null, message]))

  test('a workbook that would fill the memory is not unpacked', async () => {
    const bytes = await writeCustomersTemplate([acme], 0)
    const view = new DataView(bytes.buffer)
    for (let at = 0; at + 46 <= bytes.length; at += 1)
      if (view.getUint32(at, true) === 0x02014b50) view.setUint32(at + 24, 0x7fffffff, true)
    expect(await only(bytes)).toEqual([
      0,
      null,
      'The workbook is far larger inside than a template can be. Nothing was read. Copy your rows into a fresh template.',
    ])
  })

  test('an open quote', async () => {
    const [rows, result, message] = await only(csv(`${HEADER}A,"Acme`))
    expect([rows, result]).toEqual([0, null])
    expect(message).toMatch(
      /^The file cannot be read as CSV: Quote Not Closed: .* Nothing was read\. Mend the quotes/,
    )
  })

  test.each([
    ['byte order mark', csv(`\uFEFF${HEADER}A,Höfn,,,,`)],
    ['UTF-16', utf16(`${HEADER}A,Höfn,,,,`)],
    ['semicolons', csv('Customer ID;Customer name;Tenants\nA;Höfn;"x;y"\n')],
    ['tabs', csv('Customer ID\tCustomer name\nA\tHöfn\n')],
    ['quoted newline', csv(`${HEADER}A,Höfn,,,"x\ny",\n`)],
    ['apostrophe', csv(`${HEADER}A,Höfn,,,'=x,\n`)],
  ])('%s', async (_, bytes) => {
    const { result, issues } = await readCustomersWorkbook(bytes, [], cards)
    expect(issues).toEqual([])
    expect(result?.[0]).toMatchObject({ id: 'A', name: 'Höfn' })
  })
})

test('what no answer of the contract has room for is refused, since every list would fail with it', async () => {
  const long = 'x'.repeat(501)
  expect(await messages(`Acme Inc,Acme,a..b@x.y,,\r\nb,${long},,,${long}\r\n`)).toEqual([
    'CSV, row 2, column Customer ID: "Acme Inc" may hold letters, digits and - _ . : @ only, at most 128 of them; write another one.',
    'CSV, row 2, column Email: "a..b@x.y" is no email address; write one such as billing@example.com, or leave it empty.',
    `CSV, row 3, column Customer name: "${'x'.repeat(60)}…" is longer than 200 characters; shorten it.`,
    `CSV, row 3, column Tenants: the tenant "${'x'.repeat(60)}…" is longer than 500 characters, which no usage can name.`,
  ])
})
