import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { stripeApiBase } from '../../../../src/main/bill/stripe/api-base.ts'
import {
  CUSTOMER_PLACEHOLDER,
  INVOICE_PLACEHOLDER,
  previewDelivery,
} from '../../../../src/main/bill/stripe/preview.ts'
import { type StripeStandIn, startStripeStandIn } from '../../../support/stripe-stand-in.ts'
import { acme, deliver, fileJournal, invoiceOf, refusalOf, threeLines } from './fixture.ts'

let stripe: StripeStandIn
beforeEach(async () => {
  stripe = await startStripeStandIn()
})
afterEach(() => stripe.close())

const NOW_MS = Date.UTC(2026, 10, 3)
const terms = {
  invoice: threeLines,
  customer: acme,
  daysUntilDue: 30,
  finalize: true,
  timeZone: 'Europe/Berlin',
  nowMs: NOW_MS,
}

/** Calls as the stand-in received them, with Stripe's ids put back to what the preview writes. */
const received = (from: number, customer: string, invoice: string) => {
  const named = (text: string) =>
    text.replaceAll(customer, CUSTOMER_PLACEHOLDER).replaceAll(invoice, INVOICE_PLACEHOLDER)
  return stripe.requests.slice(from).map(({ method, path, fields }) => ({
    method,
    path: named(path),
    parameters: Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, named(value)])),
  }))
}
const bare = (calls: ReturnType<typeof previewDelivery>['calls']) =>
  calls.map(({ method, path, parameters }) => ({ method, path, parameters }))

describe('the preview', () => {
  it('shows the very calls a first delivery sends', async () => {
    const preview = previewDelivery({ ...terms, apiBase: stripe.url, record: null })
    expect([preview.ready, preview.destination, stripe.requests.length]).toEqual([true, stripe.url, 0])
    expect(preview.sentence).toBe(
      '2026-10-0001 for Acme Corporation, 1000.25 USD in 3 lines, is made and finalized in Stripe, due 30 days later. Stripe sends nothing to the customer by itself.',
    )
    const { stripeCustomerId, stripeInvoiceId } = await deliver(stripe, fileJournal(), {
      nowMs: () => NOW_MS,
    })
    const shown = bare(preview.calls).filter(
      // The one call that is left out for a customer made just now, as its note says.
      ({ method, path }) => `${method} ${path}` !== 'GET /v1/invoices',
    )
    expect(received(0, stripeCustomerId, stripeInvoiceId)).toEqual(shown)
  })

  it('shows only what is left after a failed attempt', async () => {
    const journal = fileJournal()
    stripe.crashBefore(7)
    await refusalOf(deliver(stripe, journal, { nowMs: () => NOW_MS }))
    stripe.recover()
    const record = await journal.load(threeLines.id)
    const preview = previewDelivery({ ...terms, record })
    const before = stripe.requests.length
    await deliver(stripe, journal, { nowMs: () => NOW_MS })
    expect(received(before, 'none', 'none')).toEqual(bare(preview.calls))
    expect(preview.calls.filter(({ note }) => note.startsWith('Line')).map(({ note }) => note)).toEqual([
      'Line 2: -200.25 USD.',
      'Line 3: 0.00 USD.',
    ])
  })

  it('says why nothing can be sent', () => {
    const preview = previewDelivery({ ...terms, invoice: { ...threeLines, state: 'draft' }, record: null })
    expect(preview).toEqual({
      destination: 'https://api.stripe.com',
      ready: false,
      sentence:
        'Invoice 2026-10-0001 was not delivered: it is draft. Only approved invoices are delivered. Nothing was sent to Stripe.',
      calls: [],
    })
  })

  it('warns of a negative total', () => {
    const preview = previewDelivery({
      ...terms,
      invoice: invoiceOf(['-5'], '-5'),
      finalize: false,
      record: null,
    })
    expect(preview.sentence).toBe(
      '2026-10-0001 for Acme Corporation, -5.00 USD in 1 line, is made in Stripe as a draft, due 30 days later. Stripe sends nothing to the customer by itself. The total is -5.00 USD: finalizing it in Stripe would make it a credit of the customer.',
    )
  })
})

describe('the address', () => {
  const ROWS = [
    { setting: null, environment: {}, base: 'https://api.stripe.com' },
    {
      setting: null,
      environment: { STRIPE_API_BASE: 'http://127.0.0.1:12111' },
      base: 'http://127.0.0.1:12111',
    },
    {
      setting: 'https://stripe.example:8443/',
      environment: { STRIPE_API_BASE: 'http://127.0.0.1:1' },
      base: 'https://stripe.example:8443',
    },
    { setting: ' ', environment: { STRIPE_API_BASE: ' ' }, base: 'https://api.stripe.com' },
    { setting: 'http://[::1]:12111', environment: {}, base: 'http://[::1]:12111' },
  ]
  it.each(ROWS)('$setting, $environment: $base', ({ setting, environment, base }) => {
    expect(stripeApiBase(setting, environment)).toBe(base)
  })

  const REFUSED = [
    ['stripe', 'The Stripe address "stripe" is not an http or https address.'],
    ['ftp://stripe.example', 'is not an http or https address.'],
    ['http://stripe.example', 'would send the key unencrypted; use https, or a server on this machine.'],
    ['http://127.0.0.1.stripe.example', 'would send the key unencrypted'],
    ['https://stripe.example/v1', 'has a path; give scheme, host and port only.'],
    ['https://me:hidden@stripe.example', 'The Stripe address "https://stripe.example" has a user name in it'],
  ] as const
  it.each(REFUSED)('%s is refused', (setting, message) => {
    expect(() => stripeApiBase(setting, {})).toThrow(message)
  })
})
