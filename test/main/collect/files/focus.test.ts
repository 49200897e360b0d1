import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toCsvLine } from '../../../../src/main/collect/files/csv.ts'
import { readFocus } from '../../../../src/main/collect/files/focus.ts'
import { detectFocusVersion } from '../../../../src/main/collect/files/focus-columns.ts'
import { textSource } from '../../../../src/main/collect/files/open-file.ts'
import { USD } from './awkward-readers.ts'
import { exhaust } from './helpers.ts'

type Row = Readonly<Record<string, string>>
const LEAST: Row = {
  ChargeCategory: 'Usage',
  ChargePeriodStart: '2026-03-05',
  BilledCost: '1',
  ServiceName: 'Storage',
}

const csvOf = (rows: readonly Row[]) => {
  const header = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  return [header, ...rows.map((row) => header.map((title) => row[title] ?? ''))]
    .map((cells) => `${toCsvLine(cells, ',')}\n`)
    .join('')
}
const readText = async (text: string) => {
  const reading = readFocus(textSource('cost.csv', text), { defaultCurrency: USD })
  return { reading, ...(await exhaust(reading)) }
}
const one = async (row: Row) => {
  const { entries, rejected } = await readText(csvOf([{ ...LEAST, ...row }]))
  return entries[0] ?? rejected[0]?.message
}

test('the least columns import; the bill is the month of the charge', async () => {
  expect(await one({})).toEqual({
    kind: 'cost',
    row: 2,
    raw: ['Usage', '2026-03-05', '1', 'Storage'],
    contentText:
      '[["BilledCost","1"],["ChargeCategory","Usage"],["ChargePeriodStart","2026-03-05"],["ServiceName","Storage"]]',
    bill: {
      provider: '',
      billingAccount: '',
      periodStartMs: Date.UTC(2026, 2, 1),
      periodEndMs: null,
      month: '2026-03',
    },
    startMs: Date.UTC(2026, 2, 5),
    endMs: null,
    currency: 'USD',
    billedCost: '1',
    effectiveCost: null,
    listCost: null,
    contractedCost: null,
    consumedQuantity: null,
    attributes: { provider: '', service: 'Storage', charge_category: 'Usage' },
  })
})

describe('times', () => {
  test.each([
    ['2024-09-18 23:00:00', Date.UTC(2024, 8, 18, 23)],
    ['2024-09-18 23:00:00.000000 UTC', Date.UTC(2024, 8, 18, 23)],
    ['2024-09-18T23:00:00Z', Date.UTC(2024, 8, 18, 23)],
    ['2024-09-18T23:00Z', Date.UTC(2024, 8, 18, 23)],
    ['2024-09-18T23:00:00.1234567Z', Date.UTC(2024, 8, 18, 23, 0, 0, 123)],
    ['2024-09-18T23:00:00+02:00', Date.UTC(2024, 8, 18, 21)],
    ['2024-09-18 23:00:00-0330', Date.UTC(2024, 8, 19, 2, 30)],
    ['2024-09-18', Date.UTC(2024, 8, 18)],
  ])('%s', async (text, startMs) => {
    expect(await one({ ChargePeriodStart: text })).toMatchObject({ startMs })
  })

  test.each(['2024-02-30', '2024-13-01', '18/09/2024', '2024-09-18T24:00:00Z', 'yesterday'])(
    '%s is refused',
    async (text) => {
      expect(await one({ ChargePeriodStart: text })).toContain(
        `column ChargePeriodStart: "${text}" is not a time.`,
      )
    },
  )
})

describe('amounts', () => {
  test.each([
    ['0.00000080000', '0.0000008'],
    ['1E-9', '0.000000001'],
    ['1.5e+3', '1500'],
    ['-3.00000000000', '-3'],
    ['-0.0', '0'],
    [' 12 ', '12'],
    ['0.123456789012345678', '0.123456789012345678'],
    ['99999999999999999999.000000000000000001', '99999999999999999999.000000000000000001'],
  ])('%s is %s', async (text, amount) => {
    expect(
      await one({ BilledCost: text, EffectiveCost: text, ListCost: text, ContractedCost: text }),
    ).toMatchObject({
      billedCost: amount,
      effectiveCost: amount,
      listCost: amount,
      contractedCost: amount,
    })
  })

  test.each(['1E-19', '0.0000000000000000001'])('%s names its column and is not rounded', async (text) => {
    expect(await one({ EffectiveCost: text })).toContain('cost.csv, row 2, column EffectiveCost: ')
  })

  test('an empty amount is none, never zero', async () => {
    expect(await one({ EffectiveCost: 'NULL', ListCost: '', ContractedCost: 'null' })).toMatchObject({
      effectiveCost: null,
      listCost: null,
      contractedCost: null,
    })
  })
})

