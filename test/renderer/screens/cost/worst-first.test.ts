import { expect, test } from 'vitest'
import type { MarginRow } from '../../../../src/renderer/screens/cost/types.ts'
import { worstFirst } from '../../../../src/renderer/screens/cost/worst-first.ts'

const row = (
  name: string,
  margin: string | null,
  marginPercent: string | null,
  directCost: string | null = '1',
) => ({ customerId: name, name, margin, marginPercent, directCost }) as MarginRow

test('customers come worst margin first, unknown margins last', () => {
  const rows = [
    row('Well priced', '80', '80'),
    row('No price, no cost', null, null, null),
    row('No price, cost of 9', null, null, '9'),
    row('No price, cost of 10', null, null, '10'),
    row('Loses a little', '-1', '-1'),
    row('Loses a little on more', '-50', '-1'),
    row('Pays nothing, costs 5', '-5', null),
    row('Pays nothing, costs nothing', '0', null),
    row('Nine, not less than eighty', '9', '9'),
  ]
  expect(worstFirst(rows).map(({ name }) => name)).toEqual([
    'Pays nothing, costs 5',
    'Loses a little on more',
    'Loses a little',
    'Pays nothing, costs nothing',
    'Nine, not less than eighty',
    'Well priced',
    'No price, cost of 10',
    'No price, cost of 9',
    'No price, no cost',
  ])
})
