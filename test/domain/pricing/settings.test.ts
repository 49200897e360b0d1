import { expect, test } from 'vitest'
import type { RateCardVersion, RatingSettings } from '../../../src/domain/pricing/ratecard.ts'
import { settingsOfVersion } from '../../../src/domain/pricing/settings.ts'

const version = (settings?: RatingSettings): Pick<RateCardVersion, 'settings'> =>
  settings === undefined ? {} : { settings }

test.each<[string, RatingSettings | undefined, Pick<RateCardVersion, 'settings'> | null, boolean]>([
  ['a new card says nothing', undefined, null, true],
  ['a new card says that it is not due', { tierFeeAtZero: false }, null, false],
  ['the version before is of an earlier build', undefined, version(), false],
  ['the version before has other settings only', undefined, version({ rounding: 'half_up' }), false],
  ['the version before says that it is due', undefined, version({ tierFeeAtZero: true }), true],
  ['the version before says that it is not', undefined, version({ tierFeeAtZero: false }), false],
  ['the version changes it', { tierFeeAtZero: true }, version(), true],
])('%s', (_, given, previous, expected) => {
  expect(settingsOfVersion(given, previous).tierFeeAtZero).toBe(expected)
})

test('what else a version says stays as it is', () => {
  expect(settingsOfVersion({ rounding: 'half_up', edgeUnit: 'upper' }, null)).toEqual({
    rounding: 'half_up',
    edgeUnit: 'upper',
    tierFeeAtZero: true,
  })
})
