/** Versions that change within a month: each goes on from what it would have made of the days before it. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { rateEvents } from '../../../src/domain/invoice/from-events.ts'
import { toMonth } from '../../../src/domain/period.ts'
import type { Charge, RateCard } from '../../../src/domain/pricing/ratecard.ts'
import type { UsageEvent } from '../../../src/domain/pricing/usage.ts'
import { anyCharge, events as anyEvents, costPlus } from '../pricing/any-charge.ts'
import { cardOf, d, METRICS } from '../pricing/cards.ts'
import { at, october } from '../pricing/rating.ts'
import { contractOf } from './contracts.ts'

const OCTOBER = toMonth('2026-10')

const octoberOf = (card: RateCard, events: readonly UsageEvent[], timeZone = 'UTC') => {
  const [month] = rateEvents({
    card,
    contract: contractOf(),
    metrics: METRICS,
    timeZone,
    events,
    firstMonth: OCTOBER,
    lastMonth: OCTOBER,
    cost: d('100'),
  })
  const [invoice] = month?.invoices ?? []
  if (invoice === undefined) throw new Error('no invoice')
  return invoice
}

const totalOf = (before: Charge, after: Charge, events: readonly UsageEvent[]) =>
  octoberOf(cardOf(['2020-01-01', [before]], ['2026-10-15', [after]]), events).total

const base = { id: 'calls', name: 'Calls', metric: 'api.calls' }
const perCall = (changes: object = {}): Charge =>
  ({ ...base, kind: 'per_unit', unitAmount: d('1'), per: d('1'), ...changes }) as Charge
const afterTen: Charge = {
  ...base,
  kind: 'graduated',
  per: d('1'),
  tiers: [
    { upTo: d('10'), unitAmount: d('0') },
    { upTo: null, unitAmount: d('1') },
  ],
}

describe('the days before are looked at as the new version does', () => {
  test('with its filters: calls of all regions count to the free ten, not those of the EU alone', () => {
    const eu = { region: 'eu' }
    const used = [at(october(3), '6', eu), at(october(4), '6', { region: 'us' }), at(october(20), '5', eu)]
    const inEu = perCall({ filters: [{ dimension: 'region', values: ['eu'] }] })
    // 6 of the EU at 1.00, and the 13th to 17th call of all.
    expect(totalOf(inEu, afterTen, used)).toBe('11')
    // All 12 at 1.00; of the EU's 11 calls the 11th is not free.
    expect(
      totalOf(perCall(), { ...afterTen, filters: [{ dimension: 'region', values: ['eu'] }] }, used),
    ).toBe('13')
  })
  test('event by event: two payments were free already', () => {
    const percent = (changes: object = {}): Charge =>
      ({ ...base, kind: 'percentage', percent: d('2'), ...changes }) as Charge
    const used = [3, 4, 20, 21].map((day) => at(october(day), '100'))
    expect(totalOf(percent(), percent({ freeEvents: 2 }), used)).toBe('8')
    expect(totalOf(percent(), percent({ freeEvents: 3 }), used)).toBe('6')
  })
  test('cell by cell', () => {
    const matrix: Charge = {
      ...base,
      kind: 'matrix',
      dimensions: ['region'],
      cells: [
        { values: ['eu'], price: afterTen },
        { values: [null], price: { kind: 'per_unit', unitAmount: d('2'), per: d('1') } },
      ],
    }
    const used = [
      at(october(3), '8', { region: 'eu' }),
      at(october(4), '8', { region: 'us' }),
      at(october(20), '5', { region: 'eu' }),
    ]
    // 16 at 1.00, and the EU's 11th to 13th.
    expect(totalOf(perCall(), matrix, used)).toBe('19')
  })
  test('by windows: days before are priced, and stay', () => {
    const used = [at(october(3), '15'), at(october(20), '15'), at(october(21), '12')]
    expect(totalOf(perCall(), { ...afterTen, window: 'day' } as Charge, used)).toBe('22')
  })
})

test('a charge whose metric changes is two lines, each of its own days, and one allowance', () => {
  const included = { quantity: d('10'), per: 'month' }
  const stored = perCall({ metric: 'storage', included })
  const used = [3, 20].flatMap((day) => [
    at(october(day), '8', {}, 'api.calls'),
    at(october(day), '5', {}, 'storage'),
  ])
  const { lines } = octoberOf(cardOf(['2020-01-01', [perCall({ included })]], ['2026-10-15', [stored]]), used)
  expect(lines.map(({ chargeId, metric, quantity, amount }) => [chargeId, metric, quantity, amount])).toEqual(
    [
      ['calls', 'api.calls', '8', '0'],
      ['calls', 'storage', '5', '3'],
    ],
  )
})

test('a version that changes nothing bills what no change would, whatever the kind, the day and the zone', () => {
  const days = fc.integer({ min: 2, max: 31 }).map((day) => `2026-10-${String(day).padStart(2, '0')}`)
  const zone = fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe')
  fc.assert(
    fc.property(
      fc.oneof({ arbitrary: anyCharge, weight: 14 }, costPlus),
      anyEvents,
      fc.uniqueArray(days, { minLength: 1, maxLength: 3 }),
      zone,
      (charge, events, cuts, timeZone) => {
        const whole = octoberOf(cardOf(['2020-01-01', [charge]]), events, timeZone)
        const versions = cuts.toSorted().map((day) => [day, [charge]] as const)
        const cut = octoberOf(cardOf(['2020-01-01', [charge]], ...versions), events, timeZone)
        const figures = ({ lines }: typeof whole) =>
          lines.map(({ listAmount, amount, quantity }) => [listAmount, amount, quantity])
        expect(figures(cut)).toEqual(figures(whole))
      },
    ),
    { numRuns: 150 },
  )
})
