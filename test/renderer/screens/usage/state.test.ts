import { describe, expect, test } from 'vitest'
import type { UsageReport } from '../../../../src/contract/usage.ts'
import {
  hoursOfDay,
  scopeOfFilters,
  usageFieldTitle,
  usageSearch,
} from '../../../../src/renderer/screens/usage/state.ts'

describe('the state of the Usage screen', () => {
  test('an empty address is a day by day view without filters', () => {
    expect(usageSearch.parse({})).toEqual({ grain: 'day', compare: 'none', filters: [] })
  })

  test.each([
    ['tenant', 'Tenant'],
    ['customer', 'Customer'],
    ['dimension:region', 'region'],
  ])('%s is called %s', (field, title) => {
    expect(usageFieldTitle(field)).toBe(title)
  })
})

describe('what Explain is asked', () => {
  test.each([
    [
      'one customer and one tenant by name',
      [
        { field: 'customer', values: ['acme'] },
        { field: 'tenant', values: ['t-1'] },
      ],
      { customerId: 'acme', tenant: 't-1' },
    ],
    [
      'several tenants, and what belongs to no customer, as filters',
      [
        { field: 'customer', values: [null] },
        { field: 'tenant', values: ['t-1', 't-2'] },
      ],
      {
        filters: [
          { field: 'customer', values: [null] },
          { field: 'tenant', values: ['t-1', 't-2'] },
        ],
      },
    ],
    [
      'a dimension as a filter',
      [
        { field: 'dimension:region', values: ['eu'] },
        { field: 'customer', values: ['acme'] },
      ],
      { customerId: 'acme', filters: [{ field: 'dimension:region', values: ['eu'] }] },
    ],
    ['everything', [], {}],
  ])('%s', (_, filters, scope) => {
    expect(scopeOfFilters(filters)).toEqual(scope)
  })
})

describe('hours, a day at a time', () => {
  const report = {
    metric: { metric: 'calls', name: 'Calls', unit: 'call', aggregation: 'sum', scale: 0 },
    buckets: ['2026-10-01T21:00:00Z', '2026-10-01T22:00:00Z', '2026-10-03T09:00:00Z'],
    rows: [
      { keys: ['acme'], labels: ['Acme'], values: ['1', '2', null], total: '3', compared: null },
      { keys: ['bolt'], labels: ['Bolt'], values: [null, '4', '5'], total: '9', compared: null },
    ],
    totals: ['1', '6', '5'],
    total: '12',
    compared: null,
    comparedWith: null,
  } as unknown as UsageReport

  test.each([
    ['the day asked for, in the book’s zone', '2026-10-02', '2026-10-02', ['6'], [['2'], ['4']]],
    ['a day without usage is the first that has some', '2026-10-09', '2026-10-01', ['1'], [['1'], [null]]],
    ['none asked for is the first', undefined, '2026-10-01', ['1'], [['1'], [null]]],
  ])('%s', (_, asked, day, totals, values) => {
    const hours = hoursOfDay(report, asked, 'Europe/Berlin')
    expect(hours.days).toEqual(['2026-10-01', '2026-10-02', '2026-10-03'])
    expect(hours.day).toBe(day)
    expect(hours.report.totals).toEqual(totals)
    expect(hours.report.rows.map((row) => row.values)).toEqual(values)
    expect(hours.report.rows.map((row) => row.total)).toEqual(['3', '9'])
  })

  test('a report without a bucket has no day', () => {
    expect(hoursOfDay({ ...report, buckets: [] }, undefined, 'UTC').day).toBe(null)
  })
})
