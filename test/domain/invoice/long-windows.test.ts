import { expect, test } from 'vitest'
import { handsOn } from '../../../src/domain/invoice/balances.ts'
import type { ContractBalances } from '../../../src/domain/invoice/invoice.ts'
import type { Charge } from '../../../src/domain/pricing/ratecard.ts'
import { cardOf, d } from '../pricing/cards.ts'
import { CALL, contractOf, invoiceOf, run, STORE, type Usage } from './contracts.ts'

const tiers = (window: 'quarter' | 'year' | 'term'): Charge =>
  ({
    id: CALL.id,
    name: CALL.name,
    kind: 'graduated',
    metric: 'api.calls',
    per: d('1'),
    tiers: [
      { upTo: d('100'), unitAmount: d('2') },
      { upTo: null, unitAmount: d('1') },
    ],
    window,
  }) as Charge
const totals = (invoices: readonly { readonly total: string }[]) => invoices.map(({ total }) => total)

test('a contract with such a price needs the months before', () => {
  expect(handsOn({ contract: contractOf(), card: cardOf(['2020-01-01', [tiers('year')]]) })).toBe(true)
  expect(handsOn({ contract: contractOf(), card: cardOf(['2020-01-01', [STORE]]) })).toBe(false)
})

test('a quarter’s tiers go on for three months of the contract, and are explained', () => {
  const invoices = run(contractOf(), ['80', '50', '10', '10'], { charges: [tiers('quarter')] })
  expect(totals(invoices)).toEqual(['160', '70', '10', '20'])
  expect(invoices[1]?.lines[0]?.steps.map(({ text, amount }) => `${text}: ${amount}`)).toEqual([
    'after 80 calls of the months before in this quarter: 0',
    'next 20 calls at 2.00 per call: 40',
    'beyond: 30 calls at 1.00 per call: 30',
  ])
})

test('a month without the charge counts for nothing, and the period goes on', () => {
  const card = cardOf(
    ['2020-01-01', [tiers('year')]],
    ['2026-02-01', [STORE]],
    ['2026-03-01', [tiers('year')]],
  )
  expect(totals(run(contractOf(), ['90', '0', '20'], { card }))).toEqual(['180', '0', '30'])
})

test('a price that changes within a month is of what each version billed', () => {
  const dearer: Charge = {
    ...tiers('year'),
    tiers: [
      { upTo: d('100'), unitAmount: d('4') },
      { upTo: null, unitAmount: d('3') },
    ],
  } as Charge
  const card = cardOf(['2020-01-01', [tiers('year')]], ['2026-02-01', [dearer]])
  expect(totals(run(contractOf(), ['90', '20'], { card }))).toEqual(['180', '70'])
})

test('included units are not counted', () => {
  const charge = { ...tiers('year'), included: { quantity: d('10'), per: 'month' } } as Charge
  expect(totals(run(contractOf(), ['60', '60', '10'], { charges: [charge] }))).toEqual(['100', '100', '0'])
})

test('a charge whose metric changes within a month has billed the units of both', () => {
  const on = (metric: string): Charge =>
    ({
      ...tiers('year'),
      metric,
      tiers: [
        { upTo: d('130'), unitAmount: d('2') },
        { upTo: null, unitAmount: d('1') },
      ],
    }) as Charge
  const card = cardOf(['2020-01-01', [on('api.calls')]], ['2026-02-15', [on('storage')]])
  let opening: ContractBalances | null = null
  const months: Usage[] = [{ 'api.calls': '90' }, { 'api.calls': '20', storage: '30' }, { storage: '10' }]
  const invoices = months.map((usage, index) => {
    const invoice = invoiceOf(contractOf(), `2026-0${index + 1}`, usage, { card, opening })
    opening = invoice.balances?.[0] ?? null
    return invoice
  })
  // March begins after 90 + 20 + 30 units, above the first 130.
  expect(totals(invoices)).toEqual(['180', '100', '10'])
})
