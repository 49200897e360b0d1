import { expect, test } from 'vitest'
import { parseRfc3339, parseUtcTime, parseZonedTime } from '../../../../src/main/collect/files/time.ts'

const LAST_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999)

test.each([
  ['1970-01-01T00:00:00Z', 0],
  ['1970-01-01T01:00:00+01:00', 0],
  ['9999-12-31T23:59:59.999Z', LAST_MS],
  // An offset that leads out of the years with four digits: their months could not be written.
  ['1970-01-01T00:00:00+14:00', null],
  ['9999-12-31T23:59:59-14:00', null],
  ['9999-12-31T23:59:60Z', null],
])('%s is %s', (text, ms) => {
  expect([parseRfc3339(text), parseUtcTime(text), parseZonedTime(text, 'Asia/Tokyo')]).toEqual([ms, ms, ms])
})

test('a time zone leads out of the years as an offset does', () => {
  expect(parseZonedTime('1970-01-01', 'Asia/Tokyo')).toBeNull()
  expect(parseZonedTime('1970-01-01T09:00:00', 'Asia/Tokyo')).toBe(0)
  expect(parseZonedTime('9999-12-31T23:59:59', 'America/New_York')).toBeNull()
})
