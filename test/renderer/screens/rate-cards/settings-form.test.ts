import { expect, test } from 'vitest'
import {
  settingsInWords,
  withOwnSetting,
} from '../../../../src/renderer/screens/rate-cards/settings-form.tsx'

test('a contract can say the program’s default against its card, and leave it to the card again', () => {
  const said = withOwnSetting({ edgeUnit: 'upper' }, 'rounding', '0')
  expect(said).toEqual({ edgeUnit: 'upper', rounding: 'half_even' })
  expect(withOwnSetting(said, 'rounding', '')).toEqual({ edgeUnit: 'upper' })
})

test('a version that does not say the first tier’s fee at zero is of before it was due', () => {
  const words = 'First tier’s flat amount at zero usage: not due'
  expect(settingsInWords({})).toEqual([words])
  expect(settingsInWords({ tierFeeAtZero: false })).toEqual([words])
  expect(settingsInWords({ tierFeeAtZero: true })).toEqual([])
})
