/** The bench of attribution rules: a pasted row, proposals, coverage, and the workbook there and back. */
import ExcelJS from 'exceljs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AttributionRule } from '../../../src/domain/attribution/rule.ts'
import type { Month } from '../../../src/domain/period.ts'
import { readRulesWorkbook } from '../../../src/main/exchange/rules-in.ts'
import { writeRulesTemplate } from '../../../src/main/exchange/rules-template.ts'
import { focus, type House, openHouse } from './house.ts'

const MONTH = '2026-10' as Month
const byApp: AttributionRule = {
  id: 'app',
  name: 'App tag',
  conditions: [{ field: 'tag:app', operator: 'present', value: '' }],
  target: { kind: 'value' },
  startDay: '2026-10-10',
}

let house: House
beforeAll(async () => {
  house = await openHouse()
  await house.take(
    'cost.csv',
    focus([
      { day: '2026-10-09', service: 'EC2', billed: '1', app: 'acme' },
      { day: '2026-10-10', service: 'EC2', billed: '2', app: 'acme' },
      { day: '2026-10-11', service: 'S3', billed: '5' },
    ]),
  )
  await house.client.rules.save({ rules: [byApp], expectedVersion: 0 })
})
afterAll(() => house.close())

describe('a pasted row', () => {
  const csv = 'ServiceName,ChargePeriodStart,x_Team,Tags\nEC2,2026-10-15T00:00:00Z,core,"{""app"": ""acme""}"'
  test.each<[string, { row: string; day?: string }, object]>([
    [
      'CSV with its header',
      { row: csv },
      {
        day: '2026-10-15',
        ruleId: 'app',
        tenant: 'acme',
        notRead: ['x_Team'],
        sentence: 'On 2026-10-15 the rule “App tag” takes this row for tenant acme, which no customer has.',
      },
    ],
    [
      'before the rule holds',
      { row: csv, day: '2026-10-01' },
      {
        ruleId: null,
        sentence: 'On 2026-10-01 no rule takes this row: its cost would be unattributed.',
        rules: [
          {
            ruleId: 'app',
            name: 'App tag',
            outcome: 'not_in_force',
            words: 'It is not in force on 2026-10-01: it holds from 2026-10-10 on.',
          },
        ],
      },
    ],
    [
      'JSON by FOCUS columns, with tags as an object',
      { row: '{"ServiceName": "S3", "Tags": {"app": "bolt"}, "ChargePeriodStart": "2026-11-01"}' },
      { tenant: 'bolt', attributes: { service: 'S3', provider: '', charge_category: '', 'tag:app': 'bolt' } },
    ],
    [
      'cells copied from a spreadsheet, with the quotes of JSON as they are',
      {
        row: 'ServiceName\tSubAccountId\tTags\nS3\t012345678901\t{"app": "bolt", "a b": null}',
        day: '2026-11-01',
      },
      { tenant: 'bolt', attributes: { sub_account: '012345678901', 'tag:app': 'bolt', 'tag:a b': '' } },
    ],
    [
      'a row without tags',
      { row: 'ServiceName,Tags\nS3,NULL', day: '2026-11-01' },
      { tenant: null, attributes: { service: 'S3' } },
    ],
    [
      'JSON by our names',
      { row: '{"service": "S3", "tag:app": "bolt"}', day: '2026-11-01' },
      { tenant: 'bolt' },
    ],
  ])('%s', async (_, input, expected) => expect(await house.client.rules.try(input)).toMatchObject(expected))

  test.each([
    ['EC2,2026', 'There is one line only. Paste the header line and one row below it, or a JSON object.'],
    [
      'a,b\n1,2',
      'No column of the row is a FOCUS column such as ServiceName, SubAccountId or Tags. Paste the header line too.',
    ],
    ['ServiceName\na\nb', 'There is more than one row below the header. Paste one; each is tried by itself.'],
    [
      'ServiceName\tTags\nS3\tapp=bolt',
      'The Tags of the row are not a JSON object, as {"application": "acme"}: an import would reject such a row.',
    ],
    [
      '{"ServiceName": "S3", "Tags": "app=bolt"}',
      'The Tags of the row are not a JSON object, as {"application": "acme"}: an import would reject such a row.',
    ],
    [
      '{"ServiceName": ',
      'The text begins like JSON and is no JSON object. Paste one row, as {"ServiceName": "Amazon S3", …}.',
    ],
  ])('%j is told what it lacks', async (row, sentence) => {
    await expect(house.client.rules.try({ row })).rejects.toThrow(sentence)
  })
})

