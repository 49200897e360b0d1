/** What is due in Stripe is what is due here: tax by its name, credits as negative items, top-ups. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { DecimalText } from '../../../../src/domain/decimal.ts'
import type { SettlementLine } from '../../../../src/domain/invoice/invoice.ts'
import { invoiceCreateParams, lineCreateParams } from '../../../../src/main/bill/stripe/plan.ts'
import { type StripeStandIn, startStripeStandIn } from '../../../support/stripe-stand-in.ts'
import { acme, deliver, fileJournal, invoiceOf, refusalOf } from './fixture.ts'

let stripe: StripeStandIn
beforeEach(async () => {
  stripe = await startStripeStandIn()
})
afterEach(() => stripe.close())

const line = (kind: SettlementLine['kind'], description: string, amount: string): SettlementLine => ({
  kind,
  id: description,
  contractId: 'acme-1',
  description,
  amount: amount as DecimalText,
  steps: [],
})
const settled = invoiceOf(['100'], '100', {
  settlement: [
    line('tax', 'VAT 20 %', '20'),
    line('credit', 'Welcome', '-50'),
    line('top_up', 'Top-up', '30'),
  ],
  due: '100' as DecimalText,
})
const terms = { customer: acme, daysUntilDue: 30, finalize: true, timeZone: 'UTC' }

test('tax, credit and top-up are items of their own, and the total is what is due', async () => {
  const delivery = await deliver(stripe, fileJournal(), { invoice: settled })
  expect(delivery.stripeTotal).toBe('100')
  expect([...stripe.state.items.values()].map(({ amount, description }) => [amount, description])).toEqual([
    [10_000, 'API calls, part 1'],
    [2_000, 'VAT 20 %'],
    [-5_000, 'Welcome'],
    [3_000, 'Top-up'],
  ])
})

test('automatic tax is asked for where it is Stripe’s to say, and off where a rate was given', () => {
  const byStripe = { ...terms, invoice: invoiceOf(['100'], '100', { taxBy: 'stripe' }) }
  expect(invoiceCreateParams(byStripe, 'cus_1').automatic_tax).toEqual({ enabled: true })
  const [item] = byStripe.invoice.lines
  if (item === undefined) throw new Error('no line')
  expect(lineCreateParams(byStripe, item, 'cus_1', 'in_1').tax_behavior).toBe('exclusive')
  expect(invoiceCreateParams({ ...terms, invoice: settled }, 'cus_1').automatic_tax).toEqual({
    enabled: false,
  })
  expect(invoiceCreateParams({ ...terms, invoice: invoiceOf(['100'], '100') }, 'cus_1')).not.toHaveProperty(
    'automatic_tax',
  )
})

test('a credit where Stripe computes the tax is refused before anything is sent', async () => {
  const invoice = invoiceOf(['100'], '100', {
    taxBy: 'stripe',
    settlement: [line('credit', 'Welcome', '-50')],
    due: '50' as DecimalText,
  })
  const failure = await refusalOf(deliver(stripe, fileJournal(), { invoice }))
  expect([failure.code, stripe.requests.length]).toEqual(['negative_line_with_stripe_tax', 0])
})

test('a due amount that is not the sum is refused', async () => {
  const invoice = { ...settled, due: '99' as DecimalText }
  const failure = await refusalOf(deliver(stripe, fileJournal(), { invoice }))
  expect([failure.code, stripe.requests.length]).toEqual(['invoice_total_is_not_the_sum_of_its_lines', 0])
})
