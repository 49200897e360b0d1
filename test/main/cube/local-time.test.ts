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

  it('says the same of an instant whatever it was asked before', () => {
    const zones = [
      ...ZONES,
      'Australia/Lord_Howe',
      'Asia/Tehran',
      'Africa/Casablanca',
      'America/Caracas',
      'Africa/Monrovia',
    ]
    const around = fc.constantFrom(
      ...[
        '2026-04-04T15:00:00Z',
        '2026-10-03T15:30:00Z',
        '2026-03-29T01:00:00Z',
        '2026-10-25T01:00:00Z',
        '2011-12-30T10:00:00Z',
        '2007-12-09T07:30:00Z',
        '2016-05-01T07:00:00Z',
        '2022-09-21T19:30:00Z',
        '2026-02-15T02:00:00Z',
        '2010-11-07T02:31:00Z',
        '1972-01-07T00:44:30Z',
        '2026-09-30T18:30:00Z',
      ].map(at),
    )
    const instants = fc.array(
      fc
        .tuple(
          around,
          fc.integer({ min: -26 * 3_600_000, max: 26 * 3_600_000 }),
          fc.constantFrom(1, 20, 2000),
        )
        .map(([ms, away, nearer]) => ms + Math.trunc(away / nearer)),
      { minLength: 2, maxLength: 60, size: 'max' },
    )
    fc.assert(
      fc.property(fc.constantFrom(...zones), instants, fc.boolean(), (zone, drawn, isSorted) => {
        const asked = isSorted ? drawn.toSorted((one, other) => one - other) : drawn
        const local = localTimeIn(zone)
        for (const ms of asked) expect(local(ms)).toEqual(localTimeIn(zone)(ms))
      }),
      { numRuns: 150 },
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
