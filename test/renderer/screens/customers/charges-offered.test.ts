import { expect, test } from 'vitest'
import type { Charge, RateCardVersion } from '../../../../src/domain/pricing/ratecard.ts'
import { chargesOffered } from '../../../../src/renderer/screens/customers/charges-offered.ts'

const fee = (id: string, amount: string) => ({ kind: 'flat_fee', id, name: id, amount }) as Charge

const VERSIONS: readonly RateCardVersion[] = [
  {
    version: 1,
    effectiveFrom: '2026-01-01',
    charges: [fee('base', '10')],
    otherCurrencies: { EUR: [fee('base', '9')] },
  },
  { version: 2, effectiveFrom: '2026-07-01', charges: [fee('base', '12'), fee('support', '5')] },
]

test('charges that come with a later version are offered, each once, as the first has it', () => {
  expect(chargesOffered(VERSIONS, { own: 'USD', chosen: 'USD' })).toEqual([
    fee('base', '10'),
    fee('support', '5'),
  ])
})

test('in another currency they are that currency’s', () => {
  expect(chargesOffered(VERSIONS, { own: 'USD', chosen: 'EUR' })).toEqual([fee('base', '9')])
})
