import ExcelJS from 'exceljs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { DecimalText } from '../../../src/domain/decimal.ts'
import { integerToDecimal } from '../../../src/domain/decimal.ts'
import type { Charge, RateCard } from '../../../src/domain/pricing/ratecard.ts'
import { type RateCardDraft, readRateCardWorkbook } from '../../../src/main/exchange/rate-card-in.ts'
import { writeRateCardCsv, writeRateCardTemplate } from '../../../src/main/exchange/templates.ts'
import { ALL_KINDS, chargeOf } from '../../support/charges.ts'

const decimal = (text: string) => text as DecimalText
const METRICS = ['api.calls', 'egress.gb']
const card: RateCardDraft = {
  id: 'std',
  name: '=Standard',
  currency: 'USD',
  effectiveFrom: '2026-10-01',
  charges: [
    { kind: 'flat_fee', id: 'fee', name: 'Fee', amount: decimal('500') },
    {
      kind: 'per_unit',
      id: 'out',
      name: 'Data out',
      metric: 'egress.gb',
      unitAmount: decimal('0.0000000000000000081'),
      per: decimal('1'),
    },
    {
      kind: 'graduated',
      id: 'calls',
      name: '-Calls',
      metric: 'api.calls',
      per: decimal('1000'),
      tiers: [
        { upTo: decimal('1000000'), unitAmount: decimal('0.1') },
        { upTo: null, unitAmount: decimal('0.1234567890123456789') },
      ],
    },
  ],
}
const book = (draft: RateCardDraft, day = '2026-01-01'): RateCard => ({
  id: draft.id,
  name: draft.name,
  currency: draft.currency,
  versions: [{ version: 1, effectiveFrom: day, charges: draft.charges }],
})
const HEAD = 'Rate card ID,std\r\nName,Standard\r\nCurrency,USD\r\nEffective from,2026-10-01\r\n\r\n'
const TITLES = 'Charge ID,Charge name,Kind,Metric,Per,Tier up to,Unit amount,Amount\r\n'
const read = (rows: string, head = HEAD, existing: readonly RateCard[] = []) =>
  readRateCardWorkbook(new TextEncoder().encode(head + TITLES + rows), METRICS, existing)
const states = (preview: Awaited<ReturnType<typeof read>>) =>
  preview.rows.map(({ row, state }) => [row, state])

