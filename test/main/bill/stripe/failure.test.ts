import Stripe from 'stripe'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createStripeClient } from '../../../../src/main/bill/stripe/client.ts'
import { describeStripeError } from '../../../../src/main/bill/stripe/failure.ts'
import { type StripeStandIn, startStripeStandIn } from '../../../support/stripe-stand-in.ts'
import { API_KEY, acme, deliver, fileJournal, invoiceOf, refusalOf, threeLines } from './fixture.ts'

let stripe: StripeStandIn
beforeEach(async () => {
  stripe = await startStripeStandIn()
})
afterEach(() => stripe.close())

const firstInvoice = () => [...stripe.state.invoices.values()][0]

describe('what is refused before anything is sent', () => {
  const ROWS = [
    {
      change: { invoice: { ...threeLines, state: 'draft' as const } },
      code: 'invoice_is_not_approved',
      says: 'it is draft.',
    },
    {
      change: { invoice: { ...threeLines, state: 'void' as const } },
      code: 'invoice_is_not_approved',
      says: 'it is void.',
    },
    { change: { invoice: invoiceOf([], '0') }, code: 'invoice_has_no_lines', says: 'it has no lines.' },
    {
      change: {
        invoice: invoiceOf(
          Array.from({ length: 251 }, () => '1'),
          '251',
        ),
      },
      code: 'invoice_has_too_many_lines',
      says: 'it has 251 lines and Stripe takes at most 250.',
    },
    {
      change: { invoice: invoiceOf(['1', '2'], '4') },
      code: 'invoice_total_is_not_the_sum_of_its_lines',
      says: 'its total is 4 USD and its lines add up to 3.',
    },
    {
      change: { invoice: invoiceOf(['0.001'], '0.001') },
      code: 'amount_cannot_be_sent',
      says: 'line 1 cannot be sent: 0.001 USD is finer than Stripe takes: the smallest step is 0.01 USD.',
    },
    {
      change: { daysUntilDue: 1.5 },
      code: 'days_until_due_is_not_possible',
      says: '1.5 is no number of days until it is due.',
    },
  ]
  it.each(ROWS)('$code', async ({ change, code, says }) => {
    const journal = fileJournal()
    const failure = await refusalOf(deliver(stripe, journal, change))
    expect([failure.code, failure.retryable, stripe.requests.length, journal.text()]).toEqual([
      code,
      false,
      0,
      '',
    ])
    expect(failure.message).toContain(says)
    expect(failure.message).toContain('Nothing was sent to Stripe.')
  })

  it('an invoice that changed since its delivery began', async () => {
    const journal = fileJournal()
    await deliver(stripe, journal)
    const failure = await refusalOf(deliver(stripe, journal, { invoice: invoiceOf(['1'], '1') }))
    expect(failure.code).toBe('invoice_changed_since_the_first_attempt')
    expect(failure.message).toContain(
      'it is 1 USD in 1 lines, and was 1000.25 USD in 3 lines when its delivery began.',
    )
  })

  it('a second delivery of the same invoice at the same time', async () => {
    const journal = fileJournal()
    const outcomes = await Promise.allSettled([deliver(stripe, journal), deliver(stripe, journal)])
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect([stripe.state.customers.size, stripe.state.invoices.size, stripe.state.items.size]).toEqual([
      1, 1, 3,
    ])
  })
})

