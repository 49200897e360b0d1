import { expect, test } from 'vitest'
import { parseAsOf } from '../../src/domain/as-of.ts'

const moment = (first: string, last: string) => ({
  kind: 'moment',
  firstMs: Date.parse(first),
  lastMs: Date.parse(last),
})

test.each<readonly [text: string, asked: object | null]>([
  ['now', { kind: 'now' }],
  [' Now ', { kind: 'now' }],
  ['812', { kind: 'batch', batchId: 812 }],
  ['batch 812', { kind: 'batch', batchId: 812 }],
  ['Batch812', { kind: 'batch', batchId: 812 }],
  ['b812', { kind: 'batch', batchId: 812 }],
  ['0', null],
  ['-1', null],
  ['1.5', null],
  ['1e3', null],
  ['9999999999999999', null],
  // A day is the book's: 24 hours, 25 in the night the clocks go back, 23 when they go on.
  ['2026-11-02', moment('2026-11-01T23:00:00Z', '2026-11-02T22:59:59.999Z')],
  ['2026-10-25', moment('2026-10-24T22:00:00Z', '2026-10-25T22:59:59.999Z')],
  ['2026-03-29', moment('2026-03-28T23:00:00Z', '2026-03-29T21:59:59.999Z')],
  ['2026-02-29', null],
  ['2026-11-31', null],
  ['2026-13-01', null],
  ['2026-11', null],
  ['2026-11-02T09:41', moment('2026-11-02T08:41:00Z', '2026-11-02T08:41:59.999Z')],
  ['2026-11-02 09:41', moment('2026-11-02T08:41:00Z', '2026-11-02T08:41:59.999Z')],
  ['2026-11-02T09:41Z', moment('2026-11-02T09:41:00Z', '2026-11-02T09:41:59.999Z')],
  ['2026-11-02T09:41:07', moment('2026-11-02T08:41:07Z', '2026-11-02T08:41:07Z')],
  ['2026-11-02T09:41:07.25', moment('2026-11-02T08:41:07.250Z', '2026-11-02T08:41:07.250Z')],
  ['2026-11-02T09:00:00+01:00', moment('2026-11-02T08:00:00Z', '2026-11-02T08:00:00Z')],
  ['2026-11-02t09:00:00-0530', moment('2026-11-02T14:30:00Z', '2026-11-02T14:30:00Z')],
  ['2026-11-02T24:00', null],
  ['2026-11-02T09', null],
  ['2026-11-02T09:41:07+25:00', null],
  ['yesterday', null],
  ['', null],
  ['812; DROP TABLE batch', null],
])('%j', (text, asked) => {
  expect(parseAsOf(text, 'Europe/Berlin')).toEqual(asked)
})
