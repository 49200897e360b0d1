/** Invoices in other currencies than the book's in every total, and cost billed with what was allocated. */
import ExcelJS from 'exceljs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AllocationKey, AllocationPlan } from '../../../src/domain/allocation/plan.ts'
import type { DecimalText } from '../../../src/domain/decimal.ts'
import type { Month } from '../../../src/domain/period.ts'
import type { Charge } from '../../../src/domain/pricing/ratecard.ts'
import { claimByApp, events, focus, type House, openHouse, runMonth, sell } from './house.ts'

const OCTOBER = '2026-10' as Month
const text = (value: string) => value as DecimalText
const flat = (amount: string): Charge => ({
  kind: 'flat_fee',
  id: 'fee',
  name: 'Fee',
  amount: text(amount),
})
const NO_RATE =
  '1 invoice in EUR is not in the total: there is no rate for 2026-10-31. Enter one in Settings, or import the ECB’s file for that day.'

let house: House
const sellInEuros = async (id: string, charges: readonly Charge[]) => {
  const { client } = house
  await client.rateCards.save({
    id: `${id}-euros`,
    name: `${id}-euros`,
    currency: 'USD',
    effectiveFrom: '2020-01-01',
    charges: [...charges],
    otherCurrencies: { EUR: [...charges] },
    expectedVersion: 0,
  })
  await sell(client, { id }, { id: `${id}-euros`, charges: [] }, { discountPercent: '10' })
  const [stored] = (await client.customers.get({ customerId: id })).contracts
  if (stored === undefined) throw new Error('no contract')
  await client.customers.saveContract({
    ...stored.contract,
    currency: 'EUR',
    expectedVersion: stored.version,
  })
}
const margin = () => house.client.cost.margin({ month: OCTOBER })
const revenueOf = async (id: string) => (await margin()).rows.find(({ customerId }) => customerId === id)

beforeAll(async () => {
  house = await openHouse()
  const { client } = house
  await house.take(
    'usage.jsonl',
    events([
      ['1', 'calls', 'acme', '2026-10-05T00:00:00Z', '300'],
      ['2', 'calls', 'bolt', '2026-10-05T00:00:00Z', '100'],
    ]),
  )
  await house.take(
    'october.csv',
    focus([
      { day: '2026-10-05', service: 'EC2', billed: '60', app: 'acme' },
      { day: '2026-10-05', service: 'EC2', billed: '30', app: 'bolt' },
      { day: '2026-10-05', service: 'Support', billed: '40' },
    ]),
  )
  await claimByApp(client)
  await sell(client, { id: 'acme' }, { id: 'dollars', charges: [flat('100')] })
  await sellInEuros('bolt', [flat('80.01')])
})
afterAll(() => house.close())

/** Currency, total, rate, its day and total in dollars of each invoice of the month's workbook; then its total row. */
const workbookTotals = async () => {
  const file = await house.client.exports.month({ month: OCTOBER })
  const workbook = new ExcelJS.Workbook()
  await workbook.xlsx.load((await file.arrayBuffer()) as unknown as ExcelJS.Buffer)
  const sheet = workbook.getWorksheet('Invoices')
  const shown = (address: string) => {
    const { value, result } = sheet?.getCell(address) ?? {}
    return result ?? (value instanceof Date ? value.toISOString().slice(0, 10) : value)
  }
  return [
    ...[2, 3].map((row) => ['E', 'F', 'G', 'H', 'I'].map((column) => shown(`${column}${row}`))),
    [shown('A4'), shown('I4')],
  ]
}

