import fc from 'fast-check'
import { Temporal } from 'temporal-polyfill'
import { describe, expect, it } from 'vitest'
import { clampDay, dayText, localTimeIn, monthNumber, monthText } from '../../../src/main/cube/local-time.ts'
import { at } from './book.ts'

const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Pacific/Apia',
  'America/St_Johns',
]

describe('local time', () => {
  it.each([
    // instant, zone, the hour began, day, month
    ['2026-10-25T00:59:59.999Z', 'Europe/Berlin', '2026-10-25T00:00:00Z', 20261025, 202610],
    ['2026-10-25T01:00:00Z', 'Europe/Berlin', '2026-10-25T01:00:00Z', 20261025, 202610],
    ['2026-10-31T23:00:00Z', 'Europe/Berlin', '2026-10-31T23:00:00Z', 20261101, 202611],
    ['2026-03-29T01:30:00Z', 'Europe/Berlin', '2026-03-29T01:00:00Z', 20260329, 202603],
    ['2026-10-01T00:00:00Z', 'Asia/Kolkata', '2026-09-30T23:30:00Z', 20261001, 202610],
    ['2026-09-30T18:29:59Z', 'Asia/Kolkata', '2026-09-30T17:30:00Z', 20260930, 202609],
    ['2026-09-30T18:30:00Z', 'Asia/Kolkata', '2026-09-30T18:30:00Z', 20261001, 202610],
    // Lord Howe puts the clock back by half an hour, at 02:00 to 01:30: what follows is an hour of its own.
    ['2026-04-04T14:59:00Z', 'Australia/Lord_Howe', '2026-04-04T14:00:00Z', 20260405, 202604],
    ['2026-04-04T15:10:00Z', 'Australia/Lord_Howe', '2026-04-04T15:00:00Z', 20260405, 202604],
    ['2026-04-04T15:30:00Z', 'Australia/Lord_Howe', '2026-04-04T15:30:00Z', 20260405, 202604],
    // Forward at 02:00 to 02:30.
    ['2026-10-03T15:40:00Z', 'Australia/Lord_Howe', '2026-10-03T15:30:00Z', 20261004, 202610],
    ['1969-12-31T23:30:00Z', 'UTC', '1969-12-31T23:00:00Z', 19691231, 196912],
  ])('%s in %s', (instant, zone, hour, day, month) => {
    expect(localTimeIn(zone)(at(instant))).toEqual({ hourMs: at(hour), day, month })
  })

  it('agrees with Temporal at any instant of zones that move by whole hours', () => {
    const zones = ZONES.map((zone) => ({ zone, local: localTimeIn(zone) }))
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        // Until 2011 Newfoundland moved its clocks at one minute past midnight: an hour of one minute, which
        // Temporal has no beginning for.
        fc.integer({ min: at('2012-01-01'), max: at('2037-12-31') }),
        ({ zone, local }, ms) => {
          const zoned = Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone)
          const hour = zoned.with({ minute: 0, second: 0, millisecond: 0 }, { offset: 'prefer' })
          expect(local(ms)).toEqual({
            hourMs: hour.epochMilliseconds,
            day: (zoned.year * 100 + zoned.month) * 100 + zoned.day,
            month: zoned.year * 100 + zoned.month,
          })
        },
      ),
      { numRuns: 2000 },
    )
  })

  it('refuses a zone that does not exist', () => {
    expect(() => localTimeIn('Europe/Atlantis')).toThrow(RangeError)
  })

  it('writes and reads days and months', () => {
    expect([monthNumber('2026-10'), monthText(202610), dayText(20261031)]).toEqual([
      202610,
      '2026-10',
      '2026-10-31',
    ])
  })

  it.each([
    [20261015, 202610, 20261015],
    [20260930, 202610, 20261001],
    [20261101, 202610, 20261031],
    [20280301, 202802, 20280229],
  ])('moves day %i into month %i: %i', (day, month, expected) => {
    expect(clampDay(day, month)).toBe(expected)
  })
})