describe('errors of Stripe', () => {
  it('a refused key', async () => {
    const strict = await startStripeStandIn({ apiKey: 'sk_test_another' })
    const failure = await refusalOf(deliver(strict, fileJournal()))
    await strict.close()
    expect([failure.code, failure.retryable]).toEqual(['key_refused', false])
    expect(failure.message).toBe(
      'Invoice 2026-10-0001 was not delivered. Stripe refused the API key. Nothing was made in Stripe. Not known to be there: the customer, the invoice, lines 1, 2, 3, its finalization. Enter a valid secret key in Settings, or set STRIPE_API_KEY, and deliver again.',
    )
  })

  it('too many calls, after two lines', async () => {
    const journal = fileJournal()
    stripe.crashAfter(7)
    await refusalOf(deliver(stripe, journal))
    stripe.recover()
    stripe.failNext({ on: 'POST /v1/invoiceitems', answer: 429, applied: false })
    const failure = await refusalOf(deliver(stripe, journal))
    expect([failure.code, failure.retryable]).toEqual(['rate_limited', true])
    const [customer, invoice] = [[...stripe.state.customers.keys()][0], firstInvoice()?.id]
    expect(failure.message).toBe(
      `Invoice 2026-10-0001 was not delivered. Stripe asks for fewer calls at a time. In Stripe: customer ${customer}, invoice ${invoice} (draft), 2 of 3 lines. Not known to be there: line 3, its finalization. Wait a minute. Deliver it again; what exists in Stripe is found and reused.`,
    )
  })

  it('a parameter it does not take: named, and right after it is corrected', async () => {
    const journal = fileJournal()
    const failure = await refusalOf(deliver(stripe, journal, { customer: { ...acme, email: 'no address' } }))
    expect([failure.code, failure.retryable]).toEqual(['request_refused', false])
    expect(failure.message).toContain(
      'Stripe refused the parameter "email": Invalid email address: no address.',
    )
    await deliver(stripe, journal)
    expect(stripe.state.customers.size).toBe(1)
  })

  it('a key used with other content is replaced at the next attempt', async () => {
    const journal = fileJournal()
    stripe.crashBefore(5)
    await refusalOf(deliver(stripe, journal))
    stripe.recover()
    // Somebody else's call with our key: nothing of ours exists, and Stripe holds the key.
    const [key] = stripe.requests
      .filter(({ path, method }) => method === 'POST' && path === '/v1/invoices')
      .map(({ idempotencyKey }) => idempotencyKey)
    await createStripeClient({ apiKey: API_KEY, apiBase: stripe.url }).customers.create(
      { name: 'other' },
      { idempotencyKey: key ?? '' },
    )
    const failure = await refusalOf(deliver(stripe, journal))
    expect([failure.code, failure.retryable]).toEqual(['idempotency_key_was_used_otherwise', true])
    await deliver(stripe, journal)
    expect([stripe.state.invoices.size, stripe.state.items.size]).toEqual([1, 3])
  })

  it('cancelled between two calls', async () => {
    const stop = new AbortController()
    const journal = fileJournal()
    const save = async (record: Parameters<typeof journal.save>[0]) => {
      await journal.save(record)
      if (record.stripeInvoiceId !== null) stop.abort()
    }
    const failure = await refusalOf(deliver(stripe, { load: journal.load, save }, { signal: stop.signal }))
    expect([failure.code, failure.retryable, stripe.state.items.size]).toEqual(['cancelled', true, 0])
    await deliver(stripe, journal)
    expect([stripe.state.invoices.size, stripe.state.items.size]).toEqual([1, 3])
  })
})