describe('an invoice in euros in a book in dollars', () => {
  test('a split by revenue names whose revenue no rate turns into the book’s currency', async () => {
    const plan: AllocationPlan = {
      from: OCTOBER,
      steps: [
        {
          id: 'support',
          name: 'Support',
          pool: {
            takes: 'unattributed',
            conditions: [{ field: 'service', operator: 'equals', value: 'Support' }],
          },
          key: { kind: 'revenue' },
        },
      ],
    }
    const [found] = (await house.client.allocation.preview({ plan, month: OCTOBER })).steps
    expect(found?.shares.map(({ name, amount }) => `${name} ${amount}`)).toEqual(['acme 40'])
    expect(found?.leftWords).toBe(
      'No rate of October 2026 turns the revenue of bolt (EUR) into USD: it counts for nothing here. Enter the rate in Settings.',
    )
  })

  test('is in no total without a rate, and every report says so', async () => {
    const report = await margin()
    expect(report.total.revenue).toBe('100')
    expect(report.gaps).toContain(NO_RATE)
    expect(report.gaps.join(' ')).not.toContain('has no price')
    expect(await revenueOf('bolt')).toMatchObject({ revenue: null, revenueFrom: 'rated' })
    const overview = await house.client.cost.overview({ month: OCTOBER })
    expect(overview.revenue).toBe('100')
    expect(overview.gaps).toContain(NO_RATE)
    const run = await runMonth(house, OCTOBER)
    expect(run.sentence).toContain('Total 100.00 USD and 72.01 EUR.')
    expect(await house.client.invoices.list({ month: OCTOBER })).toMatchObject({
      total: '100',
      totalNotes: [NO_RATE],
    })
    expect(await workbookTotals()).toEqual([
      ['USD', 100, null, null, 100],
      [
        'EUR',
        72.01,
        'no rate for 2026-10-31, so it is not in the total: enter one in Settings, or import the ECB’s file',
        null,
        null,
      ],
      ['Total (without 1 invoice that has no rate)', 100],
    ])
  })

  test('is in all of them at the rate of the month’s last day, which they name', async () => {
    const { client } = house
    await client.rates.enter({ from: 'EUR', to: 'USD', day: '2026-10-30', rate: text('1.25') })
    await client.rates.enter({ from: 'EUR', to: 'USD', day: '2026-11-01', rate: text('2') })
    const words = '1 invoice in EUR is in the total at 1 EUR = 1.25 USD (entered, 2026-10-30).'
    // 80.01 less 10 %, rounded: 72.01; × 1.25 = 90.0125.
    const report = await margin()
    expect(report.total.revenue).toBe('190.01')
    expect(report.gaps).toContain(words)
    expect(await revenueOf('bolt')).toMatchObject({ revenue: '90.01', margin: '60.01' })
    const overview = await client.cost.overview({ month: OCTOBER })
    expect(overview.revenue).toBe('190.01')
    expect(overview.trend.at(-1)?.revenue).toBe('190.01')
    expect(overview.gaps).toContain(words)
    expect(await workbookTotals()).toEqual([
      ['USD', 100, null, null, 100],
      ['EUR', 72.01, '1 EUR = 1.25 USD (entered, 2026-10-30)', '2026-10-30', 90.01],
      ['Total', 190.01],
    ])
    expect(await client.invoices.list({ month: OCTOBER })).toMatchObject({
      total: '190.01',
      totalNotes: [words],
    })
    expect(await client.explain.revenue({ month: OCTOBER })).toMatchObject({
      total: '190.01',
      notes: [words],
    })
    const { steps } = await client.cost.waterfall({ customerId: 'bolt', month: OCTOBER })
    // 100.0125 and 10.001 off, each rounded as it is shown; their sum is the invoice's own, converted.
    expect(steps.map(({ key, amount, rules }) => [key, amount, ...(key === 'net' ? rules : [])])).toEqual([
      ['list', '100.01'],
      ['discount', '-10'],
      ['net', '90.01', words],
      ['cost:EC2', '-30'],
      ['margin', '60.01'],
    ])
  })
})

describe('cost plus 10 % on direct and allocated cost', () => {
  let version = 0
  const allocate = async (key: AllocationKey) => {
    const step = {
      id: 'support',
      name: 'Support',
      pool: { takes: 'unattributed' as const, conditions: [] },
      key,
    }
    const saved = await house.client.allocation.save({
      plan: { from: OCTOBER, steps: [step] },
      expectedVersion: version,
    })
    version = saved.version
  }
  const charge: Charge = {
    kind: 'cost_plus',
    id: 'cost',
    name: 'Cost to serve',
    markupPercent: text('10'),
    costs: 'direct_and_allocated',
  }
  const invoiceOf = async (id: string) => {
    await runMonth(house, OCTOBER)
    return (await house.client.invoices.get({ invoiceId: `2026-10.${id}` })).invoice
  }
  beforeAll(async () => {
    await sell(house.client, { id: 'cato', tenants: ['cato'] }, { id: 'on-cost', charges: [charge] })
    await sellInEuros('dune', [charge])
    await house.take('more.jsonl', events([['3', 'calls', 'cato', '2026-10-05T00:00:00Z', '100']]))
    await house.take(
      'more.csv',
      focus([
        { day: '2026-10-06', service: 'EC2', billed: '50', app: 'cato', account: '2' },
        { day: '2026-10-06', service: 'EC2', billed: '25', app: 'dune', account: '2' },
      ]),
    )
  })

  test('bills both', async () => {
    await allocate({ kind: 'usage', metric: 'calls' })
    // 50, and a fifth of 40; × 1.1.
    expect((await invoiceOf('cato')).total).toBe('63.8')
  })

  test('converts cost to the currency of the price', async () => {
    // 25 USD ÷ 1.25 × 1.1, less 10 %.
    expect((await invoiceOf('dune')).total).toBe('19.8')
  })

  test.each([
    ['by revenue', { kind: 'revenue' }],
    ['evenly among customers with cost or revenue', { kind: 'evenly' }],
  ] as const)('is refused where a step splits %s', async (words, key) => {
    await allocate(key)
    const { total, issues } = await invoiceOf('cato')
    expect(total).toBe('0')
    expect(issues).toContainEqual({
      severity: 'error',
      code: 'cost_is_unknown',
      message: `Cost to serve: the step “Support” of October 2026 allocates ${words}, and this charge is part of revenue, so allocated cost can’t be billed. Nothing is charged; split the step by another key, or charge on direct cost.`,
    })
  })
})
