import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { toMonth } from '../../../../src/domain/period.ts'
import { type StripeStandIn, startStripeStandIn } from '../../../support/stripe-stand-in.ts'
import { acme, deliver, fileJournal, holdings, invoiceOf, refusalOf, threeLines } from './fixture.ts'

let stripe: StripeStandIn
beforeEach(async () => {
  stripe = await startStripeStandIn()
})
afterEach(() => stripe.close())

const ask = (method: string, path: string, fields: Record<string, string> = {}) =>
  stripe.state.handle(method, path, fields).body as { id: string }
const callsTo = (text: string) => stripe.requests.filter(({ method, path }) => `${method} ${path}` === text)
const firstInvoice = () => [...stripe.state.invoices.values()][0]

describe('what arrives in Stripe', () => {
  it('is our invoice, with our ids, and finalized only where asked', async () => {
    const delivery = await deliver(stripe, fileJournal(), { finalize: false })
    expect([delivery.stripeStatus, delivery.stripeTotal, delivery.livemode, delivery.notes]).toEqual([
      'draft',
      '1000.25',
      false,
      [],
    ])
    expect(firstInvoice()).toMatchObject({
      id: delivery.stripeInvoiceId,
      customer: delivery.stripeCustomerId,
      currency: 'usd',
      auto_advance: false,
      collection_method: 'send_invoice',
      status: 'draft',
      metadata: {
        countinghouse_invoice: 'invoice-2026-10-acme',
        countinghouse_number: '2026-10-0001',
        countinghouse_month: '2026-10',
        countinghouse_chain_head: 'c0ffee',
      },
    })
    expect(callsTo('POST /v1/invoices')[0]?.fields).toMatchObject({
      days_until_due: '30',
      pending_invoice_items_behavior: 'exclude',
      discounts: '',
    })
    expect(
      [...stripe.state.items.values()].map(({ amount, description, metadata }) => [
        amount,
        description,
        metadata,
      ]),
    ).toEqual([
      [
        120_050,
        'API calls, part 1',
        {
          countinghouse_invoice: 'invoice-2026-10-acme',
          countinghouse_line: '1',
          countinghouse_charge: 'charge-1',
        },
      ],
      [
        -20_025,
        'API calls, part 2',
        {
          countinghouse_invoice: 'invoice-2026-10-acme',
          countinghouse_line: '2',
          countinghouse_charge: 'charge-2',
        },
      ],
      [
        0,
        'API calls, part 3',
        {
          countinghouse_invoice: 'invoice-2026-10-acme',
          countinghouse_line: '3',
          countinghouse_charge: 'charge-3',
        },
      ],
    ])
  })

  it("has the month as period in the book's time zone, daylight saving included", async () => {
    await deliver(stripe, fileJournal())
    expect([...stripe.state.items.values()][0]?.period).toEqual({
      start: Date.parse('2026-10-01T00:00:00+02:00') / 1000,
      end: Date.parse('2026-11-01T00:00:00+01:00') / 1000 - 1,
    })
  })

  const TOTALS = [
    {
      name: 'zero',
      amounts: ['10', '-10'],
      total: '0',
      minor: 0,
      status: 'paid',
      note: 'Stripe marks the invoice paid',
    },
    {
      name: 'negative',
      amounts: ['10', '-12.34'],
      total: '-2.34',
      minor: -234,
      status: 'paid',
      note: "keeps the amount as the customer's credit",
    },
  ]
  it.each(TOTALS)('a $name total', async ({ amounts, total, minor, status, note }) => {
    const delivery = await deliver(stripe, fileJournal(), { invoice: invoiceOf(amounts, total) })
    expect([
      stripe.state.total(delivery.stripeInvoiceId),
      delivery.stripeStatus,
      delivery.stripeTotal,
    ]).toEqual([minor, status, total])
    expect(delivery.notes.join()).toContain(note)
  })

  it('250 lines, more than a page of any list', async () => {
    const amounts = Array.from({ length: 250 }, () => '0.01')
    const journal = fileJournal()
    const invoice = invoiceOf(amounts, '2.5')
    stripe.crashAfter(200)
    await refusalOf(deliver(stripe, journal, { invoice }))
    stripe.recover()
    const delivery = await deliver(stripe, journal, { invoice })
    expect([stripe.state.items.size, stripe.state.total(delivery.stripeInvoiceId)]).toEqual([250, 250])
  })

  it('a long description is cut to what Stripe takes', async () => {
    const invoice = {
      ...threeLines,
      lines: threeLines.lines.map((line) => ({ ...line, description: 'é'.repeat(501) })),
    }
    await deliver(stripe, fileJournal(), { invoice })
    expect([...stripe.state.items.values()][0]?.description).toBe(`${'é'.repeat(499)}…`)
  })

  it('nothing new where it was delivered before', async () => {
    const journal = fileJournal()
    await deliver(stripe, journal)
    const before = holdings(stripe)
    await deliver(stripe, journal)
    expect(holdings(stripe)).toEqual(before)
  })

  it('nothing new where the book was restored from before the delivery', async () => {
    await deliver(stripe, fileJournal())
    await deliver(stripe, fileJournal())
    expect([stripe.state.customers.size, stripe.state.invoices.size, stripe.state.items.size]).toEqual([
      1, 1, 3,
    ])
  })

  it('is finalized later where it was left a draft', async () => {
    const journal = fileJournal()
    await deliver(stripe, journal, { finalize: false })
    const delivery = await deliver(stripe, journal, { finalize: true })
    expect([delivery.stripeStatus, stripe.state.invoices.size]).toEqual(['open', 1])
  })
})