describe('the record', () => {
  it('tells each attempt, what was sent and what came back', async () => {
    const journal = fileJournal()
    stripe.crashAfter(5)
    await refusalOf(deliver(stripe, journal, { nowMs: () => 1_000 }))
    stripe.recover()
    const { record } = await deliver(stripe, journal, { nowMs: () => 2_000 })
    expect(journal.versions().map(({ revision, state }) => [revision, state])).toEqual([
      [1, 'started'],
      [2, 'started'],
      [3, 'failed'],
      [4, 'started'],
      [5, 'started'],
      [6, 'started'],
      [7, 'delivered'],
    ])
    const [first, second] = record.attempts
    expect([
      first?.startedAtMs,
      first?.endedAtMs,
      first?.failure?.code,
      second?.startedAtMs,
      second?.failure,
    ]).toEqual([1_000, 1_000, 'stripe_unreachable', 2_000, null])
    expect(first?.calls.at(-1)).toEqual({
      step: 'invoice',
      method: 'POST',
      path: '/v1/invoices',
      params: expect.objectContaining({ days_until_due: 30, collection_method: 'send_invoice' }),
      idempotencyKey: record.keys.invoice?.key,
      sentAtMs: 1_000,
      answer: {
        kind: 'error',
        text: 'Stripe did not answer: the connection failed or was lost.',
        status: null,
        requestId: null,
      },
    })
    expect(
      second?.calls.filter(({ method }) => method === 'POST').map(({ step, answer }) => [step, answer.kind]),
    ).toEqual([
      ['line-1', 'ok'],
      ['line-2', 'ok'],
      ['line-3', 'ok'],
      ['finalize', 'ok'],
    ])
    expect(record).toMatchObject({
      state: 'delivered',
      stripeStatus: 'open',
      livemode: false,
      check: { fits: true },
    })
  })

  it('and no message ever holds the key', async () => {
    const strict = await startStripeStandIn({ apiKey: 'sk_test_another' })
    const said: string[] = []
    for (const [server, fault] of [
      [strict, null],
      [stripe, 429],
      [stripe, 500],
      [stripe, 'drop'],
    ] as const) {
      const journal = fileJournal()
      if (fault !== null)
        server.failNext({ on: 'POST', answer: fault, applied: false, times: fault === 'drop' ? 2 : 1 })
      const failure = await refusalOf(deliver(server, journal))
      said.push(failure.message, failure.stack ?? '', JSON.stringify(failure), journal.text())
    }
    const journal = fileJournal()
    said.push(JSON.stringify(await deliver(stripe, journal)), journal.text())
    await strict.close()
    const text = said.join('\n')
    expect(text).toContain('Stripe refused the API key.')
    expect(text).not.toContain(API_KEY)
    expect(text).not.toContain(API_KEY.slice(8))
    expect(text).not.toMatch(/sk_(test|live)_/)
  })
})

describe('in words, by the kind of error', () => {
  const { errors } = Stripe
  const raw = (statusCode: number, message: string, param?: string) =>
    ({
      type: 'invalid_request_error',
      statusCode,
      message,
      ...(param === undefined ? {} : { param }),
    }) as const
  const ROWS = [
    {
      error: new errors.StripePermissionError(raw(403, 'The key rk_live_51abc**xyz may not.')),
      code: 'permission_missing',
      what: 'Stripe says the API key may not do this: The key [key removed] may not.',
      spendsKey: false,
    },
    {
      error: new errors.StripeInvalidRequestError(raw(400, 'Must be at least 1', 'days_until_due')),
      code: 'request_refused',
      what: 'Stripe refused the parameter "days_until_due": Must be at least 1.',
      spendsKey: true,
    },
    {
      error: new errors.StripeInvalidRequestError(raw(400, 'No.')),
      code: 'request_refused',
      what: 'Stripe refused the request: No.',
      spendsKey: true,
    },
    {
      error: new errors.StripeAPIError(raw(409, 'There is currently another in-progress request')),
      code: 'stripe_failed',
      what: 'Stripe is still working on an earlier call for this invoice.',
      spendsKey: false,
    },
    {
      error: new errors.StripeAPIError(raw(503, 'Down')),
      code: 'stripe_failed',
      what: 'Stripe had an error of its own: Down.',
      spendsKey: true,
    },
    {
      error: new errors.StripeRateLimitError(raw(429, 'Slow down')),
      code: 'rate_limited',
      what: 'Stripe asks for fewer calls at a time.',
      spendsKey: false,
    },
  ]
  it.each(ROWS)('$what', ({ error, code, what, spendsKey }) => {
    expect(describeStripeError(error)).toMatchObject({ code, what, spendsKey })
  })

  it('a bug is none of them', () => {
    expect(describeStripeError(new TypeError('x is undefined'))).toBe(null)
  })
})
