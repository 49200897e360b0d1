import { expect, test } from 'vitest'
import { spanInWords } from '../../../src/main/engine/span.ts'

test.each([
  [60_000, '1 minute'],
  [7_199_999, '119 minutes'],
  [7_200_000, '2 hours'],
  [172_799_999, '47 hours'],
  [172_800_000, '2 days'],
])('%i ms are %s', (ms, words) => expect(spanInWords(ms)).toBe(words))