describe('the customer', () => {
  const september = invoiceOf(['5'], '5', {
    id: 'invoice-2026-09-acme',
    number: '2026-09-0001',
    month: toMonth('2026-09'),
  })

  it('of a second invoice a moment later is the same, though search does not know it yet', async () => {
    const nobody = { ...acme, email: null }
    await deliver(stripe, fileJournal(), { customer: nobody })
    await deliver(stripe, fileJournal(), { customer: nobody, invoice: september })
    expect([stripe.state.customers.size, stripe.state.invoices.size]).toEqual([1, 2])
  })

  it('is found by search a day later', async () => {
    const nobody = { ...acme, email: null }
    const { stripeCustomerId } = await deliver(stripe, fileJournal(), { customer: nobody })
    stripe.advance(26 * 3600 * 1000)
    const nowMs = () => Date.now() + 26 * 3600 * 1000
    const second = await deliver(stripe, fileJournal(), { customer: nobody, invoice: september, nowMs })
    expect(second.stripeCustomerId).toBe(stripeCustomerId)
    expect(stripe.state.customers.size).toBe(1)
  })

  it('is found in the whole list where the account has no search', async () => {
    const indian = await startStripeStandIn({ searchUnavailable: true })
    const nobody = { ...acme, email: null }
    const { stripeCustomerId } = await deliver(indian, fileJournal(), { customer: nobody })
    indian.advance(26 * 3600 * 1000)
    const nowMs = () => Date.now() + 26 * 3600 * 1000
    const second = await deliver(indian, fileJournal(), { customer: nobody, invoice: september, nowMs })
    expect([second.stripeCustomerId, indian.state.customers.size]).toEqual([stripeCustomerId, 1])
    await indian.close()
  })

  it('made by hand in Stripe is found by e-mail and marked with our id', async () => {
    const { id } = ask('POST', '/v1/customers', { name: 'ACME', email: 'billing@acme.example' })
    const delivery = await deliver(stripe, fileJournal())
    expect([delivery.stripeCustomerId, stripe.state.customers.size]).toEqual([id, 1])
    expect(stripe.state.customers.get(id)?.metadata).toEqual({ countinghouse_customer: 'acme' })
  })

  it('with the e-mail address of another of our customers is made anew', async () => {
    const { id } = ask('POST', '/v1/customers', {
      email: 'billing@acme.example',
      'metadata[countinghouse_customer]': 'acme-subsidiary',
    })
    const delivery = await deliver(stripe, fileJournal())
    expect(delivery.stripeCustomerId).not.toBe(id)
  })

  it('that two unmarked ones could be is not guessed', async () => {
    const ids = [1, 2].map(() => ask('POST', '/v1/customers', { email: 'billing@acme.example' }).id)
    const failure = await refusalOf(deliver(stripe, fileJournal()))
    expect([failure.code, failure.retryable]).toEqual(['several_stripe_customers_fit', false])
    expect(failure.message).toBe(
      `Invoice 2026-10-0001 was not delivered. 2 customers in Stripe fit Acme Corporation: ${ids.toReversed().join(', ')}. Save the right one's id with Acme Corporation and deliver again. Nothing was made in Stripe. Not known to be there: the customer, the invoice, lines 1, 2, 3, its finalization.`,
    )
  })

  it('saved with its Stripe id is taken as it is', async () => {
    const { id } = ask('POST', '/v1/customers', { name: 'Another name' })
    const delivery = await deliver(stripe, fileJournal(), { customer: { ...acme, stripeCustomerId: id } })
    expect([delivery.stripeCustomerId, stripe.state.customers.size]).toEqual([id, 1])
  })

  it.each(['deleted', 'unknown'])('saved with an id that is %s is refused', async (what) => {
    const { id } = ask('POST', '/v1/customers')
    if (what === 'deleted') ask('DELETE', `/v1/customers/${id}`)
    const stripeCustomerId = what === 'deleted' ? id : 'cus_of_the_test_mode'
    const failure = await refusalOf(
      deliver(stripe, fileJournal(), { customer: { ...acme, stripeCustomerId } }),
    )
    expect(failure.code).toBe('stripe_customer_is_gone')
    expect(failure.message).toContain(
      `The customer ${stripeCustomerId} saved for Acme Corporation does not exist in this Stripe account`,
    )
    expect(stripe.state.invoices.size).toBe(0)
  })

  it('settled by a former attempt and deleted since is made anew', async () => {
    const journal = fileJournal()
    stripe.crashBefore(5)
    await refusalOf(deliver(stripe, journal))
    stripe.recover()
    const former = [...stripe.state.customers.keys()][0] ?? ''
    ask('DELETE', `/v1/customers/${former}`)
    const delivery = await deliver(stripe, journal)
    expect(delivery.stripeCustomerId).not.toBe(former)
    expect([...stripe.state.customers.keys()]).toEqual([delivery.stripeCustomerId])
  })
})

