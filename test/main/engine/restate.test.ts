/** Newer deliveries of a bill: what vanished is reversed, what is new is added, what stayed stays. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Month } from '../../../src/domain/period.ts'
import { type ChargeRow, focus, gzip, type House, openHouse, verify } from './house.ts'

let house: House
beforeEach(async () => {
  house = await openHouse()
})
afterEach(() => house.close())

const month = (text: string) => text as Month

const row = (resource: string, billed: string, change: Partial<ChargeRow> = {}): ChargeRow => ({
  day: '2026-09-05',
  service: 'EC2',
  resource,
  billed,
  ...change,
})
const A = row('a', '10.000000001')
const B = row('b', '20')
const C = row('c', '30.5')
const D = row('d', '1E-9')

/** What a month shows: cost by the month it counts in, and the bills of the month against their files. */
const seen = async (of: string) => {
  const margin = await house.client.cost.margin({ month: month(of) })
  const state = await house.client.reconcile.month({ month: month(of) })
  return {
    cost: margin.equation.bill,
    bills: state.bills.map(
      ({ billingAccount, ledgerBilled, fileTotal, difference, currency }) =>
        `${billingAccount} ${currency}: ledger ${ledgerBilled}, file ${fileTotal ?? '–'}, difference ${difference ?? '–'}`,
    ),
  }
}
const agree = (account: string, amount: string) =>
  `${account} USD: ledger ${amount}, file ${amount}, difference 0`

test('a row vanishes, one is new, two stay; an even newer delivery brings it back', async () => {
  expect(await house.take('1.csv', focus([A, B, C]))).toMatchObject({ added: 3, restated: null })
  expect(await seen('2026-09')).toEqual({ cost: '60.500000001', bills: [agree('1', '60.500000001')] })

  const newer = await house.take('2.csv', focus([A, C, D]))
  expect(newer).toMatchObject({
    rows: 3,
    added: 1,
    duplicate: 2,
    restated: { stayed: 2, vanished: 1, added: 1 },
    sentence:
      '2.csv: 3 rows read, 1 row added, 2 already there. A newer delivery of bills the ledger had: 2 entries stayed, 1 vanished and reversed, 1 new.',
  })
  expect(newer.currencies).toEqual([{ currency: 'USD', billed: '-19.999999999', effective: '-19.999999999' }])
  expect(await seen('2026-09')).toEqual({ cost: '40.500000002', bills: [agree('1', '40.500000002')] })

  expect(await house.take('3.csv', focus([A, B, C, D]))).toMatchObject({
    restated: { stayed: 3, vanished: 0, added: 1 },
  })
  expect(await seen('2026-09')).toEqual({ cost: '60.500000002', bills: [agree('1', '60.500000002')] })

  expect(await house.take('2.csv', focus([A, C, D]))).toMatchObject({
    restated: { stayed: 3, vanished: 1, added: 0 },
  })
  expect(await seen('2026-09')).toEqual({ cost: '40.500000002', bills: [agree('1', '40.500000002')] })
  expect(await verify(house)).toMatchObject({ ok: true, cubeAgrees: true })
})

test('of three equal rows one vanishes', async () => {
  await house.take('1.csv', focus([B, B, B]))
  expect(await house.take('2.csv', focus([B, B]))).toMatchObject({
    restated: { stayed: 2, vanished: 1, added: 0 },
  })
  expect((await seen('2026-09')).cost).toBe('40')
})

test('a delivery that adds reverses nothing, and the bill’s whole is then not known from a file', async () => {
  await house.take('1.csv', focus([A, B]), { delivery: 'add' })
  expect(await house.take('2.csv', focus([B, C]), { delivery: 'add' })).toMatchObject({
    added: 1,
    duplicate: 1,
    restated: null,
  })
  expect(await seen('2026-09')).toEqual({
    cost: '60.500000001',
    bills: ['1 USD: ledger 60.500000001, file –, difference –'],
  })
})

test('of two bills in one file the newer delivery of one leaves the other alone', async () => {
  const other = (resource: string, billed: string) => row(resource, billed, { account: '2' })
  await house.take('both.csv', focus([A, B, other('x', '5'), other('y', '6')]))
  expect(await house.take('one.csv', focus([other('x', '5')]))).toMatchObject({
    restated: { stayed: 1, vanished: 1, added: 0 },
  })
  expect(await seen('2026-09')).toEqual({
    cost: '35.000000001',
    bills: [agree('1', '30.000000001'), agree('2', '5')],
  })
})

