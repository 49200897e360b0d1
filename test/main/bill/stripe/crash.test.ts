/** Whatever dies between two calls, a further attempt ends with one customer, one invoice, each line once. */
import { afterAll, describe, expect, it } from 'vitest'
import type { DeliveryJournal } from '../../../../src/main/bill/stripe/record.ts'
import { type StripeStandIn, startStripeStandIn } from '../../../support/stripe-stand-in.ts'
import { deliver, type FileJournal, fileJournal, holdings, refusalOf } from './fixture.ts'

const WHOLE = {
  customers: 1,
  invoices: [
    {
      status: 'open',
      total: 100_025,
      lines: [
        ['1', 120_050],
        ['2', -20_025],
        ['3', 0],
      ],
    },
  ],
  items: 3,
}
const HOUR_MS = 3600 * 1000

const open: StripeStandIn[] = []
const start = async (): Promise<StripeStandIn> => {
  const stripe = await startStripeStandIn()
  open.push(stripe)
  return stripe
}
afterAll(() => Promise.all(open.map((stripe) => stripe.close())))

/** The calls of an undisturbed first delivery, in order; each row below is one of them. */
const CALLS = [
  'GET /v1/customers/search',
  'GET /v1/customers',
  'GET /v1/customers',
  'POST /v1/customers',
  'POST /v1/invoices',
  'POST /v1/invoiceitems',
  'POST /v1/invoiceitems',
  'POST /v1/invoiceitems',
  'GET /v1/invoices/:id',
  'GET /v1/invoices/:id/lines',
  'POST /v1/invoices/:id/finalize',
  'GET /v1/invoices/:id',
  'GET /v1/invoices/:id/lines',
]
const ROWS = CALLS.map((call, index) => ({ number: index + 1, call }))

describe('the calls of a delivery', () => {
  it('are these, in this order', async () => {
    const stripe = await start()
    await deliver(stripe, fileJournal())
    expect(stripe.requests.map(({ method, path }) => `${method} ${path.replace(/in_[^/]+/, ':id')}`)).toEqual(
      CALLS,
    )
    expect(holdings(stripe)).toEqual(WHOLE)
  })
})

/** What may happen to a call, and what the second attempt meets. */
const DISASTERS = [
  { name: 'took effect, answer lost, retried at once', applied: true, laterMs: 0 },
  { name: 'took effect, answer lost, retried after 25 hours', applied: true, laterMs: 25 * HOUR_MS },
  { name: 'never arrived, retried at once', applied: false, laterMs: 0 },
] as const

describe.each(DISASTERS)('a call that $name', ({ applied, laterMs }) => {
  it.concurrent.each(ROWS)('call $number, $call', async ({ number }) => {
    const stripe = await start()
    const journal = fileJournal()
    if (applied) stripe.crashAfter(number)
    else stripe.crashBefore(number)
    const failure = await refusalOf(deliver(stripe, journal))
    expect([failure.code, failure.retryable]).toEqual(['stripe_unreachable', true])
    stripe.recover()
    stripe.advance(laterMs)
    await deliver(stripe, journal, { nowMs: () => Date.now() + laterMs })
    expect(holdings(stripe)).toEqual(WHOLE)
  })
})

/** A program that dies at its n-th save: before the version is written, or just after. */
const dyingAt = (journal: FileJournal, save: number, written: boolean): DeliveryJournal => {
  let saves = 0
  return {
    load: journal.load,
    save: async (record) => {
      saves += 1
      if (saves > save) throw new Error('the program is dead')
      if (saves < save || written) await journal.save(record)
      if (saves === save) throw new Error('the program died')
    },
  }
}

/** Started, customer, invoice, end. */
const SAVES = [1, 2, 3, 4]

describe.each([
  { when: 'before it is written', written: false },
  { when: 'after it is written', written: true },
])('the program dies at a save, $when', ({ written }) => {
  it.each(SAVES)('save %i', async (save) => {
    const stripe = await start()
    const journal = fileJournal()
    await expect(deliver(stripe, dyingAt(journal, save, written))).rejects.toThrow('the program died')
    await deliver(stripe, journal)
    expect(holdings(stripe)).toEqual(WHOLE)
  })

  it('has no further save', async () => {
    const stripe = await start()
    await deliver(stripe, dyingAt(fileJournal(), SAVES.length + 1, written))
    expect(holdings(stripe)).toEqual(WHOLE)
  })
})

describe('keys', () => {
  it('are saved before the first call', async () => {
    const stripe = await start()
    const journal = fileJournal()
    await expect(deliver(stripe, dyingAt(journal, 1, true))).rejects.toThrow('the program died')
    expect(stripe.requests).toEqual([])
    const keys = Object.entries(journal.versions()[0]?.keys ?? {})
    expect(keys.map(([step, { key }]) => [step, key.replace(/[0-9a-f]{24}$/, 'nonce')])).toEqual(
      ['customer', 'claim', 'invoice', 'line-1', 'line-2', 'line-3', 'finalize'].map((step) => [
        step,
        `countinghouse:invoice-2026-10-acme:${step}:v1:nonce`,
      ]),
    )
  })

  it('are the same on a retry whose first answer was lost', async () => {
    const stripe = await start()
    const journal = fileJournal()
    stripe.crashBefore(5)
    await refusalOf(deliver(stripe, journal))
    stripe.recover()
    await deliver(stripe, journal)
    const sent = stripe.requests.filter(({ path, method }) => `${method} ${path}` === 'POST /v1/invoices')
    expect(sent.map(({ idempotencyKey }) => idempotencyKey)).toEqual([
      journal.versions()[0]?.keys.invoice?.key,
      journal.versions()[0]?.keys.invoice?.key,
    ])
  })

  it('are replayed by the library itself where a connection drops once', async () => {
    const stripe = await start()
    stripe.failNext({ on: 'POST /v1/invoiceitems', answer: 'drop', applied: true })
    await deliver(stripe, fileJournal())
    expect(stripe.requests.filter(({ replayed }) => replayed).map(({ path }) => path)).toEqual([
      '/v1/invoiceitems',
    ])
    expect(holdings(stripe)).toEqual(WHOLE)
  })

  const SERVER_ERRORS = [
    'POST /v1/customers',
    'POST /v1/invoices',
    'POST /v1/invoiceitems',
    '/finalize',
  ].flatMap((on) => [true, false].map((applied) => ({ on, applied })))
  it.each(SERVER_ERRORS)(
    'are renewed after a 500, which Stripe would repeat for 24 hours: $on, applied $applied',
    async ({ on, applied }) => {
      const stripe = await start()
      const journal = fileJournal()
      stripe.failNext({ on, answer: 500, applied })
      const failure = await refusalOf(deliver(stripe, journal))
      expect([failure.code, failure.retryable]).toEqual(['stripe_failed', true])
      await deliver(stripe, journal)
      expect(holdings(stripe)).toEqual(WHOLE)
    },
  )
})

describe('seven misfortunes in a row', () => {
  it('still end in one invoice', async () => {
    const stripe = await start()
    const journal = fileJournal()
    for (const call of [1, 4, 5, 5, 6, 3, 4]) {
      stripe.crashAfter(call)
      await deliver(stripe, journal).catch(() => undefined)
      stripe.recover()
      stripe.advance(25 * HOUR_MS)
    }
    await deliver(stripe, journal)
    expect(holdings(stripe)).toEqual(WHOLE)
  })
})
