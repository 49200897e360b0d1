import { expect, test } from 'vitest'
import type { DecimalText } from '../../../src/domain/decimal.ts'
import type { Invoice } from '../../../src/domain/invoice/invoice.ts'
import { type KnownOfPast, type PastInvoice, placePastInvoices } from '../../../src/domain/invoice/past.ts'
import type { Month } from '../../../src/domain/period.ts'
import type { Contract } from '../../../src/domain/pricing/contract.ts'

const CUSTOMERS = 1_000
const MONTHS = Array.from({ length: 12 }, (_, index) => `2025-${String(index + 1).padStart(2, '0')}` as Month)
const amount = '5' as DecimalText

/** Counts how often what is known is looked at. */
let looks = 0
const counted = <Item extends object>(items: readonly Item[]): readonly Item[] =>
  items.map(
    (item) =>
      new Proxy(item, {
        get: (target, name) => {
          looks += 1
          return Reflect.get(target, name)
        },
      }),
  )

test('a year of a thousand customers is placed without going through all that is known for each', () => {
  const ids = Array.from({ length: CUSTOMERS }, (_, index) => `customer-${index}`)
  const invoices: PastInvoice[] = MONTHS.flatMap((month) =>
    ids.map((customerId) => ({
      number: `${month} ${customerId}`,
      customerId,
      month,
      currency: 'USD',
      lines: [{ description: 'Fee', amount }],
      total: amount,
    })),
  )
  const known: KnownOfPast = {
    customers: counted(ids.map((id) => ({ id, name: id }))),
    contracts: counted(
      ids.map(
        (id) =>
          ({
            id: `${id}-1`,
            customerId: id,
            rateCardId: 'card',
            startDay: '2024-01-01',
            endDay: null,
          }) as Contract,
      ),
    ),
    cards: [],
    invoices: counted(
      ids.map((id) => ({ number: id, month: '2024-12' as Month, contractId: `${id}-1` }) as Invoice),
    ),
  }
  const { issues, placed } = placePastInvoices(invoices, known)
  expect([issues, placed.length]).toEqual([[], invoices.length])
  expect(looks / invoices.length).toBeLessThan(20)
})