test('the same account in two months is two bills', async () => {
  const october = row('o', '7', { day: '2026-10-02' })
  await house.take('1.csv', focus([A, B, october]))
  await house.take('2.csv', focus([october]))
  expect((await seen('2026-09')).cost).toBe('30.000000001')
  expect((await seen('2026-10')).cost).toBe('7')
})

test('a currency that vanished from a bill is zero in the file and in the ledger', async () => {
  await house.take('1.csv', focus([A, row('e', '4', { currency: 'EUR' })]))
  await house.take('2.csv', focus([A]))
  expect((await seen('2026-09')).bills).toEqual([
    '1 EUR: ledger 0, file 0, difference 0',
    agree('1', '10.000000001'),
  ])
})

describe('a damaged newer delivery is refused whole', () => {
  const NOTHING_CHANGED = { cost: '60.500000001', bills: [agree('1', '60.500000001')] }
  beforeEach(async () => {
    await house.take('1.csv', focus([A, B, C]))
  })

  test('a row of it cannot be read', async () => {
    const { head } = await house.client.book.status()
    const damaged = focus([A, C, row('d', '$12')])
    expect(await house.refusal('2.csv', damaged)).toBe(
      '2.csv is a newer delivery of a bill the ledger has, and 1 of its rows cannot be read; what is missing from it can’t be told from what the provider withdrew. Nothing was changed. Mend or download the file again and import it whole: 2.csv, row 4, column BilledCost: "$12" is not an amount. Write digits with a point, as in -12.5 or 1E-9, without currency sign or thousands separators.',
    )
    expect((await house.client.book.status()).head).toEqual(head)
    expect(await seen('2026-09')).toEqual(NOTHING_CHANGED)
    expect((await house.client.ledger.quarantine({})).rows).toEqual([])
  })

  test('it was cut off while it was downloaded', async () => {
    const { head } = await house.client.book.status()
    // Without its last eight bytes a gzip lacks its checksum: the row before the cut is no whole row either.
    const cutOff = gzip(focus([C, A, B])).subarray(0, -8)
    expect(await house.refusal('2.csv.gz', cutOff)).toBe(
      '2.csv.gz is a newer delivery of a bill the ledger has, and it is damaged; what is missing from it can’t be told from what the provider withdrew. Nothing was changed. Mend or download the file again and import it whole.',
    )
    expect((await house.client.book.status()).head).toEqual(head)
    expect(await seen('2026-09')).toEqual(NOTHING_CHANGED)
  })
})

describe('after the month was closed', () => {
  beforeEach(async () => {
    await house.take('1.csv', focus([A, B, C]))
    await house.client.reconcile.close({ month: month('2026-09'), reason: 'as agreed' })
  })

  test('a restatement counts in the next open month; the closed one’s figures stay', async () => {
    expect(await house.take('2.csv', focus([A, C, D]))).toMatchObject({
      late: 1,
      restated: { stayed: 2, vanished: 1, added: 1 },
    })
    expect(await seen('2026-09')).toEqual({
      cost: '60.500000001',
      bills: [agree('1', '40.500000002')],
    })
    expect((await seen('2026-10')).cost).toBe('-19.999999999')
    const { adjustments } = await house.client.reconcile.month({ month: month('2026-09') })
    expect(adjustments).toEqual({
      usageEvents: 0,
      costEntries: 2,
      billed: '-19.999999999',
      postedTo: '2026-10',
    })
  })

  test('where the next month is closed too it counts in the one after', async () => {
    await house.client.reconcile.close({ month: month('2026-10'), reason: 'as agreed' })
    await house.take('2.csv', focus([A, B]))
    expect((await seen('2026-10')).cost).toBe('0')
    expect((await seen('2026-11')).cost).toBe('-30.5')
    const { adjustments } = await house.client.reconcile.month({ month: month('2026-09') })
    expect(adjustments).toEqual({ usageEvents: 0, costEntries: 1, billed: '-30.5', postedTo: '2026-11' })
    // What was posted stays where it was posted, whatever is closed later.
    house.clock.set('2026-12-10T12:00:00Z')
    await house.client.reconcile.close({ month: month('2026-11'), reason: 'as agreed' })
    expect((await house.client.reconcile.month({ month: month('2026-09') })).adjustments.postedTo).toBe(
      '2026-11',
    )
  })
})

test('the sample of the FinOps Foundation comes to exactly what its readme says, twice', async () => {
  const sample = readFileSync(join(import.meta.dirname, '../../fixtures/focus-1.0-sample.csv'))
  expect((await house.take('sample.csv', sample)).currencies).toEqual([
    { currency: 'USD', billed: '5.9883937432', effective: '2' },
  ])
  expect(await house.take('sample.csv', sample)).toMatchObject({ added: 0, duplicate: 500, restated: null })
})