describe('a rate card', () => {
  test('what is written is read back equal, to the last digit', async () => {
    const preview = await readRateCardWorkbook(await writeRateCardTemplate(card, [], 0), METRICS)
    expect(preview.issues).toEqual([])
    expect(preview.result).toEqual(card)
    expect(states(preview)).toEqual([
      [7, 'new'],
      [8, 'new'],
      [9, 'new'],
      [10, 'new'],
    ])
  })

  test.each(ALL_KINDS)('any charge of kind %s comes back equal', async (kind) => {
    await fc.assert(
      fc.asyncProperty(chargeOf(kind, 'c'), async (charge) => {
        const draft = { ...card, charges: [charge] }
        const metrics = 'metric' in charge ? [charge.metric] : []
        const preview = await readRateCardWorkbook(await writeRateCardTemplate(draft, [], 0), metrics)
        expect(preview.issues).toEqual([])
        expect(preview.result).toEqual(draft)
      }),
      { numRuns: 10 },
    )
  })

  test('another product\u2019s word is read as ours, and said', async () => {
    const preview = await read('a,A,slab,api.calls,,,1,\r\n')
    expect(preview.result?.charges).toMatchObject([{ kind: 'graduated' }])
    expect(preview.issues.map(({ severity, message }) => [severity, message])).toEqual([
      [
        'warning',
        'CSV, row 7, column Kind: “slab”, the word of Flexprice and Oracle Banking, is read as graduated.',
      ],
    ])
  })

  const inEuros = {
    ...card,
    otherCurrencies: { EUR: card.charges, JPY: card.charges },
    settings: { rounding: 'half_up', tierFeeAtZero: true, minimumAtZero: false },
  } satisfies RateCardDraft
  const FORMATS: readonly (readonly [string, (draft: RateCardDraft) => Promise<Uint8Array>])[] = [
    ['workbook', (draft) => writeRateCardTemplate(draft, [], 0)],
    ['CSV', async (draft) => new TextEncoder().encode(writeRateCardCsv(draft))],
  ]

  test.each(FORMATS)('as a %s its currencies and settings come back equal, too', async (_, write) => {
    const preview = await readRateCardWorkbook(await write(inEuros), METRICS)
    expect([preview.issues, preview.result]).toEqual([[], inEuros])
    const { otherCurrencies, settings } = inEuros
    const known = book(card)
    const existing = {
      ...known,
      versions: known.versions.map((each) => ({ ...each, otherCurrencies, settings })),
    }
    const again = await readRateCardWorkbook(await write(inEuros), METRICS, [existing])
    expect(new Set(again.rows.map(({ state }) => state))).toEqual(new Set(['unchanged']))
    expect(again.result).toEqual(inEuros)
    // Settings are those of the version before, unless the file says that they are the default.
    expect((await readRateCardWorkbook(await write(card), METRICS, [existing])).result).toEqual(card)
    const kept = await read('fee,Fee,flat fee,,,,,500\r\n', HEAD, [
      { ...known, versions: known.versions.map((each) => ({ ...each, settings })) },
    ])
    expect(kept.result?.settings).toEqual(settings)
  })

  test('prices in other currencies are not lost: what ends is said, and a file that cannot say them refused', async () => {
    const existing: RateCard = {
      ...book(card),
      versions: book(card).versions.map((each) => ({ ...each, otherCurrencies: { EUR: card.charges } })),
    }
    const without = await read('fee,Fee,flat fee,,,,,500\r\n', HEAD, [existing])
    expect(without.result).toBeNull()
    expect(without.issues.map(({ code }) => code)).toContain('card_has_other_currencies')
    const ended = await readRateCardWorkbook(await writeRateCardTemplate(card, [], 0), METRICS, [existing])
    expect(ended.issues.map(({ message }) => message)).toEqual([
      'The prices in EUR of version 1 are not in the file and end with the new version.',
    ])
    expect(ended.result?.otherCurrencies).toBeUndefined()
  })

  test('a currency and a setting that are none are named with row and column', async () => {
    const file = `${HEAD.trimEnd()}\r\nSettings,rounding: up\r\nCharge ID,Charge name,Kind,Amount,Currency\r\nfee,Fee,flat fee,5,\r\nfee,Fee,flat fee,4,euro\r\n`
    const { result, issues } = await readRateCardWorkbook(new TextEncoder().encode(file), METRICS)
    expect([result, issues.map(({ message }) => message.slice(0, 90))]).toEqual([
      null,
      [
        'CSV, row 5, column Settings: "rounding: up" is no setting; write default, or by semicolons',
        'CSV, row 8, column Currency: "euro" is no currency code; write three letters such as EUR, ',
      ],
    ])
  })

  test('any prices come back equal', async () => {
    const price = fc.bigInt({ min: 0n, max: 10n ** 19n }).map((units) => integerToDecimal(units, 12))
    await fc.assert(
      fc.asyncProperty(fc.array(price, { minLength: 1, maxLength: 8 }), async (prices) => {
        const charges = prices.map(
          (amount, index): Charge => ({ kind: 'flat_fee', id: `c${index}`, name: 'Fee', amount }),
        )
        const draft = { ...card, charges }
        expect(
          (await readRateCardWorkbook(await writeRateCardTemplate(draft, [], 0), METRICS)).result,
        ).toEqual(draft)
      }),
      { numRuns: 15 },
    )
  })

  test('the empty template says what is missing; its example can be read when it is the form', async () => {
    const bytes = await writeRateCardTemplate(null, [{ metric: 'api.calls', name: 'Calls', unit: 'call' }], 0)
    const { result, issues } = await readRateCardWorkbook(bytes, METRICS)
    expect([result, issues.map(({ message }) => message)]).toEqual([
      null,
      [
        'Rate card, row 1, column Rate card ID: this is empty; fill it in above the table.',
        'Rate card, row 2, column Name: this is empty; fill it in above the table.',
        'Rate card, row 3, column Currency: this is empty; fill it in above the table.',
        'Rate card, row 4, column Effective from: this is empty; fill it in above the table.',
        'Rate card has no charges below its header. Add one a row.',
      ],
    ])
    const workbook = new ExcelJS.Workbook()
    await workbook.xlsx.load(bytes.slice().buffer as unknown as ExcelJS.Buffer)
    workbook.removeWorksheet('Rate card')
    const example = await readRateCardWorkbook(new Uint8Array(await workbook.xlsx.writeBuffer()), METRICS)
    expect(example.issues).toEqual([])
    expect(example.result?.charges.map(({ kind }) => kind)).toEqual([
      'flat_fee',
      'per_unit',
      'graduated',
      'matrix',
    ])
  })

  test('cells typed in Excel: numbers, formulas, dates', async () => {
    const workbook = new ExcelJS.Workbook()
    await workbook.xlsx.load(
      (await writeRateCardTemplate({ ...card, charges: [] }, [], 0)).slice()
        .buffer as unknown as ExcelJS.Buffer,
    )
    const sheet = workbook.getWorksheet('Rate card')
    sheet?.getRow(7).splice(1, 8, 'a', 'A', 'Flat Fee', null, null, null, null, 0.1 + 0.2)
    sheet
      ?.getRow(8)
      .splice(1, 8, 'b', 'B', 'PER_UNIT', 'api.calls', 1000, null, { formula: '1/3', result: 1 / 3 })
    const { result, issues } = await readRateCardWorkbook(
      new Uint8Array(await workbook.xlsx.writeBuffer()),
      METRICS,
    )
    expect(issues).toEqual([])
    expect(result).toEqual({
      ...card,
      charges: [
        { kind: 'flat_fee', id: 'a', name: 'A', amount: '0.3' },
        {
          kind: 'per_unit',
          id: 'b',
          name: 'B',
          metric: 'api.calls',
          unitAmount: '0.333333333333333',
          per: '1000',
        },
      ],
    })
  })

  test('against the version before: new, changed, unchanged, ended', async () => {
    const existing = [
      book({
        ...card,
        charges: [...card.charges, { kind: 'flat_fee', id: 'gone', name: 'Gone', amount: decimal('1') }],
      }),
    ]
    const preview = await read(
      'fee,Fee,flat fee,,,,,500\r\nout,Data out,per unit,egress.gb,,,0.09,\r\nnew,New,flat fee,,,,,1\r\n',
      HEAD,
      existing,
    )
    expect(states(preview)).toEqual([
      [7, 'unchanged'],
      [8, 'changed'],
      [9, 'new'],
    ])
    expect(preview.issues.map(({ severity, message }) => [severity, message])).toEqual([
      ['warning', 'The charge "calls" of version 1 is not in the file and ends with the new version.'],
      ['warning', 'The charge "gone" of version 1 is not in the file and ends with the new version.'],
    ])
    expect(preview.result?.charges.map(({ id }) => id)).toEqual(['fee', 'out', 'new'])
  })

  test.each<[string, string, string]>([
    [
      'no ID',
      ',Fee,flat fee,,,,,1',
      'row 7, column Charge ID: the charge has no ID; repeat it on each of its rows.',
    ],
    [
      'no name',
      'a,,flat fee,,,,,1',
      'row 7, column Charge name: the charge has no name; the invoice line needs one.',
    ],
    [
      'kind',
      'a,A,wholesale,,,,,1',
      'row 7, column Kind: "wholesale" is no kind of charge; write flat fee, per unit, graduated, volume, stair-step, package, percentage, graduated percentage, matrix, per seat, time-weighted, time of day, dynamic, percentage of revenue, cost plus, formula.',
    ],
    [
      'kind that products mean differently',
      'a,A,bulk,,,,,1',
      'row 7, column Kind: “bulk” is volume at Orb and package at Suger; write volume or package.',
    ],
    [
      'kind of every object',
      'a,A,constructor,,,,,1',
      'row 7, column Kind: "constructor" is no kind of charge; write flat fee, per unit, graduated, volume, stair-step, package, percentage, graduated percentage, matrix, per seat, time-weighted, time of day, dynamic, percentage of revenue, cost plus, formula.',
    ],
    [
      'no amount',
      'a,A,flat fee,,,,,',
      'row 7, column Amount: a number is missing here; write one, 0 if it is free.',
    ],
    [
      'thousands',
      'a,A,flat fee,,,,,"1,000"',
      'row 7, column Amount: "1,000" is no plain number; write it without currency sign and thousands separators, as 1234.56.',
    ],
    [
      'currency sign',
      'a,A,flat fee,,,,,$5',
      'row 7, column Amount: "$5" is no plain number; write it without currency sign and thousands separators, as 1234.56.',
    ],
    [
      'negative',
      'a,A,flat fee,,,,,-5',
      'row 7, column Amount: "-5" is negative; a price is 0 or more, and a discount belongs to the contract.',
    ],
    [
      'a foreign value',
      'a,A,flat fee,,,,0.1,5',
      'row 7, column Unit amount: a flat fee charge has none; leave the cell empty.',
    ],
    [
      'no metric',
      'a,A,per unit,,,,1,',
      'row 7, column Metric: the charge has no metric; write the one it prices.',
    ],
    [
      'unknown metric',
      'a,A,per unit,calls,,,1,',
      'row 7, column Metric: there is no metric "calls"; write one of the book\'s metrics: api.calls, egress.gb.',
    ],
    [
      'per zero',
      'a,A,per unit,api.calls,0,,1,',
      'row 7, column Per: a price per 0 units says nothing; write 1 or more.',
    ],
    [
      'used twice',
      'a,A,flat fee,,,,,1\r\na,A,flat fee,,,,,1',
      'row 8, column Charge ID: the charge "a" is already in row 7; only charges with tiers, cells or bands take several rows. Give it its own ID.',
    ],
    [
      'used again below',
      'a,A,flat fee,,,,,1\r\nb,B,flat fee,,,,,1\r\na,A,flat fee,,,,,1',
      'row 9, column Charge ID: the charge "a" is already in row 7; put its rows together, or give this one its own ID.',
    ],
    [
      'kinds disagree',
      'a,A,graduated,api.calls,,5,1,\r\na,A,per unit,,,,1,',
      'row 8, column Kind: "per unit" differs from "graduated" in row 7 of the same charge; write one of them in both.',
    ],
    [
      'no last tier',
      'a,A,graduated,api.calls,,5,1,',
      "row 7, column Tier up to: units above 5 would have no price; leave the last tier's edge empty, or add a tier.",
    ],
    [
      'a tier without edge',
      'a,A,graduated,api.calls,,,1,\r\na,,,,,,2,',
      'row 7, column Tier up to: only the last tier may be without an edge; write up to how many units it goes.',
    ],
    [
      'falling tiers',
      'a,A,graduated,api.calls,,5,1,\r\na,,,,,5,2,\r\na,,,,,,3,',
      'row 8, column Tier up to: 5 is not above 5, where the tier begins; put the tiers in rising order.',
    ],
  ])('%s', async (_, rows, message) => {
    const preview = await read(`${rows}\r\nz,Good,flat fee,,,,,1\r\n`)
    expect(preview.issues.map((issue) => issue.message)).toEqual([`CSV, ${message}`])
    expect(preview.result).toBeNull()
    expect(preview.rows.at(-1)?.state).toBe('new')
  })

  test.each<[string, string, string]>([
    [
      'currency',
      HEAD.replace('USD', 'dollar'),
      'CSV, row 3, column Currency: "dollar" is no currency code; write three letters such as USD.',
    ],
    [
      'day',
      HEAD.replace('2026-10-01', '2026-02-30'),
      'CSV, row 4, column Effective from: "2026-02-30" is no day; write it as 2026-10-01.',
    ],
    [
      'another currency',
      HEAD.replace('USD', 'EUR'),
      'CSV, row 3, column Currency: the rate card "std" is in USD and cannot change its currency; use another ID.',
    ],
    [
      'too early',
      HEAD.replace('2026-10-01', '2025-12-31'),
      'CSV, row 4, column Effective from: version 1 holds from 2026-01-01; a later version cannot begin before it.',
    ],
  ])('head block: %s', async (_, head, message) => {
    const existing = [book({ ...card, charges: [] })]
    const { result, issues } = await read('a,A,flat fee,,,,,1\r\n', head, existing)
    expect([result, issues.map((issue) => issue.message)]).toEqual([null, [message]])
  })
})

test('a file of more charges than a card has is refused before each is read', async () => {
  const rows = Array.from({ length: 40_000 }, (_, index) => `c${index},C,flat fee,,,,,5\r\n`).join('')
  const { result, rows: shown, issues } = await read(rows)
  expect([result, shown, issues.map(({ message }) => message)]).toEqual([
    null,
    [],
    ['CSV has 40000 charges, and a rate card has at most 200. Nothing was read.'],
  ])
})
