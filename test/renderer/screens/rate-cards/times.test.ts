import { expect, test } from 'vitest'
import { Decimal } from '../../../../src/domain/decimal.ts'
import type { Charge } from '../../../../src/domain/pricing/ratecard.ts'
import { fromCharge } from '../../../../src/renderer/screens/rate-cards/charge-to-draft.ts'
import { toCharge } from '../../../../src/renderer/screens/rate-cards/draft-to-charge.ts'
import { timesCharge } from '../../../../src/renderer/screens/rate-cards/times.ts'

const times = (charge: object, factor: string) =>
  toCharge(timesCharge(fromCharge({ id: 'c', name: 'C', ...charge } as Charge), new Decimal(factor)))

test('every amount of money is multiplied; percents, edges, sizes and multipliers stay', () => {
  expect(
    times(
      {
        kind: 'percentage',
        metric: 'm',
        percent: '2.9',
        fixedPerEvent: '0.3',
        freeAmount: '500',
        minimumPerEvent: '0.5',
        maximumPerEvent: '5',
        multiplier: '2',
        minimum: '10',
        maximum: '90',
      },
      '0.9',
    ),
  ).toEqual({
    kind: 'percentage',
    id: 'c',
    name: 'C',
    metric: 'm',
    percent: '2.9',
    fixedPerEvent: '0.27',
    freeAmount: '500',
    minimumPerEvent: '0.45',
    maximumPerEvent: '4.5',
    multiplier: '2',
    minimum: '9',
    maximum: '81',
  })
  expect(
    times(
      {
        kind: 'matrix',
        metric: 'm',
        dimensions: ['region'],
        cells: [
          {
            values: [null],
            price: {
              kind: 'graduated',
              per: '1000',
              tiers: [
                { upTo: '100', unitAmount: '0.4', flatAmount: '3' },
                { upTo: null, unitAmount: '0.335' },
              ],
            },
          },
        ],
      },
      '151.2345',
    ),
  ).toMatchObject({
    cells: [
      {
        price: {
          per: '1000',
          tiers: [
            { upTo: '100', unitAmount: '60.4938', flatAmount: '453.704' },
            { upTo: null, unitAmount: '50.6636' },
          ],
        },
      },
    ],
  })
})

test('what is no number yet stays as it was typed', () => {
  expect(times({ kind: 'flat_fee', amount: '1,5' }, '2')).toMatchObject({ amount: '1,5' })
})
