import { expect, test } from 'vitest'
import { handsOn } from '../../../src/domain/invoice/balances.ts'
import type { Charge } from '../../../src/domain/pricing/ratecard.ts'
import { cardOf, d } from '../pricing/cards.ts'
import { CALL, contractOf, run, STORE } from './contracts.ts'

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
