import Stripe from 'stripe'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startStripeMock, stripeMockPath } from './support.ts'

describe.skipIf(!stripeMockPath)('stripe-mock', () => {
  let mock: Awaited<ReturnType<typeof startStripeMock>>
  let stripe: Stripe

  beforeAll(async () => {
    mock = await startStripeMock()
    const { hostname, port } = new URL(mock.url)
    stripe = new Stripe('sk_test_123', { host: hostname, port, protocol: 'http', maxNetworkRetries: 0 })
  })
  afterAll(() => mock.stop())

  it('accepts a customer with our id as metadata', async () => {
    const customer = await stripe.customers.create({
      name: 'Acme',
      metadata: { countinghouse_customer: 'acme' },
    })
    expect(customer.object).toBe('customer')
  })

  it('refuses a field that Stripe does not have', async () => {
    const wrong = { amount_in_dollars: 5 } as unknown as Stripe.InvoiceItemCreateParams
    await expect(stripe.invoiceItems.create(wrong)).rejects.toThrow(/additional properties are not allowed/)
  })
})