test('coverage and claims count each side of the day on which a rule begins', async () => {
  const claims = await house.client.rules.preview({ rules: [byApp], month: MONTH })
  expect(claims).toMatchObject({ total: '8', attributed: '2', unattributed: '6' })
  expect(
    claims.byService.map(({ key, amount, attributed, attributedShare }) => [
      key,
      amount,
      attributed,
      attributedShare,
    ]),
  ).toEqual([
    ['S3', '5', '0', '0'],
    ['EC2', '3', '2', '66.7'],
  ])
  expect((await house.client.cost.margin({ month: MONTH })).equation).toMatchObject({
    direct: '2',
    unattributed: '6',
    holds: true,
  })
})

test('proposals are of what no rule claims', async () => {
  const { proposals } = await house.client.rules.propose({ month: MONTH })
  expect(proposals.map(({ kind, rule, amount, entries }) => [kind, rule.id, amount, entries])).toEqual([
    ['account', 'by-billing-account', '6', 2],
    ['tag', 'by-app', '1', 1],
  ])
})

describe('the workbook', () => {
  const rules: readonly AttributionRule[] = [
    byApp,
    {
      id: 'two',
      name: '=Two conditions',
      conditions: [
        { field: 'service', operator: 'regex', value: '^(S3|EC2)$' },
        { field: 'tag:team', operator: 'absent', value: '' },
      ],
      target: { kind: 'tenant', tenant: '007' },
      startDay: '2026-01-01',
      endDay: '2026-10-01',
    },
  ]

  test('exported and read back is the same list', async () => {
    await house.client.rules.save({ rules: [...rules], expectedVersion: 1 })
    const file = await house.client.excel.template({ kind: 'rules' })
    const bytes = new Uint8Array(await file.arrayBuffer())
    const preview = await readRulesWorkbook(bytes, rules)
    expect(preview.issues).toEqual([])
    expect(preview.rows.map(({ state }) => state)).toEqual(['unchanged', 'unchanged', 'unchanged'])
    expect(preview.result).toEqual(rules)
  })

  const HEADER = 'Rule ID,Rule name,Field,Operator,Value,Tenant,First day,End day\n'
  const read = (rows: string) => readRulesWorkbook(new TextEncoder().encode(HEADER + rows), rules)

  test('a changed order is a change of the list; what is not listed ends and is named', async () => {
    const preview = await read('new,New,Tag application,is present,,,,\n')
    expect(preview.rows.map(({ state }) => state)).toEqual(['new'])
    expect(preview.issues.map(({ severity, message }) => [severity, message])).toEqual([
      ['warning', '2 rules of the book are not in the file and end with it: App tag, =Two conditions.'],
    ])
    expect(preview.result?.[0]?.conditions).toEqual([
      { field: 'tag:application', operator: 'present', value: '' },
    ])
  })

  test('accounts keep their zeros, however the sheet holds them', async () => {
    const book = new ExcelJS.Workbook()
    const sheet = book.addWorksheet('Rules')
    sheet.addRow(['Rule ID', 'Rule name', 'Field', 'Operator', 'Value', 'Tenant', 'First day', 'End day'])
    sheet.addRow(['a', 'Text', 'sub_account', 'is', '012345678901', 'acme', new Date('2026-04-01T00:00:00Z')])
    sheet.addRow(['b', 'Format', 'sub_account', 'is', 12345678902, { formula: '"t"&"2"', result: 't2' }])
    sheet.getCell('E3').numFmt = '000000000000'
    sheet.addRow(['c', 'Number', 'sub_account', 'is', 12345678903, 'acme'])
    const preview = await readRulesWorkbook(new Uint8Array(await book.xlsx.writeBuffer()), [])
    expect(
      preview.result?.map(({ conditions, target, startDay }) => [conditions[0]?.value, target, startDay]),
    ).toEqual([
      ['012345678901', { kind: 'tenant', tenant: 'acme' }, '2026-04-01'],
      ['012345678902', { kind: 'tenant', tenant: 't2' }, undefined],
      ['12345678903', { kind: 'tenant', tenant: 'acme' }, undefined],
    ])
    expect(preview.issues.map(({ severity, message }) => [severity, message])).toEqual([
      [
        'warning',
        'Rules, row 4, column Value: 12345678903 is a number in the sheet, so that zeros it began with are lost; if it had any, format the cell as text and write it again.',
      ],
    ])
  })

  test('tags and values of any characters come back as they were', async () => {
    const odd: readonly AttributionRule[] = [
      {
        id: 'odd',
        name: 'Odd',
        conditions: [
          { field: 'tag:user:Team "Ünï"', operator: 'equals', value: ' ops, & co ' },
          { field: 'tag:"quoted"', operator: 'equals', value: '"x"' },
          { field: 'tag:a{b}c;d\\', operator: 'prefix', value: '=1+1' },
        ],
        target: { kind: 'value' },
      },
    ]
    const preview = await readRulesWorkbook(await writeRulesTemplate(odd, 0), odd)
    expect(preview.issues).toEqual([])
    expect(preview.result).toEqual(odd)
  })

  test.each<[string, string, string]>([
    [
      'an id that the screen could not save',
      'my rule,R,service,is,S3,t,,\n',
      'CSV, row 2, column Rule ID: "my rule" may hold letters, digits and - _ . : @ only, at most 128 of them; write another one.',
    ],
    [
      'a long name',
      `r,${'n'.repeat(121)},service,is,S3,t,,\n`,
      `CSV, row 2, column Rule name: "${'n'.repeat(60)}…" is longer than 120 characters; shorten it.`,
    ],
    [
      'a long value',
      `r,R,region,is present,,t,,\nr,,service,is,${'v'.repeat(501)},,,\n`,
      `CSV, row 3, column Value: "${'v'.repeat(60)}…" is longer than 500 characters; shorten it.`,
    ],
    [
      'an eleventh condition',
      Array.from({ length: 11 }, (_, index) => `r,R,tag:k${index},is present,,t,,\n`).join(''),
      'CSV, row 12, column Field: "tag:k10" is the eleventh condition of its rule, and a rule has at most 10; write a second rule.',
    ],
    [
      'an account that Excel has shortened',
      'r,R,sub_account,is,1.23457E+11,t,,\n',
      'CSV, row 2, column Value: "1.23457E+11" is a number that a spreadsheet has shortened; format the column as text and write the account again.',
    ],
    [
      'a field',
      'r,R,colour,is,red,t,,\n',
      'CSV, row 2, column Field: "colour" is no field; write a column such as service or sub account, or tag:application.',
    ],
    [
      'an operator',
      'r,R,service,like,red,t,,\n',
      'CSV, row 2, column Operator: "like" is no operator; write one of is, begins with, matches, is present, is absent.',
    ],
    [
      'a day',
      'r,R,service,is,S3,t,yesterday,\n',
      'CSV, row 2, column First day: "yesterday" is no day; write it as 2026-04-01, or leave it empty.',
    ],
    [
      'no value',
      'r,R,service,is,S3,t,,\nr,,region,is,,,,\n',
      'CSV, row 3, column Value: Rule 1 "R" compares the region with nothing; give a value, or use "present" or "absent".',
    ],
    [
      'a pattern',
      'r,R,service,matches,(a+)+,t,,\n',
      'CSV, row 2, column Value: Rule 1 "R" cannot be used: the pattern /(a+)+/ repeats a group that itself holds a repetition, as in (a+)+, which can take very long; repeat a character class instead, as in [a-z0-9-]+.',
    ],
    [
      'an id twice',
      'r,R,service,is,S3,t,,\nq,Q,service,is,S4,t,,\nr,R2,region,is,x,t,,\n',
      'CSV, row 4, column Rule ID: Rule 3 "R2" has the id "r" of rule 1; give each rule its own id.',
    ],
  ])('%s that is wrong is named by row and column', async (_, rows, message) => {
    const preview = await read(rows)
    expect(preview.result).toBeNull()
    expect(
      preview.issues.filter(({ severity }) => severity === 'error').map((issue) => issue.message),
    ).toEqual([message])
  })
})

test('a file of more rules than a book has is refused before each is compared', async () => {
  const rows = Array.from({ length: 40_000 }, (_, index) => `r${index},R,service,is,EC2,acme`)
  const file = new TextEncoder().encode(['Rule ID,Rule,Field,Operator,Value,Tenant', ...rows].join('\n'))
  const { result, rows: shown, issues } = await readRulesWorkbook(file, [])
  expect([result, shown, issues.map(({ code }) => code)]).toEqual([null, [], ['too_many_rules']])
})
