import { describe, expect, test } from 'vitest'
import { toMonth } from '../../../src/domain/period.ts'
import type { Contract } from '../../../src/domain/pricing/contract.ts'
import { planMonth, versionInForce } from '../../../src/domain/pricing/segments.ts'
import { cardOf, d } from './cards.ts'

const segments = (card: ReturnType<typeof cardOf>, month: string, timeZone: string) =>
  planMonth({ card, contract: null, month: toMonth(month), timeZone }).rated.map((segment) => [
    segment.version.version,
    segment.startDay,
    segment.endDay,
    segment.days,
    new Date(segment.startMs).toISOString(),
    new Date(segment.endMs).toISOString(),
  ])

describe('versions in a month', () => {
  test('one version', () =>
    expect(segments(cardOf(['2026-01-01', []]), '2026-02', 'UTC')).toEqual([
      [1, '2026-02-01', '2026-03-01', 28, '2026-02-01T00:00:00.000Z', '2026-03-01T00:00:00.000Z'],
    ]))
  test('a change on the 15th, in the book’s time zone, daylight saving ending on the 25th', () =>
    expect(segments(cardOf(['2026-01-01', []], ['2026-10-15', []]), '2026-10', 'Europe/Berlin')).toEqual([
      [1, '2026-10-01', '2026-10-15', 14, '2026-09-30T22:00:00.000Z', '2026-10-14T22:00:00.000Z'],
      [2, '2026-10-15', '2026-11-01', 17, '2026-10-14T22:00:00.000Z', '2026-10-31T23:00:00.000Z'],
    ]))
  test('a change on the first leaves one segment', () =>
    expect(
      segments(cardOf(['2026-01-01', []], ['2026-10-01', []]), '2026-10', 'UTC').map((row) => row[0]),
    ).toEqual([2]))
  test('of two versions with one date the later holds', () =>
    expect(
      segments(cardOf(['2026-01-01', []], ['2026-10-15', []], ['2026-10-15', []]), '2026-10', 'UTC').map(
        ([version, , , days]) => [version, days],
      ),
    ).toEqual([
      [1, 14],
      [3, 17],
    ]))
  test('days before the first version are in no segment', () =>
    expect(segments(cardOf(['2026-10-30', []]), '2026-10', 'UTC').map((row) => row[3])).toEqual([2]))
  test('no version yet', () => {
    expect(segments(cardOf(['2026-11-01', []]), '2026-10', 'UTC')).toEqual([])
    expect(versionInForce(cardOf(['2026-11-01', []]), '2026-10-31')).toBe(null)
  })
})

const contract = (startDay: string, endDay: string | null): Contract => ({
  id: 'C-1',
  customerId: 'northwind',
  rateCardId: 'api',
  startDay,
  endDay,
  discountPercent: d('0'),
  chargeDiscounts: {},
  monthlyCommitment: null,
})

test.each([
  // contract's days                  rated      unpriced  outside
  [null, null, '10+17', '4', ''],
  ['2026-09-01', null, '10+17', '4', ''],
  ['2026-10-10', null, '5+17', '', '9'],
  ['2026-10-03', '2026-10-20', '10+5', '2', '2+12'],
  ['2026-10-15', '2026-10-16', '1', '', '14+16'],
  ['2026-01-01', '2026-10-01', '', '', '31'],
  ['2026-11-01', null, '', '', '31'],
])('contract %s to %s: rated %s, unpriced %s, outside %s', (startDay, endDay, rated, unpriced, outside) => {
  const plan = planMonth({
    card: cardOf(['2026-10-05', []], ['2026-10-15', []]),
    contract: startDay === null ? null : contract(startDay, endDay),
    month: toMonth('2026-10'),
    timeZone: 'America/New_York',
  })
  const days = (spans: readonly { readonly days: number }[]) => spans.map((span) => span.days).join('+')
  expect([days(plan.rated), days(plan.unpriced), days(plan.outsideContract)]).toEqual([
    rated,
    unpriced,
    outside,
  ])
})
