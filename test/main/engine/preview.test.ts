/** A running month so far and at its end, against figures a bookkeeper can check. Nothing is kept. */
import { afterEach, expect, test } from 'vitest'
import type { DecimalText } from '../../../src/domain/decimal.ts'
import type { Charge } from '../../../src/domain/pricing/ratecard.ts'
import { type EventRow, events, type House, openHouse, runMonth, sell } from './house.ts'

const decimal = (text: string) => text as DecimalText
const CHARGES: readonly Charge[] = [
  { kind: 'flat_fee', id: 'fee', name: 'Fee', amount: decimal('30') },
  {
    kind: 'graduated',
    id: 'calls',
    name: 'Calls',
    metric: 'calls',
    per: decimal('1'),
    tiers: [
      { upTo: decimal('100'), unitAmount: decimal('1') },
      { upTo: null, unitAmount: decimal('0.5') },
    ],
  },
  {
    kind: 'time_of_day',
    id: 'night',
    name: 'Compute',
    metric: 'compute',
    bands: [
      {
        name: 'night',
        from: 0,
        to: 6,
        price: { kind: 'per_unit', unitAmount: decimal('0.1'), per: decimal('1') },
      },
    ],
    otherwise: { kind: 'per_unit', unitAmount: decimal('1'), per: decimal('1') },
  },
  {
    kind: 'per_unit',
    id: 'seats',
    name: 'Seats',
    metric: 'peak',
    unitAmount: decimal('2'),
    per: decimal('1'),
  },
]

let house: House
afterEach(() => house.close())

const open = async (now: string, rows: readonly EventRow[], terms: Parameters<typeof sell>[3] = {}) => {
  house = await openHouse({ now, timeZone: 'Europe/Berlin' })
  for (const [metric, aggregation] of [
    ['calls', 'sum'],
    ['compute', 'sum'],
    ['peak', 'max'],
  ] as const)
    await house.client.metrics.save({
      metric,
      definition: { metric, name: metric, unit: 'unit', aggregation, scale: 0 },
      expectedVersion: 0,
    })
  await house.take('usage.jsonl', events(rows))
  await sell(house.client, { id: 'acme' }, { id: 'list', charges: CHARGES }, terms)
  return house.client
}
const day = (metric: string, date: string, hour: string, value: string): EventRow => [
  `${metric} ${date} ${hour}`,
  metric,
  'acme',
  `${date}T${hour}:00:00Z`,
  value,
]
type Lines = readonly { readonly chargeId: string; readonly quantity?: string; readonly amount: string }[]
const amounts = (invoices: readonly { readonly lines: Lines }[] | null | undefined) =>
  invoices?.flatMap(({ lines }) =>
    lines.map(({ chargeId, quantity, amount }) => `${chargeId} ${quantity ?? '–'} ${amount}`),
  )

const TEN_A_DAY = Array.from({ length: 24 }, (_, index) =>
  day('calls', `2026-03-${String(index + 1).padStart(2, '0')}`, '12', '10'),
)

test('sums go on as in the last week, over the change of the clocks; a largest value stays', async () => {
  const client = await open('2026-03-25T12:30:00Z', [
    ...TEN_A_DAY,
    // The running day is not over: what it has so far is not counted twice.
    day('calls', '2026-03-25', '12', '3'),
    // Sunday 22 March at 02:00 in Berlin is night, also on the 29th, which leaves that hour out.
    day('compute', '2026-03-22', '01', '100'),
    day('peak', '2026-03-10', '09', '7'),
  ])
  const found = await client.invoices.preview({ customerId: 'acme' })
  expect([found.month, found.elapsedDays, found.daysLeft]).toEqual(['2026-03', 24, 7])
  expect(amounts(found.soFar)).toEqual(['fee – 30', 'calls 243 171.5', 'night 100 10', 'seats 7 14'])
  expect(amounts(found.forecast)).toEqual(['fee – 30', 'calls 310 205', 'night 200 20', 'seats 7 14'])
  expect(found.forecast?.[0]?.lines[1]?.steps.length).toBeGreaterThan(1)
  expect((await client.invoices.list({})).rows).toEqual([])
})

test('the forecast is what the month comes to where the days turn out as foretold', async () => {
  const rest = Array.from({ length: 7 }, (_, index) => day('calls', `2026-03-${25 + index}`, '12', '10'))
  const client = await open('2026-03-25T00:30:00Z', TEN_A_DAY)
  const { forecast } = await client.invoices.preview({ customerId: 'acme' })
  house.clock.set('2026-03-31T21:59:00Z')
  await house.take('rest.jsonl', events(rest))
  const { soFar } = await client.invoices.preview({ customerId: 'acme' })
  expect(amounts(soFar)).toEqual(amounts(forecast))
})