describe('an invoice that is not ours any more', () => {
  it('with a line added in Stripe: both totals are said, nothing is finalized; deleted there, it is made again', async () => {
    const journal = fileJournal()
    const { stripeInvoiceId, stripeCustomerId } = await deliver(stripe, journal, { finalize: false })
    ask('POST', '/v1/invoiceitems', {
      invoice: stripeInvoiceId,
      customer: stripeCustomerId,
      currency: 'usd',
      amount: '5',
      'period[start]': '0',
      'period[end]': '0',
    })
    const failure = await refusalOf(deliver(stripe, journal))
    expect([failure.code, failure.retryable]).toEqual(['stripe_invoice_differs', false])
    expect(failure.message).toBe(
      `Invoice 2026-10-0001 was not delivered. In Stripe ${stripeInvoiceId} is 1000.30 USD in 4 lines; here it is 1000.25 USD in 3 lines. It was not finalized. Look at it in Stripe, delete the draft ${stripeInvoiceId} there, and deliver again. In Stripe: customer ${stripeCustomerId}, invoice ${stripeInvoiceId} (draft), 3 of 3 lines. Not known to be there: its finalization.`,
    )
    expect(stripe.state.invoices.get(stripeInvoiceId)?.status).toBe('draft')
    expect((await journal.load('invoice-2026-10-acme'))?.check).toEqual({
      ourTotal: '1000.25',
      stripeTotal: '1000.3',
      ourLines: 3,
      stripeLines: 4,
      currency: 'USD',
      stripeCurrency: 'USD',
      fits: false,
    })

    ask('DELETE', `/v1/invoices/${stripeInvoiceId}`)
    const again = await deliver(stripe, journal)
    expect(again.stripeInvoiceId).not.toBe(stripeInvoiceId)
    expect([stripe.state.invoices.size, stripe.state.items.size, again.stripeTotal]).toEqual([
      1,
      3,
      '1000.25',
    ])
  })

  it('with the same total in other amounts is told apart', async () => {
    const journal = fileJournal()
    const { stripeInvoiceId, stripeCustomerId } = await deliver(stripe, journal, { finalize: false })
    for (const item of [...stripe.state.items.values()].slice(1)) ask('DELETE', `/v1/invoiceitems/${item.id}`)
    for (const amount of ['-20024', '-1'])
      ask('POST', '/v1/invoiceitems', {
        invoice: stripeInvoiceId,
        customer: stripeCustomerId,
        currency: 'usd',
        amount,
        'period[start]': '0',
        'period[end]': '0',
        'metadata[countinghouse_invoice]': 'invoice-2026-10-acme',
        'metadata[countinghouse_line]': amount === '-1' ? '3' : '2',
      })
    expect((await refusalOf(deliver(stripe, journal))).code).toBe('stripe_invoice_differs')
  })

  it('with a line deleted in Stripe gets it back', async () => {
    const journal = fileJournal()
    await deliver(stripe, journal, { finalize: false })
    ask('DELETE', `/v1/invoiceitems/${[...stripe.state.items.keys()][1]}`)
    const delivery = await deliver(stripe, journal)
    expect([stripe.state.items.size, delivery.stripeTotal]).toEqual([3, '1000.25'])
  })

  it('voided there is not billed a second time', async () => {
    const journal = fileJournal()
    const { stripeInvoiceId } = await deliver(stripe, journal)
    ask('POST', `/v1/invoices/${stripeInvoiceId}/void`)
    for (const restored of [journal, fileJournal()]) {
      const failure = await refusalOf(deliver(stripe, restored))
      expect([failure.code, failure.retryable]).toEqual(['stripe_invoice_is_void', false])
    }
    expect(stripe.state.invoices.size).toBe(1)
  })

  it('of a customer that was exchanged since is left alone', async () => {
    const journal = fileJournal()
    await deliver(stripe, journal, { finalize: false })
    const { id } = ask('POST', '/v1/customers')
    const failure = await refusalOf(deliver(stripe, journal, { customer: { ...acme, stripeCustomerId: id } }))
    expect(failure.code).toBe('stripe_invoice_belongs_to_another_customer')
  })
})
