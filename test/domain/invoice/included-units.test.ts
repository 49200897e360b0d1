import { describe, expect, test } from 'vitest'
import type { Charge } from '../../../src/domain/pricing/ratecard.ts'
import { cardOf, d } from '../pricing/cards.ts'
import { CALL, contractOf, invoiceOf, run, STORE } from './contracts.ts'

describe('included units', () => {
  const charges: Charge[] = [
    {
      ...CALL,
      included: { quantity: d('100'), per: 'month', rollOver: { months: 1, maximum: d('60') } },
    } as Charge,
  ]
  test('what is left rolls over, to a maximum, for a month', () => {
    expect(run(contractOf(), ['10', '150', '170', '160'], { charges }).map(({ total }) => total)).toEqual([
      '0',
      '0',
      '60',
      '60',
    ])
  })
  test('each charge has its own, where no pool is named', () => {
    const own = (charge: Charge, quantity: string) =>
      ({ ...charge, included: { quantity: d(quantity), per: 'month' } }) as Charge
    const { lines } = invoiceOf(
      contractOf(),
      '2026-01',
      { 'api.calls': '10', storage: '10' },
      { charges: [own(CALL, '9'), own(STORE, '3')] },
    )
    expect(lines.map(({ amount }) => amount)).toEqual(['1', '7'])
  })
  test('a stock for the term', () => {
    const term: Charge[] = [{ ...CALL, included: { quantity: d('150'), per: 'term' } } as Charge]
    const contract = contractOf({ endDay: '2026-03-01', renewal: { kind: 'renews', months: 2 } })
    expect(run(contract, ['100', '100', '100'], { charges: term }).map(({ total }) => total)).toEqual([
      '0',
      '50',
      '0',
    ])
  })
  test('what rolls over stays while the card does not have the charge, as long as it would', () => {
    const rolling = (months: number): Charge =>
      ({
        ...CALL,
        included: { quantity: d('100'), per: 'month', rollOver: { months, maximum: null } },
      }) as Charge
    const march = (months: number) => {
      const card = cardOf(
        ['2020-01-01', [rolling(months)]],
        ['2026-02-01', [STORE]],
        ['2026-03-01', [rolling(months)]],
      )
      return run(contractOf(), ['40', '0', '170'], { card })[2]?.total
    }
    expect([march(2), march(1)]).toEqual(['10', '70'])
  })
  test('units of a trial are used first', () => {
    const contract = contractOf({ trial: { kind: 'usage', days: 40, quantities: { calls: d('120') } } })
    expect(run(contract, ['100', '100']).map(({ total }) => total)).toEqual(['0', '180'])
  })
  test('units of a trial are no others: what is included is left for the month after', () => {
    const rolling: Charge[] = [
      {
        ...CALL,
        included: { quantity: d('100'), per: 'month', rollOver: { months: 1, maximum: null } },
      } as Charge,
    ]
    const contract = contractOf({ trial: { kind: 'usage', days: 31, quantities: { calls: d('50') } } })
    // Of January's 80 calls 50 are the trial's and 30 included: 70 are left, and February has 100 more.
    const totals = (february: string) =>
      run(contract, ['80', february], { charges: rolling }).map(({ total }) => total)
    expect([totals('170'), totals('171')]).toEqual([
      ['0', '0'],
      ['0', '1'],
    ])
  })
  test('units of a trial are given once, however many months it lasts', () => {
    const contract = contractOf({
      startDay: '2026-01-16',
      trial: { kind: 'usage', days: 60, quantities: { calls: d('120') } },
    })
    // All are used in January; nothing of February, and of the trial's 16 days in March, is free.
    expect(run(contract, ['200', '100', '100']).map(({ total }) => total)).toEqual(['80', '100', '200'])
  })
  test('what is no sum takes no included units in a month that is all on trial', () => {
    const seats = {
      kind: 'per_unit',
      id: 'seats',
      name: 'Seats',
      metric: 'seats',
      unitAmount: d('1'),
      per: d('1'),
      included: { quantity: d('20'), per: 'term' },
    } as Charge
    const contract = contractOf({ trial: { kind: 'days', days: 31 } })
    const january = invoiceOf(contract, '2026-01', { seats: '15' }, { charges: [seats] })
    const opening = january.balances?.[0] ?? null
    const february = invoiceOf(contract, '2026-02', { seats: '15' }, { charges: [seats], opening })
    const march = invoiceOf(
      contract,
      '2026-03',
      { seats: '15' },
      { charges: [seats], opening: february.balances?.[0] ?? null },
    )
    expect([january.total, february.total, march.total]).toEqual(['0', '0', '10'])
  })
  test('what is left for the term stays while the card does not have the charge', () => {
    const term = { ...CALL, included: { quantity: d('150'), per: 'term' } } as Charge
    const card = cardOf(['2020-01-01', [term]], ['2026-02-01', [STORE]], ['2026-03-01', [term]])
    expect(run(contractOf(), ['100', '100', '100'], { card }).map(({ total }) => total)).toEqual([
      '0',
      '0',
      '50',
    ])
  })
})
