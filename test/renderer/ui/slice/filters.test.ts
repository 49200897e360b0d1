import { describe, expect, test } from 'vitest'
import { addValues, filtersOfRow, onlyValue, removeValue } from '../../../../src/renderer/ui/slice/filters.ts'

const region = { field: 'dimension:region', values: ['eu', 'us'] }

describe('filters of a sliced report', () => {
  test.each([
    ['a first value', [], 'tenant', ['t-1'], [{ field: 'tenant', values: ['t-1'] }]],
    [
      'one more value',
      [region],
      'dimension:region',
      ['ap'],
      [{ field: 'dimension:region', values: ['eu', 'us', 'ap'] }],
    ],
    ['a value it has', [region], 'dimension:region', ['us'], [region]],
    ['no value at all', [region], 'tenant', [], [region]],
    ['what has none', [], 'customer', [null], [{ field: 'customer', values: [null] }]],
  ])('adding %s', (_, filters, field, values, expected) => {
    expect(addValues(filters, field, values)).toEqual(expected)
  })

  test('a click on a name narrows its field to that name and leaves the others', () => {
    expect(onlyValue([region, { field: 'tenant', values: ['t-1'] }], 'dimension:region', 'eu')).toEqual([
      { field: 'tenant', values: ['t-1'] },
      { field: 'dimension:region', values: ['eu'] },
    ])
  })

  test('removing one value keeps the others, removing the last one the filter', () => {
    const one = removeValue([region], 'dimension:region', 'eu')
    expect(one).toEqual([{ field: 'dimension:region', values: ['us'] }])
    expect(removeValue(one, 'dimension:region', 'us')).toEqual([])
  })

  test('removing “none” leaves the value that is spelt “none”', () => {
    expect(removeValue([{ field: 'tenant', values: [null, 'none'] }], 'tenant', null)).toEqual([
      { field: 'tenant', values: ['none'] },
    ])
  })

  test('a row is found again by its keys, which stand in place of what their fields were filtered by', () => {
    expect(
      filtersOfRow(
        [region, { field: 'tenant', values: ['t-1', 't-2'] }],
        ['tenant', 'customer'],
        ['t-2', null],
      ),
    ).toEqual([region, { field: 'tenant', values: ['t-2'] }, { field: 'customer', values: [null] }])
  })

  test('the total of all rows keeps the filters as they are', () => {
    expect(filtersOfRow([region], [], [])).toEqual([region])
  })
})
