/** An approved invoice into a Stripe that keeps state, through the contract; and the key that never leaves. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Month } from '../../../src/domain/period.ts'
import { type StripeStandIn, startStripeStandIn } from '../../support/stripe-stand-in.ts'
import { events, type House, openHouse, runMonth, sell } from './house.ts'

const OCTOBER = '2026-10' as Month
const KEY = 'sk_test_51PlantedHereAndNeverToBeSeenAgain'

let stripe: StripeStandIn
let house: House
const environment: NodeJS.ProcessEnv = {}

const approved = async (ids: readonly string[]): Promise<void> => {
  const { client } = house
  await house.take(
    'a.jsonl',
    events(ids.map((id, i) => [`e-${id}`, 'calls', id, '2026-10-05T00:00:00Z', String(100 + i)])),
  )
  for (const id of ids)
    await sell(
      client,
      { id },
      {
        id: 'list',
        charges: [
          {
            kind: 'per_unit',
            id: 'calls',
            name: 'Calls',
            metric: 'calls',
            unitAmount: '0.5' as never,
            per: '1' as never,
          },
          { kind: 'flat_fee', id: 'fee', name: 'Fee', amount: '10' as never },
        ],
      },
    )
  await runMonth(house, OCTOBER)
  const { rows } = await client.invoices.list({ month: OCTOBER })
  await client.invoices.approve({
    invoices: rows.map(({ id, version }) => ({ invoiceId: id, expectedVersion: version })),
  })
}

const deliver = async (ids: readonly string[]) => {
  const job = await house.job(house.client.invoices.deliver({ invoiceIds: ids.map((id) => `2026-10.${id}`) }))
  if (job.result?.kind !== 'deliver') return { state: job.state, message: job.error?.message ?? '' }
  return job.result.deliver
}

const inStripe = () => ({
  customers: stripe.state.customers.size,
  invoices: [...stripe.state.invoices.keys()].map((id) => stripe.state.total(id)),
})

beforeEach(async () => {
  stripe = await startStripeStandIn({ apiKey: KEY })
  environment.STRIPE_API_KEY = KEY
  environment.STRIPE_API_BASE = stripe.url
  house = await openHouse({ environment })
})
afterEach(async () => {
  await house.close()
  await stripe.close()
})

test('an approved invoice is delivered once, however often it is asked for', async () => {
  await approved(['acme'])
  const { client } = house
  expect((await client.invoices.deliveryPreview({ invoiceId: '2026-10.acme' })).ready).toBe(true)
  expect(await deliver(['acme'])).toEqual({
    delivered: 1,
    failed: [],
    sentence: '1 invoice delivered to Stripe.',
  })
  expect(await deliver(['acme', 'acme'])).toMatchObject({ delivered: 2, failed: [] })
  expect(inStripe()).toEqual({ customers: 1, invoices: [6_000] })
  const { invoice, attempts, history } = await client.invoices.get({ invoiceId: '2026-10.acme' })
  expect(invoice).toMatchObject({ state: 'delivered', total: '60' })
  expect(attempts.map(({ outcome }) => outcome)).toEqual(['delivered'])
  expect(history.map(({ state }) => state)).toEqual(['draft', 'approved', 'delivered'])
  const { customer } = await client.customers.get({ customerId: 'acme' })
  expect(customer.stripeCustomerId).toBe([...stripe.state.customers.keys()][0])
})

test('usage that comes after delivery is on the next invoice, and what was delivered stays', async () => {
  await approved(['acme'])
  await deliver(['acme'])
  await house.take('late.jsonl', events([['late', 'calls', 'acme', '2026-10-31T00:00:00Z', '7']]))
  await house.client.invoices.run({ month: OCTOBER })
  await runMonth(house, '2026-11')
  const get = async (invoiceId: string) => (await house.client.invoices.get({ invoiceId })).invoice
  expect(await get('2026-10.acme')).toMatchObject({ state: 'delivered', total: '60' })
  expect((await get('2026-11.acme')).lines.map(({ quantity, amount }) => [quantity, amount])).toEqual([
    ['7', '3.5'],
    [undefined, '10'],
  ])
  expect(inStripe()).toEqual({ customers: 1, invoices: [6_000] })
})

test.each([1, 2, 3, 4, 5, 6, 7])(
  'a connection that dies at call %i and a retry make one invoice',
  async (call) => {
    await approved(['acme'])
    stripe.crashAfter(call)
    const first = await deliver(['acme'])
    expect(first).toMatchObject({ delivered: 0, failed: [{ invoiceId: '2026-10.acme', retryable: true }] })
    const { rows } = await house.client.invoices.list({ month: OCTOBER })
    expect(rows[0]?.state).toBe('approved')
    expect(rows[0]?.deliveryError).toBe((first as { failed: { message: string }[] }).failed[0]?.message)
    stripe.recover()
    house = await house.reopen()
    expect(await deliver(['acme'])).toMatchObject({ delivered: 1, failed: [] })
    expect(inStripe()).toEqual({ customers: 1, invoices: [6_000] })
  },
)

test('two jobs at once make each customer and each invoice once', async () => {
  await approved(['acme', 'bolt'])
  const results = await Promise.all([deliver(['acme', 'bolt']), deliver(['bolt', 'acme'])])
  expect(results).toMatchObject([
    { delivered: 2, failed: [] },
    { delivered: 2, failed: [] },
  ])
  expect(inStripe()).toEqual({ customers: 2, invoices: [6_000, 6_050] })
})

test('drafts are not delivered', async () => {
  await approved(['acme'])
  await sell(house.client, { id: 'late' }, { id: 'list', charges: [] })
  await runMonth(house, OCTOBER)
  await expect(
    house.client.invoices.deliver({ invoiceIds: ['2026-10.acme', '2026-10.late'] }),
  ).rejects.toThrow('1 invoice is not approved: 2026-10.late. Nothing was sent.')
  expect(stripe.requests).toEqual([])
})

test('without a key nothing is sent, and a sentence says where to put one', async () => {
  await approved(['acme'])
  delete environment.STRIPE_API_KEY
  house = await house.reopen()
  expect(await deliver(['acme'])).toEqual({
    state: 'failed',
    message:
      'No Stripe key is known. Set STRIPE_API_KEY in the environment, or save a key in Settings. Nothing was sent.',
  })
  const preview = await house.client.invoices.deliveryPreview({ invoiceId: '2026-10.acme' })
  expect(preview.ready).toBe(false)
  expect(preview.sentence).toContain('No Stripe key is known')
  expect(stripe.requests).toEqual([])
})

describe('the key', () => {
  const filesOf = (directory: string): string[] =>
    readdirSync(directory).flatMap((name) => {
      const path = join(directory, name)
      return statSync(path).isDirectory() ? filesOf(path) : [path]
    })
  const isPlanted = (bytes: Buffer | string) => bytes.includes(KEY) || bytes.includes(KEY.slice(8))

  test('is in no file of the book, no answer, no error and no export', async () => {
    await approved(['acme'])
    const { client } = house
    stripe.crashBefore(2)
    const failed = await deliver(['acme'])
    expect(failed).toMatchObject({ delivered: 0 })
    stripe.recover()
    environment.STRIPE_API_KEY = `${KEY}-wrong`
    house = await house.reopen()
    const refused = await deliver(['acme'])
    environment.STRIPE_API_KEY = KEY
    house = await house.reopen()
    expect(await deliver(['acme'])).toMatchObject({ delivered: 1 })
    const texts = [
      failed,
      refused,
      await client.jobs.list(),
      await house.client.jobs.list(),
      await house.client.book.status(),
      await house.client.invoices.deliveryPreview({ invoiceId: '2026-10.acme' }),
      await house.client.invoices.get({ invoiceId: '2026-10.acme' }),
      await house.client.ledger.search({ kind: 'document', limit: 500 }),
    ].map((answer) => JSON.stringify(answer))
    expect(texts.filter(isPlanted)).toEqual([])
    const workbook = await house.client.exports.month({ month: OCTOBER })
    expect(isPlanted(Buffer.from(await workbook.arrayBuffer()))).toBe(false)
    await house.engine.close()
    const files = filesOf(house.directory)
    expect(files.some((path) => path.endsWith('ledger.sqlite'))).toBe(true)
    expect(files.filter((path) => isPlanted(readFileSync(path)))).toEqual([])
    house = await openHouse({ environment })
  })
})
