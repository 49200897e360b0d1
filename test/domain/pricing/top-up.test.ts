import { expect, test } from 'vitest'
import type { TopUp } from '../../../src/domain/pricing/contract.ts'
import { diffContracts } from '../../../src/domain/pricing/contract-words.ts'
import { validateContract } from '../../../src/domain/pricing/validate-contract.ts'
import { contractOf } from '../invoice/contracts.ts'
import { cardOf, d } from './cards.ts'

const wrong = (topUp: TopUp) =>
  validateContract(contractOf({ topUp }), cardOf(['2026-01-01', []])).map(
    ({ code, column }) => `${code} at ${column}`,
  )

test.each<[string, TopUp, string[]]>([
  ['an amount', { threshold: d('5'), amount: d('20'), expiresMonths: null }, []],
  ['up to a balance', { threshold: d('5'), upTo: d('20'), expiresMonths: null }, []],
  ['up to the threshold itself', { threshold: d('20'), upTo: d('20.00'), expiresMonths: 12 }, []],
  ['neither', { threshold: d('5'), expiresMonths: null }, ['top_up_is_unclear at topUp.amount']],
  [
    'both',
    { threshold: d('5'), amount: d('20'), upTo: d('20'), expiresMonths: null },
    ['top_up_is_unclear at topUp.amount'],
  ],
  [
    'up to less than the threshold',
    { threshold: d('20'), upTo: d('19.99'), expiresMonths: null },
    ['top_up_is_below_its_threshold at topUp.upTo'],
  ],
  [
    'a negative amount',
    { threshold: d('5'), amount: d('-1'), expiresMonths: null },
    ['amount_is_negative at topUp.amount'],
  ],
])('a top-up of %s', (_, topUp, expected) => {
  expect(wrong(topUp)).toEqual(expected)
})

test('either is said in words', () => {
  const words = { metrics: [], currency: 'USD', charges: [] }
  const amount = contractOf({ topUp: { threshold: d('5'), amount: d('20'), expiresMonths: 12 } })
  const balance = contractOf({ topUp: { threshold: d('5'), upTo: d('20'), expiresMonths: null } })
  expect(diffContracts(amount, balance, words)).toEqual([
    'Top-up: was 20.00 USD of credit when less than 5.00 USD is left, for 12 months; now credit up to 20.00 USD when less than 5.00 USD is left',
  ])
})
