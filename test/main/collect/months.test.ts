import { expect, test } from 'vitest'
import type { Month } from '../../../src/domain/period.ts'
import { openPostingCalendar } from '../../../src/main/collect/months.ts'

const iso = (ms: number | null) => (ms === null ? 'its own month' : new Date(ms).toISOString())
const calendar = (timeZone: string, ...closed: string[]) =>
  openPostingCalendar(timeZone, new Set(closed as Month[]))

/** March and October are closed in Berlin, where the first ends and the other begins by summer time. */
test.each([
  ['2026-02-28T22:59:59.999Z', 'its own month'],
  ['2026-02-28T23:00:00.000Z', '2026-03-31T22:00:00.000Z'],
  ['2026-03-31T21:59:59.999Z', '2026-03-31T22:00:00.000Z'],
  ['2026-03-31T22:00:00.000Z', 'its own month'],
  ['2026-09-30T21:59:59.999Z', 'its own month'],
  ['2026-09-30T22:00:00.000Z', '2026-10-31T23:00:00.000Z'],
  ['2026-10-25T00:30:00.000Z', '2026-10-31T23:00:00.000Z'],
  ['2026-10-31T22:59:59.999Z', '2026-10-31T23:00:00.000Z'],
  ['2026-10-31T23:00:00.000Z', 'its own month'],
])('what happened at %s counts from %s', (instant, posted) => {
  const berlin = calendar('Europe/Berlin', '2026-03', '2026-10')
  expect(iso(berlin.postedMsOf(Date.parse(instant)))).toBe(posted)
})

test('records out of order are each looked at on their own', () => {
  const utc = calendar('UTC', '2026-09')
  const instants = [
    '2026-09-30T23:59:59Z',
    '2026-10-01T00:00:00Z',
    '2026-09-01T00:00:00Z',
    '1970-01-01T00:00:00Z',
  ]
  expect(instants.map((instant) => iso(utc.postedMsOf(Date.parse(instant))))).toEqual([
    '2026-10-01T00:00:00.000Z',
    'its own month',
    '2026-10-01T00:00:00.000Z',
    'its own month',
  ])
  expect(iso(calendar('UTC', '1970-01').postedMsOf(0))).toBe('1970-02-01T00:00:00.000Z')
})

test('closed months are skipped until one is open, over the end of a year', () => {
  const utc = calendar('UTC', '2026-11', '2026-12', '2027-02')
  expect(iso(utc.postedMsOfMonth('2026-11' as Month))).toBe('2027-01-01T00:00:00.000Z')
  expect(utc.postedMsOfMonth('2027-01' as Month)).toBeNull()
})
