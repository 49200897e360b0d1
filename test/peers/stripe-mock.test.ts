/**
 * Every call of a delivery, against stripe-mock: Stripe's own server that validates requests by the OpenAPI
 * description and answers with fixtures. It keeps no state, so what it says of totals means something only where
 * the invoice is the fixture's: one line of 10.00 USD.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createStripeClient } from '../../src/main/bill/stripe/client.ts'
import { METADATA } from '../../src/main/bill/stripe/plan.ts'
import { flatParameters, previewDelivery } from '../../src/main/bill/stripe/preview.ts'
import { acme, deliver, fileJournal, invoiceOf, refusalOf, threeLines } from '../main/bill/stripe/fixture.ts'
import { type StripeStandIn, startStripeStandIn } from '../support/stripe-stand-in.ts'
import { startStripeMock, stripeMockPath } from './support.ts'

let url = ''
let stopMock = async (): Promise<void> => undefined
const KEY = 'sk_test_123'
const asFixture = invoiceOf(['10'], '10')

const stripe = () =>
  createStripeClient({ apiKey: KEY, apiBase: url, networkRetriesMax: 0, timeoutMs: 10_000 })

/** The HTTP status and body of one call sent as plain form fields. */
const send = async (method: string, path: string, fields: Record<string, string>) => {
  const form = new URLSearchParams(fields).toString()
  const query = method === 'GET' && form !== '' ? `?${form}` : ''
  const answer = await fetch(`${url}${path}${query}`, {
    method,
    headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/x-www-form-urlencoded' },
    ...(method === 'POST' ? { body: form } : {}),
  })
  return { status: answer.status, text: await answer.text() }
}

/** A running one is taken by STRIPE_MOCK_URL; else the one that scripts/peers.mjs found is started. */
beforeAll(async () => {
  const running = process.env.STRIPE_MOCK_URL
  if (!running && !stripeMockPath)
    throw new Error(
      'There is no stripe-mock. Run "npm run test:peers", which installs it, or start one and set STRIPE_MOCK_URL=http://127.0.0.1:12111.',
    )
  const mock = running ? { url: running, stop: stopMock } : await startStripeMock()
  url = mock.url
  stopMock = mock.stop
})
afterAll(() => stopMock())

describe('stripe-mock', () => {
  it('is there and validates', async () => {
    expect((await send('POST', '/v1/invoices', { customer: 'cus_1', no_such_parameter: '1' })).status).toBe(
      400,
    )
    expect((await send('POST', '/v1/invoiceitems', { customer: 'cus_1', amount: 'ten' })).status).toBe(400)
  })

  it('accepts a whole delivery, finds the total equal, and finalizes', async () => {
    const delivery = await deliver({ url }, fileJournal(), { invoice: asFixture, stripe: stripe() })
    expect(delivery.record.check).toEqual({
      ourTotal: '10',
      stripeTotal: '10',
      ourLines: 1,
      stripeLines: 1,
      currency: 'USD',
      stripeCurrency: 'USD',
      fits: true,
    })
    const steps = delivery.record.attempts[0]?.calls.map(({ step, answer }) => [step, answer.kind])
    expect(steps).toEqual([
      ['find-customer', 'ok'],
      ['find-customer', 'ok'],
      ['find-customer', 'ok'],
      ['customer', 'ok'],
      ['invoice', 'ok'],
      ['line-1', 'ok'],
      ['check', 'ok'],
      ['check', 'ok'],
      ['finalize', 'ok'],
      ['check', 'ok'],
      ['check', 'ok'],
    ])
  })

  it('accepts the calls of a customer known by its Stripe id', async () => {
    const customer = { ...acme, stripeCustomerId: 'cus_known' }
    const { record } = await deliver({ url }, fileJournal(), {
      invoice: asFixture,
      customer,
      stripe: stripe(),
    })
    const calls = record.attempts[0]?.calls.map(({ method, path, answer }) => [method, path, answer.kind])
    expect(calls?.slice(0, 3)).toEqual([
      ['GET', '/v1/customers/cus_known', 'ok'],
      ['GET', '/v1/invoices', 'ok'],
      ['POST', '/v1/invoices', 'ok'],
    ])
  })

  it('accepts each line of an invoice of several, and only the total differs from its fixture', async () => {
    const journal = fileJournal()
    const failure = await refusalOf(deliver({ url }, journal, { stripe: stripe() }))
    expect(failure.code).toBe('stripe_invoice_differs')
    expect(failure.message).toContain('is 10.00 USD in 1 line; here it is 1000.25 USD in 3 lines')
    const calls = journal.versions().at(-1)?.attempts[0]?.calls ?? []
    expect(calls.filter(({ step }) => step.startsWith('line-')).map(({ answer }) => answer.kind)).toEqual([
      'ok',
      'ok',
      'ok',
    ])
  })
})

describe('every call of the preview', () => {
  const terms = {
    daysUntilDue: 30,
    finalize: true,
    timeZone: 'Europe/Berlin',
    nowMs: Date.UTC(2026, 10, 3),
    record: null,
  }
  const calls = [
    ...previewDelivery({ ...terms, invoice: threeLines, customer: acme }).calls,
    ...previewDelivery({
      ...terms,
      invoice: threeLines,
      customer: { ...acme, stripeCustomerId: 'cus_known' },
    }).calls,
    // Sent where a customer found by e-mail is marked, and where an earlier attempt left a draft.
    {
      method: 'POST',
      path: '/v1/customers/cus_known',
      parameters: flatParameters({ metadata: { [METADATA.customer]: acme.id } }),
    },
    { method: 'GET', path: '/v1/invoiceitems', parameters: { invoice: 'in_known', limit: '100' } },
  ].map((call, index) => ({
    ...call,
    path: call.path.replaceAll(/\([^)]*\)/g, 'id_given_by_stripe'),
    number: index + 1,
  }))

  it.each(calls)('$number: $method $path', async ({ method, path, parameters }) => {
    const { status, text } = await send(method, path, parameters)
    expect(`${status} ${status === 200 ? '' : text}`).toBe('200 ')
  })
})

describe('the stand-in of the other tests', () => {
  let standIn: StripeStandIn
  beforeAll(async () => {
    standIn = await startStripeStandIn()
  })
  afterAll(() => standIn.close())

  it('is sent nothing that stripe-mock does not accept', async () => {
    standIn.state.handle('POST', '/v1/customers', { email: acme.email ?? '' })
    const journal = fileJournal()
    await deliver(standIn, journal, { finalize: false })
    await deliver(standIn, journal)
    expect(standIn.requests.length).toBeGreaterThan(15)
    for (const { method, path, fields } of standIn.requests) {
      const { status, text } = await send(method, path, fields)
      expect(`${method} ${path}: ${status} ${status === 200 ? '' : text}`).toBe(`${method} ${path}: 200 `)
    }
  })
})
