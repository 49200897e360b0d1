import fc from 'fast-check'
import { Temporal } from 'temporal-polyfill'
import { expect, test } from 'vitest'
import { addDays, addMonths, isTimeZone, type Month, startOfDay } from '../../src/domain/period.ts'

const day = fc
  .date({ min: new Date('1900-01-01T00:00:00Z'), max: new Date('2200-12-31T00:00:00Z'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10))

test('days and months are counted as the calendar does', () => {
  fc.assert(
    fc.property(day, fc.integer({ min: -4000, max: 4000 }), (from, count) => {
      expect(addDays(from, count)).toBe(Temporal.PlainDate.from(from).add({ days: count }).toString())
      const month = from.slice(0, 7) as Month
      const months = Math.trunc(count / 10)
      expect(addMonths(month, months)).toBe(
        Temporal.PlainYearMonth.from(month).add({ months }).toString().slice(0, 7),
      )
    }),
  )
})

test.each(['2026-02-29', '2026-13-01', 'today', '2026-1-1'])('%s is no day', (text) => {
  expect(() => addDays(text, 1)).toThrow(RangeError)
})

test('a day begins where its zone says, asked once or twice', () => {
  for (const _ of [1, 2]) {
    expect(startOfDay('2026-03-29', 'Europe/Berlin')).toBe(Date.parse('2026-03-28T23:00:00Z'))
    expect(startOfDay('2026-03-30', 'Europe/Berlin')).toBe(Date.parse('2026-03-29T22:00:00Z'))
    expect(startOfDay('2026-03-29', 'UTC')).toBe(Date.parse('2026-03-29T00:00:00Z'))
  }
})

test('a time zone is one that the clock knows', () => {
  expect(['Europe/Berlin', 'UTC', 'Mars/Olympus', ''].map(isTimeZone)).toEqual([true, true, false, false])
})
