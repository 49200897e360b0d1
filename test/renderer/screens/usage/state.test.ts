import { describe, expect, test } from 'vitest'
import { scopeOfFilters, usageFieldTitle, usageSearch } from '../../../../src/renderer/screens/usage/state.ts'

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