test('a contract that ends within the month is forecast to its end', async () => {
  const client = await open('2026-03-18T12:00:00Z', TEN_A_DAY.slice(0, 17), { endDay: '2026-03-21' })
  const found = await client.invoices.preview({ customerId: 'acme' })
  expect([found.elapsedDays, found.daysLeft]).toEqual([17, 3])
  expect(amounts(found.forecast)?.[1]).toBe('calls 200 150')
})

test('on the first day there is no forecast, and it says why', async () => {
  const client = await open('2026-03-01T12:00:00Z', [day('calls', '2026-03-01', '10', '5')])
  const found = await client.invoices.preview({ customerId: 'acme' })
  expect(found.forecast).toBeNull()
  expect(found.words).toContain('There is no forecast before tomorrow.')
  expect(amounts(found.soFar)?.[1]).toBe('calls 5 5')
})

test('what cannot be previewed is refused in a sentence', async () => {
  const client = await open('2026-03-18T12:00:00Z', TEN_A_DAY, { endDay: '2026-03-01' })
  await expect(client.invoices.preview({ customerId: 'nobody' })).rejects.toThrow(
    'There is no customer nobody.',
  )
  await expect(client.invoices.preview({ customerId: 'acme' })).rejects.toThrow(
    'acme in March 2026: No rate card is assigned for this month. Assign one on the customer’s page.',
  )
  await expect(client.invoices.preview({ customerId: 'acme', month: '2026-02' })).rejects.toThrow(
    'February 2026 is over: run its invoices instead.',
  )
  await expect(client.invoices.preview({ customerId: 'acme', month: '2026-04' })).rejects.toThrow(
    'April 2026 has not begun.',
  )
})

test('the list’s forecast of a running month is every customer’s own, and an approved invoice stays', async () => {
  const client = await open('2026-03-18T12:00:00Z', TEN_A_DAY.slice(0, 17))
  await house.take(
    'more.jsonl',
    events(
      ['bolt', 'core'].flatMap((tenant) =>
        TEN_A_DAY.slice(0, 17).map(
          ([id, metric, , time, value]): EventRow => [`${tenant} ${id}`, metric, tenant, time, value],
        ),
      ),
      'more',
    ),
  )
  await sell(client, { id: 'bolt' }, { id: 'list', charges: CHARGES }, { endDay: '2026-03-21' })
  await sell(client, { id: 'core' }, { id: 'list', charges: CHARGES })
  await runMonth(house, '2026-03')
  await client.invoices.approve({ invoices: [{ invoiceId: '2026-03.core', expectedVersion: 1 }] })
  const list = await client.invoices.list({ month: '2026-03' })
  expect(list.isRunning).toBe(true)
  const found = await client.invoices.forecast({})
  expect([found.month, found.elapsedDays, found.daysLeft]).toEqual(['2026-03', 17, 14])
  expect(found.rows.map(({ invoiceId, total, stands }) => [invoiceId, total, stands])).toEqual([
    // 30 + 100 + 210 × 0.5
    ['2026-03.acme', '235', false],
    // A fee for 20 of 31 days, cut at 20 decimals and rounded: 19.35 + 100 + 100 × 0.5
    ['2026-03.bolt', '169.35', false],
    // As it was approved, with 170 calls.
    ['2026-03.core', '165', true],
  ])
  expect(found.total).toBe('569.35')
  for (const id of ['acme', 'bolt']) {
    const { forecast } = await client.invoices.preview({ customerId: id })
    expect(forecast?.[0]?.total).toBe(
      found.rows.find(({ invoiceId }) => invoiceId === `2026-03.${id}`)?.total,
    )
  }
  // What arrives is in the next answer.
  await house.take('late.jsonl', events([['late', 'calls', 'acme', '2026-03-17T13:00:00Z', '10']], 'late'))
  const next = await client.invoices.forecast({})
  // Two more of the days left are like the 17th: 24 and 31 March.
  expect(next.rows[0]?.total).toBe('250')
  await expect(client.invoices.forecast({ month: '2026-02' })).rejects.toThrow('February 2026 is over')
  expect((await client.invoices.list({ month: '2026-02' })).isRunning).toBe(false)
})