describe('providers', () => {
  test.each([
    [
      'FOCUS 1.0',
      { ProviderName: 'AWS', PublisherName: 'Red Hat', InvoiceIssuerName: 'AWS EMEA' },
      { provider: 'AWS', publisher: 'Red Hat', invoice_issuer: 'AWS EMEA' },
    ],
    [
      'FOCUS 1.4',
      { ServiceProviderName: 'AWS', HostProviderName: 'Host', InvoiceIssuerName: 'AWS EMEA' },
      { provider: 'AWS', publisher: 'Host', invoice_issuer: 'AWS EMEA' },
    ],
    [
      'both, the new one empty',
      { ServiceProviderName: 'NULL', ProviderName: 'Oracle' },
      { provider: 'Oracle' },
    ],
    [
      'other case',
      { provider_name: 'Google Cloud', BILLINGACCOUNTID: '01-A' },
      { provider: 'Google Cloud', billing_account: '01-A' },
    ],
  ])('%s', async (_what, row: Row, attributes) => {
    expect(await one(row)).toMatchObject({ attributes, bill: { provider: attributes.provider } })
  })

  test('a commitment, a correction, a credit, a tax', async () => {
    const { entries, reading } = await readText(
      csvOf([
        {
          ...LEAST,
          ChargeCategory: 'Purchase',
          CommitmentDiscountId: 'sp-1',
          ChargePeriodStart: '2027-01-01',
          ServiceName: '',
        },
        { ...LEAST, ChargeClass: 'Correction', BilledCost: '-2.5' },
        { ...LEAST, ChargeCategory: 'Credit', BilledCost: '-10' },
        { ...LEAST, ChargeCategory: 'Tax', BillingCurrency: 'eur' },
      ]),
    )
    expect(reading.counts).toEqual({ rows: 5, header: 1, blank: 0, accepted: 4, rejected: 0 })
    expect(
      entries.map((entry) => [entry.attributes.charge_category, entry.billedCost, entry.currency]),
    ).toEqual([
      ['Purchase', '1', 'USD'],
      ['Usage', '-2.5', 'USD'],
      ['Credit', '-10', 'USD'],
      ['Tax', '1', 'EUR'],
    ])
  })
})

describe('tags', () => {
  test.each([
    [
      '{"application": "Api", "cost": 1.50, "spot": true, "none": null, "list": [1, 2]}',
      { application: 'Api', cost: '1.5', spot: 'true', none: '', list: '[1,2]' },
    ],
    ['{"__proto__": "x"}', JSON.parse('{"__proto__": "x"}')],
    ['{}', undefined],
    ['NULL', undefined],
  ])('%s', async (text, tags) => {
    const entry = await one({ Tags: text })
    expect(typeof entry === 'object' ? entry.attributes.tags : entry).toEqual(tags)
  })

  test.each(['[1]', '"x"', 'team=core', '{"a":'])('%s is rejected', async (text) => {
    expect(await one({ Tags: text })).toContain('is not a JSON object. Write tags as in {"team": "core"}.')
  })
})

test('the billing period gives the bill and its month', async () => {
  expect(
    await one({ BillingPeriodStart: '2026-02-01 00:00:00', BillingPeriodEnd: '2026-03-01 00:00:00' }),
  ).toMatchObject({
    bill: { periodStartMs: Date.UTC(2026, 1, 1), periodEndMs: Date.UTC(2026, 2, 1), month: '2026-02' },
  })
})

test('content does not change with the order of columns, nor with a new empty one', async () => {
  const contents = await Promise.all(
    [
      'ChargeCategory,ChargePeriodStart,BilledCost,ServiceName\nUsage,2026-03-05,1,S\n',
      'ServiceName,x_new,BilledCost,ChargePeriodStart,ChargeCategory\nS,NULL,1,2026-03-05,Usage\n',
    ].map(async (text) => (await readText(text)).entries[0]?.contentText),
  )
  expect(contents[0]).toBe(contents[1])
})

test.each([
  [[], '1.0'],
  [['ProviderName', 'x_custom'], '1.0'],
  [['SkuMeter'], '1.1'],
  [['ProviderName', 'InvoiceId'], '1.2'],
  [['ProviderName', 'ServiceProviderName'], '1.3'],
  [['ServiceProviderName', 'HostProviderName'], '1.4'],
  [['InvoiceDetailId'], '1.4'],
])('with %j the header is FOCUS %s', (columns, version) => {
  expect(detectFocusVersion([...Object.keys(LEAST), ...columns])).toBe(version)
})

test('without one of the least columns it is no FOCUS', () => {
  expect(detectFocusVersion(['ChargeCategory', 'ChargePeriodStart', 'BilledCost'])).toBeNull()
})

test('any cells: never an exception, and every row is accounted for', async () => {
  const cell = fc.oneof(
    fc.string(),
    fc.constantFrom('NULL', '', '1', '-0', '1e400', '2026-03-05', '{}', 'Usage', '\n'),
  )
  const row = fc.record({
    ChargeCategory: cell,
    ChargePeriodStart: cell,
    ChargePeriodEnd: cell,
    BillingPeriodStart: cell,
    BilledCost: cell,
    ServiceName: cell,
    BillingCurrency: cell,
    Tags: cell,
    ConsumedQuantity: cell,
  })
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(row, fc.boolean()), { minLength: 1 }), async (cases) => {
      const { reading, entries, rejected } = await readText(
        csvOf(cases.map(([made, good]) => (good ? { ...made, ...LEAST } : made))),
      )
      const { rows, blank } = reading.counts
      expect([rows, entries.length + rejected.length + blank]).toEqual([cases.length + 1, cases.length])
    }),
  )
})
